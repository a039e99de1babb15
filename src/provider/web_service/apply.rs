//! Create, update, delete. Whatever happens, the answer carries all that stands: AWS's objects are never forgotten.

use std::collections::BTreeMap;

use super::model::{Attributes, Settings};
use super::{attributes, blueprint, observe, plan, records, tell, time};
use crate::aws::client::Aws;
use crate::aws::diff::{self, Change, Records};
use crate::aws::erased::{Found, Made};
use crate::aws::execute::{Outcome, Run};
use crate::aws::graph::Graph;
use crate::aws::objects::KINDS;
use crate::aws::objects::anchor::{Anchor, Status};
use crate::aws::observe::Survey;
use crate::aws::owner::{Identity, Owner};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::lifecycle;
use crate::protocol::provider::{Answer, Context, Held};
use crate::protocol::schema::Schema;
use crate::protocol::typed;
use crate::protocol::value::Value;
use crate::provider::config::Session;
use crate::provider::diagnose;

/// How often a destroy looks again for what it may have missed.
const SWEEPS: usize = 3;

/// What all three have in common: the schema, the place to report to, and the AWS of this one operation.
struct Operation<'a> {
    schema: &'a Schema,
    context: &'a Context,
    aws: Aws,
    owner: Owner,
}

impl<'a> Operation<'a> {
    fn new(
        schema: &'a Schema,
        context: &'a Context,
        session: &Session,
        owner: Owner,
        (state, kind): (&Value, &str),
    ) -> Self {
        let aws = session.aws.within(&context.stop, time(state, kind));
        Self { schema, context, aws, owner }
    }

    /// Runs the engine; all along, `state` with the objects as they stand is what a crash of ours would leave.
    async fn run(&self, graph: &Graph, found: Vec<Found>, recorded: &Records, state: &Value) -> Outcome {
        let report = |records: &Records| {
            let value = self.partial(state.clone(), records);
            self.context.record(Held { value, private: Vec::new() });
        };
        let (aws, owner, kinds) = (&self.aws, &self.owner, KINDS);
        Run { aws, owner, kinds, recorded, report: &report }.apply(graph, found).await
    }

    /// A state whose work isn't finished: what isn't known is null.
    fn partial(&self, mut state: Value, records: &Records) -> Value {
        plan::set(&mut state, "status", "incomplete");
        self.with_objects(lifecycle::nulls_for_unknowns(state), records)
    }

    fn with_objects(&self, mut state: Value, records: &Records) -> Value {
        let told = Attributes { objects: Some(plan::entries(records)), ..Attributes::default() };
        let told = typed::to_value(self.schema, &told).unwrap_or_default();
        plan::set(&mut state, "objects", told.member("objects").clone());
        state
    }

    async fn survey(&self) -> Result<Vec<Found>, Vec<Diagnostic>> {
        let survey = Survey::of(&self.aws, &self.owner, KINDS).await;
        if survey.unseen.is_empty() {
            return Ok(survey.found);
        }
        let told = survey.unseen.iter();
        Err(told.map(|(kind, error)| diagnose::error(&format!("Could not look at: {kind}"), error)).collect())
    }
}

/// Everything stands: the planned state, its open attributes filled in.
fn finished(schema: &Schema, planned: Value, settings: &Settings, outcome: &Outcome) -> Value {
    let made: BTreeMap<String, Made> =
        outcome.outputs.iter().map(|(key, stood)| (key.clone(), stood.made.clone())).collect();
    let settled = |name: &str| planned.member(name).as_str().map(str::to_owned);
    let attributes = Attributes {
        id: settled("id"),
        account_id: settled("account_id"),
        region: settled("region"),
        tags_all: typed::from_value(planned.member("tags_all")).ok(),
        status: Some("complete".into()),
        drift: Some(Vec::new()),
        objects: Some(plan::entries(&outcome.records)),
        ..attributes::told(settings, &made)
    };
    tell(schema, planned, &attributes)
}

fn answer(value: Value, diagnostics: Vec<Diagnostic>) -> Answer {
    Answer { held: Held { value, private: Vec::new() }, diagnostics }
}

fn bug(why: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error("A bug in this provider", why.to_string())
}

/// Makes a service, or goes on making it. `handed_over` is the state that a delete left standing for this very create, or
/// null: where the create cannot even begin, that state is given back.
pub async fn create(
    schema: &Schema,
    context: &Context,
    session: &Session,
    planned: Value,
    handed_over: Value,
) -> Answer {
    let settings: Settings = match typed::from_value(&planned) {
        Ok(settings) => settings,
        Err(error) => return answer(handed_over, vec![bug(error)]),
    };
    let owner = session.owner(&settings.name, session.tags_all(settings.tags.as_ref()));
    let on = Operation::new(schema, context, session, owner, (&planned, "create"));
    let found = match begin(&on, !handed_over.is_null()).await {
        Ok(found) => found,
        Err(told) => return answer(handed_over, told),
    };
    let graph = blueprint::draw(&settings, &on.owner);
    let outcome = on.run(&graph, found, &records(&handed_over), &planned).await;
    let mut told = diagnose::steps(&outcome.errors, outcome.skipped, &settings.name);
    if told.is_empty()
        && let Err(error) = Anchor::write(&on.aws, &on.owner, Status::Complete).await
    {
        told.push(diagnose::error("Could not record that the service is complete", &error));
    }
    if told.is_empty() {
        return answer(finished(schema, planned, &settings, &outcome), told);
    }
    // Null where nothing was made, so that Terraform keeps nothing either.
    match outcome.records.is_empty() {
        true => answer(Value::Null, told),
        false => answer(partly(&on, planned, &settings, &outcome), told),
    }
}

/// A create that stands in parts: what is known of them is told.
fn partly(on: &Operation<'_>, planned: Value, settings: &Settings, outcome: &Outcome) -> Value {
    let mut state = finished(on.schema, planned, settings, outcome);
    plan::set(&mut state, "drift", Value::list([]));
    on.partial(state, &outcome.records)
}

/// Whether a create may begin, and what stands of an earlier one that was never finished.
async fn begin(on: &Operation<'_>, handed_over: bool) -> Result<Vec<Found>, Vec<Diagnostic>> {
    let record = Anchor::read(&on.aws, &on.owner).await;
    let record = record.map_err(|error| vec![diagnose::error("Could not read the anchor parameter", &error)])?;
    let found = on.survey().await?;
    let name = &on.owner.identity.name;
    let taken = match record.map(|record| record.status) {
        Some(Status::Complete) => Some("It is complete, and another configuration or a lost state made it."),
        _ if handed_over => None,
        Some(Status::Deleting) => Some("Somebody began to destroy it and did not finish."),
        None if !found.is_empty() => Some("Objects with its tags stand, though its anchor parameter is gone."),
        Some(Status::Creating) | None => None,
    };
    let Some(taken) = taken else { return Ok(found) };
    let why = format!(
        "A service named {name:?} exists already in account {}, region {}. {taken}\n\nTo manage it here, import it:\n\n\
         import {{\n  to = fargate_web_service.<NAME>\n  id = \"{}\"\n}}\n\nOr choose another name.",
        on.owner.identity.account, on.owner.identity.region, on.owner.identity
    );
    Err(vec![Diagnostic::error(format!("The service {name} exists already"), why).at("name")])
}

pub async fn update(schema: &Schema, context: &Context, session: &Session, prior: Value, planned: Value) -> Answer {
    let settings: Settings = match typed::from_value(&planned) {
        Ok(settings) => settings,
        Err(error) => return answer(prior, vec![bug(error)]),
    };
    let owner = session.owner(&settings.name, session.tags_all(settings.tags.as_ref()));
    let recorded = records(&prior);
    let graph = blueprint::draw(&settings, &owner);
    let on = Operation::new(schema, context, session, owner, (&planned, "update"));
    let untouched = prior.member("status").as_str() == Some("complete")
        && diff::changes(&graph, &on.owner, &recorded).values().all(|change| *change == Change::Keep);
    if untouched {
        // Only settings that AWS doesn't know, such as timeouts.
        return answer(planned, Vec::new());
    }

    let found = match on.survey().await {
        Ok(found) => found,
        Err(told) => return answer(prior, told),
    };
    if let Some(told) = moved(&planned, &found) {
        return answer(prior, vec![told]);
    }
    let outcome = on.run(&graph, found, &recorded, &prior).await;
    let mut told = diagnose::steps(&outcome.errors, outcome.skipped, &settings.name);
    if told.is_empty()
        && prior.member("status").as_str() != Some("complete")
        && let Err(error) = Anchor::write(&on.aws, &on.owner, Status::Complete).await
    {
        told.push(diagnose::error("Could not record that the service is complete", &error));
    }
    if told.is_empty() {
        return answer(finished(schema, planned, &settings, &outcome), told);
    }
    // What is really true now, so that the next plan shows exactly what is left. `prior` with what the user asked for
    // that AWS cannot show.
    let seen = match on.aws.stop.is_cancelled() {
        true => None,
        false => observe::observe(schema, session, &on.owner.identity, &prior).await.ok().map(|(value, _)| value),
    };
    match seen.filter(|value| !value.is_null()) {
        Some(value) => answer(value, told),
        None => answer(on.with_objects(prior, &outcome.records), told),
    }
}

/// An object that the plan promises to keep, and that is another or gone by now.
fn moved(planned: &Value, found: &[Found]) -> Option<Diagnostic> {
    let stands = |key: &str, id: &str| found.iter().any(|found| found.key == key && found.made.id == id);
    let promised = plan::promised(planned);
    let (key, id) = promised.iter().find(|(key, id)| !stands(key, id))?;
    let why = format!("{key} was {id} when this was planned, and is not any more. Nothing was changed: plan again.");
    Some(Diagnostic::error("AWS has changed since the plan was made", why))
}

pub async fn delete(
    schema: &Schema,
    context: &Context,
    session: &Session,
    identity: &Identity,
    prior: Value,
) -> Answer {
    let owner = session.owner(&identity.name, session.tags_all(None));
    let on = Operation::new(schema, context, session, owner, (&prior, "delete"));
    let told = plan::destroy(&prior);
    if !told.is_empty() {
        return answer(prior, told);
    }
    let mut recorded = records(&prior);
    for round in 0.. {
        let found = match on.survey().await {
            Ok(found) => found,
            Err(told) => return answer(on.partial(prior, &recorded), told),
        };
        if found.is_empty() {
            break;
        }
        let left: Vec<&str> = found.iter().map(|found| found.key.as_str()).collect();
        if round == SWEEPS {
            let why = format!("After {SWEEPS} rounds AWS still lists of {}: {}", identity.name, left.join(", "));
            return answer(
                on.partial(prior, &recorded),
                vec![Diagnostic::error("Not everything could be deleted", why)],
            );
        }
        if left.contains(&"anchor")
            && let Err(error) = Anchor::write(&on.aws, &on.owner, Status::Deleting).await
        {
            let told = diagnose::error("Could not record that the service is being deleted", &error);
            return answer(on.partial(prior, &recorded), vec![told]);
        }
        let outcome = on.run(&Graph::default(), found, &recorded, &prior).await;
        let told = diagnose::steps(&outcome.errors, outcome.skipped, &identity.name);
        recorded = outcome.records;
        if !told.is_empty() {
            return answer(on.partial(prior, &recorded), told);
        }
    }
    answer(Value::Null, Vec::new())
}
