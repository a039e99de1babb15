//! What AWS itself says of a service, asked through boto3. `at` are the attributes in Terraform's state.

use serde_json::{Value, json};

use crate::emulator::Emulator;

/// A member of the container in the task definition that the service runs.
pub fn container(aws: &Emulator, at: &Value, member: &str) -> Value {
    task_definition(aws, at)["containerDefinitions"][0][member].take()
}

/// CPU and memory of the tasks.
pub fn size(aws: &Emulator, at: &Value) -> Value {
    let definition = task_definition(aws, at);
    json!([definition["cpu"], definition["memory"]])
}

fn task_definition(aws: &Emulator, at: &Value) -> Value {
    let asked = json!({ "taskDefinition": service(aws, at, "taskDefinition") });
    aws.call("ecs", "describe_task_definition", &asked)["taskDefinition"].take()
}

/// A member of the ECS service.
pub fn service(aws: &Emulator, at: &Value, member: &str) -> Value {
    let asked = json!({ "cluster": at["cluster_arn"], "services": [at["service_arn"]] });
    aws.call("ecs", "describe_services", &asked)["services"][0][member].take()
}

/// A member of the target group.
pub fn target_group(aws: &Emulator, at: &Value, member: &str) -> Value {
    let asked = json!({ "TargetGroupArns": [at["target_group_arn"]] });
    aws.call("elbv2", "describe_target_groups", &asked)["TargetGroups"][0][member].take()
}

/// An attribute (in the load balancer API's sense) of the target group.
pub fn target_group_attribute(aws: &Emulator, at: &Value, key: &str) -> Value {
    let asked = json!({ "TargetGroupArn": at["target_group_arn"] });
    attribute(&aws.call("elbv2", "describe_target_group_attributes", &asked), key)
}

/// An attribute (in the load balancer API's sense) of the load balancer.
pub fn load_balancer_attribute(aws: &Emulator, at: &Value, key: &str) -> Value {
    let asked = json!({ "LoadBalancerArn": at["load_balancer_arn"] });
    attribute(&aws.call("elbv2", "describe_load_balancer_attributes", &asked), key)
}

fn attribute(answer: &Value, key: &str) -> Value {
    let attributes = answer["Attributes"].as_array().expect("attributes");
    attributes.iter().find(|attribute| attribute["Key"] == key).map(|found| found["Value"].clone()).unwrap_or_default()
}

/// `internet-facing` or `internal`, of each load balancer that there is.
pub fn schemes(aws: &Emulator) -> Value {
    let balancers = aws.call("elbv2", "describe_load_balancers", &json!({}))["LoadBalancers"].take();
    each(&balancers, |balancer| balancer["Scheme"].clone())
}

/// Days for which logs are kept.
pub fn retention(aws: &Emulator, at: &Value) -> Value {
    let asked = json!({ "logGroupNamePrefix": at["log_group_name"] });
    aws.call("logs", "describe_log_groups", &asked)["logGroups"][0]["retentionInDays"].take()
}

/// Who may call the load balancer: the CIDR blocks, sorted.
pub fn callers(aws: &Emulator, at: &Value) -> Value {
    let rules = security_group_rules(aws, &at["load_balancer_security_group_id"]);
    let inward = rules.iter().filter(|rule| rule["IsEgress"] == false);
    let mut blocks: Vec<_> = inward.map(|rule| rule["CidrIpv4"].as_str().unwrap_or_default()).collect();
    blocks.sort_unstable();
    json!(blocks)
}

pub fn security_group_rules(aws: &Emulator, group: &Value) -> Vec<Value> {
    let asked = json!({ "Filters": [{ "Name": "group-id", "Values": [group] }] });
    let rules = aws.call("ec2", "describe_security_group_rules", &asked)["SecurityGroupRules"].take();
    rules.as_array().cloned().unwrap_or_default()
}

/// The zones of the subnets in the service's network, sorted: each twice, public and private.
pub fn zones(aws: &Emulator, at: &Value) -> Value {
    let subnets = aws.call("ec2", "describe_subnets", &in_vpc(at))["Subnets"].take();
    let mut zones: Vec<_> =
        subnets.as_array().into_iter().flatten().map(|subnet| &subnet["AvailabilityZone"]).collect();
    zones.sort_unstable_by_key(|zone| zone.as_str());
    json!(zones)
}

/// The number of NAT gateways that are not deleted.
pub fn nat_gateways(aws: &Emulator, at: &Value) -> Value {
    let gateways = aws.call("ec2", "describe_nat_gateways", &in_vpc(at))["NatGateways"].take();
    json!(gateways.as_array().into_iter().flatten().filter(|gateway| gateway["State"] == "available").count())
}

/// The value of a tag of the VPC.
pub fn tag_of_vpc(aws: &Emulator, at: &Value, key: &str) -> Value {
    let vpc = aws.call("ec2", "describe_vpcs", &json!({ "VpcIds": [at["vpc_id"]] }))["Vpcs"][0].take();
    let tags = vpc["Tags"].as_array().cloned().unwrap_or_default();
    tags.iter().find(|tag| tag["Key"] == key).map(|tag| tag["Value"].clone()).unwrap_or_default()
}

pub fn in_vpc(at: &Value) -> Value {
    json!({ "Filters": [{ "Name": "vpc-id", "Values": [at["vpc_id"]] }] })
}

fn each(values: &Value, of: impl FnMut(&Value) -> Value) -> Value {
    Value::Array(values.as_array().into_iter().flatten().map(of).collect())
}
