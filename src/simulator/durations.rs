//! How long things take on AWS, in seconds: shortest, usual, longest. Drawn from public logs of Terraform runs and AWS's
//! documentation; what is marked (J) is a judgement.

/// A triangular distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span(pub f64, pub f64, pub f64);

/// Exponential: mean, and the longest it ever takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tail(pub f64, pub f64);

/// Nine public logs.
pub const NAT_AVAILABLE: Span = Span(80.0, 105.0, 150.0);
/// Four public logs.
pub const NAT_DELETED: Span = Span(40.0, 55.0, 90.0);
/// Six public logs.
pub const LOAD_BALANCER_ACTIVE: Span = Span(90.0, 145.0, 190.0);
/// (J) `active_impaired`, on order only.
pub const LOAD_BALANCER_IMPAIRED: Span = Span(30.0, 60.0, 180.0);
/// Old reports say "some minutes", tail 10 minutes.
pub const LOAD_BALANCER_INTERFACES_LINGER: Span = Span(15.0, 47.0, 180.0);
/// (J) VPC, subnet: pending to available.
pub const NETWORK_AVAILABLE: Span = Span(0.2, 0.6, 1.5);
/// (J)
pub const CLUSTER_ACTIVE: Span = Span(0.2, 1.0, 3.0);
/// (J) PROVISIONING to RUNNING on Fargate: the interface, then the pull.
pub const TASK_PROVISIONING: Span = Span(8.0, 15.0, 30.0);
pub const TASK_PENDING: Span = Span(10.0, 20.0, 50.0);
/// (J) STOPPING of a container that heeds the signal.
pub const TASK_STOPPING: Span = Span(1.0, 5.0, 30.0);
/// (J) DEPROVISIONING: the interface goes.
pub const TASK_DEPROVISIONING: Span = Span(10.0, 20.0, 60.0);
/// (J) Until ECS knows that tasks in a zone without power are gone.
pub const LOSS_NOTICED: Span = Span(15.0, 30.0, 60.0);
/// (J) ECS looks at a service again and again.
pub const SCHEDULER_ROUND: Span = Span(2.0, 4.0, 8.0);
/// (J) From CreateRole until a service can assume the role, and from a policy's change until it counts: seconds as a rule
/// (pulumi/pulumi-awsx#927), "can take time" (IAM User Guide, "Changes that I make are not always immediately visible").
pub const ROLE_SPREADS: Tail = Tail(8.0, 60.0);
/// (J) Until a service-linked role that a service makes by itself can be assumed; providers allow two minutes.
pub const LINKED_ROLE: Span = Span(5.0, 12.0, 30.0);
/// (J) Until ECS launches anew after it couldn't assume a role: 30 seconds in pulumi/pulumi-awsx#927.
pub const ROLE_RETRY: Span = Span(15.0, 29.0, 40.0);
/// "Usually within 60 seconds" (Route 53 Developer Guide); Terraform runs poll once or twice.
pub const ROUTE53_IN_SYNC: Span = Span(20.0, 35.0, 60.0);
/// (J) A certificate's validation records appear "after several seconds" (ACM API reference, RequestCertificate).
pub const CERTIFICATE_RECORDS: Span = Span(2.0, 5.0, 15.0);
/// (J) ACM finds out that it will not issue a certificate for a name.
pub const CERTIFICATE_JUDGED: Span = Span(5.0, 20.0, 60.0);
/// Two public logs; from the record's sync to the certificate.
pub const CERTIFICATE_ISSUED: Span = Span(45.0, 120.0, 600.0);
/// (J) A listener's certificate counts as in use for so long after; Terraform retries for 20 minutes.
pub const CERTIFICATE_RELEASED: Span = Span(5.0, 30.0, 180.0);
/// (J) From RegisterScalableTarget until a count outside of its bounds is set inside.
pub const BOUNDS_HEEDED: Span = Span(2.0, 6.0, 20.0);
/// Seconds from one look of a scalable target at its service to the next: CloudWatch's alarms look every minute.
pub const SCALING_LOOK: f64 = 60.0;
/// (J) A gateway endpoint: pending to available, deleting to gone.
pub const ENDPOINT_AVAILABLE: Span = Span(0.5, 2.0, 6.0);
pub const ENDPOINT_DELETED: Span = Span(1.0, 5.0, 20.0);

/// (J) An interface endpoint lets a subnet, or all of them, go: runbooks say "wait a minute" to "5 to 10 minutes".
pub const ENDPOINT_INTERFACES_LINGER: Span = Span(20.0, 60.0, 300.0);

#[cfg(test)]
mod tests;
