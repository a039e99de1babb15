//! What the account has besides the service: things that a user brings along. They must be there, unchanged, afterwards.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use terraform_provider_fargate::simulator::world::World;

/// Their ids, by the names that rows call them by.
pub struct Surroundings {
    ids: BTreeMap<&'static str, String>,
}

impl Surroundings {
    pub fn make(_world: &mut World) -> Self {
        Self { ids: BTreeMap::new() }
    }

    /// A value with every `${name}` replaced.
    pub fn fill(&self, value: &Json) -> Json {
        match value {
            Json::String(text) => {
                let filled =
                    self.ids.iter().fold(text.clone(), |text, (name, id)| text.replace(&format!("${{{name}}}"), id));
                assert!(!filled.contains("${"), "nothing around is called so: {filled}");
                filled.into()
            }
            Json::Array(elements) => elements.iter().map(|element| self.fill(element)).collect(),
            Json::Object(members) => {
                let filled = members.iter().map(|(name, value)| (name.clone(), self.fill(value)));
                filled.collect::<serde_json::Map<_, _>>().into()
            }
            other => other.clone(),
        }
    }
}
