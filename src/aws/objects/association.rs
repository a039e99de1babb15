//! Association of a subnet with its route table. A subnet has exactly one; AWS cannot tag it.
//!
//! Its key follows its subnet's, so it is seen in our route tables through the subnets they serve.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::RouteTableAssociationStateCode as State;
use serde::{Deserialize, Serialize};

use super::route_table::{RouteTable, RouteTableId};
use super::subnet::{Subnet, SubnetId};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Outputs, Seen, Site};
use crate::aws::observe;
use crate::aws::owner::{Owner, Tags};

crate::id!(AssociationId);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {}

impl Association {
    async fn replace(site: Site<'_>, from: &str, to: &RouteTableId) -> Result<AssociationId> {
        let ask = site.aws.ec2.replace_route_table_association().association_id(from).route_table_id(&to.0);
        let made = site.aws.call("ec2:ReplaceRouteTableAssociation", || ask.clone().send()).await?;
        AssociationId::of(made.new_association_id())
    }
}

impl Object for Association {
    const KIND: &'static str = "route table association";
    type Needs = (Ref<RouteTable>, Ref<Subnet>);
    type Output = AssociationId;
    // AWS gives a replaced association a new id.
    const RENEWS: bool = true;
    const TAGGED: bool = false;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let (tables, subnets) = futures::try_join!(RouteTable::of(aws, owner), observe::all::<Subnet>(aws, owner))?;
        let subnets: BTreeMap<&str, &str> =
            subnets.iter().map(|subnet| (subnet.output.0.as_str(), subnet.key.as_str())).collect();
        let associations = tables.iter().flat_map(|(_, table)| table.associations());
        let seen = associations.filter_map(|association| {
            let subnet = association.subnet_id()?;
            let state = association.association_state().and_then(|state| state.state());
            Some(Seen {
                key: format!("association/{}", subnets.get(subnet)?.strip_prefix("subnet/")?),
                output: AssociationId(association.route_table_association_id()?.to_owned()),
                needs: (RouteTableId(association.route_table_id()?.to_owned()), SubnetId(subnet.to_owned())),
                life: match state {
                    Some(State::Associating) => Life::Rising,
                    Some(State::Disassociated | State::Disassociating) => Life::Gone,
                    Some(State::Failed) => Life::Dead,
                    _ => Life::Standing,
                },
                actual: Self {},
                tags: Tags::new(),
            })
        });
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, (table, subnet): &Outputs<Self>) -> Result<AssociationId> {
        let ask = || site.aws.ec2.associate_route_table().route_table_id(&table.0).subnet_id(&subnet.0).send();
        let made = site.aws.call("ec2:AssociateRouteTable", ask).await;
        match made.absent(&["Resource.AlreadyAssociated"])? {
            Some(made) => AssociationId::of(made.association_id()),
            None => {
                let of_subnet = aws_sdk_ec2::types::Filter::builder();
                let of_subnet = of_subnet.name("association.subnet-id").values(&subnet.0).build();
                let ask = || site.aws.ec2.describe_route_tables().filters(of_subnet.clone()).send();
                let tables = site.aws.call("ec2:DescribeRouteTables", ask).await?;
                let mut associations = tables.route_tables().iter().flat_map(|table| table.associations());
                let ours = associations.find(|association| association.subnet_id() == Some(&subnet.0));
                let from = ours.and_then(|association| association.route_table_association_id());
                Self::replace(site, &Error::required(from, "the subnet's route table association")?, table).await
            }
        }
    }

    async fn settle(
        &self,
        site: Site<'_>,
        id: &AssociationId,
        (table, _): &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<AssociationId> {
        match seen {
            None => Ok(id.clone()),
            Some(_) => Self::replace(site, &id.0, table).await,
        }
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let id = &seen.output.0;
        let ask = || aws.ec2.disassociate_route_table().association_id(id).send();
        aws.call("ec2:DisassociateRouteTable", ask).await.absent(&["InvalidAssociationID.NotFound"]).map(drop)
    }
}
