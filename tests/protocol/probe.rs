//! A provider that lives in memory and does on request what a good one never does: hang, panic, answer nonsense.
//!
//! `fargate_probe.mode` says what create and update do. The computed `id` is known after apply.

use std::collections::BTreeMap;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value as Json, json};
use terraform_provider_fargate::protocol::diagnostic::Diagnostic;
use terraform_provider_fargate::protocol::provider::{Answer, Change, Context, DataSource, Held, Provider, Resource};
use terraform_provider_fargate::protocol::schema::{Attribute, Presence, Schema, Shape, Type};
use terraform_provider_fargate::protocol::value::Value;

pub const TYPE: &str = "fargate_probe";

pub struct Probe {
    schema: Schema,
    resources: BTreeMap<&'static str, Box<dyn Resource>>,
}

impl Default for Probe {
    fn default() -> Self {
        let resource = Schema {
            version: 1,
            description: "Does as it is told.".into(),
            attributes: vec![
                attribute("id", Presence::Computed),
                Attribute { replaces: true, ..attribute("mode", Presence::Optional) },
                attribute("text", Presence::Required),
            ],
        };
        Self {
            schema: Schema { attributes: vec![attribute("region", Presence::Optional)], ..Schema::default() },
            resources: BTreeMap::from([(TYPE, Box::new(ProbeResource(resource)) as Box<dyn Resource>)]),
        }
    }
}

fn attribute(name: &str, presence: Presence) -> Attribute {
    Attribute {
        name: name.into(),
        shape: Shape::Plain(Type::String),
        stable: presence == Presence::Computed,
        presence,
        description: format!("The {name}."),
        sensitive: false,
        replaces: false,
    }
}

impl Provider for Probe {
    fn data_sources(&self) -> &BTreeMap<&'static str, Box<dyn DataSource>> {
        static NONE: BTreeMap<&'static str, Box<dyn DataSource>> = BTreeMap::new();
        &NONE
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn resources(&self) -> &BTreeMap<&'static str, Box<dyn Resource>> {
        &self.resources
    }

    fn validate(&self, _: &Value) -> Vec<Diagnostic> {
        Vec::new()
    }

    fn configure<'a>(&'a self, _: &'a Context, _: String, _: Value) -> BoxFuture<'a, Vec<Diagnostic>> {
        async { Vec::new() }.boxed()
    }
}

struct ProbeResource(Schema);

impl Resource for ProbeResource {
    fn schema(&self) -> &Schema {
        &self.0
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        match member(config, "text") {
            Value::String(text) if text.is_empty() => vec![Diagnostic::error("No text", "").at("text")],
            Value::String(text) if text == "panic" => panic!("validate was told to"),
            _ => Vec::new(),
        }
    }

    fn upgrade(&self, _: i64, mut state: Json) -> Result<Json, Diagnostic> {
        state["text"] = json!("upgraded");
        Ok(state)
    }

    fn read<'a>(&'a self, _: &'a Context, held: Held) -> BoxFuture<'a, Answer> {
        async { Answer { held, diagnostics: Vec::new() } }.boxed()
    }

    fn plan<'a>(&'a self, _: &'a Context, change: Change) -> BoxFuture<'a, Answer> {
        let held = Held { value: change.planned, private: b"planned".into() };
        async { Answer { held, diagnostics: Vec::new() } }.boxed()
    }

    fn plan_destroy<'a>(&'a self, _: &'a Context, prior: Held) -> BoxFuture<'a, Answer> {
        async { Answer { held: prior, diagnostics: Vec::new() } }.boxed()
    }

    fn create<'a>(&'a self, context: &'a Context, _: Value, planned: Held) -> BoxFuture<'a, Answer> {
        async move {
            let unfinished = planned.value.clone();
            let mut reached = planned.value;
            let mode = member(&reached, "mode").clone();
            put(&mut reached, "id", Value::String("made".into()));
            let held = Held { value: reached, private: b"applied".into() };
            let Value::String(mode) = mode else { return Answer { held, diagnostics: Vec::new() } };
            match mode.as_str() {
                "panic" => {
                    context.record(held);
                    panic!("create was told to");
                }
                "hang" => {
                    context.record(held.clone());
                    context.stop.cancelled().await;
                    Answer { held, diagnostics: vec![Diagnostic::error("Stopped", "Because it was asked to.")] }
                }
                "unknown" => {
                    let held = Held { value: unfinished, private: Vec::new() };
                    Answer { held, diagnostics: vec![Diagnostic::error("Failed", "").at("mode")] }
                }
                "nonsense" => {
                    let mut held = held;
                    put(&mut held.value, "mode", Value::Bool(true));
                    Answer { held, diagnostics: Vec::new() }
                }
                _ => Answer { held, diagnostics: Vec::new() },
            }
        }
        .boxed()
    }

    fn update<'a>(&'a self, context: &'a Context, _: Value, config: Value, planned: Held) -> BoxFuture<'a, Answer> {
        self.create(context, config, planned)
    }

    fn delete<'a>(&'a self, _: &'a Context, prior: Value, _: Vec<u8>) -> BoxFuture<'a, Answer> {
        async move {
            assert_ne!(*member(&prior, "text"), Value::String("undead".into()), "delete was told to");
            Answer::default()
        }
        .boxed()
    }

    fn import<'a>(&'a self, _: &'a Context, id: String) -> BoxFuture<'a, Answer> {
        let mut value = Value::Object(BTreeMap::new());
        for (name, member) in [("id", Value::String(id)), ("mode", Value::Null), ("text", Value::Null)] {
            put(&mut value, name, member);
        }
        async { Answer { held: Held { value, private: Vec::new() }, diagnostics: Vec::new() } }.boxed()
    }
}

fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    match value {
        Value::Object(members) => members.get(name).unwrap_or(&Value::Null),
        _ => &Value::Null,
    }
}

fn put(value: &mut Value, name: &str, member: Value) {
    if let Value::Object(members) = value {
        members.insert(name.to_owned(), member);
    }
}
