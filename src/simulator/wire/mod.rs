//! The wire: AWS's protocols, from the bytes of a request to a call and from an answer to bytes. Knows no sockets.
//!
//! Signatures aren't checked; the credential scope only tells which service is meant. Whatever comes in, the outcome is an
//! answer in the protocol that the client most likely speaks: never a panic, and no memory beyond a multiple of the input.

mod decode;
mod encode;
mod query;
mod rest;
mod services;
#[cfg(test)]
mod tests;
mod xml;

pub use decode::{Call, decode, scope};
pub use encode::encode;
pub use services::{Protocol, Service};

use std::time::Duration;

use super::refusal::Refusal;
use super::world::World;

/// An HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// As it came, percent-encoded.
    pub path: String,
    /// What stands after `?`.
    pub query: String,
    /// Their names in any case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(there, _)| there.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// What becomes of a request at a door.
#[derive(Clone, Debug, PartialEq)]
pub struct Fate {
    /// The answer comes so much later; its effect is at once.
    pub delay: Duration,
    /// Nothing: the connection is reset.
    pub reply: Option<Reply>,
}

/// Carries a request out, as the weather lets it.
pub fn visit(world: &mut World, request: &Request) -> Fate {
    // Of a call before, carried out without a door.
    world.weather.passed();
    let reply = answer(world, request);
    let passing = world.weather.passed();
    Fate { delay: passing.delay, reply: (!passing.silent).then_some(reply) }
}

/// Carries a request out.
pub fn answer(world: &mut World, request: &Request) -> Reply {
    match decode(request) {
        Ok(call) => {
            let id = world.weather.request_id();
            let answer = world.call(call.service.name, &call.action, &call.ask);
            encode(call.service, &call.action, &id, &answer)
        }
        Err(refusal) => refuse(world, request, refusal),
    }
}

/// Refuses a request that didn't become a call, in its client's protocol.
pub fn refuse(world: &mut World, request: &Request, refusal: Refusal) -> Reply {
    world.record("call", "unreadable request".into(), String::new(), refusal.code.clone());
    encode(decode::service(request), "", &world.weather.request_id(), &Err(refusal))
}
