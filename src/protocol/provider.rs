//! What a provider has to answer. `rpc` decodes before, guards, and encodes after; the implementor sees `Value`s only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::diagnostic::Diagnostic;
use super::schema::Schema;
use super::value::Value;

/// A value and the opaque bytes that Terraform keeps beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    pub value: Value,
    pub private: Vec<u8>,
}

/// An answer that is given whatever happened: the value reached, and what to tell the user.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub held: Held,
    pub diagnostics: Vec<Diagnostic>,
}

/// One call's surroundings.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Cancelled by StopProvider: start nothing new, answer with what stands.
    pub stop: CancellationToken,
    progress: Arc<Mutex<Option<Held>>>,
}

impl Context {
    /// Notes what stands by now. Should the handler panic, this is answered, with the panic as a diagnostic.
    pub fn record(&self, held: Held) {
        *self.progress.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(held);
    }

    /// What was noted last.
    pub fn recorded(&self) -> Option<Held> {
        self.progress.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }
}

/// A create or update to plan. `prior` is null on create.
#[derive(Clone, Debug)]
pub struct Change {
    pub prior: Value,
    pub config: Value,
    /// Terraform's proposal after the generic rules of `lifecycle`: defaults filled in, computed values marked unknown
    /// (or kept, where they are stable or where nothing changed at all). The resource may settle more of it.
    pub planned: Value,
    pub private: Vec<u8>,
}

/// One managed resource type. No method may assume that another was called before in this process.
pub trait Resource: Send + Sync + 'static {
    fn schema(&self) -> &Schema;

    /// Checks a configuration, unknown parts left out. Reads and writes nothing outside.
    fn validate(&self, config: &Value) -> Vec<Diagnostic>;

    /// Brings a stored state of an older schema version to the current form: JSON to JSON. Offline.
    fn upgrade(&self, version: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostic>;

    /// Observes. A null value in the answer means gone. With an error diagnostic Terraform keeps the old state.
    fn read<'a>(&'a self, context: &'a Context, state: Held) -> BoxFuture<'a, Answer>;

    /// Plans a create or update; `held.private` becomes planned_private. What replaces is found by `lifecycle` from the schema.
    fn plan<'a>(&'a self, context: &'a Context, change: Change) -> BoxFuture<'a, Answer>;

    /// Plans a destroy: diagnostics, and the private bytes the delete will be handed. The value is ignored.
    fn plan_destroy<'a>(&'a self, context: &'a Context, prior: Held) -> BoxFuture<'a, Answer>;

    /// `planned.private` is planned_private, here and below.
    fn create<'a>(&'a self, context: &'a Context, config: Value, planned: Held) -> BoxFuture<'a, Answer>;

    fn update<'a>(&'a self, context: &'a Context, prior: Value, config: Value, planned: Held) -> BoxFuture<'a, Answer>;

    /// A null value in the answer means deleted.
    fn delete<'a>(&'a self, context: &'a Context, prior: Value, planned_private: Vec<u8>) -> BoxFuture<'a, Answer>;

    /// The state to begin with (Terraform calls `read` right after), attributes not known yet null.
    fn import<'a>(&'a self, context: &'a Context, id: String) -> BoxFuture<'a, Answer>;
}

/// One data source type.
pub trait DataSource: Send + Sync + 'static {
    fn schema(&self) -> &Schema;

    /// Checks a configuration, unknown parts left out. Reads and writes nothing outside.
    fn validate(&self, config: &Value) -> Vec<Diagnostic>;

    /// Looks it up; the configuration is wholly known. With an error diagnostic the value doesn't count.
    fn read<'a>(&'a self, context: &'a Context, config: Value) -> BoxFuture<'a, (Value, Vec<Diagnostic>)>;
}

/// The provider as a whole.
pub trait Provider: Send + Sync + 'static {
    fn schema(&self) -> &Schema;

    fn resources(&self) -> &BTreeMap<&'static str, Box<dyn Resource>>;

    fn data_sources(&self) -> &BTreeMap<&'static str, Box<dyn DataSource>>;

    /// Checks the provider block, unknown parts left out.
    fn validate(&self, config: &Value) -> Vec<Diagnostic>;

    /// Takes the provider block; parts may be unknown while planning.
    fn configure<'a>(
        &'a self,
        context: &'a Context,
        terraform_version: String,
        config: Value,
    ) -> BoxFuture<'a, Vec<Diagnostic>>;
}
