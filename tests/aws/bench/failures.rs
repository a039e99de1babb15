//! F4. What no retry gets over: a NAT gateway or a load balancer that fails after its call, a quota reached, a right missing,
//! at each call that can meet it; credentials that expire at any call. The error names the cause and the object; what stands
//! is recorded; once the cause is gone the next apply goes on with it, each whole object keeping its id.

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::weather::{self, Fault, Order};

use super::{everywhere, handed_over, some};
use crate::inside::core::Said;
use crate::inside::crash::struck;
use crate::inside::door::looks;
use crate::inside::on_paused_clock;
use crate::inside::standing::{Strangers, empty, recorded};
use crate::inside::user::{End, attempt, explained, judge, pursue};
use crate::inside::work::{self, Work};

/// Fails the work by what is on order, takes the cause away, and goes on. `cause`: what some error must say. `anew`: the
/// beginnings of the keys of what may get another id; revisions always may.
fn failed(work: &Work, order: &Order, cause: &[&str], anew: &[&str]) -> Result<End, String> {
    on_paused_clock(1, async {
        let (aws, mut core) = work.begin(1);
        let goal = work.goal.as_ref();
        weather::order(&mut aws.world(), order.clone())?;
        let said = attempt(&mut core, goal).await;
        explained(&said)?;
        aws.world().weather.orders.clear();
        // A look for what others have is given up with no more than a line in the log: AWS itself deletes nothing under them.
        if said.diagnostics.is_empty() && !aws.world().weather.strikes.is_empty() && !looks(&order.action) {
            return Err("nobody was told".into());
        }
        if said.errors().is_empty() {
            // It was not needed, or its failing was told as a warning.
            judge(&aws, &mut core, work, &Strangers::default()).await?;
            return Ok(End::Unharmed);
        }
        names(&said, cause)?;
        recorded(&aws, &core.told())?;
        let kept = core.ids();
        let end = pursue(&aws, &mut core, goal).await?;
        let now = core.ids();
        let moved = kept.iter().filter(|(key, id)| goal.is_some() && now.get(*key).is_some_and(|now| now != *id));
        let may = |key: &String| ["task_definition"].iter().chain(anew).any(|begins| key.starts_with(begins));
        let moved: Vec<_> = moved.filter(|(key, _)| !may(key)).collect();
        if !moved.is_empty() {
            return Err(format!("made anew: {moved:?}"));
        }
        judge(&aws, &mut core, work, &Strangers::default()).await.map(|()| end)
    })
}

/// One of the errors says all this.
fn names(said: &Said, cause: &[&str]) -> Result<(), String> {
    let says = |text: &String| cause.iter().all(|word| text.contains(word));
    let texts: Vec<String> = said.errors().iter().map(|told| format!("{}\n{}", told.summary, told.detail)).collect();
    if texts.iter().any(says) { Ok(()) } else { Err(format!("no error says {cause:?}: {texts:#?}")) }
}

const NAT: [&str; 6] = [
    "Gateway.NotAttached",
    "InsufficientFreeAddressesInSubnet",
    "InternalError",
    "InvalidAllocationID.NotFound",
    "InvalidSubnetID.NotFound",
    "Resource.AlreadyAssociated",
];

#[test]
fn a_gateway_that_fails_is_made_anew() {
    let works = [work::create(), work::updates().into_iter().find(|work| work.name == "from no gateway").expect("it")];
    let order = |which: u64, code: &str| Order {
        after: which,
        ..Order::new("ec2:CreateNatGateway", Fault::NatFails { code: code.into() })
    };
    let of_work = |work: &Work| NAT.map(|code| [0, 1].map(|which| (work.clone(), order(which, code), code)));
    let points = works.iter().flat_map(of_work).flatten();
    let points = some(points.collect(), 3);
    everywhere("F4 NAT gateway fails", &points, |(work, order, code)| {
        failed(work, order, &["NAT gateway", "nat/", code, "failed"], &[])
    });
}

#[test]
fn a_load_balancer_that_fails_is_made_anew() {
    let works = [work::create(), work::updates().into_iter().find(|work| work.name == "to internal").expect("it")];
    let order = |fault: Fault| Order::new("elasticloadbalancing:CreateLoadBalancer", fault);
    let (fails, impaired) = (order(Fault::LoadBalancerFails), order(Fault::LoadBalancerImpaired));
    // Its listeners go with it.
    let anew = ["load_balancer/", "listener/"];
    everywhere("F4 load balancer fails", &works, |work| failed(work, &fails, &["the load balancer failed"], &anew));
    // That one serves, if with less than it should.
    everywhere("F4 load balancer is impaired", &works, |work| struck(work, vec![impaired.clone()]));
}

/// Each action of the works that `choose` chooses, once for each work; refused until the cause is gone.
fn refusals(fault: &Fault, choose: impl Fn(&Work) -> Vec<String>) -> Vec<(Work, Order)> {
    let guests = [work::create_guest(), work::destroy_guest()];
    let works = [work::create(), work::updates().remove(0), work::destroy()].into_iter().chain(guests);
    let orders = works.flat_map(|work| {
        let mut actions = choose(&work);
        actions.sort();
        actions.dedup();
        let order = |action: String| Order { times: u64::MAX, ..Order::new(&action, fault.clone()) };
        actions.into_iter().map(order).map(|order| (work.clone(), order)).collect::<Vec<_>>()
    });
    orders.filter(|(_, order)| order.check().is_ok()).collect()
}

#[test]
fn a_quota_that_is_reached_is_told() {
    let points = some(refusals(&Fault::Quota, |work| work.undisturbed().calls.clone()), 3);
    everywhere("F4 quota", &points, |(work, order)| failed(work, order, &[&order.action, "answered"], &[]));
}

#[test]
fn a_change_that_is_not_allowed_is_told() {
    let points = some(refusals(&Fault::AccessDenied, |work| work.undisturbed().calls.clone()), 4);
    everywhere("F4 change denied", &points, |(work, order)| {
        failed(work, order, &[&order.action, "not authorized", "Allow"], &[])
    });
}

#[test]
fn a_look_that_is_not_allowed_is_told() {
    let points = some(refusals(&Fault::AccessDenied, |work| work.undisturbed().looks.clone()), 4);
    everywhere("F4 look denied", &points, |(work, order)| {
        failed(work, order, &[&order.action, "not authorized", "Allow"], &[])
    });
}

/// From that call on every call is refused, until they are renewed.
#[test]
fn credentials_that_expire_in_the_middle_lose_nothing() {
    let points = [work::create(), work::updates().remove(0), work::destroy()].into_iter().flat_map(|work| {
        let expire = |after: u64| Order { after, times: u64::MAX, ..Order::new("*", Fault::CredentialsExpired) };
        (0..calls(&work)).map(move |call| (work.clone(), expire(call)))
    });
    let points = some(points.collect(), 41);
    everywhere("F4 credentials expire", &points, |(work, order)| {
        failed(work, order, &["answered ", "credentials have expired", "aws sso login"], &[])
    });
}

/// All calls of a work, those that only look too.
fn calls(work: &Work) -> u64 {
    on_paused_clock(1, async {
        let (aws, mut core) = work.begin(1);
        drop(attempt(&mut core, work.goal.as_ref()).await);
        let world = aws.world();
        world.log.iter().filter(|event| event.source == "call").count() as u64
    })
}

/// Protection keeps from a destroy only where there is something to protect: until then it would keep a user from a way out.
#[test]
fn destroy_after_a_create_that_failed_is_refused_for_a_load_balancer_only() {
    let mut config = work::base();
    config["load_balancer"] = json!({ "deletion_protection": true });
    let work = Work { name: "protected create".into(), goal: Some(config.clone()), ..work::create() };
    let points = some((0..work.calls()).collect(), 5);
    everywhere("F4 destroy of what is half made", &points, |call| {
        on_paused_clock(1, async {
            let (aws, mut core) = work.begin(1);
            if !handed_over::failed(&aws, &mut core, &config, *call).await? {
                return Ok(End::Unharmed);
            }
            let said = attempt(&mut core, None).await;
            if !said.errors().is_empty() {
                names(&said, &["protected from deletion"])?;
                let told = core.told();
                let mut objects = told["objects"].as_object().into_iter().flatten();
                if !objects.any(|(_, one): (_, &Json)| one["kind"] == "load balancer") {
                    return Err("there is nothing to protect".into());
                }
                pursue(&aws, &mut core, Some(&work::base())).await?;
                pursue(&aws, &mut core, None).await?;
            }
            empty(&aws).map(|()| End::Converged)
        })
    });
}
