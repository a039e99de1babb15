//! What create, update and delete have in common. Whatever happens, the answer carries all that stands: AWS's objects are
//! never forgotten.

mod create;
mod delete;
mod hand_over;
mod update;

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Attributes, Settings};
use super::private::Private;
use super::{attributes, plan, records, tell, time};
use crate::aws::client::Aws;
use crate::aws::diff::Records;
use crate::aws::erased::{Found, Made};
use crate::aws::execute::{Outcome, Run};
use crate::aws::graph::Graph;
use crate::aws::lease;
use crate::aws::objects::KINDS;
use crate::aws::objects::anchor::Status;
use crate::aws::observe::{Survey, as_recorded, settled};
use crate::aws::owner::Owner;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::lifecycle;
use crate::protocol::provider::{Answer, Context, Held};
use crate::protocol::schema::Schema;
use crate::protocol::typed;
use crate::protocol::value::Value;
use crate::provider::config::Session;
use crate::provider::diagnose;

pub use create::create;
pub use delete::delete;
pub use hand_over::{HandOver, hand_over};
pub use update::update;

/// What all three have in common: the schema, the place to report to, and the AWS of this one operation.
struct Operation<'a> {
    schema: &'a Schema,
    context: &'a Context,
    aws: Aws,
    owner: Owner,
    /// The hosts that are wanted; `owner.hosts` has those of before too, once the anchor was read.
    hosts: BTreeSet<String>,
}

impl<'a> Operation<'a> {
    fn new(
        schema: &'a Schema,
        context: &'a Context,
        session: &Session,
        owner: Owner,
        (state, kind): (&Value, &str),
    ) -> Self {
        let aws = session.aws.within(&context.stop, time(state, kind)).holding(&owner);
        let hosts = owner.hosts.clone();
        Self { schema, context, aws, owner, hosts }
    }

    /// Gives the stack back, recorded like this; all that was to be done is `done`, or not. Not being able to is told only
    /// where it matters.
    async fn release(&self, status: Status, done: bool) -> Option<Diagnostic> {
        let released = lease::release(&self.aws, &self.owner, status, done.then_some(&self.hosts)).await;
        released.err().map(|error| diagnose::error("Could not record how far the service has come", &error))
    }

    /// Runs the engine; all along, `state` with the objects as they stand is what a crash of ours would leave.
    async fn run(&self, graph: &Graph, found: Vec<Found>, recorded: &Records, state: &Value) -> Outcome {
        // Told of every step, so only the objects are put in anew.
        let begun = self.partial(state.clone(), &Records::new());
        let report = |records: &Records| {
            let mut state = begun.clone();
            plan::set(&mut state, "objects", plan::recorded(records));
            self.context.record(self.held(state));
        };
        let (aws, owner, kinds) = (&self.aws, &self.owner, KINDS);
        lease::keep(aws, owner, Run { aws, owner, kinds, recorded, report: &report }.apply(graph, found)).await
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

    fn held(&self, value: Value) -> Held {
        Held { value, private: Private { generation: self.owner.generation.clone() }.bytes() }
    }

    fn answer(&self, value: Value, diagnostics: Vec<Diagnostic>) -> Answer {
        Answer { held: self.held(value), diagnostics }
    }

    /// All that stands of the service, once AWS shows what is recorded, or the same for a while. With no record at all
    /// nothing is believed at once.
    async fn survey(&self, recorded: Option<&Records>) -> Result<Vec<Found>, Vec<Diagnostic>> {
        let expected = |found: &Vec<Found>| recorded.is_some_and(|recorded| as_recorded(found, recorded));
        settled(&self.aws, || self.look(), expected).await
    }

    /// One look at all that stands of the service.
    async fn look(&self) -> Result<Vec<Found>, Vec<Diagnostic>> {
        let survey = Survey::of(&self.aws, &self.owner, KINDS).await;
        if survey.unseen.is_empty() {
            return Ok(survey.found);
        }
        Err(diagnose::unseen(survey.unseen.iter()))
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

fn bug(why: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error("A bug in this provider", why.to_string())
}
