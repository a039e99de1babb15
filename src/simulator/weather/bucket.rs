//! Throttling by token buckets. Each call takes one token from every bucket that it falls into, or none and is refused.
//!
//! What AWS's services call for themselves doesn't take from an account's buckets, and doesn't pass here ("Request throttling
//! for the Elastic Load Balancing API"). That a refused call takes no token is (unverified).

use std::collections::BTreeMap;
use std::time::Duration;

use super::order::matches;
use super::{Call, codes};
use crate::simulator::refusal::Refusal;
use crate::simulator::world::World;

/// Which calls of a service share a bucket, or have one each.
pub struct Bucket {
    pub service: &'static str,
    /// Names, beginnings with `*`, `reads`, `mutating`.
    pub actions: &'static [&'static str],
    /// Each action has its own.
    pub each: bool,
    /// Tokens at most, and how many come back in a second.
    pub burst: f64,
    pub refill: f64,
}

const fn each(service: &'static str, actions: &'static [&'static str], burst: f64, refill: f64) -> Bucket {
    Bucket { service, actions, each: true, burst, refill }
}

const fn shared(service: &'static str, actions: &'static [&'static str], burst: f64, refill: f64) -> Bucket {
    Bucket { service, actions, each: false, burst, refill }
}

/// Of each service, a call falls into the first of its buckets that meets it, and into `ACCOUNT`'s too.
pub const BUCKETS: &[Bucket] = &[
    // EC2 Developer Guide, "Request throttling for the Amazon EC2 API": each API is evaluated individually.
    each("ec2", &["unfiltered"], 50.0, 10.0),
    each("ec2", &["reads"], 100.0, 20.0),
    each("ec2", &["CreateNatGateway", "DeleteNatGateway"], 10.0, 1.0),
    each("ec2", &["CreateTags"], 100.0, 10.0),
    each("ec2", &["CreateVpcEndpoint", "DeleteVpcEndpoints"], 4.0, 0.3),
    each("ec2", &["DeleteNetworkInterface"], 100.0, 5.0),
    each("ec2", &["mutating"], 50.0, 5.0),
    // Elastic Load Balancing User Guide, "Request throttling"; that a category has one bucket is (unverified).
    shared("elasticloadbalancing", &["reads"], 40.0, 10.0),
    shared("elasticloadbalancing", &["CreateLoadBalancer", "SetSubnets"], 10.0, 0.2),
    shared("elasticloadbalancing", &["RegisterTargets", "DeregisterTargets"], 20.0, 4.0),
    shared("elasticloadbalancing", &["mutating"], 20.0, 3.0),
    // ECS API Reference, "Request throttling": buckets of groups; which action is in which is partly (unverified).
    shared("ecs", &["DescribeServiceDeployments", "ListServiceDeployments", "DescribeServiceRevisions"], 50.0, 20.0),
    shared("ecs", &["DescribeServices", "ListServices*"], 100.0, 20.0),
    shared("ecs", &["DescribeClusters", "ListClusters"], 50.0, 20.0),
    shared("ecs", &["reads"], 100.0, 20.0),
    shared("ecs", &["TagResource", "UntagResource"], 20.0, 10.0),
    shared("ecs", &["CreateService", "UpdateService", "DeleteService"], 50.0, 5.0),
    shared("ecs", &["CreateCluster", "UpdateCluster*", "DeleteCluster", "PutClusterCapacityProviders"], 20.0, 1.0),
    shared("ecs", &["DeleteTaskDefinitions"], 5.0, 1.0),
    shared("ecs", &["RegisterTaskDefinition", "DeregisterTaskDefinition"], 20.0, 1.0),
    shared("ecs", &["PutAccountSetting*", "DeleteAccountSetting"], 10.0, 1.0),
    // RunTask and StopTask: Fargate's launch rate (unverified for StopTask).
    shared("ecs", &["mutating"], 100.0, 20.0),
    // Not published; from reports (unverified).
    shared("iam", &["reads"], 50.0, 20.0),
    shared("iam", &["mutating"], 20.0, 5.0),
    // CloudWatch Logs quotas, requests per second per API (bursts unverified).
    each("logs", &["PutLogEvents"], 5000.0, 5000.0),
    each("logs", &["GetLogEvents", "FilterLogEvents"], 10.0, 10.0),
    each("logs", &["CreateLogStream"], 50.0, 50.0),
    each("logs", &["reads"], 10.0, 10.0),
    each("logs", &["mutating"], 10.0, 10.0),
    // Systems Manager quotas, Parameter Store's default throughput: 40 reads, 3 writes a second (bursts unverified).
    shared("ssm", &["reads"], 40.0, 40.0),
    shared("ssm", &["PutParameter"], 10.0, 3.0),
    each("ssm", &["mutating"], 10.0, 5.0),
    // ACM quotas, requests per second per API (bursts unverified).
    each("acm", &["reads"], 10.0, 10.0),
    each("acm", &["mutating"], 5.0, 5.0),
    // Not published (unverified).
    each("application-autoscaling", &["reads"], 20.0, 10.0),
    each("application-autoscaling", &["mutating"], 10.0, 5.0),
    // Service Quotas' own quotas (bursts unverified).
    each("servicequotas", &["reads"], 10.0, 10.0),
    each("ecr", &["reads"], 100.0, 20.0),
    each("sts", &["reads"], 600.0, 600.0),
];

/// Buckets that all calls of a service fall into.
pub const ACCOUNT: &[Bucket] = &[
    shared("elasticloadbalancing", &["*"], 40.0, 10.0),
    // Developer Guide, "Quotas": five requests per second per account.
    shared("route53", &["*"], 5.0, 5.0),
];

/// Of EC2's reads, those that are costly where they name nothing and don't page.
const COSTLY: &[&str] = &["DescribeNetworkInterfaces", "DescribeSecurityGroups"];

impl Bucket {
    pub fn meets(&self, call: &Call) -> bool {
        let names = |pattern: &&str| match *pattern {
            "reads" => call.reads(),
            "mutating" => !call.reads(),
            "unfiltered" => {
                let bare = call.ask.0.as_object().is_none_or(|members| members.is_empty());
                bare && COSTLY.contains(&call.action)
            }
            pattern => matches(pattern, call.action),
        };
        self.service == call.service && self.actions.iter().any(names)
    }
}

/// What is left in the buckets that were ever taken from, and when that was reckoned.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    left: BTreeMap<(&'static str, String), (f64, Duration)>,
    /// When all buckets were empty at once.
    drained: Option<Duration>,
}

/// Somebody else in the account has used its rates up: every bucket is empty now.
pub fn drain(world: &mut World) {
    world.weather.buckets = Levels { left: BTreeMap::new(), drained: Some(world.now()) };
}

/// A hair's breadth: ten times a tenth is a whole.
const ENOUGH: f64 = 1.0 - 1e-9;

/// Takes a token from each bucket that the call falls into.
///
/// # Errors
/// The service's throttling code, if one of them is empty.
pub fn take(world: &mut World, call: &Call) -> Result<(), Refusal> {
    if !world.weather.climate.throttling {
        return Ok(());
    }
    let (now, levels) = (world.now(), &mut world.weather.buckets);
    let own = BUCKETS.iter().find(|bucket| bucket.meets(call));
    let falls_into = own.into_iter().chain(ACCOUNT.iter().filter(|bucket| bucket.meets(call)));
    let mut taken = Vec::new();
    for bucket in falls_into {
        let which = if bucket.each { call.action } else { "" };
        let key = (bucket.service, format!("{} {which}", bucket.actions.join(" ")));
        let begun = levels.drained.map_or((bucket.burst, now), |then| (0.0, then));
        let (left, then) = levels.left.get(&key).copied().unwrap_or(begun);
        let left = (left + (now - then).as_secs_f64() * bucket.refill).min(bucket.burst);
        if left < ENOUGH {
            world.weather.strike("throttled");
            return Err(codes::throttled(call.service));
        }
        taken.push((key, (left - 1.0, now)));
    }
    levels.left.extend(taken);
    Ok(())
}
