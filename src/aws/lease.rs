//! The lease on a stack: of all operations that want to work on it, in any process, one does.
//!
//! It stands in the anchor's record: the token of its holder, drawn anew by each operation, and a write every so often as a
//! sign of life. A holder that shows none for a while is dead (killed, or its machine gone): its lease is taken over. No
//! clock is compared with another's: life is seen in the record's version while we look.
//!
//! Two who take it at the same moment both write, wait until both can have written, and read: the last one has it. Before
//! each create that AWS would carry out twice, the holder reads once more whether it still is (`Aws::call`).

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::client::Aws;
use super::error::{Error, Result};
use super::objects::anchor::{Anchor, Reading, StackRecord, Status};
use super::owner::Owner;
use super::safeguard::Safeguard;

/// Between two signs of life.
const BEAT: Duration = Duration::from_secs(20);
/// Who shows none for so long is dead.
const SILENCE: Duration = Duration::from_secs(65);
/// Between two looks for one.
const LOOK: Duration = Duration::from_secs(5);
/// Longer than from another's reading to its write.
const SETTLE: Duration = Duration::from_secs(2);

/// Takes the lease of a stack whose anchor was read so, and writes this status and generation; waits for a sign of life of
/// somebody who seems to hold it.
///
/// # Errors
/// `Held` where somebody else works on the stack, `Overtaken` where somebody did until just now.
pub async fn take(aws: &Aws, owner: &Owner, read: &Reading, next: StackRecord) -> Result<()> {
    if !read.record.holder.is_empty() && aws.guards(Safeguard::Lease) {
        expect_silence(aws, owner, read).await?;
    }
    let hosts = &read.record.hosts | &owner.hosts;
    let ours = StackRecord { holder: aws.holder.clone(), hosts, ..next };
    let begun = Instant::now();
    if !Anchor::write(aws, owner, &ours).await? {
        return Err(deleted());
    }
    let rest = SETTLE.saturating_sub(aws.clock.passed(begun));
    aws.pause(rest, &"others that take the stack at the same moment").await?;
    check(aws, owner).await
}

/// Whether we hold it still.
///
/// # Errors
/// `Held` if somebody else has taken it.
pub async fn check(aws: &Aws, owner: &Owner) -> Result<()> {
    if !aws.guards(Safeguard::Lease) {
        return Ok(());
    }
    match Anchor::read(aws, owner).await? {
        Some(read) if read.record.holder == aws.holder => Ok(()),
        Some(read) => Err(held(&read)),
        None => Err(deleted()),
    }
}

/// Does the work, and shows signs of life all along. If somebody else has taken the stack, the work is stopped.
pub async fn keep<T>(aws: &Aws, owner: &Owner, work: impl Future<Output = T>) -> T {
    let beats = async {
        loop {
            aws.clock.pass(BEAT).await;
            if let Err(error) = beat(aws, owner).await {
                tracing::warn!(%error, "no sign of life");
            }
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        () = beats => unreachable!("a heart beats on"),
    }
}

async fn beat(aws: &Aws, owner: &Owner) -> Result<()> {
    if !aws.guards(Safeguard::Lease) {
        return Ok(());
    }
    match Anchor::read(aws, owner).await? {
        Some(read) if read.record.holder == aws.holder => Anchor::write(aws, owner, &read.record).await.map(drop),
        Some(read) if !read.record.holder.is_empty() => {
            tracing::error!("somebody else has taken the stack over");
            aws.lose();
            Err(held(&read))
        }
        // Not made yet.
        _ => Ok(()),
    }
}

/// Gives the lease back, and records how far the stack has come, and its hosts where it has no object in others any more;
/// even if the operation was stopped, or its time is over.
pub async fn release(aws: &Aws, owner: &Owner, status: Status, hosts: Option<&BTreeSet<String>>) -> Result<()> {
    let aws = &aws.once_more();
    let Some(read) = Anchor::read(aws, owner).await? else { return Ok(()) };
    if read.record.holder != aws.holder {
        return Err(held(&read));
    }
    let hosts = hosts.cloned().unwrap_or(read.record.hosts);
    let record = StackRecord { status, holder: String::new(), hosts, ..read.record };
    Anchor::write(aws, owner, &record).await.map(drop)
}

/// Looks until the holder has been silent for long enough.
async fn expect_silence(aws: &Aws, owner: &Owner, read: &Reading) -> Result<()> {
    let begun = Instant::now();
    tracing::info!("waiting whether who holds the stack is alive");
    while aws.clock.passed(begun) < SILENCE {
        aws.pause(LOOK, &"a sign of life of who holds the stack").await?;
        match Anchor::read(aws, owner).await? {
            // Where it has ended: what it has made of the stack, nobody here has looked at. It may be complete by now, and
            // somebody else's.
            Some(now) if now.version != read.version => return Err(held(&now)),
            Some(_) => {}
            None => return Err(deleted()),
        }
    }
    Ok(())
}

/// Whoever has the stack, or had it until just now.
fn held(read: &Reading) -> Error {
    if read.record.holder.is_empty() {
        return Error::Overtaken("another operation has just ended its work on it".into());
    }
    let doing = match read.record.status {
        Status::Creating => "creates",
        Status::Complete => "changes",
        Status::Deleting => "deletes",
    };
    let seen = read.written_at().map(|when| format!("; its last sign of life was at {when}")).unwrap_or_default();
    Error::Held(format!("another operation {doing} it{seen}"))
}

fn deleted() -> Error {
    Error::Overtaken("it was just deleted by somebody else".into())
}
