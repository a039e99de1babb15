//! F6. Two operations on one service, from two processes that don't know of each other: one wins, the other is told and
//! changes nothing, the world stays whole.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::aws::error::Error;
use terraform_provider_fargate::aws::lease;
use terraform_provider_fargate::aws::objects::anchor::Anchor;
use terraform_provider_fargate::aws::owner::Tags;
use terraform_provider_fargate::simulator::ask::Ask;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{everywhere, some};
use crate::inside::core::{Core, Said};
use crate::inside::door::Moment;
use crate::inside::standing::{Strangers, empty, no_twins};
use crate::inside::user::{End, attempt, explained, judge, pursue};
use crate::inside::work::{self, Work};
use crate::inside::{Inside, on_paused_clock, scenario};

/// What whoever lost may be told.
const TOLD: [&str; 4] = [
    "Somebody else is working on",
    "Somebody else has just worked on",
    "AWS has changed since the plan was made",
    "The service",
];

/// Two that begin so many seconds apart.
#[derive(Clone, Debug)]
struct Meeting {
    one: Work,
    /// The other's goal.
    other: Option<Json>,
    apart: u64,
}

fn meetings() -> Vec<Meeting> {
    let (create, destroy, update) = (work::create(), work::destroy(), work::updates().remove(0));
    let image = work::updates().into_iter().find(|work| work.name == "to image").and_then(|work| work.goal);
    let pairs = [
        (create.clone(), create.goal.clone()),
        (create, Some(work::other())),
        (update.clone(), update.goal.clone()),
        (update.clone(), image.clone()),
        (update, None),
        (destroy.clone(), None),
        (destroy, image),
    ];
    let apart = [0, 1, 2, 3, 5, 10, 20, 40, 80, 160, 320];
    let all = pairs
        .iter()
        .flat_map(|(one, other)| apart.map(|apart| Meeting { one: one.clone(), other: other.clone(), apart }));
    all.collect()
}

fn meet(Meeting { one: work, other: goal, apart }: &Meeting) -> Result<End, String> {
    on_paused_clock(*apart, async {
        let (aws, mut one) = work.begin(*apart);
        let there = aws.aside();
        let mut other = Core::new(&there, one.state.clone());
        let later = async {
            tokio::time::sleep(Duration::from_secs(*apart)).await;
            attempt(&mut other, goal.as_ref()).await
        };
        let (first, second) = tokio::join!(attempt(&mut one, work.goal.as_ref()), later);
        told(&first, &second)?;
        for (said, door) in [(&first, &aws), (&second, &there)] {
            changed_nothing(said, door)?;
        }
        no_twins(&aws)?;
        // Whoever lost tries again; then the first gets what it wanted.
        pursue(&aws, &mut other, goal.as_ref()).await?;
        no_twins(&aws)?;
        let end = pursue(&aws, &mut one, work.goal.as_ref()).await?;
        no_twins(&aws)?;
        // The other may have destroyed it in between: then it was made anew.
        let anew = Work { before: None, ..work.clone() };
        let compared = [work, &anew].map(|work| Strangers::default().compare(&aws, &work.undisturbed().stands));
        if compared.iter().all(Result::is_err) {
            return Err(format!("{compared:#?}"));
        }
        pursue(&aws, &mut one, None).await?;
        empty(&aws).map(|()| end)
    })
}

/// Who was refused has changed nothing but, at most, the record in which both write their names.
fn changed_nothing(said: &Said, door: &Inside) -> Result<(), String> {
    let changes: Vec<String> = door.changes().into_iter().filter(|change| change != "PutParameter").collect();
    match said.errors().is_empty() || changes.is_empty() {
        true => Ok(()),
        false => Err(format!("was refused, and has changed something: {changes:?} {:#?}", said.errors())),
    }
}

fn told(first: &Said, second: &Said) -> Result<(), String> {
    for said in [first, second] {
        explained(said)?;
        let strange = said.errors().into_iter().find(|told| !TOLD.iter().any(|known| told.summary.starts_with(known)));
        if let Some(strange) = strange {
            return Err(format!("one was told something else: {strange:#?}"));
        }
    }
    match first.errors().is_empty() || second.errors().is_empty() {
        true => Ok(()),
        false => Err(format!("nobody won: {first:#?} {second:#?}")),
    }
}

#[test]
fn of_two_one_wins() {
    everywhere("F6 two at once", &some(meetings(), 3), meet);
}

/// Two creates at the very same moment: exactly one of them is refused.
#[test]
fn of_two_creates_one_is_refused() {
    on_paused_clock(0, async {
        let work = work::create();
        let (aws, mut one) = work.begin(0);
        let there = aws.aside();
        let mut other = Core::new(&there, None);
        let goal = work.goal.as_ref();
        let (first, second) = tokio::join!(attempt(&mut one, goal), attempt(&mut other, goal));
        assert_eq!(first.errors().len() + second.errors().len(), 1, "{first:#?} {second:#?}");
        assert_eq!(changed_nothing(&first, &aws).and_then(|()| changed_nothing(&second, &there)), Ok(()));
        let mut winner = if first.errors().is_empty() { one } else { other };
        assert_eq!(judge(&aws, &mut winner, &work, &Strangers::default()).await, Ok(()));
    });
}

/// Who is killed is waited for, for a sign of life, before the next takes over.
#[test]
fn who_is_waited_for_in_vain_is_taken_over_from() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let mut one = Core::new(&aws, None);
        let goal = json!({ "name": "life", "image": "nginx:1.27" });
        let dead = aws.killed(20, Moment::After, one.apply(&goal)).await;
        assert!(dead.is_none());
        let begun = Instant::now();
        let mut other = Core::new(&aws, None);
        assert!(other.apply(&goal).await.errors().is_empty());
        assert!(begun.elapsed() > Duration::from_secs(60), "it must have been waited for a sign of life");
        assert_eq!(no_twins(&aws), Ok(()));
        assert!(other.destroy().await.errors().is_empty());
        assert_eq!(empty(&aws), Ok(()));
    });
}

/// The lease of somebody who isn't there: the service's record, written over or deleted.
fn ssm(aws: &Inside, action: &str, holder: &str) {
    let record = json!({ "status": "complete", "holder": holder }).to_string();
    let ask = json!({ "Name": format!("/fargate/{}", scenario::NAME), "Value": record, "Overwrite": true });
    aws.world().call("ssm", action, &Ask(ask)).unwrap_or_else(|refusal| panic!("{action}: {refusal:?}"));
}

/// While an operation looks for a sign of life of the other, that one shows one, ends, or has deleted the service.
#[test]
fn who_is_refused_is_told_whether_and_for_whom_to_wait() {
    on_paused_clock(1, async {
        let (aws, mut core) = work::destroy().begin(1);
        for (action, holder, summary, detail) in [
            ("PutParameter", "other", "Somebody else is working on life", "its last sign of life was at 20"),
            ("PutParameter", "", "Somebody else has just worked on life", "just ended its work on it"),
            ("DeleteParameter", "", "Somebody else has just worked on life", "just deleted"),
        ] {
            ssm(&aws, "PutParameter", "other");
            let meanwhile = async {
                tokio::time::sleep(Duration::from_secs(7)).await;
                ssm(&aws, action, holder);
            };
            let (said, ()) = tokio::join!(core.destroy(), meanwhile);
            let told = said.errors();
            assert!(told.len() == 1 && told[0].summary == summary && told[0].detail.contains(detail), "{told:#?}");
        }
        assert!(core.destroy().await.errors().is_empty());
        assert_eq!(empty(&aws), Ok(()));
    });
}

/// Its record is deleted between our look and our write: that brings nothing back.
#[test]
fn a_stack_that_was_just_deleted_is_not_taken() {
    on_paused_clock(1, async {
        let (aws, _) = work::destroy().begin(1);
        let session = aws.session();
        let owner = session.owner(scenario::NAME, Tags::new());
        let ours = session.aws.within(&CancellationToken::new(), Duration::from_secs(60));
        let read = Anchor::read(&ours, &owner).await.expect("an answer").expect("an anchor");
        ssm(&aws, "DeleteParameter", "");
        let taken = lease::take(&ours, &owner, &read, read.record.clone()).await;
        assert!(matches!(&taken, Err(Error::Overtaken(how)) if how.contains("just deleted")), "{taken:?}");
        assert_eq!(Anchor::read(&ours, &owner).await.expect("an answer"), None);
    });
}
