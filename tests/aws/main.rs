//! Everything with AWS in it: the built provider, driven by the real terraform (or tofu), on an emulated AWS.
//!
//! Each test has an emulator and a folder of its own. Nothing here waits a fixed time: it waits for a condition, with a
//! deadline. `FARGATE_TIME_SCALE` lets the provider's own waits pass 60 times faster.

mod bad_configurations;
mod bench;
mod browser;
mod budgets;
mod compared;
mod controls;
#[path = "../protocol/core_rules.rs"]
mod core_rules;
mod data_source;
mod deadline;
mod door;
mod drift;
mod emulator;
mod examples;
mod failure;
mod guard_duty;
mod guests;
mod import;
mod inside;
mod interrupt;
#[cfg(target_os = "linux")]
mod killed;
mod life_cycle;
mod lives;
mod neighbours;
mod network;
mod observed;
mod page;
mod permissions;
mod rehearsal;
mod resumed;
mod schema;
mod served;
mod service;
mod shared;
mod simulated;
mod situations;
mod stack;
mod stacks;
mod surface;
mod surroundings;
mod task;
mod terraform;
mod tls;
mod unbroken;

use terraform_provider_fargate::protocol;

#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;
