//! Changes: pending until the name servers answer accordingly.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::record::{Key, RecordSet};
use super::{Due, bare, needed};
use crate::simulator::ask::Ask;
use crate::simulator::durations::ROUTE53_IN_SYNC;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// What was written, to be answered once in sync: the records by their keys, or that there are none any more.
pub type Touched = Vec<(Key, Option<RecordSet>)>;

#[derive(Clone, Debug)]
pub struct Change {
    zone: String,
    in_sync: bool,
    submitted: String,
    comment: Option<String>,
    touched: Touched,
}

fn described(id: &str, change: &Change) -> Json {
    json!({
        "Id": format!("/change/{id}"),
        "Status": if change.in_sync { "INSYNC" } else { "PENDING" },
        "SubmittedAt": change.submitted,
        "Comment": change.comment,
    })
}

/// Notes a change of a zone; the answer tells about it. A zone's changes come in sync in their order.
pub fn submit(world: &mut World, zone: &str, comment: Option<&str>, touched: Touched) -> Json {
    let id = format!("C{}", world.hex(20).to_uppercase());
    let (submitted, comment) = (world.iso(), comment.map(str::to_owned));
    let change = Change { zone: zone.to_owned(), in_sync: false, submitted, comment, touched };
    let answer = described(&id, &change);
    let drawn = world.draw(ROUTE53_IN_SYNC);
    let at = world.now() + Duration::from_secs_f64(drawn);
    let before = world.route53.zones.get(zone).map(|zone| zone.settled).unwrap_or_default();
    let at = at.max(before);
    if let Some(zone) = world.route53.zones.get_mut(zone) {
        zone.settled = at;
    }
    let wait = at.saturating_sub(world.now());
    world.in_seconds(wait.as_secs_f64(), Due::InSync { change: id.clone() }.into());
    world.route53.changes.insert(id, change);
    answer
}

pub fn sync(world: &mut World, id: &str) {
    let state = &mut world.route53;
    let Some(change) = state.changes.get_mut(id) else { return };
    change.in_sync = true;
    if let Some(zone) = state.zones.get_mut(&change.zone) {
        for (key, set) in std::mem::take(&mut change.touched) {
            match set {
                Some(set) => drop(zone.served.insert(key, set)),
                None => drop(zone.served.remove(&key)),
            }
        }
    }
    world.note(format!("route53 change {id} is in sync"));
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let id = bare(needed(ask, "Id", 6500)?);
    let missing = || Refusal::new("NoSuchChange", format!("Could not find resource with ID: {id}")).with_status(404);
    let change = world.route53.changes.get(id).ok_or_else(missing)?;
    Ok(json!({ "ChangeInfo": described(id, change) }))
}
