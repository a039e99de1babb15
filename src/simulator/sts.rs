//! Security Token Service: who is calling.

use serde_json::json;

use super::ask::Ask;
use super::refusal::Answer;
use super::world::{Operation, World};

pub fn operation(action: &str) -> Option<Operation> {
    match action {
        "GetCallerIdentity" => Some(get_caller_identity),
        _ => None,
    }
}

/// Never refused, whatever the credentials allow (API reference, GetCallerIdentity).
fn get_caller_identity(world: &mut World, _: &Ask) -> Answer {
    let arn = format!("arn:aws:iam::{}:user/simulated", world.account);
    Ok(json!({ "Arn": arn, "UserId": "AIDASIMULATED", "Account": world.account }))
}
