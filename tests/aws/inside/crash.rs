//! A provider that dies at one of its calls, and what becomes of the world: the next apply must converge without a human
//! step, and destroy must leave nothing.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::observe;
use terraform_provider_fargate::simulator::weather::{self, Order};

use super::core::Core;
use super::door::Moment;
use super::life::reach;
use super::{Inside, on_paused_clock, scenario};

/// What a process was doing when it died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Create,
    Update,
    Destroy,
}

/// How a crash ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// There was no such call: the work has fewer.
    Unharmed,
    Converged,
    /// A complete stack without state: by the `import` block that the error printed.
    Imported,
}

pub fn before() -> Json {
    let iam = json!({ "task_policy_arns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"] });
    json!({ "name": scenario::NAME, "image": "nginx:1.27", "iam": iam })
}

/// Another image, a sidecar, other rights, one more zone, other egress, other rules: most kinds of objects come, change or go.
pub fn after() -> Json {
    let policy = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
    json!({
        "name": scenario::NAME,
        "image": "nginx:1.28",
        "enable_execute_command": true,
        "sidecars": { "side": { "image": "side:1", "essential": false } },
        "iam": { "task_policy_arns": [policy("ReadOnlyAccess")], "permissions_boundary_arn": policy("PowerUserAccess") },
        "network": { "availability_zone_count": 3, "egress": "nat_single" },
        "load_balancer": { "internal": true, "allowed_cidr_blocks": ["10.0.0.0/8"] },
        "logs": { "retention_in_days": 7 },
    })
}

/// The world after this work, undisturbed: every object by kind and name.
pub fn undisturbed(work: Work) -> BTreeMap<String, String> {
    on_paused_clock(1, async {
        let (aws, mut core, goal) = begin(work).await.expect("a good beginning");
        finish(&mut core, goal.as_ref()).await.expect("an undisturbed end");
        objects(&aws)
    })
}

/// Mutating calls of this work, undisturbed.
pub fn calls(work: Work) -> usize {
    on_paused_clock(1, async {
        let (aws, mut core, goal) = begin(work).await.expect("a good beginning");
        let begun = aws.calls();
        finish(&mut core, goal.as_ref()).await.expect("an undisturbed end");
        aws.calls() - begun
    })
}

/// Kills the work at its n-th mutating call, goes on in a new process, and destroys.
///
/// # Errors
/// What went wrong: not converged, another world than the undisturbed one, twins, something left in the end.
pub fn crash(work: Work, call: usize, moment: Moment, expected: &BTreeMap<String, String>) -> Result<End, String> {
    on_paused_clock(1, async {
        let (aws, mut core, goal) = begin(work).await?;
        let state = core.state.clone();
        let done = aws.killed(call, moment, finish(&mut core, goal.as_ref())).await;
        if done.is_some() {
            return Ok(End::Unharmed);
        }
        drop(core);
        let mut core = Core::new(&aws, state);
        let end = recover(&aws, &mut core, goal.as_ref()).await?;
        compare(&aws, expected)?;
        finish(&mut core, None).await?;
        let left = observe::is_empty(&aws.world());
        if left.is_empty() { Ok(end) } else { Err(format!("left: {left:#?}")) }
    })
}

/// Does the work with one fault on order: in one go.
///
/// # Errors
/// It failed, or ended in another world than the undisturbed one, or something is left in the end.
pub fn struck(work: Work, order: Order, expected: &BTreeMap<String, String>) -> Result<(), String> {
    on_paused_clock(1, async {
        let (aws, mut core, goal) = begin(work).await?;
        weather::order(&mut aws.world(), order)?;
        let said = match &goal {
            Some(config) => core.apply(config).await,
            None => core.destroy().await,
        };
        if !said.errors().is_empty() {
            return Err(format!("{:?}", said.errors()));
        }
        compare(&aws, expected)?;
        finish(&mut core, None).await?;
        let left = observe::is_empty(&aws.world());
        if left.is_empty() { Ok(()) } else { Err(format!("left: {left:#?}")) }
    })
}

/// The world is the one expected, and nothing in it is there twice.
fn compare(aws: &Inside, expected: &BTreeMap<String, String>) -> Result<(), String> {
    let (found, twins) = (objects(aws), observe::twins(&aws.world(), &["fargate:stack", "fargate:node"]));
    match (found == *expected, twins.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("another world: {}", difference(expected, &found))),
        (true, false) => Err(format!("twins: {twins:?}")),
    }
}

/// A world in which this work is next, and its goal; none means destroy.
async fn begin(work: Work) -> Result<(Inside, Core, Option<Json>), String> {
    let aws = Inside::new(1);
    let mut core = Core::new(&aws, None);
    if work != Work::Create {
        finish(&mut core, Some(&before())).await?;
    }
    let goal = match work {
        Work::Create => Some(before()),
        Work::Update => Some(after()),
        Work::Destroy => None,
    };
    Ok((aws, core, goal))
}

async fn finish(core: &mut Core, goal: Option<&Json>) -> Result<(), String> {
    reach(core, goal, &mut 0).await
}

/// What the user does: the same again. If the service is told to be complete, the import that the error prints.
async fn recover(aws: &Inside, core: &mut Core, goal: Option<&Json>) -> Result<End, String> {
    let Some(config) = goal else { return finish(core, None).await.map(|()| End::Converged) };
    let said = core.apply(config).await;
    let complete = said.errors().iter().any(|told| told.detail.contains("It is complete"));
    if !complete {
        finish(core, goal).await?;
        return settled(core, config).await.map(|()| End::Converged);
    }
    let id = format!("{}/{}/{}", aws.world().account, super::REGION, scenario::NAME);
    if !said.errors()[0].detail.contains(&format!("id = {id:?}")) {
        return Err(format!("no import block: {said:?}"));
    }
    let told = core.import(&id).await;
    if !told.is_empty() {
        return Err(format!("import: {told:?}"));
    }
    finish(core, goal).await?;
    settled(core, config).await.map(|()| End::Imported)
}

async fn settled(core: &mut Core, config: &Json) -> Result<(), String> {
    let open = core.open(config).await;
    if open.is_empty() { Ok(()) } else { Err(format!("the plan is not empty: {open:?}")) }
}

/// Without what differs by itself: the anchor's record has the tokens of its operations; tasks and network interfaces, which
/// are AWS's own, come and go in their time.
fn objects(aws: &Inside) -> BTreeMap<String, String> {
    let mut objects = observe::objects(&aws.world());
    objects.retain(|name, _| !name.starts_with("ecs task of ") && !name.starts_with("ec2 network interface "));
    for (_, told) in objects.iter_mut().filter(|(name, _)| name.starts_with("ssm ")) {
        told.clear();
    }
    objects
}

fn difference(expected: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> String {
    let missing = expected.iter().filter(|(name, told)| found.get(*name) != Some(told));
    let extra = found.iter().filter(|(name, told)| expected.get(*name) != Some(told));
    format!("missing {:#?}\nextra {:#?}", missing.collect::<Vec<_>>(), extra.collect::<Vec<_>>())
}
