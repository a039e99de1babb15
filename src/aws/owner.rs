//! Whose an object is: the identity of a stack, the tags that say so, and the names derived from it.
//!
//! Identity is a pure function of account, region and name, so that it survives a lost state and a new machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub type Tags = BTreeMap<String, String>;

/// The tag that names the stack an object belongs to.
pub const STACK_TAG: &str = "fargate:stack";
/// The tag that names the object's key in the stack's graph.
pub const NODE_TAG: &str = "fargate:node";

/// What tells one stack from every other. Written `account/region/name`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub account: String,
    pub region: String,
    pub name: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}/{}", self.account, self.region, self.name)
    }
}

impl Identity {
    /// Reads `account/region/name`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split('/').collect::<Vec<_>>()[..] {
            [account, region, name] if ![account, region, name].contains(&"") => {
                Some(Self { account: account.into(), region: region.into(), name: name.into() })
            }
            _ => None,
        }
    }
}

/// The owner of objects: a stack, and the tags its user wants on them.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    pub identity: Identity,
    /// ARN partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The user's tags, the provider's `default_tags` merged in.
    pub tags: Tags,
    /// Tells this making of the stack from an earlier or later one of the same name; empty where it is not known.
    pub generation: String,
    /// Ids of objects that the user gave and that this owner has, or had, objects in: where to look for those.
    pub hosts: BTreeSet<String>,
    /// Somebody else deploys images: the revision that counts is the one that runs, not the latest.
    pub image_elsewhere: bool,
}

impl Owner {
    /// All tags of the object with this key.
    pub fn tags_of(&self, key: &str) -> Tags {
        let mut tags = self.tags.clone();
        // IAM takes keys that differ in case only for one.
        if !tags.keys().any(|name| name.eq_ignore_ascii_case("Name")) {
            tags.insert("Name".into(), self.display_name(key));
        }
        tags.insert(STACK_TAG.into(), self.identity.to_string());
        tags.insert(NODE_TAG.into(), key.into());
        tags
    }

    /// The user's part of these tags of the object with this key: all but ours and AWS's own.
    pub fn tags_of_the_user(&self, key: &str, tags: &Tags) -> Tags {
        let theirs = |(name, value): &(&String, &String)| match name.as_str() {
            "Name" => **value != self.display_name(key),
            name => !name.starts_with("fargate:") && !name.starts_with("aws:"),
        };
        tags.iter().filter(theirs).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn display_name(&self, key: &str) -> String {
        format!("{}/{key}", self.identity.name)
    }

    /// The key of an object with these tags, if it is this stack's.
    pub fn key_in(&self, tags: &Tags) -> Option<String> {
        let ours = tags.get(STACK_TAG).is_some_and(|stack| *stack == self.identity.to_string());
        if ours { tags.get(NODE_TAG).cloned() } else { None }
    }

    /// A name for the object with this key that nobody else has in this account and region: the stack's name,
    /// shortened where it must be, and a hash. At most `most` characters of `[A-Za-z0-9-]`.
    pub fn unique_name(&self, key: &str, most: usize) -> String {
        let hash = hash(&format!("{}/{key}", self.identity));
        // Load balancers may not be named `internal-...`, security groups not `sg-...`.
        let begin = self.identity.name.to_ascii_lowercase();
        let reserved = ["aws", "internal", "sg"].iter().any(|word| begin.starts_with(word));
        let name = if reserved { format!("fg-{}", self.identity.name) } else { self.identity.name.clone() };
        let room = most - hash.len() - 1;
        format!("{}-{hash}", name.get(..room).unwrap_or(&name).trim_end_matches('-'))
    }

    /// The parameters', log groups' and roles' common beginning.
    pub fn path(&self) -> String {
        format!("/fargate/{}", self.identity.name)
    }

    /// An ARN in this stack's account and region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Identity { account, region, .. } = &self.identity;
        format!("arn:{}:{service}:{region}:{account}:{resource}", self.partition)
    }
}

/// Eight hexadecimal digits that stand for this text.
pub fn hash(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> Owner {
        let identity = Identity { account: "123456789012".into(), region: "eu-west-3".into(), name: name.into() };
        Owner {
            identity,
            partition: "aws".into(),
            tags: Tags::from([("team".into(), "shop".into())]),
            ..Owner::default()
        }
    }

    #[test]
    fn names_fit_whatever_the_name_and_differ_by_key_and_stack() {
        let long = owner("a-service-with-a-rather-long-name-indeed");
        let name = long.unique_name("load_balancer/internal", 32);
        assert!(name.len() <= 32 && name.starts_with("a-service-with-a-rather"), "{name}");
        assert_ne!(name, long.unique_name("load_balancer/internet-facing", 32));
        assert_ne!(owner("a").unique_name("x", 32), owner("b").unique_name("x", 32));
        for reserved in ["internal", "internal-api", "sg-1"] {
            assert!(owner(reserved).unique_name("x", 32).starts_with("fg-"), "{reserved}");
        }
        assert!(!owner("ab-").unique_name("x", 32).contains("--"));
    }

    #[test]
    fn only_tags_of_this_very_stack_give_a_key() {
        let (ours, other) = (owner("web"), owner("web2"));
        assert_eq!(ours.key_in(&ours.tags_of("vpc")).as_deref(), Some("vpc"));
        assert_eq!(ours.key_in(&other.tags_of("vpc")), None);
        assert_eq!(ours.tags_of_the_user("vpc", &ours.tags_of("vpc")), ours.tags);
        let named = Owner { tags: Tags::from([("Name".into(), "mine".into())]), ..ours };
        assert_eq!(named.tags_of_the_user("vpc", &named.tags_of("vpc")), named.tags);
    }

    #[test]
    fn identity_reads_what_it_writes() {
        let identity = owner("web").identity;
        assert_eq!(Identity::parse(&identity.to_string()), Some(identity));
        assert_eq!(Identity::parse("web"), None);
        assert_eq!(Identity::parse("1//web"), None);
    }
}
