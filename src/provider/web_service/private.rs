//! The bytes that Terraform keeps for us: beside a state, and from a plan to the apply that follows it.
//!
//! After a create that failed, Terraform wants to delete what was made and to make it anew. The delete half of such a
//! replacement is handed the bytes of the *create* plan, a plain destroy those of the destroy plan: so a delete can tell
//! that a create of the same service follows, and leave everything standing for it.
//!
//! With `create_before_destroy` it is the other way round: the create has gone on with what stood, and then the delete of
//! the old state comes, looking like any destroy. By the *generation* it can tell that what stands isn't its own any more:
//! each create draws one, and writes it into the anchor and beside the state. A state can also be older than what stands
//! because Terraform ended before it was written: the plan tells so, and the update that follows takes over what stands.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::protocol::schema::{Attribute, Schema};
use crate::protocol::value::Value;

/// Kept beside a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Private {
    /// Drawn by the create that made the service; empty where it is not known.
    pub generation: String,
}

impl Private {
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The generation kept beside a state; empty where it is not known.
    pub fn generation(bytes: &[u8]) -> String {
        Self::read(bytes).generation
    }
}

/// Handed from a plan to its apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    plan: Kind,
    /// Of the service planned, where it is known.
    identity: Option<String>,
    /// The values that cannot change without making another service.
    fixed: String,
    /// Of the state that is to be changed or destroyed.
    generation: String,
    /// Keys of the objects that the user gives; none while they aren't all known.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    given: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Create,
    Update,
    Destroy,
}

impl Marker {
    /// Of a plan of a create (prior state null) or an update; `private` is kept beside the prior state.
    pub fn of_change(schema: &Schema, prior: &Value, planned: &Value, private: &[u8]) -> Self {
        let identity = planned.member("id").as_str().map(str::to_owned);
        let plan = if prior.is_null() { Kind::Create } else { Kind::Update };
        Self {
            plan,
            identity,
            fixed: fixed(schema, planned),
            generation: Private::read(private).generation,
            given: BTreeSet::new(),
        }
    }

    /// The same, of a plan that gives these objects.
    #[must_use]
    pub fn giving(self, given: BTreeSet<String>) -> Self {
        Self { given, ..self }
    }

    /// The objects that are given by the plan with these bytes.
    pub fn given(bytes: &[u8]) -> BTreeSet<String> {
        serde_json::from_slice(bytes).map(|marker: Self| marker.given).unwrap_or_default()
    }

    pub fn of_destroy(private: &[u8]) -> Self {
        let generation = Private::read(private).generation;
        let (identity, fixed, given) = Default::default();
        Self { plan: Kind::Destroy, identity, fixed, generation, given }
    }

    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The generation of the state that a plan with these bytes was made for, where it is known.
    pub fn generation(bytes: &[u8]) -> Option<String> {
        let marker: Self = serde_json::from_slice(bytes).ok()?;
        Some(marker.generation).filter(|generation| !generation.is_empty())
    }

    /// Whether a delete with these bytes in hand is the first half of making the very same, unfinished service anew.
    /// When in doubt it is not: then it deletes, as Terraform expects.
    pub fn hands_over(schema: &Schema, bytes: &[u8], prior: &Value) -> bool {
        let Ok(Self { plan: Kind::Create, identity: Some(identity), fixed, .. }) = serde_json::from_slice(bytes) else {
            return false;
        };
        let unfinished = prior.member("status").as_str() == Some("incomplete");
        prior.member("id").as_str() == Some(&identity) && unfinished && fixed == self::fixed(schema, prior)
    }
}

/// The values of all attributes whose change replaces the resource, as one text.
fn fixed(schema: &Schema, value: &Value) -> String {
    fn collect(attributes: &[Attribute], value: &Value, found: &mut Vec<String>) {
        for attribute in attributes {
            let value = value.member(&attribute.name);
            if attribute.replaces {
                found.push(format!("{}={value:?}", attribute.name));
            }
            collect(attribute.members(), value, found);
        }
    }
    let mut found = Vec::new();
    collect(&schema.attributes, value, &mut found);
    crate::aws::owner::hash(&found.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::schema::{Presence, Shape, Type};

    fn schema() -> Schema {
        let network = Attribute {
            name: "cidr_block".into(),
            shape: Shape::Plain(Type::String),
            presence: Presence::Required,
            description: String::new(),
            sensitive: false,
            replaces: true,
            stable: false,
        };
        Schema { attributes: vec![network], ..Schema::default() }
    }

    fn state(id: &str, status: &str, block: &str) -> Value {
        Value::object([("id", Value::from(id)), ("status", Value::from(status)), ("cidr_block", Value::from(block))])
    }

    #[test]
    fn only_a_create_of_the_same_unfinished_service_is_handed_over_to() {
        let schema = schema();
        let planned = state("1/r/web", "complete", "10.0.0.0/16");
        let marker = |prior: &Value| Marker::of_change(&schema, prior, &planned, b"").bytes();
        let (create, update) = (marker(&Value::Null), marker(&planned));
        let hands_over = |bytes: &[u8], prior: &Value| Marker::hands_over(&schema, bytes, prior);
        let unfinished = state("1/r/web", "incomplete", "10.0.0.0/16");
        assert!(hands_over(&create, &unfinished));
        assert!(!hands_over(&create, &state("1/r/other", "incomplete", "10.0.0.0/16")), "another service");
        assert!(!hands_over(&create, &state("1/r/web", "incomplete", "10.1.0.0/16")), "another network");
        assert!(!hands_over(&create, &planned), "a complete service");
        assert!(!hands_over(&update, &unfinished));
        assert!(!hands_over(&Marker::of_destroy(b"").bytes(), &unfinished));
        assert!(!hands_over(b"", &unfinished));
        let unnamed = Marker::of_change(&schema, &Value::Null, &Value::Null, b"").bytes();
        assert!(!hands_over(&unnamed, &unfinished), "a name not known yet");
    }

    #[test]
    fn a_plan_carries_the_generation_of_the_state_it_was_made_for() {
        let private = Private { generation: "g1".into() }.bytes();
        assert_eq!(Marker::generation(&Marker::of_destroy(&private).bytes()).as_deref(), Some("g1"));
        assert_eq!(Marker::generation(&Marker::of_destroy(b"").bytes()), None);
    }
}
