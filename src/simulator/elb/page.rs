//! Pages by Marker and PageSize. A marker is the ARN of the last element given, so it stands what comes and goes between.

use serde_json::{Value as Json, json};

use super::invalid;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};

/// The most in an answer (API reference, PageSize).
const MOST: i64 = 400;

/// One page of the elements, which come in the order of their ARNs, under the name that the answer gives them.
pub fn page(ask: &Ask, name: &str, elements: impl Iterator<Item = (String, Json)>) -> Answer {
    let size = size(ask)?;
    let marker = ask.text("Marker").unwrap_or_default();
    if !marker.is_empty() && !marker.starts_with("arn:") {
        return Err(invalid(format!("Invalid marker: '{marker}'")));
    }
    let mut rest = elements.filter(|(arn, _)| arn.as_str() > marker).peekable();
    let (mut given, mut last) = (Vec::new(), None);
    while given.len() < size
        && let Some((arn, element)) = rest.next()
    {
        given.push(element);
        last = Some(arn);
    }
    Ok(json!({ name: given, "NextMarker": last.filter(|_| rest.peek().is_some()) }))
}

fn size(ask: &Ask) -> Result<usize, Refusal> {
    let size = if ask.get("PageSize").is_null() { Some(MOST) } else { ask.number("PageSize") };
    let size = size.filter(|size| (1..=MOST).contains(size)).and_then(|size| usize::try_from(size).ok());
    size.ok_or_else(|| invalid(format!("PageSize must be between 1 and {MOST}")))
}
