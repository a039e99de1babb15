//! Create: makes a service, or goes on making one whose creation did not finish.

use super::{Operation, Settings, Value, bug, diagnose, finished, plan, records, typed};
use crate::aws::diff::Records;
use crate::aws::erased::Found;
use crate::aws::execute::Outcome;
use crate::aws::lease;
use crate::aws::objects::anchor::{Anchor, StackRecord, Status};
use crate::aws::owner::Identity;
use crate::aws::safeguard::Safeguard;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::provider::{Answer, Context, Held};
use crate::protocol::schema::Schema;
use crate::provider::config::Session;
use crate::provider::web_service::{blueprint, import, owner};

/// Makes a service, or goes on making it. `handed_over` is the state that a delete left standing for this very create, or
/// null: where the create cannot even begin, that state is given back.
pub async fn create(
    schema: &Schema,
    context: &Context,
    session: &Session,
    planned: Value,
    handed_over: Held,
) -> Answer {
    let settings: Settings = match typed::from_value(&planned) {
        Ok(settings) => settings,
        Err(error) => return Answer { held: handed_over, diagnostics: vec![bug(error)] },
    };
    let mut owner = owner(session, &settings);
    owner.generation = session.aws.token();
    let mut on = Operation::new(schema, context, session, owner, (&planned, "create"));
    let found = match begin(&mut on, &records(&handed_over.value)).await {
        Ok(found) => found,
        Err(told) => {
            // Nothing is released that somebody else holds.
            let _ = on.release(Status::Creating, false).await;
            return Answer { held: handed_over, diagnostics: told };
        }
    };
    let graph = blueprint::draw(&settings, &on.owner);
    let outcome = on.run(&graph, found, &records(&handed_over.value), &planned).await;
    let mut told = diagnose::steps(&outcome.errors, outcome.skipped, &on.owner.identity);
    let unrecorded =
        on.release(if told.is_empty() { Status::Complete } else { Status::Creating }, told.is_empty()).await;
    if told.is_empty() {
        told.extend(unrecorded);
    }
    if told.is_empty() {
        return on.answer(finished(schema, planned, &settings, &outcome), told);
    }
    // Null where nothing was made, so that Terraform keeps nothing either.
    match outcome.records.is_empty() {
        true => on.answer(Value::Null, told),
        false => {
            told.push(unfinished(&settings.name, outcome.records.len()));
            on.answer(partly(&on, planned, &settings, &outcome), told)
        }
    }
}

/// How a creation that failed is gone on with: not as Terraform's own words suggest.
fn unfinished(name: &str, count: usize) -> Diagnostic {
    let why = format!(
        "{count} AWS objects stand, and are recorded. Fix the cause and apply again: Terraform will call it a replacement, but \
         what stands is kept, and the creation goes on. To remove it instead, destroy.\n\nWith lifecycle.prevent_destroy \
         Terraform refuses the replacement: there, run `terraform untaint ADDRESS` first, with the address of this resource \
         (such as fargate_web_service.app), then apply."
    );
    Diagnostic::warning(format!("The creation of {name} is unfinished"), why)
}

/// A create that stands in parts: what is known of them is told.
fn partly(on: &Operation<'_>, planned: Value, settings: &Settings, outcome: &Outcome) -> Value {
    let mut state = finished(on.schema, planned, settings, outcome);
    plan::set(&mut state, "drift", Value::list([]));
    on.partial(state, &outcome.records)
}

/// Whether a create may begin, and what stands of an earlier one that was never finished; of that, what was handed over
/// is known.
async fn begin(on: &mut Operation<'_>, known: &Records) -> Result<Vec<Found>, Vec<Diagnostic>> {
    let read = Anchor::read(&on.aws, &on.owner).await;
    let read = read.map_err(|error| vec![diagnose::error("Could not read the anchor parameter", &error)])?;
    let Some(read) = read else {
        return match on.survey(Some(known)).await? {
            found if found.is_empty() || !known.is_empty() => Ok(found),
            _ => Err(taken(on, "Objects with its tags stand, though its anchor parameter is gone.")),
        };
    };
    match read.record.status {
        Status::Complete => {
            return Err(taken(on, "It is complete, and another configuration or a lost state made it."));
        }
        Status::Deleting if known.is_empty() => {
            return Err(taken(on, "Somebody began to destroy it and did not finish."));
        }
        Status::Deleting | Status::Creating => {}
    }
    // Ours from now on: a delete that still has an older state in hand leaves it alone.
    let generation = on.owner.generation.clone();
    let next = StackRecord { status: Status::Creating, generation, ..read.record.clone() };
    on.owner.hosts.extend(next.hosts.iter().cloned());
    let took = lease::take(&on.aws, &on.owner, &read, next).await;
    took.map_err(|error| vec![diagnose::begin(&on.owner.identity.name, &error)])?;
    let found = on.survey(Some(known).filter(|known| !known.is_empty())).await?;
    Ok(if on.aws.guards(Safeguard::Adoption) { found } else { Vec::new() })
}

fn taken(on: &Operation<'_>, how: &str) -> Vec<Diagnostic> {
    let Identity { account, region, name } = &on.owner.identity;
    let block = import::block(&on.owner.identity, "<NAME>");
    let why = format!(
        "A service named {name:?} exists already in account {account}, region {region}. {how}\n\nTo manage it here, import \
         it:\n\n{block}\n\nOr choose another name. `terraform-provider-fargate stacks` lists what stands, and can remove it."
    );
    vec![Diagnostic::error(format!("The service {name} exists already"), why).at("name")]
}
