//! IAM role that ECS tasks assume, with its policies and its boundary. Lives under its stack's own IAM path.
//!
//! A policy that isn't wanted any more goes only when nothing runs that needs it: until a rollout is through, the old
//! revision must be able to start tasks, and to be gone back to.
//!
//! Others may attach managed policies too. Which of them are ours is written in a tag of the role, before they are attached
//! and until they are detached; the others are none of our business.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::anchor::Anchor;
use super::attachments;
use crate::aws::client::Aws;
use crate::aws::document::Document;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{After, Ref};
use crate::aws::object::{Life, Object, Output, Ready, Seen, Site};
use crate::aws::owner::{Owner, Tags};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleOutput {
    pub name: String,
    pub arn: String,
}

impl Output for RoleOutput {
    fn id(&self) -> &str {
        &self.arn
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub trust: Json,
    /// Inline policies by name.
    pub policies: BTreeMap<String, Document>,
    /// ARNs of the managed policies that we attach. Of one that is marked as ours and isn't attached, its mark: that has to go.
    pub attached: BTreeSet<String>,
    /// ARN of the policy that bounds what the others may grant.
    pub permissions_boundary: Option<String>,
}

const ABSENT: &[&str] = &["NoSuchEntity"];

impl Role {
    /// A role that only tasks of this account and region may assume (against the confused deputy).
    pub fn for_tasks(owner: &Owner, policies: BTreeMap<String, Document>) -> Self {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "ecs-tasks.amazonaws.com" },
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": { "aws:SourceAccount": owner.identity.account },
                    "ArnLike": { "aws:SourceArn": owner.arn("ecs", "*") },
                },
            }],
        });
        Self { trust, policies, attached: BTreeSet::new(), permissions_boundary: None }
    }

    /// IAM knows no regions: the path tells stacks of one name in two regions apart.
    fn path(owner: &Owner) -> String {
        format!("/fargate/{}/{}/", owner.identity.region, owner.identity.name)
    }

    async fn look(aws: &Aws, owner: &Owner, name: &str) -> Result<Option<Seen<Self>>> {
        let ask = || aws.iam.get_role().role_name(name).send();
        let Some(found) = aws.call("iam:GetRole", ask).await.absent(ABSENT)? else { return Ok(None) };
        let role = found.role().ok_or_else(|| Error::lacks("Role"))?;
        let mut tags: Tags = role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
        let ours = tags.remove(attachments::TAG).unwrap_or_default();
        let Some(key) = owner.key_in(&tags) else { return Ok(None) };
        let mut policies = BTreeMap::new();
        for policy in Self::policy_names(aws, name).await? {
            let ask = || aws.iam.get_role_policy().role_name(name).policy_name(&policy).send();
            if let Some(found) = aws.call("iam:GetRolePolicy", ask).await.absent(ABSENT)? {
                policies.insert(policy, document(found.policy_document()));
            }
        }
        let trust = document(role.assume_role_policy_document().unwrap_or_default()).json();
        let output = RoleOutput { name: role.role_name().to_owned(), arn: role.arn().to_owned() };
        let attached = attachments::marked(&ours, &attachments::all(aws, name).await?);
        let boundary = role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
        let permissions_boundary = boundary.map(str::to_owned);
        let (life, actual) = (Life::Standing, Self { trust, policies, attached, permissions_boundary });
        Ok(Some(Seen { key, output, needs: (), life, actual, tags }))
    }

    /// Puts, replaces or takes away the boundary.
    async fn bound(&self, aws: &Aws, role: &str, before: Option<&str>) -> Result<()> {
        match (&self.permissions_boundary, before) {
            (Some(policy), _) => {
                let ask =
                    || aws.iam.put_role_permissions_boundary().role_name(role).permissions_boundary(policy).send();
                aws.call("iam:PutRolePermissionsBoundary", ask).await.map(drop)
            }
            (None, Some(_)) => {
                let ask = || aws.iam.delete_role_permissions_boundary().role_name(role).send();
                aws.call("iam:DeleteRolePermissionsBoundary", ask).await.absent(ABSENT).map(drop)
            }
            (None, None) => Ok(()),
        }
    }

    async fn policy_names(aws: &Aws, role: &str) -> Result<Vec<String>> {
        let ask = || async {
            let pages = aws.iam.list_role_policies().role_name(role).into_paginator();
            pages.items().send().try_collect().await
        };
        Ok(aws.call("iam:ListRolePolicies", ask).await.absent(ABSENT)?.unwrap_or_default())
    }

    async fn drop_policies(aws: &Aws, role: &str, keep: &BTreeSet<&String>) -> Result<()> {
        for policy in Self::policy_names(aws, role).await?.iter().filter(|name| !keep.contains(name)) {
            let ask = || aws.iam.delete_role_policy().role_name(role).policy_name(policy).send();
            aws.call("iam:DeleteRolePolicy", ask).await.absent(ABSENT)?;
        }
        Ok(())
    }
}

/// A policy as IAM gives it: percent-encoded.
fn document(text: &str) -> Document {
    Document::new(percent_decode_str(text).decode_utf8_lossy())
}

pub(super) fn tags(tags: Tags) -> Result<Vec<aws_sdk_iam::types::Tag>> {
    let tag = |(key, value)| aws_sdk_iam::types::Tag::builder().key(key).value(value).build();
    tags.into_iter().map(tag).collect::<std::result::Result<_, _>>().map_err(|e| Error::Unexpected(e.to_string()))
}

impl Object for Role {
    const KIND: &'static str = "IAM role";
    type Needs = After<Ref<Anchor>>;
    type Output = RoleOutput;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let path = Self::path(owner);
        let ask =
            || async { aws.iam.list_roles().path_prefix(&path).into_paginator().items().send().try_collect().await };
        let roles = aws.call("iam:ListRoles", ask).await?;
        let looks = roles.iter().map(|role| Self::look(aws, owner, role.role_name()));
        Ok(futures::future::try_join_all(looks).await?.into_iter().flatten().collect())
    }

    async fn create(&self, site: Site<'_>, (): &()) -> Result<RoleOutput> {
        let ask = site.aws.iam.create_role().role_name(site.owner.unique_name(site.key, 64));
        let ask = ask.path(Self::path(site.owner)).assume_role_policy_document(self.trust.to_string());
        let ask = ask.description(format!("{} of the fargate_web_service {}", site.key, site.owner.identity.name));
        let mut marks = site.owner.tags_of(site.key);
        marks.extend(attachments::mark(&self.attached));
        let ask = ask.set_tags(Some(tags(marks)?)).set_permissions_boundary(self.permissions_boundary.clone());
        let made = site.aws.call("iam:CreateRole", || ask.clone().send()).await?;
        let role = made.role().ok_or_else(|| Error::lacks("Role"))?;
        Ok(RoleOutput { name: role.role_name().to_owned(), arn: role.arn().to_owned() })
    }

    async fn settle(
        &self,
        site: Site<'_>,
        role: &RoleOutput,
        (): &(),
        seen: Option<&Seen<Self>>,
    ) -> Result<RoleOutput> {
        let (aws, name) = (site.aws, &role.name);
        let written = |policy: &String| seen.and_then(|seen| seen.actual.policies.get(policy));
        let mut spread = seen.is_none();
        for (policy, document) in self.policies.iter().filter(|(policy, document)| written(policy) != Some(document)) {
            let ask = aws.iam.put_role_policy().role_name(name).policy_name(policy);
            let ask = ask.policy_document(document.text());
            aws.call("iam:PutRolePolicy", || ask.clone().send()).await?;
            spread = true;
        }
        if seen.is_some_and(|seen| seen.actual.trust != self.trust) {
            let ask = aws.iam.update_assume_role_policy().role_name(name).policy_document(self.trust.to_string());
            aws.call("iam:UpdateAssumeRolePolicy", || ask.clone().send()).await?;
            spread = true;
        }
        if let Some(seen) = seen.filter(|seen| seen.actual.permissions_boundary != self.permissions_boundary) {
            self.bound(aws, name, seen.actual.permissions_boundary.as_deref()).await?;
            spread = true;
        }
        let before = seen.map(|seen| seen.actual.attached.clone()).unwrap_or_default();
        if seen.is_some() && before.union(&self.attached).ne(&before) {
            attachments::remember(aws, name, &before.union(&self.attached).cloned().collect()).await?;
        }
        for policy in self.attached.difference(&before) {
            let ask = || aws.iam.attach_role_policy().role_name(name).policy_arn(policy).send();
            aws.call("iam:AttachRolePolicy", ask).await?;
            spread = true;
        }
        if spread {
            aws.settle_iam().await?;
        }
        Ok(role.clone())
    }

    async fn complete(&self, aws: &Aws, role: &RoleOutput, (): &()) -> Result<Ready> {
        Self::drop_policies(aws, &role.name, &self.policies.keys().collect()).await?;
        attachments::keep_only(aws, &role.name, &self.attached).await?;
        Ok(Ready::Yes)
    }

    async fn retag(aws: &Aws, role: &RoleOutput, set: &Tags, remove: &[String]) -> Result<()> {
        if !remove.is_empty() {
            let ask = aws.iam.untag_role().role_name(&role.name).set_tag_keys(Some(remove.to_vec()));
            aws.call("iam:UntagRole", || ask.clone().send()).await?;
        }
        if !set.is_empty() {
            let ask = aws.iam.tag_role().role_name(&role.name).set_tags(Some(tags(set.clone())?));
            aws.call("iam:TagRole", || ask.clone().send()).await?;
        }
        Ok(())
    }

    /// By its ARN, path included.
    async fn given(aws: &Aws, arn: &str) -> Result<Option<RoleOutput>> {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let found = aws.call("iam:GetRole", || aws.iam.get_role().role_name(name).send()).await.absent(ABSENT)?;
        let role = found.and_then(|found| found.role).filter(|role| role.arn() == arn);
        Ok(role.map(|role| RoleOutput { name: role.role_name, arn: role.arn }))
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let name = &seen.output.name;
        Self::drop_policies(aws, name, &BTreeSet::new()).await?;
        // Those that somebody else attached would hold the role too.
        for policy in attachments::all(aws, name).await? {
            attachments::detach(aws, name, &policy).await?;
        }
        let deleted = aws.call("iam:DeleteRole", || aws.iam.delete_role().role_name(name).send()).await;
        deleted.absent(ABSENT).map(drop)
    }
}
