//! Messages and services as generated from `proto/` by `build.rs`. The client halves serve the tests.
#![allow(clippy::all, clippy::pedantic, clippy::unwrap_used, rustdoc::all, reason = "generated code")]

pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// go-plugin's side services.
pub mod plugin {
    tonic::include_proto!("plugin");
}
