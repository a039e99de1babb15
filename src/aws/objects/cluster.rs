//! ECS cluster with the two Fargate capacity providers, and Container Insights.
//!
//! Container Insights writes its metrics into a log group that AWS makes of itself, without tags, leaves behind, and makes
//! again if it is deleted too early. So it is deleted before the cluster, when nothing is written any more, and looked for
//! once more at the end of a destroy: whoever dies before leaves a cluster or an anchor that leads the next one to it.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{Cluster as Described, ClusterField, ClusterSetting, ClusterSettingName, ServiceField};
use serde::{Deserialize, Serialize};

use super::anchor::Anchor;
use super::capacity::{FARGATE, FARGATE_SPOT};
use super::ecs_tags;
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{After, Ref};
use crate::aws::guests;
use crate::aws::object::{Life, Object, Output, Ready, Seen, Site};
use crate::aws::observe::settled;
use crate::aws::owner::{Owner, Tags};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterOutput {
    pub arn: String,
    pub name: String,
}

impl Output for ClusterOutput {
    fn id(&self) -> &str {
        &self.arn
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    pub capacity_providers: BTreeSet<String>,
    /// `disabled`, `enabled` or `enhanced`.
    pub container_insights: String,
}

const ABSENT: &[&str] = &["ClusterNotFoundException"];
/// Container Insights.
const OFF: &str = "disabled";

impl Cluster {
    pub fn fargate(container_insights: &str) -> Self {
        Self {
            capacity_providers: [FARGATE, FARGATE_SPOT].map(str::to_owned).into(),
            container_insights: container_insights.into(),
        }
    }

    fn settings(&self) -> ClusterSetting {
        ClusterSetting::builder().name(ClusterSettingName::ContainerInsights).value(&self.container_insights).build()
    }

    /// The name of a stack's cluster.
    pub(super) fn name(owner: &Owner) -> String {
        owner.unique_name("cluster", 255)
    }

    /// The clusters that a stack may have its service in, by name: its own, and those that the user gave.
    pub(super) fn names(owner: &Owner) -> Vec<String> {
        let given = owner.hosts.iter().filter_map(|arn| Some(arn.split_once(":cluster/")?.1.to_owned()));
        std::iter::once(Self::name(owner)).chain(given).collect()
    }

    /// Deletes what Container Insights has left of a stack, even if it came after the stack's cluster had gone.
    pub async fn sweep(aws: &Aws, owner: &Owner) -> Result<()> {
        Self::delete_metrics(aws, &Self::name(owner)).await
    }

    /// Deletes the log group of the cluster's metrics, if there have been any.
    async fn delete_metrics(aws: &Aws, cluster: &str) -> Result<()> {
        let group = format!("/aws/ecs/containerinsights/{cluster}/performance");
        let ask = || aws.logs.describe_log_groups().log_group_name_prefix(&group).send();
        if aws.call("logs:DescribeLogGroups", ask).await?.log_groups().is_empty() {
            return Ok(());
        }
        let ask = || aws.logs.delete_log_group().log_group_name(&group).send();
        let deleted = aws.call("logs:DeleteLogGroup", ask).await.absent(&["ResourceNotFoundException"]);
        match deleted {
            // It costs next to nothing, and all else goes.
            Err(error) if error.is_access_denied() => tracing::warn!(%group, %error, "the metrics' log group stays"),
            deleted => drop(deleted?),
        }
        Ok(())
    }

    pub(super) async fn look(aws: &Aws, name: &str) -> Result<Option<Described>> {
        let ask =
            aws.ecs.describe_clusters().clusters(name).include(ClusterField::Tags).include(ClusterField::Settings);
        let found = aws.call("ecs:DescribeClusters", || ask.clone().send()).await?;
        Ok(found.clusters().first().filter(|cluster| cluster.status() != Some("INACTIVE")).cloned())
    }
}

fn output(cluster: &Described) -> Result<ClusterOutput> {
    Ok(ClusterOutput {
        arn: Error::required(cluster.cluster_arn(), "clusterArn")?,
        name: Error::required(cluster.cluster_name(), "clusterName")?,
    })
}

impl Object for Cluster {
    const KIND: &'static str = "ECS cluster";
    type Needs = After<Ref<Anchor>>;
    type Output = ClusterOutput;
    const HOSTS: bool = true;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let Some(cluster) = Self::look(aws, &Self::name(owner)).await? else { return Ok(Vec::new()) };
        let tags = ecs_tags::read(cluster.tags());
        let Some(key) = owner.key_in(&tags) else { return Ok(Vec::new()) };
        let life = match cluster.status() {
            Some("PROVISIONING") => Life::Rising,
            Some("FAILED") => Life::Dead,
            Some("DEPROVISIONING") => Life::Gone,
            _ => Life::Standing,
        };
        let insights = cluster.settings().iter().find(|one| one.name() == Some(&ClusterSettingName::ContainerInsights));
        let actual = Self {
            capacity_providers: cluster.capacity_providers().iter().cloned().collect(),
            container_insights: insights.and_then(|one| one.value()).unwrap_or(OFF).to_owned(),
        };
        Ok(vec![Seen { key, output: output(&cluster)?, needs: (), life, actual, tags }])
    }

    async fn create(&self, site: Site<'_>, (): &()) -> Result<ClusterOutput> {
        let name = Self::name(site.owner);
        let ours = |found: &Described| site.owner.key_in(&ecs_tags::read(found.tags())).is_some();
        // AWS answers with a cluster of this name that stands already as if it had just made it.
        let there = settled(site.aws, || Self::look(site.aws, &name), |found| found.as_ref().is_none_or(ours)).await?;
        if there.is_some_and(|found| !ours(&found)) {
            return Err(Error::InTheWay(format!("an ECS cluster {name} that isn't ours is in the way")));
        }
        let providers = self.capacity_providers.iter().cloned().collect();
        let ask = site.aws.ecs.create_cluster().cluster_name(&name);
        let ask = ask.set_capacity_providers(Some(providers)).settings(self.settings()).set_tags(ecs_tags::of(site));
        let made = site.aws.call("ecs:CreateCluster", || ask.clone().send()).await?;
        output(made.cluster().ok_or_else(|| Error::lacks("cluster"))?)
    }

    async fn settle(
        &self,
        site: Site<'_>,
        cluster: &ClusterOutput,
        (): &(),
        seen: Option<&Seen<Self>>,
    ) -> Result<ClusterOutput> {
        let Some(seen) = seen else { return Ok(cluster.clone()) };
        if seen.actual.container_insights != self.container_insights {
            let ask = site.aws.ecs.update_cluster_settings().cluster(&cluster.arn).settings(self.settings());
            site.aws.call("ecs:UpdateClusterSettings", || ask.clone().send()).await?;
        }
        if seen.actual.capacity_providers != self.capacity_providers {
            let providers = self.capacity_providers.iter().cloned().collect();
            let ask = site.aws.ecs.put_cluster_capacity_providers().cluster(&cluster.arn);
            let ask = ask.set_capacity_providers(Some(providers)).set_default_capacity_provider_strategy(Some(vec![]));
            site.aws.call("ecs:PutClusterCapacityProviders", || ask.clone().send()).await?;
        }
        Ok(cluster.clone())
    }

    async fn ready(&self, aws: &Aws, cluster: &ClusterOutput) -> Result<Ready> {
        match Self::look(aws, &cluster.name).await? {
            Some(found) if found.status() == Some("ACTIVE") => Ok(Ready::Yes),
            Some(found) if found.status() == Some("FAILED") => Err(Error::Failed("the ECS cluster failed".into())),
            found => {
                let status = found.as_ref().and_then(|found| found.status()).unwrap_or("not visible yet");
                Ok(Ready::NotYet(format!("the cluster is {status}")))
            }
        }
    }

    async fn given(aws: &Aws, arn: &str) -> Result<Option<ClusterOutput>> {
        let found = Self::look(aws, arn).await?;
        found.filter(|cluster| cluster.status() == Some("ACTIVE")).as_ref().map(output).transpose()
    }

    async fn retag(aws: &Aws, cluster: &ClusterOutput, set: &Tags, remove: &[String]) -> Result<()> {
        ecs_tags::retag(aws, &cluster.arn, set, remove).await
    }

    async fn guests(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<BTreeSet<String>> {
        let arn = &seen.output.arn;
        let ask = || async {
            let pages = aws.ecs.list_services().cluster(arn).into_paginator();
            pages.items().send().try_collect().await
        };
        let found: Vec<String> = aws.call("ecs:ListServices", ask).await.absent(ABSENT)?.unwrap_or_default();
        let mut guests = BTreeSet::new();
        // DescribeServices takes ten at a time.
        for some in found.chunks(10) {
            let ask = aws.ecs.describe_services().cluster(arn).set_services(Some(some.to_vec()));
            let ask = ask.include(ServiceField::Tags);
            let Some(found) = aws.call("ecs:DescribeServices", || ask.clone().send()).await.absent(ABSENT)? else {
                break;
            };
            let standing = found.services().iter().filter(|service| service.status() != Some("INACTIVE"));
            guests.extend(standing.filter_map(|service| {
                let what = format!("the ECS service {}", service.service_name()?);
                guests::in_words(owner, &what, &ecs_tags::read(service.tags()))
            }));
        }
        Ok(guests)
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let (arn, name) = (&seen.output.arn, &seen.output.name);
        if seen.actual.container_insights != OFF && seen.life != Life::Dead {
            let off = Self { container_insights: OFF.into(), ..seen.actual.clone() };
            let ask = aws.ecs.update_cluster_settings().cluster(arn).settings(off.settings());
            aws.call("ecs:UpdateClusterSettings", || ask.clone().send()).await.absent(ABSENT)?;
        }
        Self::delete_metrics(aws, name).await?;
        let deleted = aws.call("ecs:DeleteCluster", || aws.ecs.delete_cluster().cluster(arn).send()).await;
        deleted.absent(ABSENT)?;
        aws.until(Self::PACE, || async {
            match Self::look(aws, name).await? {
                None => Ok(Ready::Yes),
                Some(_) => Ok(Ready::NotYet("the cluster is being deleted".into())),
            }
        })
        .await?;
        Self::delete_metrics(aws, name).await
    }
}
