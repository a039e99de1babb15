//! Log group of the containers, with its retention.
//!
//! The execution role may write to it but not create it: else a dying task could bring a deleted group back.

use serde::{Deserialize, Serialize};

use super::anchor::Anchor;
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::graph::{After, Ref};
use crate::aws::object::{Life, Object, Seen, Site};
use crate::aws::owner::{NODE_TAG, Owner, STACK_TAG, Tags};

crate::id!(LogGroupName);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// None keeps logs for ever.
    pub retention_in_days: Option<i32>,
    /// KMS key that the events are encrypted with, instead of one of CloudWatch Logs' own.
    pub kms_key_arn: Option<String>,
}

/// On a group that was left standing: the stack it was of.
const RETAINED: &str = "fargate:retained";
const EXISTS: &str = "ResourceAlreadyExistsException";
const ABSENT: &[&str] = &["ResourceNotFoundException"];

impl LogGroup {
    /// The name of a stack's log group.
    pub fn name(owner: &Owner) -> String {
        owner.path()
    }

    /// Leaves it standing for itself: it isn't the stack's any more, until one of this name takes it over.
    pub async fn retain(aws: &Aws, owner: &Owner) -> Result<()> {
        let name = LogGroupName(Self::name(owner));
        let tags = Self::tags(aws, owner).await?;
        if tags.as_ref().and_then(|tags| owner.key_in(tags)).is_none() {
            return Ok(());
        }
        let set = Tags::from([(RETAINED.to_owned(), owner.identity.to_string())]);
        // In this order, or a crash in between would leave a group that nobody may take over.
        Self::retag(aws, &name, &set, &[]).await?;
        Self::retag(aws, &name, &Tags::new(), &[NODE_TAG.to_owned(), STACK_TAG.to_owned()]).await
    }

    async fn tags(aws: &Aws, owner: &Owner) -> Result<Option<Tags>> {
        let arn = Self::arn(owner);
        let ask = || aws.logs.list_tags_for_resource().resource_arn(&arn).send();
        let tags = aws.call("logs:ListTagsForResource", ask).await.absent(ABSENT)?;
        Ok(tags.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
    }

    /// Takes over what a stack of this very name has left standing; whether there is such.
    async fn takes_over(&self, site: Site<'_>, name: &LogGroupName) -> Result<bool> {
        let tags = Self::tags(site.aws, site.owner).await?.unwrap_or_default();
        if tags.get(RETAINED) != Some(&site.owner.identity.to_string()) {
            return Ok(false);
        }
        self.encrypt(site.aws, name).await?;
        let wanted = site.owner.tags_of(site.key);
        let others = tags.into_keys().filter(|key| !wanted.contains_key(key) && !key.starts_with("aws:"));
        let others: Vec<String> = others.collect();
        // Ours before it stops being nobody's.
        Self::retag(site.aws, name, &wanted, &[]).await?;
        Self::retag(site.aws, name, &Tags::new(), &others).await?;
        Ok(true)
    }

    /// Gives it another key, or none: what was written before keeps its own.
    async fn encrypt(&self, aws: &Aws, LogGroupName(name): &LogGroupName) -> Result<()> {
        match &self.kms_key_arn {
            Some(key) => {
                let ask = || aws.logs.associate_kms_key().log_group_name(name).kms_key_id(key).send();
                aws.call("logs:AssociateKmsKey", ask).await.map(drop)
            }
            None => {
                let ask = || aws.logs.disassociate_kms_key().log_group_name(name).send();
                aws.call("logs:DisassociateKmsKey", ask).await.map(drop)
            }
        }
    }

    fn arn(owner: &Owner) -> String {
        owner.arn("logs", &format!("log-group:{}", Self::name(owner)))
    }
}

impl Object for LogGroup {
    const KIND: &'static str = "log group";
    type Needs = After<Ref<Anchor>>;
    type Output = LogGroupName;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let name = Self::name(owner);
        // Prefix search: other stacks' groups may come first, so all pages.
        let ask = || async {
            let pages = aws.logs.describe_log_groups().log_group_name_prefix(&name).into_paginator();
            pages.items().send().try_collect().await
        };
        let groups = aws.call("logs:DescribeLogGroups", ask).await?;
        let Some(group) = groups.iter().find(|group| group.log_group_name() == Some(&name)) else { return Ok(vec![]) };
        let tags = Self::tags(aws, owner).await?.unwrap_or_default();
        let Some(key) = owner.key_in(&tags) else { return Ok(vec![]) };
        let kms_key_arn = group.kms_key_id().map(str::to_owned);
        let actual = Self { retention_in_days: group.retention_in_days(), kms_key_arn };
        Ok(vec![Seen { key, output: LogGroupName(name), needs: (), life: Life::Standing, actual, tags }])
    }

    async fn create(&self, site: Site<'_>, (): &()) -> Result<LogGroupName> {
        let name = Self::name(site.owner);
        let tags = site.owner.tags_of(site.key).into_iter().collect();
        let ask = site.aws.logs.create_log_group().log_group_name(&name).set_tags(Some(tags));
        let ask = ask.set_kms_key_id(self.kms_key_arn.clone());
        let made = site.aws.call("logs:CreateLogGroup", || ask.clone().send()).await;
        let name = LogGroupName(name);
        match made {
            Err(error) if error.code() == Some(EXISTS) && self.takes_over(site, &name).await? => Ok(name),
            made => made.map_err(|error| error.about(&name.0)).map(|_| name),
        }
    }

    async fn settle(
        &self,
        site: Site<'_>,
        name: &LogGroupName,
        (): &(),
        seen: Option<&Seen<Self>>,
    ) -> Result<LogGroupName> {
        let Site { aws, .. } = site;
        if seen.is_some_and(|seen| seen.actual.kms_key_arn != self.kms_key_arn) {
            self.encrypt(aws, name).await?;
        }
        if seen.is_some_and(|seen| seen.actual.retention_in_days == self.retention_in_days) {
            return Ok(name.clone());
        }
        match self.retention_in_days {
            Some(days) => {
                let ask = || aws.logs.put_retention_policy().log_group_name(&name.0).retention_in_days(days).send();
                aws.call("logs:PutRetentionPolicy", ask).await?;
            }
            None => {
                let ask = || aws.logs.delete_retention_policy().log_group_name(&name.0).send();
                aws.call("logs:DeleteRetentionPolicy", ask).await.absent(ABSENT)?;
            }
        }
        Ok(name.clone())
    }

    async fn retag(aws: &Aws, name: &LogGroupName, set: &Tags, remove: &[String]) -> Result<()> {
        let ask = || async { aws.logs.describe_log_groups().log_group_name_prefix(&name.0).send().await };
        let groups = aws.call("logs:DescribeLogGroups", ask).await?;
        let group = groups.log_groups().iter().find(|group| group.log_group_name() == Some(&name.0));
        // Its `arn` ends in `:*`, which the tagging calls don't take.
        let Some(arn) = group.and_then(|group| group.arn()).map(|arn| arn.trim_end_matches(":*")) else {
            return Ok(());
        };
        if !remove.is_empty() {
            let ask = aws.logs.untag_resource().resource_arn(arn).set_tag_keys(Some(remove.to_vec()));
            aws.call("logs:UntagResource", || ask.clone().send()).await?;
        }
        if !set.is_empty() {
            let ask = aws.logs.tag_resource().resource_arn(arn).set_tags(Some(set.clone().into_iter().collect()));
            aws.call("logs:TagResource", || ask.clone().send()).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let name = &seen.output.0;
        let deleted = aws.call("logs:DeleteLogGroup", || aws.logs.delete_log_group().log_group_name(name).send()).await;
        deleted.absent(ABSENT).map(drop)
    }
}
