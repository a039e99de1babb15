//! Delete: removes everything that the stack owns, and looks again until nothing is left.

use super::{Operation, Settings, Value, diagnose, plan, records, typed};
use crate::aws::diff::Records;
use crate::aws::error::Error;
use crate::aws::graph::Graph;
use crate::aws::lease;
use crate::aws::object::Object;
use crate::aws::objects::anchor::{Anchor, StackRecord, Status};
use crate::aws::objects::cluster::Cluster;
use crate::aws::objects::log_group::LogGroup;
use crate::aws::observe::{as_recorded, settled};
use crate::aws::owner::Identity;
use crate::aws::safeguard::Safeguard;
use crate::protocol::diagnostic::{Diagnostic, Severity};
use crate::protocol::provider::{Answer, Context};
use crate::protocol::schema::Schema;
use crate::provider::config::Session;
use crate::provider::web_service::blueprint;
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
    if let Ok(settings) = typed::from_value::<Settings>(&prior) {
        owner.hosts = blueprint::draw(&settings, &owner).hosts();
    }
    let mut on = Operation::new(schema, context, session, owner, (&prior, "delete"));
    let told = plan::destroy(&prior);
    if !told.is_empty() {
        return on.answer(prior, told);
    }
    let before = match begin(&mut on).await {
        Ok(before) => before,
        Err(told) => {
            let gone = told.severity == Severity::Warning;
            return on.answer(if gone { Value::Null } else { prior }, vec![told]);
        }
    };
    let mut recorded = records(&prior);
    let (mut told, refused) = clear(&on, &prior, &mut recorded).await;
    if refused {
        // It has guests, and stands as before.
        let _ = on.release(before, false).await;
        return on.answer(prior, told);
    }
    if told.is_empty()
        && retains_logs(&prior)
        && let Err(error) = LogGroup::retain(&on.aws, &on.owner).await
    {
        told.push(diagnose::error("Could not leave the log group standing on its own", &error));
    }
    if told.is_empty()
        && let Err(error) = Cluster::sweep(&on.aws, &on.owner).await
    {
        told.push(diagnose::error("Could not delete the log group of Container Insights", &error));
    }
    // Last of all.
    if told.is_empty()
        && let Err(error) = Anchor::remove(&on.aws, &on.owner).await
    {
        told.push(diagnose::error("Could not delete the anchor parameter", &error));
    }
    if told.is_empty() {
        return on.answer(Value::Null, told);
    }
    let _ = on.release(Status::Deleting, false).await;
    on.answer(on.partial(prior, &recorded), told)
}

/// Takes the stack; tells how far it had come. A warning says that it isn't this state's any more.
async fn begin(on: &mut Operation<'_>) -> Result<Status, Diagnostic> {
    let name = &on.owner.identity.name;
    let read = Anchor::read(&on.aws, &on.owner).await.map_err(|error| diagnose::begin(name, &error))?;
    let Some(read) = read else { return Ok(Status::Deleting) };
    if let Some(told) = newer(on, &read.record) {
        return Err(told);
    }
    let next = StackRecord { status: Status::Deleting, ..read.record.clone() };
    on.owner.hosts.extend(read.record.hosts.iter().cloned());
    let took = lease::take(&on.aws, &on.owner, &read, next).await;
    took.map(|()| read.record.status).map_err(|error| diagnose::begin(name, &error))
}

/// Deletes everything but the anchor, and looks again until nothing is left. Last, whether nothing was deleted
/// because others use it.
async fn clear(on: &Operation<'_>, prior: &Value, recorded: &mut Records) -> (Vec<Diagnostic>, bool) {
    let anchor = recorded.remove("anchor");
    let told = rounds(on, prior, recorded).await;
    recorded.extend(anchor.map(|anchor| ("anchor".to_owned(), anchor)));
    told
}

async fn rounds(on: &Operation<'_>, prior: &Value, recorded: &mut Records) -> (Vec<Diagnostic>, bool) {
    let name = &on.owner.identity.name;
    for round in 0..=ROUNDS {
        // After the first round nothing is expected to be left; AWS's lists may say otherwise for a while.
        let mut expected = if round == 0 { recorded.clone() } else { Records::new() };
        expected.retain(|_, record| record.kind != LogGroup::KIND || !retains_logs(prior));
        let look = || async {
            let mut found = on.look().await?;
            found.retain(|found| found.kind != Anchor::KIND);
            found.retain(|found| found.kind != LogGroup::KIND || !retains_logs(prior));
            Ok::<_, Vec<Diagnostic>>(found)
        };
        let found = match settled(&on.aws, look, |found| as_recorded(found, &expected)).await {
            Ok(found) => found,
            Err(told) => return (told, false),
        };
        if found.is_empty() {
            return (Vec::new(), false);
        }
        if round == ROUNDS {
            let left: Vec<&str> = found.iter().map(|found| found.key.as_str()).collect();
            let why = format!("After {round} rounds AWS still lists of {name}: {}", left.join(", "));
            return (vec![Diagnostic::error("Not everything could be deleted", why)], false);
        }
        let outcome = on.run(&Graph::default(), found, recorded, prior).await;
        let told = diagnose::steps(&outcome.errors, outcome.skipped, &on.owner.identity);
        *recorded = outcome.records;
        if !told.is_empty() {
            let used = outcome.errors.iter().any(|error| matches!(error.error, Error::Guests(_)));
            return (told, used && round == 0);
        }
    }
    (Vec::new(), false)
}

fn retains_logs(prior: &Value) -> bool {
    prior.member("logs").member("retain_on_destroy") == &Value::Bool(true)
}

/// The service was made anew since the state in hand was written: what stands is not this state's any more.
fn newer(on: &Operation<'_>, record: &StackRecord) -> Option<Diagnostic> {
    let newer = record.is_later_than(&on.owner.generation);
    let why = format!(
        "{} was made anew after this state was written, so what stands is not deleted. Only the old state is forgotten. \
         `terraform-provider-fargate stacks` tells what stands, and can remove it.",
        on.owner.identity
    );
    (newer && on.aws.guards(Safeguard::Generation)).then(|| Diagnostic::warning("Nothing was deleted", why))
}
