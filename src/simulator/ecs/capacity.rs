//! Which capacity provider a task is started on: first every base, then by weight (API reference,
//! CapacityProviderStrategyItem).

use serde_json::Value as Json;

use super::refuse;
use crate::simulator::refusal::Refusal;

struct Item<'a> {
    name: &'a str,
    base: i64,
    weight: i64,
}

fn items(strategy: &Json) -> Vec<Item<'_>> {
    let item = |one: &'_ Json| (one["base"].as_i64().unwrap_or(0), one["weight"].as_i64().unwrap_or(0));
    let named = strategy.as_array().into_iter().flatten();
    named
        .filter_map(|one| {
            let (base, weight) = item(one);
            Some(Item { name: one["capacityProvider"].as_str()?, base, weight })
        })
        .collect()
}

/// The provider of the next task, where `running` tells how many tasks of the deployment a provider has; none without a
/// strategy.
pub fn next(strategy: &Json, running: impl Fn(&str) -> usize) -> Option<String> {
    let items = items(strategy);
    let short = items.iter().find(|one| (running(one.name) as i64) < one.base);
    // Beyond the bases, whoever is farthest behind its share.
    let share = |one: &Item<'_>| (running(one.name) as i64 - one.base + 1) as f64 / one.weight as f64;
    let fair = || items.iter().filter(|one| one.weight > 0).min_by(|one, other| share(one).total_cmp(&share(other)));
    short.or_else(fair).or(items.first()).map(|one| one.name.to_owned())
}

/// One base; weights 0 to 1000, base 0 to 100000, not all weights zero; providers of the cluster, each once, at most 20
/// (API reference, CreateService and CapacityProviderStrategyItem; texts unverified).
pub fn check(strategy: &Json, of_cluster: &[String]) -> Result<(), Refusal> {
    let items = items(strategy);
    if items.is_empty() {
        return Ok(());
    }
    let why = if strategy.as_array().is_some_and(|all| all.len() > 20 || all.len() != items.len()) {
        "A capacity provider strategy can contain between 1 and 20 capacity providers."
    } else if items.iter().any(|one| !(0..=1000).contains(&one.weight) || !(0..=100_000).contains(&one.base)) {
        "The weight must be between 0 and 1000, the base between 0 and 100000."
    } else if items.iter().filter(|one| one.base > 0).count() > 1 {
        "Only one capacity provider can be assigned a base value in a capacity provider strategy."
    } else if items.iter().all(|one| one.weight == 0) {
        "At least one capacity provider in a capacity provider strategy must have a weight greater than 0."
    } else if (1..items.len()).any(|at| items[at..].iter().any(|one| one.name == items[at - 1].name)) {
        "The specified capacity provider strategy cannot contain a duplicate capacity provider."
    } else if items.iter().any(|one| !of_cluster.iter().any(|name| name == one.name)) {
        "The specified capacity provider is not associated with the cluster."
    } else {
        return Ok(());
    };
    Err(refuse::parameter(why))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::super::fake::{self, but, call, pass, refused, register, world};
    use super::*;

    fn spread(strategy: &Json, count: usize) -> BTreeMap<String, usize> {
        let mut running: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..count {
            let name = next(strategy, |name| running.get(name).copied().unwrap_or(0)).unwrap();
            *running.entry(name).or_default() += 1;
        }
        running
    }

    #[test]
    fn bases_first_then_weights() {
        let mixed = json!([{ "capacityProvider": "FARGATE", "base": 2, "weight": 1 }, { "capacityProvider": "FARGATE_SPOT", "weight": 3 }]);
        assert_eq!(spread(&mixed, 2), BTreeMap::from([("FARGATE".into(), 2)]));
        assert_eq!(spread(&mixed, 10), BTreeMap::from([("FARGATE".into(), 4), ("FARGATE_SPOT".into(), 6)]));
        let one = json!([{ "capacityProvider": "FARGATE_SPOT", "weight": 1 }, { "capacityProvider": "FARGATE", "weight": 0 }]);
        assert_eq!(spread(&one, 5), BTreeMap::from([("FARGATE_SPOT".into(), 5)]));
        assert_eq!(next(&Json::Null, |_| 0), None);
    }

    #[test]
    fn a_service_is_spread_as_its_strategy_says_and_wrong_ones_are_refused() {
        let mut world = world();
        register(&mut world, "nginx");
        let both = json!({ "cluster": "home", "capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": [] });
        call(&mut world, "PutClusterCapacityProviders", both).unwrap();
        let item =
            |name: &str, base: i64, weight: i64| json!({ "capacityProvider": name, "base": base, "weight": weight });
        let ask = |strategy: Json| {
            let ask = but(but(fake::service(), "launchType", Json::Null), "desiredCount", json!(4));
            but(ask, "capacityProviderStrategy", strategy)
        };
        for (strategy, expected) in [
            (json!([item("FARGATE", 0, 1001)]), "weight must be between"),
            (json!([item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)]), "assigned a base"),
            (json!([item("FARGATE", 0, 0)]), "weight greater than 0"),
            (json!([item("FARGATE", 0, 1), item("FARGATE", 0, 1)]), "duplicate"),
            (json!([item("MINE", 0, 1)]), "not associated"),
            (json!([item("FARGATE", 0, 1), {}]), "between 1 and 20"),
        ] {
            let told = refused(&mut world, "CreateService", ask(strategy));
            assert!(told.contains(expected), "{told}");
        }
        call(&mut world, "CreateService", ask(json!([item("FARGATE", 1, 1), item("FARGATE_SPOT", 0, 2)]))).unwrap();
        pass(&mut world, 200);
        let tasks = fake::tasks(&mut world);
        let on = |name: &str| tasks.iter().filter(|task| task["capacityProviderName"] == name).count();
        assert_eq!((on("FARGATE"), on("FARGATE_SPOT")), (2, 2));
    }
}
