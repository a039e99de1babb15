//! The world's time: what it was when the door opened, and real time since then, times a speed.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

/// A task that waits is woken at the latest after this, whatever the clock says.
const LONGEST: Duration = Duration::from_secs(3600);
/// Beyond this the clock would be too coarse to mean anything.
const FASTEST: f64 = 1e6;

pub struct Clock {
    pub opened: Instant,
    pub then: Duration,
    pub speed: f64,
}

impl Clock {
    /// # Errors
    /// The speed is none.
    pub fn start(then: Duration, speed: f64) -> io::Result<Self> {
        if !(speed > 0.0 && speed <= FASTEST) {
            let why = format!("the speed must be in 0 to {FASTEST}: {speed}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        Ok(Self { opened: Instant::now(), then, speed })
    }

    pub fn now(&self) -> Duration {
        self.then.saturating_add(scaled(self.opened.elapsed(), self.speed))
    }

    /// When the world's time will be `at`.
    pub fn real(&self, at: Duration) -> Instant {
        Instant::now() + self.real_span(at.saturating_sub(self.now())).clamp(Duration::from_millis(1), LONGEST)
    }

    /// How long a span of the world's time takes.
    pub fn real_span(&self, span: Duration) -> Duration {
        scaled(span, 1.0 / self.speed)
    }
}

fn scaled(time: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_runs_at_its_speed() {
        let clock = Clock::start(Duration::from_secs(5), 60.0).unwrap();
        assert_eq!(clock.now(), Duration::from_secs(5));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), Duration::from_secs(125));
        assert_eq!(clock.real(Duration::from_secs(185)), Instant::now() + Duration::from_secs(1));
        assert_eq!(clock.real(Duration::ZERO), Instant::now() + Duration::from_millis(1));
        assert_eq!(clock.real(Duration::MAX), Instant::now() + LONGEST);
    }
}
