//! Values over the border: in both directions only whole, and a failure told as what it is.

use super::wire;
use crate::protocol::codec;
use crate::protocol::diagnostic::{Diagnostic, Severity};
use crate::protocol::path::{Path, Step};
use crate::protocol::schema::Schema;
use crate::protocol::value::Value;

/// What Terraform sent. Nothing at all means null.
pub fn decode(schema: &Schema, sent: Option<&wire::DynamicValue>) -> Result<Value, Diagnostic> {
    let Some(sent) = sent else { return Ok(Value::Null) };
    if sent.msgpack.is_empty() && !sent.json.is_empty() {
        let json = serde_json::from_slice(&sent.json).map_err(|error| not_understood(&error.to_string()))?;
        return codec::from_json(schema, &json).map_err(|error| not_understood(&error.to_string()).at(error.path));
    }
    codec::decode(schema, &sent.msgpack).map_err(|error| not_understood(&error.to_string()).at(error.path))
}

/// What we answer. Fails only on a value that our own schema forbids.
pub fn encode(schema: &Schema, value: &Value) -> Result<wire::DynamicValue, Diagnostic> {
    let encoded = codec::encode(schema, value);
    encoded.map(|msgpack| wire::DynamicValue { msgpack, json: Vec::new() }).map_err(|error| {
        Diagnostic::error(
            "The provider made a value that it can't store",
            format!("This is a bug in the provider, please report it: {error}."),
        )
        .at(error.path)
    })
}

fn not_understood(why: &str) -> Diagnostic {
    Diagnostic::error(
        "The provider can't read a value that Terraform sent",
        format!(
            "The value doesn't fit the provider's schema: {why}. If it comes from the state, another version of the \
             provider may have written it."
        ),
    )
}

impl From<Diagnostic> for wire::Diagnostic {
    fn from(told: Diagnostic) -> Self {
        let severity = match told.severity {
            Severity::Error => wire::diagnostic::Severity::Error,
            Severity::Warning => wire::diagnostic::Severity::Warning,
        };
        let attribute = (!told.path.0.is_empty()).then(|| pointing_at(told.path).into());
        Self { severity: severity.into(), summary: told.summary, detail: told.detail, attribute }
    }
}

/// The path by which Terraform finds the line to show. It looks for attributes of blocks only, and for elements of what
/// such an attribute is set to: for a nested attribute (`a.b`) it would fall back to the head of the whole block, while
/// told as an element (`a["b"]`) it shows the very line. Deeper it cannot look.
fn pointing_at(path: Path) -> Path {
    let steps = path.0.into_iter().take(2).enumerate().map(|(depth, step)| match step {
        Step::Attribute(name) if depth > 0 => Step::Key(name),
        step => step,
    });
    Path(steps.collect())
}

impl From<Path> for wire::AttributePath {
    fn from(path: Path) -> Self {
        use wire::attribute_path::step::Selector;
        let selectors = path.0.into_iter().map(|step| match step {
            Step::Attribute(name) => Selector::AttributeName(name),
            Step::Key(key) => Selector::ElementKeyString(key),
            Step::Index(index) => Selector::ElementKeyInt(index),
        });
        Self { steps: selectors.map(|step| wire::attribute_path::Step { selector: Some(step) }).collect() }
    }
}

pub fn tell(diagnostics: Vec<Diagnostic>) -> Vec<wire::Diagnostic> {
    diagnostics.into_iter().map(Into::into).collect()
}
