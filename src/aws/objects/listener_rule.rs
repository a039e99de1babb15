//! Rule on a listener that the user gave: which of its requests go to this service's target group. AWS cannot move one to
//! another listener: its key names that.
//!
//! Rules are asked one after the other by priority, a number that each has alone. Where the user names none, we choose: of two
//! rules of ours on a listener the one that says more comes first. The place among rules that say as much is drawn from the
//! stack's identity, so that two services that come at once hardly ever want the same.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, HostHeaderConditionConfig, PathPatternConditionConfig, Rule as Described, RuleCondition,
    RulePriorityPair,
};
use serde::{Deserialize, Serialize};

use super::elb_tags;
use super::listener::{self, Listener, ListenerOutput};
use super::load_balancer::LoadBalancer;
use super::target_group::{TargetGroup, TargetGroupArn};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Outputs, Seen, Site};
use crate::aws::owner::{Owner, Tags, hash};

crate::id!(ListenerRuleArn);

/// A request is this service's if it is for one of the hosts and one of the paths; an empty set takes any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerRule {
    pub host_names: BTreeSet<String>,
    pub path_patterns: BTreeSet<String>,
    /// 1 to 50000, the lowest first; none leaves it to us.
    pub priority: Option<i32>,
}

const HOST: &str = "host-header";
const PATH: &str = "path-pattern";
const IN_USE: &str = "PriorityInUse";
/// The lowest priority that we choose: what users choose themselves is likely to be lower, and so comes first.
const FIRST: i32 = 10_000;
/// Priorities for rules that say as much as each other.
const BAND: i32 = 200;
/// Rules that say more than this many characters are all alike.
const MOST_SAID: i32 = 199;

impl ListenerRule {
    /// The rule's key, by the place of its listener.
    pub fn key(listener: &str) -> String {
        format!("listener_rule/{listener}")
    }

    /// The lowest of the priorities that we choose from for these conditions: the more characters they fix, the lower.
    fn band(&self) -> i32 {
        let fixed = |patterns: &BTreeSet<String>| {
            let fixed = patterns.iter().map(|text| text.chars().filter(|c| !"*?".contains(*c)).count()).min();
            i32::try_from(fixed.unwrap_or_default()).unwrap_or(MOST_SAID)
        };
        let said = fixed(&self.host_names).saturating_add(fixed(&self.path_patterns)).min(MOST_SAID);
        FIRST + (MOST_SAID - said) * BAND
    }

    /// Whether this priority is one that we choose from for these conditions.
    pub fn chooses(&self, priority: i32) -> bool {
        (self.band()..self.band() + BAND).contains(&priority)
    }

    /// The priority wanted among rules that have these already; none if there is no room.
    fn free(&self, owner: &Owner, taken: &BTreeSet<i32>) -> Option<i32> {
        if let Some(priority) = self.priority {
            return Some(priority);
        }
        let drawn = i32::from_str_radix(&hash(&owner.identity.to_string())[..4], 16).unwrap_or_default();
        let places = (0..BAND).map(|step| self.band() + (drawn + step) % BAND);
        places.into_iter().find(|priority| !taken.contains(priority))
    }

    fn conditions(&self) -> Vec<RuleCondition> {
        let values = |texts: &BTreeSet<String>| (!texts.is_empty()).then(|| texts.iter().cloned().collect::<Vec<_>>());
        let hosts = values(&self.host_names).map(|hosts| {
            let config = HostHeaderConditionConfig::builder().set_values(Some(hosts)).build();
            RuleCondition::builder().field(HOST).host_header_config(config).build()
        });
        let paths = values(&self.path_patterns).map(|paths| {
            let config = PathPatternConditionConfig::builder().set_values(Some(paths)).build();
            RuleCondition::builder().field(PATH).path_pattern_config(config).build()
        });
        hosts.into_iter().chain(paths).collect()
    }

    /// What is told of a rule. One with conditions that we never make differs: they show as a pattern of no path.
    fn of(rule: &Described) -> Self {
        let (mut host_names, mut path_patterns) = (BTreeSet::new(), BTreeSet::new());
        for condition in rule.conditions() {
            match condition.field() {
                Some(HOST) => {
                    let config = condition.host_header_config().map(HostHeaderConditionConfig::values);
                    host_names.extend(config.unwrap_or(condition.values()).iter().cloned());
                }
                Some(PATH) => {
                    let config = condition.path_pattern_config().map(PathPatternConditionConfig::values);
                    path_patterns.extend(config.unwrap_or(condition.values()).iter().cloned());
                }
                other => {
                    path_patterns.insert(other.unwrap_or_default().to_owned());
                }
            }
        }
        Self { host_names, path_patterns, priority: rule.priority().and_then(|number| number.parse().ok()) }
    }

    /// Those who have priorities on a listener: each with the rule's ARN, and whether it is this stack's.
    pub(in crate::aws) async fn taken(aws: &Aws, owner: &Owner, listener: &str) -> Result<Vec<(i32, String, bool)>> {
        let rules = Listener::rules(aws, listener).await?.into_iter().filter_map(|(rule, tags)| {
            let priority = rule.priority()?.parse().ok()?;
            Some((priority, rule.rule_arn()?.to_owned(), owner.key_in(&tags).is_some()))
        });
        Ok(rules.collect())
    }

    /// The priorities to try on a listener, one after the other.
    async fn choice<'a>(&'a self, site: Site<'a>, listener: &'a str) -> Result<Choice<'a>> {
        let all = Self::taken(site.aws, site.owner, listener).await?;
        let taken = all.iter().map(|(priority, ..)| *priority).collect();
        Ok(Choice { rule: self, owner: site.owner, listener, all, taken })
    }
}

/// Which priority to try next.
struct Choice<'a> {
    rule: &'a ListenerRule,
    owner: &'a Owner,
    listener: &'a str,
    all: Vec<(i32, String, bool)>,
    taken: BTreeSet<i32>,
}

impl Choice<'_> {
    fn next(&self) -> Result<i32> {
        self.rule.free(self.owner, &self.taken).ok_or_else(|| {
            let (listener, first) = (self.listener, self.rule.band());
            let last = first + BAND - 1;
            Error::InTheWay(format!("{listener} has no free priority from {first} to {last}: name one"))
        })
    }

    /// Another has been quicker: the next one, if the choice is ours.
    fn refused(&mut self, priority: i32, error: Error) -> Result<()> {
        match error.code() == Some(IN_USE) {
            true if self.rule.priority.is_none() => {
                self.taken.insert(priority);
                Ok(())
            }
            true => Err(in_use(priority, self.listener, &self.all)),
            false => Err(error),
        }
    }
}

fn in_use(priority: i32, listener: &str, all: &[(i32, String, bool)]) -> Error {
    let by = all.iter().find(|(other, ..)| *other == priority).map_or("another rule", |(_, arn, _)| arn.as_str());
    Error::InTheWay(format!("{by} has the priority {priority} on {listener}: choose another"))
}

fn forward(group: &TargetGroupArn) -> Action {
    Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(&group.0).build()
}

fn seen(rule: &Described, listener: &ListenerOutput, key: String, tags: Tags) -> Result<Seen<ListenerRule>> {
    let target = match rule.actions() {
        [action] => action.target_group_arn().unwrap_or_default(),
        _ => "",
    };
    Ok(Seen {
        key,
        output: ListenerRuleArn::of(rule.rule_arn())?,
        needs: (listener.clone(), TargetGroupArn(target.to_owned())),
        life: Life::Standing,
        actual: ListenerRule::of(rule),
        tags,
    })
}

impl Object for ListenerRule {
    const KIND: &'static str = "listener rule";
    type Needs = (Ref<Listener>, Ref<TargetGroup>);
    type Output = ListenerRuleArn;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let mut all = Vec::new();
        for balancer in LoadBalancer::given_arns(owner) {
            for listener in Listener::of(aws, balancer).await? {
                let listener = listener::output(&listener)?;
                for (rule, tags) in Listener::rules(aws, &listener.arn).await? {
                    if let Some(key) = owner.key_in(&tags) {
                        all.push(seen(&rule, &listener, key, tags)?);
                    }
                }
            }
        }
        Ok(all)
    }

    async fn create(&self, site: Site<'_>, (listener, group): &Outputs<Self>) -> Result<ListenerRuleArn> {
        let ask = site.aws.elb.create_rule().listener_arn(&listener.arn).set_conditions(Some(self.conditions()));
        let ask = ask.actions(forward(group)).set_tags(elb_tags::of(site));
        let mut choice = self.choice(site, &listener.arn).await?;
        loop {
            let priority = choice.next()?;
            let send = || ask.clone().priority(priority).send();
            match site.aws.call("elasticloadbalancing:CreateRule", send).await {
                Ok(made) => return ListenerRuleArn::of(made.rules().first().and_then(|rule| rule.rule_arn())),
                Err(error) => choice.refused(priority, error)?,
            }
        }
    }

    async fn settle(
        &self,
        site: Site<'_>,
        arn: &ListenerRuleArn,
        (listener, group): &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<ListenerRuleArn> {
        let Some(seen) = seen.map(|seen| self.regard(site.owner, seen)) else { return Ok(arn.clone()) };
        if (Self { priority: self.priority, ..seen.actual.clone() }) != *self || seen.needs.1 != *group {
            let ask = site.aws.elb.modify_rule().rule_arn(&arn.0).set_conditions(Some(self.conditions()));
            let ask = ask.actions(forward(group));
            site.aws.call("elasticloadbalancing:ModifyRule", || ask.clone().send()).await?;
        }
        if seen.actual.priority == self.priority {
            return Ok(arn.clone());
        }
        let mut choice = self.choice(site, &listener.arn).await?;
        loop {
            let priority = choice.next()?;
            let pair = RulePriorityPair::builder().rule_arn(&arn.0).priority(priority).build();
            let set = || site.aws.elb.set_rule_priorities().rule_priorities(pair.clone()).send();
            match site.aws.call("elasticloadbalancing:SetRulePriorities", set).await {
                Ok(_) => return Ok(arn.clone()),
                Err(error) => choice.refused(priority, error)?,
            }
        }
    }

    /// A priority that we might have chosen is as good as any other of them.
    fn regard(&self, _: &Owner, seen: &Seen<Self>) -> Seen<Self> {
        let priority = seen.actual.priority.filter(|priority| self.priority.is_some() || !self.chooses(*priority));
        Seen { actual: Self { priority, ..seen.actual.clone() }, ..seen.clone() }
    }

    async fn retag(aws: &Aws, rule: &ListenerRuleArn, set: &Tags, remove: &[String]) -> Result<()> {
        elb_tags::retag(aws, &rule.0, set, remove).await
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let ask = || aws.elb.delete_rule().rule_arn(&seen.output.0).send();
        aws.call("elasticloadbalancing:DeleteRule", ask).await.absent(&["RuleNotFound"]).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::owner::Identity;

    fn rule(hosts: &[&str], paths: &[&str]) -> ListenerRule {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        ListenerRule { host_names: set(hosts), path_patterns: set(paths), priority: None }
    }

    fn owner(name: &str) -> Owner {
        let identity = Identity { account: "123456789012".into(), region: "eu-west-3".into(), name: name.into() };
        Owner { identity, partition: "aws".into(), ..Owner::default() }
    }

    #[test]
    fn of_two_rules_the_one_that_says_more_comes_first() {
        let order = [
            rule(&["api.example.com"], &["/admin/*"]),
            rule(&["api.example.com"], &[]),
            rule(&["*.example.com"], &[]),
            rule(&[], &["/api/admin/*"]),
            rule(&[], &["/api/*", "/api/admin/*"]),
            rule(&[], &["*"]),
        ];
        let priority = |rule: &ListenerRule| rule.free(&owner("web"), &BTreeSet::new()).unwrap();
        assert!(order.is_sorted_by_key(priority), "{:?}", order.iter().map(priority).collect::<Vec<_>>());
        for rule in &order {
            let chosen = priority(rule);
            assert!(rule.chooses(chosen) && (FIRST..=50_000).contains(&chosen), "{chosen}");
        }
        let endless = rule(&[&"a".repeat(128)], &[&"b".repeat(128)]);
        assert_eq!(endless.band(), FIRST);
    }

    #[test]
    fn a_priority_is_the_same_each_time_unless_another_has_it() {
        let rule = rule(&["a.example.com"], &[]);
        let first = rule.free(&owner("web"), &BTreeSet::new()).unwrap();
        assert_eq!(rule.free(&owner("web"), &BTreeSet::new()), Some(first));
        assert_ne!(rule.free(&owner("api"), &BTreeSet::new()), Some(first));
        let other = rule.free(&owner("web"), &[first].into()).unwrap();
        assert!(other != first && rule.chooses(other));
        let full = (rule.band()..rule.band() + BAND).collect();
        assert_eq!(rule.free(&owner("web"), &full), None);
        let named = ListenerRule { priority: Some(7), ..rule };
        assert_eq!(named.free(&owner("web"), &[7].into()), Some(7));
    }

    #[test]
    fn what_aws_tells_is_what_was_asked_for_and_other_conditions_show() {
        let asked = rule(&["a.example.com"], &["/x", "/y"]);
        let described = Described::builder().set_conditions(Some(asked.conditions())).priority("12");
        assert_eq!(ListenerRule::of(&described.clone().build()), ListenerRule { priority: Some(12), ..asked.clone() });
        let more = RuleCondition::builder().field("http-header").build();
        assert_ne!(ListenerRule::of(&described.conditions(more).build()).path_patterns, asked.path_patterns);
    }
}
