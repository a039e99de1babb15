//! The quotas that a web service on Fargate can run into, with AWS's default values.
//!
//! Codes and values are those of the services' own quota pages ("Amazon VPC quotas", "Quotas for your Application Load
//! Balancers", "IAM and AWS STS quotas", "AWS Fargate service quotas"…), whose links name the codes.

/// One quota.
#[derive(Debug)]
pub struct Quota {
    pub service: &'static str,
    pub code: &'static str,
    pub name: &'static str,
    pub value: i64,
    /// Whether AWS raises it on request.
    pub adjustable: bool,
}

const fn quota(service: &'static str, code: &'static str, name: &'static str, value: i64) -> Quota {
    Quota { service, code, name, value, adjustable: true }
}

const fn fixed(service: &'static str, code: &'static str, name: &'static str, value: i64) -> Quota {
    Quota { adjustable: false, ..quota(service, code, name, value) }
}

/// Code and name of each service; the quotas of `iam` and `route53` are global.
pub const SERVICES: &[(&str, &str)] = &[
    ("acm", "AWS Certificate Manager (ACM)"),
    ("ec2", "Amazon Elastic Compute Cloud (Amazon EC2)"),
    ("ecr", "Amazon Elastic Container Registry (Amazon ECR)"),
    ("ecs", "Amazon Elastic Container Service (Amazon ECS)"),
    ("elasticloadbalancing", "Elastic Load Balancing (ELB)"),
    ("fargate", "AWS Fargate"),
    ("iam", "AWS Identity and Access Management (IAM)"),
    ("route53", "Amazon Route 53"),
    ("secretsmanager", "AWS Secrets Manager"),
    ("vpc", "Amazon Virtual Private Cloud (Amazon VPC)"),
];

pub const ADDRESSES: &str = "L-0263D0A3";
pub const ATTACHED_POLICIES: &str = "L-0DA4ABF3";
pub const BALANCERS: &str = "L-53DA6B97";
pub const CERTIFICATES: &str = "L-F141DD1D";
pub const CLUSTERS: &str = "L-21C621EB";
pub const ENDPOINTS: &str = "L-1B52E74A";
pub const FARGATE_VCPUS: &str = "L-3032A538";
pub const GROUPS: &str = "L-E79EC296";
pub const GROUP_RULES: &str = "L-0EA8095F";
pub const HOSTED_ZONES: &str = "L-4EA4796A";
pub const INTERNET_GATEWAYS: &str = "L-A4707A72";
pub const LISTENERS: &str = "L-B6DF7632";
pub const LISTENER_CERTIFICATES: &str = "L-9365A611";
pub const LISTENER_RULES: &str = "L-7EED9B64";
pub const NATS: &str = "L-FE5A380F";
pub const REPOSITORIES: &str = "L-CFEB8E8D";
pub const ROLES: &str = "L-FE177D64";
pub const ROUTES: &str = "L-93826ACB";
pub const ROUTE_TABLES: &str = "L-589F43AA";
pub const SECRETS: &str = "L-2F66C23C";
pub const SERVICES_IN_CLUSTER: &str = "L-9EF96962";
pub const SUBNETS: &str = "L-407747CB";
pub const TARGETS: &str = "L-A0D0B863";
pub const TARGET_GROUPS: &str = "L-B22855CB";
pub const VPCS: &str = "L-F678F1CE";

/// By service, then by code.
pub const QUOTAS: &[Quota] = &[
    // 2500 in older accounts' pages (the value is unverified).
    quota("acm", CERTIFICATES, "ACM certificates", 2500),
    quota("ec2", ADDRESSES, "EC2-VPC Elastic IPs", 5),
    quota("ecr", REPOSITORIES, "Registered repositories", 100_000),
    quota("ecs", CLUSTERS, "Clusters per account", 10_000),
    quota("ecs", SERVICES_IN_CLUSTER, "Services per cluster", 5000),
    quota("elasticloadbalancing", BALANCERS, "Application Load Balancers per Region", 50),
    quota("elasticloadbalancing", LISTENER_RULES, "Rules per Application Load Balancer", 100),
    quota("elasticloadbalancing", LISTENER_CERTIFICATES, "Certificates per Application Load Balancer", 25),
    quota("elasticloadbalancing", TARGETS, "Targets per Target Group per Region", 1000),
    quota("elasticloadbalancing", TARGET_GROUPS, "Target Groups per Region", 3000),
    quota("elasticloadbalancing", LISTENERS, "Listeners per Application Load Balancer", 50),
    // Of new accounts; AWS raises it by itself with use, and some accounts begin with less.
    quota("fargate", FARGATE_VCPUS, "Fargate On-Demand vCPU resource count", 6),
    quota("fargate", "L-36FBB829", "Fargate Spot vCPU resource count", 6),
    quota("iam", ATTACHED_POLICIES, "Managed policies per role", 10),
    quota("iam", ROLES, "Roles per account", 1000),
    quota("route53", HOSTED_ZONES, "Hosted zones", 500),
    fixed("secretsmanager", SECRETS, "Secrets", 500_000),
    quota("vpc", GROUP_RULES, "Inbound or outbound rules per security group", 60),
    quota("vpc", ENDPOINTS, "Gateway VPC endpoints per Region", 20),
    quota("vpc", "L-2AFB9258", "Security groups per network interface", 5),
    quota("vpc", SUBNETS, "Subnets per VPC", 200),
    quota("vpc", ROUTE_TABLES, "Route tables per VPC", 200),
    quota("vpc", ROUTES, "Routes per route table", 50),
    quota("vpc", INTERNET_GATEWAYS, "Internet gateways per Region", 5),
    quota("vpc", "L-DF5E4CA3", "Network interfaces per Region", 5000),
    quota("vpc", GROUPS, "VPC security groups per Region", 2500),
    quota("vpc", VPCS, "VPCs per Region", 5),
    quota("vpc", NATS, "NAT gateways per Availability Zone", 5),
];
