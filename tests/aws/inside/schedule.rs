//! A schedule: a work, one to three disturbances, and the user who wants it done all the same; all drawn from a seed.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::outage;
use terraform_provider_fargate::simulator::weather::{self, Climate, Fault, Order};
use terraform_provider_fargate::simulator::world::World;

use super::core::{Core, Said};
use super::door::Moment;
use super::standing::Strangers;
use super::user::{self, End, attempt, explained};
use super::work::{self, Work};
use super::{Inside, REGION, on_paused_clock, scenario};

/// So many services take part; each as a beginning and as a goal of updates.
const CONFIGS: u64 = 12;
/// And so many on what the account has already.
const GUESTS: u64 = 6;

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum Disturbance {
    /// The process of an attempt (the first, the second) dies at one of its mutating calls.
    DeathAtCall(usize, Moment),
    /// It dies after so many seconds, wherever it is.
    DeathAfter(u64),
    Fault(Order),
    Climate(Climate),
    Outage {
        zone: String,
        after: u64,
        seconds: f64,
    },
    /// The state is lost after the first attempt.
    StateLost,
    /// Another process with the same state wants the same, so many seconds later.
    Rival(u64),
    /// Somebody else's objects stand around.
    Strangers,
    /// Of the first replacement only the delete is done.
    Half,
}

impl Disturbance {
    /// What the report calls it.
    pub fn class(&self) -> &'static str {
        match self {
            Self::DeathAtCall(..) => "death at a call",
            Self::DeathAfter(_) => "death at a moment",
            Self::Fault(order) => match order.fault {
                Fault::Throttle | Fault::Internal | Fault::Unavailable => "call refused for a while",
                Fault::ResetBefore | Fault::ReplyLost | Fault::Delay { .. } => "answer lost or late",
                Fault::NatFails { .. } | Fault::LoadBalancerFails | Fault::LoadBalancerImpaired => "object fails later",
                Fault::AttachesLate { .. } => "object stands later",
                Fault::AccessDenied | Fault::CredentialsExpired | Fault::Quota | Fault::Refuse { .. } => {
                    "right or quota missing"
                }
            },
            Self::Climate(_) => "reads that lag",
            Self::Outage { .. } => "zone down",
            Self::StateLost => "state lost",
            Self::Rival(_) => "second process",
            Self::Strangers => "strangers around",
            Self::Half => "half a replacement",
        }
    }

    fn draw(random: &mut Rng, work: &Work) -> Self {
        let call = random.usize(1..=work.calls());
        match random.u8(..20) {
            0..=4 => Self::DeathAtCall(call, [Moment::Before, Moment::After, Moment::Replied][random.usize(..3)]),
            5..=6 => Self::DeathAfter(random.u64(1..400)),
            7..=11 => Self::Fault(fault(random, call as u64 - 1)),
            12..=13 => {
                let (stale, lag) = ([0.05, 0.3][random.usize(..2)], [1.0, 5.0][random.usize(..2)]);
                Self::Climate(Climate { stale, lag, throttling: random.bool(), faults: 0.0 })
            }
            14 => {
                let (zone, after) = (format!("{REGION}{}", ["a", "b"][random.usize(..2)]), random.u64(..120));
                Self::Outage { zone, after, seconds: 300.0 }
            }
            15 => Self::StateLost,
            16..=17 => Self::Rival(random.u64(..200)),
            18 => Self::Strangers,
            _ => Self::Half,
        }
    }
}

fn fault(random: &mut Rng, after: u64) -> Order {
    const NAT: [&str; 3] = ["Gateway.NotAttached", "InsufficientFreeAddressesInSubnet", "InternalError"];
    let (action, fault) = match random.u8(..12) {
        0 => ("*", Fault::Throttle),
        1 => ("*", Fault::Internal),
        2 => ("*", Fault::Unavailable),
        3 => ("*", Fault::ResetBefore),
        4 | 5 => ("mutating", Fault::ReplyLost),
        6 => ("*", Fault::Delay { seconds: f64::from(random.u8(1..90)) }),
        7 => ("*", Fault::AccessDenied),
        8 => ("mutating", Fault::Quota),
        9 => ("*", Fault::NatFails { code: NAT[random.usize(..3)].into() }),
        10 => ("*", Fault::LoadBalancerFails),
        _ => ("*", Fault::LoadBalancerImpaired),
    };
    let rare = matches!(fault, Fault::NatFails { .. } | Fault::LoadBalancerFails | Fault::LoadBalancerImpaired);
    // Reads are four times as many as changes.
    let after = if rare { after % 2 } else { after * if action == "*" { 5 } else { 1 } };
    Order { after, times: if random.u8(..8) == 0 { 4 } else { 1 }, ..Order::new(action, fault) }
}

#[derive(Clone, Debug)]
pub struct Schedule {
    pub seed: u64,
    pub work: Work,
    pub disturbances: Vec<Disturbance>,
}

/// One of the services, cheap to make: most reach the internet without gateways.
fn config(number: u64) -> Json {
    let mut config = scenario::config(&mut Rng::with_seed(number));
    let egress = ["public", "public", "public", "nat_single"][(number % 4) as usize];
    config["network"] = json!({ "availability_zone_count": 2 + number % 5 / 4, "egress": egress });
    match config["autoscaling"].is_null() {
        true => config["desired_count"] = json!(2),
        // As many as there are at first: what scales meanwhile would depend on how long it all takes.
        false => config["autoscaling"]["min_capacity"] = json!(2),
    }
    config
}

/// One of the services on what the account has: its load balancer or one of its own, its cluster, its roles.
fn guest(number: u64) -> Json {
    let mut config = config(number);
    let base = work::guest();
    for name in ["network", "load_balancer", "cluster", "iam"] {
        config[name] = base[name].clone();
    }
    match number % 4 {
        0 => {}
        1 => config["load_balancer"] = json!({ "arn": "${other_load_balancer_arn}", "path_patterns": ["/api/*"] }),
        2 => config["load_balancer"] = json!({}),
        _ => {
            config["load_balancer"] =
                json!({ "listener_arn": "${http_listener_arn}", "host_names": ["*.example.org"], "priority": 7 })
        }
    }
    if number % 2 == 1 {
        // Their listeners are for HTTP only.
        config["domain"] = Json::Null;
        (config["iam"], config["cluster"]) = (json!({}), json!({}));
    }
    if config["domain"].is_object() {
        config["domain"]["zone_id"] = "${zone_id}".into();
    }
    work::filled(&config)
}

/// Says which zones, in place of how many.
fn name_zones(config: &mut Json) {
    if !config["network"]["vpc_id"].is_null() {
        return;
    }
    let count = config["network"]["availability_zone_count"].as_u64().unwrap_or_default() as usize;
    let zones = ["a", "b", "c"].map(|zone| format!("{REGION}{zone}"));
    config["network"] = json!({ "availability_zones": zones[..count], "egress": config["network"]["egress"] });
}

impl Schedule {
    pub fn draw(seed: u64) -> Self {
        let random = &mut Rng::with_seed(seed);
        let around = random.u8(..4) == 0;
        let (draw, count): (fn(u64) -> Json, u64) = if around { (guest, GUESTS) } else { (config, CONFIGS) };
        let (one, step) = (random.u64(..count), random.u64(1..count));
        let (one, other) = (draw(one), draw((one + step) % count));
        let (name, before, goal) = match random.u8(..10) {
            0..=3 => ("create", None, Some(one)),
            4..=6 => ("update", Some(one), Some(other)),
            _ => ("destroy", Some(one), None),
        };
        let mut work = Work { name: name.into(), around, before, goal };
        let disturbances: Vec<_> = (0..random.usize(1..=3)).map(|_| Disturbance::draw(random, &work)).collect();
        if disturbances.iter().any(|one| matches!(one, Disturbance::Outage { .. })) {
            // Else what begins anew meanwhile would rightly choose others.
            work.before.iter_mut().chain(&mut work.goal).for_each(name_zones);
        }
        Self { seed, work, disturbances }
    }

    /// Lives it; whoever watches sees the world in the end.
    ///
    /// # Errors
    /// What the oracles found.
    pub fn run(&self, watch: impl FnOnce(&World)) -> Result<End, String> {
        on_paused_clock(self.seed, async {
            let (aws, core) = self.work.begin(self.seed);
            let end = self.through(&aws, core).await;
            watch(&aws.world());
            end
        })
    }

    async fn through(&self, aws: &Inside, mut core: Core) -> Result<End, String> {
        let strangers = self.disturb(aws)?;
        let goal = self.work.goal.as_ref();
        let (mut end, mut deaths) = (End::Converged, self.deaths().into_iter());
        for attempt in 0..user::PATIENCE {
            if attempt == 1 && self.any(|one| matches!(one, Disturbance::StateLost)) {
                core = Core::new(aws, None);
            }
            if attempt >= 1 && core.state.as_ref().is_some_and(|instance| instance.tainted) {
                self.half(&mut core).await?;
            }
            if let Some(death) = deaths.next() {
                let before = core.state.clone();
                let said = death.strike(aws, user::attempt(&mut core, goal)).await;
                let Some(said) = said else {
                    // Only the provider has died, or the machine with Terraform on it.
                    let state = if self.seed.is_multiple_of(2) { core.state.take() } else { before };
                    core = Core::new(aws, state);
                    continue;
                };
                if self.ended(&said)? {
                    break;
                }
            } else if attempt == 0 && self.rival().is_some() {
                self.meet(aws, &mut core).await?;
            } else {
                break;
            }
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        if user::pursue(aws, &mut core, goal).await? == End::Imported {
            end = End::Imported;
        }
        weather::climate(&mut aws.world(), Climate::default())?;
        aws.world().weather.orders.clear();
        user::judge(aws, &mut core, &self.work, &strangers).await.map(|()| end)
    }

    fn any(&self, is: impl Fn(&Disturbance) -> bool) -> bool {
        self.disturbances.iter().any(is)
    }

    fn deaths(&self) -> Vec<Death> {
        let death = |one: &Disturbance| match one {
            Disturbance::DeathAtCall(call, moment) => Some(Death::AtCall(*call, *moment)),
            Disturbance::DeathAfter(seconds) => Some(Death::After(*seconds)),
            _ => None,
        };
        self.disturbances.iter().filter_map(death).collect()
    }

    fn rival(&self) -> Option<u64> {
        self.disturbances.iter().find_map(|one| match one {
            Disturbance::Rival(later) => Some(*later),
            _ => None,
        })
    }

    /// Lets begin what isn't of one attempt; gives the strangers there are.
    fn disturb(&self, aws: &Inside) -> Result<Strangers, String> {
        // The strangers first: what goes wrong is to strike us, not them.
        let strangers = match self.any(|one| matches!(one, Disturbance::Strangers)) {
            true => Strangers::come(aws),
            false => Strangers::default(),
        };
        for disturbance in &self.disturbances {
            match disturbance.clone() {
                Disturbance::Fault(order) => weather::order(&mut aws.world(), order)?,
                Disturbance::Climate(climate) => weather::climate(&mut aws.world(), climate)?,
                Disturbance::Outage { zone, after, seconds } => {
                    let aws = aws.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_secs(after)).await;
                        assert!(outage::zone_down(&mut aws.world(), &zone, seconds), "{zone} is no zone");
                    });
                }
                _ => {}
            }
        }
        Ok(strangers)
    }

    fn ended(&self, said: &Said) -> Result<bool, String> {
        explained(said)?;
        Ok(said.errors().is_empty())
    }

    async fn half(&self, core: &mut Core) -> Result<(), String> {
        if let (true, Some(goal)) = (self.any(|one| matches!(one, Disturbance::Half)), &self.work.goal) {
            explained(&core.apply_half(goal).await)?;
        }
        Ok(())
    }

    /// Another process wants the same at about the same time.
    async fn meet(&self, aws: &Inside, core: &mut Core) -> Result<(), String> {
        let goal = self.work.goal.as_ref();
        let mut rival = Core::new(aws, core.state.clone());
        let later = async {
            tokio::time::sleep(Duration::from_secs(self.rival().unwrap_or_default())).await;
            attempt(&mut rival, goal).await
        };
        let (first, second) = tokio::join!(attempt(core, goal), later);
        explained(&first)?;
        explained(&second)
    }
}

/// How a process dies.
enum Death {
    AtCall(usize, Moment),
    After(u64),
}

impl Death {
    /// What the process did, if it came to its end before.
    async fn strike<T>(&self, aws: &Inside, work: impl Future<Output = T>) -> Option<T> {
        match self {
            Self::AtCall(call, moment) => aws.killed(*call, *moment, work).await,
            Self::After(seconds) => tokio::time::timeout(Duration::from_secs(*seconds), work).await.ok(),
        }
    }
}
