//! What AWS has and we don't model, given as a JSON merge patch (RFC 7396): put into a call's body before it is signed, and
//! read from an answer's body after it came. The SDK's own types know nothing of such members, and drop them.
//!
//! AWS fills in what a patch leaves open, and may write nothing for what is empty: to *show* a patch is to have what it says.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Map, Value as Json};

type Change = Arc<dyn Fn(&mut Json) + Send + Sync>;

/// A call's JSON bodies: what is sent may be changed, what is answered is kept. For `customize().interceptor(..)`.
#[derive(Clone)]
pub struct Bodies {
    change: Option<Change>,
    answer: Arc<Mutex<Json>>,
}

impl Bodies {
    /// Sends what the SDK sends, and keeps the answer.
    pub fn kept() -> Self {
        Self { change: None, answer: Arc::default() }
    }

    /// Changes what is sent.
    pub fn changed(change: impl Fn(&mut Json) + Send + Sync + 'static) -> Self {
        Self { change: Some(Arc::new(change)), ..Self::kept() }
    }

    /// The last answer, or null.
    pub fn answer(&self) -> Json {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Bodies {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The bodies may hold what no log should show.
        out.write_str("Bodies")
    }
}

impl Intercept for Bodies {
    fn name(&self) -> &'static str {
        "Bodies"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(change) = &self.change else { return Ok(()) };
        let request = context.request_mut();
        let mut body: Json = serde_json::from_slice(request.body().bytes().ok_or("the request has no body")?)?;
        change(&mut body);
        let bytes = serde_json::to_vec(&body)?;
        request.headers_mut().try_insert("content-length", bytes.len().to_string())?;
        *request.body_mut() = SdkBody::from(bytes);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = serde_json::from_slice(body).unwrap_or_default();
        Ok(())
    }
}

/// Applies a merge patch: objects member by member, null removes, everything else replaces (RFC 7396, section 2).
pub fn merge(target: &mut Json, patch: &Json) {
    let Json::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Json::Object(Map::new());
    }
    let Json::Object(members) = target else { return };
    for (name, value) in patch {
        match value {
            Json::Null => drop(members.shift_remove(name)),
            value => merge(members.entry(name.clone()).or_insert(Json::Null), value),
        }
    }
}

/// A patch as what it was applied to shows it: the patch itself, but for members that have another value there.
pub fn shown(patch: &Json, actual: &Json) -> Json {
    match (patch, actual) {
        _ if holds(patch, actual) => patch.clone(),
        (Json::Object(patch), Json::Object(actual)) => {
            let shown = |(name, value): (&String, &Json)| (name.clone(), shown(value, member(actual, name)));
            Json::Object(patch.iter().map(shown).collect())
        }
        _ => actual.clone(),
    }
}

/// The members that a patch was to set and that have another value: `linuxParameters.tmpfs`.
pub fn unheeded(patch: &Json, actual: &Json) -> Vec<String> {
    let Json::Object(members) = patch else { return Vec::new() };
    let wrong = members.iter().filter(|(name, value)| !holds(value, actual.get(name).unwrap_or(&Json::Null)));
    let told = wrong.flat_map(|(name, value)| {
        let inner = unheeded(value, actual.get(name).unwrap_or(&Json::Null));
        match inner.is_empty() {
            true => vec![name.clone()],
            false => inner.iter().map(|path| format!("{name}.{path}")).collect(),
        }
    });
    told.collect()
}

fn member<'a>(members: &'a Map<String, Json>, name: &str) -> &'a Json {
    members.get(name).unwrap_or(&Json::Null)
}

/// Whether what is there has all that was wanted; it may have more.
pub fn holds(wanted: &Json, actual: &Json) -> bool {
    match (wanted, actual) {
        (Json::Object(wanted), Json::Object(actual)) => {
            wanted.iter().all(|(name, value)| holds(value, member(actual, name)))
        }
        (Json::Array(wanted), Json::Array(actual)) => {
            wanted.len() == actual.len() && wanted.iter().zip(actual).all(|(want, have)| holds(want, have))
        }
        (Json::Number(want), Json::Number(have)) => want == have || want.as_f64() == have.as_f64(),
        (Json::Object(wanted), nothing) if is_nothing(nothing) => {
            wanted.values().all(|value| holds(value, &Json::Null))
        }
        (wanted, actual) => wanted == actual || (is_nothing(wanted) && is_nothing(actual)),
    }
}

/// AWS may leave out what is so, and may show what was left out so.
fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Bool(truth) => !truth,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Array(elements) => elements.is_empty(),
        Json::Object(members) => members.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_merge_is_that_of_the_rfc() {
        // RFC 7396, appendix A.
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, &patch);
            assert_eq!(merged, result, "{target} {patch}");
        }
    }

    #[test]
    fn what_aws_fills_in_or_leaves_out_is_no_difference() {
        let patch =
            json!({ "ulimits": [{ "name": "nofile", "softLimit": 1 }], "tty": false, "links": [], "gone": null });
        let actual = json!({ "ulimits": [{ "name": "nofile", "softLimit": 1.0, "hardLimit": 9 }], "image": "x" });
        assert_eq!(shown(&patch, &actual), patch);
        assert_eq!(unheeded(&patch, &actual), Vec::<String>::new());
    }

    #[test]
    fn what_differs_is_shown_as_it_is_and_named_by_its_path() {
        let patch = json!({ "linuxParameters": { "tmpfs": [1], "swappiness": 7 }, "tty": true, "gone": null });
        let actual = json!({ "linuxParameters": { "swappiness": 7 }, "tty": true, "gone": "back" });
        let expected = json!({ "linuxParameters": { "tmpfs": null, "swappiness": 7 }, "tty": true, "gone": "back" });
        assert_eq!(shown(&patch, &actual), expected);
        assert_eq!(unheeded(&patch, &actual), ["linuxParameters.tmpfs", "gone"]);
    }
}
