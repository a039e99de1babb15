//! Pages by `Marker`, `MaxItems` and `IsTruncated`: all of IAM's lists.
//!
//! A marker is the last item's key, in hexadecimal: what is made or deleted between two pages shifts nothing.

use serde_json::{Value as Json, json};

use super::checks;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

/// One page of items, which come in the order of their keys; the answer's list is called `list`. 100 items unless told
/// otherwise (API reference, ListRoles).
pub fn page(ask: &Ask, list: &str, items: impl Iterator<Item = (String, Json)>) -> Result<Json, Refusal> {
    let most = checks::number(ask, "MaxItems", 1, 1000)?.unwrap_or(100) as usize;
    let after = ask.text("Marker").map(read).transpose()?;
    let mut rest = items.skip_while(|(key, _)| after.as_ref().is_some_and(|after| key <= after));
    let here: Vec<_> = rest.by_ref().take(most).collect();
    let more = rest.next().is_some();
    let marker = here.last().filter(|_| more).map(|(key, _)| write(key));
    let here: Vec<Json> = here.into_iter().map(|(_, item)| item).collect();
    Ok(json!({ list: here, "IsTruncated": more, "Marker": marker }))
}

fn write(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn read(marker: &str) -> Result<String, Refusal> {
    let invalid = || Refusal::new("ValidationError", "Invalid Marker.");
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some((digit(high)? * 16 + digit(low)?) as u8),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = marker.as_bytes().chunks(2).map(byte).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)
}
