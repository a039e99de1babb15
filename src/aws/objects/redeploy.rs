//! What a service was last rolled out for, though nothing about it had changed: kept in a tag of the service, so that AWS
//! shows it and an import brings it back. The tag is set when the rollout is through: one that fails is tried again.

use sha2::{Digest, Sha256};

use super::ecs_tags;
use crate::aws::client::Aws;
use crate::aws::error::Result;
use crate::aws::owner::Tags;

const TAG: &str = "fargate:redeploy_trigger";

/// The trigger as the tag can have it: itself, or a hash of what a tag cannot hold.
pub fn mark(trigger: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || " +-=._:/@".contains(c);
    match trigger.len() <= 256 && trigger.chars().all(fits) && trigger.trim() == trigger {
        true => trigger.to_owned(),
        false => Sha256::digest(trigger).iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Takes the mark out of a service's tags.
pub fn take(tags: &mut Tags) -> Option<String> {
    tags.remove(TAG)
}

/// The tags with a mark among them.
pub fn put(mut tags: Tags, mark: Option<&String>) -> Tags {
    tags.extend(mark.map(|mark| (TAG.to_owned(), mark.clone())));
    tags
}

/// Writes the mark, or takes it away.
pub async fn write(aws: &Aws, service: &str, mark: Option<&String>) -> Result<()> {
    match mark {
        Some(_) => ecs_tags::retag(aws, service, &put(Tags::new(), mark), &[]).await,
        None => ecs_tags::retag(aws, service, &Tags::new(), &[TAG.to_owned()]).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tag_can_hold_is_kept_as_it_is_and_anything_else_by_its_hash() {
        for kept in ["2026-11-25T16:00:00Z", "", "build 7", "sha+/="] {
            assert_eq!(mark(kept), kept);
        }
        for hashed in ["{\"a\":1}", "é", " x", &"x".repeat(257)] {
            assert_eq!((mark(hashed).len(), mark(&mark(hashed))), (64, mark(hashed)), "{hashed}");
        }
    }
}
