//! A Terraform of our own: one resource instance, planned and applied as Terraform's core does it, by the same rules, every
//! answer judged by them.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use terraform_provider_fargate::protocol::codec;
use terraform_provider_fargate::protocol::diagnostic::Diagnostic;
use terraform_provider_fargate::protocol::lifecycle;
use terraform_provider_fargate::protocol::provider::{Answer, Context, Held, Resource};
use terraform_provider_fargate::protocol::value::Value;
use terraform_provider_fargate::provider::config::Session;
use terraform_provider_fargate::provider::web_service::WebService;
use tokio_util::sync::CancellationToken;

use super::Inside;
use crate::core_rules::{assert_applied, assert_final_plan, assert_plan_valid, proposed_new};

/// What Terraform's state says of the resource.
#[derive(Clone, Debug)]
pub struct Instance {
    pub held: Held,
    pub tainted: bool,
}

/// A configuration's one resource, with its state; the provider's process lives as long as this.
pub struct Core {
    resource: WebService,
    pub state: Option<Instance>,
    /// Cancelled by Ctrl-C.
    pub stop: CancellationToken,
}

/// What a command came to.
#[derive(Debug)]
pub struct Said {
    pub diagnostics: Vec<Diagnostic>,
}

impl Said {
    pub fn errors(&self) -> Vec<&Diagnostic> {
        self.diagnostics.iter().filter(|told| told.is_error()).collect()
    }
}

/// A plan that was saved.
pub struct Saved {
    plans: Vec<Plan>,
    config: Value,
}

/// One plan, and what it takes from the state.
struct Plan {
    prior: Option<Held>,
    planned: Held,
}

impl Core {
    /// With a provider's process of its own.
    pub fn new(aws: &Inside, state: Option<Instance>) -> Self {
        Self { state, ..Self::over(aws.session()) }
    }

    /// With a session that others use too.
    pub fn over(session: Session) -> Self {
        let session = std::sync::Arc::new(tokio::sync::RwLock::new(Some(session)));
        Self { resource: WebService::new(session).expect("the schema"), state: None, stop: CancellationToken::new() }
    }

    /// `terraform apply`: refreshes, plans, and carries the plan out.
    pub async fn apply(&mut self, config: &Json) -> Said {
        let config = codec::from_json(self.resource.schema(), config).expect("the configuration fits the schema");
        self.run(config).await
    }

    /// `terraform destroy`.
    pub async fn destroy(&mut self) -> Said {
        self.run(Value::Null).await
    }

    /// `terraform plan -out`: refreshed, to be applied later.
    pub async fn planned(&mut self, config: &Json) -> Saved {
        let config = codec::from_json(self.resource.schema(), config).expect("the configuration fits the schema");
        let mut told = Vec::new();
        self.refresh(&mut told).await;
        let plans = self.plan(&config, &mut told).await;
        assert!(told.is_empty(), "{told:#?}");
        Saved { plans, config }
    }

    /// `terraform apply` of a saved plan; gives its errors.
    pub async fn applied(&mut self, saved: Saved) -> Vec<Diagnostic> {
        let mut told = Vec::new();
        for plan in saved.plans {
            self.carry_out(plan, &saved.config, &mut told).await;
        }
        told.into_iter().filter(Diagnostic::is_error).collect()
    }

    /// An apply that ends after the first of its plans: of a replacement, the delete alone.
    pub async fn apply_half(&mut self, config: &Json) -> Said {
        let config = codec::from_json(self.resource.schema(), config).expect("the configuration fits the schema");
        let mut told = Vec::new();
        self.refresh(&mut told).await;
        let first = self.plan(&config, &mut told).await.into_iter().next();
        if let Some(plan) = first {
            self.carry_out(plan, &config, &mut told).await;
        }
        Said { diagnostics: told }
    }

    /// An apply of what has failed, under `create_before_destroy`: made anew first, then the old one, deposed, is destroyed.
    pub async fn apply_creating_first(&mut self, config: &Json) -> Said {
        let config = codec::from_json(self.resource.schema(), config).expect("the configuration fits the schema");
        let mut told = Vec::new();
        self.refresh(&mut told).await;
        let deposed = self.state.take();
        if let Some(create) = self.ask(None, &config, &mut told).await {
            self.carry_out(create, &config, &mut told).await;
        }
        let Some(deposed) = deposed else { return Said { diagnostics: told } };
        let Some(new) = self.state.take() else {
            // Where nothing new exists, the old one is back.
            self.state = Some(deposed);
            return Said { diagnostics: told };
        };
        if let Some(delete) = self.ask(Some(deposed.held), &Value::Null, &mut told).await {
            self.carry_out(delete, &Value::Null, &mut told).await;
        }
        self.state = Some(new);
        Said { diagnostics: told }
    }

    /// The ids of all objects in the state that are whole, by key.
    pub fn ids(&self) -> BTreeMap<String, String> {
        let Some(Value::Map(objects)) =
            self.state.as_ref().map(|instance| instance.held.value.member("objects").clone())
        else {
            return BTreeMap::new();
        };
        let text = |entry: &Value, name: &str| entry.member(name).as_str().unwrap_or_default().to_owned();
        let whole = |entry: &&Value| !["unfinished", "failed"].contains(&text(entry, "digest").as_str());
        objects.iter().filter(|(_, entry)| whole(entry)).map(|(key, entry)| (key.clone(), text(entry, "id"))).collect()
    }

    /// What a plan would change, by attribute; nothing if all is as it should be.
    pub async fn open(&mut self, config: &Json) -> Vec<String> {
        let config = codec::from_json(self.resource.schema(), config).expect("the configuration fits the schema");
        let mut told = Vec::new();
        self.refresh(&mut told).await;
        let plans = self.plan(&config, &mut told).await;
        let errors = told.iter().filter(|told| told.is_error()).map(|told| format!("{told:?}"));
        let changes = plans.iter().flat_map(|plan| {
            let prior = plan.prior.clone().unwrap_or_default().value;
            let names = self.resource.schema().attributes.iter().map(|attribute| attribute.name.clone());
            let of = move |name: String| {
                let (is, shall) = (prior.member(&name).clone(), plan.planned.value.member(&name).clone());
                (is != shall).then(|| format!("{name}: {is:?} -> {shall:?}"))
            };
            names.filter_map(of)
        });
        errors.chain(changes).collect()
    }

    /// The state, as `terraform show -json` gives it; null where there is none.
    pub fn told(&self) -> Json {
        let value = self.state.as_ref().map(|state| state.held.value.clone()).unwrap_or_default();
        codec::to_json(self.resource.schema(), &value).expect("a state that fits the schema")
    }

    /// `terraform import` of what the error of a create names; then it is refreshed.
    pub async fn import(&mut self, id: &str) -> Vec<Diagnostic> {
        let Answer { held, diagnostics: mut told } = self.resource.import(&self.context(), id.to_owned()).await;
        if told.is_empty() {
            self.state = Some(Instance { held, tainted: false });
            self.refresh(&mut told).await;
        }
        told
    }

    fn context(&self) -> Context {
        let mut context = Context::default();
        context.stop = self.stop.child_token();
        context
    }

    async fn run(&mut self, config: Value) -> Said {
        let mut told = if config.is_null() { Vec::new() } else { self.resource.validate(&config) };
        if told.is_empty() {
            self.refresh(&mut told).await;
        }
        let failed = |told: &[Diagnostic]| told.iter().any(Diagnostic::is_error);
        if failed(&told) {
            return Said { diagnostics: told };
        }
        let plans = self.plan(&config, &mut told).await;
        for plan in plans {
            if failed(&told) {
                break;
            }
            self.carry_out(plan, &config, &mut told).await;
        }
        Said { diagnostics: told }
    }

    async fn refresh(&mut self, told: &mut Vec<Diagnostic>) {
        let Some(instance) = self.state.clone() else { return };
        let Answer { held, diagnostics } = self.resource.read(&self.context(), instance.held).await;
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        told.extend(diagnostics);
        if !failed {
            assert!(held.value.is_wholly_known(), "a read left something unknown");
            self.state = (!held.value.is_null()).then_some(Instance { held, ..instance });
        }
    }

    /// Nothing, one plan, or the two of a replacement: the delete half is handed the bytes of the create's plan.
    async fn plan(&self, config: &Value, told: &mut Vec<Diagnostic>) -> Vec<Plan> {
        let standing = self.state.as_ref().map(|instance| instance.held.clone());
        let Some(before) = standing.clone().filter(|_| !self.is_tainted() || config.is_null()) else {
            let Some(create) = self.ask(None, config, told).await else { return Vec::new() };
            let delete = standing.map(|prior| Plan { prior: Some(prior), planned: gone(&create.planned) });
            return delete.into_iter().chain([create]).filter(|plan| !plan.is_empty()).collect();
        };
        let Some(plan) = self.ask(Some(before.clone()), config, told).await else { return Vec::new() };
        if lifecycle::replacements(self.resource.schema(), &before.value, &plan.planned.value).is_empty() {
            return [plan].into_iter().filter(|plan| !plan.is_empty()).collect();
        }
        let Some(create) = self.ask(None, config, told).await else { return Vec::new() };
        vec![Plan { prior: Some(before), planned: gone(&create.planned) }, create]
    }

    fn is_tainted(&self) -> bool {
        self.state.as_ref().is_some_and(|instance| instance.tainted)
    }

    /// Asks for a plan, and judges it; none if it erred.
    async fn ask(&self, prior: Option<Held>, config: &Value, told: &mut Vec<Diagnostic>) -> Option<Plan> {
        let schema = self.resource.schema();
        let before = prior.clone().unwrap_or_default();
        let proposed = if config.is_null() { Value::Null } else { proposed_new(schema, &before.value, config) };
        let context = self.context();
        let asked = lifecycle::plan(&self.resource, &context, before.clone(), config.clone(), &proposed);
        let (Answer { held: planned, diagnostics }, replaces) = asked.await;
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        told.extend(diagnostics);
        if failed {
            return None;
        }
        if replaces.is_empty() && !config.is_null() {
            assert_plan_valid(schema, &before.value, config, &planned.value).expect("a plan within Terraform's rules");
        }
        Some(Plan { prior, planned })
    }

    /// Terraform plans once more before it applies.
    async fn carry_out(&mut self, plan: Plan, config: &Value, told: &mut Vec<Diagnostic>) {
        let schema = self.resource.schema();
        let mut planned = plan.planned.clone();
        if !planned.value.is_null() {
            let Some(again) = self.ask(plan.prior.clone(), config, told).await else { return };
            assert_final_plan(&planned.value, &again.planned.value).expect("the same plan again");
            planned = again.planned;
        }
        let prior = plan.prior.unwrap_or_default();
        let (creates, deletes) = (prior.value.is_null(), planned.value.is_null());
        let config = if deletes { Value::Null } else { config.clone() };
        let context = self.context();
        let asked = lifecycle::apply(&self.resource, &context, prior.value.clone(), config, planned.clone());
        let Answer { held, diagnostics } = asked.await;
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        told.extend(diagnostics);
        if !failed && !deletes {
            assert_applied(schema, &planned.value, &held.value).expect("what was planned");
        }
        assert!(failed || !deletes || held.value.is_null(), "a delete without an error leaves nothing");
        let value = lifecycle::nulls_for_unknowns(held.value);
        self.state = match (value.is_null(), failed) {
            // An error with nothing to store keeps what there was.
            (true, true) => self.state.take().filter(|_| !creates),
            (true, false) => None,
            (false, _) => Some(Instance { held: Held { value, private: held.private }, tainted: failed && creates }),
        };
    }
}

impl Plan {
    fn is_empty(&self) -> bool {
        self.prior.as_ref().map_or(Value::Null, |prior| prior.value.clone()) == self.planned.value
    }
}

/// The delete half of a replacement.
fn gone(create: &Held) -> Held {
    Held { value: Value::Null, private: create.private.clone() }
}
