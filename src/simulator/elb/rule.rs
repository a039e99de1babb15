//! Rules of a listener, by priority. The default rule is the listener's own actions: it is listed, but cannot be deleted.

use serde_json::{Value as Json, json};

use super::naming::{Kind, existing};
use super::{action, health, invalid, page, tagging};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

/// Quota per load balancer, without default rules (User Guide, Quotas for your Application Load Balancers).
const MOST: usize = 100;

#[derive(Clone, Debug)]
pub struct Rule {
    pub listener: String,
    pub actions: Vec<Json>,
    pub tags: Tags,
    priority: i64,
    conditions: Json,
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
    let conditions = ask.get("Conditions").clone();
    if ask.parts("Conditions").iter().all(|condition| condition.text("Field").is_none()) {
        return Err(invalid("At least one condition must be specified"));
    }
    let tags = tagging::given(ask)?;
    let balancer = world.elb.listeners.get(&listener).map(|there| there.load_balancer.clone()).unwrap_or_default();
    let actions = action::asked(&world.elb, &balancer, &ask.parts("Actions"))?;
    if world.elb.rules.values().any(|rule| rule.listener == listener && rule.priority == priority) {
        return Err(Refusal::new("PriorityInUse", format!("Priority '{priority}' is currently in use")));
    }
    let of =
        |rule: &&Rule| world.elb.listeners.get(&rule.listener).is_some_and(|there| there.load_balancer == balancer);
    if world.elb.rules.values().filter(of).count() >= MOST {
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
    let state = &world.elb;
    let default = |arn: &str| state.listeners.values().any(|listener| listener.default_rule == arn);
    let arn = existing(ask, "RuleArn", Kind::Rule, |arn| state.rules.contains_key(arn) || default(arn))?;
    if default(&arn) {
        return Err(Refusal::new("OperationNotPermitted", format!("Default rule '{arn}' cannot be deleted")));
    }
    let listener = state.rules.get(&arn).and_then(|rule| state.listeners.get(&rule.listener));
    let served = listener.map(|listener| state.behind(&listener.load_balancer)).unwrap_or_default();
    world.elb.rules.remove(&arn);
    health::reconsider(world, &served);
    Ok(json!({}))
}
