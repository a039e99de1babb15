//! What stands in a world, to be held against what stands in another; and the oracles over it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::observe::{self, Object};

use super::{Inside, identity};

/// Every object by kind and name, told as text. Without what differs by itself: the anchor's record has the tokens of its
/// operations; tasks, network interfaces and the log group of their metrics, which are AWS's own, come and go in their time;
/// of revisions only the newest.
pub type Standing = BTreeMap<String, String>;

pub fn standing(aws: &Inside) -> Standing {
    without(aws, &Strangers::default())
}

/// What is the user's has the same ids in each of these worlds, so names that hold them are the same.
fn without(aws: &Inside, strangers: &Strangers) -> Standing {
    let ours: Vec<Object> = observe::standing(&aws.world())
        .into_iter()
        .filter(|one| !strangers.know(&one.id) && !aws.besides.know(&one.id))
        .filter(|one| !comes_and_goes(one))
        .collect();
    let ours: Vec<Object> = ours.iter().filter(|one| !is_superseded(one, &ours)).cloned().collect();
    let mut objects = observe::named(&ours);
    for (_, told) in objects.iter_mut().filter(|(name, _)| name.starts_with("ssm ")) {
        told.clear();
    }
    objects
}

/// Nothing is there twice.
///
/// # Errors
/// What is.
pub fn no_twins(aws: &Inside) -> Result<(), String> {
    let twins = observe::twins(&aws.world(), &["fargate:stack", "fargate:node"]);
    if twins.is_empty() { Ok(()) } else { Err(format!("twins: {twins:#?}")) }
}

/// Nothing is left.
///
/// # Errors
/// What is.
pub fn empty(aws: &Inside) -> Result<(), String> {
    Strangers::default().are_alone(aws)
}

/// The state, told as JSON, has all that stands of the service.
///
/// # Errors
/// What it lacks.
pub fn recorded(aws: &Inside, told: &Json) -> Result<(), String> {
    let standing = observe::standing(&aws.world());
    let ours = standing.iter().filter(|one| one.tags.get("fargate:stack").is_some_and(|of| *of == identity(aws)));
    let nodes = ours.filter(|one| !comes_and_goes(one)).filter_map(|one| one.tags.get("fargate:node"));
    let lost: Vec<_> = nodes.filter(|node| told["objects"].get(node.as_str()).is_none()).collect();
    if lost.is_empty() { Ok(()) } else { Err(format!("stands, and is not in the state: {lost:#?}")) }
}

/// Objects of somebody else, as they were.
#[derive(Clone, Debug, Default)]
pub struct Strangers(BTreeMap<String, Object>);

impl Strangers {
    /// All that stands now.
    pub fn of(aws: &Inside) -> Self {
        Self(observe::standing(&aws.world()).into_iter().map(|one| (one.id.clone(), one)).collect())
    }

    /// Some come: with our network's block, a name that begins as ours do, tags that are nearly ours.
    pub fn come(aws: &Inside) -> Self {
        let before = Self::of(aws);
        let tags = json!([{ "Key": "fargate:stack", "Value": "another" }, { "Key": "fargate:node", "Value": "vpc" }]);
        let tagged = json!([{ "ResourceType": "vpc", "Tag": tags }]);
        let trust = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" },
        ] });
        for (service, action, ask) in [
            ("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16", "TagSpecification": tagged })),
            ("ec2", "AllocateAddress", json!({})),
            ("ec2", "CreateInternetGateway", json!({})),
            ("ssm", "PutParameter", json!({ "Name": "/fargate/life/theirs", "Value": "theirs", "Type": "String" })),
            ("logs", "CreateLogGroup", json!({ "logGroupName": "/fargate/lifetime" })),
            ("iam", "CreateRole", json!({ "RoleName": "life", "AssumeRolePolicyDocument": trust.to_string() })),
            ("ecs", "CreateCluster", json!({ "clusterName": "life" })),
        ] {
            aws.world().call(service, action, &Ask(ask)).unwrap_or_else(|refusal| panic!("{action}: {refusal:?}"));
        }
        Self::since(aws, &before)
    }

    /// All but one that they took away themselves.
    #[must_use]
    pub fn less(mut self, kind: &str, name: &str) -> Self {
        self.0.retain(|_, one| one.kind != kind || one.name != name);
        self
    }

    /// All that stands now and didn't then.
    pub fn since(aws: &Inside, then: &Self) -> Self {
        let mut now = Self::of(aws);
        now.0.retain(|id, _| !then.know(id));
        now
    }

    fn know(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// They are as they were.
    ///
    /// # Errors
    /// Which aren't.
    pub fn are_untouched(&self, aws: &Inside) -> Result<(), String> {
        let now = Self::of(aws);
        let touched = self.0.iter().filter(|(id, was)| !comes_and_goes(was) && now.0.get(*id) != Some(was));
        let touched: Vec<_> = touched.map(|(id, was)| format!("{was:?} is now {:?}", now.0.get(id))).collect();
        if touched.is_empty() { Ok(()) } else { Err(format!("somebody else's objects were touched: {touched:#?}")) }
    }

    /// They are as they were, and nothing else is there.
    ///
    /// # Errors
    /// What is.
    pub fn are_alone(&self, aws: &Inside) -> Result<(), String> {
        let theirs = |one: &Object| {
            self.know(&one.id)
                || aws.besides.know(&one.id)
                || (comes_and_goes(one)
                    && self.0.values().any(|it| one.name.contains(&it.id) || one.name.ends_with(&it.name)))
        };
        let left = observe::standing(&aws.world()).into_iter().filter(|one| !theirs(one));
        let left: Vec<_> = left.map(|one| format!("{} {} {:?}", one.kind, one.id, one.tags)).collect();
        if left.is_empty() { self.and_the_users_are_untouched(aws) } else { Err(format!("left: {left:#?}")) }
    }

    /// The world is the one expected, but for these, and nothing in it is there twice.
    ///
    /// # Errors
    /// How it differs.
    pub fn compare(&self, aws: &Inside, expected: &Standing) -> Result<(), String> {
        let found = without(aws, self);
        if found != *expected {
            return Err(format!("another world: {}", difference(expected, &found)));
        }
        no_twins(aws)?;
        self.and_the_users_are_untouched(aws)
    }

    fn and_the_users_are_untouched(&self, aws: &Inside) -> Result<(), String> {
        self.are_untouched(aws)?;
        aws.besides.are_untouched(aws)
    }
}

/// AWS's own, in its time. What is left of it in the end is left.
fn comes_and_goes(one: &Object) -> bool {
    let metrics = one.kind == "logs group" && one.name.starts_with("/aws/ecs/containerinsights/");
    metrics || matches!(one.kind, "ecs task" | "ec2 network interface")
}

/// A revision that has a newer one of its family: it stays, to be gone back to.
fn is_superseded(one: &Object, all: &[Object]) -> bool {
    let revision = |one: &Object| one.id.rsplit(':').next().and_then(|number| number.parse::<u32>().ok());
    let newer = |other: &&Object| other.name == one.name && revision(other) > revision(one);
    one.kind == "ecs task definition" && all.iter().filter(|other| other.kind == one.kind).any(|other| newer(&other))
}

fn difference(expected: &Standing, found: &Standing) -> String {
    let missing = expected.iter().filter(|(name, told)| found.get(*name) != Some(told));
    let extra = found.iter().filter(|(name, told)| expected.get(*name) != Some(told));
    format!("missing {:#?}\nextra {:#?}", missing.collect::<Vec<_>>(), extra.collect::<Vec<_>>())
}
