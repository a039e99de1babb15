//! The house: a Terraform provider whose one resource stands a whole web service up on AWS Fargate.
//!
//! Rooms have walls, and dependencies point one way:
//!
//! ```text
//! main        the map of the commands: no argument serves Terraform, `simulate` a simulated AWS
//! protocol    1. Terraform's plugin protocol. Knows nothing of AWS.
//! provider    2. What the user sees. The only room that knows 1 and 3.
//! aws         3. Makes a graph of AWS objects stand. Knows nothing of Terraform.
//! simulator   4. A simulated AWS on the wire, with time. Knows none of the others, nor they it.
//! ```
//!
//! A newcomer's three questions: *what can the user write?* [`provider::web_service::model`]; *what gets built?*
//! [`provider::web_service::blueprint`]; *how is X built?* `aws::objects::x`.
//!
//! # The way of a plan
//!
//! `rpc` decodes the request; `lifecycle` fills in defaults and marks what is unknown; `typed` makes `model::Settings` of
//! it (while something in it is unknown, it stays a [`protocol::value::Value`] and is only marked). `blueprint` draws the
//! graph; `diff` compares it with the `objects` in the state, which the last Read observed; what the steps leave untouched
//! stays known. Plan asks AWS for nothing but availability zones: Terraform asks for every plan twice, and must get the
//! same answer.
//!
//! # The way of an apply
//!
//! The same blueprint is drawn. `observe` looks at all that the stack owns, and `execute` starts each step the moment its
//! needs stand: no waves. What AWS has made is noted before it is waited for. On an error dependants are skipped, the
//! others finish, all errors are gathered. The answer always carries everything that stands, and the diagnostics:
//! success, failure, interruption and panic alike.

pub mod aws;
pub mod protocol;
pub mod provider;
pub mod simulator;
