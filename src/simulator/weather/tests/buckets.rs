//! Token buckets.

use super::bucket::{ACCOUNT, BUCKETS, Bucket};
use super::*;

fn limited() -> World {
    let mut world = world();
    climate(&mut world, Climate { throttling: true, ..Climate::default() }).unwrap();
    world
}

/// Any action that the bucket's first pattern means.
fn action(bucket: &Bucket) -> &'static str {
    match (bucket.service, bucket.actions[0]) {
        (_, "unfiltered") => "DescribeSecurityGroups",
        ("ecs", "mutating") => "StopTask",
        (_, "reads") => "DescribeThis",
        (_, "mutating") => "ModifyThis",
        (_, "*") => "ModifyThis",
        (_, name) => name.trim_end_matches('*'),
    }
}

fn taken(world: &mut World, service: &str, action: &str) -> bool {
    let ask = Ask(Json::Null);
    bucket::take(world, &Call { service, action, ask: &ask, operation: |_, _| Ok(Json::Null) }).is_ok()
}

#[test]
fn each_bucket_has_its_burst_then_refuses_then_refills_at_its_rate() {
    for bucket in BUCKETS.iter().chain(ACCOUNT) {
        let (mut world, action) = (limited(), action(bucket));
        let name = format!("{}:{action}", bucket.service);
        let call = Call { service: bucket.service, action, ask: &Ask(Json::Null), operation: |_, _| Ok(Json::Null) };
        let first = BUCKETS.iter().find(|other| other.meets(&call));
        let own = first.is_some_and(|first| std::ptr::eq(first, bucket));
        assert!(own || ACCOUNT.iter().any(|other| std::ptr::eq(other, bucket)), "{name} never falls into its bucket");
        let smaller = |size: fn(&Bucket) -> f64| first.filter(|_| !own).map_or(f64::MAX, size).min(size(bucket));
        let (burst, refill) = (smaller(|bucket| bucket.burst), smaller(|bucket| bucket.refill));
        for n in 0..burst as usize {
            assert!(taken(&mut world, bucket.service, action), "{name} after {n}");
        }
        assert!(!taken(&mut world, bucket.service, action), "{name} after its burst");
        assert_eq!(strikes(&world, "throttled"), 1);
        wait(&mut world, 0.9 / refill);
        assert!(!taken(&mut world, bucket.service, action), "{name} a moment too early");
        wait(&mut world, 0.1 / refill + 1e-6);
        assert!(taken(&mut world, bucket.service, action), "{name} once refilled");
        assert!(!taken(&mut world, bucket.service, action), "{name} after that");
        // Never more than the burst.
        wait(&mut world, 100_000.0);
        let again = (0..10_000).take_while(|_| taken(&mut world, bucket.service, action)).count();
        assert_eq!(again, burst as usize, "{name}");
    }
}

#[test]
fn ec2_counts_each_action_for_itself_and_load_balancing_all_together() {
    let mut world = limited();
    assert!((0..50).all(|_| taken(&mut world, "ec2", "CreateVpc")));
    assert!(!taken(&mut world, "ec2", "CreateVpc"));
    assert!(taken(&mut world, "ec2", "CreateSubnet"));
    assert!((0..20).all(|_| taken(&mut world, "elasticloadbalancing", "CreateRule")));
    assert!(!taken(&mut world, "elasticloadbalancing", "DeleteRule"));
    assert!((0..20).all(|_| taken(&mut world, "elasticloadbalancing", "DescribeRules")));
    assert!(!taken(&mut world, "elasticloadbalancing", "DescribeRules"), "40 over all");
}

#[test]
fn a_throttled_call_has_no_effect_and_a_calm_world_never_throttles() {
    let mut world = limited();
    let make = |world: &mut World| code(world, "ec2:CreateInternetGateway", json!({}));
    let filtered = json!({"Filter": [{"Name": "vpc-id", "Value": ["vpc-1"]}]});
    for _ in 0..50 {
        ok(&mut world, "ec2:DescribeSecurityGroups", json!({}));
    }
    assert_eq!(code(&mut world, "ec2:DescribeSecurityGroups", json!({})), "RequestLimitExceeded");
    assert_eq!(outcome(&world), "throttled RequestLimitExceeded");
    assert_eq!(code(&mut world, "ec2:DescribeSecurityGroups", filtered.clone()), "");
    while make(&mut world) != "RequestLimitExceeded" {}
    let there = world.clone();
    assert_eq!(make(&mut world), "RequestLimitExceeded");
    assert_eq!(format!("{:?}", world.ec2), format!("{:?}", there.ec2));
    let mut calm = super::world();
    for _ in 0..500 {
        ok(&mut calm, "ec2:DescribeSecurityGroups", json!({}));
    }
}

#[test]
fn rates_that_others_use_up_come_back() {
    let mut world = limited();
    assert!(taken(&mut world, "ec2", "CreateVpc"));
    drain(&mut world);
    for (service, action) in [("ec2", "CreateVpc"), ("ec2", "CreateSubnet"), ("iam", "GetRole")] {
        assert!(!taken(&mut world, service, action), "{service}:{action}");
    }
    world.advance(world.now() + Duration::from_secs(1));
    assert!((0..5).all(|_| taken(&mut world, "ec2", "CreateVpc")) && !taken(&mut world, "ec2", "CreateVpc"));
}
