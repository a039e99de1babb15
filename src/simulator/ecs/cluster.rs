//! Clusters. A deleted one stays describable as INACTIVE, and its name may be used again.

use serde_json::{Value as Json, json};

use super::{Due, insights, refuse};
use crate::simulator::ask::Ask;
use crate::simulator::durations::CLUSTER_ACTIVE;
use crate::simulator::iam;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::{self, World};

#[derive(Clone, Debug)]
pub struct Cluster {
    pub name: String,
    pub arn: String,
    pub status: &'static str,
    pub providers: Vec<String>,
    pub strategy: Json,
    pub settings: Json,
    pub tags: Tags,
    /// Container Insights writes next within a minute.
    pub metered: bool,
}

/// The last part of an ARN, or the name itself.
pub fn short(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

/// The cluster that `cluster` names; `default` if it doesn't (API reference).
pub fn find<'a>(world: &'a World, ask: &Ask) -> Result<&'a Cluster, Refusal> {
    world.ecs.clusters.get(short(ask.text("cluster").unwrap_or("default"))).ok_or_else(|| refuse::no_cluster())
}

/// The same, unless it has been deleted.
pub fn standing<'a>(world: &'a World, ask: &Ask) -> Result<&'a Cluster, Refusal> {
    let inactive = || Refusal::new("ClusterNotFoundException", "The referenced cluster was inactive.");
    Some(find(world, ask)?).filter(|cluster| cluster.status != "INACTIVE").ok_or_else(inactive)
}

fn known_providers(providers: &[String]) -> Result<(), Refusal> {
    let unknown = providers.iter().find(|name| *name != "FARGATE" && *name != "FARGATE_SPOT");
    let why = "The specified capacity provider was not found. Specify a valid name or ARN and try again.";
    unknown.map_or(Ok(()), |_| Err(refuse::parameter(why)))
}

/// A second call returns the standing one as it is. AWS has no token here (API reference, CreateCluster).
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let name = ask.text("clusterName").unwrap_or("default").to_owned();
    if !refuse::good_name(&name) {
        return Err(refuse::parameter("Cluster name is not valid."));
    }
    let providers = ask.texts("capacityProviders");
    known_providers(&providers)?;
    settings(ask)?;
    match world.ecs.clusters.get(&name).map(|there| (there.status, view(world, there, &[]))) {
        None | Some(("INACTIVE", _)) => {}
        // (unverified)
        Some(("DEPROVISIONING", _)) => return Err(refuse::client("The cluster is being deleted.")),
        Some((_, there)) => return Ok(json!({ "cluster": there })),
    }
    // The code is unverified.
    let there = world.ecs.clusters.values().filter(|there| there.status != "INACTIVE").count();
    if quotas::full(world, quotas::CLUSTERS, there) {
        return Err(refuse::client("The maximum number of clusters has been reached."));
    }
    let arn = world.arn("ecs", &format!("cluster/{name}"));
    let status = if providers.is_empty() { "ACTIVE" } else { "PROVISIONING" };
    let strategy = json!(ask.get("defaultCapacityProviderStrategy").as_array().cloned().unwrap_or_default());
    let standard = json!([{ "name": "containerInsights", "value": "disabled" }]);
    let settings = ask.get("settings").as_array().map_or(standard, |given| json!(given));
    let tags = tags::read(&ask.parts("tags"), "key", "value");
    let cluster = Cluster { name: name.clone(), arn, status, providers, strategy, settings, tags, metered: false };
    let answer = view(world, &cluster, &["SETTINGS".into(), "TAGS".into()]);
    iam::need_linked_role(world, "ecs.amazonaws.com");
    world.ecs.clusters.insert(name.clone(), cluster);
    if status == "PROVISIONING" {
        world.after(CLUSTER_ACTIVE, world::Due::Ecs(Due::ClusterSettles(name)));
    }
    Ok(json!({ "cluster": answer }))
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let mut wanted = ask.texts("clusters");
    if wanted.len() > 100 {
        return Err(refuse::parameter("Clusters list can contain at most 100 entries."));
    }
    if wanted.is_empty() {
        wanted.push("default".into());
    }
    let (include, mut found, mut failures) = (ask.texts("include"), Vec::new(), Vec::new());
    for reference in wanted {
        match world.ecs.clusters.get(short(&reference)) {
            Some(cluster) => found.push(view(world, cluster, &include)),
            None => {
                let arn = world.arn("ecs", &format!("cluster/{}", short(&reference)));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "clusters": found, "failures": failures }))
}

/// Only clusters that stand are listed (unverified for those on their way down).
pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let standing = world.ecs.clusters.values().filter(|cluster| cluster.status != "INACTIVE");
    super::paging::page(ask, "clusterArns", standing.map(|cluster| json!(cluster.arn)).collect(), 100)
}

/// Refused while services are there, draining ones too (unverified). AWS refuses it over tasks as well (API reference,
/// DeleteCluster), but here no task outlives its service.
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    refuse::needed(ask, "cluster")?;
    let cluster = find(world, ask)?;
    let name = cluster.name.clone();
    if cluster.status == "PROVISIONING" {
        let why = "The specified cluster is being updated. Wait for it to be ACTIVE and try again.";
        return Err(Refusal::new("UpdateInProgressException", why));
    }
    if world.ecs.services.values().any(|service| service.cluster == name && service.status != "INACTIVE") {
        let why = "The Cluster cannot be deleted while Services are active.";
        return Err(Refusal::new("ClusterContainsServicesException", why));
    }
    let mut left = None;
    if let Some(cluster) = world.ecs.clusters.get_mut(&name) {
        let bare = cluster.providers.is_empty() || cluster.status == "INACTIVE";
        cluster.status = if bare { "INACTIVE" } else { "DEPROVISIONING" };
        left = Some(cluster.clone());
    }
    let answer = left.as_ref().map(|cluster| view(world, cluster, &[]));
    if left.is_some_and(|cluster| cluster.status == "DEPROVISIONING") {
        world.after(CLUSTER_ACTIVE, world::Due::Ecs(Due::ClusterSettles(name)));
    }
    Ok(json!({ "cluster": answer }))
}

/// Replaces both lists; refused while the cluster changes (API reference, PutClusterCapacityProviders).
pub fn put_providers(world: &mut World, ask: &Ask) -> Answer {
    let (name, status) = find(world, ask).map(|cluster| (cluster.name.clone(), cluster.status))?;
    match status {
        "ACTIVE" => {}
        "PROVISIONING" => {
            let why = "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE or UPDATE_FAILED state before they can be updated. Wait and try again.";
            return Err(Refusal::new("UpdateInProgressException", why));
        }
        _ => return Err(refuse::client("Cluster was not ACTIVE.")),
    }
    let providers = ask.texts("capacityProviders");
    known_providers(&providers)?;
    let used = |service: &super::service::Service| {
        let strategies = service.plan.strategy.as_array().into_iter().flatten();
        let name = |one: &Json| one["capacityProvider"].as_str().map(str::to_owned);
        strategies.filter_map(name).any(|name| !providers.contains(&name))
    };
    let mut live = world.ecs.services.values().filter(|one| one.cluster == name && one.status == "ACTIVE");
    if live.any(used) {
        let why = "The specified capacity provider is in use and cannot be removed.";
        return Err(Refusal::new("ResourceInUseException", why));
    }
    let strategy = json!(ask.get("defaultCapacityProviderStrategy").as_array().cloned().unwrap_or_default());
    let mut changed = None;
    if let Some(cluster) = world.ecs.clusters.get_mut(&name) {
        (cluster.providers, cluster.strategy) = (providers, strategy);
        changed = Some(cluster.clone());
    }
    Ok(json!({ "cluster": changed.map(|cluster| view(world, &cluster, &["TAGS".into()])) }))
}

/// Settings, one by one, and configuration (API reference, UpdateCluster and UpdateClusterSettings).
pub fn update(world: &mut World, ask: &Ask) -> Answer {
    refuse::needed(ask, "cluster")?;
    let name = standing(world, ask)?.name.clone();
    settings(ask)?;
    let mut changed = None;
    if let Some(cluster) = world.ecs.clusters.get_mut(&name) {
        if !ask.parts("settings").is_empty() {
            cluster.settings = ask.get("settings").clone();
        }
        changed = Some(cluster.clone());
    }
    insights::begin(world, &name);
    Ok(json!({ "cluster": changed.map(|cluster| view(world, &cluster, &["SETTINGS".into(), "TAGS".into()])) }))
}

/// The only setting is containerInsights: enhanced, enabled or disabled (API reference, ClusterSetting).
fn settings(ask: &Ask) -> Result<(), Refusal> {
    let good = |one: &Ask| {
        one.text("name") == Some("containerInsights")
            && matches!(one.text("value"), Some("enhanced" | "enabled" | "disabled"))
    };
    match ask.parts("settings").iter().all(good) {
        true => Ok(()),
        false => Err(refuse::parameter("Invalid setting: containerInsights must be enhanced, enabled or disabled.")),
    }
}

/// The cluster has come up, or gone.
pub fn settle(world: &mut World, name: &str) {
    let Some(cluster) = world.ecs.clusters.get_mut(name) else { return };
    let becomes = match cluster.status {
        "PROVISIONING" => "ACTIVE",
        "DEPROVISIONING" => "INACTIVE",
        same => same,
    };
    cluster.status = becomes;
    world.note(format!("cluster {name} is {becomes}"));
}

fn view(world: &World, cluster: &Cluster, include: &[String]) -> Json {
    let tasks = || world.ecs.tasks.values().filter(|task| task.cluster == cluster.name);
    let services = world.ecs.services.values().filter(|one| one.cluster == cluster.name && one.status == "ACTIVE");
    let mut view = json!({
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": tasks().filter(|task| task.status == "RUNNING").count(),
        "pendingTasksCount": tasks().filter(|task| matches!(task.status, "PROVISIONING" | "PENDING")).count(),
        "activeServicesCount": services.count(),
        "statistics": [],
        "tags": [],
        "settings": [],
        "capacityProviders": cluster.providers,
        "defaultCapacityProviderStrategy": cluster.strategy,
    });
    if cluster.status == "PROVISIONING" {
        view["attachmentsStatus"] = "UPDATE_IN_PROGRESS".into();
    }
    if include.iter().any(|one| one == "TAGS") {
        view["tags"] = tags::write(&cluster.tags, "key", "value");
    }
    if include.iter().any(|one| one == "SETTINGS") {
        view["settings"] = cluster.settings.clone();
    }
    view
}

#[cfg(test)]
mod tests {
    use super::super::fake::{but, call, pass, refused, register, service, world};
    use super::*;

    fn status(world: &mut World) -> Json {
        let found =
            call(world, "DescribeClusters", json!({ "clusters": ["home"], "include": ["TAGS", "SETTINGS"] })).unwrap();
        found["clusters"][0]["status"].clone()
    }

    #[test]
    fn a_second_creation_returns_the_first_cluster() {
        let mut world = World::new(1, "eu-central-1");
        let ask =
            json!({ "clusterName": "home", "capacityProviders": ["FARGATE"], "tags": [{ "key": "a", "value": "b" }] });
        let first = call(&mut world, "CreateCluster", ask.clone()).unwrap();
        assert_eq!(first["cluster"]["status"], "PROVISIONING");
        assert!(refused(&mut world, "DeleteCluster", json!({ "cluster": "home" })).starts_with("UpdateInProgress"));
        let put = json!({ "cluster": "home", "capacityProviders": [], "defaultCapacityProviderStrategy": [] });
        assert!(refused(&mut world, "PutClusterCapacityProviders", put).starts_with("UpdateInProgress"));
        pass(&mut world, 5);
        let second = call(&mut world, "CreateCluster", ask).unwrap();
        assert_eq!(second["cluster"]["clusterArn"], first["cluster"]["clusterArn"]);
        assert_eq!(second["cluster"]["status"], "ACTIVE");
        assert_eq!(call(&mut world, "CreateCluster", json!({})).unwrap()["cluster"]["status"], "ACTIVE");
        for (name, providers) in [("a b", "FARGATE"), ("other", "MINE")] {
            let ask = json!({ "clusterName": name, "capacityProviders": [providers] });
            assert!(refused(&mut world, "CreateCluster", ask).starts_with("InvalidParameterException"));
        }
        let page = call(&mut world, "ListClusters", json!({ "maxResults": 1 })).unwrap();
        let next = json!({ "maxResults": 1, "nextToken": page["nextToken"] });
        let last = call(&mut world, "ListClusters", next).unwrap();
        assert!(last["nextToken"].is_null() && last["clusterArns"] != page["clusterArns"]);
        for bad in [json!({ "maxResults": 0 }), json!({ "nextToken": "x" })] {
            assert!(refused(&mut world, "ListClusters", bad).starts_with("InvalidParameterException"));
        }
    }

    #[test]
    fn it_goes_only_when_empty_and_is_inactive_then() {
        let mut world = world();
        register(&mut world, "nginx");
        call(&mut world, "CreateService", service()).unwrap();
        let contains = refused(&mut world, "DeleteCluster", json!({ "cluster": "home" }));
        assert!(contains.starts_with("ClusterContainsServicesException"), "{contains}");
        pass(&mut world, 300);
        call(&mut world, "DeleteService", json!({ "cluster": "home", "service": "web", "force": true })).unwrap();
        assert!(
            refused(&mut world, "DeleteCluster", json!({ "cluster": "home" })).starts_with("ClusterContainsServices")
        );
        pass(&mut world, 120);
        let gone = call(&mut world, "DeleteCluster", json!({ "cluster": "home" })).unwrap();
        assert_eq!(gone["cluster"]["status"], "DEPROVISIONING");
        assert!(refused(&mut world, "CreateCluster", json!({ "clusterName": "home" })).starts_with("ClientException"));
        pass(&mut world, 5);
        assert_eq!(status(&mut world), "INACTIVE");
        call(&mut world, "DeleteCluster", json!({ "cluster": "home" })).unwrap();
        let late = refused(&mut world, "CreateService", service());
        assert!(late.starts_with("ClusterNotFoundException"), "{late}");
        let put = json!({ "cluster": "home", "capacityProviders": [], "defaultCapacityProviderStrategy": [] });
        assert_eq!(refused(&mut world, "PutClusterCapacityProviders", put), "ClientException: Cluster was not ACTIVE.");
        assert_eq!(call(&mut world, "ListClusters", json!({})).unwrap()["clusterArns"], json!([]));
        call(&mut world, "CreateCluster", json!({ "clusterName": "home" })).unwrap();
        assert_eq!(status(&mut world), "ACTIVE");
    }

    #[test]
    fn providers_are_replaced_and_missing_ones_told() {
        let mut world = world();
        let put =
            json!({ "cluster": "home", "capacityProviders": ["FARGATE_SPOT"], "defaultCapacityProviderStrategy": [] });
        let changed = call(&mut world, "PutClusterCapacityProviders", put).unwrap();
        assert_eq!(changed["cluster"]["capacityProviders"], json!(["FARGATE_SPOT"]));
        register(&mut world, "nginx");
        let mut spread = but(service(), "launchType", Json::Null);
        spread["capacityProviderStrategy"] = json!([{ "capacityProvider": "FARGATE_SPOT", "weight": 1 }]);
        call(&mut world, "CreateService", spread).unwrap();
        let put = json!({ "cluster": "home", "capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategy": [] });
        let used = refused(&mut world, "PutClusterCapacityProviders", put);
        assert!(used.starts_with("ResourceInUseException"), "{used}");
        let found = call(&mut world, "DescribeClusters", json!({ "clusters": ["none"] })).unwrap();
        assert_eq!(found["failures"][0]["reason"], "MISSING");
        assert!(
            refused(&mut world, "DeleteCluster", json!({ "cluster": "none" })).starts_with("ClusterNotFoundException")
        );
    }

    #[test]
    fn settings_are_changed() {
        let mut world = world();
        let set =
            |value: &str| json!({ "cluster": "home", "settings": [{ "name": "containerInsights", "value": value }] });
        for (action, value) in [("UpdateCluster", "enhanced"), ("UpdateClusterSettings", "enabled")] {
            let changed = call(&mut world, action, set(value)).unwrap();
            assert_eq!(changed["cluster"]["settings"][0]["value"], value);
            assert!(refused(&mut world, action, set("loud")).starts_with("InvalidParameterException"));
        }
        let odd = json!({ "clusterName": "odd", "settings": [{ "name": "x", "value": "enabled" }] });
        assert!(refused(&mut world, "CreateCluster", odd).starts_with("InvalidParameterException"));
        let many = json!({ "clusters": vec!["home"; 101] });
        assert!(refused(&mut world, "DescribeClusters", many).starts_with("InvalidParameterException"));
        let none = json!({ "cluster": "none", "settings": [] });
        assert!(refused(&mut world, "UpdateClusterSettings", none).starts_with("ClusterNotFound"));
    }
}
