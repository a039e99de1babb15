//! Is each safeguard needed, and would the bench notice if it failed? Each is switched off in turn, and something here must
//! break; with all of them on, the same points hold.

use std::time::Duration;

use terraform_provider_fargate::aws::safeguard::Safeguard;
use terraform_provider_fargate::simulator::weather::{self, Climate, Fault, Order};

use super::handed_over::creating_first;
use super::tried;
use crate::inside::core::Core;
use crate::inside::door::Moment;
use crate::inside::standing::{Strangers, no_twins};
use crate::inside::user::{End, attempt, judge, pursue};
use crate::inside::work::{self, Work};
use crate::inside::{Inside, on_paused_clock};

/// A world in which a create is next, for a provider that may lack a safeguard.
fn begin(seed: u64, off: Option<Safeguard>) -> (Inside, Core, Work) {
    let work = work::create();
    let (aws, _) = work.begin(seed);
    let aws = aws.without(off);
    let core = Core::new(&aws, None);
    (aws, core, work)
}

async fn go_on(aws: &Inside, core: &mut Core, work: &Work) -> Result<End, String> {
    let end = pursue(aws, core, work.goal.as_ref()).await?;
    weather::climate(&mut aws.world(), Climate::default())?;
    judge(aws, core, work, &Strangers::default()).await.map(|()| end)
}

/// What each safeguard is for.
fn point(safeguard: Safeguard, seed: u64, off: Option<Safeguard>) -> Result<End, String> {
    on_paused_clock(seed, async {
        let (aws, mut core, work) = begin(seed, off);
        let goal = work.goal.as_ref();
        match safeguard {
            Safeguard::Adoption => {
                drop(aws.killed(10 + seed as usize, Moment::After, attempt(&mut core, goal)).await);
                let mut next = Core::new(&aws, None);
                go_on(&aws, &mut next, &work).await
            }
            Safeguard::SettledReads => {
                let climate = Climate { stale: 0.5, lag: 5.0, ..Climate::default() };
                weather::climate(&mut aws.world(), climate)?;
                let lost = Order { after: seed, ..Order::new("ec2:mutating", Fault::ReplyLost) };
                weather::order(&mut aws.world(), lost)?;
                go_on(&aws, &mut core, &work).await
            }
            Safeguard::Lease => {
                // The first has its anchor, but hears of it late; meanwhile comes another.
                let late = Order::new("ssm:PutParameter", Fault::Delay { seconds: 30.0 });
                weather::order(&mut aws.world(), late)?;
                let mut other = Core::new(&aws, None);
                let later = async {
                    tokio::time::sleep(Duration::from_secs(1 + 3 * seed)).await;
                    attempt(&mut other, goal).await
                };
                drop(tokio::join!(attempt(&mut core, goal), later));
                no_twins(&aws)?;
                go_on(&aws, &mut core, &work).await
            }
            Safeguard::Generation => creating_first(aws, core, &work, 10 + seed as usize).await,
            Safeguard::NoBlindRepeat => {
                weather::order(&mut aws.world(), Order::new("ec2:CreateVpc", Fault::ReplyLost))?;
                go_on(&aws, &mut core, &work).await
            }
        }
    })
}

#[test]
fn without_any_one_safeguard_the_bench_fails() {
    let seeds: Vec<u64> = (0..8).collect();
    for safeguard in Safeguard::ALL {
        let with = tried(&seeds, |seed| point(safeguard, *seed, None));
        let without = tried(&seeds, |seed| point(safeguard, *seed, Some(safeguard)));
        eprintln!("without {safeguard:?}: {} of {} broken", without.broken.len(), without.points);
        assert!(with.broken.is_empty(), "{safeguard:?} on: {:#?}", with.broken);
        assert!(!without.broken.is_empty(), "{safeguard:?} off, and nothing breaks");
    }
}
