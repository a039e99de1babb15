//! Default route of a route table: to the internet gateway (public) or to a NAT gateway (private).
//!
//! AWS knows it by table and destination and cannot tag it: its key is its table's with `route` in front.

use aws_sdk_ec2::types::{Route as Described, RouteState};
use serde::{Deserialize, Serialize};

use super::internet_gateway::{InternetGateway, InternetGatewayId};
use super::nat_gateway::{NatGateway, NatGatewayId};
use super::route_table::{RouteTable, RouteTableId};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Outputs, Seen, Site};
use crate::aws::owner::{Owner, Tags};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub destination: String,
}

crate::id!(
    /// AWS gives routes no id; this one is `<route table>/<destination>`.
    RouteId
);

impl Route {
    pub fn default_route() -> Self {
        Self { destination: "0.0.0.0/0".into() }
    }

    fn id(&self, table: &RouteTableId) -> RouteId {
        RouteId(format!("{}/{}", table.0, self.destination))
    }

    fn seen(table_key: &str, table: &str, route: &Described) -> Option<Seen<Self>> {
        let key = format!("route/{}", table_key.strip_prefix("route_table/")?);
        let actual = Self { destination: route.destination_cidr_block()?.to_owned() };
        let internet =
            route.gateway_id().filter(|id| id.starts_with("igw-")).map(|id| InternetGatewayId(id.to_owned()));
        let nat = route.nat_gateway_id().map(|id| NatGatewayId(id.to_owned()));
        let table = RouteTableId(table.to_owned());
        // A blackhole leads to something that is gone.
        let blackhole = route.state() == Some(&RouteState::Blackhole);
        let (internet, nat) = if blackhole { (None, None) } else { (internet, nat) };
        let (output, life) = (actual.id(&table), Life::Standing);
        Some(Seen { key, output, needs: (table, internet, nat), life, actual, tags: Tags::new() })
    }
}

impl Object for Route {
    const KIND: &'static str = "route";
    type Needs = (Ref<RouteTable>, Option<Ref<InternetGateway>>, Option<Ref<NatGateway>>);
    type Output = RouteId;
    const TAGGED: bool = false;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let tables = RouteTable::of(aws, owner).await?;
        let default = |route: &&Described| route.destination_cidr_block() == Some("0.0.0.0/0");
        let seen = tables
            .iter()
            .filter_map(|(key, table)| Self::seen(key, table.route_table_id()?, table.routes().iter().find(default)?));
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, (table, internet, nat): &Outputs<Self>) -> Result<RouteId> {
        let ask = site.aws.ec2.create_route().route_table_id(&table.0).destination_cidr_block(&self.destination);
        let ask = ask.set_gateway_id(internet.clone().map(|id| id.0)).set_nat_gateway_id(nat.clone().map(|id| id.0));
        let made = site.aws.call("ec2:CreateRoute", || ask.clone().send()).await;
        // The table is ours, so a default route in it is a leftover of ours or drift: pointed to where it belongs.
        if made.absent(&["RouteAlreadyExists"])?.is_none() {
            self.replace(site, table, internet.as_ref(), nat.as_ref()).await?;
        }
        Ok(self.id(table))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        id: &RouteId,
        (table, internet, nat): &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<RouteId> {
        if seen.is_some() {
            self.replace(site, table, internet.as_ref(), nat.as_ref()).await?;
        }
        Ok(id.clone())
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let (table, destination) = (&seen.needs.0.0, &seen.actual.destination);
        let ask = || aws.ec2.delete_route().route_table_id(table).destination_cidr_block(destination).send();
        let deleted = aws.call("ec2:DeleteRoute", ask).await;
        deleted.absent(&["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"]).map(drop)
    }
}

impl Route {
    async fn replace(
        &self,
        site: Site<'_>,
        table: &RouteTableId,
        internet: Option<&InternetGatewayId>,
        nat: Option<&NatGatewayId>,
    ) -> Result<()> {
        let ask = site.aws.ec2.replace_route().route_table_id(&table.0).destination_cidr_block(&self.destination);
        let ask = ask.set_gateway_id(internet.map(|id| id.0.clone())).set_nat_gateway_id(nat.map(|id| id.0.clone()));
        site.aws.call("ec2:ReplaceRoute", || ask.clone().send()).await.map(drop)
    }
}
