//! Turns `proto/` into Rust. protox parses in this process, so no protoc has to be installed.
#![allow(clippy::print_stdout, reason = "how a build script speaks to cargo")]

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["tfplugin6.proto", "plugin.proto"], ["proto"])?;
    // The client half is what the tests play Terraform with.
    tonic_prost_build::configure().build_server(true).build_client(true).compile_fds(files)?;
    Ok(())
}
