//! F5. Terraform's state is lost entirely: after a complete create, in the middle of one, of an update, of a destroy. What is
//! unfinished is gone on with; what is complete is told, with the import that gives it back; then it is destroyed.

use terraform_provider_fargate::simulator::weather::{self, Fault, Order};

use super::{everywhere, some};
use crate::inside::core::Core;
use crate::inside::door::Moment;
use crate::inside::on_paused_clock;
use crate::inside::standing::Strangers;
use crate::inside::user::{End, attempt, judge, pursue};
use crate::inside::work::{self, Work};

/// Loses the state when the work has come so far: to its n-th mutating call, or to its end.
fn lost(work: &Work, call: Option<usize>) -> Result<End, String> {
    on_paused_clock(1, async {
        let (aws, mut core) = work.begin(1);
        let goal = work.goal.as_ref();
        match call {
            None => drop(attempt(&mut core, goal).await),
            Some(call) => drop(aws.killed(call, Moment::Replied, attempt(&mut core, goal)).await),
        }
        let mut core = Core::new(&aws, None);
        let end = pursue(&aws, &mut core, goal).await?;
        judge(&aws, &mut core, work, &Strangers::default()).await.map(|()| end)
    })
}

#[test]
fn what_is_complete_is_had_back_by_import() {
    let points: Vec<_> = [work::create()].into_iter().chain(work::updates()).collect();
    let points = some(points, 4);
    everywhere("F5 complete", &points, |work| match lost(work, None)? {
        End::Imported => Ok(End::Imported),
        end => Err(format!("{end:?} without an import")),
    });
}

#[test]
fn what_is_unfinished_is_had_back() {
    let works =
        [work::create(), work::updates().remove(0), work::destroy(), work::create_guest(), work::destroy_guest()];
    let points = works.into_iter().flat_map(|work| (1..=work.calls()).map(move |call| (work.clone(), call)));
    let points = some(points.collect(), 9);
    everywhere("F5 unfinished", &points, |(work, call)| lost(work, Some(*call)));
}

/// A create that failed was recorded; the record is lost.
#[test]
fn what_failed_is_had_back() {
    let work = work::create();
    let points = some((0..work.calls()).collect(), 9);
    everywhere("F5 failed", &points, |call| {
        on_paused_clock(1, async {
            let (aws, mut core) = work.begin(1);
            let refuse = Fault::Refuse { code: "ServiceLimit".into(), message: None, status: None };
            weather::order(&mut aws.world(), Order { after: *call as u64, ..Order::new("mutating", refuse) })?;
            drop(attempt(&mut core, work.goal.as_ref()).await);
            let mut core = Core::new(&aws, None);
            let end = pursue(&aws, &mut core, work.goal.as_ref()).await?;
            judge(&aws, &mut core, &work, &Strangers::default()).await.map(|()| end)
        })
    });
}
