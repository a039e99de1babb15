//! The plan: which AWS objects a change makes, changes and removes, and what that leaves known. AWS is asked
//! only for what shapes the graph: zones, and what the user gave.
//!
//! Terraform asks again while it applies, so the same question must get the same answer.

pub mod balancing;
pub mod network;

use std::collections::{BTreeMap, BTreeSet};

use super::attributes::sources;
use super::model::{DEFAULT_TASKS, LoadBalancer, ObjectEntry, Settings, Tags};
use super::{blueprint, hosted_zone, records, validate};
use crate::aws::diff::{self, Change as Step, Record, Records};
use crate::aws::graph::GIVEN;
use crate::aws::object::Object;
use crate::aws::objects::load_balancer::LoadBalancer as Balancer;
use crate::aws::objects::task_definition::TaskDefinition;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::lifecycle;
use crate::protocol::path::Path;
use crate::protocol::provider::Change;
use crate::protocol::schema::Schema;
use crate::protocol::typed;
use crate::protocol::value::Value;
use crate::provider::config::Session;
use crate::provider::rules::invalid;

/// The planned value: what the settings lead to, as far as it can be known. `before` is the state whose zones are kept: the
/// prior one, or the one that was handed over to a create.
pub async fn plan(session: &Session, change: Change, before: &Value) -> (Value, Vec<Diagnostic>) {
    let Change { prior, config, mut planned, .. } = change;
    if !config.member("name").is_wholly_known() {
        return (planned, Vec::new());
    }
    if planned.member("desired_count").is_unknown() && config.member("desired_count").is_null() {
        set(&mut planned, "desired_count", first_count(config.member("autoscaling")));
    }
    let front = match balancing::settle(session, before, &config, &mut planned).await {
        Ok(front) => front,
        Err(told) => return (planned, vec![told]),
    };
    if let Err(told) = network::settle(session, before, &config, &mut planned, front.as_ref()).await {
        return (planned, told);
    }
    if let Err(told) = hosted_zone::settle(session, before, &config, &mut planned).await {
        return (planned, vec![told]);
    }
    let mut told = tell(session, &prior, &mut planned);
    told.extend(network::warn(&prior, &planned));
    (planned, told)
}

/// Settles, without AWS, what the configuration leaves open.
pub fn fill_in(schema: &Schema, prior: &Value, config: &Value, planned: Value) -> Value {
    let filled_in = |planned: Value| balancing::filled_in(config, network::filled_in(config, planned));
    let settled = filled_in(planned.clone());
    if settled == planned || planned != *prior {
        return settled;
    }
    // Nothing seemed to change until now: what the provider tells may be another.
    filled_in(lifecycle::open(schema, settled))
}

/// Without AWS: nothing is promised that AWS would be asked for.
pub fn open(config: &Value, planned: &mut Value) {
    balancing::open(config, planned);
    network::open_zones(config, planned);
    hosted_zone::open(config, planned);
}

/// What is managed elsewhere stays as it stands, whatever the configuration says.
///
/// # Errors
/// While it isn't known what that is, nothing could be promised.
pub fn keep_elsewhere(prior: &Value, config: &Value, planned: &mut Value) -> Result<(), Diagnostic> {
    let elsewhere = config.member("managed_elsewhere");
    if !elsewhere.is_wholly_known() {
        return Err(invalid("managed_elsewhere", "It must be known when the change is planned."));
    }
    for name in ["image", "desired_count"] {
        let theirs = elsewhere.parts().into_iter().any(|one| one.as_str() == Some(name));
        if theirs && !prior.member(name).is_null() {
            set(planned, name, prior.member(name).clone());
        }
    }
    Ok(())
}

/// The number of tasks that a service begins with when nobody says: within the bounds of autoscaling.
fn first_count(scaling: &Value) -> Value {
    if !scaling.is_wholly_known() {
        return Value::Unknown;
    }
    let bound = |name: &str| typed::from_value::<i64>(scaling.member(name)).ok();
    let count = i64::from(DEFAULT_TASKS).max(bound("min_capacity").unwrap_or_default());
    Value::from(bound("max_capacity").map_or(count, |most| count.min(most)))
}

/// Tells everything that the settled settings lead to.
fn tell(session: &Session, prior: &Value, planned: &mut Value) -> Vec<Diagnostic> {
    let name = planned.member("name").as_str().unwrap_or_default().to_owned();
    let identity = session.identity(&name);
    set(planned, "id", identity.to_string());
    set(planned, "account_id", identity.account);
    set(planned, "region", identity.region);

    let tags: Option<Tags> = match planned.member("tags") {
        tags if !tags.is_wholly_known() => return Vec::new(),
        tags => typed::from_value(tags).ok(),
    };
    let tags_all = session.tags_all(tags.as_ref());
    set(planned, "tags_all", Value::map(tags_all.iter().map(|(key, value)| (key, Value::from(value.as_str())))));
    let settings = match typed::from_value::<Settings>(planned) {
        Ok(settings) => settings,
        Err(typed::Error { reason: typed::Reason::Unknown, .. }) => return Vec::new(),
        Err(error) => return vec![invalid(error.path, error.reason.to_string())],
    };
    if let Some(told) = refused(session, prior, &settings, &tags_all) {
        return vec![told];
    }

    let recorded = records(prior);
    let owner = session.owner(&name, tags_all);
    let graph = blueprint::draw(&settings, &owner);
    let mut changes = diff::changes(&graph, &owner, &recorded);
    if settings.image_is_elsewhere() && changes.values().any(|change| *change != Step::Keep) {
        // Which revision runs is somebody else's business, and may be another when this is applied.
        changes.entry(TaskDefinition::KEY.into()).and_modify(|change| *change = Step::Renew);
    }
    let zones = Value::list(blueprint::zones(&settings).into_iter().map(Value::from));
    set(planned, "availability_zones", zones);
    set(planned, "status", "complete");
    set(planned, "drift", Value::list([]));
    set(planned, "objects", objects(&changes, &recorded, &digests(&graph, &owner)));
    let before = typed::from_value::<Settings>(prior).map(|before| sources(&before)).unwrap_or_default();
    for (attribute, keys) in sources(&settings) {
        let stays =
            |key: &String| key.starts_with(GIVEN) || matches!(changes.get(key), Some(Step::Keep | Step::Update));
        let known =
            before.get(attribute) == Some(&keys) && keys.iter().all(stays) && !prior.member(attribute).is_null();
        let value = if known { prior.member(attribute).clone() } else { Value::Unknown };
        set(planned, attribute, value);
    }
    Vec::new()
}

fn refused(session: &Session, prior: &Value, settings: &Settings, tags_all: &Tags) -> Option<Diagnostic> {
    let told = validate::check_tags_all(tags_all).or_else(|| protected(prior, settings));
    let told = told.or_else(|| validate::service::stuck(settings));
    told.or_else(|| validate::elsewhere(settings, &session.region))
        .or_else(|| validate::place(settings, &session.account, &session.region))
}

fn digests(graph: &crate::aws::graph::Graph, owner: &crate::aws::owner::Owner) -> BTreeMap<String, (String, String)> {
    let digests = diff::digests(graph, owner).into_iter();
    let nodes = graph.nodes.iter().zip(digests).filter(|(node, _)| !node.is_given());
    nodes.map(|(node, digest)| (node.key.clone(), (node.wanted.kind().to_owned(), digest))).collect()
}

/// `objects` as it will be: ids stay known where nothing is made anew.
fn objects(changes: &BTreeMap<String, Step>, recorded: &Records, wanted: &BTreeMap<String, (String, String)>) -> Value {
    let entries = wanted.iter().map(|(key, (kind, digest))| {
        let id = match (changes.get(key), recorded.get(key)) {
            (Some(Step::Keep | Step::Update), Some(Record { id, .. })) => Value::from(id.as_str()),
            _ => Value::Unknown,
        };
        let kind = Value::from(kind.as_str());
        (key, Value::object([("kind", kind), ("id", id), ("digest", Value::from(digest.as_str()))]))
    });
    Value::map(entries)
}

/// The ids that a plan promises to keep.
pub fn promised(planned: &Value) -> BTreeMap<String, String> {
    let Value::Map(objects) = planned.member("objects") else { return BTreeMap::new() };
    let known = |(key, entry): (&String, &Value)| Some((key.clone(), entry.member("id").as_str()?.to_owned()));
    objects.iter().filter_map(known).collect()
}

/// Keys of the objects that the user gives; none while something is unknown that they may depend on.
pub fn given(session: &Session, planned: &Value) -> BTreeSet<String> {
    let Ok(settings) = typed::from_value::<Settings>(planned) else { return BTreeSet::new() };
    let owner = session.owner(&settings.name, Tags::new());
    let graph = blueprint::draw(&settings, &owner);
    graph.nodes.into_iter().filter(|node| node.is_given()).map(|node| node.key).collect()
}

/// Records as the value of the `objects` attribute.
pub fn recorded(records: &Records) -> Value {
    let text = |text: &str| Value::from(text);
    let entry = |record: &Record| {
        Value::object([("kind", text(&record.kind)), ("id", text(&record.id)), ("digest", text(&record.digest))])
    };
    Value::map(records.iter().map(|(key, record)| (key, entry(record))))
}

/// Records as the `objects` attribute.
pub fn entries(records: &Records) -> BTreeMap<String, ObjectEntry> {
    let entry = |record: &Record| ObjectEntry {
        kind: record.kind.clone(),
        id: record.id.clone(),
        digest: record.digest.clone(),
    };
    records.iter().map(|(key, record)| (key.clone(), entry(record))).collect()
}

pub fn set(object: &mut Value, attribute: &str, value: impl Into<Value>) {
    if let Value::Object(members) = object {
        members.insert(attribute.to_owned(), value.into());
    }
}

pub fn member<'a>(object: &'a mut Value, name: &str) -> &'a mut Value {
    match object {
        Value::Object(members) => members.entry(name.to_owned()).or_default(),
        other => other,
    }
}

/// The load balancer that a change of `internal` replaces, or one that is given, is protected from deletion.
fn protected(prior: &Value, settings: &Settings) -> Option<Diagnostic> {
    let before: LoadBalancer = typed::from_value(prior.member("load_balancer")).ok()?;
    let now = &settings.load_balancer;
    let at = if now.is_given() { "load_balancer" } else { "load_balancer.internal" };
    let why = "It replaces the load balancer, which is protected from deletion: set deletion_protection to false and \
               apply first.";
    let replaced = !before.is_given() && before.place() != now.place();
    (replaced && before.deletion_protection).then(|| invalid(at, why))
}

/// Warnings and errors of a destroy plan. Where a create failed before its load balancer, there is nothing to protect.
pub fn destroy(prior: &Value) -> Vec<Diagnostic> {
    let stands = records(prior).values().any(|record| record.kind == Balancer::KIND);
    let protected = stands && prior.at(&Path::from("load_balancer.deletion_protection")) == Some(&Value::Bool(true));
    let path = Path::from("load_balancer.deletion_protection");
    let why = "Deletion protection is on. To destroy the service, set it to false and apply first.";
    let told = protected.then(|| Diagnostic::error("The load balancer is protected from deletion", why).at(path));
    told.into_iter().collect()
}
