//! The map of the commands. Without an argument it serves Terraform; a person who runs it is told so.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use terraform_provider_fargate::protocol::serve::{Options, serve};
use terraform_provider_fargate::provider::Fargate;

/// Terraform provider that runs load-balanced web services on AWS Fargate. Terraform starts it by itself.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Serve for a debugger: print TF_REATTACH_PROVIDERS for Terraform's environment, and live until Ctrl-C
    #[arg(long)]
    debug: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if this fails too.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let provider = Arc::new(Fargate::new()?);
    let options = Options { debug: arguments.debug, address: "registry.terraform.io/fargate-rs/fargate" };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(provider, options));
    // Work that hangs must not keep the process.
    runtime.shutdown_background();
    Ok(served?)
}
