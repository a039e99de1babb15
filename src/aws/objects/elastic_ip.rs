//! Elastic IP: the fixed public address of one NAT gateway.

use aws_sdk_ec2::types::{DomainType, ResourceType};
use serde::{Deserialize, Serialize};

use super::anchor::Anchor;
use super::ec2_tags;
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{After, Ref};
use crate::aws::object::{Life, Object, Output, Seen, Site};
use crate::aws::owner::{Owner, Tags};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub allocation_id: String,
    pub public_ip: String,
}

impl Output for Address {
    fn id(&self) -> &str {
        &self.allocation_id
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElasticIp {}

impl Object for ElasticIp {
    const KIND: &'static str = "Elastic IP";
    type Needs = After<Ref<Anchor>>;
    type Output = Address;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        // The one Describe of EC2 without pages.
        let ask = || aws.ec2.describe_addresses().set_filters(ec2_tags::filters(owner)).send();
        let found = aws.call("ec2:DescribeAddresses", ask).await?;
        let seen = found.addresses().iter().filter_map(|address| {
            let tags = ec2_tags::read(address.tags());
            Some(Seen {
                key: owner.key_in(&tags)?,
                output: Address {
                    allocation_id: address.allocation_id()?.to_owned(),
                    public_ip: address.public_ip()?.to_owned(),
                },
                needs: (),
                life: Life::Standing,
                actual: Self {},
                tags,
            })
        });
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, (): &()) -> Result<Address> {
        let tags = ec2_tags::specification(site, ResourceType::ElasticIp);
        let ask = || site.aws.ec2.allocate_address().domain(DomainType::Vpc).tag_specifications(tags.clone()).send();
        let made = site.aws.call("ec2:AllocateAddress", ask).await?;
        Ok(Address {
            allocation_id: Error::required(made.allocation_id(), "AllocationId")?,
            public_ip: Error::required(made.public_ip(), "PublicIp")?,
        })
    }

    async fn retag(aws: &Aws, address: &Address, set: &Tags, remove: &[String]) -> Result<()> {
        ec2_tags::retag(aws, &address.allocation_id, set, remove).await
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let id = &seen.output.allocation_id;
        let released = aws.call("ec2:ReleaseAddress", || aws.ec2.release_address().allocation_id(id).send()).await;
        released.absent(&["InvalidAllocationID.NotFound"]).map(drop)
    }
}
