//! One service on the simulated AWS, applied step by step: what each step calls, that the plan is empty after it, and what
//! AWS shows then.

use serde_json::{Map, Value as Json, json};
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::observe;

use super::Inside;
use super::core::{Core, Said};

pub const NAME: &str = "stage";

pub struct Stage {
    pub aws: Inside,
    pub core: Core,
}

impl Stage {
    pub fn new() -> Self {
        let aws = Inside::new(7);
        Self { core: Core::new(&aws, None), aws }
    }

    /// Applies a configuration of these attributes; gives the calls that change something, in their order and each once,
    /// but for those of the lease.
    pub async fn apply(&mut self, config: &Json) -> Vec<String> {
        let from = self.aws.world().log.len();
        let said = self.core.apply(config).await;
        assert!(said.errors().is_empty(), "{config}: {:#?}", said.errors());
        let called = self.mutations(from);
        let open = self.core.open(config).await;
        assert!(open.is_empty(), "the plan is not empty: {config}\n{open:#?}");
        called
    }

    pub async fn refused(&mut self, config: &Json) -> Said {
        let said = self.core.apply(config).await;
        assert!(!said.errors().is_empty(), "{config} was taken");
        said
    }

    /// A configuration: the name, an image, and these attributes over them.
    pub fn config(more: Json) -> Json {
        let mut config = Map::from_iter([("name".into(), json!(NAME)), ("image".into(), json!("nginx:1"))]);
        config.extend(more.as_object().cloned().unwrap_or_default());
        config.into()
    }

    /// Another state, imported: what a plan of this configuration would change.
    pub async fn imported(&self, config: &Json) -> Vec<String> {
        let mut core = Core::new(&self.aws, None);
        let told = core.import(NAME).await;
        assert!(told.is_empty(), "{told:#?}");
        core.open(config).await
    }

    /// Destroys; nothing may be left.
    pub async fn destroy(&mut self) {
        let said = self.core.destroy().await;
        assert!(said.errors().is_empty(), "{:#?}", said.errors());
        let left = observe::is_empty(&self.aws.world());
        assert!(left.is_empty(), "left: {left:#?}");
    }

    /// An attribute in the state.
    pub fn state(&self, attribute: &str) -> Json {
        self.core.told()[attribute].take()
    }

    /// Calls AWS, as anybody else would.
    pub fn call(&self, service: &str, action: &str, ask: Json) -> Json {
        let answer = self.aws.world().call(service, action, &Ask(ask.clone()));
        answer.unwrap_or_else(|refusal| panic!("{action} {ask}: {refusal:?}"))
    }

    /// The ECS service, as AWS shows it.
    pub fn service(&self) -> Json {
        let (cluster, service) = (self.state("cluster_arn"), self.state("service_arn"));
        let ask = json!({ "cluster": cluster, "services": [service], "include": ["TAGS"] });
        self.call("ecs", "DescribeServices", ask)["services"][0].take()
    }

    fn mutations(&self, from: usize) -> Vec<String> {
        let looks = |action: &str| ["Describe", "Get", "List"].iter().any(|verb| action.starts_with(verb));
        let world = self.aws.world();
        let calls = world.log[from..].iter().filter(|event| event.source == "call").map(|event| event.what.clone());
        let mut once = Vec::new();
        for call in calls.filter(|call| !looks(call.split(':').nth(1).unwrap_or_default())) {
            if call != "ssm:PutParameter" && !once.contains(&call) {
                once.push(call);
            }
        }
        once
    }
}
