//! Somebody changes AWS behind Terraform's back: the plan shows it, the apply heals it, and then the plan is empty.

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::observed::{in_vpc, security_group_rules};
use crate::stack::Stack;
use crate::terraform::Terraform;

/// What somebody does, given the attributes in Terraform's state.
type Meddling = fn(&Emulator, &Value);

const MEDDLINGS: &[(&str, Meddling)] = &[
    ("deletes a route to a NAT gateway", delete_route),
    ("deletes a NAT gateway", delete_nat_gateway),
    ("opens the load balancer's SSH port", open_port),
    ("closes the load balancer", close_port),
    ("runs more tasks", run_more_tasks),
    ("keeps logs for ever", keep_logs),
    ("takes the execution role's policies away", delete_role_policies),
    ("changes the health check", change_health_check),
    ("deletes the service", delete_service),
];

#[test]
fn drift_is_shown_and_healed() {
    let aws = Emulator::start();
    let before = aws.census();
    let terraform = Terraform::at(&aws, &Stack::named("drifting").with("desired_count", "2").hcl());
    terraform.apply().ok();
    let kinds: Vec<_> = aws.census().into_iter().map(|(kind, ids)| (kind, ids.len())).collect();
    for (what, meddle) in MEDDLINGS {
        meddle(&aws, &terraform.attributes());
        let plan = terraform.plan();
        assert!(!plan.is_empty(), "somebody {what}, and the plan doesn't show it");
        plan.updates_in_place();
        terraform.apply_plan().ok();
        assert!(terraform.plan().is_empty(), "somebody {what}, and the apply didn't heal it");
        let healed: Vec<_> = aws.census().into_iter().map(|(kind, ids)| (kind, ids.len())).collect();
        assert_eq!(healed, kinds, "after somebody {what}");
    }
    terraform.destroy().ok();
    assert_eq!(aws.census(), before);
}

fn delete_route(aws: &Emulator, at: &Value) {
    let tables = aws.call("ec2", "describe_route_tables", &in_vpc(at))["RouteTables"].take();
    let leads_to_nat = |table: &&Value| table["Routes"].to_string().contains("NatGatewayId");
    let table = tables.as_array().into_iter().flatten().find(leads_to_nat).expect("a route to a NAT gateway");
    let route = json!({ "RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0" });
    aws.call("ec2", "delete_route", &route);
}

fn delete_nat_gateway(aws: &Emulator, at: &Value) {
    let gateways = aws.call("ec2", "describe_nat_gateways", &in_vpc(at))["NatGateways"].take();
    let standing = |gateway: &&Value| gateway["State"] == "available";
    let gateway = gateways.as_array().into_iter().flatten().find(standing).expect("a NAT gateway");
    aws.call("ec2", "delete_nat_gateway", &json!({ "NatGatewayId": gateway["NatGatewayId"] }));
}

fn open_port(aws: &Emulator, at: &Value) {
    let ssh = json!({ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] });
    let rule = json!({ "GroupId": at["load_balancer_security_group_id"], "IpPermissions": [ssh] });
    aws.call("ec2", "authorize_security_group_ingress", &rule);
}

fn close_port(aws: &Emulator, at: &Value) {
    let group = &at["load_balancer_security_group_id"];
    let inward = |rule: &Value| rule["IsEgress"] == false;
    let rule = security_group_rules(aws, group).into_iter().find(inward).expect("a rule for callers");
    let rule = json!({ "GroupId": group, "SecurityGroupRuleIds": [rule["SecurityGroupRuleId"]] });
    aws.call("ec2", "revoke_security_group_ingress", &rule);
}

fn run_more_tasks(aws: &Emulator, at: &Value) {
    let more = json!({ "cluster": at["cluster_arn"], "service": at["service_arn"], "desiredCount": 5 });
    aws.call("ecs", "update_service", &more);
}

fn keep_logs(aws: &Emulator, at: &Value) {
    aws.call("logs", "delete_retention_policy", &json!({ "logGroupName": at["log_group_name"] }));
}

fn delete_role_policies(aws: &Emulator, at: &Value) {
    let role = at["execution_role_arn"].as_str().and_then(|arn| arn.rsplit('/').next()).expect("a role");
    let attached =
        aws.call("iam", "list_attached_role_policies", &json!({ "RoleName": role }))["AttachedPolicies"].take();
    for policy in attached.as_array().into_iter().flatten() {
        aws.call("iam", "detach_role_policy", &json!({ "RoleName": role, "PolicyArn": policy["PolicyArn"] }));
    }
    let inline = aws.call("iam", "list_role_policies", &json!({ "RoleName": role }))["PolicyNames"].take();
    for name in inline.as_array().into_iter().flatten() {
        aws.call("iam", "delete_role_policy", &json!({ "RoleName": role, "PolicyName": name }));
    }
}

fn change_health_check(aws: &Emulator, at: &Value) {
    let changed = json!({ "TargetGroupArn": at["target_group_arn"], "HealthCheckPath": "/elsewhere" });
    aws.call("elbv2", "modify_target_group", &changed);
}

fn delete_service(aws: &Emulator, at: &Value) {
    let service = json!({ "cluster": at["cluster_arn"], "service": at["service_arn"], "force": true });
    aws.call("ecs", "delete_service", &service);
}
