//! A provider that dies at one of its calls, and one call that a fault strikes.

use terraform_provider_fargate::simulator::weather::{self, Order};

use super::core::Core;
use super::door::Moment;
use super::on_paused_clock;
use super::standing::Strangers;
use super::user::{End, attempt, go_on, judge};
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
