//! Rules of a listener, by priority. The default rule is the listener's own actions: it is listed, but cannot be deleted.

use serde_json::{Value as Json, json};

use super::naming::{Kind, existing};
use super::{action, condition, health, invalid, page, tagging};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Rule {
    pub listener: String,
    pub actions: Vec<Json>,
    pub tags: Tags,
    pub priority: i64,
    pub conditions: Json,
}

pub fn described(arn: &str, rule: &Rule) -> Json {
    json!({
        "RuleArn": arn,
        "Priority": rule.priority.to_string(),
        "Conditions": rule.conditions,
        "Actions": rule.actions,
        "IsDefault": false,
    })
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let listener = existing(ask, "ListenerArn", Kind::Listener, |arn| world.elb.listeners.contains_key(arn))?;
    let priority = ask.number("Priority").filter(|priority| (1..=50_000).contains(priority));
    let priority = priority.ok_or_else(|| invalid("A priority between 1 and 50000 must be specified"))?;
    let conditions = condition::asked(&ask.parts("Conditions"))?;
    let tags = tagging::given(ask)?;
    let balancer = world.elb.listeners.get(&listener).map(|there| there.load_balancer.clone()).unwrap_or_default();
    let actions = action::asked(&world.elb, &balancer, &ask.parts("Actions"))?;
    if world.elb.rules.values().any(|rule| rule.listener == listener && rule.priority == priority) {
        return Err(Refusal::new("PriorityInUse", format!("Priority '{priority}' is currently in use")));
    }
    let of =
        |rule: &&Rule| world.elb.listeners.get(&rule.listener).is_some_and(|there| there.load_balancer == balancer);
    if quotas::full(world, quotas::LISTENER_RULES, world.elb.rules.values().filter(of).count()) {
        return Err(Refusal::new("TooManyRules", "You've reached the limit on the number of rules"));
    }
    let id = world.hex(16);
    let arn = format!("{}/{id}", listener.replacen(":listener/", ":listener-rule/", 1));
    let rule = Rule { listener, actions, tags, priority, conditions };
    let answer = json!({ "Rules": [described(&arn, &rule)] });
    world.elb.rules.insert(arn, rule);
    let served = world.elb.behind(&balancer);
    health::reconsider(world, &served);
    Ok(answer)
}

/// Replaces actions or conditions, whichever is given (API reference, ModifyRule). The default rule is its listener's, and
/// changed there.
pub fn modify(world: &mut World, ask: &Ask) -> Answer {
    let (arn, rule) = mine(world, ask.text("RuleArn").unwrap_or_default(), "modified")?;
    let rule = rule.clone();
    let balancer = world.elb.listeners.get(&rule.listener).map(|there| there.load_balancer.clone()).unwrap_or_default();
    let given = |member: &str| !ask.parts(member).is_empty();
    let mut then = rule;
    if given("Conditions") {
        then.conditions = condition::asked(&ask.parts("Conditions"))?;
    }
    if given("Actions") {
        then.actions = action::asked(&world.elb, &balancer, &ask.parts("Actions"))?;
    }
    let served = world.elb.behind(&balancer);
    let answer = json!({ "Rules": [described(&arn, &then)] });
    world.elb.rules.insert(arn, then);
    let served = served.union(&world.elb.behind(&balancer)).cloned().collect();
    health::reconsider(world, &served);
    Ok(answer)
}

/// All at once or none: two rules of a listener may change places (API reference, SetRulePriorities).
pub fn set_priorities(world: &mut World, ask: &Ask) -> Answer {
    let mut rules = world.elb.rules.clone();
    let pairs = ask.parts("RulePriorities");
    if pairs.is_empty() {
        return Err(invalid("At least one rule priority must be specified"));
    }
    let mut arns = Vec::new();
    for pair in &pairs {
        let (arn, _) = mine(world, pair.text("RuleArn").unwrap_or_default(), "reprioritized")?;
        let priority = pair.number("Priority").filter(|priority| (1..=50_000).contains(priority));
        let priority = priority.ok_or_else(|| invalid("A priority between 1 and 50000 must be specified"))?;
        if let Some(rule) = rules.get_mut(&arn) {
            rule.priority = priority;
        }
        arns.push(arn);
    }
    let mut taken = std::collections::BTreeSet::new();
    if let Some(twice) = rules.values().find(|rule| !taken.insert((rule.listener.clone(), rule.priority))) {
        let why = format!("Priority '{}' is currently in use", twice.priority);
        return Err(Refusal::new("PriorityInUse", why));
    }
    world.elb.rules = rules;
    let shown = arns.iter().filter_map(|arn| Some(described(arn, world.elb.rules.get(arn)?)));
    Ok(json!({ "Rules": shown.collect::<Json>() }))
}

/// A rule that is not a default one.
fn mine<'a>(world: &'a World, arn: &str, done: &str) -> Result<(String, &'a Rule), Refusal> {
    let default = world.elb.listeners.values().any(|listener| listener.default_rule == arn);
    let rule = world.elb.rules.get(arn);
    Kind::Rule.check(arn, default || rule.is_some())?;
    let refusal = || Refusal::new("OperationNotPermitted", format!("Default rule '{arn}' cannot be {done}"));
    rule.map(|rule| (arn.to_owned(), rule)).ok_or_else(refusal)
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let arns = ask.texts("RuleArns");
    let listener = ask.text("ListenerArn").filter(|arn| !arn.is_empty());
    if arns.is_empty() == listener.is_none() {
        return Err(invalid("Either rule ARNs or a listener ARN must be specified"));
    }
    if let Some(arn) = listener {
        Kind::Listener.check(arn, world.elb.listeners.contains_key(arn))?;
    }
    let mut all = std::collections::BTreeMap::new();
    for (arn, rule) in &world.elb.rules {
        all.insert(arn.clone(), (rule.listener.as_str(), described(arn, rule)));
    }
    for (of, there) in &world.elb.listeners {
        let arn = there.default_rule.clone();
        let (conditions, actions) = (Vec::<Json>::new(), &there.actions);
        let default = json!({
            "RuleArn": arn, "Priority": "default", "Conditions": conditions, "Actions": actions, "IsDefault": true,
        });
        all.insert(arn, (of.as_str(), default));
    }
    for arn in &arns {
        Kind::Rule.check(arn, all.contains_key(arn))?;
    }
    all.retain(|arn, (of, _)| arns.contains(arn) || listener == Some(*of));
    page::page(ask, "Rules", all.into_iter().map(|(arn, (_, rule))| (arn, rule)))
}

/// Not the default rule (API reference, DeleteRule).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (arn, rule) = mine(world, ask.text("RuleArn").unwrap_or_default(), "deleted")?;
    let state = &world.elb;
    let served =
        state.listeners.get(&rule.listener).map(|listener| state.behind(&listener.load_balancer)).unwrap_or_default();
    world.elb.rules.remove(&arn);
    health::reconsider(world, &served);
    Ok(json!({}))
}
