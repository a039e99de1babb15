//! The map of the commands. Without an argument it serves Terraform; a person who runs it is told so.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use clap::{Parser, Subcommand};
use terraform_provider_fargate::protocol::serve::{Options, serve};
use terraform_provider_fargate::provider::Fargate;
use terraform_provider_fargate::provider::stacks::Stacks;
use terraform_provider_fargate::simulator::journal::{Journal, Told};
use terraform_provider_fargate::simulator::listener;

/// Terraform provider that runs load-balanced web services on AWS Fargate. Terraform starts it by itself.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Serve for a debugger: print TF_REATTACH_PROVIDERS for Terraform's environment, and live until Ctrl-C
    #[arg(long)]
    debug: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Simulate an AWS with time on a loopback address, until Ctrl-C: for rehearsals without an account. Open it in a
    /// browser to watch it
    Simulate {
        #[arg(long, default_value = "127.0.0.1:8888")]
        listen: SocketAddr,
        /// Seconds that pass on the simulated AWS in a real one
        #[arg(long, default_value_t = 60.0)]
        speed: f64,
        /// The same seed and calls make the same world
        #[arg(long, default_value_t = 0)]
        seed: u64,
        #[arg(long, default_value = "eu-west-3")]
        region: String,
        /// Keep the world in this file: the next start with the same seed and region goes on with it
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
    },
    Stacks(Stacks),
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        None => run(serve_terraform(arguments.debug)),
        Some(Command::Stacks(stacks)) => run(async { Ok(stacks.run().await?) }),
        Some(Command::Simulate { listen, speed, seed, region, state }) => {
            run(simulate(listener::Options { listen, speed, seed, region }, state))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if this fails too.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // Work that hangs must not keep the process.
    runtime.shutdown_background();
    done
}

async fn serve_terraform(debug: bool) -> Outcome {
    let provider = Arc::new(Fargate::new()?);
    let options = Options { debug, address: "registry.terraform.io/fargate-rs/fargate" };
    Ok(serve(provider, options).await?)
}

async fn simulate(options: listener::Options, state: Option<PathBuf>) -> Outcome {
    if !options.listen.ip().is_loopback() {
        return Err(
            format!("{} is not a loopback address: the simulated AWS checks no credentials", options.listen).into()
        );
    }
    let (world, journal) = match state {
        None => (options.world(), None),
        Some(file) => {
            let Told { journal, world, torn, .. } = Journal::open(&file, options.seed, &options.region)?;
            if torn {
                writeln!(std::io::stderr(), "{}: its last line was torn, and has been dropped", file.display())?;
            }
            (Arc::new(Mutex::new(world)), Some(journal))
        }
    };
    let (socket, address) = listener::bind(options.listen).await?;
    writeln!(std::io::stdout(), "LISTENING http://{address}")?;
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    Ok(listener::serve_kept(socket, options.speed, world, journal, stop).await?)
}
