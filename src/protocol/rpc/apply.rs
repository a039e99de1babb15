//! Apply: the one call after which Terraform must not forget anything, whatever went wrong.
//!
//! What `new_state` says is stored, error or not; an error with a null state leaves the prior state as it was. So a
//! value of ours that can't be encoded is stored in part, and a panic is answered with what was noted before it.

use super::values::{encode, tell};
use super::{Call, values, wire};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::guard::caught;
use crate::protocol::lifecycle;
use crate::protocol::provider::{Answer, Held};
use crate::protocol::schema::Schema;
use crate::protocol::value::Value;

pub async fn apply(
    call: Call,
    request: wire::apply_resource_change::Request,
) -> Result<wire::apply_resource_change::Response, Diagnostic> {
    let resource = call.resource(&request.type_name)?;
    let schema = resource.schema();
    let prior = values::decode(schema, request.prior_state.as_ref())?;
    let config = values::decode(schema, request.config.as_ref())?;
    let planned =
        Held { value: values::decode(schema, request.planned_state.as_ref())?, private: request.planned_private };

    let context = &call.context;
    let outcome = caught(lifecycle::apply(resource, context, prior, config, planned));
    let answer = outcome.await.unwrap_or_else(|panic| {
        let held = context.recorded().unwrap_or_default();
        Answer { held, diagnostics: vec![panic] }
    });
    Ok(store(schema, answer))
}

/// Makes of any answer one that Terraform can store.
fn store(schema: &Schema, answer: Answer) -> wire::apply_resource_change::Response {
    let Answer { held: Held { mut value, private }, mut diagnostics } = answer;
    if !value.is_wholly_known() {
        if !diagnostics.iter().any(Diagnostic::is_error) {
            diagnostics.push(Diagnostic::error(
                "The provider left parts of a resource unknown",
                "This is a bug in the provider, please report it. The resource has been changed as asked.",
            ));
        }
        value = lifecycle::nulls_for_unknowns(value);
    }
    let state = encode(schema, &value).unwrap_or_else(|bug| {
        diagnostics.push(bug);
        // What fits can't fail; should it still, nothing known is told, which keeps the prior state.
        encode(schema, &what_fits(schema, value)).unwrap_or_default()
    });
    wire::apply_resource_change::Response {
        new_state: Some(state),
        private,
        diagnostics: tell(diagnostics),
        ..Default::default()
    }
}

/// The attributes that can be stored, the others null.
fn what_fits(schema: &Schema, value: Value) -> Value {
    let Value::Object(mut members) = value else { return Value::Null };
    let fitting = schema.attributes.iter().map(|attribute| {
        let alone = Schema { attributes: vec![attribute.clone()], ..Schema::default() };
        let member = members.remove(&attribute.name).unwrap_or_default();
        let object = Value::Object([(attribute.name.clone(), member.clone())].into());
        let fits = encode(&alone, &object).is_ok();
        (attribute.name.clone(), if fits { member } else { Value::Null })
    });
    Value::Object(fitting.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknowns_become_null_at_every_depth_and_sets_stay_sets() {
        let mut value = Value::Object(
            [("a".to_owned(), Value::Unknown), ("b".to_owned(), Value::Set(vec![Value::Null, Value::Unknown]))].into(),
        );
        value = lifecycle::nulls_for_unknowns(value);
        let expected = [("a".to_owned(), Value::Null), ("b".to_owned(), Value::Set(vec![Value::Null]))];
        assert_eq!(value, Value::Object(expected.into()));
    }
}
