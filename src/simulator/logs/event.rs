//! Log events: written in batches, read by stream in both directions, or searched over the streams of a group.
//!
//! GetLogEvents never ends its paging by itself: at the end of the stream it gives back the token it was asked with (API
//! reference, GetLogEvents). A token is `f/` or `b/` and the number of events before it.

use serde_json::{Value as Json, json};

use super::{group_of, invalid, limit, millis, needed, no_group, no_stream};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Answer;
use crate::simulator::world::World;

/// Events in a page, and in a batch (API reference, GetLogEvents, PutLogEvents).
const MOST: usize = 10_000;
const BATCH_BYTES: usize = 1_048_576;
const HOUR: i64 = 3_600_000;

/// Times in milliseconds since 1970.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: i64,
    pub ingested: i64,
    pub message: String,
}

/// The batch is in order of time and within 24 hours; what is more than 2 hours ahead, or older than 14 days or than the
/// retention, is rejected by itself (API reference, PutLogEvents).
pub fn put(world: &mut World, ask: &Ask) -> Answer {
    let now = millis(world);
    let group = world.logs.groups.get_mut(needed(ask, "logGroupName")?).ok_or_else(|| no_group())?;
    let oldest = group.kept_since(now).max(now - 14 * 24 * HOUR);
    let stream = group.streams.get_mut(needed(ask, "logStreamName")?).ok_or_else(|| no_stream())?;
    let event = |event: &Ask| {
        let (at, message) = (event.number("timestamp")?, event.text("message")?.to_owned());
        (!message.is_empty() && at >= 0).then_some(Event { at, ingested: now, message })
    };
    let batch: Option<Vec<Event>> = ask.parts("logEvents").iter().map(event).collect();
    let batch = batch.filter(|batch| !batch.is_empty() && batch.len() <= MOST);
    let batch =
        batch.ok_or_else(|| invalid("Between 1 and 10000 log events with timestamp and message are needed."))?;
    if batch.iter().map(|event| event.message.len() + 26).sum::<usize>() > BATCH_BYTES {
        return Err(invalid("Upload too large: more than 1048576 bytes."));
    }
    if batch.windows(2).any(|pair| pair[0].at > pair[1].at) {
        return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
    }
    if batch[batch.len() - 1].at - batch[0].at > 24 * HOUR {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    let (count, old) = (batch.len(), batch.iter().filter(|event| event.at < oldest).count());
    let fine = batch.iter().filter(|event| event.at <= now + 2 * HOUR).count();
    let rejected = (old > 0 || fine < count).then(|| {
        json!({
            "tooOldLogEventEndIndex": Some(old).filter(|old| *old > 0),
            "tooNewLogEventStartIndex": Some(fine).filter(|fine| *fine < count),
        })
    });
    stream.events.extend(batch.into_iter().take(fine).skip(old));
    stream.events.sort_by_key(|event| event.at);
    Ok(json!({ "nextSequenceToken": "0", "rejectedLogEventsInfo": rejected }))
}

/// Whether an event is asked for: from startTime on, before endTime, and still kept.
fn within(ask: &Ask, kept_since: i64) -> impl Fn(&Event) -> bool {
    let from = ask.number("startTime").unwrap_or(0).max(kept_since);
    let to = ask.number("endTime").unwrap_or(i64::MAX);
    move |event| from <= event.at && event.at < to
}

/// Whether a token leads forward, and its number.
fn place(token: &str) -> Option<(bool, usize)> {
    let at = token.strip_prefix(['f', 'b'])?.strip_prefix('/')?;
    Some((token.starts_with('f'), at.parse().ok()?))
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let (now, size) = (millis(world), limit(ask, MOST)?);
    let group = group_of(world, ask)?;
    let stream = group.streams.get(needed(ask, "logStreamName")?).ok_or_else(|| no_stream())?;
    let within = within(ask, group.kept_since(now));
    let asked: Vec<&Event> = stream.events.iter().filter(|event| within(event)).collect();
    let token = ask.text("nextToken");
    let (from, to) = match token.map(place) {
        Some(None) => return Err(invalid("The specified nextToken is invalid.")),
        Some(Some((true, at))) => (asked.len().min(at), asked.len().min(at.saturating_add(size))),
        Some(Some((false, at))) => (asked.len().min(at).saturating_sub(size), asked.len().min(at)),
        None if ask.truth("startFromHead") == Some(true) => (0, asked.len().min(size)),
        None => (asked.len().saturating_sub(size), asked.len()),
    };
    let written =
        |event: &&Event| json!({ "timestamp": event.at, "message": event.message, "ingestionTime": event.ingested });
    Ok(json!({
        "events": asked[from..to].iter().map(written).collect::<Json>(),
        "nextForwardToken": format!("f/{to:056}"),
        "nextBackwardToken": format!("b/{from:056}"),
    }))
}

/// Whether the message has every term of the pattern: words, or quoted phrases; `-` before one excludes it (User Guide,
/// Filter pattern syntax, unstructured events). Other patterns are not simulated.
fn matches(pattern: &str, message: &str) -> bool {
    let (mut rest, mut all) = (pattern.trim_start(), true);
    while !rest.is_empty() {
        let excluded = rest.starts_with('-');
        let term = rest.trim_start_matches('-');
        let (term, after) = match term.strip_prefix('"') {
            Some(phrase) => phrase.split_once('"').unwrap_or((phrase, "")),
            None => term.split_once(' ').unwrap_or((term, "")),
        };
        all &= message.contains(term) != excluded || term.is_empty();
        rest = after.trim_start();
    }
    all
}

/// Over the streams, in order of time. The token is the number of events given (API reference, FilterLogEvents).
pub fn filter(world: &mut World, ask: &Ask) -> Answer {
    let (now, size) = (millis(world), limit(ask, MOST)?);
    let (names, prefix) = (ask.texts("logStreamNames"), ask.text("logStreamNamePrefix"));
    if !names.is_empty() && prefix.is_some() {
        return Err(invalid("logStreamNames and logStreamNamePrefix cannot both be given."));
    }
    let pattern = ask.text("filterPattern").unwrap_or_default();
    if pattern.trim_start().starts_with(['{', '[', '?', '%']) {
        let why = format!("the filter pattern {pattern} is not simulated");
        return Err(super::Refusal::new("NotImplemented", why).with_status(501));
    }
    let group = group_of(world, ask)?;
    if names.iter().any(|name| !group.streams.contains_key(name)) {
        return Err(no_stream());
    }
    let within = within(ask, group.kept_since(now));
    let streams = group
        .streams
        .iter()
        .filter(|(name, _)| (names.is_empty() || names.contains(name)) && name.starts_with(prefix.unwrap_or_default()));
    let mut found = Vec::new();
    for (name, stream) in streams {
        let asked = stream.events.iter().enumerate().filter(|(_, e)| within(e) && matches(pattern, &e.message));
        found.extend(asked.map(|(at, event)| (event.at, name, at, event)));
    }
    found.sort_by_key(|(time, name, at, _)| (*time, *name, *at));
    let from: Option<usize> = ask.text("nextToken").map_or(Some(0), |token| token.parse().ok());
    let from = from.ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    let given: Vec<_> = found.iter().skip(from).take(size).collect();
    let more = Some(from.saturating_add(given.len())).filter(|to| *to < found.len()).map(|to| to.to_string());
    let written = |(time, name, at, event): &&(i64, &String, usize, &Event)| {
        json!({
            "logStreamName": name,
            "timestamp": time,
            "message": event.message,
            "ingestionTime": event.ingested,
            "eventId": format!("{time:020}{at:036}"),
        })
    };
    Ok(json!({ "events": given.iter().map(written).collect::<Json>(), "searchedLogStreams": [], "nextToken": more }))
}
