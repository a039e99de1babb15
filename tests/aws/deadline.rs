//! Waiting for a condition, never for a time.

use std::thread;
use std::time::{Duration, Instant};

/// Asks until there is an answer. After the deadline the test fails, naming what it waited for.
pub fn until<T>(what: &str, deadline: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited {deadline:?} in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
