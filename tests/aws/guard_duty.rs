//! GuardDuty's Runtime Monitoring puts an endpoint and a security group into every network in which a task starts. Those in a
//! network of ours go with it, in one go; those in a network that was given stay.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::ec2::{self, Monitoring};
use terraform_provider_fargate::simulator::observe;
use tokio::time::Instant;

use crate::inside::core::Core;
use crate::inside::{Inside, on_paused_clock};
use crate::rehearsal::{Rehearsal, quick};
use crate::stacks::stacks;
use crate::surroundings::{Surroundings, ask};

const ON: Monitoring = Monitoring { runtime_monitoring: true };

fn service(count: usize, network: Json) -> Json {
    json!({ "name": "web", "image": "nginx:1.27", "desired_count": count, "network": network })
}

async fn applied(core: &mut Core, config: &Json) {
    let said = core.apply(config).await;
    assert!(said.errors().is_empty(), "{:#?}", said.errors());
    assert_eq!(core.open(config).await, Vec::<String>::new());
}

async fn destroyed(core: &mut Core) {
    let said = core.destroy().await;
    assert!(said.errors().is_empty(), "not in one go: {:#?}", said.errors());
}

/// GuardDuty's endpoint, if there is one.
fn endpoint(aws: &Inside) -> Option<Json> {
    let tagged = json!({ "Filter": [{ "Name": "tag:GuardDutyManaged", "Value": ["true"] }] });
    let found = ask(&mut aws.world(), "ec2", "DescribeVpcEndpoints", tagged);
    found["vpcEndpointSet"].as_array().expect("a list").first().cloned()
}

fn subnets(aws: &Inside) -> usize {
    endpoint(aws).and_then(|endpoint| endpoint["subnetIdSet"].as_array().map(Vec::len)).unwrap_or_default()
}

#[test]
fn its_endpoint_and_its_group_go_with_the_network() {
    for seed in 0..4 {
        on_paused_clock(seed, async {
            let aws = Inside::new(seed);
            ec2::monitor(&mut aws.world(), &ON);
            let mut core = Core::new(&aws, None);
            applied(&mut core, &service(3, json!({ "availability_zone_count": 3 }))).await;
            let before = endpoint(&aws).expect("an endpoint");
            assert_eq!(subnets(&aws), 3);

            let begun = Instant::now();
            applied(&mut core, &service(3, json!({ "availability_zone_count": 2 }))).await;
            let after = endpoint(&aws).expect("the tasks that go on are watched");
            assert_eq!((&after["vpcEndpointId"], subnets(&aws)), (&before["vpcEndpointId"], 2));
            assert!(begun.elapsed() < Duration::from_secs(15 * 60), "{:?}", begun.elapsed());

            let begun = Instant::now();
            destroyed(&mut core).await;
            assert!(begun.elapsed() < Duration::from_secs(15 * 60), "{:?}", begun.elapsed());
            assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
        });
    }
}

/// All that a zone's leaving takes along at once: both its subnets, and those of another zone.
#[test]
fn zones_that_go_at_the_same_time_take_their_turns() {
    on_paused_clock(5, async {
        let aws = Inside::new(5);
        ec2::monitor(&mut aws.world(), &ON);
        let mut core = Core::new(&aws, None);
        let zones = |letters: &[&str]| {
            let zones: Vec<String> = letters.iter().map(|letter| format!("eu-west-3{letter}")).collect();
            service(3, json!({ "availability_zones": zones }))
        };
        applied(&mut core, &zones(&["a", "b", "c"])).await;
        assert_eq!(subnets(&aws), 3);
        applied(&mut core, &zones(&["a", "b"])).await;
        applied(&mut core, &zones(&["b", "c"])).await;
        assert_eq!(subnets(&aws), 2);
        destroyed(&mut core).await;
        assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
    });
}

#[test]
fn in_a_network_that_was_given_nothing_of_it_is_touched() {
    on_paused_clock(6, async {
        let aws = Inside::new(6);
        let around = Surroundings::ready(&aws).await;
        ec2::monitor(&mut aws.world(), &ON);
        let network = json!({
            "vpc_id": around.id("vpc_id"),
            "public_subnet_ids": [around.id("public_subnet_a"), around.id("public_subnet_b")],
            "private_subnet_ids": [around.id("private_subnet_a"), around.id("private_subnet_b")],
        });
        let mut core = Core::new(&aws, None);
        applied(&mut core, &service(2, network)).await;
        let before = endpoint(&aws).expect("an endpoint");
        destroyed(&mut core).await;
        assert_eq!(endpoint(&aws), Some(before));
        let world = aws.world();
        let touched =
            world.log.iter().find(|event| event.what.contains("VpcEndpoint") && !event.what.contains("Describe"));
        assert!(touched.is_none(), "{touched:?}");
        let standing = observe::standing(&world);
        assert!(standing.iter().any(|one| one.name.starts_with("GuardDutyManagedSecurityGroup-")), "its group stands");
    });
}

/// AWS's own makings are no guests, but a user's endpoint with the same tag is one.
#[test]
fn its_tag_alone_makes_nothing_guard_dutys() {
    on_paused_clock(7, async {
        let aws = Inside::new(7);
        let mut core = Core::new(&aws, None);
        applied(&mut core, &service(2, json!({}))).await;
        let vpc = observe::standing(&aws.world()).into_iter().find(|one| one.kind == "ec2 vpc").expect("a VPC").id;
        let tags =
            json!([{ "ResourceType": "security-group", "Tag": [{ "Key": "GuardDutyManaged", "Value": "true" }] }]);
        let group =
            json!({ "VpcId": vpc, "GroupName": "by-hand", "GroupDescription": "by hand", "TagSpecification": tags });
        let group = ask(&mut aws.world(), "ec2", "CreateSecurityGroup", group)["groupId"].take();
        let told = core.destroy().await;
        let named = told.errors().iter().any(|told| told.detail.contains(group.as_str().expect("an id")));
        assert!(named, "{:#?}", told.errors());
        ask(&mut aws.world(), "ec2", "DeleteSecurityGroup", json!({ "GroupId": group }));
        destroyed(&mut core).await;
        assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
    });
}

/// By `stacks`, as a user who has lost the state: what GuardDuty has put in is no stack, nor in the way of removing one.
#[test]
fn a_stack_is_removed_with_it() {
    let aws = Rehearsal::start();
    ec2::monitor(&mut aws.world(), &ON);
    aws.terraform(&quick("watched").hcl()).apply().ok();
    assert_eq!(aws.ids("ec2 vpc endpoint").len(), 2, "ours for S3, and GuardDuty's");
    let told = stacks(&aws, &[], "").done().out;
    assert!(told.starts_with("1 stack in account ") && told.contains("1 VPC endpoint"), "{told}");
    stacks(&aws, &["remove", "watched", "--yes"], "").done();
    aws.is_empty();
}
