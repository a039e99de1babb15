//! What a plan settles of the network: what the configuration leaves open, and the zones. For an existing network it reads
//! the subnets and groups that were given; they must fit together.

use std::collections::{BTreeMap, BTreeSet};

use super::{member, typed};
use crate::aws::front::Front;
use crate::aws::objects::{security_group, subnet};
use crate::aws::zones;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::lifecycle;
use crate::protocol::value::Value;
use crate::provider::config::Session;
use crate::provider::diagnose;
use crate::provider::rules::{invalid, whole};
use crate::provider::web_service::blueprint;
use crate::provider::web_service::model::{Egress, LoadBalancer, Network};

/// Number of zones when the user says nothing of them.
const DEFAULT_ZONES: usize = 2;

/// Settles, without AWS, what the configuration leaves open: the defaults of an own network, nothing where an existing one
/// is given.
pub(super) fn filled_in(config: &Value, mut planned: Value) -> Value {
    let wish = config.member("network");
    let Value::Object(network) = member(&mut planned, "network") else { return planned };
    for (name, default) in [
        ("cidr_block", Value::from(Network::CIDR_BLOCK)),
        ("egress", Value::from(Egress::default().word())),
        ("s3_endpoint", Value::from(true)),
    ] {
        if wish.member(name).is_null() {
            let value = match wish.member("vpc_id") {
                _ if wish.is_unknown() => continue,
                Value::Null => default,
                Value::Unknown => Value::Unknown,
                _ => Value::Null,
            };
            network.insert(name.into(), value);
        }
    }
    planned
}

/// Settles which zones are used: those named, or as many as wanted, where those in use stay; or those of the subnets given.
/// `front` is the load balancer that was given, if it is known.
pub async fn settle(
    session: &Session,
    before: &Value,
    config: &Value,
    planned: &mut Value,
    front: Option<&Front>,
) -> Result<(), Vec<Diagnostic>> {
    let wish = config.member("network");
    let (named, count) = (wish.member("availability_zones"), wish.member("availability_zone_count"));
    let open = ["vpc_id", "public_subnet_ids", "private_subnet_ids", "security_group_ids", "egress"];
    let balanced = ["internal", "arn", "listener_arn"];
    let open = open.iter().any(|name| !wish.member(name).is_wholly_known())
        || balanced.iter().any(|name| !config.member("load_balancer").member(name).is_wholly_known());
    if wish.is_unknown() || !named.is_wholly_known() || count.is_unknown() || open {
        open_zones(config, planned);
        return Ok(());
    }
    let was = before.member("network");
    let in_use: BTreeSet<String> = typed::from_value(was.member("availability_zones")).unwrap_or_default();
    let zones = match (typed::from_value(named), count) {
        _ if !wish.member("vpc_id").is_null() => {
            let network = lifecycle::nulls_for_unknowns(planned.member("network").clone());
            let network =
                typed::from_value(&network).map_err(|error| vec![invalid(error.path, error.reason.to_string())])?;
            existing(session, (&network, is_internal(planned), front), before).await
        }
        (Ok(named), _) => check(session, &in_use, named).await,
        (Err(_), Value::Number(count)) => {
            let count = whole(count).and_then(|count| usize::try_from(count).ok());
            choose(session, in_use, count.unwrap_or(DEFAULT_ZONES)).await
        }
        (Err(_), _) => choose(session, in_use, DEFAULT_ZONES).await,
    };
    let zones = zones.map_err(|told| vec![told])?;
    let count = i64::try_from(zones.len()).unwrap_or_default();
    let Value::Object(network) = member(planned, "network") else { return Ok(()) };
    network.insert("availability_zones".into(), Value::set(zones.into_iter().map(Value::from)));
    network.insert("availability_zone_count".into(), Value::from(count));
    Ok(())
}

/// What isn't known of the zones yet must not be promised: of the two ways to say them, the one left out follows the other.
pub fn open_zones(config: &Value, planned: &mut Value) {
    let wish = config.member("network").clone();
    if let Value::Object(network) = member(planned, "network") {
        for name in ["availability_zones", "availability_zone_count"] {
            if wish.member(name).is_null() {
                network.insert(name.into(), Value::Unknown);
            }
        }
    }
}

/// Told when the tasks are about to be without a way out.
pub fn warn(prior: &Value, planned: &Value) -> Option<Diagnostic> {
    let none = Value::from(Egress::None.word());
    let of = |state: &Value| state.member("network").member("egress") == &none;
    let why = "The tasks reach nothing outside the VPC. They pull no image and write no log unless VPC endpoints for them \
               (ecr.api, ecr.dkr, logs, and those of the secrets they use) are in the private subnets, and let the tasks' \
               security group in. For a new service: create it with desired_count = 0, add the endpoints, then raise it; \
               or give an existing network.";
    let path = crate::protocol::path::Path::from("network.egress");
    (of(planned) && !of(prior)).then(|| Diagnostic::warning("Tasks without a way out", why).at(path))
}

async fn available(session: &Session) -> Result<Vec<String>, Diagnostic> {
    let available = zones::available(&session.aws).await;
    available.map_err(|error| diagnose::error("Could not list the availability zones", &error))
}

/// The zones named, if they can be used. Those in use are not asked for again.
async fn check(
    session: &Session,
    before: &BTreeSet<String>,
    named: BTreeSet<String>,
) -> Result<BTreeSet<String>, Diagnostic> {
    if named.is_subset(before) {
        return Ok(named);
    }
    let available = available(session).await?;
    match named.iter().find(|zone| !available.contains(zone)) {
        None => Ok(named),
        Some(zone) => {
            let all = available.join(", ");
            let why = format!("{zone:?} is not a zone of {} that can be used: there are {all}.", session.region);
            Err(invalid("network.availability_zones", why))
        }
    }
}

/// As many zones as wanted: those in use, then others of the region by name.
async fn choose(session: &Session, before: BTreeSet<String>, count: usize) -> Result<BTreeSet<String>, Diagnostic> {
    if before.len() >= count {
        return Ok(before.into_iter().take(count).collect());
    }
    let available = available(session).await?;
    let usable = available.iter().filter(|zone| blueprint::zone_slot(zone).is_some() && !before.contains(*zone));
    let mut zones = before.clone();
    zones.extend(usable.take(count - before.len()).cloned());
    match zones.len() == count {
        true => Ok(zones),
        false => {
            let why = format!("{} has {} zones that can be used, not {count}.", session.region, zones.len());
            Err(invalid("network.availability_zone_count", why))
        }
    }
}

/// The zones of an existing network. What was checked before is not asked for again.
async fn existing(
    session: &Session,
    (network, internal, front): (&Network, bool, Option<&Front>),
    before: &Value,
) -> Result<BTreeSet<String>, Diagnostic> {
    let was: Network = typed::from_value(before.member("network")).unwrap_or_default();
    let asked =
        |network: &Network| Network { availability_zones: None, availability_zone_count: None, ..network.clone() };
    if asked(&was) == asked(network)
        && is_internal(before) == internal
        && balancer(before).given_arn().as_ref() == front.map(|front| &front.arn)
        && let Some(zones) = was.availability_zones
    {
        return Ok(zones);
    }
    let failed = |error| diagnose::error("Could not look at the network that was given", &error);
    let (public, private) = (ids(&network.public_subnet_ids), ids(&network.private_subnet_ids));
    let found = subnet::look_up(&session.aws, public.union(&private).cloned()).await.map_err(failed)?;
    let groups = match ids(&network.security_group_ids) {
        none if none.is_empty() => BTreeMap::new(),
        some => security_group::look_up(&session.aws, some).await.map_err(failed)?,
    };
    fit(network, (internal, front), &found, &groups)
}

fn balancer(state: &Value) -> LoadBalancer {
    typed::from_value(state.member("load_balancer")).unwrap_or_default()
}

fn is_internal(state: &Value) -> bool {
    state.member("load_balancer").member("internal") == &Value::Bool(true)
}

fn ids(given: &Option<BTreeSet<String>>) -> BTreeSet<String> {
    given.clone().unwrap_or_default()
}

/// The zones of these subnets, if everything is there, of one VPC, and the load balancer can serve all zones with tasks.
fn fit(
    network: &Network,
    (internal, front): (bool, Option<&Front>),
    found: &[subnet::Place],
    groups: &BTreeMap<String, String>,
) -> Result<BTreeSet<String>, Diagnostic> {
    let vpc = network.vpc_id.as_deref().unwrap_or_default();
    let missing = |id: &str| format!("There is no {id} in this account and region.");
    let elsewhere = |id: &str, other: &str| format!("{id} is in {other}, not in {vpc}.");
    let places = |name: &'static str, given: &Option<BTreeSet<String>>| {
        let place = |id: &String| match found.iter().find(|place| place.id == *id) {
            None => Err(invalid(name, missing(id))),
            Some(place) if place.vpc != vpc => Err(invalid(name, elsewhere(id, &place.vpc))),
            Some(place) => Ok(place),
        };
        given.iter().flatten().map(place).collect::<Result<Vec<_>, _>>()
    };
    let public = places("network.public_subnet_ids", &network.public_subnet_ids)?;
    let private = places("network.private_subnet_ids", &network.private_subnet_ids)?;
    for id in network.security_group_ids.iter().flatten() {
        let why = match groups.get(id) {
            None => missing(id),
            Some(other) if other != vpc => elsewhere(id, other),
            Some(_) => continue,
        };
        return Err(invalid("network.security_group_ids", why));
    }
    let zones = match front {
        Some(front) if front.vpc != vpc => {
            return Err(invalid("network.vpc_id", format!("The load balancer is in {}, not in {vpc}.", front.vpc)));
        }
        Some(front) => front.zones.clone(),
        None if internal && !private.is_empty() => balanced("network.private_subnet_ids", &private)?,
        None => balanced("network.public_subnet_ids", &public)?,
    };
    let (at, tasks) = match network.assigns_public_ips() {
        true => ("network.public_subnet_ids", &public),
        false => ("network.private_subnet_ids", &private),
    };
    if let Some(place) = tasks.iter().find(|place| !zones.contains(&place.availability_zone)) {
        let (id, zone) = (&place.id, &place.availability_zone);
        let why = format!("{id} is in {zone}, where the load balancer has no subnet: its tasks would get no requests.");
        return Err(invalid(at, why));
    }
    Ok(zones)
}

/// The zones that a load balancer in these subnets serves.
fn balanced(at: &'static str, subnets: &[&subnet::Place]) -> Result<BTreeSet<String>, Diagnostic> {
    let mut zones: BTreeMap<&str, &str> = BTreeMap::new();
    for place in subnets {
        if let Some(other) = zones.insert(&place.availability_zone, &place.id) {
            let (id, zone) = (&place.id, &place.availability_zone);
            let why = format!("{other} and {id} are both in {zone}: a load balancer takes one subnet of a zone.");
            return Err(invalid(at, why));
        }
    }
    match zones.len() {
        0 | 1 => Err(invalid(at, "They are all in one zone: a load balancer needs subnets in two or more.")),
        _ => Ok(zones.into_keys().map(str::to_owned).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: &str, vpc: &str, zone: &str) -> subnet::Place {
        subnet::Place { id: id.into(), vpc: vpc.into(), availability_zone: zone.into() }
    }

    fn network(public: &[&str], private: &[&str]) -> Network {
        let ids = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect());
        Network {
            vpc_id: Some("vpc-1".into()),
            public_subnet_ids: ids(public),
            private_subnet_ids: ids(private),
            ..Network::default()
        }
    }

    fn complaint(network: &Network, internal: bool, places: &[subnet::Place]) -> String {
        let groups = BTreeMap::from([("sg-1".to_owned(), "vpc-1".to_owned()), ("sg-2".into(), "vpc-2".into())]);
        let told = fit(network, (internal, None), places, &groups).unwrap_err();
        format!("{}: {}", told.path, told.detail)
    }

    #[test]
    fn subnets_that_fit_give_the_zones() {
        let places = [place("a", "vpc-1", "za"), place("b", "vpc-1", "zb"), place("pa", "vpc-1", "za")];
        let zones = fit(&network(&["a", "b"], &["pa"]), (false, None), &places, &BTreeMap::new()).unwrap();
        assert_eq!(zones, ["za".to_owned(), "zb".into()].into());
    }

    #[test]
    fn what_does_not_fit_is_told_at_its_attribute() {
        let places = [
            place("a", "vpc-1", "za"),
            place("a2", "vpc-1", "za"),
            place("b", "vpc-1", "zb"),
            place("c", "vpc-1", "zc"),
            place("far", "vpc-2", "zb"),
        ];
        let mut grouped = network(&["a", "b"], &["a", "b"]);
        grouped.security_group_ids = Some(["sg-2".to_owned()].into());
        let mut unknown = grouped.clone();
        unknown.security_group_ids = Some(["sg-3".to_owned()].into());
        for (network, internal, expected) in [
            (network(&["a", "x"], &[]), false, "network.public_subnet_ids: There is no x"),
            (network(&["a", "b"], &["far"]), false, "network.private_subnet_ids: far is in vpc-2, not in vpc-1"),
            (network(&["a"], &["a", "b"]), false, "network.public_subnet_ids: They are all in one zone"),
            (network(&["a", "b"], &["a"]), true, "network.private_subnet_ids: They are all in one zone"),
            (network(&["a", "a2", "b"], &["a"]), false, "network.public_subnet_ids: a and a2 are both in za"),
            (network(&["a", "b"], &["c"]), false, "network.private_subnet_ids: c is in zc"),
            (grouped, false, "network.security_group_ids: sg-2 is in vpc-2"),
            (unknown, false, "network.security_group_ids: There is no sg-3"),
        ] {
            let told = complaint(&network, internal, &places);
            assert!(told.starts_with(expected), "{told}, not {expected}");
        }
    }
}
