//! Route table: what its default route points to makes the subnets associated with it public or private.

use aws_sdk_ec2::types::{ResourceType, RouteTable as Described};
use serde::{Deserialize, Serialize};

use super::ec2_tags;
use super::vpc::{Vpc, VpcId};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(RouteTableId);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {}

impl RouteTable {
    /// All route tables of a stack, each with its key: routes and associations are seen in them.
    pub(super) async fn of(aws: &Aws, owner: &Owner) -> Result<Vec<(String, Described)>> {
        aws.once("route tables", || Self::found(aws, owner)).await
    }

    async fn found(aws: &Aws, owner: &Owner) -> Result<Vec<(String, Described)>> {
        let ask = || async {
            let pages = aws.ec2.describe_route_tables().set_filters(ec2_tags::filters(owner)).into_paginator();
            pages.items().send().try_collect().await
        };
        let found = aws.call("ec2:DescribeRouteTables", ask).await?;
        Ok(found.into_iter().filter_map(|table| Some((owner.key_in(&ec2_tags::read(table.tags()))?, table))).collect())
    }
}

impl Object for RouteTable {
    const KIND: &'static str = "route table";
    type Needs = Ref<Vpc>;
    type Output = RouteTableId;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let seen = Self::of(aws, owner).await?.into_iter().filter_map(|(key, table)| {
            Some(Seen {
                key,
                output: RouteTableId(table.route_table_id()?.to_owned()),
                needs: VpcId(table.vpc_id()?.to_owned()),
                life: Life::Standing,
                actual: Self {},
                tags: ec2_tags::read(table.tags()),
            })
        });
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, vpc: &VpcId) -> Result<RouteTableId> {
        let ask = site.aws.ec2.create_route_table().vpc_id(&vpc.0);
        let ask = ask.tag_specifications(ec2_tags::specification(site, ResourceType::RouteTable));
        // One token for all attempts of this call.
        let ask = ask.client_token(site.aws.token());
        let made = site.aws.call("ec2:CreateRouteTable", || ask.clone().send()).await?;
        RouteTableId::of(made.route_table().and_then(|table| table.route_table_id()))
    }

    async fn retag(aws: &Aws, table: &RouteTableId, set: &Tags, remove: &[String]) -> Result<()> {
        ec2_tags::retag(aws, &table.0, set, remove).await
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let id = &seen.output.0;
        let deleted = aws.call("ec2:DeleteRouteTable", || aws.ec2.delete_route_table().route_table_id(id).send()).await;
        deleted.absent(&["InvalidRouteTableID.NotFound"]).map(drop)
    }
}
