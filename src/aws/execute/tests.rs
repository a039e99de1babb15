//! The engine on objects that exist in a map only. Time is paused: waits pass at once, and in order.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use aws_types::SdkConfig;
use serde::{Deserialize, Serialize};

use super::*;
use crate::aws::client::Endpoints;
use crate::aws::clock::Clock;
use crate::aws::diff::Change;
use crate::aws::graph::{After, AllOf, Ref};
use crate::aws::object::{Life, Object, Outputs, Pace, Ready, Seen};
use crate::aws::observe::Survey;
use crate::aws::owner::{Identity, Tags};

/// What stands, per stack (each test has its own), and what was done to it.
#[derive(Default)]
struct World {
    stands: BTreeMap<String, Seen<Brick>>,
    /// Who else hangs on the brick of this key.
    guests: BTreeMap<String, BTreeSet<String>>,
    log: Vec<String>,
    made: usize,
}

static WORLDS: LazyLock<Mutex<BTreeMap<String, World>>> = LazyLock::new(Mutex::default);

fn world<T>(owner: &Owner, look: impl FnOnce(&mut World) -> T) -> T {
    look(WORLDS.lock().unwrap_or_else(PoisonError::into_inner).entry(owner.identity.name.clone()).or_default())
}

crate::id!(BrickId);

/// Stands on other bricks. Its mood says how it comes up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Brick {
    size: u32,
    mood: Mood,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Mood {
    Good,
    Refused,
    Panics,
    /// Never gets ready.
    Hangs,
}

/// Nothing stands on the ground but bricks, and bricks stand on the ground or on roofs: two kinds, for the deletes' order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Ground {}

impl Object for Ground {
    const KIND: &'static str = "ground";
    type Needs = ();
    type Output = BrickId;

    async fn observe(_: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let ground = |seen: &Seen<Brick>| Seen {
            key: seen.key.clone(),
            output: seen.output.clone(),
            needs: (),
            life: seen.life,
            actual: Self {},
            tags: seen.tags.clone(),
        };
        Ok(world(owner, |world| world.stands.values().filter(|seen| seen.key == "ground").map(ground).collect()))
    }

    async fn create(&self, site: Site<'_>, (): &()) -> Result<BrickId> {
        Brick { size: 0, mood: Mood::Good }.create(site, &(BrickId("none".into()), BTreeSet::new(), ())).await
    }

    /// There is only one that isn't ours.
    async fn given(_: &Aws, id: &str) -> Result<Option<BrickId>> {
        Ok((id == "elsewhere").then(|| BrickId(id.into())))
    }

    async fn delete(_: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<()> {
        delete(owner, &seen.key, &seen.output)
    }
}

impl Object for Brick {
    const KIND: &'static str = "brick";
    type Needs = (Ref<Ground>, AllOf<Ref<Brick>>, After<AllOf<Ref<Brick>>>);
    type Output = BrickId;
    const PACE: Pace = Pace::seconds(10, 10);

    async fn observe(_: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        Ok(world(owner, |world| world.stands.values().filter(|seen| seen.key != "ground").cloned().collect()))
    }

    async fn create(&self, site: Site<'_>, needs: &Outputs<Self>) -> Result<BrickId> {
        // Making one takes a second, during which others are made.
        site.aws.clock.pass(Duration::from_secs(1)).await;
        match self.mood {
            Mood::Refused => return Err(Error::Failed("refused".into())),
            Mood::Panics => panic!("a brick fell"),
            Mood::Good | Mood::Hangs => (),
        }
        let (key, tags) = (site.key.to_owned(), site.owner.tags_of(site.key));
        Ok(world(site.owner, |world| {
            world.made += 1;
            let output = BrickId(format!("id-{:03}", world.made));
            let (needs, actual) = (needs.clone(), self.clone());
            let seen = Seen { key: key.clone(), output: output.clone(), needs, life: Life::Standing, actual, tags };
            world.log.push(format!("create {key}"));
            world.stands.insert(output.0.clone(), seen);
            output
        }))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        id: &BrickId,
        needs: &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<BrickId> {
        if seen.is_some() {
            world(site.owner, |world| {
                world.log.push(format!("update {}", site.key));
                if let Some(stands) = world.stands.get_mut(&id.0) {
                    (stands.actual, stands.needs) = (self.clone(), needs.clone());
                }
            });
        }
        Ok(id.clone())
    }

    async fn ready(&self, _: &Aws, _: &BrickId) -> Result<Ready> {
        Ok(if self.mood == Mood::Hangs { Ready::NotYet("it hangs".into()) } else { Ready::Yes })
    }

    async fn retag(_: &Aws, _: &BrickId, _: &Tags, _: &[String]) -> Result<()> {
        Ok(())
    }

    async fn guests(_: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<BTreeSet<String>> {
        Ok(world(owner, |world| world.guests.get(&seen.key).cloned().unwrap_or_default()))
    }

    async fn delete(_: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<()> {
        delete(owner, &seen.key, &seen.output)
    }
}

fn delete(owner: &Owner, key: &str, id: &BrickId) -> Result<()> {
    world(owner, |world| {
        let used = world.stands.values().any(|seen| seen.needs.0 == *id || seen.needs.1.contains(id));
        assert!(!used, "{key} is deleted under those that need it");
        world.log.push(format!("delete {key}"));
        world.stands.remove(&id.0);
    });
    Ok(())
}

const KINDS: &[Kind] = &[Kind::of::<Ground>(), Kind::of::<Brick>()];

struct Usual;

impl Endpoints for Usual {
    fn of(&self, _: &str) -> Option<String> {
        None
    }
}

fn aws() -> Aws {
    let shared = SdkConfig::builder().behavior_version(aws_config::BehaviorVersion::latest()).build();
    Aws::new(&shared, &Usual, Clock::new(1.0).unwrap(), 0)
}

fn owner(name: &str) -> Owner {
    let identity = Identity { account: "123456789012".into(), region: "eu-west-3".into(), name: name.into() };
    Owner { identity, partition: "aws".into(), ..Owner::default() }
}

/// A wall: each brick as (key, size, mood, keys it stands on).
fn wall(bricks: &[(&str, u32, Mood, &[&str])]) -> Graph {
    let mut graph = Graph::default();
    let ground = graph.add("ground", Ground {}, ());
    let mut planted: BTreeMap<&str, Ref<Brick>> = BTreeMap::new();
    for (key, size, mood, on) in bricks {
        let needs = (ground, AllOf(on.iter().map(|key| planted[key]).collect()), After(AllOf(Vec::new())));
        planted.insert(key, graph.add(*key, Brick { size: *size, mood: *mood }, needs));
    }
    graph
}

async fn run(aws: &Aws, owner: &Owner, graph: &Graph) -> Outcome {
    let survey = Survey::of(aws, owner, KINDS).await;
    assert!(survey.unseen.is_empty());
    let (recorded, reported) = (Records::new(), Mutex::new(None));
    let report = |records: &Records| *reported.lock().unwrap() = Some(records.clone());
    let outcome =
        Run { aws, owner, kinds: KINDS, recorded: &recorded, report: &report }.apply(graph, survey.found).await;
    // A crash at any moment leaves what was reported last: in the end that is all there is.
    assert_eq!(reported.into_inner().unwrap().unwrap_or_default(), outcome.records);
    outcome
}

fn log(owner: &Owner) -> Vec<String> {
    world(owner, |world| std::mem::take(&mut world.log))
}

use Mood::{Good, Hangs, Panics, Refused};

#[tokio::test(start_paused = true)]
async fn a_graph_stands_in_order_a_second_run_does_nothing_and_an_empty_one_removes_it() {
    let (aws, owner) = (aws(), owner("order"));
    let graph = wall(&[("a", 1, Good, &[]), ("b", 1, Good, &["a"]), ("c", 1, Good, &["b"])]);
    let outcome = run(&aws, &owner, &graph).await;
    assert!(outcome.errors.is_empty() && outcome.skipped == 0, "{:?}", outcome.errors);
    assert_eq!(log(&owner), ["create ground", "create a", "create b", "create c"]);
    assert_eq!(outcome.records.len(), 4);

    let again = run(&aws, &owner, &graph).await;
    assert_eq!((log(&owner), again.records), (vec![], outcome.records));

    let gone = run(&aws, &owner, &Graph::default()).await;
    assert!(gone.errors.is_empty() && gone.records.is_empty(), "{:?}", gone.errors);
    assert_eq!(log(&owner).last().map(String::as_str), Some("delete ground"));
}

#[tokio::test(start_paused = true)]
async fn independent_objects_are_made_at_the_same_time() {
    let (aws, owner) = (aws(), owner("parallel"));
    let begun = tokio::time::Instant::now();
    let graph =
        wall(&[("a", 1, Good, &[]), ("b", 1, Good, &[]), ("c", 1, Good, &[]), ("roof", 1, Good, &["a", "b", "c"])]);
    assert!(run(&aws, &owner, &graph).await.errors.is_empty());
    // Ground, then three at once, then the roof.
    assert_eq!(begun.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_error_or_a_panic_skips_what_depends_on_it_and_the_rest_is_made_and_recorded() {
    for (name, mood) in [("refused", Refused), ("panics", Panics)] {
        let (aws, owner) = (aws(), owner(name));
        let graph =
            wall(&[("a", 1, mood, &[]), ("on-a", 1, Good, &["a"]), ("b", 1, Good, &[]), ("on-b", 1, Good, &["b"])]);
        let outcome = run(&aws, &owner, &graph).await;
        assert_eq!(outcome.errors.iter().map(|error| error.key.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(outcome.records.keys().collect::<Vec<_>>(), ["b", "ground", "on-b"]);
        // The cause gone, the next run makes what is missing and nothing else.
        log(&owner);
        let healed =
            wall(&[("a", 1, Good, &[]), ("on-a", 1, Good, &["a"]), ("b", 1, Good, &[]), ("on-b", 1, Good, &["b"])]);
        assert!(run(&aws, &owner, &healed).await.errors.is_empty());
        assert_eq!(log(&owner), ["create a", "create on-a"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_the_wait_and_what_was_made_is_recorded() {
    let (aws, owner) = (aws(), owner("stop"));
    let aws = aws.within(&CancellationToken::new(), Duration::from_secs(3600));
    let graph = wall(&[("a", 1, Hangs, &[]), ("on-a", 1, Good, &["a"])]);
    let stop = aws.stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        stop.cancel();
    });
    let outcome = run(&aws, &owner, &graph).await;
    assert!(matches!(outcome.errors[..], [StepError { error: Error::Stopped, .. }]), "{:?}", outcome.errors);
    assert_eq!(outcome.records.keys().collect::<Vec<_>>(), ["a", "ground"]);
    assert_eq!(outcome.records["a"].digest, UNFINISHED);
}

#[tokio::test(start_paused = true)]
async fn the_time_given_ends_the_wait_and_says_for_what() {
    let (aws, owner) = (aws(), owner("time"));
    let aws = aws.within(&CancellationToken::new(), Duration::from_secs(60));
    let outcome = run(&aws, &owner, &wall(&[("a", 1, Hangs, &[])])).await;
    assert_eq!(outcome.errors[0].to_string(), "a: not done within the time given: it hangs");
}

#[tokio::test(start_paused = true)]
async fn a_change_updates_in_place_and_what_is_not_wanted_goes_after_those_that_used_it() {
    let (aws, owner) = (aws(), owner("change"));
    assert!(
        run(&aws, &owner, &wall(&[("a", 1, Good, &[]), ("b", 1, Good, &[]), ("top", 1, Good, &["a"])]))
            .await
            .errors
            .is_empty()
    );
    log(&owner);
    // `top` moves from `a` to `b`, which grows.
    let outcome = run(&aws, &owner, &wall(&[("b", 2, Good, &[]), ("top", 1, Good, &["b"])])).await;
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    assert_eq!(log(&owner), ["update b", "update top", "delete a"]);
    assert_eq!(outcome.records.keys().collect::<Vec<_>>(), ["b", "ground", "top"]);
}

#[tokio::test(start_paused = true)]
async fn of_two_the_one_in_use_serves_else_that_with_the_smallest_id() {
    let (aws, owner) = (aws(), owner("twice"));
    let graph = wall(&[("a", 1, Good, &[]), ("top", 1, Good, &["a"])]);
    let first = run(&aws, &owner, &graph).await.records;
    log(&owner);
    for (key, twin) in [("a", "id-0"), ("a", "id-999"), ("top", "id-999")] {
        world(&owner, |world| {
            let mut more = world.stands[&first[key].id].clone();
            more.output = BrickId(twin.into());
            world.stands.insert(twin.into(), more);
        });
        let outcome = run(&aws, &owner, &graph).await;
        assert_eq!(log(&owner), [format!("delete {key}")]);
        assert_eq!(outcome.records, first, "{twin}");
        world(&owner, |world| assert!(!world.stands.contains_key(twin)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_object_is_removed_and_made_again() {
    let (aws, owner) = (aws(), owner("dead"));
    let graph = wall(&[("a", 1, Good, &[])]);
    let first = run(&aws, &owner, &graph).await.records["a"].id.clone();
    world(&owner, |world| world.stands.get_mut(&first).unwrap().life = Life::Dead);
    log(&owner);
    let outcome = run(&aws, &owner, &graph).await;
    assert_eq!(log(&owner), ["delete a", "create a"]);
    assert_ne!(outcome.records["a"].id, first);
}

#[tokio::test(start_paused = true)]
async fn what_was_given_is_used_and_never_made_recorded_or_deleted() {
    let (aws, owner) = (aws(), owner("given"));
    let on = |id: &str| {
        let mut graph = Graph::default();
        let ground = graph.given::<Ground>(id);
        graph.add("a", Brick { size: 1, mood: Good }, (ground, AllOf(Vec::new()), After(AllOf(Vec::new()))));
        graph
    };
    let missing = run(&aws, &owner, &on("nowhere")).await;
    assert!(matches!(&missing.errors[..], [StepError { error: Error::Missing { .. }, .. }]), "{:?}", missing.errors);
    assert_eq!((log(&owner), missing.records.len()), (vec![], 0));

    let outcome = run(&aws, &owner, &on("elsewhere")).await;
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    assert_eq!(log(&owner), ["create a"]);
    assert_eq!(outcome.records.keys().collect::<Vec<_>>(), ["a"]);
    // Another one given is a change of what needs it.
    let changes = |graph: &Graph| diff::changes(graph, &owner, &outcome.records);
    assert_eq!(changes(&on("elsewhere")), BTreeMap::from([("a".to_owned(), Change::Keep)]));
    assert_eq!(changes(&on("nowhere")), BTreeMap::from([("a".to_owned(), Change::Update)]));

    assert!(run(&aws, &owner, &Graph::default()).await.records.is_empty());
    assert_eq!(log(&owner), ["delete a"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_done_while_what_would_go_has_guests() {
    let (aws, owner) = (aws(), owner("guests"));
    let before = run(&aws, &owner, &wall(&[("a", 1, Good, &[]), ("b", 1, Good, &[])])).await;
    let invite = |guests: &[&str]| {
        let guests = guests.iter().map(|guest| (*guest).to_owned()).collect();
        world(&owner, |world| world.guests.insert("a".into(), guests));
        log(&owner)
    };
    invite(&["an ape", "a bear"]);
    for graph in [Graph::default(), wall(&[("b", 2, Good, &[]), ("c", 1, Good, &[])])] {
        let refused = run(&aws, &owner, &graph).await;
        let told: Vec<String> = refused.errors.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["a: others still use it: a bear; an ape"]);
        assert!(log(&owner).is_empty() && refused.skipped > 0);
        assert_eq!(refused.records.keys().collect::<Vec<_>>(), before.records.keys().collect::<Vec<_>>());
    }
    // What stays may have guests.
    let grown = run(&aws, &owner, &wall(&[("a", 2, Good, &[]), ("b", 1, Good, &[])])).await;
    assert!(grown.errors.is_empty(), "{:?}", grown.errors);
    invite(&[]);
    assert!(run(&aws, &owner, &Graph::default()).await.records.is_empty());
}
