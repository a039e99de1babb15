//! Target group of the tasks' addresses, with the health check that decides whether they get requests.
//!
//! ECS registers each task with the port of its container, so the group's own port, which AWS cannot change, means nothing.
//! A target group serves one load balancer, so its key names that one: its place.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{
    Matcher, ProtocolEnum, TargetGroup as Described, TargetGroupAttribute, TargetTypeEnum,
};
use serde::{Deserialize, Serialize};

use super::elb_tags;
use super::load_balancer::LoadBalancer;
use super::vpc::{Vpc, VpcId};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Seen, Site, unchangeable};
use crate::aws::owner::{Owner, Tags};

crate::id!(TargetGroupArn);

/// Times in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroup {
    pub health_check_path: String,
    pub health_check_matcher: String,
    pub health_check_interval: i32,
    pub health_check_timeout: i32,
    pub healthy_threshold: i32,
    pub unhealthy_threshold: i32,
    /// A number, or `traffic-port`.
    pub health_check_port: String,
    /// `HTTP` or `HTTPS`.
    pub health_check_protocol: String,
    pub deregistration_delay: u32,
}

const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";
const ABSENT: &[&str] = &["TargetGroupNotFound"];

impl TargetGroup {
    /// The key of a stack's target group, by the place of its load balancer.
    pub fn key(place: &str) -> String {
        format!("target_group/{place}")
    }

    fn name(owner: &Owner, key: &str) -> String {
        owner.unique_name(key, 32)
    }

    /// Sets how long a stopping task still gets to finish its requests.
    pub(super) async fn set_deregistration_delay(aws: &Aws, arn: &str, seconds: u32) -> Result<()> {
        let delay = TargetGroupAttribute::builder().key(DEREGISTRATION_DELAY).value(seconds.to_string()).build();
        let ask = || aws.elb.modify_target_group_attributes().target_group_arn(arn).attributes(delay.clone()).send();
        aws.call("elasticloadbalancing:ModifyTargetGroupAttributes", ask).await.map(drop)
    }

    /// All that are called as this stack calls its own, by whatever key.
    async fn named(aws: &Aws, owner: &Owner) -> Result<Vec<Described>> {
        let looks = LoadBalancer::places(owner).into_iter().map(|place| async move {
            let name = Self::name(owner, &Self::key(&place));
            let ask = || aws.elb.describe_target_groups().names(&name).send();
            let found = aws.call("elasticloadbalancing:DescribeTargetGroups", ask).await.absent(ABSENT)?;
            Ok::<_, Error>(found.and_then(|found| found.target_groups).unwrap_or_default())
        });
        Ok(futures::future::try_join_all(looks).await?.concat())
    }

    async fn actual(aws: &Aws, group: &Described) -> Result<Option<Self>> {
        let arn = group.target_group_arn().unwrap_or_default();
        let ask = || aws.elb.describe_target_group_attributes().target_group_arn(arn).send();
        let found = aws.call("elasticloadbalancing:DescribeTargetGroupAttributes", ask).await.absent(ABSENT)?;
        let Some(found) = found else { return Ok(None) };
        let delay = found.attributes().iter().find(|attribute| attribute.key() == Some(DEREGISTRATION_DELAY));
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(Some(Self {
            health_check_path: text(group.health_check_path()),
            health_check_matcher: text(group.matcher().and_then(|matcher| matcher.http_code())),
            health_check_interval: group.health_check_interval_seconds().unwrap_or_default(),
            health_check_timeout: group.health_check_timeout_seconds().unwrap_or_default(),
            healthy_threshold: group.healthy_threshold_count().unwrap_or_default(),
            unhealthy_threshold: group.unhealthy_threshold_count().unwrap_or_default(),
            health_check_port: text(group.health_check_port()),
            health_check_protocol: text(group.health_check_protocol().map(ProtocolEnum::as_str)),
            deregistration_delay: delay.and_then(|a| a.value()).and_then(|text| text.parse().ok()).unwrap_or(300),
        }))
    }
}

impl Object for TargetGroup {
    const KIND: &'static str = "target group";
    type Needs = Ref<Vpc>;
    type Output = TargetGroupArn;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let found = Self::named(aws, owner).await?;
        let arns = found.iter().filter_map(|group| group.target_group_arn.clone()).collect();
        let tags: BTreeMap<String, Tags> = elb_tags::read(aws, arns).await?;
        let mut seen = Vec::new();
        for group in &found {
            let arn = Error::required(group.target_group_arn(), "TargetGroupArn")?;
            let Some((key, tags)) = tags.get(&arn).and_then(|tags| Some((owner.key_in(tags)?, tags.clone()))) else {
                continue;
            };
            let needs = VpcId(group.vpc_id().unwrap_or_default().to_owned());
            let Some(actual) = Self::actual(aws, group).await? else { continue };
            let (output, life) = (TargetGroupArn(arn), Life::Standing);
            seen.push(Seen { key, output, needs, life, actual, tags });
        }
        Ok(seen)
    }

    async fn create(&self, site: Site<'_>, vpc: &VpcId) -> Result<TargetGroupArn> {
        let ask = site.aws.elb.create_target_group().name(Self::name(site.owner, site.key)).vpc_id(&vpc.0);
        let ask = ask.target_type(TargetTypeEnum::Ip).protocol(ProtocolEnum::Http).port(80);
        let ask = ask.health_check_enabled(true).health_check_path(&self.health_check_path);
        let ask = ask.matcher(Matcher::builder().http_code(&self.health_check_matcher).build());
        let ask = ask.health_check_interval_seconds(self.health_check_interval);
        let ask = ask.health_check_timeout_seconds(self.health_check_timeout);
        let ask = ask.healthy_threshold_count(self.healthy_threshold);
        let ask = ask.unhealthy_threshold_count(self.unhealthy_threshold);
        let ask = ask.health_check_port(&self.health_check_port);
        let ask = ask.health_check_protocol(self.health_check_protocol.as_str().into());
        let ask = ask.set_tags(elb_tags::of(site));
        let made = site.aws.call("elasticloadbalancing:CreateTargetGroup", || ask.clone().send()).await?;
        TargetGroupArn::of(made.target_groups().first().and_then(|group| group.target_group_arn()))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        arn: &TargetGroupArn,
        vpc: &VpcId,
        seen: Option<&Seen<Self>>,
    ) -> Result<TargetGroupArn> {
        if let Some(seen) = seen.filter(|seen| seen.needs != *vpc) {
            return Err(unchangeable(seen));
        }
        let delay = |group: &Self| group.deregistration_delay;
        if seen.is_none_or(|seen| delay(&seen.actual) != delay(self)) {
            Self::set_deregistration_delay(site.aws, &arn.0, self.deregistration_delay).await?;
        }
        let otherwise_equal =
            |actual: &Self| *self == Self { deregistration_delay: self.deregistration_delay, ..actual.clone() };
        if seen.is_some_and(|seen| !otherwise_equal(&seen.actual)) {
            let ask = site.aws.elb.modify_target_group().target_group_arn(&arn.0);
            let ask = ask.health_check_path(&self.health_check_path);
            let ask = ask.matcher(Matcher::builder().http_code(&self.health_check_matcher).build());
            let ask = ask.health_check_interval_seconds(self.health_check_interval);
            let ask = ask.health_check_timeout_seconds(self.health_check_timeout);
            let ask = ask.healthy_threshold_count(self.healthy_threshold);
            let ask = ask.unhealthy_threshold_count(self.unhealthy_threshold);
            let ask = ask.health_check_port(&self.health_check_port);
            let ask = ask.health_check_protocol(self.health_check_protocol.as_str().into());
            site.aws.call("elasticloadbalancing:ModifyTargetGroup", || ask.clone().send()).await?;
        }
        Ok(arn.clone())
    }

    async fn retag(aws: &Aws, arn: &TargetGroupArn, set: &Tags, remove: &[String]) -> Result<()> {
        elb_tags::retag(aws, &arn.0, set, remove).await
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let arn = &seen.output.0;
        let ask = || aws.elb.delete_target_group().target_group_arn(arn).send();
        aws.call("elasticloadbalancing:DeleteTargetGroup", ask).await.absent(ABSENT).map(drop)
    }
}
