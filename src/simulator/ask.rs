//! The input of an operation, whichever protocol it came by: a tree of JSON.
//!
//! The query protocols know text only, so numbers and truths may come as text: read them with the methods here.

use serde_json::Value as Json;

use super::refusal::Refusal;

/// An input structure, or a part of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask(pub Json);

impl Ask {
    /// A member as it came; null if it didn't.
    pub fn get(&self, name: &str) -> &Json {
        self.0.get(name).unwrap_or(&Json::Null)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).as_str()
    }

    /// A text without which AWS refuses the call (`MissingParameter`).
    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        let missing = || Refusal::new("MissingParameter", format!("The request must contain the parameter {name}"));
        self.text(name).ok_or_else(missing)
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        let value = self.get(name);
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    pub fn truth(&self, name: &str) -> Option<bool> {
        let value = self.get(name);
        value.as_bool().or_else(|| value.as_str()?.parse().ok())
    }

    /// A structure inside; empty if it isn't there.
    pub fn part(&self, name: &str) -> Ask {
        Ask(self.get(name).clone())
    }

    /// The elements of a list of structures; empty if it isn't there.
    pub fn parts(&self, name: &str) -> Vec<Ask> {
        self.get(name).as_array().into_iter().flatten().cloned().map(Ask).collect()
    }

    /// The elements of a list of texts; empty if it isn't there.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let elements = self.get(name).as_array().into_iter().flatten();
        elements.filter_map(|element| element.as_str().map(str::to_owned)).collect()
    }
}
