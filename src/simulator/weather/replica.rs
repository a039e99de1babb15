//! Replicas: AWS's services answer from copies that learn of a write some time later. So a fresh object isn't found, a list
//! omits it, its tags are missing, a deleted one still shows, and the next read may see it all again.
//!
//! Before each write, what its service was is remembered for as long as the climate's lag. A replica is a copy of the world
//! in which services are as they were: an operation tried there leaves no trace. Writes always act on the world as it is.
//!
//! Sources: EC2 Developer Guide, "Eventual consistency in the Amazon EC2 API" (later commands, reading or changing, may not
//! see what was just made); IAM User Guide, "Changes that I make are not always immediately visible"; ECS API Reference,
//! RunTask ("follows an eventual consistency model"); for the other services (unverified).

use std::collections::VecDeque;
use std::time::Duration;

use super::order::matches;
use super::{Call, State, sight};
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::{SERVICES, World};
use crate::simulator::{acm, autoscaling, ec2, ecs, elb, iam, logs, route53};

/// At most so many writes are remembered.
const WRITES: usize = 64;
/// Of so many replicas that lag, one lags in its tags only, where the service has such.
const TAGS_ONLY: u32 = 3;

/// What shows every write at once. The parameter store's conditional writes are atomic, so its reads are taken to be
/// consistent too (unverified); Route 53 lists changes that are PENDING (API Reference, ListResourceRecordSets). STS, quotas
/// and registries are never written to.
const CONSISTENT: &[(&str, &str)] = &[
    ("ecr", "*"),
    ("route53", "GetChange"),
    ("route53", "ListResourceRecordSets"),
    ("servicequotas", "*"),
    ("ssm", "*"),
    ("sts", "*"),
];

fn consistent(call: &Call) -> bool {
    CONSISTENT.iter().any(|(service, action)| *service == call.service && matches(action, call.action))
}

/// What a service was.
#[derive(Clone, Debug)]
enum Was {
    Acm(Box<acm::State>),
    Autoscaling(Box<autoscaling::State>),
    Ec2(Box<ec2::State>),
    Ecs(Box<ecs::State>),
    Elb(Box<elb::State>),
    Iam(Box<iam::State>),
    Logs(Box<logs::State>),
    Route53(Box<route53::State>),
}

impl Was {
    fn of(world: &World, service: &str) -> Option<Self> {
        Some(match service {
            "acm" => Self::Acm(Box::new(world.acm.clone())),
            "application-autoscaling" => Self::Autoscaling(Box::new(world.autoscaling.clone())),
            "ec2" => Self::Ec2(Box::new(world.ec2.clone())),
            "ecs" => Self::Ecs(Box::new(world.ecs.clone())),
            "elasticloadbalancing" => Self::Elb(Box::new(world.elb.clone())),
            "iam" => Self::Iam(Box::new(world.iam.clone())),
            "logs" => Self::Logs(Box::new(world.logs.clone())),
            "route53" => Self::Route53(Box::new(world.route53.clone())),
            _ => return None,
        })
    }

    fn put_into(self, world: &mut World) {
        match self {
            Self::Acm(was) => world.acm = *was,
            Self::Autoscaling(was) => world.autoscaling = *was,
            Self::Ec2(was) => world.ec2 = *was,
            Self::Ecs(was) => world.ecs = *was,
            Self::Elb(was) => world.elb = *was,
            Self::Iam(was) => world.iam = *was,
            Self::Logs(was) => world.logs = *was,
            Self::Route53(was) => world.route53 = *was,
        }
    }

    /// Puts its tags only. False where the service's tags don't lag by themselves.
    fn put_tags_into(&self, world: &mut World) -> bool {
        match self {
            Self::Ec2(was) => world.ec2.tags_as_in(was),
            Self::Ecs(was) => world.ecs.tags_as_in(was),
            Self::Elb(was) => world.elb.tags_as_in(was),
            _ => return false,
        }
        true
    }
}

/// The writes of the last seconds, oldest first, and what was read since.
#[derive(Clone, Debug, Default)]
pub struct Past {
    writes: VecDeque<(Duration, String, Was)>,
    reads: sight::Reads,
}

/// How long a write may stay unseen at most.
fn lag(weather: &State) -> Duration {
    Duration::try_from_secs_f64(weather.climate.lag).unwrap_or_default()
}

/// A lag for this call, if it meets a replica that lags.
fn drawn(world: &mut World, call: &Call) -> Option<Duration> {
    let weather = &mut world.weather;
    if consistent(call) || weather.past.writes.is_empty() || !weather.chance(weather.climate.stale) {
        return None;
    }
    let share = weather.random.f64();
    Some(lag(weather).mul_f64(share))
}

/// What a service was before the first write that a replica of this lag hasn't seen.
fn was<'a>(world: &'a World, service: &str, lag: Duration) -> Option<&'a Was> {
    let unseen = |(at, name, _): &&(Duration, String, Was)| name == service && *at + lag > world.now();
    world.weather.past.writes.iter().find(unseen).map(|(.., was)| was)
}

/// A copy of the world's services, in calm weather and without a record.
fn copy(world: &mut World) -> World {
    let log = std::mem::take(&mut world.log);
    let weather = std::mem::replace(&mut world.weather, State::new(0));
    let copy = world.clone();
    (world.log, world.weather) = (log, weather);
    copy
}

/// Refuses a call that names what the replica it meets doesn't know yet: tried on a copy, and if that finds something
/// missing which in truth is there.
pub fn not_yet(world: &mut World, call: &Call) -> Result<(), Refusal> {
    if call.reads() {
        return Ok(());
    }
    let Some(lag) = drawn(world, call) else { return Ok(()) };
    let past: Vec<Was> = SERVICES.iter().filter_map(|service| was(world, service, lag).cloned()).collect();
    if past.is_empty() {
        return Ok(());
    }
    let mut replica = copy(world);
    past.into_iter().for_each(|was| was.put_into(&mut replica));
    match (call.operation)(&mut replica, call.ask) {
        Err(refusal) if sight::is_absence(&refusal) => {
            let truth = (call.operation)(&mut copy(world), call.ask);
            if truth.is_err_and(|truth| sight::is_absence(&truth)) {
                return Ok(());
            }
            world.weather.strike("not_yet");
            Err(refusal)
        }
        _ => Ok(()),
    }
}

/// Carries it out: a write on the world as it is, a read there or on a replica.
pub fn carry_out(world: &mut World, call: &Call) -> Answer {
    if !call.reads() {
        return write(world, call);
    }
    let lag = drawn(world, call);
    let stale = lag.and_then(|lag| look_back(world, call, lag));
    let answer = (call.operation)(world, call.ask);
    let (strikes, answer) = match stale {
        Some((kind, stale)) if sight::differs(&stale, &answer) => {
            (Some(kind.unwrap_or_else(|| sight::kind(call, &stale, &answer))), stale)
        }
        _ => (None, answer),
    };
    if world.weather.climate.stale > 0.0 {
        let (now, kept) = (world.now(), self::lag(&world.weather));
        let less = world.weather.past.reads.saw_less(now, kept, call, &answer);
        if let Some(kind) = strikes {
            world.weather.strike(kind);
            if less {
                world.weather.strike("flapping");
            }
        }
    }
    answer
}

/// What a replica answers, and the kind of inconsistency if that is known from how it lags.
fn look_back(world: &mut World, call: &Call, lag: Duration) -> Option<(Option<&'static str>, Answer)> {
    let past = was(world, call.service, lag)?.clone();
    let mut replica = copy(world);
    let tags_only = world.weather.random.u32(..TAGS_ONLY) == 0 && past.put_tags_into(&mut replica);
    if !tags_only {
        past.put_into(&mut replica);
    }
    let answer = (call.operation)(&mut replica, call.ask);
    // A token of another page, say, is no reason to refuse what in truth is well asked.
    let credible = answer.as_ref().err().is_none_or(sight::is_absence);
    credible.then_some((tags_only.then_some("lagging_tags"), answer))
}

/// Remembers what was, if the write succeeds.
fn write(world: &mut World, call: &Call) -> Answer {
    let lag = lag(&world.weather);
    let lags = world.weather.climate.stale > 0.0 && !lag.is_zero() && !consistent(call);
    let was = if lags { Was::of(world, call.service) } else { None };
    let answer = (call.operation)(world, call.ask);
    let (now, writes) = (world.now(), &mut world.weather.past.writes);
    if let (Some(was), Ok(_)) = (was, &answer) {
        writes.push_back((now, call.service.to_owned(), was));
    }
    while writes.front().is_some_and(|(at, ..)| *at + lag < now) || writes.len() > WRITES {
        writes.pop_front();
    }
    answer
}
