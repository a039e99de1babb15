//! The data source tells of a service by its name what its resource tells; on the simulated AWS, and with the real Terraform.

use serde_json::json;
use std::sync::Arc;

use terraform_provider_fargate::protocol::provider::{Context, DataSource};
use terraform_provider_fargate::protocol::value::Value;
use terraform_provider_fargate::provider::web_service::WebServiceData;
use tokio::sync::RwLock;

use crate::inside::core::Core;
use crate::inside::door::Moment;
use crate::inside::{Inside, on_paused_clock};
use crate::served::Served;
use crate::stack::Stack;
use crate::terraform::Terraform;

fn source(aws: &Inside) -> WebServiceData {
    WebServiceData::new(Arc::new(RwLock::new(Some(aws.session())))).expect("the schema")
}

fn named(name: &str, schema: &terraform_provider_fargate::protocol::schema::Schema) -> Value {
    Value::object(schema.attributes.iter().map(|attribute| {
        let given = if attribute.name == "name" { Value::from(name) } else { Value::Null };
        (attribute.name.as_str(), given)
    }))
}

#[test]
fn it_tells_what_the_resource_tells() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let mut core = Core::new(&aws, None);
        let config = json!({ "name": "web", "image": "nginx:1.27", "tags": { "team": "shop" }, "network": { "egress": "nat_single" } });
        assert!(core.apply(&config).await.errors().is_empty());
        let state = core.state.clone().expect("it stands").held.value;
        let source = source(&aws);
        let begun = aws.calls();
        let (seen, told) = source.read(&Context::default(), named("web", source.schema())).await;
        assert!(told.is_empty(), "{told:?}");
        for attribute in &source.schema().attributes {
            assert_eq!(seen.member(&attribute.name), state.member(&attribute.name), "{}", attribute.name);
        }
        assert!(source.schema().attributes.len() > 25 && seen.member("vpc_id").as_str().is_some());
        let (none, told) = source.read(&Context::default(), named("shop", source.schema())).await;
        assert!(
            none.is_null() && told[0].summary == "No such service" && told[0].path.to_string() == "name",
            "{told:?}"
        );
        assert_eq!(aws.calls(), begun, "it changes nothing");
        assert!(core.destroy().await.errors().is_empty());
        let (none, told) = source.read(&Context::default(), named("web", source.schema())).await;
        assert!(none.is_null() && told.len() == 1);
    });
}

#[test]
fn an_incomplete_service_is_told_with_a_warning() {
    on_paused_clock(2, async {
        let aws = Inside::new(2);
        let mut core = Core::new(&aws, None);
        let config = json!({ "name": "web", "image": "nginx:1.27" });
        assert!(aws.killed(12, Moment::After, core.apply(&config)).await.is_none());
        let source = source(&aws);
        let (seen, told) = source.read(&Context::default(), named("web", source.schema())).await;
        assert_eq!(seen.member("status").as_str(), Some("incomplete"));
        assert!(
            told.iter().any(|told| !told.is_error() && told.summary == "The service web is incomplete"),
            "{told:?}"
        );
        assert!(seen.member("service_arn").is_null());
    });
}

#[test]
fn another_state_builds_on_a_service_by_its_name() {
    let aws = Served::start();
    let owner = Terraform::reaching(aws.url(), &Stack::named("owner").hcl());
    let look = "data \"fargate_web_service\" \"owner\" { name = \"owner\" }\n";
    let network = "{\n    vpc_id = data.fargate_web_service.owner.vpc_id\n    \
         public_subnet_ids = data.fargate_web_service.owner.public_subnet_ids\n    \
         private_subnet_ids = data.fargate_web_service.owner.private_subnet_ids\n  }";
    let guest = format!("{look}{}", Stack::named("guest").with("network", network).hcl());
    let other = Terraform::reaching(aws.url(), &guest);
    let early = other.run(&["plan", "-no-color"]);
    assert!(early.code == 1 && early.said.contains("No such service"), "{}", early.said);
    owner.apply().ok();
    other.apply().ok();
    other.plan().empty();
    let under = owner.destroy();
    assert!(under.code == 1 && under.said.contains("/guest"), "{}", under.said);
    other.destroy().ok();
    owner.destroy().ok();
}
