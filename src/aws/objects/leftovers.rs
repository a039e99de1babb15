//! What still holds an object that AWS refuses to delete. AWS tells that there is something, never what: so we look.

use aws_sdk_ec2::types::NetworkInterface;

use super::network_guests;
use crate::aws::client::Aws;
use crate::aws::error::{Error, Result};

/// AWS's codes for it.
const HELD: &[&str] = &["DependencyViolation", "InvalidGroup.InUse"];

/// The answer to a deletion; where it failed because something still holds the object, with the network interfaces that do.
/// `by` is `subnet-id`, `group-id` or `vpc-id`.
pub async fn told<T>(aws: &Aws, answer: Result<T>, by: &str, id: &str) -> Result<T> {
    let error = match answer {
        // The time of the operation may be over before AWS's patience and ours are.
        Err(error) if error.code().is_some_and(|code| HELD.contains(&code)) => error,
        Err(error @ Error::TimedOut(_)) => error,
        other => return other,
    };
    let left = match network_guests::described(aws, by, id).await {
        Ok(found) => found.iter().filter_map(in_words).collect::<Vec<_>>(),
        Err(cause) => {
            tracing::warn!(id, %cause, "what still holds it could not be looked for");
            Vec::new()
        }
    };
    Err(if left.is_empty() { error } else { error.adding(&format!("Still there: {}", left.join("; "))) })
}

/// `the network interface eni-1 (ELB app/web/1; made by amazon-elb; in-use)`
fn in_words(interface: &NetworkInterface) -> Option<String> {
    let about = network_guests::about(interface);
    let whose = interface.requester_id().or(interface.owner_id()).unwrap_or("nobody that AWS names");
    let status = interface.status().map_or("in no state", |status| status.as_str());
    Some(format!("the network interface {} ({about}; made by {whose}; {status})", interface.network_interface_id()?))
}
