//! `fargate_web_service`: one resource, a whole web service. Here is the main flow of each of its calls.
//!
//! `model` says what a user can write, `validate` what is refused, `blueprint` what gets built, `plan` what a change does,
//! `observe` how it stands, `reflect` and `attributes` the way back from AWS to attributes.

mod apply;
mod attributes;
pub mod blueprint;
mod data_source;
mod hosted_zone;
pub mod import;
pub mod model;
mod observe;
mod plan;
mod private;
mod reflect;
mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use tokio::sync::{Notify, RwLock};
use tokio_util::sync::CancellationToken;

pub use self::data_source::WebServiceData;
use self::model::{Attributes, ObjectEntry, Settings};
use self::private::{Marker, Private};
use super::config::Session;
use super::duration;
use crate::aws::diff::{Record, Records};
use crate::aws::owner::{Identity, Owner};
use crate::protocol::declare;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::lifecycle;
use crate::protocol::provider::{Answer, Change, Context, Held, Resource};
use crate::protocol::schema::Schema;
use crate::protocol::typed;
use crate::protocol::value::Value;

pub const TYPE_NAME: &str = "fargate_web_service";

/// The session, once the provider is configured; none while its configuration is unknown.
pub type Shared = Arc<RwLock<Option<Session>>>;

pub struct WebService {
    schema: Schema,
    session: Shared,
    /// States whose delete left everything standing for the create that follows in this process, by identity.
    handed_over: Mutex<BTreeMap<String, Held>>,
    /// Services that are being worked on, by identity.
    busy: Mutex<BTreeSet<String>>,
    /// Told whenever one of them is free again.
    freed: Notify,
}

impl WebService {
    /// # Errors
    /// If `model` declares what Terraform doesn't know: a bug, found by every test.
    pub fn new(session: Shared) -> Result<Self, declare::Error> {
        let mut schema = declare::combine(declare::attributes::<Settings>()?, declare::computed::<Attributes>()?)?;
        schema.description = "A load-balanced web service on AWS Fargate, with everything it stands on: network, load \
             balancer, roles, logs, ECS cluster and service. It costs money while it stands; of the defaults, the NAT \
             gateways (one in each zone) cost most, see `network.egress`. The load balancer speaks HTTP, and HTTPS with `https` or `domain`. An import brings \
             back everything but `timeouts`, `deployment.wait`, `logs.retain_on_destroy` and `managed_elsewhere`, which AWS doesn't know, and \
             the IDs of given subnets that nothing of the service is in."
            .into();
        Ok(Self { schema, session, handed_over: Mutex::default(), busy: Mutex::default(), freed: Notify::new() })
    }

    async fn session(&self) -> Option<Session> {
        self.session.read().await.clone()
    }

    /// Takes a service for one operation.
    fn begin(&self, identity: String) -> Result<Busy<'_>, Diagnostic> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if busy.insert(identity.clone()) {
            return Ok(Busy { of: self, identity });
        }
        let why =
            format!("Another resource of this configuration is the service {identity} too, and is being worked on.");
        Err(Diagnostic::error("Two resources with one name", why).at("name"))
    }

    /// Takes a service for a delete, once nobody else in this process works on it: Terraform deletes the deposed objects that
    /// failed replacements have left all at once, and beside the create that goes on.
    async fn turn(&self, identity: &str, stop: &CancellationToken) -> Result<Busy<'_>, Diagnostic> {
        loop {
            let freed = self.freed.notified();
            if let Ok(busy) = self.begin(identity.to_owned()) {
                return Ok(busy);
            }
            tokio::select! {
                () = freed => {}
                () = stop.cancelled() => return Err(Diagnostic::error("Interrupted", "Nothing was changed.")),
            }
        }
    }

    /// The state that was handed over to the create that is planned, or null.
    fn left_standing(&self, session: &Session, planned: &Value) -> Value {
        let identity = session.identity(planned.member("name").as_str().unwrap_or_default());
        self.handed_over().get(&identity.to_string()).map(|held| held.value.clone()).unwrap_or_default()
    }

    fn handed_over(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Held>> {
        self.handed_over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, value: Value, private: Vec<u8>, diagnostics: Vec<Diagnostic>) -> Answer {
        Answer { held: Held { value, private }, diagnostics }
    }
}

/// A service that is being worked on, until this is dropped.
struct Busy<'a> {
    of: &'a WebService,
    identity: String,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.of.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.identity);
        self.of.freed.notify_waiters();
    }
}

impl Resource for WebService {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        validate::check(config)
    }

    fn upgrade(&self, _: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostic> {
        Ok(state)
    }

    fn read<'a>(&'a self, context: &'a Context, state: Held) -> BoxFuture<'a, Answer> {
        async move {
            let Held { value: prior, private } = state;
            let Some(session) = self.session().await else {
                let why = "The provider's configuration is not known yet, so AWS was not asked.";
                return self.answer(prior, private, vec![Diagnostic::warning("Not refreshed", why)]);
            };
            let identity = match identity(&session, &prior) {
                Ok(identity) => identity,
                Err(told) => return self.answer(prior, private, vec![told]),
            };
            let generation = Private::generation(&private);
            let before = (&prior, generation.as_str());
            match observe::observe(&self.schema, &session.looking(&context.stop), &identity, before).await {
                Ok((value, told)) => self.answer(value, private, told),
                Err(told) => self.answer(prior, private, told),
            }
        }
        .boxed()
    }

    fn plan<'a>(&'a self, context: &'a Context, mut change: Change) -> BoxFuture<'a, Answer> {
        async move {
            let (prior, private) = (change.prior.clone(), change.private.clone());
            let mut told = validate::check(&change.config);
            told.extend(plan::keep_elsewhere(&prior, &change.config, &mut change.planned).err());
            if !told.is_empty() {
                return self.answer(change.planned, private, told);
            }
            change.planned = plan::fill_in(&self.schema, &prior, &change.config, change.planned);
            if !lifecycle::replacements(&self.schema, &prior, &change.planned).is_empty() {
                // Terraform asks again for the new one, with no prior state; of the old one's end it doesn't ask.
                return self.answer(change.planned, Vec::new(), plan::destroy(&prior));
            }
            let Some(session) = self.session().await else {
                let mut planned = change.planned;
                if planned != prior {
                    plan::open(&change.config, &mut planned);
                }
                let marker = Marker::of_change(&self.schema, &prior, &planned, &private);
                return self.answer(planned, marker.bytes(), Vec::new());
            };
            if let Some(told) = identity(&session, &prior).err().filter(|_| !prior.is_null()) {
                return self.answer(change.planned, private, vec![told]);
            }
            let before = if prior.is_null() { self.left_standing(&session, &change.planned) } else { prior.clone() };
            let (value, told) = plan::plan(&session.looking(&context.stop), change, &before).await;
            let given = plan::given(&session, &value);
            let marker = Marker::of_change(&self.schema, &prior, &value, &private).giving(given);
            self.answer(value, marker.bytes(), told)
        }
        .boxed()
    }

    fn plan_destroy<'a>(&'a self, _: &'a Context, prior: Held) -> BoxFuture<'a, Answer> {
        async move {
            let told = plan::destroy(&prior.value);
            self.answer(Value::Null, Marker::of_destroy(&prior.private).bytes(), told)
        }
        .boxed()
    }

    fn create<'a>(&'a self, context: &'a Context, _: Value, planned: Held) -> BoxFuture<'a, Answer> {
        async move {
            let id = planned.value.member("id").as_str().unwrap_or_default().to_owned();
            let handed_over = self.handed_over().remove(&id).unwrap_or_default();
            if !handed_over.value.is_null() {
                // What stands until this create has looked for itself.
                context.record(handed_over.clone());
            }
            let Some(session) = self.session().await else {
                return Answer { held: handed_over, diagnostics: vec![unconfigured()] };
            };
            match self.begin(id) {
                Ok(_busy) => apply::create(&self.schema, context, &session, planned.value, handed_over).await,
                Err(told) => Answer { held: handed_over, diagnostics: vec![told] },
            }
        }
        .boxed()
    }

    fn update<'a>(&'a self, context: &'a Context, prior: Value, _: Value, planned: Held) -> BoxFuture<'a, Answer> {
        async move {
            let generation = Marker::generation(&planned.private).unwrap_or_default();
            let unchanged = |told| self.answer(prior.clone(), Private { generation }.bytes(), vec![told]);
            let Some(session) = self.session().await else { return unchanged(unconfigured()) };
            match self.begin(prior.member("id").as_str().unwrap_or_default().to_owned()) {
                Ok(_busy) => apply::update(&self.schema, context, &session, prior, planned).await,
                Err(told) => unchanged(told),
            }
        }
        .boxed()
    }

    fn delete<'a>(&'a self, context: &'a Context, prior: Value, private: Vec<u8>) -> BoxFuture<'a, Answer> {
        async move {
            let generation = Marker::generation(&private).unwrap_or_default();
            let kept = Private { generation }.bytes();
            let unchanged = |told| self.answer(prior.clone(), kept.clone(), vec![told]);
            let Some(session) = self.session().await else { return unchanged(unconfigured()) };
            let identity = match identity(&session, &prior) {
                Ok(identity) => identity,
                Err(told) => return unchanged(told),
            };
            let _busy = match self.turn(&identity.to_string(), &context.stop).await {
                Ok(busy) => busy,
                Err(told) => return unchanged(told),
            };
            if !Marker::hands_over(&self.schema, &private, &prior) {
                return apply::delete(&self.schema, context, &session, &identity, prior, &private).await;
            }
            if context.stop.is_cancelled() {
                return unchanged(Diagnostic::error("Interrupted", "Nothing was changed."));
            }
            match apply::hand_over(&self.schema, context, &session, &identity, prior, &private).await {
                apply::HandOver::Failed(answer) => answer,
                apply::HandOver::Kept(held) => {
                    let told = resumed(&held.value);
                    self.handed_over().insert(identity.to_string(), held);
                    self.answer(Value::Null, Vec::new(), vec![told])
                }
            }
        }
        .boxed()
    }

    fn import<'a>(&'a self, context: &'a Context, id: String) -> BoxFuture<'a, Answer> {
        async move {
            let Some(session) = self.session().await else {
                return self.answer(Value::Null, Vec::new(), vec![unconfigured()]);
            };
            match import::named(&session.looking(&context.stop), &id).await {
                Ok((name, private)) => {
                    let id = session.identity(&name).to_string();
                    let value = Value::object([("id", Value::from(id)), ("name", Value::from(name))]);
                    self.answer(value, private.bytes(), Vec::new())
                }
                Err(told) => self.answer(Value::Null, Vec::new(), vec![told]),
            }
        }
        .boxed()
    }
}

/// Whose state this is; it must be this session's account and region.
fn identity(session: &Session, state: &Value) -> Result<Identity, Diagnostic> {
    let id = state.member("id").as_str().and_then(Identity::parse);
    let Some(identity) = id else {
        // A create that failed before it knew more than its name.
        let name = state.member("name").as_str().unwrap_or_default();
        return Ok(session.identity(name));
    };
    match identity == session.identity(&identity.name) {
        true => Ok(identity),
        false => Err(elsewhere(session, &identity)),
    }
}

fn elsewhere(session: &Session, identity: &Identity) -> Diagnostic {
    let (account, region) = (&session.account, &session.region);
    let why = format!(
        "{} is in account {}, region {}, but the provider works in account {account}, region {region}. Nothing was \
         looked at or changed. Configure the provider for that account and region, or use an alias of it.",
        identity.name, identity.account, identity.region
    );
    Diagnostic::error("Another account or region", why)
}

/// Told by a delete that deletes nothing.
fn resumed(prior: &Value) -> Diagnostic {
    let name = prior.member("name").as_str().unwrap_or_default();
    let count = records(prior).len();
    let why = format!(
        "Terraform replaces {name} because its creation failed. The {count} AWS objects that stand are kept: the \
         creation that follows goes on with them. Should it not come to that, the next apply finds them."
    );
    Diagnostic::warning(format!("The creation of {name} is resumed"), why)
}

fn unconfigured() -> Diagnostic {
    let why = "Values in the provider block are still unknown, so AWS cannot be reached.";
    Diagnostic::error("The provider is not configured", why)
}

/// The owner of a service that stands as these settings say.
fn owner(session: &Session, settings: &Settings) -> Owner {
    let mut owner = session.owner(&settings.name, session.tags_all(settings.tags.as_ref()));
    owner.image_elsewhere = settings.image_is_elsewhere();
    owner.hosts = blueprint::draw(settings, &owner).hosts();
    owner
}

/// The records in a state's `objects`.
fn records(state: &Value) -> Records {
    let entries: BTreeMap<String, ObjectEntry> = typed::from_value(state.member("objects")).unwrap_or_default();
    let record = |ObjectEntry { kind, id, digest }| Record { kind, id, digest };
    entries.into_iter().map(|(key, entry)| (key, record(entry))).collect()
}

/// The time an operation may take.
fn time(state: &Value, operation: &str) -> Duration {
    const USUAL: Duration = Duration::from_secs(30 * 60);
    // ACM may take half an hour and more to find the records that prove a certificate's names.
    const VALIDATING: Duration = Duration::from_secs(75 * 60);
    let validates = operation != "delete" && !state.member("domain").is_null();
    let text = state.member("timeouts").member(operation).as_str();
    text.and_then(|text| duration::parse(text).ok()).unwrap_or(if validates { VALIDATING } else { USUAL })
}

/// Puts the attributes that the provider tells into a state, over what it had.
fn tell(schema: &Schema, mut state: Value, attributes: &Attributes) -> Value {
    let told = typed::to_value(schema, attributes).unwrap_or_default();
    if let (Value::Object(members), Value::Object(told)) = (&mut state, told) {
        let computed = schema
            .attributes
            .iter()
            .filter(|attribute| !attribute.presence.optional() && attribute.presence.computed());
        for attribute in computed {
            members.insert(attribute.name.clone(), told.get(&attribute.name).cloned().unwrap_or_default());
        }
    }
    state
}
