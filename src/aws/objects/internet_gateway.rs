//! Internet gateway, attached to the VPC. One VPC takes one.

use aws_sdk_ec2::types::{AttachmentStatus, InternetGatewayAttachment, ResourceType};
use serde::{Deserialize, Serialize};

use super::vpc::{Vpc, VpcId};
use super::{ec2_tags, leftovers};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Ready, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(InternetGatewayId);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {}

impl Object for InternetGateway {
    const KIND: &'static str = "internet gateway";
    type Needs = Ref<Vpc>;
    type Output = InternetGatewayId;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let ask = || async {
            let pages = aws.ec2.describe_internet_gateways().set_filters(ec2_tags::filters(owner)).into_paginator();
            pages.items().send().try_collect().await
        };
        let found = aws.call("ec2:DescribeInternetGateways", ask).await?;
        let seen = found.iter().filter_map(|gateway| {
            let tags = ec2_tags::read(gateway.tags());
            // Detached is connected to nothing, which differs from the VPC it needs.
            let attached = gateway.attachments().iter().find_map(|attachment| attachment.vpc_id());
            let attaching = |one: &InternetGatewayAttachment| one.state() == Some(&AttachmentStatus::Attaching);
            let rising = gateway.attachments().iter().any(attaching);
            Some(Seen {
                key: owner.key_in(&tags)?,
                output: InternetGatewayId(gateway.internet_gateway_id()?.to_owned()),
                needs: VpcId(attached.unwrap_or_default().to_owned()),
                life: if rising { Life::Rising } else { Life::Standing },
                actual: Self {},
                tags,
            })
        });
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, _: &VpcId) -> Result<InternetGatewayId> {
        let tags = ec2_tags::specification(site, ResourceType::InternetGateway);
        let ask = || site.aws.ec2.create_internet_gateway().tag_specifications(tags.clone()).send();
        let made = site.aws.call("ec2:CreateInternetGateway", ask).await?;
        InternetGatewayId::of(made.internet_gateway().and_then(|gateway| gateway.internet_gateway_id()))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        gateway: &InternetGatewayId,
        vpc: &VpcId,
        _: Option<&Seen<Self>>,
    ) -> Result<InternetGatewayId> {
        let ask = || site.aws.ec2.attach_internet_gateway().internet_gateway_id(&gateway.0).vpc_id(&vpc.0).send();
        site.aws.call("ec2:AttachInternetGateway", ask).await.absent(&["Resource.AlreadyAssociated"])?;
        Ok(gateway.clone())
    }

    /// Until it is attached, no route leads to it, and NAT gateways fail.
    async fn ready(&self, aws: &Aws, gateway: &InternetGatewayId) -> Result<Ready> {
        let id = &gateway.0;
        let ask = || aws.ec2.describe_internet_gateways().internet_gateway_ids(id).send();
        let found =
            aws.call("ec2:DescribeInternetGateways", ask).await.absent(&["InvalidInternetGatewayID.NotFound"])?;
        let gateway = found.as_ref().and_then(|found| found.internet_gateways().first());
        let state = gateway.and_then(|gateway| gateway.attachments().first()?.state()).map(|state| state.as_str());
        // The model writes `attached`, AWS's answers `available`.
        Ok(match state {
            Some("available" | "attached") => Ready::Yes,
            state => Ready::NotYet(format!("{id} is {}", state.unwrap_or("attached to nothing yet"))),
        })
    }

    async fn retag(aws: &Aws, gateway: &InternetGatewayId, set: &Tags, remove: &[String]) -> Result<()> {
        ec2_tags::retag(aws, &gateway.0, set, remove).await
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let (id, vpc) = (&seen.output.0, &seen.needs.0);
        if !vpc.is_empty() {
            let ask = || aws.ec2.detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc).send();
            let detached = aws.call("ec2:DetachInternetGateway", ask).await;
            let detached = detached.absent(&["Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"]);
            leftovers::told(aws, detached, "vpc-id", vpc).await?;
        }
        let ask = || aws.ec2.delete_internet_gateway().internet_gateway_id(id).send();
        aws.call("ec2:DeleteInternetGateway", ask).await.absent(&["InvalidInternetGatewayID.NotFound"]).map(drop)
    }
}
