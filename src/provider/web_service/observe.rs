//! How a service stands: its state from what AWS shows. Reads only.

use std::collections::BTreeSet;

use super::model::{Attributes, Settings};
use super::reflect;
use super::{attributes, blueprint, plan, records, tell};
use crate::aws::diff;
use crate::aws::error::Error;
use crate::aws::execute;
use crate::aws::front::Front;
use crate::aws::object::Life;
use crate::aws::objects::KINDS;
use crate::aws::objects::anchor::{Anchor, StackRecord, Status};
use crate::aws::objects::subnet;
use crate::aws::observe::{Survey, given, settled};
use crate::aws::owner::{Identity, Owner, Tags};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::schema::Schema;
use crate::protocol::typed;
use crate::protocol::value::Value;
use crate::provider::config::Session;
use crate::provider::diagnose;

/// The state of a service as AWS shows it: null if nothing of it is left. Of `prior` it takes what AWS cannot show. What
/// differs from `prior` is believed only once AWS has shown the same for a while. The generation is that of `prior`: if
/// what stands was made by a later create, that is a difference like any other.
///
/// # Errors
/// What could not be looked at, unless it's only forbidden: then what was recorded stays, with a warning.
pub async fn observe(
    schema: &Schema,
    session: &Session,
    identity: &Identity,
    (prior, generation): (&Value, &str),
) -> Result<(Value, Vec<Diagnostic>), Vec<Diagnostic>> {
    // An import knows nothing yet that AWS could be behind with.
    let begins = prior.member("objects").is_null();
    let look = || observe_once(schema, session, identity, (prior, generation));
    settled(&session.aws, look, |(seen, _)| seen == prior || (begins && !seen.is_null())).await
}

async fn observe_once(
    schema: &Schema,
    session: &Session,
    identity: &Identity,
    (prior, generation): (&Value, &str),
) -> Result<(Value, Vec<Diagnostic>), Vec<Diagnostic>> {
    let before = typed::from_value::<Settings>(prior).ok();
    let tags = before.as_ref().and_then(|settings| settings.tags.clone());
    let mut owner = session.owner(&identity.name, session.tags_all(tags.as_ref()));
    if let Some(settings) = &before {
        owner = super::owner(session, settings);
    }
    let (survey, record, hidden) = look(session, &mut owner).await?;
    if survey.found.is_empty() && survey.unseen.is_empty() && record.is_none() && hidden.is_none() {
        return Ok((Value::Null, Vec::new()));
    }

    let (standing, others) = execute::one_of_each(survey.found);
    let tags_all = reflect::tags(&owner, &standing).unwrap_or_else(|| owner.tags.clone());
    let mut settings = match before {
        Some(before) => reflect::settings(before, &standing),
        None => imported(session, reflect::import(&identity.name, &standing)).await?,
    };
    // As they were applied: what differs from them now is a change of the provider's default_tags, which the plan tells.
    let applied = typed::from_value::<Tags>(prior.member("tags_all")).ok();
    if applied.as_ref() != Some(&tags_all) && session.tags_all(settings.tags.as_ref()) != tags_all {
        settings.tags = own_tags(session, settings.tags.as_ref(), &tags_all);
    }

    let owner = Owner { tags: tags_all.clone(), ..owner };
    let graph = blueprint::draw(&settings, &owner);
    let unseen: Vec<&str> = survey.unseen.iter().map(|(kind, _)| *kind).collect();
    let (mut made, missing) = given(&session.aws, &owner, &graph).await;
    let (seen, mut drift) = diff::compare(&graph, &owner, (&standing, &made), &records(prior), &unseen);
    // Made by a call whose answer was lost, and shown too late to be found by it: the next apply removes it.
    let twins = others.iter().filter(|twin| twin.life != Life::Dead);
    drift.extend(twins.map(|twin| format!("{}: it stands twice, {} is one too many", twin.key, twin.made.id)));
    if record.as_ref().is_some_and(|record| record.is_later_than(generation)) {
        drift.push("anchor: the service was made anew after this state was written".into());
    }

    let told = survey.unseen.iter().chain(&hidden).chain(&missing).map(|(kind, error)| {
        let why = format!("{error}\n\nWhat was recorded of it is kept as it is.");
        Diagnostic::warning(format!("Could not look at: {kind}"), why)
    });
    let told = told.collect();
    made.extend(standing.iter().map(|(key, found)| (key.clone(), found.made.clone())));
    let attributes = Attributes {
        id: Some(identity.to_string()),
        account_id: Some(identity.account.clone()),
        region: Some(identity.region.clone()),
        tags_all: Some(tags_all),
        status: match (record.map(|record| record.status), &hidden) {
            (Some(Status::Complete), _) => Some("complete".into()),
            (None, Some(_)) => prior.member("status").as_str().map(str::to_owned),
            _ => Some("incomplete".into()),
        },
        drift: Some(drift),
        objects: Some(plan::entries(&seen)),
        ..attributes::told(&settings, &made)
    };
    let state = typed::to_value(schema, &settings).map_err(|error| {
        vec![Diagnostic::error("A bug in this provider", format!("What AWS shows is no valid state: {error}"))]
    })?;
    let mut state = tell(schema, state, &attributes);
    keep_what_could_not_be_seen(&mut state, prior, !(survey.unseen.is_empty() && missing.is_empty()));
    Ok((state, told))
}

/// With the zones of a network that isn't ours, which nothing of ours tells.
async fn imported(session: &Session, mut settings: Settings) -> Result<Settings, Error> {
    let network = &mut settings.network;
    if network.is_given() {
        let balanced =
            if settings.load_balancer.internal { &network.private_subnet_ids } else { &network.public_subnet_ids };
        let zones: BTreeSet<String> = match settings.load_balancer.given_arn() {
            Some(arn) => Front::look(&session.aws, &arn).await?.map(|front| front.zones).unwrap_or_default(),
            None => {
                let places = subnet::look_up(&session.aws, balanced.iter().flatten().cloned()).await?;
                places.into_iter().map(|place| place.availability_zone).collect()
            }
        };
        network.availability_zone_count = u32::try_from(zones.len()).ok();
        network.availability_zones = Some(zones);
    }
    Ok(settings)
}

/// All that can be seen, in what the anchor's record names too; the record; last, why that could not be read, if it is
/// forbidden.
async fn look(
    session: &Session,
    owner: &mut Owner,
) -> Result<(Survey, Option<StackRecord>, Option<(&'static str, Error)>), Vec<Diagnostic>> {
    let mut hidden = None;
    let record = Anchor::read(&session.aws, owner).await;
    if let Ok(Some(read)) = &record {
        owner.hosts.extend(read.record.hosts.iter().cloned());
    }
    let survey = Survey::of(&session.aws, owner, KINDS).await;
    let failed = survey.unseen.iter().filter(|(_, error)| !error.is_access_denied());
    let mut told = diagnose::unseen(failed);
    let record = match record {
        Ok(read) => read.map(|read| read.record),
        Err(error) if error.is_access_denied() => {
            hidden = Some(("the anchor's record", error));
            None
        }
        Err(error) => {
            told.push(diagnose::error("Could not read the anchor parameter", &error));
            None
        }
    };
    if told.is_empty() { Ok((survey, record, hidden)) } else { Err(told) }
}

/// The service's own tags: all it carries, less the provider's, but those that it had itself.
fn own_tags(session: &Session, before: Option<&Tags>, all: &Tags) -> Option<Tags> {
    let own = |(key, value): &(&String, &String)| {
        session.default_tags.get(*key) != Some(*value) || before.is_some_and(|before| before.contains_key(*key))
    };
    let tags: Tags = all.iter().filter(own).map(|(key, value)| (key.clone(), value.clone())).collect();
    if tags.is_empty() && before.is_none() { None } else { Some(tags) }
}

/// Forbidden to look at is not gone: an attribute told from such an object keeps its value.
fn keep_what_could_not_be_seen(state: &mut Value, prior: &Value, any: bool) {
    if let (Value::Object(members), Value::Object(prior), true) = (state, prior, any) {
        for (name, value) in members.iter_mut().filter(|(_, value)| value.is_null()) {
            *value = prior.get(name).cloned().unwrap_or_default();
        }
    }
}
