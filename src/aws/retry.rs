//! Which failed calls are sent again, and when. The SDK's own retries are off: it cannot know what we know.
//!
//! Causes, told apart by code. *Throttled*: no effect, again for as long as it takes. *Never sent*: again. *Unclear* (no answer, HTTP 5xx):
//! again, but never for a create that AWS would carry out twice. *Not yet*: the world isn't that far (a new object is not
//! visible everywhere, a dying one still holds on); each call lists the codes that mean this for it.

use std::time::Duration;

use super::error::{Error, Reach};

/// Creates without client token and without a name that AWS keeps unique: sent twice, they make two.
pub const MAKES_TWO: &[&str] = &[
    "ec2:AllocateAddress",
    "ec2:CreateInternetGateway",
    "ec2:CreateVpc",
    "ecs:RegisterTaskDefinition",
    "elasticloadbalancing:CreateRule",
];

/// How long a "not yet" is believed.
const VISIBLE: Duration = Duration::from_secs(120);
/// How long load balancing may not know a certificate that ACM has issued.
const CERTIFIED: Duration = Duration::from_secs(5 * 60);
const LET_GO: Duration = Duration::from_secs(20 * 60);
/// How long a new role may take to be known everywhere. Who lacks the permission to pass it waits as long to hear of it.
const SPREADS: Duration = Duration::from_secs(60);
/// How long it is doubted that what was seen just now isn't there to be deleted.
const DOUBTED: Duration = Duration::from_secs(10);
/// How long a throttled call is sent again: many at once shall be slow, not fail.
const SLOWED: Duration = Duration::from_secs(15 * 60);

/// (action, codes that mean "not yet", for how long). Sources: the API references' lists of error codes, and the
/// retries of hashicorp/aws at the same calls.
#[rustfmt::skip]
const NOT_YET: &[(&str, &[&str], Duration)] = &[
    ("application-autoscaling:DeleteScalingPolicy", &["ConcurrentUpdateException"], VISIBLE),
    ("application-autoscaling:DescribeScalableTargets", &["ConcurrentUpdateException"], VISIBLE),
    // It looks into CloudWatch for us, and is throttled there.
    ("application-autoscaling:DescribeScalingPolicies", &["ConcurrentUpdateException", "FailedResourceAccessException"], VISIBLE),
    ("application-autoscaling:DeregisterScalableTarget", &["ConcurrentUpdateException"], VISIBLE),
    ("application-autoscaling:PutScalingPolicy", &["ConcurrentUpdateException", "FailedResourceAccessException", "ObjectNotFoundException"], VISIBLE),
    ("application-autoscaling:RegisterScalableTarget", &["ConcurrentUpdateException"], VISIBLE),
    ("ec2:AssociateRouteTable", &["InvalidRouteTableID.NotFound", "InvalidSubnetID.NotFound"], VISIBLE),
    ("ec2:AttachInternetGateway", &["InvalidInternetGatewayID.NotFound", "InvalidVpcID.NotFound"], VISIBLE),
    ("ec2:AuthorizeSecurityGroupEgress", &["InvalidGroup.NotFound"], VISIBLE),
    ("ec2:AuthorizeSecurityGroupIngress", &["InvalidGroup.NotFound"], VISIBLE),
    ("ec2:CreateNatGateway", &["InvalidAllocationID.NotFound", "InvalidElasticIpID.NotFound", "InvalidSubnetID.NotFound"], VISIBLE),
    ("ec2:CreateRoute", &["InvalidGatewayID.NotFound", "InvalidInternetGatewayID.NotFound", "InvalidNatGatewayID.NotFound", "InvalidRouteTableID.NotFound"], VISIBLE),
    ("ec2:CreateRouteTable", &["InvalidVpcID.NotFound"], VISIBLE),
    ("ec2:CreateSecurityGroup", &["InvalidVpcID.NotFound"], VISIBLE),
    ("ec2:CreateSubnet", &["InvalidVpcID.NotFound"], VISIBLE),
    ("ec2:CreateVpcEndpoint", &["InvalidRouteTableID.NotFound", "InvalidRouteTableId.NotFound", "InvalidVpcID.NotFound", "InvalidVpcId.NotFound"], VISIBLE),
    ("ec2:ModifyVpcAttribute", &["InvalidVpcID.NotFound"], VISIBLE),
    ("ec2:ModifyVpcEndpoint", &["InvalidRouteTableID.NotFound", "InvalidRouteTableId.NotFound", "InvalidVpcEndpointId.NotFound"], VISIBLE),
    // One change at a time.
    ("ec2:ModifyVpcEndpoint", &["OperationInProgress"], LET_GO),
    ("ec2:ReplaceRoute", &["InvalidNatGatewayID.NotFound"], VISIBLE),
    ("acm:DeleteCertificate", &["ConflictException", "ResourceInUseException"], LET_GO),
    ("elasticloadbalancing:AddListenerCertificates", &["CertificateNotFound"], CERTIFIED),
    ("elasticloadbalancing:AddListenerCertificates", &["ListenerNotFound"], VISIBLE),
    ("elasticloadbalancing:CreateListener", &["CertificateNotFound"], CERTIFIED),
    ("elasticloadbalancing:CreateListener", &["LoadBalancerNotFound", "TargetGroupNotFound"], VISIBLE),
    ("elasticloadbalancing:CreateRule", &["ListenerNotFound", "TargetGroupNotFound"], VISIBLE),
    ("elasticloadbalancing:ModifyListener", &["CertificateNotFound"], CERTIFIED),
    ("elasticloadbalancing:ModifyRule", &["RuleNotFound", "TargetGroupNotFound"], VISIBLE),
    ("elasticloadbalancing:SetRulePriorities", &["RuleNotFound"], VISIBLE),
    ("elasticloadbalancing:SetSubnets", &["InvalidSubnet", "SubnetNotFound"], VISIBLE),
    ("elasticloadbalancing:CreateLoadBalancer", &["InvalidSecurityGroup", "InvalidSubnet", "SubnetNotFound"], VISIBLE),
    ("ec2:RevokeSecurityGroupEgress", &["InvalidGroup.NotFound"], VISIBLE),
    ("elasticloadbalancing:ModifyLoadBalancerAttributes", &["LoadBalancerNotFound"], VISIBLE),
    ("elasticloadbalancing:ModifyTargetGroupAttributes", &["TargetGroupNotFound"], VISIBLE),
    ("ecs:CreateService", &["ClusterNotFoundException"], VISIBLE),
    ("ecs:UpdateClusterSettings", &["UpdateInProgressException"], LET_GO),
    ("ecs:PutClusterCapacityProviders", &["ResourceInUseException", "UpdateInProgressException"], LET_GO),
    ("iam:AttachRolePolicy", &["NoSuchEntity"], VISIBLE),
    ("iam:CreateRole", &["ConcurrentModification"], VISIBLE),
    ("iam:PutRolePolicy", &["ConcurrentModification", "NoSuchEntity"], VISIBLE),
    ("iam:TagRole", &["ConcurrentModification"], VISIBLE),
    ("iam:UntagRole", &["ConcurrentModification"], VISIBLE),
    ("logs:CreateLogGroup", &["OperationAbortedException"], VISIBLE),
    ("logs:AssociateKmsKey", &["OperationAbortedException", "ResourceNotFoundException"], VISIBLE),
    ("logs:DisassociateKmsKey", &["OperationAbortedException"], VISIBLE),
    ("logs:PutRetentionPolicy", &["OperationAbortedException", "ResourceNotFoundException"], VISIBLE),
    ("ec2:DeleteInternetGateway", &["DependencyViolation"], LET_GO),
    ("ec2:DeleteRouteTable", &["DependencyViolation"], LET_GO),
    ("ec2:DeleteSecurityGroup", &["DependencyViolation", "InvalidGroup.InUse"], LET_GO),
    ("ec2:DeleteSubnet", &["DependencyViolation"], LET_GO),
    ("ec2:DeleteVpc", &["DependencyViolation"], LET_GO),
    ("ec2:DetachInternetGateway", &["DependencyViolation"], LET_GO),
    // A NAT gateway that is being deleted still holds its address; AWS then answers as if it were not ours.
    ("ec2:ReleaseAddress", &["AuthFailure", "InvalidIPAddress.InUse"], LET_GO),
    ("ecs:DeleteCluster", &["ClusterContainsServicesException", "ClusterContainsTasksException", "UpdateInProgressException"], LET_GO),
    ("elasticloadbalancing:DeleteTargetGroup", &["ResourceInUse"], LET_GO),
    ("iam:DeleteRole", &["ConcurrentModification", "DeleteConflict"], VISIBLE),
    ("logs:DeleteLogGroup", &["OperationAbortedException"], VISIBLE),
];

/// Each action with the codes that mean "not yet" for it.
pub fn not_yet() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    NOT_YET.iter().map(|(action, codes, _)| (*action, *codes))
}

/// How a call may go on after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    Never,
    /// Counted against `max_retries`.
    Counted,
    /// For this long since the first attempt, however often.
    Until(Duration),
}

/// Whether to send the call again after this error.
pub fn again(action: &str, error: &Error) -> Again {
    let not_yet =
        NOT_YET.iter().find(|(of, codes, _)| *of == action && error.code().is_some_and(|code| codes.contains(&code)));
    if let Some(time) = told_by_text(action, error) {
        return Again::Until(time);
    }
    match (not_yet, error.reach()) {
        (Some((_, _, time)), _) => Again::Until(*time),
        _ if finds_nothing_to_delete(action, error) => Again::Until(DOUBTED),
        (None, Some(Reach::Throttled)) => Again::Until(SLOWED),
        (None, Some(Reach::NotSent)) => Again::Counted,
        (None, Some(Reach::Unclear)) if !MAKES_TWO.contains(&action) => Again::Counted,
        _ => Again::Never,
    }
}

/// How long a "not yet" is believed that only AWS's text tells; see `error`.
fn told_by_text(action: &str, error: &Error) -> Option<Duration> {
    match action {
        _ if error.is_early_for_ecs() || error.is_early_for_scaling() => Some(VISIBLE),
        "ecs:CreateService" if error.is_of_service_role() => Some(VISIBLE),
        "ecs:DeleteService" if error.is_of_busy_service() => Some(LET_GO),
        "ecs:PutClusterCapacityProviders" | "ecs:UpdateService" if error.is_of_inactive_cluster() => Some(VISIBLE),
        "ecs:RegisterTaskDefinition" if error.is_of_pass_role() => Some(SPREADS),
        _ => None,
    }
}

/// Only what a look has shown is deleted. Where AWS then doesn't find it, a copy that lags may have been asked: believed at
/// once, what stands would be forgotten.
fn finds_nothing_to_delete(action: &str, error: &Error) -> bool {
    const VERBS: [&str; 7] = ["Delete", "Deregister", "Detach", "Disassociate", "Release", "Remove", "Revoke"];
    const CODES: [&str; 3] = ["NotFound", "NotFoundException", "NoSuchEntity"];
    let verb = action.split(':').next_back().unwrap_or_default();
    VERBS.iter().any(|one| verb.starts_with(one))
        && error.code().is_some_and(|code| CODES.iter().any(|end| code.ends_with(end)))
}

/// The pause before the n-th further attempt (from 1): doubling from half a second, at most 20 s, with full jitter.
pub fn pause(attempt: u32) -> Duration {
    let most = Duration::from_millis(500).saturating_mul(1 << (attempt - 1).min(6)).min(Duration::from_secs(20));
    most.mul_f64(0.25 + 0.75 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::error::CallError;

    fn failed(code: Option<&str>, reach: Reach) -> Error {
        let (action, code) = ("", code.map(str::to_owned));
        Error::Call(Box::new(CallError { action, code, message: String::new(), request_id: None, reach }))
    }

    #[test]
    fn a_create_that_would_make_two_is_repeated_only_when_it_surely_had_no_effect() {
        for action in MAKES_TWO {
            assert_eq!(again(action, &failed(None, Reach::Unclear)), Again::Never, "{action}");
            assert_eq!(
                again(action, &failed(Some("RequestLimitExceeded"), Reach::Throttled)),
                Again::Until(SLOWED),
                "{action}"
            );
            assert_eq!(again(action, &failed(None, Reach::NotSent)), Again::Counted, "{action}");
        }
        assert_eq!(again("ec2:CreateSubnet", &failed(None, Reach::Unclear)), Again::Counted);
    }

    #[test]
    fn a_refusal_is_final_unless_it_means_not_yet_for_that_call() {
        let violated = failed(Some("DependencyViolation"), Reach::Refused);
        assert_eq!(again("ec2:DeleteVpc", &violated), Again::Until(LET_GO));
        assert_eq!(again("ec2:CreateVpc", &violated), Again::Never);
        assert_eq!(again("ec2:CreateVpc", &failed(Some("VpcLimitExceeded"), Reach::Refused)), Again::Never);
    }

    #[test]
    fn what_a_text_tells_counts_for_its_call_alone() {
        let told = |code: &str, message: &str| {
            let (code, message) = (Some(code.to_owned()), message.to_owned());
            Error::Call(Box::new(CallError { action: "", code, message, request_id: None, reach: Reach::Refused }))
        };
        let role = "Please verify that the ECS service role being passed has the proper permissions.";
        let busy = "The service cannot be stopped while deployments are active.";
        for (action, code, message, time) in [
            ("ecs:CreateService", "InvalidParameterException", role, VISIBLE),
            ("ecs:DeleteService", "InvalidParameterException", busy, LET_GO),
            ("ecs:PutClusterCapacityProviders", "ClientException", "Cluster was not ACTIVE.", VISIBLE),
            ("ecs:UpdateService", "ClientException", "Cluster was not ACTIVE.", VISIBLE),
            ("ecs:RegisterTaskDefinition", "AccessDeniedException", "not authorized to perform: iam:PassRole", SPREADS),
        ] {
            assert_eq!(again(action, &told(code, message)), Again::Until(time), "{action}");
            assert_eq!(again(action, &told(code, "another")), Again::Never, "{action}");
            assert_eq!(again("ecs:DescribeServices", &told(code, message)), Again::Never, "{action}");
        }
    }

    #[test]
    fn that_there_is_nothing_to_delete_is_doubted_for_a_while() {
        let absent = |code: &str| failed(Some(code), Reach::Refused);
        for (action, code) in [
            ("application-autoscaling:DeregisterScalableTarget", "ObjectNotFoundException"),
            ("ec2:DeleteSubnet", "InvalidSubnetID.NotFound"),
            ("iam:DetachRolePolicy", "NoSuchEntity"),
        ] {
            assert_eq!(again(action, &absent(code)), Again::Until(DOUBTED), "{action}");
        }
        assert_eq!(again("ec2:DescribeSubnets", &absent("InvalidSubnetID.NotFound")), Again::Never);
        assert_eq!(again("ec2:DeleteSubnet", &absent("UnauthorizedOperation")), Again::Never);
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        for attempt in 1..40 {
            assert!(pause(attempt) <= Duration::from_secs(20));
        }
        assert!(pause(1) <= Duration::from_millis(500));
    }
}
