//! AWS's calls: from HTTP to a request, and back. A `GET /` that is none is the page's.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response};

use super::{Door, page, reply};
use crate::simulator::journal::{Deed, Kept};
use crate::simulator::wire::{self, Fate};

/// Larger than any request that AWS takes in these services.
pub const BODY: usize = 4 << 20;

pub async fn visit(State(door): State<Arc<Door>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let query = head.uri.query().unwrap_or_default().to_owned();
    if matches!(head.method.as_str(), "GET" | "HEAD") && head.uri.path() == "/" && !query.contains("Action=") {
        return page::page(&head.headers);
    }
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let (method, path) = (head.method.to_string(), head.uri.path().to_owned());
    let request = wire::Request { method, path, query, headers, body: Vec::new() };
    let deed = match to_bytes(body, BODY).await {
        Ok(body) => Deed::Call(Kept::of(&wire::Request { body: body.into(), ..request })),
        Err(_) => Deed::Overlong(Kept::of(&request)),
    };
    let fate = match door.carry_out(&deed) {
        Ok(fate) => fate,
        Err(why) => return reply(500, &[("content-type", "text/plain; charset=utf-8".into())], why),
    };
    let Some(Fate { delay, reply: answer }) = fate else { return reply(500, &[], Body::empty()) };
    tokio::time::sleep(door.clock.real_span(delay)).await;
    match answer {
        Some(answer) => reply(answer.status, &answer.headers, answer.body),
        None => reset(),
    }
}

/// A body that fails before its first byte: the connection is closed, and nothing was said on it.
pub fn reset() -> Response<Body> {
    let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Response::new(Body::from_stream(futures::stream::iter([Err::<Vec<u8>, _>(lost)])))
}
