//! Update: changes in place what differs.

use super::{Operation, Value, bug, diagnose, finished, plan, records, typed};
use crate::aws::diff::{self, Change};
use crate::aws::erased::Found;
use crate::aws::graph::Graph;
use crate::aws::lease;
use crate::aws::object::Life;
use crate::aws::objects::anchor::{Anchor, Status};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::provider::{Answer, Context, Held};
use crate::protocol::schema::Schema;
use crate::provider::config::Session;
use crate::provider::web_service::model::Settings;
use crate::provider::web_service::private::{Marker, Private};
use crate::provider::web_service::{blueprint, observe, owner};

pub async fn update(schema: &Schema, context: &Context, session: &Session, prior: Value, planned: Held) -> Answer {
    let Held { value: planned, private } = planned;
    let generation = Marker::generation(&private).unwrap_or_default();
    let settings: Settings = match typed::from_value(&planned) {
        Ok(settings) => settings,
        Err(error) => {
            let held = Held { value: prior, private: Private { generation }.bytes() };
            return Answer { held, diagnostics: vec![bug(error)] };
        }
    };
    let before = typed::from_value::<Settings>(&prior).ok();
    let image_was_elsewhere = before.as_ref().is_some_and(Settings::image_is_elsewhere);
    let mut owner = owner(session, &settings);
    (owner.generation, owner.image_elsewhere) = (generation, owner.image_elsewhere || image_was_elsewhere);
    let recorded = records(&prior);
    let graph = blueprint::draw(&settings, &owner);
    let mut on = Operation::new(schema, context, session, owner, (&planned, "update"));
    let hosts_before = before.as_ref().map(|before| blueprint::draw(before, &on.owner).hosts());
    on.owner.hosts.extend(hosts_before.unwrap_or_default());
    // What somebody else has deployed lacks our tags.
    let taken_back = image_was_elsewhere && !settings.image_is_elsewhere();
    let untouched = prior.member("status").as_str() == Some("complete")
        && !taken_back
        // What was refreshed in the midst of another's change may have left open what no object of ours must change for.
        && planned.is_wholly_known()
        && prior.member("drift") == planned.member("drift")
        && diff::changes(&graph, &on.owner, &recorded).values().all(|change| *change == Change::Keep);
    if untouched {
        // Only settings that AWS doesn't know, such as timeouts.
        return on.answer(planned, Vec::new());
    }

    let status = match begin(&mut on).await {
        Ok(status) => status,
        Err(told) => return on.answer(prior, vec![told]),
    };
    let answer = change(&on, session, &settings, &graph, prior, planned).await;
    let failed = answer.diagnostics.iter().any(Diagnostic::is_error);
    match on.release(if failed { status } else { Status::Complete }, !failed).await {
        Some(told) if !failed => Answer { diagnostics: [answer.diagnostics, vec![told]].concat(), ..answer },
        _ => answer,
    }
}

/// Takes the stack; tells how far it has come. What stands is this state's from now on, though a later create may have made it.
async fn begin(on: &mut Operation<'_>) -> Result<Status, Diagnostic> {
    let name = &on.owner.identity.name;
    let read = Anchor::read(&on.aws, &on.owner).await.map_err(|error| diagnose::begin(name, &error))?;
    // An anchor that is gone is made anew with all else that is missing.
    let Some(read) = read else { return Ok(Status::Complete) };
    on.owner.hosts.extend(read.record.hosts.iter().cloned());
    let took = lease::take(&on.aws, &on.owner, &read, read.record.clone()).await;
    took.map_err(|error| diagnose::begin(name, &error))?;
    if !read.record.generation.is_empty() {
        on.owner.generation = read.record.generation;
    }
    Ok(read.record.status)
}

async fn change(
    on: &Operation<'_>,
    session: &Session,
    settings: &Settings,
    graph: &Graph,
    prior: Value,
    planned: Value,
) -> Answer {
    let recorded = records(&prior);
    let found = match on.survey(Some(&recorded)).await {
        Ok(found) => found,
        Err(told) => return on.answer(prior, told),
    };
    if let Some(told) = moved(&planned, &found) {
        return on.answer(prior, vec![told]);
    }
    let outcome = on.run(graph, found, &recorded, &prior).await;
    let told = diagnose::steps(&outcome.errors, outcome.skipped, &on.owner.identity);
    if told.is_empty() {
        return on.answer(finished(on.schema, planned, settings, &outcome), told);
    }
    // What is really true now, so that the next plan shows exactly what is left.
    let seen = match on.aws.stop.is_cancelled() {
        true => None,
        false => {
            let before = (&prior, on.owner.generation.as_str());
            observe::observe(on.schema, session, &on.owner.identity, before).await.ok().map(|(value, _)| value)
        }
    };
    match seen.filter(|value| !value.is_null()) {
        Some(value) => on.answer(value, told),
        None => on.answer(on.with_objects(prior, &outcome.records), told),
    }
}

/// An object that the plan promises to keep, and that is another, gone or failed by now.
fn moved(planned: &Value, found: &[Found]) -> Option<Diagnostic> {
    let serves = |found: &Found| matches!(found.life, Life::Standing | Life::Rising);
    let stands =
        |key: &str, id: &str| found.iter().any(|found| found.key == key && found.made.id == id && serves(found));
    let promised = plan::promised(planned);
    let (key, id) = promised.iter().find(|(key, id)| !stands(key, id))?;
    let why = format!("{key} was {id} when this was planned, and is not any more. Nothing was changed: plan again.");
    Some(Diagnostic::error("AWS has changed since the plan was made", why))
}
