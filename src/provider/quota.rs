//! Quotas of AWS: which one an error means, and how to have it raised. A quota is no throttling: waiting doesn't help.
//!
//! Codes of errors from the API references; names and codes of quotas from each service's quota page, whose links name them.

use crate::aws::error::Error;

/// A quota, and the error by which AWS tells that it is used up.
struct Quota {
    /// The error's code, and the beginning of the action's name where the code alone doesn't tell.
    error: (&'static str, &'static str),
    /// As Service Quotas names it; with its service's and its own code there, where it can be raised.
    name: &'static str,
    code: Option<(&'static str, &'static str)>,
    /// What else helps.
    or: &'static str,
}

const fn quota(
    error: (&'static str, &'static str),
    name: &'static str,
    code: (&'static str, &'static str),
    or: &'static str,
) -> Quota {
    Quota { error, name, code: Some(code), or }
}

#[rustfmt::skip]
const QUOTAS: &[Quota] = &[
    quota(("AddressLimitExceeded", ""), "EC2-VPC Elastic IPs", ("ec2", "L-0263D0A3"), "release one, or use egress = \"nat_single\" or \"public\", which need fewer or none"),
    quota(("VpcLimitExceeded", ""), "VPCs per Region", ("vpc", "L-F678F1CE"), "delete a VPC that nobody needs"),
    quota(("InternetGatewayLimitExceeded", ""), "Internet gateways per Region", ("vpc", "L-A4707A72"), "delete one; raising that of VPCs raises this one too"),
    quota(("NatGatewayLimitExceeded", ""), "NAT gateways per Availability Zone", ("vpc", "L-FE5A380F"), "delete one, or use egress = \"nat_single\" or \"public\""),
    quota(("SubnetLimitExceeded", ""), "Subnets per VPC", ("vpc", "L-407747CB"), "delete one"),
    quota(("RouteTableLimitExceeded", ""), "Route tables per VPC", ("vpc", "L-589F43AA"), "delete one"),
    quota(("RouteLimitExceeded", ""), "Routes per route table", ("vpc", "L-93826ACB"), "delete one"),
    quota(("SecurityGroupLimitExceeded", ""), "VPC security groups per Region", ("vpc", "L-E79EC296"), "delete one"),
    quota(("RulesPerSecurityGroupLimitExceeded", ""), "Inbound or outbound rules per security group", ("vpc", "L-0EA8095F"), "name fewer CIDR blocks"),
    quota(("VpcEndpointLimitExceeded", ""), "Gateway VPC endpoints per Region", ("vpc", "L-1B52E74A"), "delete one"),
    quota(("TooManyLoadBalancers", ""), "Application Load Balancers per Region", ("elasticloadbalancing", "L-53DA6B97"), "delete one"),
    quota(("TooManyTargetGroups", ""), "Target Groups per Region", ("elasticloadbalancing", "L-B22855CB"), "delete one"),
    quota(("TooManyListeners", ""), "Listeners per Application Load Balancer", ("elasticloadbalancing", "L-B6DF7632"), "delete one"),
    quota(("TooManyRules", ""), "Rules per Application Load Balancer", ("elasticloadbalancing", "L-7EED9B64"), "delete one"),
    quota(("TooManyTargets", ""), "Targets per Target Group per Region", ("elasticloadbalancing", "L-A0D0B863"), "run fewer tasks"),
    quota(("TooManyCertificates", ""), "Certificates per Application Load Balancer", ("elasticloadbalancing", "L-9365A611"), "name fewer certificates"),
    quota(("LimitExceeded", "iam:CreateRole"), "Roles per account", ("iam", "L-FE177D64"), "delete one"),
    quota(("LimitExceeded", "iam:AttachRolePolicy"), "Managed policies per role", ("iam", "L-0DA4ABF3"), "attach fewer"),
    Quota { error: ("LimitExceeded", "iam:PutRolePolicy"), name: "the size of a role's inline policies", code: None, or: "AWS does not raise it: name fewer secrets, or give a role of your own" },
    quota(("LimitExceededException", "acm:"), "ACM certificates", ("acm", "L-F141DD1D"), "delete one"),
    Quota { error: ("LimitExceededException", "logs:"), name: "log groups per Region", code: None, or: "delete some" },
    Quota { error: ("LimitExceededException", "ecs:"), name: "this kind of ECS object", code: None, or: "delete some; AWS's page \"Amazon ECS service quotas\" lists them" },
    Quota { error: ("LimitExceededException", "application-autoscaling:"), name: "scalable targets or policies per Region", code: None, or: "delete some" },
    Quota { error: ("ParameterLimitExceeded", ""), name: "parameters of Parameter Store's standard tier", code: None, or: "delete some" },
    Quota { error: ("TooManyHostedZones", ""), name: "Hosted zones", code: Some(("route53", "L-4EA4796A")), or: "delete one" },
];

/// No call is refused for it: ECS doesn't start the tasks, and says so in an event of the service.
const VCPUS: Quota = quota(
    ("", ""),
    "Fargate On-Demand vCPU resource count",
    ("fargate", "L-3032A538"),
    "run fewer or smaller tasks here. Tasks on FARGATE_SPOT have a quota of their own, L-36FBB829",
);

/// What to tell a user whose quota is used up; none for any other error. `region` is where the call went, if known.
pub fn told(error: &Error, region: Option<&str>) -> Option<String> {
    if error.tells_of_vcpus() {
        return Some(way_out(&VCPUS, region));
    }
    let Error::Call(call) = error else { return None };
    let code = call.code.as_deref()?;
    let means = |quota: &&Quota| quota.error.0 == code && call.action.starts_with(quota.error.1);
    QUOTAS.iter().find(means).map(|quota| way_out(quota, region))
}

fn way_out(Quota { name, code, or, .. }: &Quota, region: Option<&str>) -> String {
    let raise = match code {
        Some((service, code)) => {
            let region = region.map(|region| format!(" --region {}", asked_in(service, region))).unwrap_or_default();
            format!(
                " Have it raised:\n\n  aws service-quotas request-service-quota-increase{region} --service-code {service} \
                 --quota-code {code} --desired-value <NUMBER>\n\nOr {or}."
            )
        }
        None => format!(" What helps: {or}."),
    };
    let waits = "This is a quota of the account, no throttling: it does not pass by waiting.";
    format!("The quota \"{name}\" is used up. {waits}{raise} Then apply again: what stands is kept.")
}

/// The region in which a service's quotas are raised: of what is global in a partition, that of its own endpoint.
fn asked_in<'a>(service: &str, region: &'a str) -> &'a str {
    match (service, region) {
        ("iam" | "route53", region) if region.starts_with("us-gov-") => "us-gov-west-1",
        ("iam", region) if region.starts_with("cn-") => "cn-north-1",
        ("route53", region) if region.starts_with("cn-") => "cn-northwest-1",
        ("iam" | "route53", _) => "us-east-1",
        (_, region) => region,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::error::{CallError, Reach};

    fn told(action: &'static str, code: &str) -> Option<String> {
        let (code, message) = (Some(code.to_owned()), String::new());
        let call = CallError { action, code, message, request_id: None, reach: Reach::Refused };
        super::told(&Error::Call(Box::new(call)), Some("eu-west-3"))
    }

    #[test]
    fn a_quota_is_named_with_the_way_to_have_it_raised() {
        let vpcs = told("ec2:CreateVpc", "VpcLimitExceeded").unwrap();
        for part in [
            "\"VPCs per Region\"",
            "--region eu-west-3 --service-code vpc --quota-code L-F678F1CE",
            "no throttling",
            "apply again",
        ] {
            assert!(vpcs.contains(part), "{part}: {vpcs}");
        }
        assert!(told("iam:CreateRole", "LimitExceeded").unwrap().contains("L-FE177D64"));
        assert!(told("iam:PutRolePolicy", "LimitExceeded").unwrap().contains("AWS does not raise it"));
        assert!(told("logs:CreateLogGroup", "LimitExceededException").unwrap().contains("log groups"));
    }

    #[test]
    fn a_quota_is_raised_where_it_counts() {
        let role = told("iam:CreateRole", "LimitExceeded").unwrap();
        assert!(role.contains("--region us-east-1"), "{role}");
        for (service, region, expected) in [
            ("iam", "us-gov-east-1", "us-gov-west-1"),
            ("iam", "cn-northwest-1", "cn-north-1"),
            ("route53", "cn-north-1", "cn-northwest-1"),
            ("route53", "eu-west-3", "us-east-1"),
            ("vpc", "cn-north-1", "cn-north-1"),
        ] {
            assert_eq!(asked_in(service, region), expected, "{service} {region}");
        }
    }

    #[test]
    fn that_of_the_vcpus_is_told_of_a_service_that_waits_for_them() {
        let waits = |why: &str| {
            let told = format!("0 of 2 tasks run\nevent: was unable to place a task. Reason: {why}");
            super::told(&Error::TimedOut(told), Some("eu-west-3"))
        };
        let vcpus = waits("You’ve reached the limit on the number of vCPUs you can run concurrently.").unwrap();
        assert!(vcpus.contains("--region eu-west-3 --service-code fargate --quota-code L-3032A538"), "{vcpus}");
        assert!(vcpus.contains("FARGATE_SPOT have a quota of their own, L-36FBB829"), "{vcpus}");
        assert_eq!(waits("Capacity is unavailable at this time."), None);
    }

    #[test]
    fn throttling_is_no_quota() {
        for code in
            ["RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException", "VcpuLimit"]
        {
            assert_eq!(told("ec2:CreateVpc", code), None, "{code}");
        }
        assert_eq!(told("ec2:CreateVpc", "LimitExceeded"), None, "IAM's code means nothing elsewhere");
    }
}
