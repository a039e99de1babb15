//! Gateway endpoint: a free way to S3 that stays within AWS, by a route in each route table that it is given.
//!
//! AWS keeps those routes by itself. A table that is no longer wanted is let go only once the tasks behind it have left.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{ResourceType, VpcEndpoint as Described, VpcEndpointType};
use serde::{Deserialize, Serialize};

use super::ec2_tags;
use super::route_table::{RouteTable, RouteTableId};
use super::vpc::{Vpc, VpcId};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{AllOf, Ref};
use crate::aws::object::{Life, Object, Outputs, Pace, Ready, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(EndpointId);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayEndpoint {
    /// `com.amazonaws.<region>.s3`; fixed at birth.
    pub service_name: String,
}

const ABSENT: &[&str] = &["InvalidVpcEndpointId.NotFound"];

impl GatewayEndpoint {
    pub fn s3(owner: &Owner) -> Self {
        Self { service_name: format!("com.amazonaws.{}.s3", owner.identity.region) }
    }

    async fn look(aws: &Aws, id: &str) -> Result<Option<Described>> {
        let ask = || aws.ec2.describe_vpc_endpoints().vpc_endpoint_ids(id).send();
        let found = aws.call("ec2:DescribeVpcEndpoints", ask).await.absent(ABSENT)?;
        Ok(found.and_then(|found| found.vpc_endpoints().first().cloned()))
    }

    /// False if it was as it should be in part already: all is done or nothing, so somebody has to look again.
    async fn modify(aws: &Aws, id: &EndpointId, add: Vec<String>, remove: Vec<String>) -> Result<bool> {
        let gone = if remove.is_empty() { "RouteAlreadyExists" } else { "InvalidRouteTableID.NotFound" };
        let some = |tables: Vec<String>| (!tables.is_empty()).then_some(tables);
        let ask = aws.ec2.modify_vpc_endpoint().vpc_endpoint_id(&id.0);
        let ask = ask.set_add_route_table_ids(some(add)).set_remove_route_table_ids(some(remove));
        // A route that exists, or a table that isn't its any more, tells that an answer before this one was lost, or that we
        // look at what was.
        let modified = aws.call("ec2:ModifyVpcEndpoint", || ask.clone().send()).await;
        Ok(modified.absent(&["RouteAlreadyExists", gone])?.is_some())
    }
}

fn tables_of(endpoint: &Described) -> BTreeSet<RouteTableId> {
    endpoint.route_table_ids().iter().map(|id| RouteTableId(id.clone())).collect()
}

fn missing(from: &BTreeSet<RouteTableId>, of: &BTreeSet<RouteTableId>) -> Vec<String> {
    of.difference(from).map(|table| table.0.clone()).collect()
}

/// AWS's model writes the states as `Available`, its answers as `available`.
pub(super) fn life(endpoint: &Described) -> Life {
    match endpoint.state().map(|state| state.as_str().to_ascii_lowercase()).unwrap_or_default().as_str() {
        "pending" | "pendingacceptance" => Life::Rising,
        "deleting" | "deleted" => Life::Gone,
        "failed" | "rejected" | "expired" => Life::Dead,
        _ => Life::Standing,
    }
}

impl Object for GatewayEndpoint {
    const KIND: &'static str = "VPC endpoint";
    type Needs = (Ref<Vpc>, AllOf<Ref<RouteTable>>);
    type Output = EndpointId;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let ask = || async {
            let pages = aws.ec2.describe_vpc_endpoints().set_filters(ec2_tags::filters(owner)).into_paginator();
            pages.items().send().try_collect().await
        };
        let found: Vec<Described> = aws.call("ec2:DescribeVpcEndpoints", ask).await?;
        let seen = found.iter().filter_map(|endpoint| {
            let tags = ec2_tags::read(endpoint.tags());
            Some(Seen {
                key: owner.key_in(&tags)?,
                output: EndpointId(endpoint.vpc_endpoint_id()?.to_owned()),
                needs: (VpcId(endpoint.vpc_id()?.to_owned()), tables_of(endpoint)),
                life: life(endpoint),
                actual: Self { service_name: endpoint.service_name()?.to_owned() },
                tags,
            })
        });
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, (vpc, tables): &Outputs<Self>) -> Result<EndpointId> {
        let ask = site.aws.ec2.create_vpc_endpoint().vpc_endpoint_type(VpcEndpointType::Gateway);
        let ask = ask.vpc_id(&vpc.0).service_name(&self.service_name);
        let ask = ask.set_route_table_ids(Some(tables.iter().map(|table| table.0.clone()).collect()));
        let ask = ask.tag_specifications(ec2_tags::specification(site, ResourceType::VpcEndpoint));
        // One token for all attempts of this call.
        let ask = ask.client_token(site.aws.token());
        let made = site.aws.call("ec2:CreateVpcEndpoint", || ask.clone().send()).await?;
        EndpointId::of(made.vpc_endpoint().and_then(|endpoint| endpoint.vpc_endpoint_id()))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        id: &EndpointId,
        (_, tables): &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<EndpointId> {
        // Those that go are taken away in `complete`.
        let added = seen.map(|seen| missing(&seen.needs.1, tables)).unwrap_or_default();
        if !added.is_empty() {
            Self::modify(site.aws, id, added, Vec::new()).await?;
        }
        Ok(id.clone())
    }

    async fn ready(&self, aws: &Aws, id: &EndpointId) -> Result<Ready> {
        let found = Self::look(aws, &id.0).await?;
        Ok(match found.as_ref().map(life) {
            Some(Life::Standing) => Ready::Yes,
            Some(Life::Dead | Life::Gone) => return Err(Error::Failed(format!("{} failed to come up", id.0))),
            Some(Life::Rising) | None => Ready::NotYet(format!("{} is pending", id.0)),
        })
    }

    async fn complete(&self, aws: &Aws, id: &EndpointId, (_, tables): &Outputs<Self>) -> Result<Ready> {
        let Some(found) = Self::look(aws, &id.0).await? else {
            return Ok(Ready::NotYet(format!("{} is not visible yet", id.0)));
        };
        let (lacking, left) = (missing(&tables_of(&found), tables), missing(tables, &tables_of(&found)));
        if lacking.is_empty() && left.is_empty() {
            return Ok(Ready::Yes);
        }
        let modified = Self::modify(aws, id, lacking.clone(), left).await?;
        Ok(match lacking.is_empty() && modified {
            true => Ready::Yes,
            false => Ready::NotYet(format!("{} doesn't show its route tables as they shall be", id.0)),
        })
    }

    async fn retag(aws: &Aws, id: &EndpointId, set: &Tags, remove: &[String]) -> Result<()> {
        ec2_tags::retag(aws, &id.0, set, remove).await
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let id = &seen.output.0;
        ask_to_go(aws, id).await?;
        aws.until(Pace::seconds(2, 5), || async {
            match Self::look(aws, id).await?.filter(|found| !is_deleted(found)) {
                Some(_) => Ok(Ready::NotYet(format!("{id} is being deleted"))),
                None => Ok(Ready::Yes),
            }
        })
        .await
    }
}

/// Has an endpoint deleted, of whatever type; AWS takes its time for it.
pub(super) async fn ask_to_go(aws: &Aws, id: &str) -> Result<()> {
    let ask = || aws.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id).send();
    let deleted = aws.call("ec2:DeleteVpcEndpoints", ask).await?;
    // What could not be deleted is told in an answer that looks like success.
    let mut refused = deleted.unsuccessful().iter().filter_map(|refused| refused.error());
    match refused.find(|error| !error.code().is_some_and(is_absent)) {
        None => Ok(()),
        Some(refused) => {
            let (code, message) = (refused.code().unwrap_or_default(), refused.message().unwrap_or_default());
            Err(Error::Failed(format!("{id} could not be deleted: {code}: {message}")))
        }
    }
}

/// AWS may list it a while longer.
pub(super) fn is_deleted(endpoint: &Described) -> bool {
    endpoint.state().is_some_and(|state| state.as_str().eq_ignore_ascii_case("deleted"))
}

/// DeleteVpcEndpoints spells it otherwise than DescribeVpcEndpoints.
fn is_absent(code: &str) -> bool {
    code == "InvalidVpcEndpoint.NotFound" || ABSENT.contains(&code)
}
