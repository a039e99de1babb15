//! Rate budgets: how fast each AWS call may be sent, for all operations of this process together.
//!
//! AWS counts the calls of an account and region in token buckets, and refuses what comes when one is empty. A hundred
//! services in one apply would spend most of their time being refused. So each call takes a turn here first: our buckets
//! are AWS's published ones with a fifth left to others, and who comes too early waits for its turn, in the order of coming.
//! Where AWS refuses a call all the same (somebody else is busy in the account), that bucket is taken for empty.
//!
//! A bucket is one instant: when it will be full again (the "generic cell rate algorithm"). Taking a token moves it on.
//! Of a list with several pages only the first counts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::client::looks;
use super::clock::Clock;

/// What of AWS's rates we take.
const SHARE: f64 = 0.8;

/// One of AWS's buckets.
#[derive(Debug)]
struct Bucket {
    service: &'static str,
    of: Of,
    /// Whether each action has its own.
    each: bool,
    burst: f64,
    /// Tokens that come back in a second.
    refill: f64,
}

/// Which calls fall into a bucket.
#[derive(Debug)]
enum Of {
    All,
    Looks,
    Rest,
    These(&'static [&'static str]),
}

const fn each(service: &'static str, of: Of, burst: f64, refill: f64) -> Bucket {
    Bucket { service, of, each: true, burst, refill }
}

const fn shared(service: &'static str, of: Of, burst: f64, refill: f64) -> Bucket {
    Bucket { each: false, ..each(service, of, burst, refill) }
}

/// The first that fits a call is its own. What AWS publishes: EC2 and ECS "Request throttling" (developer guide, API
/// reference), Elastic Load Balancing "Request throttling" (user guide), "Quotas" of Systems Manager, CloudWatch Logs, ACM
/// and Route 53. IAM and Application Auto Scaling publish nothing: those are cautious guesses.
#[rustfmt::skip]
const BUCKETS: &[Bucket] = &[
    each("acm", Of::Looks, 10.0, 10.0),
    each("acm", Of::Rest, 5.0, 5.0),
    each("application-autoscaling", Of::Looks, 20.0, 10.0),
    each("application-autoscaling", Of::Rest, 10.0, 5.0),
    each("ec2", Of::Looks, 100.0, 20.0),
    each("ec2", Of::These(&["CreateNatGateway", "DeleteNatGateway"]), 10.0, 1.0),
    each("ec2", Of::These(&["CreateTags"]), 100.0, 10.0),
    each("ec2", Of::These(&["CreateVpcEndpoint", "DeleteVpcEndpoints"]), 4.0, 0.3),
    each("ec2", Of::Rest, 50.0, 5.0),
    shared("ecs", Of::These(&["CreateService", "UpdateService", "DeleteService"]), 50.0, 5.0),
    shared("ecs", Of::These(&["CreateCluster", "DeleteCluster", "PutClusterCapacityProviders", "UpdateCluster"]), 20.0, 1.0),
    shared("ecs", Of::These(&["DeleteTaskDefinitions"]), 5.0, 1.0),
    shared("ecs", Of::These(&["DeregisterTaskDefinition", "RegisterTaskDefinition"]), 20.0, 1.0),
    shared("ecs", Of::These(&["TagResource", "UntagResource"]), 20.0, 10.0),
    shared("ecs", Of::These(&["DescribeClusters", "ListClusters"]), 50.0, 20.0),
    shared("ecs", Of::These(&["DescribeServiceDeployments", "DescribeServiceRevisions", "ListServiceDeployments"]), 50.0, 20.0),
    shared("ecs", Of::All, 100.0, 20.0),
    shared("elasticloadbalancing", Of::These(&["CreateLoadBalancer", "SetSubnets"]), 10.0, 0.2),
    shared("elasticloadbalancing", Of::These(&["DeregisterTargets", "RegisterTargets"]), 20.0, 4.0),
    shared("elasticloadbalancing", Of::Looks, 40.0, 10.0),
    shared("elasticloadbalancing", Of::Rest, 20.0, 3.0),
    shared("iam", Of::Looks, 50.0, 20.0),
    shared("iam", Of::Rest, 20.0, 5.0),
    each("logs", Of::All, 10.0, 10.0),
    shared("route53", Of::All, 5.0, 5.0),
    shared("ssm", Of::Looks, 40.0, 40.0),
    shared("ssm", Of::These(&["PutParameter"]), 10.0, 3.0),
    each("ssm", Of::Rest, 10.0, 5.0),
];

/// Buckets that all calls of a service fall into besides.
const ACCOUNT: &[Bucket] = &[shared("elasticloadbalancing", Of::All, 40.0, 10.0)];

impl Bucket {
    fn holds(&self, service: &str, action: &str) -> bool {
        let fits = match self.of {
            Of::All | Of::Rest => true,
            Of::Looks => looks(action),
            Of::These(actions) => actions.contains(&action),
        };
        self.service == service && fits
    }

    /// Between two tokens, on AWS's clock.
    fn interval(&self) -> Duration {
        Duration::from_secs_f64(1.0 / (self.refill * SHARE))
    }

    /// From empty to full.
    fn span(&self) -> Duration {
        self.interval().mul_f64((self.burst * SHARE).max(1.0))
    }
}

/// The buckets of one account and region, shared by all operations of this process there.
#[derive(Debug)]
pub struct Budgets {
    clock: Clock,
    /// When each bucket will be full.
    full: Mutex<BTreeMap<(usize, String), Instant>>,
    unlimited: bool,
}

impl Budgets {
    pub fn new(clock: Clock) -> Self {
        Self { clock, full: Mutex::default(), unlimited: false }
    }

    /// Budgets that never make anybody wait: to show what the others are good for.
    pub fn unlimited(clock: Clock) -> Self {
        Self { unlimited: true, ..Self::new(clock) }
    }

    /// Takes a turn for a call, which is to wait until then; not at all where tokens are left.
    pub fn turn(&self, action: &str) -> Option<Instant> {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, mut turn) = (Instant::now(), None);
        for (bucket, key) in self.of(action) {
            let level = full.entry(key).or_insert(now);
            *level = (*level).max(now) + self.clock.real(bucket.interval());
            let begin = level.checked_sub(self.clock.real(bucket.span())).filter(|begin| *begin > now);
            turn = turn.max(begin);
        }
        turn
    }

    /// AWS has refused a call for its rate: whatever we have counted, its buckets are empty.
    pub fn empty(&self, action: &str) {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        for (bucket, key) in self.of(action) {
            let empty = Instant::now() + self.clock.real(bucket.span());
            full.entry(key).and_modify(|level| *level = (*level).max(empty)).or_insert(empty);
        }
    }

    /// The buckets of an action, which is named as IAM names it.
    fn of<'a>(&self, action: &'a str) -> impl Iterator<Item = (&'static Bucket, (usize, String))> + use<'a> {
        let (service, name) = action.split_once(':').unwrap_or((action, ""));
        let own = BUCKETS.iter().enumerate().find(|(_, bucket)| bucket.holds(service, name));
        let account = ACCOUNT.iter().enumerate().filter(move |(_, bucket)| bucket.service == service);
        let account = account.map(|(place, bucket)| (BUCKETS.len() + place, bucket));
        let limited = !self.unlimited;
        let all = own.into_iter().chain(account).filter(move |_| limited);
        all.map(move |(place, bucket)| (bucket, (place, if bucket.each { name.to_owned() } else { String::new() })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budgets() -> Budgets {
        Budgets::new(Clock::new(1.0).unwrap())
    }

    /// Seconds until the turns of so many calls at once.
    fn turns(budgets: &Budgets, action: &str, count: usize) -> Vec<f64> {
        let now = Instant::now();
        let wait = |turn: Option<Instant>| turn.map_or(0.0, |turn| (turn - now).as_secs_f64());
        (0..count).map(|_| wait(budgets.turn(action))).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_at_the_buckets_rate() {
        let budgets = budgets();
        let waits = turns(&budgets, "elasticloadbalancing:CreateLoadBalancer", 10);
        assert!(waits[..8].iter().all(|wait| *wait < 0.001), "eight tenths of a burst of ten: {waits:?}");
        assert!((waits[8] - 6.25).abs() < 0.01 && (waits[9] - 12.5).abs() < 0.01, "{waits:?}");
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert!(turns(&budgets, "elasticloadbalancing:CreateLoadBalancer", 1)[0] < 0.001, "it is full again");
    }

    #[tokio::test(start_paused = true)]
    async fn actions_share_a_bucket_or_have_their_own_and_a_faster_world_a_faster_one() {
        let shared = budgets();
        turns(&shared, "ecs:RegisterTaskDefinition", 16);
        assert!(turns(&shared, "ecs:DeregisterTaskDefinition", 1)[0] > 1.0);
        assert!(turns(&shared, "ecs:DescribeServices", 1)[0] < 0.001);
        turns(&shared, "ec2:CreateVpc", 40);
        assert!(turns(&shared, "ec2:CreateVpc", 1)[0] > 0.2);
        assert!(turns(&shared, "ec2:CreateSubnet", 1)[0] < 0.001);
        let fast = Budgets::new(Clock::new(100.0).unwrap());
        turns(&fast, "ec2:CreateVpc", 40);
        assert!(turns(&fast, "ec2:CreateVpc", 1)[0] < 0.003);
        assert!(
            turns(&Budgets::unlimited(Clock::new(1.0).unwrap()), "ec2:CreateVpc", 999).iter().all(|wait| *wait == 0.0)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn where_aws_refuses_the_bucket_is_empty() {
        let budgets = budgets();
        budgets.empty("ec2:CreateVpc");
        assert!((turns(&budgets, "ec2:CreateVpc", 1)[0] - 0.25).abs() < 0.01);
        assert!(turns(&budgets, "ec2:DeleteVpc", 1)[0] < 0.001);
    }

    #[test]
    fn every_bucket_is_reached_by_its_first_fit() {
        for (place, bucket) in BUCKETS.iter().enumerate() {
            let action = match bucket.of {
                Of::These(actions) => actions[0],
                Of::Looks => "DescribeSomething",
                Of::All | Of::Rest => "DoSomething",
            };
            let first = BUCKETS.iter().position(|other| other.holds(bucket.service, action));
            assert_eq!(first, Some(place), "{bucket:?} is hidden");
        }
    }
}
