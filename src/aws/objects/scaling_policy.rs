//! Scaling policy: keeps one metric of a service near its target by changing the number of tasks. AWS makes the alarms for
//! it. It cannot be tagged: its name has our hash, and it hangs on a scalable target.

use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension::EcsServiceDesiredCount,
    ScalingPolicy as Described, ServiceNamespace::Ecs, TargetTrackingScalingPolicyConfiguration as Tracking,
};
use serde::{Deserialize, Serialize};

use super::load_balancer::{LoadBalancer, LoadBalancerOutput};
use super::scalable_target::{ScalableResource, ScalableTarget};
use super::target_group::{TargetGroup, TargetGroupArn};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Outputs, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(
    /// The policy's name.
    PolicyName
);

/// What is kept near its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Percent.
    Cpu,
    /// Percent.
    Memory,
    /// Requests of a minute, by task.
    Requests,
}

impl Metric {
    pub const ALL: [Self; 3] = [Self::Cpu, Self::Memory, Self::Requests];

    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Requests => "requests",
        }
    }

    fn of_aws(self) -> MetricType {
        match self {
            Self::Cpu => MetricType::EcsServiceAverageCpuUtilization,
            Self::Memory => MetricType::EcsServiceAverageMemoryUtilization,
            Self::Requests => MetricType::AlbRequestCountPerTarget,
        }
    }
}

/// Cooldowns in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    pub metric: Metric,
    pub target: f64,
    pub scale_in_cooldown: i32,
    pub scale_out_cooldown: i32,
}

/// What counts the requests.
type Balanced = Option<(LoadBalancerOutput, TargetGroupArn)>;

impl ScalingPolicy {
    /// The policy's key, by that of its scalable target.
    pub fn key(target: &str, metric: Metric) -> String {
        format!("{}/{}", target.replacen("scalable_target", "scaling_policy", 1), metric.word())
    }

    fn of(described: &Described) -> Option<(Self, Option<String>)> {
        let tracking = described.target_tracking_scaling_policy_configuration()?;
        let specified = tracking.predefined_metric_specification()?;
        let metric = Metric::ALL.into_iter().find(|metric| metric.of_aws() == *specified.predefined_metric_type())?;
        let policy = Self {
            metric,
            target: tracking.target_value(),
            scale_in_cooldown: tracking.scale_in_cooldown().unwrap_or_default(),
            scale_out_cooldown: tracking.scale_out_cooldown().unwrap_or_default(),
        };
        Some((policy, specified.resource_label().map(str::to_owned)))
    }

    fn tracking(&self, balanced: &Balanced) -> Result<Tracking> {
        let label = balanced.as_ref().map(|(balancer, group)| label(&balancer.arn, &group.0)).transpose()?;
        let bug = |error: aws_sdk_applicationautoscaling::error::BuildError| Error::Unexpected(error.to_string());
        let metric = PredefinedMetricSpecification::builder().predefined_metric_type(self.metric.of_aws());
        let metric = metric.set_resource_label(label).build().map_err(bug)?;
        let tracking = Tracking::builder().target_value(self.target).predefined_metric_specification(metric);
        let tracking = tracking.scale_in_cooldown(self.scale_in_cooldown).scale_out_cooldown(self.scale_out_cooldown);
        tracking.build().map_err(bug)
    }

    /// Makes it, or changes the one of this name.
    async fn put(&self, site: Site<'_>, name: &str, (target, balanced): &Outputs<Self>) -> Result<()> {
        let ask = site.aws.scaling.put_scaling_policy().policy_name(name).service_namespace(Ecs);
        let ask = ask.resource_id(&target.0).scalable_dimension(EcsServiceDesiredCount);
        let ask = ask.policy_type(PolicyType::TargetTrackingScaling);
        let ask = ask.target_tracking_scaling_policy_configuration(self.tracking(balanced)?);
        site.aws.call("application-autoscaling:PutScalingPolicy", || ask.clone().send()).await.map(drop)
    }
}

/// `app/NAME/ID/targetgroup/NAME/ID`, from the ends of the two ARNs.
fn label(balancer: &str, group: &str) -> Result<String> {
    let balancer = balancer.split_once(":loadbalancer/").map(|(_, end)| end);
    let group = group.rsplit_once(':').map(|(_, end)| end);
    let (balancer, group) = balancer.zip(group).ok_or_else(|| Error::lacks("an ARN that names its resource"))?;
    Ok(format!("{balancer}/{group}"))
}

/// Load balancer and target group of a label.
async fn balanced(aws: &Aws, owner: &Owner, label: &str) -> Result<Balanced> {
    let Some((balancer, group)) = label.split_once("/targetgroup/") else { return Ok(None) };
    let group = TargetGroupArn(owner.arn("elasticloadbalancing", &format!("targetgroup/{group}")));
    let balancer = owner.arn("elasticloadbalancing", &format!("loadbalancer/{balancer}"));
    Ok(LoadBalancer::output(aws, &balancer).await?.map(|balancer| (balancer, group)))
}

impl Object for ScalingPolicy {
    const KIND: &'static str = "scaling policy";
    type Needs = (Ref<ScalableTarget>, Option<(Ref<LoadBalancer>, Ref<TargetGroup>)>);
    type Output = PolicyName;
    const TAGGED: bool = false;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let mut seen = Vec::new();
        for resource in ScalableTarget::resources(owner) {
            let ask = || async {
                let ask = aws.scaling.describe_scaling_policies().service_namespace(Ecs).resource_id(&resource);
                ask.into_paginator().items().send().try_collect().await
            };
            let found: Vec<Described> = aws.call("application-autoscaling:DescribeScalingPolicies", ask).await?;
            let target = ScalableTarget::key_of(owner, &resource);
            for metric in Metric::ALL {
                let key = Self::key(&target, metric);
                let name = owner.unique_name(&key, 255);
                let Some(policy) = found.iter().find(|policy| policy.policy_name() == name) else { continue };
                let Some((actual, label)) = Self::of(policy) else { continue };
                let balanced = match &label {
                    Some(label) => balanced(aws, owner, label).await?,
                    None => None,
                };
                let (output, needs) = (PolicyName(name), (ScalableResource(resource.clone()), balanced));
                seen.push(Seen { key, output, needs, life: Life::Standing, actual, tags: Tags::new() });
            }
        }
        Ok(seen)
    }

    async fn create(&self, site: Site<'_>, needs: &Outputs<Self>) -> Result<PolicyName> {
        let name = site.owner.unique_name(site.key, 255);
        self.put(site, &name, needs).await?;
        Ok(PolicyName(name))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        name: &PolicyName,
        needs: &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<PolicyName> {
        if seen.is_some() {
            self.put(site, &name.0, needs).await?;
        }
        Ok(name.clone())
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let ask = aws.scaling.delete_scaling_policy().policy_name(&seen.output.0).service_namespace(Ecs);
        let ask = ask.resource_id(&seen.needs.0.0).scalable_dimension(EcsServiceDesiredCount);
        let gone = aws.call("application-autoscaling:DeleteScalingPolicy", || ask.clone().send()).await;
        gone.absent(&["ObjectNotFoundException"]).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_made_of_the_ends_of_two_arns() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012";
        let made = label(
            &format!("{arn}:loadbalancer/app/web/50dc6c495c0c9188"),
            &format!("{arn}:targetgroup/web/943f017f100becff"),
        );
        assert_eq!(made.unwrap(), "app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff");
        assert!(label("web", "web").is_err());
        assert_eq!(ScalingPolicy::key("scalable_target/shared", Metric::Cpu), "scaling_policy/shared/cpu");
    }
}
