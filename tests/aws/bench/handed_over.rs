//! F8. A create that failed is tainted, and Terraform replaces it: its delete hands over to the create that follows. What if
//! none does (a dependency fails, Ctrl-C between the halves, the second plan errs)? The next apply goes on all the same. And
//! what if the create comes first (`create_before_destroy`)? Then the delete of the old state leaves the new one alone.

use serde_json::Value as Json;
use terraform_provider_fargate::simulator::weather::{self, Fault, Order};

use super::{everywhere, some};
use crate::inside::core::Core;
use crate::inside::standing::Strangers;
use crate::inside::user::{End, attempt, explained, judge, pursue};
use crate::inside::work::{self, Work};
use crate::inside::{Inside, on_paused_clock};

/// A create that fails at its n-th mutating call, with what it leaves in the state. False if it went through all the same:
/// signs of life may fail.
pub async fn failed(aws: &Inside, core: &mut Core, config: &Json, call: usize) -> Result<bool, String> {
    let refuse = Fault::Refuse { code: "ServiceLimit".into(), message: None, status: None };
    weather::order(&mut aws.world(), Order { after: call as u64, ..Order::new("mutating", refuse) })?;
    let said = attempt(core, Some(config)).await;
    aws.world().weather.orders.clear();
    explained(&said).map(|()| !said.errors().is_empty())
}

/// What a user does after the half.
#[derive(Clone, Copy, Debug)]
enum Then {
    Again,
    /// In a provider's process that knows nothing of the half.
    AgainLater,
    /// Another configuration.
    Other,
    Destroy,
}

/// `create` fails at a call; `other` is another configuration of the same service.
fn half(create: &Work, other: &Json, call: usize, then: Then) -> Result<End, String> {
    let base = create.goal.clone().expect("a create has a goal");
    on_paused_clock(1, async {
        let work = match then {
            Then::Other => Work { goal: Some(other.clone()), ..create.clone() },
            Then::Destroy => Work { goal: None, ..create.clone() },
            Then::Again | Then::AgainLater => create.clone(),
        };
        let (aws, mut core) = work.begin(1);
        if !failed(&aws, &mut core, &base, call).await? {
            return Ok(End::Unharmed);
        }
        if core.state.is_none() {
            // Nothing was made: there is nothing to hand over.
            let end = pursue(&aws, &mut core, work.goal.as_ref()).await?;
            return judge(&aws, &mut core, &work, &Strangers::default()).await.map(|()| end);
        }
        let kept = core.ids();
        let said = core.apply_half(&base).await;
        if core.state.is_some() || !said.errors().is_empty() {
            return Err(format!("not handed over: {said:#?}"));
        }
        if !matches!(then, Then::Again) {
            core = Core::new(&aws, None);
        }
        let end = pursue(&aws, &mut core, work.goal.as_ref()).await?;
        let now = core.ids();
        let anew =
            kept.iter().filter(|(key, id)| matches!(then, Then::Again | Then::AgainLater) && now.get(*key) != Some(id));
        let anew: Vec<_> = anew.collect();
        if !anew.is_empty() {
            return Err(format!("made anew: {anew:?}"));
        }
        judge(&aws, &mut core, &work, &Strangers::default()).await.map(|()| end)
    })
}

#[test]
fn a_delete_without_its_create_loses_nothing() {
    let points = some(halves(&work::create()), 19);
    let other = work::other();
    everywhere("F8 half a replacement", &points, |(call, then)| half(&work::create(), &other, *call, *then));
}

/// Its service, rule and certificate are in what others own.
#[test]
fn a_guests_delete_without_its_create_loses_nothing() {
    let points = some(halves(&work::create_guest()), 7);
    let other = work::guest();
    everywhere("F8 half of a guest's", &points, |(call, then)| half(&work::create_guest(), &other, *call, *then));
}

/// Every call, with all that may come after.
fn halves(create: &Work) -> Vec<(usize, Then)> {
    let all = [Then::Again, Then::AgainLater, Then::Other, Then::Destroy];
    (0..create.calls()).flat_map(|call| all.map(|then| (call, then))).collect()
}

/// The failed create is made anew before its old state is destroyed.
pub async fn creating_first(aws: Inside, mut core: Core, work: &Work, call: usize) -> Result<End, String> {
    if !failed(&aws, &mut core, &work::base(), call).await? {
        return Ok(End::Unharmed);
    }
    let said = core.apply_creating_first(&work::base()).await;
    if !said.errors().is_empty() {
        return Err(format!("{:#?}", said.errors()));
    }
    judge(&aws, &mut core, work, &Strangers::default()).await.map(|()| End::Converged)
}

#[test]
fn a_create_before_its_delete_is_left_alone() {
    let work = work::create();
    let points = some((1..work.calls()).collect(), 9);
    everywhere("F8 create before destroy", &points, |call| {
        on_paused_clock(1, async {
            let (aws, core) = work.begin(1);
            creating_first(aws, core, &work, *call).await
        })
    });
}
