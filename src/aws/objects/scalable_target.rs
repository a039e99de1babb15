//! Scalable target: the bounds within which Application Auto Scaling sets a service's number of tasks. It makes the
//! service-linked role that it works with itself, where the account has none yet.
//!
//! Registering one twice changes it, whosever it is: so what stands there is looked at before one is made.

use aws_sdk_applicationautoscaling::types::{
    ScalableDimension::EcsServiceDesiredCount, ScalableTarget as Described, ServiceNamespace::Ecs,
};
use serde::{Deserialize, Serialize};

use super::cluster::Cluster;
use super::service::{Service, ServiceOutput};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Seen, Site};
use crate::aws::observe::settled;
use crate::aws::owner::{Owner, Tags};

crate::id!(
    /// `service/CLUSTER/SERVICE`.
    ScalableResource
);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalableTarget {
    pub min_capacity: i32,
    pub max_capacity: i32,
}

impl ScalableTarget {
    /// The resources that a stack may scale: its service in each cluster that may have it.
    pub(super) fn resources(owner: &Owner) -> Vec<String> {
        let clusters = Cluster::names(owner).into_iter();
        clusters.map(|cluster| format!("service/{cluster}/{}", Service::name(owner))).collect()
    }

    /// Its key, by that of its service.
    pub fn key(service: &str) -> String {
        service.replacen("service", "scalable_target", 1)
    }

    /// The key that the one of this resource has.
    pub(super) fn key_of(owner: &Owner, resource: &str) -> String {
        let cluster = resource.split('/').nth(1).unwrap_or_default();
        Self::key(&Service::key((cluster != Cluster::name(owner)).then_some(cluster)))
    }

    async fn look(aws: &Aws, resources: Vec<String>) -> Result<Vec<Described>> {
        let ask = aws.scaling.describe_scalable_targets().service_namespace(Ecs);
        let ask = ask.set_resource_ids(Some(resources)).scalable_dimension(EcsServiceDesiredCount);
        let found = aws.call("application-autoscaling:DescribeScalableTargets", || ask.clone().send()).await?;
        Ok(found.scalable_targets.unwrap_or_default())
    }

    async fn tags(aws: &Aws, arn: &str) -> Result<Option<Tags>> {
        let ask = || aws.scaling.list_tags_for_resource().resource_arn(arn).send();
        let found = aws.call("application-autoscaling:ListTagsForResource", ask).await;
        let found = found.absent(&["ResourceNotFoundException"])?;
        Ok(found.map(|found| found.tags.unwrap_or_default().into_iter().collect()))
    }

    async fn register(&self, site: Site<'_>, resource: &str, tags: Option<Tags>) -> Result<()> {
        let ask = site.aws.scaling.register_scalable_target().service_namespace(Ecs).resource_id(resource);
        let ask = ask.scalable_dimension(EcsServiceDesiredCount);
        let ask = ask.min_capacity(self.min_capacity).max_capacity(self.max_capacity);
        let ask = ask.set_tags(tags.map(|tags| tags.into_iter().collect()));
        site.aws.call("application-autoscaling:RegisterScalableTarget", || ask.clone().send()).await.map(drop)
    }
}

/// The service of `service/CLUSTER/SERVICE`.
fn service(owner: &Owner, resource: &str) -> ServiceOutput {
    let cluster = resource.split('/').nth(1).unwrap_or_default();
    let (arn, cluster) = (owner.arn("ecs", resource), owner.arn("ecs", &format!("cluster/{cluster}")));
    ServiceOutput { arn, cluster, ..ServiceOutput::default() }
}

impl Object for ScalableTarget {
    const KIND: &'static str = "scalable target";
    type Needs = Ref<Service>;
    type Output = ScalableResource;
    const LEAVES_FIRST: bool = true;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let mut seen = Vec::new();
        for target in Self::look(aws, Self::resources(owner)).await? {
            let arn = Error::required(target.scalable_target_arn(), "ScalableTargetARN")?;
            let Some(tags) = Self::tags(aws, &arn).await? else { continue };
            let Some(key) = owner.key_in(&tags) else { continue };
            let actual = Self { min_capacity: target.min_capacity(), max_capacity: target.max_capacity() };
            let (output, needs) = (ScalableResource(target.resource_id().into()), service(owner, target.resource_id()));
            seen.push(Seen { key, output, needs, life: Life::Standing, actual, tags });
        }
        Ok(seen)
    }

    async fn create(&self, site: Site<'_>, service: &ServiceOutput) -> Result<ScalableResource> {
        let resource = service.resource();
        for target in Self::look(site.aws, vec![resource.clone()]).await? {
            let arn = Error::required(target.scalable_target_arn(), "ScalableTargetARN")?;
            if Self::tags(site.aws, &arn).await?.is_some_and(|tags| site.owner.key_in(&tags).is_none()) {
                let why = "somebody else scales it already. Deregister that scalable target, or leave autoscaling out";
                return Err(Error::InTheWay(format!("{resource}: {why}")));
            }
        }
        self.register(site, &resource, Some(site.owner.tags_of(site.key))).await?;
        Ok(ScalableResource(resource))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        resource: &ScalableResource,
        _: &ServiceOutput,
        seen: Option<&Seen<Self>>,
    ) -> Result<ScalableResource> {
        if seen.is_some() {
            self.register(site, &resource.0, None).await?;
        }
        Ok(resource.clone())
    }

    async fn retag(aws: &Aws, resource: &ScalableResource, set: &Tags, remove: &[String]) -> Result<()> {
        // Tags are set by its ARN, which only AWS knows; an answer without it may come from a copy that lags behind.
        let look = || Self::look(aws, vec![resource.0.clone()]);
        let found = settled(aws, look, |found| !found.is_empty()).await?;
        let target = found.first().ok_or_else(|| Error::lacks("the scalable target"))?;
        let arn = Error::required(target.scalable_target_arn(), "ScalableTargetARN")?;
        if !remove.is_empty() {
            let ask = aws.scaling.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove.to_vec()));
            aws.call("application-autoscaling:UntagResource", || ask.clone().send()).await?;
        }
        if !set.is_empty() {
            let tags = set.clone().into_iter().collect();
            let ask = aws.scaling.tag_resource().resource_arn(&arn).set_tags(Some(tags));
            aws.call("application-autoscaling:TagResource", || ask.clone().send()).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let ask = aws.scaling.deregister_scalable_target().service_namespace(Ecs).resource_id(&seen.output.0);
        let ask = ask.scalable_dimension(EcsServiceDesiredCount);
        let gone = aws.call("application-autoscaling:DeregisterScalableTarget", || ask.clone().send()).await;
        gone.absent(&["ObjectNotFoundException"]).map(drop)
    }
}
