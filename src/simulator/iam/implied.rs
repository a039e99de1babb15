//! What AWS checks of the caller in passing, besides the action that is called: it is denied under its own name.

use crate::simulator::ask::Ask;

/// Such actions of a call. The roles that services make for themselves are left out.
pub fn implied(service: &str, action: &str, ask: &Ask) -> Vec<&'static str> {
    let given = |member: &str| !ask.get(member).is_null();
    let checks = [
        // Service Authorization Reference, "Dependent actions" of each.
        (service == "ecs" && (given("taskRoleArn") || given("executionRoleArn")), "iam:PassRole"),
        (service == "ec2" && given("TagSpecification"), "ec2:CreateTags"),
        (
            service == "elasticloadbalancing" && action.starts_with("Create") && given("Tags"),
            "elasticloadbalancing:AddTags",
        ),
        // In no reference yet (seen in kubernetes-sigs/aws-load-balancer-controller #3917).
        (action == "CreateLoadBalancer" && !ask.texts("SecurityGroups").is_empty(), "ec2:GetSecurityGroupsForVpc"),
    ];
    checks.into_iter().filter(|(applies, _)| *applies).map(|(_, action)| action).collect()
}
