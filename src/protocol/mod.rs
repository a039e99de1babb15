//! ROOM 1. Terraform's plugin protocol. Knows nothing of AWS.
//!
//! On the wire: `serve` (handshake, listener, connections, life time), `tls`, `plugin` (side services), `wire` (generated),
//! `rpc` (each call: decode, ask, encode), `guard` (no panic gets out), `log`. Terraform's rules: `lifecycle`. Its values:
//! `value`, `codec`, `typed`, `schema`, `declare`, `path`, `diagnostic`. What a provider has to answer: `provider`.

pub mod codec;
pub mod declare;
pub mod diagnostic;
pub mod guard;
pub mod lifecycle;
pub mod log;
pub mod path;
pub mod plugin;
pub mod provider;
pub mod rpc;
pub mod schema;
pub mod serve;
pub mod tls;
pub mod typed;
pub mod value;
pub mod wire;
