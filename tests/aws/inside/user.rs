//! What a user does until the goal is reached: the same again; and, where a complete service has lost its state, the import
//! that the error prints.

use std::time::Duration;

use serde_json::Value as Json;
use terraform_provider_fargate::protocol::path::Path;

use super::core::{Core, Said};
use super::standing::Strangers;
use super::work::Work;
use super::{Inside, identity, scenario};

/// A user gives up when this many applies of the same thing have failed: more than a schedule lets fail (three disturbances,
/// each of four failures at most).
pub const PATIENCE: usize = 13;

/// How long a user reads an error before the next try.
const READS: Duration = Duration::from_secs(60);

/// How a disturbance ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It didn't happen: the work has no such call.
    Unharmed,
    Converged,
    /// A service without state: by the `import` block that the error printed.
    Imported,
}

/// One try.
pub async fn attempt(core: &mut Core, goal: Option<&Json>) -> Said {
    match goal {
        Some(config) => core.apply(config).await,
        None => core.destroy().await,
    }
}

/// Tries until nothing fails.
///
/// # Errors
/// The goal was not reached, or an error didn't tell what is wrong.
pub async fn pursue(aws: &Inside, core: &mut Core, goal: Option<&Json>) -> Result<End, String> {
    pursue_with(PATIENCE, aws, core, goal).await
}

/// The same, where nothing is wrong any more: the next try goes through.
///
/// # Errors
/// As of `pursue`.
pub async fn go_on(aws: &Inside, core: &mut Core, goal: Option<&Json>) -> Result<End, String> {
    pursue_with(1, aws, core, goal).await
}

async fn pursue_with(patience: usize, aws: &Inside, core: &mut Core, goal: Option<&Json>) -> Result<End, String> {
    let (mut last, mut end, mut failed) = (None, End::Converged, 0);
    while failed < patience {
        if goal.is_none() && core.state.is_none() && is_left(aws) {
            // Nothing that Terraform knows of: it must be told first.
            import(aws, core).await?;
            end = End::Imported;
        }
        let said = attempt(core, goal).await;
        explained(&said)?;
        if said.errors().is_empty() {
            return Ok(end);
        }
        if core.state.is_none() && prints_an_import(aws, &said) {
            import(aws, core).await?;
            end = End::Imported;
            continue;
        }
        (last, failed) = (Some(said), failed + 1);
        tokio::time::sleep(READS).await;
    }
    Err(format!("{failed} tries failed: {goal:?}\n{:#?}", last.map(|said| said.diagnostics)))
}

/// After the goal is reached: nothing is left to plan, the world is the undisturbed one; then it is destroyed.
///
/// # Errors
/// Which of that isn't so.
pub async fn judge(aws: &Inside, core: &mut Core, work: &Work, strangers: &Strangers) -> Result<(), String> {
    if let Some(config) = &work.goal {
        let open = core.open(config).await;
        if !open.is_empty() {
            return Err(format!("the plan is not empty: {open:#?}"));
        }
    }
    within_a_minute(|| strangers.compare(aws, &work.undisturbed().stands)).await?;
    if let Some(unprotected) = work.goal.as_ref().and_then(unprotected) {
        pursue(aws, core, Some(&unprotected)).await?;
    }
    pursue(aws, core, None).await?;
    within_a_minute(|| strangers.are_alone(aws)).await
}

/// Looks again where AWS may be at it still: an endpoint is listed for a while after its deletion, a task gives its network
/// interface back after its service has ended.
async fn within_a_minute(look: impl Fn() -> Result<(), String>) -> Result<(), String> {
    if look().is_ok() {
        return Ok(());
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    look()
}

/// What a user applies before the destroy of what is protected from it.
fn unprotected(config: &Json) -> Option<Json> {
    let mut config = config.clone();
    let protection = config["load_balancer"].get_mut("deletion_protection").filter(|one| **one == Json::Bool(true))?;
    *protection = false.into();
    Some(config)
}

/// Whether the service has an anchor, whoever knows of it.
fn is_left(aws: &Inside) -> bool {
    let standing = terraform_provider_fargate::simulator::observe::standing(&aws.world());
    let ours = [("fargate:stack", identity(aws)), ("fargate:node", "anchor".to_owned())];
    standing.iter().any(|one| ours.iter().all(|(tag, value)| one.tags.get(*tag) == Some(value)))
}

fn prints_an_import(aws: &Inside, said: &Said) -> bool {
    let block = format!("id = {:?}", identity(aws));
    said.errors().iter().any(|told| told.detail.contains(&block))
}

async fn import(aws: &Inside, core: &mut Core) -> Result<(), String> {
    let mut told = Vec::new();
    for _ in 0..PATIENCE {
        told = core.import(&identity(aws)).await;
        if !told.iter().any(|told| told.is_error()) {
            return Ok(());
        }
        tokio::time::sleep(READS).await;
    }
    Err(format!("the import failed {PATIENCE} times: {told:#?}"))
}

/// Every error tells what it is about, and how AWS or we found it; none is a bug.
///
/// # Errors
/// The one that doesn't.
pub fn explained(said: &Said) -> Result<(), String> {
    let unclear = said.errors().into_iter().find(|told| {
        let text = format!("{}\n{}", told.summary, told.detail);
        let about = text.contains(scenario::NAME) || text.contains("answered ") || text.contains("got no answer");
        let attribute = told.summary.starts_with("Invalid ") && told.path != Path::root();
        let known =
            ["AWS has changed since the plan was made", "Interrupted"].contains(&told.summary.as_str()) || attribute;
        text.to_lowercase().contains("bug") || !(about || known)
    });
    unclear.map_or(Ok(()), |told| Err(format!("an error that explains nothing: {told:#?}")))
}
