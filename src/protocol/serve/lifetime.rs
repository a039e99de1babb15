//! How long this process lives, and what does not end it.
//!
//! Ctrl-C reaches Terraform and all its children at once. Terraform then calls `StopProvider` and waits for what is in
//! flight; a provider that died of the signal would take the result with it. And a Terraform that is killed leaves
//! its providers running for ever, so we watch our parent.

use std::io;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// Terraform kills us two seconds after `Shutdown`.
const AFTER_SHUTDOWN: Duration = Duration::from_millis(1500);

/// Nobody waits for an orphan; work in flight gets the time to end in order.
const AFTER_ORPHANED: Duration = Duration::from_secs(60);

/// A developer waits at the terminal.
const AFTER_INTERRUPT: Duration = Duration::from_secs(10);

/// A process started by Terraform: waits for `Shutdown` or for Terraform's death, and returns how long work in flight
/// may take to end.
pub async fn as_child(shutdown: &CancellationToken) -> Duration {
    tokio::select! {
        () = shutdown.cancelled() => AFTER_SHUTDOWN,
        () = orphaned() => AFTER_ORPHANED,
    }
}

/// A process started by a developer: waits for Ctrl-C, and never minds how many Terraforms come and go.
pub async fn until_interrupted() -> io::Result<Duration> {
    interrupts()?.recv().await;
    Ok(AFTER_INTERRUPT)
}

/// From here on neither SIGINT nor SIGTERM ends this process.
pub fn ignore_interrupts() -> io::Result<()> {
    let mut interrupts = interrupts()?;
    tokio::spawn(async move {
        while interrupts.recv().await.is_some() {
            tracing::debug!("left a signal to Terraform");
        }
    });
    Ok(())
}

#[cfg(unix)]
async fn orphaned() {
    // Not PR_SET_PDEATHSIG: that fires when the parent's *thread* ends, and Go moves between threads.
    let parent = std::os::unix::process::parent_id();
    let mut watch = tokio::time::interval(Duration::from_millis(500));
    while std::os::unix::process::parent_id() == parent {
        watch.tick().await;
    }
    tracing::warn!("Terraform is gone");
}

#[cfg(not(unix))]
async fn orphaned() {
    std::future::pending().await
}

struct Interrupts {
    #[cfg(unix)]
    sources: [tokio::signal::unix::Signal; 2],
    #[cfg(windows)]
    sources: tokio::signal::windows::CtrlC,
}

#[cfg(unix)]
fn interrupts() -> io::Result<Interrupts> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(Interrupts { sources: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?] })
}

#[cfg(windows)]
fn interrupts() -> io::Result<Interrupts> {
    Ok(Interrupts { sources: tokio::signal::windows::ctrl_c()? })
}

impl Interrupts {
    #[cfg(unix)]
    async fn recv(&mut self) -> Option<()> {
        let [interrupt, terminate] = &mut self.sources;
        tokio::select! {
            received = interrupt.recv() => received,
            received = terminate.recv() => received,
        }
    }

    #[cfg(windows)]
    async fn recv(&mut self) -> Option<()> {
        self.sources.recv().await
    }
}
