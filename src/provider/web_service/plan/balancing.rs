//! What a plan settles of a load balancer that was given: by which listener and which of its security groups the requests come.
//! It must be where the tasks are. Of a new one, the security groups that it gets besides its own.

use std::collections::BTreeSet;

use super::{member, set, typed};
use crate::aws::front::Front;
use crate::aws::objects::listener::ListenerOutput;
use crate::aws::objects::security_group;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::value::Value;
use crate::provider::config::Session;
use crate::provider::diagnose;
use crate::provider::rules::invalid;
use crate::provider::web_service::model::{LoadBalancer, Tags};
use crate::provider::web_service::validate;

/// What is found where the configuration doesn't say it.
const FOUND: [&str; 3] = ["arn", "listener_arn", "security_group_ids"];

/// What AWS need not be asked for: of a new load balancer nothing is found.
pub(super) fn filled_in(config: &Value, mut planned: Value) -> Value {
    let wish = config.member("load_balancer");
    if !wish.is_unknown() && validate::given_by(config).is_none() {
        let balancer = member(&mut planned, "load_balancer");
        for name in FOUND {
            set(balancer, name, wish.member(name).clone());
        }
    }
    planned
}

/// What isn't known of the load balancer yet must not be promised.
pub fn open(config: &Value, planned: &mut Value) {
    let wish = config.member("load_balancer");
    if wish.is_unknown() || validate::given_by(config).is_none() {
        return;
    }
    for name in FOUND {
        if wish.member(name).is_null() {
            set(member(planned, "load_balancer"), name, Value::Unknown);
        }
    }
}

/// Settles listener and security groups: those given, or those in use while they are the load balancer's, or the first that
/// fit. Returns the load balancer that was given, if it is known.
pub async fn settle(
    session: &Session,
    before: &Value,
    config: &Value,
    planned: &mut Value,
) -> Result<Option<Front>, Diagnostic> {
    let wish = config.member("load_balancer");
    if !wish.is_wholly_known() {
        open(config, planned);
        return Ok(None);
    }
    let said = |name: &str| typed::from_value::<Option<String>>(wish.member(name)).ok().flatten();
    let given = LoadBalancer {
        arn: said("arn"),
        listener_arn: said("listener_arn"),
        priority: typed::from_value(wish.member("priority")).ok(),
        security_group_ids: typed::from_value(wish.member("security_group_ids")).ok(),
        ..LoadBalancer::default()
    };
    let Some(arn) = given.given_arn() else {
        return extra_groups(session, before, config, &given).await.map(|()| None);
    };
    let at = if given.arn.is_some() { "load_balancer.arn" } else { "load_balancer.listener_arn" };
    if let Some(why) = validate::elsewhere_than(&arn, &session.account, &session.region) {
        return Err(invalid(at, why));
    }
    let failed = |error| diagnose::error("Could not look at the load balancer that was given", &error);
    let front = Front::look(&session.aws, &arn).await.map_err(failed)?;
    let front =
        front.ok_or_else(|| invalid(at, format!("There is no load balancer {arn} in this account and region.")))?;
    let was: LoadBalancer = typed::from_value(before.member("load_balancer")).unwrap_or_default();
    let https = !config.member("domain").is_null();
    let listener = listener(&front, &given, &was, https, at)?;
    if let Some(priority) =
        given.priority.filter(|_| (Some(&listener.arn), given.priority) != (was.listener_arn.as_ref(), was.priority))
    {
        let name = config.member("name").as_str().unwrap_or_default();
        let taken = Front::taken(&session.aws, &session.owner(name, Tags::new()), &listener.arn, priority).await;
        if let Some(by) = taken.map_err(failed)? {
            let why = format!("{by} has this priority on the listener already: choose another.");
            return Err(invalid("load_balancer.priority", why));
        }
    }
    let groups = groups(&front, &given, &was, at)?;
    let balancer = member(planned, "load_balancer");
    set(balancer, "arn", arn);
    set(balancer, "listener_arn", listener.arn.as_str());
    set(balancer, "security_group_ids", Value::set(groups.into_iter().map(Value::from)));
    Ok(Some(front))
}

/// The groups that a new load balancer gets besides its own must be in its VPC. Those it has are not asked for again.
async fn extra_groups(
    session: &Session,
    before: &Value,
    config: &Value,
    wanted: &LoadBalancer,
) -> Result<(), Diagnostic> {
    let wanted = wanted.security_group_ids.clone().unwrap_or_default();
    let was: LoadBalancer = typed::from_value(before.member("load_balancer")).unwrap_or_default();
    let given = config.member("network").member("vpc_id");
    let vpc = if given.is_null() { before.member("vpc_id") } else { given };
    let kept = was.security_group_ids.filter(|_| vpc == before.member("vpc_id"));
    if given.is_unknown() || wanted.is_subset(&kept.unwrap_or_default()) {
        return Ok(());
    }
    let failed = |error| diagnose::error("Could not look at the security groups that were given", &error);
    let found = security_group::look_up(&session.aws, wanted.clone()).await.map_err(failed)?;
    match wanted.iter().find_map(|id| stranger(id, found.get(id), vpc.as_str())) {
        Some(why) => Err(invalid("load_balancer.security_group_ids", why)),
        None => Ok(()),
    }
}

/// Why a load balancer in this VPC, which is none as long as it is to be made, cannot have a group that is in another.
fn stranger(id: &str, found: Option<&String>, vpc: Option<&str>) -> Option<String> {
    match (found, vpc) {
        (None, _) => Some(format!("There is no {id} in this account and region.")),
        (Some(other), None) => {
            Some(format!("{id} is in {other}, not in the VPC that is made: give one with network.vpc_id."))
        }
        (Some(other), Some(vpc)) => (other != vpc).then(|| format!("{id} is in {other}, not in {vpc}.")),
    }
}

/// The listener: the one given, or the one in use, or the load balancer's for requests that name none. The one in use stays
/// though another comes that would be taken now: it may come in this very apply, and a plan asked twice must say the same.
fn listener<'a>(
    front: &'a Front,
    given: &LoadBalancer,
    was: &LoadBalancer,
    https: bool,
    at: &'static str,
) -> Result<&'a ListenerOutput, Diagnostic> {
    let arn = &front.arn;
    if !front.is_application {
        return Err(invalid(at, format!("{arn} is no Application Load Balancer.")));
    }
    let with = |arn: Option<&String>| front.listeners.iter().find(|one| Some(&one.arn) == arn);
    let missing = || match &given.listener_arn {
        Some(listener) => invalid(at, format!("{arn} has no listener {listener}.")),
        None => invalid(at, format!("{arn} has no listener: give it one first.")),
    };
    let found = match &given.listener_arn {
        Some(listener) => with(Some(listener)),
        None => with(was.listener_arn.as_ref().filter(|_| was.given_arn().as_ref() == Some(arn)))
            .filter(|kept| kept.protocol == "HTTPS" || !https)
            .or_else(|| front.entry()),
    };
    let found = found.ok_or_else(missing)?;
    match https && found.protocol != "HTTPS" {
        true => {
            let why = format!(
                "domain needs a listener for HTTPS, to serve its certificate on; {} is for {}.",
                found.arn, found.protocol
            );
            Err(invalid(at, why))
        }
        false => Ok(found),
    }
}

/// The groups by which the tasks are reached: those given, which the load balancer must have, or the one in use, or its first.
fn groups(
    front: &Front,
    given: &LoadBalancer,
    was: &LoadBalancer,
    at: &'static str,
) -> Result<BTreeSet<String>, Diagnostic> {
    let has =
        |groups: &&BTreeSet<String>| !groups.is_empty() && groups.iter().all(|group| front.groups.contains(group));
    if let Some(groups) = given.security_group_ids.as_ref().filter(|groups| !groups.is_empty()) {
        let why = || format!("{} has other security groups: {}.", front.arn, front.groups.join(", "));
        return Some(groups).filter(has).cloned().ok_or_else(|| invalid("load_balancer.security_group_ids", why()));
    }
    let kept = was.security_group_ids.as_ref().filter(|_| was.given_arn().as_ref() == Some(&front.arn)).filter(has);
    let first = || front.groups.first().map(|group| [group.clone()].into());
    let why = || format!("{} has no security group that the tasks could let in.", front.arn);
    kept.cloned().or_else(first).ok_or_else(|| invalid(at, why()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1";

    fn entry(protocol: &str, port: i32) -> ListenerOutput {
        let arn = format!("{}/{port}", ARN.replace(":loadbalancer/", ":listener/"));
        ListenerOutput { arn, protocol: protocol.into(), port }
    }

    fn front(listeners: &[ListenerOutput]) -> Front {
        Front {
            arn: ARN.into(),
            is_application: true,
            vpc: "vpc-1".into(),
            zones: BTreeSet::new(),
            groups: vec!["sg-2".into(), "sg-1".into()],
            listeners: listeners.to_vec(),
        }
    }

    fn by_arn() -> LoadBalancer {
        LoadBalancer { arn: Some(ARN.into()), ..LoadBalancer::default() }
    }

    #[test]
    fn the_listener_in_use_is_kept_while_it_serves() {
        let (http, https) = (entry("HTTP", 80), entry("HTTPS", 443));
        let (both, one) = (front(&[http.clone(), https.clone()]), front(std::slice::from_ref(&http)));
        let was = LoadBalancer { listener_arn: Some(http.arn.clone()), ..by_arn() };
        let fresh = LoadBalancer::default();
        let find = |front: &Front, was: &LoadBalancer, tls| {
            listener(front, &by_arn(), was, tls, "load_balancer.arn")
                .map(|one| one.arn.clone())
                .map_err(|told| told.detail)
        };
        assert_eq!(find(&both, &fresh, false), Ok(https.arn.clone()));
        assert_eq!(find(&both, &was, false), Ok(http.arn.clone()));
        assert_eq!(find(&both, &was, true), Ok(https.arn.clone()));
        let other = entry("HTTPS", 8443);
        let was_there = LoadBalancer { listener_arn: Some(other.arn.clone()), ..by_arn() };
        assert_eq!(find(&front(&[https.clone(), other.clone()]), &was_there, true), Ok(other.arn));
        assert_eq!(find(&one, &fresh, false), Ok(http.arn));
        assert!(find(&one, &fresh, true).unwrap_err().starts_with("domain needs a listener for HTTPS"));
        assert!(find(&front(&[]), &was, false).unwrap_err().contains("has no listener: give it one first"));
        assert_eq!(
            by_arn().given_arn(),
            LoadBalancer { arn: None, listener_arn: Some(https.arn), ..by_arn() }.given_arn()
        );
    }

    #[test]
    fn a_group_of_another_network_is_none_for_a_new_load_balancer() {
        let here = "vpc-1".to_owned();
        assert_eq!(stranger("sg-1", Some(&here), Some("vpc-1")), None);
        assert!(stranger("sg-1", Some(&here), Some("vpc-2")).unwrap().contains("is in vpc-1, not in vpc-2"));
        assert!(stranger("sg-1", Some(&here), None).unwrap().contains("not in the VPC that is made"));
        assert!(stranger("sg-1", None, Some("vpc-1")).unwrap().starts_with("There is no sg-1"));
    }

    #[test]
    fn the_group_in_use_is_kept_while_the_load_balancer_has_it() {
        let of = |given: Option<&str>, was: Option<&str>| {
            let with = |group: Option<&str>| group.map(|group| [group.to_owned()].into());
            let given = LoadBalancer { security_group_ids: with(given), ..by_arn() };
            let was = LoadBalancer { security_group_ids: with(was), ..by_arn() };
            groups(&front(&[]), &given, &was, "load_balancer.arn").map(|groups| groups.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(of(None, None).unwrap(), ["sg-2"]);
        assert_eq!(of(None, Some("sg-1")).unwrap(), ["sg-1"]);
        assert_eq!(of(None, Some("sg-3")).unwrap(), ["sg-2"]);
        assert_eq!(of(Some("sg-1"), Some("sg-2")).unwrap(), ["sg-1"]);
        assert_eq!(of(Some("sg-3"), None).unwrap_err().path.to_string(), "load_balancer.security_group_ids");
    }
}
