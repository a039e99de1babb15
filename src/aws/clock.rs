//! The one clock of this room: every wait and every time budget goes through it.
//!
//! `FARGATE_TIME_SCALE` says how many AWS seconds pass in a real one (default 1), for rehearsals and tests against a
//! faster world. It touches waits and budgets only, never a decision.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Clock {
    scale: f64,
}

impl Clock {
    pub const VARIABLE: &'static str = "FARGATE_TIME_SCALE";

    /// A clock on which `scale` AWS seconds pass in a real second.
    ///
    /// # Errors
    /// Unless the scale is a positive number.
    pub fn new(scale: f64) -> Result<Self, String> {
        match scale.is_finite() && scale > 0.0 {
            true => Ok(Self { scale }),
            false => Err(format!("{} must be a number above 0, not {scale}", Self::VARIABLE)),
        }
    }

    /// The clock that the environment asks for.
    pub fn from_environment() -> Result<Self, String> {
        match std::env::var(Self::VARIABLE) {
            Err(_) => Self::new(1.0),
            Ok(text) => match text.parse() {
                Ok(scale) => Self::new(scale),
                Err(_) => Err(format!("{} must be a number above 0, not {text:?}", Self::VARIABLE)),
            },
        }
    }

    /// How long this much AWS time takes.
    pub fn real(&self, time: Duration) -> Duration {
        time.div_f64(self.scale)
    }

    /// How long a time budget lasts. However fast the world, our own work and the network stay as slow as they are: a budget
    /// never shrinks under five minutes, or under itself where it is less.
    pub fn budget(&self, time: Duration) -> Duration {
        self.real(time).max(time.min(Duration::from_secs(300)))
    }

    /// How much AWS time has passed since then.
    pub fn passed(&self, since: tokio::time::Instant) -> Duration {
        since.elapsed().mul_f64(self.scale)
    }

    /// Lets this much AWS time pass.
    pub async fn pass(&self, time: Duration) {
        tokio::time::sleep(self.real(time)).await;
    }
}
