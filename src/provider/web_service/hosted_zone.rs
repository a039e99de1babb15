//! In which hosted zone a domain's records go: found by the plan where the user doesn't say.

use super::plan::{member, set};
use crate::aws::error::Error;
use crate::aws::hosted_zones::{self, HostedZone};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::typed;
use crate::protocol::value::Value;
use crate::provider::config::Session;
use crate::provider::diagnose;
use crate::provider::rules::invalid;
use crate::provider::web_service::model::Domain;

/// Settles the domain's zone: the one given, the one in use while the name stays, or the one whose name is the longest that
/// the domain's ends with. All names must be in it.
pub async fn settle(session: &Session, before: &Value, config: &Value, planned: &mut Value) -> Result<(), Diagnostic> {
    let wish = config.member("domain");
    if wish.is_null() || !wish.is_wholly_known() {
        open(config, planned);
        return Ok(());
    }
    let Ok(domain) = typed::from_value::<Domain>(wish) else { return Ok(()) };
    let before: Option<Domain> = typed::from_value(before.member("domain")).ok();
    let before = before.filter(|before| before.name == domain.name);
    let known = before.as_ref().and_then(|before| before.zone_id.clone());
    let id = domain.zone_id.clone().or_else(|| known.clone());
    if id.is_some() && id == known && before.is_some_and(|before| before.names() == domain.names()) {
        set(member(planned, "domain"), "zone_id", id.unwrap_or_default());
        return Ok(());
    }
    let zone = match &id {
        Some(id) => hosted_zones::with_id(&session.aws, id).await,
        None => hosted_zones::of(&session.aws, &domain.name).await,
    };
    let zone = match zone {
        Ok(zone) => zone,
        // Only a check that is forbidden: the apply will tell.
        Err(error) if error.is_access_denied() && domain.zone_id.is_some() => return Ok(()),
        Err(Error::InTheWay(why)) => return Err(invalid("domain.zone_id", why)),
        Err(error) => return Err(diagnose::error("Could not look for the domain's hosted zone", &error)),
    };
    let zone = zone.ok_or_else(|| missing(&domain))?;
    if let Some(told) = unfit(&domain, &zone) {
        return Err(told);
    }
    set(member(planned, "domain"), "zone_id", zone.id);
    Ok(())
}

/// What isn't known of the zone yet must not be promised.
pub fn open(config: &Value, planned: &mut Value) {
    let wish = config.member("domain");
    if wish.is_null() || wish.is_unknown() {
        return;
    }
    if wish.member("zone_id").is_null() {
        set(member(planned, "domain"), "zone_id", Value::Unknown);
    }
}

fn missing(domain: &Domain) -> Diagnostic {
    match &domain.zone_id {
        Some(id) => invalid("domain.zone_id", format!("There is no hosted zone {id} in this account.")),
        None => {
            let name = &domain.name;
            let why = format!(
                "No public hosted zone in this account has {name:?}: make one for the domain, or leave domain out and give a \
                 certificate to https."
            );
            invalid("domain.name", why)
        }
    }
}

fn unfit(domain: &Domain, zone: &HostedZone) -> Option<Diagnostic> {
    let HostedZone { id, name, private } = zone;
    if *private {
        let why = format!("The hosted zone {id} is private: ACM proves names by records in public ones only.");
        return Some(invalid("domain.zone_id", why));
    }
    let outside = domain.names().into_iter().find(|one| !hosted_zones::has(name, one))?;
    let path = if outside == domain.name { "domain.name" } else { "domain.additional_names" };
    Some(invalid(path, format!("{outside:?} is not in the hosted zone {id}, which is that of {name}.")))
}
