//! Pages of lists. ECS's tokens are opaque; here they are a position.

use serde_json::{Map, Value as Json};

use super::refuse;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Answer;

/// One page under `member`; a page holds `usual` unless maxResults (1 to 100) says otherwise (API reference, List…).
pub fn page(ask: &Ask, member: &str, items: Vec<Json>, usual: usize) -> Answer {
    let size = match ask.number("maxResults") {
        None => usual,
        Some(size @ 1..=100) => size as usize,
        Some(_) => return Err(refuse::parameter("maxResults must be between 1 and 100.")),
    };
    let from = match ask.text("nextToken") {
        None => 0,
        Some(token) => token.parse::<usize>().map_err(|_| refuse::parameter("Invalid token."))?,
    };
    let (count, end) = (items.len(), from.saturating_add(size));
    let mut answer = Map::new();
    answer.insert(member.into(), items.into_iter().skip(from).take(size).collect());
    if end < count {
        answer.insert("nextToken".into(), end.to_string().into());
    }
    Ok(answer.into())
}
