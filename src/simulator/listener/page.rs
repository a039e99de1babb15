//! What people see: the page, the picture of the world once, and pictures as server-sent events while it changes.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use futures::{Stream, StreamExt, stream};
use serde_json::Value as Json;
use tokio::sync::watch;

use super::{Door, guard, reply};
use crate::simulator::picture::picture;

/// One file, nothing from elsewhere.
const PAGE: &str = include_str!("page.html");
/// Nothing but the page's own style, script and events.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// Pictures come at most so often.
const PACE: Duration = Duration::from_millis(250);
/// A viewer hears at least this often that the world is still there.
const ALIVE: Duration = Duration::from_secs(15);

fn headers(kind: &str) -> [(&'static str, String); 5] {
    [
        ("content-type", kind.into()),
        ("cache-control", "no-store".into()),
        ("content-security-policy", POLICY.into()),
        ("x-content-type-options", "nosniff".into()),
        ("referrer-policy", "no-referrer".into()),
    ]
}

pub fn page(asked: &HeaderMap) -> Response<Body> {
    match guard::known(asked) {
        Ok(()) => reply(200, &headers("text/html; charset=utf-8"), PAGE),
        Err(refusal) => *refusal,
    }
}

pub async fn world(State(door): State<Arc<Door>>, asked: HeaderMap) -> Response<Body> {
    match guard::known(&asked) {
        Ok(()) => reply(200, &headers("application/json"), now(&door).to_string()),
        Err(refusal) => *refusal,
    }
}

pub async fn events(State(door): State<Arc<Door>>, asked: HeaderMap) -> Response<Body> {
    match guard::known(&asked) {
        Ok(()) => reply(200, &headers("text/event-stream"), Body::from_stream(pictures(&door))),
        Err(refusal) => *refusal,
    }
}

fn now(door: &Door) -> Json {
    let mut picture = picture(&door.world());
    picture["world"]["speed"] = door.clock.speed.into();
    picture
}

fn event(picture: &Json) -> Arc<str> {
    format!("data: {picture}\n\n").into()
}

/// The world as it is, then the newest picture whenever there is one: a slow viewer misses some, and delays nobody.
fn pictures(door: &Arc<Door>) -> impl Stream<Item = Result<String, std::convert::Infallible>> + use<> {
    let (newest, closed) = (door.pictures.subscribe(), door.closed.clone());
    door.watched.notify_one();
    let first = format!("retry: 1000\n\n{}", event(&now(door)));
    let later = stream::unfold((newest, closed), |(mut newest, mut closed)| async move {
        let told = next(&mut newest, &mut closed).await?;
        Some((told, (newest, closed)))
    });
    stream::once(async { first }).chain(later).map(Ok)
}

/// None once the door closes.
async fn next(newest: &mut watch::Receiver<Arc<str>>, closed: &mut watch::Receiver<bool>) -> Option<String> {
    tokio::select! {
        _ = closed.wait_for(|closed| *closed) => None,
        changed = newest.changed() => changed.ok().map(|()| newest.borrow_and_update().to_string()),
        () = tokio::time::sleep(ALIVE) => Some(": still here\n\n".into()),
    }
}

/// Draws the world while somebody looks, and shows what has changed. Never ends.
pub async fn paint(door: &Door) {
    let mut last = Json::Null;
    loop {
        if door.pictures.receiver_count() == 0 {
            door.watched.notified().await;
        }
        let mut picture = now(door);
        // Time alone is no news: the page's own clock runs on.
        let seconds = picture["world"]["seconds"].take();
        if picture != last {
            last = picture.clone();
            picture["world"]["seconds"] = seconds;
            door.pictures.send_replace(event(&picture));
        }
        tokio::time::sleep(PACE).await;
    }
}
