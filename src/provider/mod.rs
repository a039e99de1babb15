//! ROOM 2. What the user sees. The only room that knows both Terraform (`protocol`) and AWS (`aws`).

pub mod config;
mod diagnose;
mod duration;
mod quota;
mod rules;
pub mod stacks;
pub mod web_service;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use tokio::sync::RwLock;

use self::config::{Config, Session};
use self::rules::{Rule, invalid};
use self::web_service::{Shared, WebService, WebServiceData};
use crate::aws::client::SERVICES;
use crate::protocol::declare;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::provider::{Context, DataSource, Provider, Resource};
use crate::protocol::schema::Schema;
use crate::protocol::typed;
use crate::protocol::value::Value;

/// The Fargate provider.
pub struct Fargate {
    schema: Schema,
    resources: BTreeMap<&'static str, Box<dyn Resource>>,
    data_sources: BTreeMap<&'static str, Box<dyn DataSource>>,
    session: Shared,
}

#[rustfmt::skip]
const RULES: &[(&str, Rule)] = &[
    ("region", Rule::Text(rules::region)),
    ("assume_role.role_arn", Rule::Text(rules::role_arn)),
    ("assume_role.session_name", Rule::Text(rules::session_name)),
    ("assume_role.duration", Rule::Text(rules::session_duration)),
    ("allowed_account_ids", Rule::Each(rules::account_id)),
    ("allowed_account_ids", Rule::NoNulls),
    ("default_tags", Rule::NoNulls),
    ("default_tags", Rule::Keys(rules::tag_key)),
    ("default_tags", Rule::Each(rules::tag_value)),
    ("max_retries", Rule::Whole(0..=100)),
    ("endpoints", Rule::NoNulls),
    ("endpoints", Rule::Keys(service)),
    ("endpoints", Rule::Each(rules::url)),
    ("endpoint_url", Rule::Text(rules::url)),
];

fn service(name: &str) -> Option<String> {
    let known = SERVICES.join(", ");
    (!SERVICES.contains(&name)).then(|| format!("is not a service that this provider calls: {known}"))
}

impl Fargate {
    /// # Errors
    /// If a declaration has what Terraform doesn't know: a bug, found by every test.
    pub fn new() -> Result<Self, declare::Error> {
        let session: Shared = Arc::new(RwLock::new(None));
        let mut schema = declare::combine(declare::attributes::<Config>()?, Vec::new())?;
        schema.description =
            "Runs load-balanced web services on AWS Fargate: one resource makes the network, the load \
             balancer, the roles, the logs, the cluster and the service, changes them in place and removes them."
                .into();
        let web_service: Box<dyn Resource> = Box::new(WebService::new(Arc::clone(&session))?);
        let data: Box<dyn DataSource> = Box::new(WebServiceData::new(Arc::clone(&session))?);
        let resources = BTreeMap::from([(web_service::TYPE_NAME, web_service)]);
        let data_sources = BTreeMap::from([(web_service::TYPE_NAME, data)]);
        Ok(Self { schema, resources, data_sources, session })
    }
}

impl Provider for Fargate {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn resources(&self) -> &BTreeMap<&'static str, Box<dyn Resource>> {
        &self.resources
    }

    fn data_sources(&self) -> &BTreeMap<&'static str, Box<dyn DataSource>> {
        &self.data_sources
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let mut told = rules::apply(config, RULES);
        // What is unknown may turn out to be null, or not to be.
        let given = |name: &str| !config.member(name).is_null();
        let open = |name: &str| config.member(name).is_unknown();
        let keys_known = !open("access_key") && !open("secret_key");
        if keys_known && given("access_key") != given("secret_key") {
            let (there, missing) =
                if given("access_key") { ("access_key", "secret_key") } else { ("secret_key", "access_key") };
            told.push(invalid(there, format!("It needs {missing} beside it.")));
        }
        if given("token") && !open("token") && !given("access_key") {
            told.push(invalid("token", "It needs access_key and secret_key beside it."));
        }
        told
    }

    fn configure<'a>(&'a self, context: &'a Context, _: String, config: Value) -> BoxFuture<'a, Vec<Diagnostic>> {
        async move {
            if !config.is_wholly_known() {
                *self.session.write().await = None;
                return Vec::new();
            }
            let told = self.validate(&config);
            if !told.is_empty() {
                return told;
            }
            let config: Config = match typed::from_value(&config) {
                Ok(config) => config,
                Err(error) => {
                    return vec![
                        Diagnostic::error("Invalid provider configuration", error.to_string()).at(Path::root()),
                    ];
                }
            };
            match Session::open(&config, &context.stop).await {
                Ok(session) => {
                    *self.session.write().await = Some(session);
                    Vec::new()
                }
                Err(told) => vec![told],
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_obeys_terraforms_rules() {
        let provider = Fargate::new().unwrap();
        let resources = provider.resources().values().map(|resource| resource.schema());
        let sources = provider.data_sources().values().map(|source| source.schema());
        for schema in resources.chain(sources).chain([provider.schema()]) {
            assert_eq!(schema.validate(), []);
            assert!(schema.attributes.iter().all(|attribute| !attribute.description.is_empty()));
        }
    }
}
