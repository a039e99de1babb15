//! NAT gateway: the way out to the internet for tasks in private subnets.
//!
//! Takes minutes to stand, fails asynchronously, and holds its Elastic IP until it is fully gone.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{NatGateway as Described, NatGatewayState, ResourceType};
use serde::{Deserialize, Serialize};

use super::association::Association;
use super::ec2_tags;
use super::elastic_ip::{Address, ElasticIp};
use super::internet_gateway::InternetGateway;
use super::subnet::{Subnet, SubnetId};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{After, AllOf, Ref};
use crate::aws::object::{Life, Object, Pace, Ready, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(NatGatewayId);

/// Subnet and address are its birth; only tags can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {}

impl NatGateway {
    async fn of(aws: &Aws, owner: &Owner) -> Result<Vec<Described>> {
        let ask = || async {
            let pages = aws.ec2.describe_nat_gateways().set_filter(ec2_tags::filters(owner)).into_paginator();
            pages.items().send().try_collect().await
        };
        aws.call("ec2:DescribeNatGateways", ask).await
    }

    /// The network interfaces of the owner's gateways.
    pub(super) async fn interfaces(aws: &Aws, owner: &Owner) -> Result<BTreeSet<String>> {
        let found = Self::of(aws, owner).await?;
        let addresses = found.iter().flat_map(|nat| nat.nat_gateway_addresses());
        Ok(addresses.filter_map(|address| address.network_interface_id().map(str::to_owned)).collect())
    }

    async fn look(aws: &Aws, id: &NatGatewayId) -> Result<Option<Described>> {
        let ask = || aws.ec2.describe_nat_gateways().nat_gateway_ids(&id.0).send();
        let found = aws.call("ec2:DescribeNatGateways", ask).await.absent(&["NatGatewayNotFound"])?;
        Ok(found.and_then(|found| found.nat_gateways().first().cloned()))
    }
}

fn address_of(nat: &Described) -> Address {
    let address = nat.nat_gateway_addresses().first();
    Address {
        allocation_id: address.and_then(|address| address.allocation_id()).unwrap_or_default().to_owned(),
        public_ip: address.and_then(|address| address.public_ip()).unwrap_or_default().to_owned(),
    }
}

impl Object for NatGateway {
    const KIND: &'static str = "NAT gateway";
    type Needs = (Ref<Subnet>, Ref<ElasticIp>, After<(Ref<InternetGateway>, AllOf<Ref<Association>>)>);
    type Output = NatGatewayId;
    // Seen to take 80 to 150 s.
    const PACE: Pace = Pace::seconds(60, 5);

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let found = Self::of(aws, owner).await?;
        let seen = found.iter().filter_map(|nat| {
            let tags = ec2_tags::read(nat.tags());
            Some(Seen {
                key: owner.key_in(&tags)?,
                output: NatGatewayId(nat.nat_gateway_id()?.to_owned()),
                needs: (SubnetId(nat.subnet_id()?.to_owned()), address_of(nat), ()),
                life: match nat.state()? {
                    NatGatewayState::Pending => Life::Rising,
                    // A failed one is listed for an hour, deleted or not.
                    NatGatewayState::Failed if nat.delete_time().is_some() => Life::Gone,
                    NatGatewayState::Failed => Life::Dead,
                    NatGatewayState::Deleting | NatGatewayState::Deleted => Life::Gone,
                    _ => Life::Standing,
                },
                actual: Self {},
                tags,
            })
        });
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, (subnet, address, ()): &(SubnetId, Address, ())) -> Result<NatGatewayId> {
        let ask = site.aws.ec2.create_nat_gateway().subnet_id(&subnet.0).allocation_id(&address.allocation_id);
        let ask = ask.tag_specifications(ec2_tags::specification(site, ResourceType::Natgateway));
        // One token for all attempts of this call: a repeated one finds the gateway that a lost answer told of.
        let ask = ask.client_token(site.aws.token());
        let made = site.aws.call("ec2:CreateNatGateway", || ask.clone().send()).await?;
        NatGatewayId::of(made.nat_gateway().and_then(|nat| nat.nat_gateway_id()))
    }

    async fn ready(&self, aws: &Aws, id: &NatGatewayId) -> Result<Ready> {
        let Some(nat) = Self::look(aws, id).await? else {
            return Ok(Ready::NotYet(format!("{} is not visible yet", id.0)));
        };
        match nat.state() {
            Some(NatGatewayState::Available) => Ok(Ready::Yes),
            Some(NatGatewayState::Pending) | None => Ok(Ready::NotYet(format!("{} is pending", id.0))),
            Some(state) => Err(Error::Failed(format!(
                "{} is {}: {} {}",
                id.0,
                state.as_str(),
                nat.failure_code().unwrap_or("no failure code"),
                nat.failure_message().unwrap_or_default(),
            ))),
        }
    }

    async fn retag(aws: &Aws, nat: &NatGatewayId, set: &Tags, remove: &[String]) -> Result<()> {
        ec2_tags::retag(aws, &nat.0, set, remove).await
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let id = &seen.output;
        let ask = || aws.ec2.delete_nat_gateway().nat_gateway_id(&id.0).send();
        aws.call("ec2:DeleteNatGateway", ask).await.absent(&["NatGatewayNotFound"])?;
        // Seen to take 40 to 90 s; until then it holds its address and its place in the subnet.
        aws.until(Pace::seconds(30, 5), || async {
            match Self::look(aws, id).await?.as_ref().map(|nat| nat.state()) {
                None | Some(Some(NatGatewayState::Deleted | NatGatewayState::Failed)) => Ok(Ready::Yes),
                Some(_) => Ok(Ready::NotYet(format!("{} is being deleted", id.0))),
            }
        })
        .await
    }
}
