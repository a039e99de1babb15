//! The data source `fargate_web_service`: what the resource of that name tells, read by its name alone, so that another
//! state can build on it. It reads AWS only, like a refresh: the service's record says that it is there.

use futures::future::{BoxFuture, FutureExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Attributes, Settings};
use super::{Shared, observe, unconfigured, validate};
use crate::protocol::declare;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::provider::{Context, DataSource};
use crate::protocol::schema::Schema;
use crate::protocol::value::Value;

/// What the user says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Sought {
    /// Name of the service, in the provider's account and region.
    name: String,
}

pub struct WebServiceData {
    schema: Schema,
    /// The resource's, by which it is observed.
    whole: Schema,
    session: Shared,
}

impl WebServiceData {
    /// # Errors
    /// As `WebService::new`.
    pub fn new(session: Shared) -> Result<Self, declare::Error> {
        let whole = declare::combine(declare::attributes::<Settings>()?, declare::computed::<Attributes>()?)?;
        let mut schema = declare::combine(declare::attributes::<Sought>()?, declare::computed::<Attributes>()?)?;
        schema.description = "A service that a `fargate_web_service` of any state has made, in the provider's account and \
             region: to pass its network, cluster or load balancer on to another. It must have been created; while it is \
             not complete, a warning says so."
            .into();
        Ok(Self { schema, whole, session })
    }

    async fn look(&self, context: &Context, config: &Value) -> Result<(Value, Vec<Diagnostic>), Vec<Diagnostic>> {
        let Some(session) = self.session.read().await.clone() else { return Err(vec![unconfigured()]) };
        let name = config.member("name").as_str().unwrap_or_default();
        let identity = session.identity(name);
        let seen = observe::observe(&self.whole, &session.looking(&context.stop), &identity, (&Value::Null, "")).await;
        let (found, mut told) = seen?;
        if found.is_null() {
            let (account, region) = (&identity.account, &identity.region);
            let why = format!(
                "There is no service {name:?} in account {account}, region {region}. Its resource must have been applied \
                 before, by the state that it is in; the provider's account and region must be that one's."
            );
            return Err(vec![Diagnostic::error("No such service", why).at("name")]);
        }
        if found.member("status").as_str() != Some("complete") {
            let why = format!(
                "Its creation, or its deletion, did not come to its end: what doesn't stand is null. Apply where {name} is \
                 configured."
            );
            told.push(Diagnostic::warning(format!("The service {name} is incomplete"), why));
        }
        let names = self.schema.attributes.iter().map(|attribute| attribute.name.as_str());
        Ok((Value::object(names.map(|name| (name, found.member(name).clone()))), told))
    }
}

impl DataSource for WebServiceData {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        validate::check_name(config)
    }

    fn read<'a>(&'a self, context: &'a Context, config: Value) -> BoxFuture<'a, (Value, Vec<Diagnostic>)> {
        async move {
            match self.look(context, &config).await {
                Ok(found) => found,
                Err(told) => (Value::Null, told),
            }
        }
        .boxed()
    }
}
