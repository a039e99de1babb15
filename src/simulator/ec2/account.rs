//! What EC2 tells of the account and of AWS: regions, account attributes.

use serde_json::json;

use super::kind::{self, invalid};
use super::listing::Listing;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Answer;
use crate::simulator::world::World;

/// Regions that are on in every account.
const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

const LISTING: Listing = Listing {
    set: "regionInfo",
    by_id: ("", "regionName"),
    kind: &kind::VPC,
    filters: &[("endpoint", "regionEndpoint"), ("opt-in-status", "optInStatus"), ("region-name", "regionName")],
    pages: false,
};

pub fn describe_regions(world: &mut World, ask: &Ask) -> Answer {
    let mut all = REGIONS.to_vec();
    if !all.contains(&world.region.as_str()) {
        all.push(&world.region);
    }
    let wanted = ask.texts("RegionName");
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(&name.as_str())) {
        return Err(invalid(format!("Invalid region: [{unknown}]")));
    }
    let shown =
        all.iter().filter(|name| wanted.is_empty() || wanted.iter().any(|wanted| wanted == *name)).map(|name| {
            json!({
                "regionName": name,
                "regionEndpoint": format!("ec2.{name}.amazonaws.com"),
                "optInStatus": "opt-in-not-required",
            })
        });
    LISTING.answer(ask, shown.collect())
}

/// An account without a default VPC.
pub fn describe_attributes(_: &mut World, ask: &Ask) -> Answer {
    let wanted = ask.texts("AttributeName");
    let all = [("supported-platforms", "VPC"), ("default-vpc", "none")];
    if let Some(unknown) = wanted.iter().find(|name| !all.iter().any(|(known, _)| known == name)) {
        return Err(invalid(format!("Value ({unknown}) for parameter attributeName is invalid.")));
    }
    let shown = all.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name));
    let shown =
        shown.map(|(name, value)| json!({ "attributeName": name, "attributeValueSet": [{ "attributeValue": value }] }));
    Ok(json!({ "accountAttributeSet": shown.collect::<Vec<_>>() }))
}

#[cfg(test)]
mod tests {
    use super::super::trial::{code, ok, subnet, vpc, world};
    use super::*;

    #[test]
    fn regions_attributes_and_subnets() {
        let mut world = world();
        let one = ok(&mut world, "DescribeRegions", json!({"RegionName": ["eu-west-3"]}));
        assert_eq!(one["regionInfo"][0]["regionEndpoint"], "ec2.eu-west-3.amazonaws.com");
        assert_eq!(code(&mut world, "DescribeRegions", json!({"RegionName": ["mars"]})), "InvalidParameterValue");
        let all = ok(&mut world, "DescribeAccountAttributes", json!({"AttributeName": ["default-vpc"]}));
        assert_eq!(all["accountAttributeSet"][0]["attributeValueSet"][0]["attributeValue"], "none");
        assert_eq!(
            code(&mut world, "DescribeAccountAttributes", json!({"AttributeName": ["x"]})),
            "InvalidParameterValue"
        );
        let vpc = vpc(&mut world);
        let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
        ok(&mut world, "ModifySubnetAttribute", json!({"SubnetId": subnet, "MapPublicIpOnLaunch": {"Value": "true"}}));
        assert_eq!(ok(&mut world, "DescribeSubnets", json!({}))["subnetSet"][0]["mapPublicIpOnLaunch"], true);
        let mut refused = |ask: serde_json::Value| code(&mut world, "ModifySubnetAttribute", ask);
        assert_eq!(refused(json!({"SubnetId": subnet})), "MissingParameter");
        assert_eq!(
            refused(json!({"SubnetId": "subnet-0", "MapPublicIpOnLaunch": {"Value": "true"}})),
            "InvalidSubnetID.NotFound"
        );
    }
}
