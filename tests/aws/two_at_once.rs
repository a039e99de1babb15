//! Two operations on one service, from two processes that don't know of each other: one wins, the other is told, the world
//! stays whole.

use std::time::Duration;

use serde_json::json;
use terraform_provider_fargate::simulator::observe;

use crate::inside::core::{Core, Said};
use crate::inside::crash::{after, before};
use crate::inside::{Inside, on_paused_clock};

fn told(said: &Said) -> Vec<&str> {
    said.errors().iter().map(|told| told.summary.as_str()).collect()
}

fn whole(aws: &Inside) {
    assert_eq!(observe::twins(&aws.world(), &["fargate:stack", "fargate:node"]), Vec::<String>::new());
}

#[test]
fn of_two_creates_one_wins() {
    for lag in [0, 1, 30, 100] {
        on_paused_clock(lag, async {
            let aws = Inside::new(lag);
            let (mut one, mut other) = (Core::new(&aws, None), Core::new(&aws, None));
            let later = async {
                tokio::time::sleep(Duration::from_secs(lag)).await;
                other.apply(&before()).await
            };
            let goal = before();
            let (first, second) = tokio::join!(one.apply(&goal), later);
            assert_eq!(first.errors().len() + second.errors().len(), 1, "after {lag} s: {first:#?} {second:#?}");
            whole(&aws);
            let mut winner = if first.errors().is_empty() { one } else { other };
            assert_eq!(winner.open(&goal).await, Vec::<String>::new());
            assert!(winner.destroy().await.errors().is_empty());
            assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
        });
    }
}

#[test]
fn an_update_and_a_destroy_do_not_meet() {
    for lag in [0, 3, 40] {
        on_paused_clock(lag, async {
            let aws = Inside::new(lag);
            let mut one = Core::new(&aws, None);
            assert!(one.apply(&before()).await.errors().is_empty());
            let mut other = Core::new(&aws, one.state.clone());
            let later = async {
                tokio::time::sleep(Duration::from_secs(lag)).await;
                other.destroy().await
            };
            let goal = after();
            let (update, destroy) = tokio::join!(one.apply(&goal), later);
            assert!(update.errors().is_empty() || destroy.errors().is_empty(), "after {lag} s: nobody won");
            let held = |said: &Said| told(said).iter().any(|told| told.starts_with("Somebody else is working on"));
            assert!(held(&update) != held(&destroy), "after {lag} s: {update:#?} {destroy:#?}");
            whole(&aws);
            // Whoever lost tries again.
            assert!(other.destroy().await.errors().is_empty());
            assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
        });
    }
}

/// A machine that sleeps for longer than a dead one is waited for finds the stack taken when it wakes.
#[test]
fn who_is_waited_for_in_vain_is_taken_over_from() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let mut one = Core::new(&aws, None);
        let goal = json!({ "name": "life", "image": "nginx:1.27" });
        let dead = aws.killed(20, crate::inside::door::Moment::After, one.apply(&goal)).await;
        assert!(dead.is_none());
        let begun = tokio::time::Instant::now();
        let mut other = Core::new(&aws, None);
        assert!(other.apply(&goal).await.errors().is_empty());
        assert!(begun.elapsed() > Duration::from_secs(60), "it must have been waited for a sign of life");
        whole(&aws);
        assert!(other.destroy().await.errors().is_empty());
        assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
    });
}
