//! One attribute of the surface: values for it, where AWS shows it, and what a change of it may do.

use serde_json::{Value as Json, json};

use super::place::Place;

/// What a changed value does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changed where it stands: no object gets another id but a new revision of the task definition; others may come and go.
    InPlace,
    /// Only where AWS cannot change it: the objects whose keys begin like this one are made anew, before the old ones go.
    Anew(&'static str),
    /// The whole service is replaced.
    Replaces,
    /// AWS isn't asked for anything.
    Nothing,
}

/// What becomes of the value when the attribute is left out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The default is back.
    Default,
    /// What AWS has stays, as the documentation of the attribute says.
    Kept,
    /// It goes with the object it is in, which doesn't make sense without it; the object's default is back.
    WithParent,
    /// The same, and with it goes what cannot be changed: the whole service is replaced.
    Replaces,
    /// It must be given.
    Required,
}

/// One row of the table. Texts in values may hold `${name}` of what the account has besides (`surroundings`).
#[derive(Clone)]
pub struct Row {
    /// Its path: `network.egress`, `sidecars.*.image`. The key of a `*` is `EXTRA`.
    pub path: &'static str,
    /// What the first create gives it.
    pub set: Json,
    /// What it is changed to.
    pub change: Json,
    /// The rest of the configuration, over name and image.
    pub with: Json,
    /// What else must be another when it is changed.
    pub along: Json,
    /// Where AWS shows it, and lets anybody change it.
    pub place: Place,
    /// A value in AWS's words.
    pub wire: fn(&Json) -> Json,
    pub effect: Effect,
    /// The calls that a change of it may need.
    pub calls: &'static [&'static str],
    pub removal: Removal,
    /// What import cannot bring back, as no object of AWS shows it.
    pub unseen: bool,
}

/// The key of the one entry in a map of objects.
pub const EXTRA: &str = "extra";

/// A new revision of the task definition, rolled out.
pub const ROLLOUT: &[&str] = &["ecs:RegisterTaskDefinition", "ecs:UpdateService"];

/// An attribute that is changed in place.
pub fn row(path: &'static str, set: impl Into<Json>, change: impl Into<Json>) -> Row {
    let (set, change) = (set.into(), change.into());
    let (effect, removal) = (Effect::InPlace, Removal::Default);
    let (with, along, place) = (json!({}), json!({}), Place::Nowhere);
    Row { path, set, change, with, along, place, wire: Clone::clone, effect, calls: &[], removal, unseen: false }
}

impl Row {
    pub fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    pub fn with(self, with: Json) -> Self {
        Self { with, ..self }
    }

    pub fn along(self, along: Json) -> Self {
        Self { along, ..self }
    }

    pub fn wire(self, wire: fn(&Json) -> Json) -> Self {
        Self { wire, ..self }
    }

    pub fn calls(self, calls: &'static [&'static str]) -> Self {
        Self { calls, ..self }
    }

    pub fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    pub fn removal(self, removal: Removal) -> Self {
        Self { removal, ..self }
    }

    /// Ours alone: AWS isn't told of it, so a change does nothing there, and nothing brings it back.
    pub fn ours(self) -> Self {
        Self { effect: Effect::Nothing, unseen: true, ..self }
    }

    /// Whether it speaks of what the account has besides.
    pub fn needs_surroundings(&self) -> bool {
        [&self.set, &self.change, &self.with, &self.along].iter().any(|value| value.to_string().contains("${"))
    }

    /// The configuration with this value of the attribute, or without it.
    pub fn config(&self, value: Option<&Json>) -> Json {
        let mut config = json!({ "name": super::life::NAME, "image": "nginx:1.27" });
        merge(&mut config, &self.with);
        let mut path: Vec<&str> = self.path.split('.').collect();
        if value.is_none() && matches!(self.removal, Removal::WithParent | Removal::Replaces) {
            path.pop();
        }
        if value == Some(&self.change) {
            merge(&mut config, &self.along);
        }
        put(&mut config, &path, value);
        config
    }
}

/// Objects are merged; anything else takes the place of what was there.
fn merge(under: &mut Json, over: &Json) {
    match (under, over) {
        (Json::Object(under), Json::Object(over)) => {
            for (name, value) in over {
                merge(under.entry(name.clone()).or_insert(Json::Null), value);
            }
        }
        (under, over) => *under = over.clone(),
    }
}

fn put(config: &mut Json, path: &[&str], value: Option<&Json>) {
    let Some((step, rest)) = path.split_first() else { return };
    let step = if *step == "*" { EXTRA } else { step };
    if !rest.is_empty() {
        if value.is_none() && config.get(step).is_none() {
            return;
        }
        if !config[step].is_object() {
            config[step] = json!({});
        }
        return put(&mut config[step], rest, value);
    }
    match value {
        Some(value) => config[step] = value.clone(),
        None => drop(config.as_object_mut().map(|members| members.remove(step))),
    }
}

/// AWS writes it as text.
pub fn text(value: &Json) -> Json {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).into()
}
