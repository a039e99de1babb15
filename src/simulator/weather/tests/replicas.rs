//! Replicas that lag.

use super::*;

/// Every call meets a replica, which lags by up to ten seconds.
fn lagging() -> World {
    let mut world = world();
    climate(&mut world, Climate { stale: 1.0, lag: 10.0, ..Climate::default() }).unwrap();
    world
}

const MANY: usize = 60;

/// How often each outcome was seen in many reads, at the same moment.
fn seen(world: &mut World, action: &str, ask: &Json, what: impl Fn(Answer) -> String) -> BTreeMap<String, usize> {
    (0..MANY).fold(BTreeMap::new(), |mut seen, _| {
        *seen.entry(what(call(world, action, ask.clone()))).or_default() += 1;
        seen
    })
}

fn number(set: &'static str) -> impl Fn(Answer) -> String {
    move |answer| answer.map_or_else(|refusal| refusal.code, |answer| answer[set].as_array().unwrap().len().to_string())
}

fn keys(seen: &BTreeMap<String, usize>) -> Vec<&str> {
    seen.keys().map(String::as_str).collect()
}

#[test]
fn a_fresh_object_is_found_and_not_found_until_its_lag_is_over() {
    let mut world = lagging();
    let vpc = vpc(&mut world);
    wait(&mut world, 4.0);
    let (by_id, all) = (json!({"VpcId": [vpc]}), json!({}));
    let looks = seen(&mut world, "ec2:DescribeVpcs", &by_id, number("vpcSet"));
    assert_eq!(keys(&looks), ["1", "InvalidVpcID.NotFound"]);
    assert!(strikes(&world, "stale_read") > 0 && strikes(&world, "flapping") > 0);
    assert_eq!(strikes(&world, "list_omits_newest"), 0);
    let lists = seen(&mut world, "ec2:DescribeVpcs", &all, number("vpcSet"));
    assert_eq!(keys(&lists), ["0", "1"]);
    assert!(strikes(&world, "list_omits_newest") > 0);
    // The lag is drawn evenly: after four of ten seconds, some 60 in 100 see the past.
    assert!((15..55).contains(&lists["0"]), "{lists:?}");

    wait(&mut world, 6.0);
    let struck = world.weather.strikes.clone();
    assert_eq!(keys(&seen(&mut world, "ec2:DescribeVpcs", &by_id, number("vpcSet"))), ["1"]);
    assert_eq!(keys(&seen(&mut world, "ec2:DescribeVpcs", &all, number("vpcSet"))), ["1"]);
    assert_eq!(world.weather.strikes, struck);
}

#[test]
fn a_deleted_object_still_shows_for_a_while() {
    let mut world = lagging();
    let vpc = vpc(&mut world);
    wait(&mut world, 11.0);
    ok(&mut world, "ec2:DeleteVpc", json!({"VpcId": vpc}));
    let by_id = json!({"VpcId": [vpc]});
    let looks = seen(&mut world, "ec2:DescribeVpcs", &by_id, number("vpcSet"));
    assert!(looks["1"] > MANY / 3, "{looks:?}");
    assert!(strikes(&world, "stale_read") >= looks["1"] as u64);
    wait(&mut world, 10.0);
    let gone = seen(&mut world, "ec2:DescribeVpcs", &by_id, number("vpcSet"));
    assert_eq!(keys(&gone), ["InvalidVpcID.NotFound"]);
}

#[test]
fn tags_lag_the_object_that_wears_them() {
    let mut world = lagging();
    let vpc = vpc(&mut world);
    wait(&mut world, 11.0);
    let tag = json!({"ResourceId": [vpc], "Tag": [{"Key": "a", "Value": "b"}]});
    ok(&mut world, "ec2:CreateTags", tag);
    let filter = json!({"Filter": [{"Name": "tag:a", "Value": ["b"]}]});
    wait(&mut world, 3.0);
    assert_eq!(keys(&seen(&mut world, "ec2:DescribeVpcs", &filter, number("vpcSet"))), ["0", "1"]);
    assert!(strikes(&world, "lagging_tags") > 0);
    wait(&mut world, 7.0);
    assert_eq!(keys(&seen(&mut world, "ec2:DescribeVpcs", &filter, number("vpcSet"))), ["1"]);

    // Of a new one: read by id it is there, bare.
    let tags = json!([{"ResourceType": "internet-gateway", "Tag": [{"Key": "a", "Value": "b"}]}]);
    let made = ok(&mut world, "ec2:CreateInternetGateway", json!({"TagSpecification": tags}));
    let by_id = json!({"InternetGatewayId": [made["internetGateway"]["internetGatewayId"]]});
    let worn = |answer: Answer| match answer {
        Ok(answer) => answer["internetGatewaySet"][0]["tagSet"].as_array().map_or(0, Vec::len).to_string(),
        Err(refusal) => refusal.code,
    };
    wait(&mut world, 5.0);
    assert_eq!(
        keys(&seen(&mut world, "ec2:DescribeInternetGateways", &by_id, worn)),
        ["0", "1", "InvalidInternetGatewayID.NotFound"]
    );
}

#[test]
fn tags_of_load_balancing_lag_too() {
    let mut world = lagging();
    let vpc = vpc(&mut world);
    wait(&mut world, 11.0);
    let ask = json!({"Name": "web", "Protocol": "HTTP", "Port": 80, "VpcId": vpc, "TargetType": "ip"});
    let made = ok(&mut world, "elasticloadbalancing:CreateTargetGroup", ask);
    let arn = made["TargetGroups"][0]["TargetGroupArn"].clone();
    wait(&mut world, 11.0);
    let tag = json!({"ResourceArns": [arn], "Tags": [{"Key": "a", "Value": "b"}]});
    ok(&mut world, "elasticloadbalancing:AddTags", tag);
    let worn = |answer: Answer| answer.unwrap()["TagDescriptions"][0]["Tags"].as_array().unwrap().len().to_string();
    wait(&mut world, 5.0);
    let asked = json!({"ResourceArns": [arn]});
    assert_eq!(keys(&seen(&mut world, "elasticloadbalancing:DescribeTags", &asked, worn)), ["0", "1"]);
    assert!(strikes(&world, "lagging_tags") > 0);
}

#[test]
fn tags_of_clusters_lag_too() {
    let mut world = lagging();
    let made = ok(&mut world, "ecs:CreateCluster", json!({"clusterName": "c"}));
    wait(&mut world, 11.0);
    let tags = json!({"resourceArn": made["cluster"]["clusterArn"], "tags": [{"key": "a", "value": "b"}]});
    ok(&mut world, "ecs:TagResource", tags);
    wait(&mut world, 5.0);
    let worn = |answer: Answer| answer.unwrap()["clusters"][0]["tags"].as_array().unwrap().len().to_string();
    let asked = json!({"clusters": ["c"], "include": ["TAGS"]});
    assert_eq!(keys(&seen(&mut world, "ecs:DescribeClusters", &asked, worn)), ["0", "1"]);
    assert!(strikes(&world, "lagging_tags") > 0);
}

#[test]
fn a_write_that_names_something_new_may_not_find_it_and_then_has_no_effect() {
    let mut world = lagging();
    let vpc = vpc(&mut world);
    let ask = json!({"VpcId": vpc, "CidrBlock": "10.0.0.0/24"});
    assert_eq!(code(&mut world, "ec2:CreateSubnet", ask.clone()), "InvalidVpcID.NotFound");
    assert_eq!(outcome(&world), "not_yet InvalidVpcID.NotFound");
    wait(&mut world, 10.0);
    assert_eq!(strikes(&world, "not_yet"), 1);
    assert_eq!(ok(&mut world, "ec2:DescribeSubnets", json!({}))["subnetSet"], json!([]));
    ok(&mut world, "ec2:CreateSubnet", ask);

    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]});
    ok(&mut world, "iam:CreateRole", json!({"RoleName": "r", "AssumeRolePolicyDocument": trust.to_string()}));
    let attach = json!({"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"});
    assert_eq!(code(&mut world, "iam:AttachRolePolicy", attach.clone()), "NoSuchEntity");
    assert_eq!(code(&mut world, "iam:DeleteRole", json!({"RoleName": "other"})), "NoSuchEntity");
    assert_eq!(outcome(&world), "NoSuchEntity", "what isn't there at all is no inconsistency");
    wait(&mut world, 10.0);
    ok(&mut world, "iam:AttachRolePolicy", attach);

    // Of another service: a load balancer for a security group that was just made, which EC2 tells of.
    let vpc = super::vpc(&mut world);
    wait(&mut world, 11.0);
    let subnet = |world: &mut World, cidr: &str, zone: &str| {
        let ask = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
        ok(world, "ec2:CreateSubnet", ask)["subnet"]["subnetId"].clone()
    };
    let subnets = [subnet(&mut world, "10.0.0.0/24", "eu-west-1a"), subnet(&mut world, "10.0.1.0/24", "eu-west-1b")];
    wait(&mut world, 11.0);
    let group = json!({"GroupName": "g", "GroupDescription": "d", "VpcId": vpc});
    let group = ok(&mut world, "ec2:CreateSecurityGroup", group)["groupId"].clone();
    let ask = json!({"Name": "web", "Subnets": subnets, "SecurityGroups": [group], "Scheme": "internal"});
    let create = "elasticloadbalancing:CreateLoadBalancer";
    assert_eq!(code(&mut world, create, ask.clone()), "InvalidSecurityGroup");
    wait(&mut world, 10.0);
    assert_eq!(code(&mut world, create, ask), "");
    assert_eq!(strikes(&world, "not_yet"), 3);
}

#[test]
fn the_parameter_store_never_lags() {
    let mut world = lagging();
    let put = json!({"Name": "/a", "Value": "1", "Type": "String"});
    ok(&mut world, "ssm:PutParameter", put.clone());
    for _ in 0..MANY {
        ok(&mut world, "ssm:GetParameter", json!({"Name": "/a"}));
        assert_eq!(code(&mut world, "ssm:PutParameter", put.clone()), "ParameterAlreadyExists");
    }
    assert!(world.weather.strikes.is_empty());
}

/// A few writes and reads.
fn play(world: &mut World) {
    for n in 0..40 {
        let _ = call(world, "ec2:CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        let found = call(world, "ec2:DescribeVpcs", json!({}));
        if let Some(id) = found.ok().and_then(|found| found["vpcSet"][0]["vpcId"].as_str().map(str::to_owned)) {
            let _ = call(world, "ec2:CreateSubnet", json!({"VpcId": id, "CidrBlock": format!("10.0.{n}.0/24")}));
            let _ = call(world, "ec2:DeleteVpc", json!({"VpcId": id}));
        }
        wait(world, 1.0);
    }
}

#[test]
fn the_same_seed_gives_the_same_log_and_another_one_another() {
    let run = |seed| {
        let mut world = World::new(seed, "eu-west-1");
        let weather = Climate { stale: 0.5, lag: 5.0, throttling: true, faults: 0.1 };
        climate(&mut world, weather).unwrap();
        play(&mut world);
        world.lines().collect::<Vec<_>>()
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
    assert!(run(3).iter().any(|line| line.contains("ec2:CreateVpc") && line.contains("vpc-")));
}

#[test]
fn weather_changes_no_ids_and_replicas_leave_no_trace() {
    let made = |weather: Climate| {
        let mut world = world();
        climate(&mut world, weather).unwrap();
        let ids: Vec<String> = (0..4)
            .map(|_| {
                for _ in 0..5 {
                    let _ = call(&mut world, "ec2:DescribeVpcs", json!({}));
                }
                vpc(&mut world)
            })
            .collect();
        (ids, format!("{:?}", world.ec2), world.next_due())
    };
    let calm = made(Climate::default());
    assert_eq!(made(Climate { stale: 1.0, lag: 30.0, throttling: true, faults: 0.0 }), calm);
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut world = lagging();
    for n in 0..300 {
        let _ = call(&mut world, "logs:CreateLogGroup", json!({"logGroupName": format!("g{n}")}));
    }
    assert!(format!("{:?}", world.weather).len() < 4_000_000);
    for _ in 0..120_000 {
        world.note("something");
    }
    assert!((100_000..=110_000).contains(&world.log.len()));
}
