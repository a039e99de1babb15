//! Tags, and how each protocol family writes them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::ask::Ask;

pub type Tags = BTreeMap<String, String>;

/// From a list of structures; `key` and `value` are their members' names (`Key`/`Value`, or `key`/`value` in ECS).
pub fn read(list: &[Ask], key: &str, value: &str) -> Tags {
    let tag = |tag: &Ask| Some((tag.text(key)?.to_owned(), tag.text(value).unwrap_or_default().to_owned()));
    list.iter().filter_map(tag).collect()
}

pub fn write(tags: &Tags, key: &str, value: &str) -> Json {
    tags.iter().map(|(name, text)| json!({ key: name, value: text })).collect()
}
