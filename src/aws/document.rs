//! A text in JSON of which the content counts, not the spelling: AWS keeps it as it was written and gives it back so, and
//! somebody may have written the same in another way.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

#[derive(Clone, Debug)]
pub struct Document(String);

impl Document {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What it says; where it is no JSON, its text.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.0).unwrap_or_else(|_| self.0.as_str().into())
    }
}

impl From<Json> for Document {
    fn from(json: Json) -> Self {
        Self(json.to_string())
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Eq for Document {}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_are_one_document() {
        let (one, other) = (Document::new("{ \"a\": 1,\n \"b\": [2] }"), Document::new(r#"{"b":[2],"a":1}"#));
        assert_eq!(one, other);
        assert_eq!(serde_json::to_value(&one).unwrap(), serde_json::to_value(&other).unwrap());
        assert_ne!(one, Document::new(r#"{"b":[2],"a":2}"#));
        assert!(Document::new("{") == Document::new("{") && Document::new("{") != Document::new("}"));
    }
}
