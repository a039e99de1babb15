//! How long things take on AWS, in seconds: shortest, usual, longest. Drawn from public logs of Terraform runs and AWS's
//! documentation; what is marked (J) is a judgement.

/// A triangular distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span(pub f64, pub f64, pub f64);

/// Nine public logs.
pub const NAT_AVAILABLE: Span = Span(80.0, 105.0, 150.0);
/// Four public logs.
pub const NAT_DELETED: Span = Span(40.0, 55.0, 90.0);
/// Six public logs.
pub const LOAD_BALANCER_ACTIVE: Span = Span(90.0, 145.0, 190.0);
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
/// (J) ECS looks at a service again and again.
pub const SCHEDULER_ROUND: Span = Span(2.0, 4.0, 8.0);
/// (J) From RegisterScalableTarget until a count outside of its bounds is set inside.
pub const BOUNDS_HEEDED: Span = Span(2.0, 6.0, 20.0);
/// Seconds from one look of a scalable target at its service to the next: CloudWatch's alarms look every minute.
pub const SCALING_LOOK: f64 = 60.0;
/// (J) A gateway endpoint: pending to available, deleting to gone.
pub const ENDPOINT_AVAILABLE: Span = Span(0.5, 2.0, 6.0);
pub const ENDPOINT_DELETED: Span = Span(1.0, 5.0, 20.0);
