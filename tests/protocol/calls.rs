//! The gRPC service within this process: what is answered when things go wrong, and that every call has an answer.

use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Value as Json, json};
use terraform_provider_fargate::protocol::guard::Guard;
use terraform_provider_fargate::protocol::rpc;
use terraform_provider_fargate::protocol::wire::tfplugin6 as wire;
use tonic::transport::Server;

use crate::client::{Step, Terraform, channel};
use crate::packed::{pack, unknown, unpack};
use crate::probe::{Probe, TYPE};

/// Terraform on one end of a pipe and the probe on the other.
async fn terraform() -> Terraform {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let incoming = tokio_stream::once(Ok::<_, std::io::Error>(theirs)).chain(futures::stream::pending());
    let service = rpc::service(Arc::new(Probe::default()), Arc::new(Guard::default()));
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
    Terraform::over(channel(async { Ok(ours) }).await.unwrap())
}

fn config(mode: Option<&str>, text: &str) -> Json {
    json!({ "id": null, "mode": mode, "text": text })
}

fn create<'a>(config: &'a Json, planned: &'a Json) -> Step<'a> {
    Step { type_name: TYPE, prior: &Json::Null, planned, config, private: b"plan" }
}

fn errors(diagnostics: &[wire::Diagnostic]) -> Vec<&str> {
    let error = wire::diagnostic::Severity::Error;
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity() == error);
    errors.map(|diagnostic| diagnostic.summary.as_str()).collect()
}

/// A create with that mode, from the plan on.
async fn created(terraform: &mut Terraform, mode: Option<&str>) -> wire::apply_resource_change::Response {
    let config = config(mode, "hello");
    let planned = terraform.plan(create(&config, &config)).await;
    let planned = unpack(planned.planned_state.as_ref());
    assert_eq!(planned["id"], unknown());
    terraform.apply(create(&config, &planned)).await
}

#[tokio::test]
async fn a_resource_lives_from_plan_to_delete() {
    let mut terraform = terraform().await;
    assert!(terraform.configure(&json!({ "region": unknown() })).await.is_empty());
    assert!(terraform.validate(TYPE, &config(None, "hello")).await.is_empty());

    let made = created(&mut terraform, None).await;
    let state = unpack(made.new_state.as_ref());
    assert_eq!(state, json!({ "id": "made", "mode": null, "text": "hello" }));
    assert_eq!(made.private, b"applied");

    let seen = terraform.read(TYPE, &state, &made.private).await;
    assert_eq!((unpack(seen.new_state.as_ref()), seen.private), (state.clone(), made.private));

    let changed = config(Some("other"), "hello");
    let proposed = json!({ "id": "made", "mode": "other", "text": "hello" });
    let step = Step { type_name: TYPE, prior: &state, planned: &proposed, config: &changed, private: b"" };
    let plan = terraform.plan(step).await;
    assert_eq!(plan.planned_private, b"planned");
    let [path] = &plan.requires_replace[..] else { panic!("{plan:?}") };
    let selector = path.steps[0].selector.clone();
    assert_eq!(selector, Some(wire::attribute_path::step::Selector::AttributeName("mode".into())));

    let end = Step { type_name: TYPE, prior: &state, planned: &Json::Null, config: &Json::Null, private: b"kept" };
    let plan = terraform.plan(end.clone()).await;
    assert_eq!((unpack(plan.planned_state.as_ref()), plan.planned_private), (Json::Null, b"kept".to_vec()));
    let gone = terraform.apply(end).await;
    assert_eq!((unpack(gone.new_state.as_ref()), gone.diagnostics), (Json::Null, vec![]));
}

#[tokio::test]
async fn a_panic_during_create_is_told_and_what_stands_is_kept() {
    let mut terraform = terraform().await;
    let answer = created(&mut terraform, Some("panic")).await;
    assert_eq!(errors(&answer.diagnostics), ["The provider crashed"]);
    assert!(answer.diagnostics[0].detail.contains("create was told to"));
    assert_eq!(unpack(answer.new_state.as_ref())["id"], "made");
    assert_eq!(answer.private, b"applied");
}

#[tokio::test]
async fn a_panic_elsewhere_is_told_and_the_service_goes_on() {
    let mut terraform = terraform().await;
    assert_eq!(errors(&terraform.validate(TYPE, &config(None, "panic")).await), ["The provider crashed"]);
    let state = json!({ "id": "made", "mode": null, "text": "undead" });
    let end = Step { type_name: TYPE, prior: &state, planned: &Json::Null, config: &Json::Null, private: b"" };
    let answer = terraform.apply(end).await;
    assert_eq!(errors(&answer.diagnostics), ["The provider crashed"]);
    // An error with a null state: Terraform keeps the state, and the private bytes, that it has.
    assert_eq!(unpack(answer.new_state.as_ref()), Json::Null);
    assert!(terraform.validate(TYPE, &config(None, "fine")).await.is_empty());
}

#[tokio::test]
async fn stop_ends_what_is_in_flight_and_nothing_later() {
    let mut terraform = terraform().await;
    let mut second = terraform.clone();
    let mut hanging = std::pin::pin!(created(&mut second, Some("hang")));
    // The create is in flight for certain only once a stop has reached it; until then every stop is too early.
    let stopping = async {
        loop {
            tokio::select! {
                biased;
                answer = &mut hanging => break answer,
                () = terraform.stop() => {}
            }
        }
    };
    let answer = tokio::time::timeout(std::time::Duration::from_secs(30), stopping).await.expect("it stops");
    assert_eq!(errors(&answer.diagnostics), ["Stopped"]);
    assert_eq!(unpack(answer.new_state.as_ref())["id"], "made");
    assert!(created(&mut terraform, None).await.diagnostics.is_empty());
}

#[tokio::test]
async fn after_an_error_nothing_is_left_unknown() {
    let answer = created(&mut terraform().await, Some("unknown")).await;
    assert_eq!(errors(&answer.diagnostics), ["Failed"]);
    assert!(answer.diagnostics[0].attribute.is_some());
    assert_eq!(unpack(answer.new_state.as_ref()), json!({ "id": null, "mode": "unknown", "text": "hello" }));
}

#[tokio::test]
async fn a_value_that_the_schema_forbids_is_told_as_a_bug_and_the_rest_is_kept() {
    let answer = created(&mut terraform().await, Some("nonsense")).await;
    assert_eq!(errors(&answer.diagnostics), ["The provider made a value that it can't store"]);
    assert_eq!(unpack(answer.new_state.as_ref()), json!({ "id": "made", "mode": null, "text": "hello" }));
    assert_eq!(answer.private, b"applied");
}

#[tokio::test]
async fn stored_state_is_brought_to_the_schema_and_never_answered_with_null() {
    let mut terraform = terraform().await;
    let stored = json!({ "id": "made", "text": "old", "forgotten": 1 });
    let same = terraform.upgrade(TYPE, 1, &stored).await;
    assert_eq!(unpack(same.upgraded_state.as_ref()), json!({ "id": "made", "mode": null, "text": "old" }));
    let older = terraform.upgrade(TYPE, 0, &stored).await;
    assert_eq!(unpack(older.upgraded_state.as_ref())["text"], "upgraded");
    for (version, refused) in [(2, stored.clone()), (1, Json::Null), (1, json!([]))] {
        let answer = terraform.upgrade(TYPE, version, &refused).await;
        assert_eq!(errors(&answer.diagnostics), ["The stored state can't be read"], "{version} {refused}");
    }
    let ancient = wire::RawState { json: Vec::new(), flatmap: [("id".into(), "made".into())].into() };
    let request =
        wire::upgrade_resource_state::Request { type_name: TYPE.into(), version: 1, raw_state: Some(ancient) };
    let answer = terraform.provider.upgrade_resource_state(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics).len(), 1);
}

#[tokio::test]
async fn import_begins_a_state() {
    let answer = terraform().await.import(TYPE, "found").await;
    let [imported] = &answer.imported_resources[..] else { panic!("{answer:?}") };
    assert_eq!(imported.type_name, TYPE);
    assert_eq!(unpack(imported.state.as_ref())["id"], "found");
    assert_eq!(errors(&terraform().await.import(TYPE, "").await.diagnostics).len(), 1);
}

#[tokio::test]
async fn messages_may_be_larger_than_four_mebibytes() {
    let mut terraform = terraform().await;
    let state = json!({ "id": "made", "mode": null, "text": "x".repeat(9 << 20) });
    let seen = terraform.read(TYPE, &state, b"").await;
    assert!(unpack(seen.new_state.as_ref()) == state);
}

#[tokio::test]
async fn what_terraform_sends_wrongly_is_told_and_not_a_grpc_error() {
    let mut terraform = terraform().await;
    let diagnostics = terraform.validate("fargate_nothing", &json!({})).await;
    assert_eq!(errors(&diagnostics), ["This provider has no resource type \"fargate_nothing\""]);
    let diagnostics = terraform.validate(TYPE, &json!({ "id": null, "mode": null, "text": [1] })).await;
    assert_eq!(errors(&diagnostics), ["The provider can't read a value that Terraform sent"]);
    assert!(diagnostics[0].attribute.is_some());
}

/// Calls each method with an empty request; gives back the summary of what was answered.
macro_rules! refusals {
    ($terraform:ident: $($method:ident($message:ident))*) => {
        [$((stringify!($method), {
            let request = wire::$message::Request::default();
            let answer = $terraform.provider.$method(request).await.expect(stringify!($method)).into_inner();
            errors(&answer.diagnostics).join("")
        }),)*]
    };
}

#[tokio::test]
async fn every_call_of_the_protocol_is_answered() {
    let mut terraform = terraform().await;
    let refused = refusals! { terraform:
        upgrade_resource_identity(upgrade_resource_identity)
        move_resource_state(move_resource_state)
        generate_resource_config(generate_resource_config)
        validate_data_resource_config(validate_data_resource_config)
        read_data_source(read_data_source)
        validate_ephemeral_resource_config(validate_ephemeral_resource_config)
        open_ephemeral_resource(open_ephemeral_resource)
        renew_ephemeral_resource(renew_ephemeral_resource)
        close_ephemeral_resource(close_ephemeral_resource)
        validate_list_resource_config(validate_list_resource_config)
        validate_state_store_config(validate_state_store)
        configure_state_store(configure_state_store)
        lock_state(lock_state)
        unlock_state(unlock_state)
        get_states(get_states)
        delete_state(delete_state)
        plan_action(plan_action)
        validate_action_config(validate_action_config)
        validate_resource_config(validate_resource_config)
        upgrade_resource_state(upgrade_resource_state)
        read_resource(read_resource)
        plan_resource_change(plan_resource_change)
        apply_resource_change(apply_resource_change)
        import_resource_state(import_resource_state)
    };
    for (method, summary) in refused {
        assert!(summary.starts_with("This provider has no "), "{method}: {summary}");
    }
    let answered = refusals! { terraform:
        get_metadata(get_metadata)
        get_provider_schema(get_provider_schema)
        get_resource_identity_schemas(get_resource_identity_schemas)
        get_functions(get_functions)
        validate_provider_config(validate_provider_config)
        configure_provider(configure_provider)
    };
    assert!(answered.iter().all(|(_, summary)| summary.is_empty()), "{answered:?}");

    let provider = &mut terraform.provider;
    let called = provider.call_function(wire::call_function::Request::default()).await.unwrap().into_inner();
    assert_eq!(called.error.unwrap().text, "This provider has no functions");
    let mut listed = provider.list_resource(wire::list_resource::Request::default()).await.unwrap().into_inner();
    assert_eq!(errors(&listed.message().await.unwrap().unwrap().diagnostic), ["This provider has no lists"]);
    assert!(listed.message().await.unwrap().is_none());
    let mut bytes = provider.read_state_bytes(wire::read_state_bytes::Request::default()).await.unwrap().into_inner();
    assert_eq!(errors(&bytes.message().await.unwrap().unwrap().diagnostics).len(), 1);
    let mut invoked = provider.invoke_action(wire::invoke_action::Request::default()).await.unwrap().into_inner();
    let event = invoked.message().await.unwrap().unwrap().r#type;
    assert!(matches!(event, Some(wire::invoke_action::event::Type::Completed(done)) if done.diagnostics.len() == 1));
    let chunks = futures::stream::iter([wire::write_state_bytes::RequestChunk::default()]);
    assert_eq!(errors(&provider.write_state_bytes(chunks).await.unwrap().into_inner().diagnostics).len(), 1);
    terraform.stop().await;
}

#[tokio::test]
async fn json_is_understood_where_msgpack_is_missing() {
    let mut terraform = terraform().await;
    let mut config = pack(&Json::Null);
    config.msgpack.clear();
    config.json = br#"{"id":null,"mode":null,"text":""}"#.to_vec();
    let request = wire::validate_resource_config::Request {
        type_name: TYPE.into(),
        config: Some(config),
        client_capabilities: None,
    };
    let answer = terraform.provider.validate_resource_config(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics), ["No text"]);
}
