//! Which of a resource's methods a plan or an apply means, told by what is null.

use crate::protocol::path::Path;
use crate::protocol::provider::{Answer, Change, Context, Held, Resource};
use crate::protocol::value::Value;

/// Plans, and tells which attributes make another resource necessary. A null proposal is a destroy.
pub async fn plan(
    resource: &dyn Resource,
    context: &Context,
    prior: Held,
    config: Value,
    proposed: &Value,
) -> (Answer, Vec<Path>) {
    let schema = resource.schema();
    if proposed.is_null() {
        let mut answer = resource.plan_destroy(context, prior).await;
        answer.held.value = Value::Null;
        return (answer, Vec::new());
    }
    let Held { value: prior, private } = prior;
    let planned = super::propose(schema, &prior, proposed, &config);
    let answer = resource.plan(context, Change { prior: prior.clone(), config, planned, private }).await;
    let replaces = super::replacements(schema, &prior, &answer.held.value);
    (answer, replaces)
}

/// Carries a plan out: a null prior is a create, a null plan a delete.
pub async fn apply(resource: &dyn Resource, context: &Context, prior: Value, config: Value, planned: Held) -> Answer {
    match (&prior, &planned.value) {
        (Value::Null, Value::Null) => Answer::default(),
        (Value::Null, _) => resource.create(context, config, planned).await,
        (_, Value::Null) => resource.delete(context, prior, planned.private).await,
        _ => resource.update(context, prior, config, planned).await,
    }
}
