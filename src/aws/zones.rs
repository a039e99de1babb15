//! The availability zones of a region in which Fargate runs: no local zones, none that one must opt in to.

use aws_sdk_ec2::types::Filter;

use super::client::Aws;
use super::error::Result;

/// Zone IDs in which Fargate runs, in the regions where it doesn't run in all (ECS developer guide, "AWS Fargate
/// Availability Zones"). Names such as `us-east-1e` mean another zone in each account, IDs don't.
const FARGATE: &[(&str, &[&str])] = &[
    ("apne1-", &["apne1-az1", "apne1-az2", "apne1-az4"]),
    ("cac1-", &["cac1-az1", "cac1-az2"]),
    ("cnn1-", &["cnn1-az1", "cnn1-az2"]),
    ("use1-", &["use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"]),
    ("usw1-", &["usw1-az1", "usw1-az3"]),
];

fn runs_fargate(id: &str) -> bool {
    FARGATE.iter().find(|(region, _)| id.starts_with(region)).is_none_or(|(_, zones)| zones.contains(&id))
}

/// Zones that can be used at all. One that is impaired for a while stays among them: Terraform plans twice, and must get
/// the same answer both times.
const STATES: &[&str] = &["available", "information", "impaired"];

/// Their names, in order.
pub async fn available(aws: &Aws) -> Result<Vec<String>> {
    let filter = |name: &str, values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Filter::builder().name(name).set_values(Some(values)).build()
    };
    let filters = vec![filter("state", STATES), filter("zone-type", &["availability-zone"])];
    let ask = || aws.ec2.describe_availability_zones().set_filters(Some(filters.clone())).send();
    let found = aws.call("ec2:DescribeAvailabilityZones", ask).await?;
    let zones = found.availability_zones().iter().filter(|zone| zone.zone_id().is_none_or(runs_fargate));
    let mut names: Vec<String> = zones.filter_map(|zone| zone.zone_name().map(str::to_owned)).collect();
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_without_fargate_is_left_out_where_that_is_known() {
        assert!(!runs_fargate("use1-az3") && runs_fargate("use1-az1"));
        assert!(!runs_fargate("usw1-az2"));
        assert!(runs_fargate("euw3-az2"));
    }
}
