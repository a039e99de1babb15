//! Keeps a call's work alive and its end orderly: stopped by request, never killed by a lost connection or a panic.
//!
//! Each call's work runs in a task of its own. When Terraform goes away, tonic drops the handler at its next await;
//! work dropped there could have created something that no state will ever know of.

use std::any::Any;
use std::backtrace::Backtrace;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};

use super::diagnostic::Diagnostic;
use super::provider::Context;

/// All work in flight.
#[derive(Default)]
pub struct Guard {
    tasks: TaskTracker,
    stop: Mutex<CancellationToken>,
}

impl Guard {
    /// Runs a call's work to its end, even if the caller of this doesn't wait so long: then, as nobody is left who
    /// could record a result, the work is asked to stop.
    pub async fn run<T, F>(&self, span: Span, work: impl FnOnce(Context) -> F) -> Result<T, Diagnostic>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let mut context = Context::default();
        context.stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner).child_token();
        let _stops_when_abandoned = context.stop.clone().drop_guard();
        let task = self.tasks.spawn(caught(work(context)).instrument(span));
        // A task that catches panics can fail only by being thrown away, with the whole runtime.
        task.await.unwrap_or_else(|_| Err(Diagnostic::error("The provider is shutting down", "")))
    }

    /// Asks all work in flight to stop. Later calls start with a fresh token.
    pub fn stop(&self) {
        std::mem::take(&mut *self.stop.lock().unwrap_or_else(PoisonError::into_inner)).cancel();
    }

    /// Waits until nothing is in flight.
    pub async fn settled(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Turns a panic of `work` into a diagnostic.
pub async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Diagnostic> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|payload| {
        Diagnostic::error(
            "The provider crashed",
            format!(
                "This is a bug in the provider, please report it: {}.\n\n\
                 Whatever the provider had noted as done by then is kept in the state.",
                message_of(&*payload)
            ),
        )
    })
}

/// Prints panics in the form that Terraform recognises and shows again when the command has failed: a first line
/// with `panic: `. Rust's own form would be lost in the logs.
pub fn print_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let trace = Backtrace::force_capture();
        let text = format!("panic: {}\n\nat {place}\n\n{trace}\n", message_of(info.payload()));
        // Not eprintln: it panics itself when Terraform is gone.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }));
}

fn message_of(payload: &(dyn Any + Send)) -> &str {
    let literal = payload.downcast_ref::<&str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_diagnostic() {
        let outcome: Result<(), _> = Guard::default().run(Span::none(), |_| async { panic!("no {}", "luck") }).await;
        let diagnostic = outcome.unwrap_err();
        assert!(diagnostic.is_error());
        assert!(diagnostic.detail.contains("no luck"));
    }

    #[tokio::test]
    async fn stop_reaches_work_in_flight_and_no_later_work() {
        let guard = Guard::default();
        let stopped = guard.run(Span::none(), |context| async move { context.stop.cancelled().await });
        let (outcome, ()) = tokio::join!(stopped, async { guard.stop() });
        assert!(outcome.is_ok());
        let later = guard.run(Span::none(), |context| async move { context.stop.is_cancelled() }).await;
        assert!(!later.unwrap());
    }

    #[tokio::test]
    async fn abandoned_work_is_asked_to_stop_and_still_ends_by_itself() {
        let guard = Guard::default();
        let (tell, told) = tokio::sync::oneshot::channel();
        let work = guard.run(Span::none(), |context| async move {
            context.stop.cancelled().await;
            tell.send("ended in order").unwrap();
        });
        assert!(work.now_or_never().is_none());
        assert_eq!(told.await.unwrap(), "ended in order");
        guard.settled().await;
    }
}
