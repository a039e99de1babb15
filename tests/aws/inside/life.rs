//! One whole life of a service, drawn from its seed: created, changed a few times, destroyed, in bad weather.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use fastrand::Rng;
use serde_json::Value as Json;
use terraform_provider_fargate::simulator::weather::{self, Climate, Fault, Order};
use terraform_provider_fargate::simulator::{observe, outage};

use super::core::{Core, Said};
use super::{Inside, REGION, on_paused_clock, scenario};

/// A user gives up when this many applies of the same thing have failed.
const PATIENCE: usize = 8;

/// How long a user reads an error before the next try; a zone may be down meanwhile.
const READS: Duration = Duration::from_secs(60);

/// A life that is over.
#[derive(Debug)]
pub struct Life {
    pub seed: u64,
    /// Every call and every event, one line each.
    pub log: String,
    pub calls: usize,
    pub lasted: Duration,
    /// Applies that failed and were repeated.
    pub repeated: usize,
    /// How often each kind of fault and inconsistency struck.
    pub strikes: BTreeMap<String, u64>,
    /// Why it was not a good life.
    pub broken: Option<String>,
}

/// Lives the life of a seed.
pub fn live(seed: u64, climate: &Climate) -> Life {
    on_paused_clock(seed, async {
        let aws = Inside::new(seed);
        // In fair weather: it is there before the service.
        scenario::surround(&mut aws.world());
        weather::climate(&mut aws.world(), climate.clone()).expect("a climate");
        let mut repeated = 0;
        let broken = through(&aws, seed, &mut repeated).await.err();
        let world = aws.world();
        Life {
            seed,
            log: world.lines().map(|line| line + "\n").collect(),
            calls: world.log.iter().filter(|event| event.source == "call").count(),
            lasted: world.now(),
            repeated,
            strikes: world.weather.strikes.clone(),
            broken,
        }
    })
}

/// The same, a panic being no more than a broken life.
pub fn survive(seed: u64, climate: &Climate) -> Life {
    catch_unwind(AssertUnwindSafe(|| live(seed, climate))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        let broken = Some(format!("panic: {}", text.unwrap_or_default()));
        let (log, strikes) = Default::default();
        Life { seed, log, calls: 0, lasted: Duration::ZERO, repeated: 0, strikes, broken }
    })
}

async fn through(aws: &Inside, seed: u64, repeated: &mut usize) -> Result<(), String> {
    let mut random = Rng::with_seed(seed);
    let mut core = Core::new(aws, None);
    let mut config = scenario::config(&mut random);
    for change in 0..random.usize(2..=4) {
        if random.bool() {
            misfortune(aws, &mut random);
        }
        if change > 0 {
            config = scenario::changed(&config, &mut random);
        }
        reach(&mut core, Some(&config), repeated).await?;
        let open = core.open(&config).await;
        if !open.is_empty() {
            return Err(format!("after change {change} the plan is not empty: {open:#?}\n{config}"));
        }
    }
    reach(&mut core, None, repeated).await?;
    let mut left = observe::is_empty(&aws.world());
    left.retain(|one| !one.starts_with("route53 zone"));
    if left.is_empty() { Ok(()) } else { Err(format!("the world is not empty: {left:#?}")) }
}

/// What chance alone never brings: an object that fails after its call, a quota reached, a right missing, a zone down.
fn misfortune(aws: &Inside, random: &mut Rng) {
    const CREATES: &[&str] =
        &["ec2:Create*", "ec2:AllocateAddress", "ecs:Create*", "elasticloadbalancing:Create*", "iam:*"];
    const NAT: &[&str] =
        &["Gateway.NotAttached", "Resource.AlreadyAssociated", "InsufficientFreeAddressesInSubnet", "InternalError"];
    let world = &mut aws.world();
    let any = CREATES[random.usize(..CREATES.len())];
    let (action, fault) = match random.u8(..7) {
        0 => ("ec2:CreateNatGateway", Fault::NatFails { code: NAT[random.usize(..NAT.len())].into() }),
        1 => ("elasticloadbalancing:CreateLoadBalancer", Fault::LoadBalancerFails),
        2 => ("elasticloadbalancing:CreateLoadBalancer", Fault::LoadBalancerImpaired),
        3 => (any, Fault::Quota),
        4 => (any, Fault::AccessDenied),
        5 => return weather::drain(world),
        _ => {
            let zone = format!("{REGION}{}", ["a", "b"][random.usize(..2)]);
            assert!(outage::zone_down(world, &zone, 300.0), "{zone} is no zone");
            *world.weather.strikes.entry("zone_down".into()).or_default() += 1;
            return;
        }
    };
    weather::order(world, Order { after: random.u64(..3), ..Order::new(action, fault) }).expect("an order");
}

/// Applies until nothing fails; no configuration means destroy.
pub async fn reach(core: &mut Core, config: Option<&Json>, repeated: &mut usize) -> Result<(), String> {
    let mut last = None;
    for _ in 0..PATIENCE {
        let said: Said = match config {
            Some(config) => core.apply(config).await,
            None => core.destroy().await,
        };
        if said.errors().is_empty() {
            return Ok(());
        }
        *repeated += 1;
        last = Some(said);
        tokio::time::sleep(READS).await;
    }
    Err(format!("{PATIENCE} applies failed: {config:?}\n{:#?}", last.map(|said| said.diagnostics)))
}
