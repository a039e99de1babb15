//! F7. Somebody else's objects: in the way by their names, as guests in our network when it is to be destroyed, as a neighbour
//! with tags like ours; and AWS's own interfaces that linger. None of theirs is ever touched; the error names what is in the way.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::ec2::{self, InterfaceAsk};
use terraform_provider_fargate::simulator::observe;

use super::{everywhere, some};
use crate::inside::core::Core;
use crate::inside::standing::Strangers;
use crate::inside::user::{End, attempt, explained, judge, pursue};
use crate::inside::work::{self, Work};
use crate::inside::{Inside, on_paused_clock};

/// Somebody else's call, which must succeed.
fn call(aws: &Inside, service: &str, action: &str, ask: Json) -> Json {
    let answer = aws.world().call(service, action, &Ask(ask));
    answer.unwrap_or_else(|refusal| panic!("{service}:{action}: {refusal:?}"))
}

/// Somebody else's network: a VPC and two subnets that reach the internet.
fn network(aws: &Inside) -> (String, [String; 2]) {
    let id = |answer: &Json, path: &str| answer.pointer(path).and_then(Json::as_str).expect("an id").to_owned();
    let vpc = id(&call(aws, "ec2", "CreateVpc", json!({ "CidrBlock": "172.16.0.0/16" })), "/vpc/vpcId");
    let gateway = call(aws, "ec2", "CreateInternetGateway", json!({}));
    let gateway = id(&gateway, "/internetGateway/internetGatewayId");
    call(aws, "ec2", "AttachInternetGateway", json!({ "VpcId": vpc, "InternetGatewayId": gateway }));
    let subnets = [("a", 0), ("b", 1)].map(|(zone, at)| {
        let ask = json!({
            "VpcId": vpc, "CidrBlock": format!("172.16.{at}.0/24"), "AvailabilityZone": format!("eu-west-3{zone}"),
        });
        id(&call(aws, "ec2", "CreateSubnet", ask), "/subnet/subnetId")
    });
    (vpc, subnets)
}

/// Kinds with a name that can be taken, as `observe` calls them; how somebody else takes it, and gives it back.
const NAMED: [&str; 6] =
    ["ssm parameter", "logs group", "iam role", "elb load balancer", "elb target group", "ecs cluster"];

fn take(aws: &Inside, kind: &str, name: &str) {
    let (vpc, subnets) = network(aws);
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ] });
    let (service, action, ask) = match kind {
        "ssm parameter" => ("ssm", "PutParameter", json!({ "Name": name, "Value": "theirs", "Type": "String" })),
        "logs group" => ("logs", "CreateLogGroup", json!({ "logGroupName": name })),
        "iam role" => ("iam", "CreateRole", json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() })),
        "elb load balancer" => {
            ("elasticloadbalancing", "CreateLoadBalancer", json!({ "Name": name, "Subnets": subnets }))
        }
        "elb target group" => {
            let ask = json!({ "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": vpc, "TargetType": "ip" });
            ("elasticloadbalancing", "CreateTargetGroup", ask)
        }
        "ecs cluster" => ("ecs", "CreateCluster", json!({ "clusterName": name })),
        other => panic!("{other} has no name to take"),
    };
    call(aws, service, action, ask);
}

fn give_back(aws: &Inside, kind: &str, name: &str) {
    let arn = || {
        let standing = observe::standing(&aws.world());
        standing.into_iter().find(|one| one.kind == kind && one.name == name).map(|one| one.id)
    };
    let (service, action, ask) = match kind {
        "ssm parameter" => ("ssm", "DeleteParameter", json!({ "Name": name })),
        "logs group" => ("logs", "DeleteLogGroup", json!({ "logGroupName": name })),
        "iam role" => ("iam", "DeleteRole", json!({ "RoleName": name })),
        "elb load balancer" => ("elasticloadbalancing", "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn() })),
        "elb target group" => ("elasticloadbalancing", "DeleteTargetGroup", json!({ "TargetGroupArn": arn() })),
        "ecs cluster" => ("ecs", "DeleteCluster", json!({ "cluster": name })),
        other => panic!("{other} has no name to give back"),
    };
    call(aws, service, action, ask);
}

fn in_the_way((kind, name): &(&str, String)) -> Result<End, String> {
    on_paused_clock(1, async {
        let work = work::create();
        let (aws, mut core) = work.begin(1);
        take(&aws, kind, name);
        let strangers = Strangers::of(&aws);
        let said = attempt(&mut core, work.goal.as_ref()).await;
        explained(&said)?;
        strangers.are_untouched(&aws)?;
        if !said.errors().iter().any(|told| told.detail.contains(name.as_str())) {
            return Err(format!("no error names it: {:#?}", said.errors()));
        }
        give_back(&aws, kind, name);
        let strangers = strangers.less(kind, name);
        let end = pursue(&aws, &mut core, work.goal.as_ref()).await?;
        judge(&aws, &mut core, &work, &strangers).await.map(|()| end)
    })
}

#[test]
fn a_name_that_is_taken_is_told() {
    let undisturbed = work::create().undisturbed();
    let points = undisturbed.stands.keys().filter_map(|standing| {
        let kind = NAMED.into_iter().find(|kind| standing.starts_with(kind))?;
        Some((kind, standing[kind.len() + 1..].to_owned()))
    });
    let points: Vec<_> = points.collect();
    assert!(NAMED.iter().all(|kind| points.iter().any(|(known, _)| known == kind)), "{points:?}");
    everywhere("F7 a name is taken", &points, in_the_way);
}

#[derive(Clone, Copy, Debug)]
enum Guest {
    Subnet,
    Group,
    /// Whose rule lets ours in.
    GroupThatNamesOurs,
    /// In the group of our load balancer.
    Interface,
    /// In the group of our tasks: a function's, which AWS manages as it manages a task's.
    Function,
}

/// The first object with this key of ours.
fn ours(aws: &Inside, key: &str) -> String {
    let standing = observe::standing(&aws.world());
    let found = standing.into_iter().find(|one| one.tags.get("fargate:node").is_some_and(|node| node.starts_with(key)));
    found.unwrap_or_else(|| panic!("no {key}")).id
}

impl Guest {
    fn comes(self, aws: &Inside) -> Json {
        let vpc = ours(aws, "vpc");
        let group = || json!({ "VpcId": vpc, "GroupName": "theirs", "GroupDescription": "theirs" });
        match self {
            Self::Subnet => call(aws, "ec2", "CreateSubnet", json!({ "VpcId": vpc, "CidrBlock": "10.0.255.0/24" })),
            Self::Group => call(aws, "ec2", "CreateSecurityGroup", group()),
            Self::GroupThatNamesOurs => {
                let made = call(aws, "ec2", "CreateSecurityGroup", group());
                let ask = json!({ "GroupId": made["groupId"], "IpPermissions": [{
                    "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
                    "Groups": [{ "GroupId": ours(aws, "security_group/task") }],
                }] });
                call(aws, "ec2", "AuthorizeSecurityGroupIngress", ask);
                made
            }
            Self::Interface => json!(interface(aws, BALANCER, "theirs", "999999999999")),
            Self::Function => json!(interface(aws, TASK, "AWS Lambda VPC ENI-report-0a1b2c3d", "999999999999")),
        }
    }

    /// The id of what came.
    fn id(came: &Json) -> &str {
        let ids = [came, &came["groupId"], &came["subnet"]["subnetId"]];
        ids.into_iter().find_map(Json::as_str).expect("an id")
    }

    fn goes(self, aws: &Inside, came: &Json) {
        match self {
            Self::Subnet => drop(call(aws, "ec2", "DeleteSubnet", json!({ "SubnetId": came["subnet"]["subnetId"] }))),
            Self::Group | Self::GroupThatNamesOurs => {
                drop(call(aws, "ec2", "DeleteSecurityGroup", json!({ "GroupId": came["groupId"] })));
            }
            Self::Interface | Self::Function => ec2::release_interface(&mut aws.world(), Self::id(came)),
        }
    }
}

const BALANCER: &str = "security_group/load_balancer";
const TASK: &str = "security_group/task";

/// An interface in a subnet of ours, in a group of ours.
fn interface(aws: &Inside, group: &str, description: &str, requester: &str) -> String {
    let (subnet, group) = (ours(aws, "subnet/public"), ours(aws, group));
    let ask = InterfaceAsk { subnet: &subnet, groups: &[group], description, requester, public_ip: false };
    ec2::take_interface(&mut aws.world(), &ask).expect("an interface").id
}

#[test]
fn guests_are_not_thrown_out() {
    let guests = [Guest::Subnet, Guest::Group, Guest::GroupThatNamesOurs, Guest::Interface, Guest::Function];
    everywhere("F7 guests at destroy", &guests, |guest| {
        on_paused_clock(1, async {
            let work = work::destroy();
            let (aws, mut core) = work.begin(1);
            let before = Strangers::of(&aws);
            let came = guest.comes(&aws);
            let strangers = Strangers::since(&aws, &before);
            let begun = aws.world().log.len();
            let said = attempt(&mut core, None).await;
            explained(&said)?;
            strangers.are_untouched(&aws)?;
            if !said.errors().iter().any(|told| told.detail.contains(Guest::id(&came))) {
                return Err(format!("no error names {came}: {:#?}", said.errors()));
            }
            let taken = taken_away(&aws, begun);
            if !taken.is_empty() {
                return Err(format!("with a guest in it, this went: {taken:?}"));
            }
            guest.goes(&aws, &came);
            let end = pursue(&aws, &mut core, None).await?;
            judge(&aws, &mut core, &work, &Strangers::default()).await.map(|()| end)
        })
    });
}

/// The calls since then that take something away.
fn taken_away(aws: &Inside, since: usize) -> Vec<String> {
    const VERBS: [&str; 6] = ["Delete", "Deregister", "Detach", "Disassociate", "Release", "Revoke"];
    let world = aws.world();
    let calls = world.log.iter().skip(since).filter(|event| event.source == "call").map(|event| event.what.clone());
    calls.filter(|what| VERBS.iter().any(|verb| what.contains(&format!(":{verb}")))).collect()
}

/// The most that can be done is to tell what it is that AWS doesn't let go.
#[test]
fn what_lingers_too_long_is_named() {
    on_paused_clock(1, async {
        let work = work::destroy();
        let (aws, mut core) = work.begin(1);
        let lingers = interface(&aws, BALANCER, "ELB app/another/0123456789abcdef", "amazon-elb");
        let said = attempt(&mut core, None).await;
        explained(&said).expect("errors that explain");
        let whole = format!("{lingers} (ELB app/another/0123456789abcdef; made by amazon-elb; in-use)");
        for kind in ["security group", "subnet"] {
            let about = format!("Could not delete the {kind} of ");
            let told = said.errors().into_iter().find(|told| told.summary.starts_with(&about));
            let told = &told.unwrap_or_else(|| panic!("{about}: {:#?}", said.errors())).detail;
            for part in [whole.as_str(), "answered DependencyViolation", "request id"] {
                assert!(told.contains(part), "{part}: {told}");
            }
        }
        ec2::release_interface(&mut aws.world(), &lingers);
        pursue(&aws, &mut core, None).await.expect("an end");
        judge(&aws, &mut core, &work, &Strangers::default()).await.expect("an empty world");
    });
}

#[test]
fn what_lingers_is_waited_for() {
    everywhere("F7 interfaces linger", &[0, 1, 2, 5, 10, 15], |minutes: &u64| {
        let minutes = *minutes;
        on_paused_clock(1, async {
            let work = work::destroy();
            let (aws, mut core) = work.begin(1);
            let lingers = interface(&aws, BALANCER, "ELB app/another/0123456789abcdef", "amazon-elb");
            let there = aws.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(60 * minutes)).await;
                ec2::release_interface(&mut there.world(), &lingers);
            });
            let said = attempt(&mut core, None).await;
            if !said.errors().is_empty() {
                return Err(format!("not in one go: {:#?}", said.errors()));
            }
            judge(&aws, &mut core, &work, &Strangers::default()).await.map(|()| End::Converged)
        })
    });
}

/// Another service of ours in the same account and region is a stranger too.
#[test]
fn a_neighbour_is_left_alone() {
    let works: Vec<Work> = [work::create(), work::destroy()].into_iter().chain(work::updates()).collect();
    everywhere("F7 a neighbour", &some(works, 4), |work| {
        on_paused_clock(1, async {
            let (aws, mut core) = work.begin(1);
            let before = Strangers::of(&aws);
            // Its name begins as ours does.
            let mut config = work::base();
            config["name"] = json!("life-of-another");
            let mut neighbour = Core::new(&aws, None);
            pursue(&aws, &mut neighbour, Some(&config)).await?;
            tokio::time::sleep(Duration::from_secs(900)).await;
            let strangers = Strangers::since(&aws, &before);
            let end = pursue(&aws, &mut core, work.goal.as_ref()).await?;
            judge(&aws, &mut core, work, &strangers).await?;
            let open = neighbour.open(&config).await;
            if open.is_empty() { Ok(end) } else { Err(format!("the neighbour's plan is not empty: {open:?}")) }
        })
    });
}

/// In a cluster that the user gave, a service of somebody else has our name: neither an apply nor a destroy touches it.
#[test]
fn a_service_of_our_name_in_the_given_cluster_is_told() {
    everywhere("F7 a service's name is taken", &[work::create_guest()], |work| {
        on_paused_clock(1, async {
            let (aws, mut core) = work.begin(1);
            let goal = work.goal.clone().expect("a service to be made");
            let definition = json!({
                "family": "theirs", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
                "memory": "512", "containerDefinitions": [{ "name": "theirs", "image": "theirs:1" }],
            });
            call(&aws, "ecs", "RegisterTaskDefinition", definition);
            let network = json!({ "subnets": goal["network"]["private_subnet_ids"] });
            let named = json!({ "cluster": goal["cluster"]["arn"], "service": goal["name"], "force": true });
            let theirs = json!({
                "cluster": goal["cluster"]["arn"], "serviceName": goal["name"], "taskDefinition": "theirs",
                "desiredCount": 0, "launchType": "FARGATE", "networkConfiguration": { "awsvpcConfiguration": network },
            });
            call(&aws, "ecs", "CreateService", theirs);
            let strangers = Strangers::of(&aws);
            let said = attempt(&mut core, Some(&goal)).await;
            explained(&said)?;
            let in_the_way = |text: &str| {
                text.contains("an ECS service life that isn't ours is in the way") && text.contains(":cluster/given")
            };
            if !said.errors().iter().any(|told| in_the_way(&told.detail)) {
                return Err(format!("no error names it: {:#?}", said.errors()));
            }
            strangers.are_untouched(&aws)?;
            pursue(&aws, &mut core, None).await?;
            strangers.are_untouched(&aws)?;

            call(&aws, "ecs", "DeleteService", named);
            let strangers = strangers.less("ecs service", "life of given");
            let end = pursue(&aws, &mut core, Some(&goal)).await?;
            judge(&aws, &mut core, work, &strangers).await.map(|()| end)
        })
    });
}
