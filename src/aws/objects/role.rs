//! IAM role that ECS tasks assume, with its inline policies. Lives under its stack's own IAM path.
//!
//! A policy that isn't wanted any more goes only when nothing runs that needs it: until a rollout is through, the old
//! revision must be able to start tasks, and to be gone back to.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::anchor::Anchor;
use crate::aws::client::Aws;
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
    pub policies: BTreeMap<String, Json>,
}

const ABSENT: &[&str] = &["NoSuchEntity"];

impl Role {
    /// A role that only tasks of this account and region may assume (against the confused deputy).
    pub fn for_tasks(owner: &Owner, policies: BTreeMap<String, Json>) -> Self {
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
        Self { trust, policies }
    }

    /// IAM knows no regions: the path tells stacks of one name in two regions apart.
    fn path(owner: &Owner) -> String {
        format!("/fargate/{}/{}/", owner.identity.region, owner.identity.name)
    }

    async fn look(aws: &Aws, owner: &Owner, name: &str) -> Result<Option<Seen<Self>>> {
        let ask = || aws.iam.get_role().role_name(name).send();
        let Some(found) = aws.call("iam:GetRole", ask).await.absent(ABSENT)? else { return Ok(None) };
        let role = found.role().ok_or_else(|| Error::lacks("Role"))?;
        let tags: Tags = role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
        let Some(key) = owner.key_in(&tags) else { return Ok(None) };
        let mut policies = BTreeMap::new();
        for policy in Self::policy_names(aws, name).await? {
            let ask = || aws.iam.get_role_policy().role_name(name).policy_name(&policy).send();
            if let Some(found) = aws.call("iam:GetRolePolicy", ask).await.absent(ABSENT)? {
                policies.insert(policy, document(found.policy_document()));
            }
        }
        let trust = document(role.assume_role_policy_document().unwrap_or_default());
        let output = RoleOutput { name: role.role_name().to_owned(), arn: role.arn().to_owned() };
        let (life, actual) = (Life::Standing, Self { trust, policies });
        Ok(Some(Seen { key, output, needs: (), life, actual, tags }))
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

/// A policy as IAM gives it: JSON, percent-encoded.
fn document(text: &str) -> Json {
    let text = percent_decode_str(text).decode_utf8_lossy();
    serde_json::from_str(&text).unwrap_or(Json::String(text.into_owned()))
}

fn tags(tags: Tags) -> Result<Vec<aws_sdk_iam::types::Tag>> {
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
        let ask = ask.set_tags(Some(tags(site.owner.tags_of(site.key))?));
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
            let ask = ask.policy_document(document.to_string());
            aws.call("iam:PutRolePolicy", || ask.clone().send()).await?;
            spread = true;
        }
        if seen.is_some_and(|seen| seen.actual.trust != self.trust) {
            let ask = aws.iam.update_assume_role_policy().role_name(name).policy_document(self.trust.to_string());
            aws.call("iam:UpdateAssumeRolePolicy", || ask.clone().send()).await?;
            spread = true;
        }
        if spread {
            aws.settle_iam().await?;
        }
        Ok(role.clone())
    }

    async fn complete(&self, aws: &Aws, role: &RoleOutput, (): &()) -> Result<Ready> {
        Self::drop_policies(aws, &role.name, &self.policies.keys().collect()).await?;
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

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let name = &seen.output.name;
        Self::drop_policies(aws, name, &BTreeSet::new()).await?;
        // Managed policies that somebody attached would hold the role.
        let ask = || async {
            let pages = aws.iam.list_attached_role_policies().role_name(name).into_paginator();
            pages.items().send().try_collect().await
        };
        for policy in aws.call("iam:ListAttachedRolePolicies", ask).await.absent(ABSENT)?.unwrap_or_default() {
            let ask = aws.iam.detach_role_policy().role_name(name).set_policy_arn(policy.policy_arn);
            aws.call("iam:DetachRolePolicy", || ask.clone().send()).await.absent(ABSENT)?;
        }
        let deleted = aws.call("iam:DeleteRole", || aws.iam.delete_role().role_name(name).send()).await;
        deleted.absent(ABSENT).map(drop)
    }
}
