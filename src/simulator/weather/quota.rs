//! What each action answers when its quota is reached. Codes from botocore's models and the EC2 API's "Error codes"; the
//! messages of services other than EC2 are (unverified).

use crate::simulator::refusal::Refusal;

/// Service, action, code, message, status.
const QUOTAS: &[(&str, &str, &str, &str, u16)] = &[
    ("ec2", "AllocateAddress", "AddressLimitExceeded", "The maximum number of addresses has been reached.", 400),
    (
        "ec2",
        "AssociateRouteTable",
        "RouteTableLimitExceeded",
        "The maximum number of associations has been reached.",
        400,
    ),
    ("ec2", "AuthorizeSecurityGroupEgress", "RulesPerSecurityGroupLimitExceeded", RULES, 400),
    ("ec2", "AuthorizeSecurityGroupIngress", "RulesPerSecurityGroupLimitExceeded", RULES, 400),
    (
        "ec2",
        "CreateInternetGateway",
        "InternetGatewayLimitExceeded",
        "The maximum number of internet gateways has been reached.",
        400,
    ),
    (
        "ec2",
        "CreateNatGateway",
        "NatGatewayLimitExceeded",
        "Performing this operation would exceed the limit of 5 NAT gateways",
        400,
    ),
    ("ec2", "CreateRoute", "RouteLimitExceeded", "The maximum number of routes in the table has been reached.", 400),
    ("ec2", "CreateRouteTable", "RouteTableLimitExceeded", "The maximum number of route tables has been reached.", 400),
    (
        "ec2",
        "CreateSecurityGroup",
        "SecurityGroupLimitExceeded",
        "The maximum number of security groups has been reached.",
        400,
    ),
    ("ec2", "CreateSubnet", "SubnetLimitExceeded", "The maximum number of subnets has been reached.", 400),
    ("ec2", "CreateTags", "TagLimitExceeded", "The maximum number of tags on a resource has been reached.", 400),
    ("ec2", "CreateVpc", "VpcLimitExceeded", "The maximum number of VPCs has been reached.", 400),
    ("ec2", "CreateVpcEndpoint", "VpcEndpointLimitExceeded", "The maximum number of endpoints has been reached.", 400),
    ("elasticloadbalancing", "AddTags", "TooManyTags", ELB, 400),
    ("elasticloadbalancing", "CreateListener", "TooManyListeners", ELB, 400),
    ("elasticloadbalancing", "CreateLoadBalancer", "TooManyLoadBalancers", ELB, 400),
    ("elasticloadbalancing", "CreateRule", "TooManyRules", ELB, 400),
    ("elasticloadbalancing", "CreateTargetGroup", "TooManyTargetGroups", ELB, 400),
    ("elasticloadbalancing", "RegisterTargets", "TooManyTargets", ELB, 400),
    // ECS models no code for clusters and services: their API references name ClientException (unverified).
    ("ecs", "CreateCluster", "ClientException", "The maximum number of clusters has been reached.", 400),
    ("ecs", "CreateService", "InvalidParameterException", "The maximum number of services has been reached.", 400),
    ("ecs", "RegisterTaskDefinition", "LimitExceededException", "The limit for the resource was exceeded.", 400),
    ("ecs", "TagResource", "LimitExceededException", "The limit for the resource was exceeded.", 400),
    ("iam", "AttachRolePolicy", "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10", 409),
    ("iam", "CreateRole", "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", 409),
    ("iam", "CreateServiceLinkedRole", "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", 409),
    ("iam", "PutRolePolicy", "LimitExceeded", "Maximum policy size of 10240 bytes exceeded", 409),
    ("iam", "TagRole", "LimitExceeded", "Cannot exceed quota for TagsPerRole: 50", 409),
    ("logs", "CreateLogGroup", "LimitExceededException", "Resource limit exceeded.", 400),
    ("logs", "TagResource", "TooManyTagsException", "A resource can have no more than 50 tags.", 400),
    (
        "ssm",
        "PutParameter",
        "ParameterLimitExceeded",
        "You have exceeded the number of parameters for this account.",
        400,
    ),
    ("acm", "RequestCertificate", "LimitExceededException", "You have exceeded your certificate quota.", 400),
    ("application-autoscaling", "PutScalingPolicy", "LimitExceededException", SCALING, 400),
    ("application-autoscaling", "PutScheduledAction", "LimitExceededException", SCALING, 400),
    ("application-autoscaling", "RegisterScalableTarget", "LimitExceededException", SCALING, 400),
    ("route53", "CreateHostedZone", "TooManyHostedZones", "The maximum number of hosted zones has been reached.", 400),
];

const RULES: &str = "The maximum number of rules per security group has been reached.";
const ELB: &str = "You've reached the limit on the number of these in your AWS account";
const SCALING: &str = "A per-account resource limit is exceeded.";

/// None where AWS documents no quota for the action.
pub fn of(service: &str, action: &str) -> Option<Refusal> {
    let row = QUOTAS.iter().find(|row| (row.0, row.1) == (service, action))?;
    Some(Refusal::new(row.2, row.3).with_status(row.4))
}
