//! The command `stacks`, for who has lost a state: what stands in an account and region, and how to get it back or be rid
//! of it. Without Terraform; on AWS it is an operation like any other.

mod remove;
mod tell;

use std::fmt;
use std::io::Write;

use clap::{Args, Subcommand};
use tokio_util::sync::CancellationToken;

use self::tell::Told;
use super::config::{Config, Session};
use super::diagnose;
use crate::aws::owner::Tags;
use crate::aws::stacks;
use crate::protocol::diagnostic::Diagnostic;

/// List the stacks in an AWS account and region: how far each has come, its objects, who works on it, how to import it
#[derive(Args)]
#[command(args_conflicts_with_subcommands = false)]
pub struct Stacks {
    /// AWS region; by default that of the environment or of the profile
    #[arg(long, global = true)]
    region: Option<String>,
    /// Profile of the shared AWS configuration files
    #[arg(long, global = true)]
    profile: Option<String>,
    /// URL of all AWS services, for emulators and private endpoints
    #[arg(long, global = true, value_name = "URL")]
    endpoint_url: Option<String>,
    /// For machines: JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Delete a stack, after showing what goes and asking
    Remove {
        /// Its name, or account/region/name
        stack: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
}

/// What kept the command from being done, as it is told on a terminal.
#[derive(Debug)]
pub struct Failed(Vec<Diagnostic>);

impl std::error::Error for Failed {}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for told in &self.0 {
            let kind = if told.is_error() { "Error" } else { "Warning" };
            writeln!(out, "{kind}: {}\n\n{}\n", told.summary, told.detail)?;
        }
        Ok(())
    }
}

impl From<Diagnostic> for Failed {
    fn from(told: Diagnostic) -> Self {
        Self(vec![told])
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Diagnostic::error("Could not write or read", error.to_string()).into()
    }
}

impl Stacks {
    /// Does what was asked. The first Ctrl-C stops it as Terraform's does: what is under way is let finish.
    ///
    /// # Errors
    /// What to tell the user; for a list also, that it isn't complete.
    pub async fn run(self) -> Result<(), Failed> {
        let stop = CancellationToken::new();
        tokio::spawn(interrupted(stop.clone()));
        let config =
            Config { region: self.region, profile: self.profile, endpoint_url: self.endpoint_url, ..Config::default() };
        let session = Session::open(&config, &stop).await?;
        match self.command {
            Some(Command::Remove { stack, yes }) => remove::remove(session, &stop, &stack, yes).await,
            None => list(&session.looking(&stop), self.json).await,
        }
    }
}

async fn interrupted(stop: CancellationToken) {
    if tokio::signal::ctrl_c().await.is_ok() {
        stop.cancel();
    }
}

async fn list(session: &Session, json: bool) -> Result<(), Failed> {
    let found = stacks::all(&session.aws, |name| session.owner(name, Tags::new())).await;
    let found = found.map_err(|error| diagnose::error("Could not look for stacks", &error))?;
    let told: Vec<Told> = found.iter().map(Told::of).collect();
    let mut out = std::io::stdout().lock();
    match json {
        true => writeln!(out, "{}", tell::json(&told))?,
        false => write!(out, "{}", tell::text(&told, &session.account, &session.region))?,
    }
    let unseen = found.iter().flat_map(|stack| stack.survey.unseen.iter().map(move |unseen| (stack, unseen)));
    let failed = unseen.map(|(stack, (kind, error))| {
        diagnose::error(&format!("Could not look at {}: {kind}", stack.owner.identity.name), error)
    });
    let failed: Vec<Diagnostic> = failed.collect();
    if failed.is_empty() { Ok(()) } else { Err(Failed(failed)) }
}
