//! F3. AWS that doesn't know yet what it has made, or doesn't know any more what it has shown: each "not yet" of `aws/retry.rs`,
//! for 0, 5 and 60 seconds; reads that lag, lists that omit, tags that come late, at several lags.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use terraform_provider_fargate::aws::retry;
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::observe;
use terraform_provider_fargate::simulator::weather::{self, Climate, Fault, Order};

use super::{everywhere, some};
use crate::inside::core::Core;
use crate::inside::door::Moment;
use crate::inside::on_paused_clock;
use crate::inside::standing::Strangers;
use crate::inside::user::{End, attempt, judge, pursue};
use crate::inside::work::{self, Work};

/// One call of the work is refused with this code for so long, counted from its first refusal.
fn not_yet(work: &Work, action: &str, code: &str, message: Option<&str>, seconds: u64) -> Result<End, String> {
    on_paused_clock(1, async {
        let (aws, mut core) = work.begin(1);
        let fault = Fault::Refuse { code: code.into(), message: message.map(str::to_owned), status: None };
        let forever = Order { times: u64::MAX, ..Order::new(action, fault) };
        let times = if seconds == 0 { 1 } else { u64::MAX };
        weather::order(&mut aws.world(), Order { times, ..forever })?;
        let clears = async {
            let refused = || aws.world().log.iter().any(|event| event.what == action && event.outcome.contains(code));
            while !refused() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            aws.world().weather.orders.clear();
            std::future::pending::<()>().await;
        };
        let said = tokio::select! {
            said = attempt(&mut core, work.goal.as_ref()) => said,
            () = clears => unreachable!("it never ends"),
        };
        if !said.errors().is_empty() {
            return Err(format!("not in one go: {:#?}", said.errors()));
        }
        let met = aws.world().log.iter().any(|event| event.what == action && event.outcome.contains(code));
        judge(&aws, &mut core, work, &Strangers::default()).await?;
        Ok(if met { End::Converged } else { End::Unharmed })
    })
}

/// Only drift brings these about.
const UNCALLED: [&str; 1] = ["ecs:PutClusterCapacityProviders"];

#[test]
fn what_is_not_yet_is_waited_for() {
    let works = [work::create(), work::destroy(), work::create_guest(), work::destroy_guest()];
    let works: Vec<Work> = works.into_iter().chain(work::updates()).collect();
    let (mut points, mut uncalled) = (Vec::new(), BTreeSet::new());
    for (action, codes) in retry::not_yet() {
        // By the first work that makes this call.
        let calls = |work: &&Work| {
            let made = work.undisturbed();
            made.calls.iter().chain(&made.looks).any(|call| call == action)
        };
        match works.iter().find(calls) {
            Some(work) => points
                .extend(codes.iter().flat_map(|code| [0, 5, 60].map(|seconds| (work.clone(), action, *code, seconds)))),
            None => drop(uncalled.insert(action)),
        }
    }
    assert_eq!(uncalled, BTreeSet::from(UNCALLED), "calls of no work");
    let points = some(points, 5);
    everywhere("F3 not yet", &points, |(work, action, code, seconds)| not_yet(work, action, code, None, *seconds));
}

/// What ECS refuses for a while with a code that means anything else too: its text tells.
const TEXTS: [(&str, &str, &str); 5] = [
    (
        "ecs:CreateService",
        "InvalidParameterException",
        "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being \
         passed has the proper permissions.",
    ),
    (
        "ecs:RegisterTaskDefinition",
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:PassRole on resource: r",
    ),
    (
        "ecs:RegisterTaskDefinition",
        "ClientException",
        "User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:PassRole on resource: r",
    ),
    ("ecs:UpdateService", "ClientException", "Cluster was not ACTIVE."),
    ("ecs:DeleteService", "InvalidParameterException", "The service cannot be stopped while deployments are active."),
];

#[test]
fn what_only_a_text_tells_is_waited_for() {
    let works: Vec<Work> = [work::create(), work::destroy()].into_iter().chain(work::updates()).collect();
    let points = TEXTS.into_iter().flat_map(|(action, code, text)| {
        let calls = |work: &&Work| work.undisturbed().calls.iter().any(|call| call == action);
        let work = works.iter().find(calls).unwrap_or_else(|| panic!("no work calls {action}"));
        [0, 40].map(|seconds| (work.clone(), action, code, text, seconds))
    });
    let points: Vec<_> = points.collect();
    everywhere("F3 not yet, by text", &points, |(work, action, code, text, seconds)| {
        not_yet(work, action, code, Some(text), *seconds)
    });
}

/// A work in a climate of lagging reads, harmed or not.
fn lagging(work: &Work, (stale, lag): (f64, f64), seed: u64) -> Result<End, String> {
    on_paused_clock(seed, async {
        let (aws, mut core) = work.begin(seed);
        let climate = Climate { stale, lag, ..Climate::default() };
        weather::climate(&mut aws.world(), climate.clone())?;
        let goal = work.goal.as_ref();
        let end = pursue(&aws, &mut core, goal).await?;
        // What lags has caught up.
        weather::climate(&mut aws.world(), Climate::default())?;
        judge(&aws, &mut core, work, &Strangers::default()).await.map(|()| end)
    })
}

#[test]
fn what_lags_is_believed_only_once_it_stays() {
    let works = [work::create(), work::updates().remove(0), work::updates().remove(1), work::destroy()];
    let climates = [(0.1, 1.0), (0.3, 5.0), (0.9, 5.0), (0.1, 60.0)];
    let points = works.iter().flat_map(|work| {
        climates.iter().flat_map(move |climate| (0..20).map(move |seed| (work.clone(), *climate, seed)))
    });
    let points = some(points.collect(), 12);
    everywhere("F3 lagging reads", &points, |(work, climate, seed)| lagging(work, *climate, *seed));
}

/// A process that dies and leaves what the next one doesn't see at once.
#[test]
fn who_dies_in_a_lagging_world_is_gone_on_from() {
    let work = work::create();
    let points: Vec<_> = (1..=work.calls()).flat_map(|call| [1.0, 5.0].map(|lag| (call, lag))).collect();
    let points = some(points, 7);
    everywhere("F3 death in a lagging world", &points, |(call, lag)| {
        on_paused_clock(*call as u64, async {
            let (aws, mut core) = work.begin(*call as u64);
            weather::climate(&mut aws.world(), Climate { stale: 0.5, lag: *lag, ..Climate::default() })?;
            let goal = work.goal.as_ref();
            if aws.killed(*call, Moment::After, attempt(&mut core, goal)).await.is_some() {
                return Ok(End::Unharmed);
            }
            let mut core = Core::new(&aws, None);
            let end = pursue(&aws, &mut core, goal).await?;
            weather::climate(&mut aws.world(), Climate::default())?;
            judge(&aws, &mut core, &work, &Strangers::default()).await.map(|()| end)
        })
    });
}

/// A create whose answer was lost, and whose object no look showed until all had settled.
fn twin((kind, action, resource): (&str, &str, &str), seed: u64) -> Result<End, String> {
    on_paused_clock(seed, async {
        let work = work::create();
        let (aws, mut core) = work.begin(seed);
        let goal = work.goal.as_ref().expect("a create has a goal");
        pursue(&aws, &mut core, Some(goal)).await?;
        let of_kind = |one: &&observe::Object| one.kind == kind && one.tags.contains_key("fargate:node");
        let first = observe::standing(&aws.world()).iter().find(of_kind).cloned().expect("one of the kind");
        let tags: Vec<_> = first.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        let ask =
            json!({ "CidrBlock": "10.0.0.0/16", "TagSpecification": [{ "ResourceType": resource, "Tag": tags }] });
        aws.world().call("ec2", action, &Ask(ask)).map_err(|refusal| format!("{refusal:?}"))?;
        let open = core.open(goal).await;
        if !open.iter().any(|told| told.contains("drift") && told.contains("it stands twice")) {
            return Err(format!("the plan doesn't tell of the twin: {open:#?}"));
        }
        pursue(&aws, &mut core, Some(goal)).await?;
        judge(&aws, &mut core, &work, &Strangers::default()).await.map(|()| End::Converged)
    })
}

#[test]
fn a_twin_that_shows_late_is_told_by_the_plan_and_goes() {
    let kinds = [
        ("ec2 address", "AllocateAddress", "elastic-ip"),
        ("ec2 internet gateway", "CreateInternetGateway", "internet-gateway"),
        ("ec2 vpc", "CreateVpc", "vpc"),
    ];
    let points: Vec<_> = kinds.iter().flat_map(|kind| (1..=4).map(move |seed| (*kind, seed))).collect();
    everywhere("F3 a twin that shows late", &points, |(kind, seed)| twin(*kind, *seed));
}
