//! Subnet: one zone's part of the network, public or private.
//!
//! Zone and CIDR block follow from its key and the VPC, and never change. What makes it public is its route table.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, ResourceType, SubnetState};
use serde::{Deserialize, Serialize};

use super::vpc::{Vpc, VpcId};
use super::{ec2_tags, guard_duty, leftovers, network_guests};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(SubnetId);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    pub availability_zone: String,
    pub cidr_block: String,
}

/// A subnet that the user gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub id: String,
    pub vpc: String,
    pub availability_zone: String,
}

/// Those of these subnets that there are.
pub async fn look_up(aws: &Aws, ids: impl IntoIterator<Item = String>) -> Result<Vec<Place>> {
    let ids: Vec<String> = ids.into_iter().collect();
    if ids.is_empty() {
        // AWS takes no filter without values.
        return Ok(Vec::new());
    }
    // Asked for by id, one that is missing would be an error that doesn't tell of the others.
    let these = Filter::builder().name("subnet-id").set_values(Some(ids)).build();
    let ask = || async {
        let pages = aws.ec2.describe_subnets().filters(these.clone()).into_paginator();
        pages.items().send().try_collect().await
    };
    let found: Vec<aws_sdk_ec2::types::Subnet> = aws.call("ec2:DescribeSubnets", ask).await?;
    let place = |subnet: &aws_sdk_ec2::types::Subnet| {
        let (id, vpc) = (subnet.subnet_id()?.to_owned(), subnet.vpc_id()?.to_owned());
        Some(Place { id, vpc, availability_zone: subnet.availability_zone()?.to_owned() })
    };
    Ok(found.iter().filter_map(place).collect())
}

impl Object for Subnet {
    const KIND: &'static str = "subnet";
    type Needs = Ref<Vpc>;
    type Output = SubnetId;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let ask = || async {
            let pages = aws.ec2.describe_subnets().set_filters(ec2_tags::filters(owner)).into_paginator();
            pages.items().send().try_collect().await
        };
        let found = aws.call("ec2:DescribeSubnets", ask).await?;
        let seen = found.iter().filter_map(|subnet| {
            let tags = ec2_tags::read(subnet.tags());
            Some(Seen {
                key: owner.key_in(&tags)?,
                output: SubnetId(subnet.subnet_id()?.to_owned()),
                needs: VpcId(subnet.vpc_id()?.to_owned()),
                life: if subnet.state() == Some(&SubnetState::Pending) { Life::Rising } else { Life::Standing },
                actual: Self {
                    availability_zone: subnet.availability_zone()?.to_owned(),
                    cidr_block: subnet.cidr_block()?.to_owned(),
                },
                tags,
            })
        });
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, vpc: &VpcId) -> Result<SubnetId> {
        let ask = site.aws.ec2.create_subnet().vpc_id(&vpc.0);
        let ask = ask.availability_zone(&self.availability_zone).cidr_block(&self.cidr_block);
        let ask = ask.tag_specifications(ec2_tags::specification(site, ResourceType::Subnet));
        let made = site.aws.call("ec2:CreateSubnet", || ask.clone().send()).await?;
        SubnetId::of(made.subnet().and_then(|subnet| subnet.subnet_id()))
    }

    async fn retag(aws: &Aws, subnet: &SubnetId, set: &Tags, remove: &[String]) -> Result<()> {
        ec2_tags::retag(aws, &subnet.0, set, remove).await
    }

    async fn given(aws: &Aws, id: &str) -> Result<Option<SubnetId>> {
        let found = look_up(aws, [id.to_owned()]).await?;
        Ok(found.first().map(|_| SubnetId(id.to_owned())))
    }

    async fn guests(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<BTreeSet<String>> {
        network_guests::interfaces(aws, owner, "subnet-id", &seen.output.0).await
    }

    async fn delete(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<()> {
        let id = &seen.output.0;
        guard_duty::leave_subnet(aws, owner, &seen.needs.0, id).await?;
        let deleted = aws.call("ec2:DeleteSubnet", || aws.ec2.delete_subnet().subnet_id(id).send()).await;
        leftovers::told(aws, deleted.absent(&["InvalidSubnetID.NotFound"]).map(drop), "subnet-id", id).await
    }
}
