//! A provider that dies at one of its calls, one that Ctrl-C stops at one, and one call that a fault strikes.

use std::time::Duration;

use terraform_provider_fargate::simulator::weather::{self, Order};

use super::core::Core;
use super::door::Moment;
use super::on_paused_clock;
use super::standing::{Strangers, recorded};
use super::user::{End, attempt, explained, go_on, judge};
use super::work::Work;

/// Kills the work at its n-th mutating call, goes on in a new process, and destroys. `again`: that one is killed too.
///
/// # Errors
/// What went wrong: not converged, another world than the undisturbed one, twins, something left in the end.
pub fn crash(work: &Work, (call, moment): (usize, Moment), again: Option<(usize, Moment)>) -> Result<End, String> {
    on_paused_clock(1, async {
        let (aws, mut core) = work.begin(1);
        let goal = work.goal.as_ref();
        for (call, moment) in [Some((call, moment)), again].into_iter().flatten() {
            let state = core.state.clone();
            let done = aws.killed(call, moment, attempt(&mut core, goal)).await;
            match done {
                // It came to its end before.
                Some(_) => return Ok(End::Unharmed),
                None => core = Core::new(&aws, state),
            }
        }
        let end = go_on(&aws, &mut core, goal).await?;
        judge(&aws, &mut core, work, &Strangers::default()).await?;
        Ok(end)
    })
}

/// The longest that Terraform waits for a provider after Ctrl-C, in AWS's time: calls in flight end, the lease is given back.
const QUICKLY: Duration = Duration::from_secs(30);

/// Ctrl-C at the n-th mutating call of the work; then it is gone on with, by a provider of its own.
///
/// # Errors
/// It went on for long, or without a word; something stands that its state doesn't tell of; as of `crash`.
pub fn interrupted(work: &Work, call: usize) -> Result<End, String> {
    on_paused_clock(1, async {
        let (aws, mut core) = work.begin(1);
        let goal = work.goal.as_ref();
        let (pressed, stop) = (aws.reached(call), core.stop.clone());
        let press = async {
            pressed.cancelled().await;
            stop.cancel();
            tokio::time::sleep(QUICKLY).await;
        };
        let said = tokio::select! {
            biased;
            said = attempt(&mut core, goal) => said,
            () = press => return Err(format!("it goes on for more than {QUICKLY:?} after Ctrl-C")),
        };
        explained(&said)?;
        if !pressed.is_cancelled() {
            return Ok(End::Unharmed);
        }
        recorded(&aws, &core.told())?;
        let mut core = Core::new(&aws, core.state.clone());
        let end = go_on(&aws, &mut core, goal).await?;
        judge(&aws, &mut core, work, &Strangers::default()).await.map(|()| end)
    })
}

/// Does the work with faults on order: in one go.
///
/// # Errors
/// It failed, or ended in another world than the undisturbed one, or something is left in the end.
pub fn struck(work: &Work, orders: Vec<Order>) -> Result<End, String> {
    on_paused_clock(1, async {
        let (aws, mut core) = work.begin(1);
        for order in orders {
            weather::order(&mut aws.world(), order)?;
        }
        let said = attempt(&mut core, work.goal.as_ref()).await;
        if !said.errors().is_empty() {
            return Err(format!("not in one go: {:#?}", said.errors()));
        }
        judge(&aws, &mut core, work, &Strangers::default()).await?;
        Ok(End::Converged)
    })
}
