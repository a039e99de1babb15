//! Scheduled actions: they change the bounds at their time. `at` and `rate` are carried out (`at` in UTC only); `cron` isn't.

use serde_json::{Value as Json, json};

use super::{DIMENSION, Due, NAMESPACE, invalid, limits, not_found, page, resource, shows};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::{self, World};

#[derive(Clone, Debug)]
pub struct Action {
    arn: String,
    created: f64,
    /// The other members, as they are answered.
    body: Json,
}

/// Per target ("Quotas for Application Auto Scaling").
const MOST: usize = 200;

/// Seconds since 1970 of `yyyy-mm-ddThh:mm:ss`.
fn moment(text: &str) -> Option<f64> {
    let (date, time) = text.split_once('T')?;
    let numbers = |text: &str, sign| text.split(sign).map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<_>>>();
    let ([year, month, day], [hour, minute, second]) =
        (numbers(date, '-')?.try_into().ok()?, numbers(time, ':')?.try_into().ok()?);
    let fits = (1970..10_000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !fits || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days of a civil date, after Howard Hinnant's algorithm.
    let (y, m, d) = (i64::from(year) - i64::from(month <= 2), i64::from(month), i64::from(day));
    let (era, yoe) = (y / 400, y % 400);
    let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + d - 1;
    let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
    Some((days * 86_400 + i64::from(hour * 3600 + minute * 60 + second)) as f64)
}

enum Schedule {
    At(f64),
    Every(f64),
    Cron,
}

/// `at(yyyy-mm-ddThh:mm:ss)`, `rate(value unit)` or `cron(fields)` of six fields (API reference, PutScheduledAction).
fn read(text: &str) -> Option<Schedule> {
    let (kind, rest) = text.split_once('(')?;
    let inside = rest.strip_suffix(')')?;
    match kind {
        "at" => moment(inside).map(Schedule::At),
        "rate" => {
            let (value, unit) = inside.split_once(' ')?;
            let value = value.parse::<u32>().ok().filter(|value| *value > 0)?;
            let seconds = match unit.strip_suffix('s').unwrap_or(unit) {
                "minute" => 60.0,
                "hour" => 3600.0,
                "day" => 86_400.0,
                _ => return None,
            };
            Some(Schedule::Every(f64::from(value) * seconds))
        }
        "cron" => (inside.split_whitespace().count() == 6).then_some(Schedule::Cron),
        _ => None,
    }
}

/// Makes or changes; what isn't given stays. A schedule is needed at first, and the action must say a bound (text unverified).
pub fn put(world: &mut World, ask: &Ask) -> Answer {
    let (name, id) = (limits::name(ask, "ScheduledActionName", ":/|")?.to_owned(), resource(ask)?.to_owned());
    let before = super::target(world, &id)?.actions.get(&name).cloned();
    let mut body = before.as_ref().map_or(json!({}), |before| before.body.clone());
    for member in ["Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction"] {
        if !ask.get(member).is_null() {
            body[member] = ask.get(member).clone();
        }
    }
    let text = body["Schedule"].as_str().ok_or_else(|| invalid("Schedule must be specified"))?;
    let schedule = read(text).ok_or_else(|| invalid(format!("Invalid schedule expression: {text}")))?;
    let bounds = Ask(body["ScalableTargetAction"].clone());
    let (least, most) = (limits::count(&bounds, "MinCapacity")?, limits::count(&bounds, "MaxCapacity")?);
    if least.is_none() && most.is_none() {
        return Err(invalid("MinCapacity or MaxCapacity must be specified"));
    }
    if least.zip(most).is_some_and(|(least, most)| most < least) {
        return Err(invalid("Maximum capacity cannot be less than minimum capacity"));
    }
    if before.is_none() && super::target(world, &id)?.actions.len() >= MOST {
        return Err(Refusal::new("LimitExceededException", "The maximum number of scheduled actions has been reached"));
    }
    let (uuid, created) = (world.uuid(), before.map_or(world.epoch(), |before| before.created));
    let place = format!("scheduledAction:{uuid}:resource/{NAMESPACE}/{id}:scheduledActionName/{name}");
    let arn = world.arn("autoscaling", &place);
    super::target(world, &id)?.actions.insert(name.clone(), Action { arn: arn.clone(), created, body });
    let wait = match schedule {
        Schedule::At(at) => Some(at - world.epoch()).filter(|wait| *wait >= 0.0),
        Schedule::Every(seconds) => Some(seconds),
        Schedule::Cron => None,
    };
    if let Some(wait) = wait {
        world.in_seconds(wait, world::Due::Autoscaling(Due::Scheduled(id, name, arn)));
    }
    Ok(json!({}))
}

/// Carries an action out; one that was changed has another ARN, so what was due before is void.
pub fn due(world: &mut World, id: &str, name: &str, arn: &str) {
    let Ok(target) = super::target(world, id) else { return };
    let Some(action) = target.actions.get(name).filter(|action| action.arn == arn) else { return };
    let (bounds, schedule) = (Ask(action.body["ScalableTargetAction"].clone()), action.body["Schedule"].as_str());
    let every = schedule.and_then(read);
    if !target.suspends("ScheduledScalingSuspended") {
        target.least = bounds.number("MinCapacity").unwrap_or(target.least);
        target.most = bounds.number("MaxCapacity").unwrap_or(target.most).max(target.least);
    }
    let serial = target.serial;
    super::scaling::bounds(world, id, serial);
    if let Some(Schedule::Every(seconds)) = every {
        let again = Due::Scheduled(id.to_owned(), name.to_owned(), arn.to_owned());
        world.in_seconds(seconds, world::Due::Autoscaling(again));
    }
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    super::namespace(ask)?;
    let names = ask.texts("ScheduledActionNames");
    let all = world.autoscaling.targets.iter().filter(|(id, _)| shows(ask, id));
    let all = all.flat_map(|(id, target)| target.actions.iter().map(move |(name, action)| (id, name, action)));
    let shown = all.filter(|(_, name, _)| names.is_empty() || names.contains(name)).map(|(id, name, action)| {
        let mut shown = action.body.clone();
        shown["ScheduledActionName"] = json!(name);
        shown["ScheduledActionARN"] = json!(action.arn);
        shown["ServiceNamespace"] = json!(NAMESPACE);
        shown["ResourceId"] = json!(id);
        shown["ScalableDimension"] = json!(DIMENSION);
        shown["CreationTime"] = json!(action.created);
        shown
    });
    page(ask, "ScheduledActions", shown.collect())
}

pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (name, id) = (limits::text(ask, "ScheduledActionName", 1600)?, resource(ask)?);
    let target = world.autoscaling.targets.get_mut(id);
    let gone = target.and_then(|target| target.actions.remove(name));
    gone.map(|_| json!({})).ok_or_else(|| not_found("scheduled action", name, id))
}
