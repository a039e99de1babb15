//! The built provider, and the gRPC service within this process, asked by a client that plays Terraform's side.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod calls;
mod client;
mod packed;
mod probe;
mod process;
mod security;
mod terraform;

/// The provider under test.
const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-fargate");
