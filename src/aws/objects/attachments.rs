//! Managed policies on a role: attached, detached, and remembered as ours in a tag of the role.
//!
//! The tag holds a hash of each ARN: 28 fit, AWS allows 25 policies on a role.

use std::collections::BTreeSet;

use super::role;
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::owner::{Tags, hash};

/// The tag that names the attached policies that are ours.
pub const TAG: &str = "fargate:policies";

const ABSENT: &[&str] = &["NoSuchEntity"];

/// The tag for these policies; none for none.
pub fn mark(policies: &BTreeSet<String>) -> Option<(String, String)> {
    let hashes: Vec<String> = policies.iter().map(|arn| hash(arn)).collect();
    (!hashes.is_empty()).then(|| (TAG.to_owned(), hashes.join(" ")))
}

/// Whether the tag's value names this policy.
fn is_in(mark: &str, policy: &str) -> bool {
    mark.split(' ').any(|one| one == hash(policy))
}

/// The policies that the tag's value names, of all that are attached; for one that isn't, its hash.
pub fn marked(mark: &str, attached: &BTreeSet<String>) -> BTreeSet<String> {
    let named = |one: &str| attached.iter().find(|arn| hash(arn) == one).cloned().unwrap_or_else(|| one.to_owned());
    mark.split_whitespace().map(named).collect()
}

/// All managed policies on a role, whoever attached them.
pub async fn all(aws: &Aws, role: &str) -> Result<BTreeSet<String>> {
    let ask = || async {
        let pages = aws.iam.list_attached_role_policies().role_name(role).into_paginator();
        pages.items().send().try_collect().await
    };
    let found = aws.call("iam:ListAttachedRolePolicies", ask).await.absent(ABSENT)?.unwrap_or_default();
    Ok(found.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

/// Writes which policies are ours.
pub async fn remember(aws: &Aws, role: &str, policies: &BTreeSet<String>) -> Result<()> {
    match mark(policies) {
        Some(mark) => {
            let ask = aws.iam.tag_role().role_name(role).set_tags(Some(role::tags(Tags::from([mark]))?));
            aws.call("iam:TagRole", || ask.clone().send()).await.map(drop)
        }
        None => {
            let ask = || aws.iam.untag_role().role_name(role).tag_keys(TAG).send();
            aws.call("iam:UntagRole", ask).await.map(drop)
        }
    }
}

/// Detaches those of ours that aren't wanted any more, and forgets them.
pub async fn keep_only(aws: &Aws, role: &str, wanted: &BTreeSet<String>) -> Result<()> {
    let ask = || aws.iam.get_role().role_name(role).send();
    let found = aws.call("iam:GetRole", ask).await?;
    let tags = found.role().map(|role| role.tags()).unwrap_or_default();
    let Some(ours) = tags.iter().find(|tag| tag.key() == TAG).map(|tag| tag.value()) else { return Ok(()) };
    let wanted_mark = mark(wanted).map(|(_, value)| value).unwrap_or_default();
    if ours == wanted_mark {
        return Ok(());
    }
    for policy in all(aws, role).await?.iter().filter(|arn| is_in(ours, arn) && !wanted.contains(*arn)) {
        detach(aws, role, policy).await?;
    }
    remember(aws, role, wanted).await
}

pub async fn detach(aws: &Aws, role: &str, policy: &str) -> Result<()> {
    let ask = || aws.iam.detach_role_policy().role_name(role).policy_arn(policy).send();
    aws.call("iam:DetachRolePolicy", ask).await.absent(ABSENT).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_names_its_policies_and_no_others_and_fits_a_tag() {
        let arn = |number: usize| format!("arn:aws:iam::123456789012:policy/team/rights-{number}");
        let most: BTreeSet<String> = (0..25).map(arn).collect();
        let (_, value) = mark(&most).unwrap();
        assert!(value.len() <= 256 && most.iter().all(|arn| is_in(&value, arn)), "{value}");
        assert!(!is_in(&value, &arn(25)) && !is_in("", &arn(0)));
        assert_eq!(mark(&BTreeSet::new()), None);

        let foreign: BTreeSet<String> = [arn(0), arn(99)].into();
        let (_, value) = mark(&[arn(0), arn(1)].into()).unwrap();
        assert_eq!(marked(&value, &foreign), [arn(0), hash(&arn(1))].into());
        assert!(marked("", &foreign).is_empty());
    }
}
