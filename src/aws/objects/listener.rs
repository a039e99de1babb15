//! Listener: one port of the load balancer, forwarding to the target group. AWS keeps one per port.

use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum, Listener as Described, ProtocolEnum};
use serde::{Deserialize, Serialize};

use super::elb_tags;
use super::load_balancer::{LoadBalancer, LoadBalancerOutput};
use super::target_group::{TargetGroup, TargetGroupArn};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Outputs, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(ListenerArn);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    pub port: i32,
    /// `HTTP`.
    pub protocol: String,
}

impl Listener {
    pub fn http() -> Self {
        Self { port: 80, protocol: ProtocolEnum::Http.as_str().into() }
    }

    /// The keys a stack's listener may have, by whether its load balancer is internal.
    pub fn key(internal: bool) -> &'static str {
        if internal { "listener/internal/80" } else { "listener/internet-facing/80" }
    }
}

fn forward(group: &TargetGroupArn) -> Action {
    Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(&group.0).build()
}

fn target_of(listener: &Described) -> TargetGroupArn {
    let target = listener.default_actions().iter().find_map(|action| action.target_group_arn());
    TargetGroupArn(target.unwrap_or_default().to_owned())
}

impl Object for Listener {
    const KIND: &'static str = "listener";
    type Needs = (Ref<LoadBalancer>, Ref<TargetGroup>);
    type Output = ListenerArn;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let mut seen = Vec::new();
        for (_, balancer, _) in LoadBalancer::of(aws, owner).await? {
            let output = LoadBalancerOutput {
                arn: Error::required(balancer.load_balancer_arn(), "LoadBalancerArn")?,
                dns_name: balancer.dns_name().unwrap_or_default().to_owned(),
                hosted_zone_id: balancer.canonical_hosted_zone_id().unwrap_or_default().to_owned(),
            };
            let ask = || async {
                let pages = aws.elb.describe_listeners().load_balancer_arn(&output.arn).into_paginator();
                pages.items().send().try_collect().await
            };
            let found = aws.call("elasticloadbalancing:DescribeListeners", ask).await;
            let found: Vec<Described> = found.absent(&["LoadBalancerNotFound"])?.unwrap_or_default();
            let arns = found.iter().filter_map(|listener| listener.listener_arn.clone()).collect();
            let mut tags = elb_tags::read(aws, arns).await?;
            seen.extend(found.iter().filter_map(|listener| {
                let arn = listener.listener_arn()?;
                let tags = tags.remove(arn)?;
                Some(Seen {
                    key: owner.key_in(&tags)?,
                    output: ListenerArn(arn.to_owned()),
                    needs: (output.clone(), target_of(listener)),
                    life: Life::Standing,
                    actual: Self {
                        port: listener.port().unwrap_or_default(),
                        protocol: listener.protocol().map(ProtocolEnum::as_str).unwrap_or_default().to_owned(),
                    },
                    tags,
                })
            }));
        }
        Ok(seen)
    }

    async fn create(&self, site: Site<'_>, (balancer, group): &Outputs<Self>) -> Result<ListenerArn> {
        let ask = site.aws.elb.create_listener().load_balancer_arn(&balancer.arn);
        let ask = ask.port(self.port).protocol(self.protocol.as_str().into()).default_actions(forward(group));
        let ask = ask.set_tags(elb_tags::of(site));
        let made = site.aws.call("elasticloadbalancing:CreateListener", || ask.clone().send()).await?;
        ListenerArn::of(made.listeners().first().and_then(|listener| listener.listener_arn()))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        arn: &ListenerArn,
        (_, group): &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<ListenerArn> {
        if seen.is_some() {
            let ask = site.aws.elb.modify_listener().listener_arn(&arn.0).port(self.port);
            let ask = ask.protocol(self.protocol.as_str().into()).default_actions(forward(group));
            site.aws.call("elasticloadbalancing:ModifyListener", || ask.clone().send()).await?;
        }
        Ok(arn.clone())
    }

    async fn retag(aws: &Aws, arn: &ListenerArn, set: &Tags, remove: &[String]) -> Result<()> {
        elb_tags::retag(aws, &arn.0, set, remove).await
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let arn = &seen.output.0;
        let ask = || aws.elb.delete_listener().listener_arn(arn).send();
        aws.call("elasticloadbalancing:DeleteListener", ask).await.absent(&["ListenerNotFound"]).map(drop)
    }
}
