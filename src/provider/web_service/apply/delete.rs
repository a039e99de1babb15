//! Delete: removes everything that the stack owns, and looks again until nothing is left.

use super::{Operation, Value, diagnose, plan, records};
use crate::aws::diff::Records;
use crate::aws::graph::Graph;
use crate::aws::objects::anchor::{Anchor, StackRecord, Status};
use crate::aws::owner::Identity;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::provider::{Answer, Context};
use crate::protocol::schema::Schema;
use crate::provider::config::Session;
use crate::provider::web_service::private::Marker;

/// How often what is left is deleted.
const ROUNDS: usize = 4;

pub async fn delete(
    schema: &Schema,
    context: &Context,
    session: &Session,
    identity: &Identity,
    prior: Value,
    private: &[u8],
) -> Answer {
    let mut owner = session.owner(&identity.name, session.tags_all(None));
    owner.generation = Marker::generation(private).unwrap_or_default();
    let on = Operation::new(schema, context, session, owner, (&prior, "delete"));
    let told = plan::destroy(&prior);
    if !told.is_empty() {
        return on.answer(prior, told);
    }
    let record = match Anchor::read(&on.aws, &on.owner).await {
        Ok(record) => record,
        Err(error) => {
            let told = diagnose::error("Could not read the anchor parameter", &error);
            return on.answer(prior, vec![told]);
        }
    };
    if let Some(told) = record.and_then(|record| newer(&on, &record)) {
        return on.answer(Value::Null, vec![told]);
    }
    let mut recorded = records(&prior);
    for round in 0.. {
        // After the first round nothing is expected to be left; AWS's lists may say otherwise for a while.
        let nothing = Records::new();
        let found = match on.survey(Some(if round == 0 { &recorded } else { &nothing })).await {
            Ok(found) => found,
            Err(told) => return on.answer(on.partial(prior, &recorded), told),
        };
        if found.is_empty() {
            break;
        }
        let left: Vec<&str> = found.iter().map(|found| found.key.as_str()).collect();
        if round == ROUNDS {
            let why = format!("After {round} rounds AWS still lists of {}: {}", identity.name, left.join(", "));
            return on
                .answer(on.partial(prior, &recorded), vec![Diagnostic::error("Not everything could be deleted", why)]);
        }
        if left.contains(&"anchor")
            && let Err(error) = Anchor::write(&on.aws, &on.owner, Status::Deleting).await
        {
            let told = diagnose::error("Could not record that the service is being deleted", &error);
            return on.answer(on.partial(prior, &recorded), vec![told]);
        }
        let outcome = on.run(&Graph::default(), found, &recorded, &prior).await;
        let told = diagnose::steps(&outcome.errors, outcome.skipped, &identity.name);
        recorded = outcome.records;
        if !told.is_empty() {
            return on.answer(on.partial(prior, &recorded), told);
        }
    }
    on.answer(Value::Null, Vec::new())
}

/// The service was made anew since the state in hand was written: what stands is not this state's any more.
fn newer(on: &Operation<'_>, record: &StackRecord) -> Option<Diagnostic> {
    let ours = &on.owner.generation;
    let newer = !ours.is_empty() && !record.generation.is_empty() && record.generation != *ours;
    let why = format!(
        "{} was made anew after this state was written, so what stands is not deleted. Only the old state is forgotten.",
        on.owner.identity
    );
    newer.then(|| Diagnostic::warning("Nothing was deleted", why))
}
