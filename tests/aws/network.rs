//! Networks: the S3 endpoint, every change of egress, networks that were there before and groups that were given. On the
//! simulated AWS, each change held against what AWS was asked to do; while it goes on, nobody is cut off.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::observe;
use terraform_provider_fargate::simulator::weather::{self, Fault, Order};

use crate::inside::core::Core;
use crate::inside::{Inside, on_paused_clock};
use crate::surroundings::{self, Surroundings};

fn service(network: Json) -> Json {
    json!({ "name": "web", "image": "nginx:1.27", "network": network })
}

/// Applies, and expects that nothing is left to do. Gives the calls that changed something, but for those of the record.
async fn applied(aws: &Inside, core: &mut Core, config: &Json) -> BTreeSet<String> {
    let begun = aws.world().log.len();
    let said = core.apply(config).await;
    assert!(said.errors().is_empty(), "{config}: {:#?}", said.errors());
    let looks = |what: &str| ["Describe", "Get", "List"].iter().any(|verb| what.contains(&format!(":{verb}")));
    let calls = {
        let world = aws.world();
        let calls = world.log.iter().skip(begun).filter(|event| event.source == "call" && !looks(&event.what));
        calls.map(|event| event.what.clone()).filter(|what| !what.starts_with("ssm:")).collect()
    };
    assert_eq!(core.open(config).await, Vec::<String>::new(), "after {config}");
    calls
}

async fn gone(aws: &Inside, core: &mut Core) {
    let said = core.destroy().await;
    assert!(said.errors().is_empty(), "{:#?}", said.errors());
    assert_eq!(observe::is_empty(&aws.world()).iter().filter(|one| one.contains("fargate:")).count(), 0);
}

fn calls<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn errors(said: &crate::inside::core::Said) -> String {
    said.errors().iter().map(|told| format!("{}: {}: {}\n", told.path, told.summary, told.detail)).collect()
}

/// Route tables of the S3 endpoint.
async fn endpoint_tables(aws: &Inside) -> Option<usize> {
    let found = aws.session().aws.ec2.describe_vpc_endpoints().send().await.expect("an answer");
    let standing = found
        .vpc_endpoints()
        .iter()
        .find(|one| one.state().is_some_and(|s| !s.as_str().eq_ignore_ascii_case("deleting")));
    standing.map(|endpoint| endpoint.route_table_ids().len())
}

#[test]
fn the_s3_endpoint_comes_with_a_network_follows_its_tables_and_goes_alone() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let mut core = Core::new(&aws, None);
        applied(&aws, &mut core, &service(json!({}))).await;
        assert_eq!(endpoint_tables(&aws).await, Some(3));
        let off = applied(&aws, &mut core, &service(json!({ "s3_endpoint": false }))).await;
        assert_eq!(off, calls(["ec2:DeleteVpcEndpoints"]));
        assert_eq!(endpoint_tables(&aws).await, None);
        let on = applied(&aws, &mut core, &service(json!({}))).await;
        assert_eq!(on, calls(["ec2:CreateVpcEndpoint"]));
        let more = applied(&aws, &mut core, &service(json!({ "availability_zone_count": 3 }))).await;
        assert!(more.contains("ec2:ModifyVpcEndpoint") && !more.contains("ec2:CreateVpcEndpoint"), "{more:?}");
        assert_eq!(endpoint_tables(&aws).await, Some(4));
        let fewer = applied(&aws, &mut core, &service(json!({ "availability_zone_count": 2 }))).await;
        assert!(fewer.contains("ec2:ModifyVpcEndpoint") && !fewer.contains("ec2:DeleteVpcEndpoints"), "{fewer:?}");
        assert_eq!(endpoint_tables(&aws).await, Some(3));
        gone(&aws, &mut core).await;
    });
}

#[test]
fn a_hand_that_takes_the_s3_endpoint_or_one_of_its_tables_is_seen_and_put_right() {
    on_paused_clock(2, async {
        let aws = Inside::new(2);
        let mut core = Core::new(&aws, None);
        let config = service(json!({}));
        applied(&aws, &mut core, &config).await;
        let ec2 = aws.session().aws.ec2;
        let found = ec2.describe_vpc_endpoints().send().await.expect("an answer");
        let id = found.vpc_endpoints()[0].vpc_endpoint_id().expect("an id").to_owned();
        let table = &found.vpc_endpoints()[0].route_table_ids()[0];
        let ask = ec2.modify_vpc_endpoint().vpc_endpoint_id(&id).remove_route_table_ids(table);
        ask.send().await.expect("a change");
        assert!(core.open(&config).await.iter().any(|told| told.contains("endpoint/s3")));
        assert_eq!(applied(&aws, &mut core, &config).await, calls(["ec2:ModifyVpcEndpoint"]));
        ec2.delete_vpc_endpoints().vpc_endpoint_ids(&id).send().await.expect("a deletion");
        assert!(core.open(&config).await.iter().any(|told| told.contains("endpoint/s3: the VPC endpoint is gone")));
        assert_eq!(applied(&aws, &mut core, &config).await, calls(["ec2:CreateVpcEndpoint"]));
        gone(&aws, &mut core).await;
    });
}

/// Looks at every simulated second, until it is dropped, whether a task that runs and should is without a way out, or
/// nobody is healthy.
async fn watch(aws: &Inside, begun: &str, egress: &str) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let serving = observe::serving(&aws.world());
        assert!(serving.iter().any(|task| task.healthy), "{begun} to {egress}: nobody serves: {serving:#?}");
        if begun != "none" && egress != "none" {
            let cut = serving.iter().find(|task| !task.way_out);
            assert_eq!(cut, None, "{begun} to {egress}: cut off");
        }
    }
}

#[test]
fn egress_changes_between_any_two_ways_without_cutting_a_running_task_off() {
    const WAYS: [&str; 4] = ["nat_per_az", "nat_single", "public", "none"];
    let pairs = WAYS.iter().flat_map(|from| WAYS.iter().map(move |to| (*from, *to))).filter(|(from, to)| from != to);
    for (seed, (from, to)) in pairs.enumerate() {
        on_paused_clock(seed as u64, async {
            let aws = Inside::new(seed as u64);
            let mut core = Core::new(&aws, None);
            // Without endpoints no task starts where there is no way out: those that moved to it run already.
            let before = if from == "none" { "nat_single" } else { from };
            applied(&aws, &mut core, &service(json!({ "egress": before }))).await;
            if from == "none" {
                applied(&aws, &mut core, &service(json!({ "egress": "none" }))).await;
            }
            let (mut goal, none) = (service(json!({ "egress": to })), to == "none" && from == "public");
            if none {
                goal["desired_count"] = json!(0);
            }
            tokio::select! {
                _ = applied(&aws, &mut core, &goal) => (),
                () = watch(&aws, from, to), if !none => (),
            }
            let nats = aws.session().aws.ec2.describe_nat_gateways().send().await.expect("an answer");
            let standing =
                nats.nat_gateways().iter().filter(|nat| nat.state().is_some_and(|s| s.as_str() == "available"));
            let expected = match to {
                "nat_per_az" => 2,
                "nat_single" => 1,
                _ => 0,
            };
            assert_eq!(standing.count(), expected, "{from} to {to}");
            gone(&aws, &mut core).await;
        });
    }
}

#[test]
fn tasks_without_a_way_out_are_warned_of_once() {
    on_paused_clock(3, async {
        let aws = Inside::new(3);
        let mut core = Core::new(&aws, None);
        let mut config = service(json!({ "egress": "none" }));
        config["desired_count"] = json!(0);
        let warned = |said: &crate::inside::core::Said| {
            said.diagnostics.iter().any(|told| told.summary == "Tasks without a way out")
        };
        assert!(warned(&core.apply(&config).await));
        config["logs"] = json!({ "retention_in_days": 7 });
        assert!(!warned(&core.apply(&config).await));
        let imported = {
            let mut other = Core::new(&aws, None);
            assert!(other.import("web").await.is_empty());
            other.open(&config).await
        };
        assert_eq!(imported, Vec::<String>::new());
        gone(&aws, &mut core).await;
    });
}

/// A network that was there before: a VPC with a way out, subnets in three zones, a security group.
struct Ground {
    vpc: String,
    public: Vec<String>,
    private: Vec<String>,
    group: String,
}

impl Ground {
    async fn laid(aws: &Inside) -> Self {
        let ec2 = aws.session().aws.ec2;
        let vpc = ec2.create_vpc().cidr_block("172.20.0.0/16").send().await.expect("a VPC");
        let vpc = vpc.vpc().and_then(|vpc| vpc.vpc_id()).expect("an id").to_owned();
        let internet = ec2.create_internet_gateway().send().await.expect("a gateway");
        let internet = internet.internet_gateway().and_then(|one| one.internet_gateway_id()).expect("an id").to_owned();
        let ask = ec2.attach_internet_gateway().internet_gateway_id(&internet).vpc_id(&vpc);
        ask.send().await.expect("an attachment");
        let (mut public, mut private) = (Vec::new(), Vec::new());
        for (at, zone) in ["a", "b", "c"].iter().enumerate() {
            for (subnets, third) in [(&mut public, at), (&mut private, at + 8)] {
                let ask = ec2.create_subnet().vpc_id(&vpc).availability_zone(format!("eu-west-3{zone}"));
                let made = ask.cidr_block(format!("172.20.{third}.0/24")).send().await.expect("a subnet");
                subnets.push(made.subnet().and_then(|one| one.subnet_id()).expect("an id").to_owned());
            }
        }
        // All through the internet gateway's table, and out of the private ones by a NAT gateway.
        let address = ec2.allocate_address().send().await.expect("an address");
        let nat = ec2.create_nat_gateway().subnet_id(&public[0]).allocation_id(address.allocation_id().expect("an id"));
        let nat = nat.send().await.expect("a NAT gateway");
        let nat = nat.nat_gateway().and_then(|one| one.nat_gateway_id()).expect("an id").to_owned();
        tokio::time::sleep(Duration::from_secs(300)).await;
        for (subnets, out, through_nat) in [(&public, &internet, false), (&private, &nat, true)] {
            let table = ec2.create_route_table().vpc_id(&vpc).send().await.expect("a table");
            let table = table.route_table().and_then(|one| one.route_table_id()).expect("an id").to_owned();
            let ask = ec2.create_route().route_table_id(&table).destination_cidr_block("0.0.0.0/0");
            let ask = if through_nat { ask.nat_gateway_id(out) } else { ask.gateway_id(out) };
            ask.send().await.expect("a route");
            for subnet in subnets {
                let ask = ec2.associate_route_table().route_table_id(&table).subnet_id(subnet);
                ask.send().await.expect("an association");
            }
        }
        let group = ec2.create_security_group().vpc_id(&vpc).group_name("clients").description("Clients");
        let group = group.send().await.expect("a group").group_id().expect("an id").to_owned();
        Self { vpc, public, private, group }
    }

    fn network(&self, zones: usize) -> Json {
        json!({
            "vpc_id": self.vpc,
            "public_subnet_ids": self.public[..zones],
            "private_subnet_ids": self.private[..zones],
        })
    }
}

/// Nothing of the ground was touched: no call that makes or changes what a network has.
fn only_around(calls: &BTreeSet<String>) {
    for what in ["Vpc", "Subnet", "Gateway", "Route", "Address", "Endpoint"] {
        assert!(!calls.iter().any(|call| call.starts_with("ec2:") && call.contains(what)), "{what} in {calls:?}");
    }
}

#[test]
fn a_service_in_an_existing_network_leaves_it_as_it_was() {
    on_paused_clock(4, async {
        let aws = Inside::new(4);
        let ground = Ground::laid(&aws).await;
        let before = observe::objects(&aws.world());
        let mut core = Core::new(&aws, None);
        let two = service(ground.network(2));
        only_around(&applied(&aws, &mut core, &two).await);
        let state = core.state.clone().expect("a state").held.value;
        assert_eq!(state.member("vpc_id").as_str(), Some(ground.vpc.as_str()));
        assert_eq!(state.member("availability_zones").parts().len(), 2);
        assert_eq!(state.member("private_subnet_ids").parts().len(), 2);
        for name in ["cidr_block", "egress", "s3_endpoint"] {
            assert!(state.member("network").member(name).is_null(), "{name} is told of a network that isn't ours");
        }
        assert!(observe::serving(&aws.world()).iter().all(|task| task.healthy && task.way_out));

        let mut other = Core::new(&aws, None);
        assert!(other.import("web").await.is_empty());
        assert_eq!(other.open(&two).await, Vec::<String>::new(), "after the import");

        let three = applied(&aws, &mut core, &service(ground.network(3))).await;
        assert_eq!(three, calls(["ecs:UpdateService", "elasticloadbalancing:SetSubnets"]));
        let fewer = applied(&aws, &mut core, &two).await;
        assert_eq!(fewer, calls(["ecs:UpdateService", "elasticloadbalancing:SetSubnets"]));

        let mut grouped = ground.network(2);
        grouped["security_group_ids"] = json!([ground.group]);
        assert_eq!(applied(&aws, &mut core, &service(grouped)).await, calls(["ecs:UpdateService"]));
        let mut other = Core::new(&aws, None);
        assert!(other.import("web").await.is_empty());
        let imported = other.state.expect("a state").held.value;
        assert_eq!(imported.member("network").member("security_group_ids").parts().len(), 1);
        assert_eq!(applied(&aws, &mut core, &two).await, calls(["ecs:UpdateService"]));

        let mut open = ground.network(2);
        open["egress"] = json!("public");
        assert_eq!(applied(&aws, &mut core, &service(open)).await, calls(["ecs:UpdateService"]));
        gone(&aws, &mut core).await;
        assert_eq!(observe::objects(&aws.world()), before, "the network is as it was");
    });
}

#[test]
fn a_move_to_an_existing_network_replaces_the_service() {
    on_paused_clock(5, async {
        let aws = Inside::new(5);
        let ground = Ground::laid(&aws).await;
        let before = observe::objects(&aws.world());
        let mut core = Core::new(&aws, None);
        applied(&aws, &mut core, &service(json!({}))).await;
        let moved = applied(&aws, &mut core, &service(ground.network(2))).await;
        assert!(moved.contains("ec2:DeleteVpc") && moved.contains("ecs:CreateService"), "{moved:?}");
        let back = applied(&aws, &mut core, &service(json!({}))).await;
        assert!(back.contains("ec2:CreateVpc") && !back.contains("ec2:DeleteVpc"), "{back:?}");
        gone(&aws, &mut core).await;
        assert_eq!(observe::objects(&aws.world()), before, "the network is as it was");
    });
}

#[test]
fn what_does_not_fit_in_an_existing_network_is_told_at_its_attribute() {
    on_paused_clock(6, async {
        let aws = Inside::new(6);
        let (ground, other) = (Ground::laid(&aws).await, Ground::laid(&aws).await);
        let mut core = Core::new(&aws, None);
        let missing = "subnet-0123456789abcdef0";
        for (attribute, value, path, words) in [
            ("private_subnet_ids", json!([missing]), "network.private_subnet_ids", missing),
            ("private_subnet_ids", json!([other.private[0]]), "network.private_subnet_ids", other.vpc.as_str()),
            ("private_subnet_ids", json!([ground.private[2]]), "network.private_subnet_ids", "eu-west-3c"),
            ("public_subnet_ids", json!([ground.public[0]]), "network.public_subnet_ids", "one zone"),
            ("security_group_ids", json!([other.group]), "network.security_group_ids", other.vpc.as_str()),
            ("egress", json!("nat_single"), "network.egress", "public"),
            ("cidr_block", json!("10.0.0.0/16"), "network.cidr_block", "vpc_id"),
            ("availability_zone_count", json!(2), "network.availability_zone_count", "vpc_id"),
            ("s3_endpoint", json!(true), "network.s3_endpoint", "vpc_id"),
            ("private_subnet_ids", Json::Null, "network.vpc_id", "private_subnet_ids"),
            ("public_subnet_ids", Json::Null, "network.vpc_id", "public_subnet_ids"),
            ("vpc_id", Json::Null, "network.public_subnet_ids", "vpc_id"),
            ("vpc_id", json!("vpc"), "network.vpc_id", "ID of a VPC"),
        ] {
            let mut network = ground.network(2);
            network[attribute] = value;
            let begun = aws.calls();
            let told = errors(&core.apply(&service(network)).await);
            assert!(told.starts_with(path) && told.contains(words), "{attribute}: {told}");
            assert_eq!(aws.calls(), begun, "AWS was changed");
        }
    });
}

#[test]
fn an_internet_gateway_is_attached_before_anything_leads_to_it() {
    on_paused_clock(9, async {
        let aws = Inside::new(9);
        let late = Order::new("ec2:AttachInternetGateway", Fault::AttachesLate { seconds: 100.0 });
        weather::order(&mut aws.world(), late).expect("an order");
        let mut core = Core::new(&aws, None);
        applied(&aws, &mut core, &service(json!({}))).await;
        let refused = aws.world().log.iter().find(|event| event.outcome.contains("Gateway.NotAttached")).cloned();
        assert!(refused.is_none(), "{refused:?}");
        gone(&aws, &mut core).await;
    });
}

#[test]
fn a_load_balancer_moves_to_another_subnet_of_the_same_zone() {
    on_paused_clock(8, async {
        let aws = Inside::new(8);
        let around = Surroundings::ready(&aws).await;
        let place =
            json!({ "VpcId": around.id("vpc_id"), "CidrBlock": "10.9.50.0/24", "AvailabilityZone": "eu-west-3a" });
        let subnet = surroundings::ask(&mut aws.world(), "ec2", "CreateSubnet", place)["subnet"]["subnetId"].take();
        let mut core = Core::new(&aws, None);
        for first in [json!(around.id("public_subnet_a")), subnet] {
            let network = json!({
                "vpc_id": around.id("vpc_id"),
                "public_subnet_ids": [first, around.id("public_subnet_b")],
                "private_subnet_ids": [around.id("private_subnet_a"), around.id("private_subnet_b")],
            });
            applied(&aws, &mut core, &service(network)).await;
        }
    });
}
