//! The protocol room from outside: the built provider and the gRPC service within this process, asked by a client that
//! plays Terraform's side; and Terraform's rules for plans, judged by a fake of its core.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod calls;
mod client;
mod codec;
mod core_rules;
mod core_rules_tests;
mod docs;
mod lifecycle;
mod packed;
mod permissions;
mod probe;
mod process;
mod proofs;
mod random;
mod security;
mod terraform;
mod walls;

use terraform_provider_fargate::protocol;

/// The provider under test.
const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-fargate");
