//! What a plan tells the apply that follows it: the bytes Terraform carries from one to the other.
//!
//! After a create that failed, Terraform wants to delete what was made and to make it anew. The delete half of such a
//! replacement is handed the bytes of the *create* plan, a plain destroy those of the destroy plan: so a delete can tell
//! that a create of the same service follows, and leave everything standing for it.

use serde::{Deserialize, Serialize};

use crate::protocol::value::Value;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    plan: Kind,
    /// Of the service planned, where it is known.
    identity: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Create,
    Update,
    Destroy,
}

impl Marker {
    /// Of a plan of a create (prior state null) or an update.
    pub fn of_change(prior: &Value, planned: &Value) -> Self {
        let identity = planned.member("id").as_str().map(str::to_owned);
        Self { plan: if prior.is_null() { Kind::Create } else { Kind::Update }, identity }
    }

    pub fn of_destroy() -> Self {
        Self { plan: Kind::Destroy, identity: None }
    }

    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether a delete with these bytes in hand is the first half of making the very same, unfinished service anew.
    /// When in doubt it is not: then it deletes, as Terraform expects.
    pub fn hands_over(bytes: &[u8], prior: &Value) -> bool {
        let Ok(Self { plan: Kind::Create, identity: Some(identity) }) = serde_json::from_slice(bytes) else {
            return false;
        };
        prior.member("id").as_str() == Some(&identity) && prior.member("status").as_str() == Some("incomplete")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(id: &str, status: &str) -> Value {
        Value::object([("id", Value::from(id)), ("status", Value::from(status))])
    }

    #[test]
    fn only_a_create_of_the_same_unfinished_service_is_handed_over_to() {
        let planned = state("1/r/web", "complete");
        let create = Marker::of_change(&Value::Null, &planned).bytes();
        let update = Marker::of_change(&planned, &planned).bytes();
        let unfinished = state("1/r/web", "incomplete");
        assert!(Marker::hands_over(&create, &unfinished));
        assert!(!Marker::hands_over(&create, &state("1/r/other", "incomplete")), "another service");
        assert!(!Marker::hands_over(&create, &planned), "a complete service");
        assert!(!Marker::hands_over(&update, &unfinished));
        assert!(!Marker::hands_over(&Marker::of_destroy().bytes(), &unfinished));
        assert!(!Marker::hands_over(b"", &unfinished));
        assert!(
            !Marker::hands_over(&Marker::of_change(&Value::Null, &Value::Null).bytes(), &unfinished),
            "unknown name"
        );
    }
}
