//! The availability zones of a region that anybody may use: no local zones, none that one must opt in to.

use aws_sdk_ec2::types::Filter;

use super::client::Aws;
use super::error::Result;

/// Their names, in order.
pub async fn available(aws: &Aws) -> Result<Vec<String>> {
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let filters = vec![filter("state", "available"), filter("zone-type", "availability-zone")];
    let ask = || aws.ec2.describe_availability_zones().set_filters(Some(filters.clone())).send();
    let found = aws.call("ec2:DescribeAvailabilityZones", ask).await?;
    let mut names: Vec<String> =
        found.availability_zones().iter().filter_map(|zone| zone.zone_name().map(str::to_owned)).collect();
    names.sort_unstable();
    Ok(names)
}
