//! ROOM 3. Makes a graph of AWS objects stand. Knows nothing of Terraform.
//!
//! The engine: `object` (the contract of a kind), `graph` (what is wanted), `erased` (types forgotten), `observe` (what
//! there is), `glance` (what several kinds ask is asked once), `others` (whose they are, where AWS cannot be asked for ours),
//! `diff` (what has to change), `execute` (the change), `given` (what isn't ours), `guests` (who else hangs on ours). Around
//! it: `client`, `budget`, `patch`, `retry`, `error`, `denied`, `clock`, `owner`, `document`, `safeguard`. The kinds are in
//! `objects`.

pub mod budget;
pub mod client;
pub mod clock;
mod denied;
pub mod diff;
pub mod document;
pub mod erased;
pub mod error;
pub mod execute;
pub mod front;
pub mod given;
mod glance;
pub mod graph;
pub mod guests;
pub mod hosted_zones;
pub mod lease;
pub mod object;
pub mod objects;
pub mod observe;
mod others;
pub mod owner;
pub mod patch;
pub mod retry;
pub mod safeguard;
pub mod stacks;
pub mod zones;
