//! Works: what a process can be at when something goes wrong. Each begins in a world of its own, a copy of one that was
//! brought there once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::world::World;

use super::core::{Core, Instance};
use super::life::reach;
use super::standing::{Standing, standing};
use super::{Inside, on_paused_clock, scenario};

/// Seeds that nothing else has: ids and tokens of what stands before are not drawn again.
const BEFORE: u64 = u64::MAX;
const UNDISTURBED: u64 = u64::MAX - 1;

/// Brings a service from `before` to `goal`; none means that there is no service.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    pub name: String,
    pub before: Option<Json>,
    pub goal: Option<Json>,
}

/// What the quickstart makes, with a right for its tasks.
pub fn base() -> Json {
    let iam = json!({ "task_policy_arns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"] });
    json!({ "name": scenario::NAME, "image": "nginx:1.27", "iam": iam })
}

/// Other values than `base`: most kinds of objects come, change or go.
pub fn other() -> Json {
    let policy = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
    over(
        &base(),
        json!({
            "image": "nginx:1.28",
            "enable_execute_command": true,
            "sidecars": { "side": { "image": "side:1", "essential": false } },
            "iam": { "task_policy_arns": [policy("ReadOnlyAccess")], "permissions_boundary_arn": policy("PowerUserAccess") },
            "network": { "availability_zone_count": 3, "egress": "nat_single" },
            "load_balancer": { "internal": true, "allowed_cidr_blocks": ["10.0.0.0/8"] },
            "logs": { "retention_in_days": 7 },
        }),
    )
}

pub fn create() -> Work {
    Work { name: "create".into(), before: None, goal: Some(base()) }
}

pub fn destroy() -> Work {
    Work { name: "destroy".into(), before: Some(base()), goal: None }
}

/// From what stands to what shall: one line for each way a service changes. Each is gone both ways.
fn changes() -> Vec<(&'static str, Json)> {
    vec![
        ("much", other()),
        ("image", json!({ "image": "nginx:1.28" })),
        ("count", json!({ "desired_count": 1 })),
        ("container", json!({ "command": ["serve"], "environment": { "LEVEL": "debug" }, "memory": 2048 })),
        ("port", json!({ "port": 8080, "health_check": { "path": "/up" } })),
        ("three zones", json!({ "network": { "availability_zone_count": 3 } })),
        ("one gateway", json!({ "network": { "egress": "nat_single" } })),
        ("no gateway", json!({ "network": { "egress": "public" } })),
        ("internal", json!({ "load_balancer": { "internal": true } })),
        ("who may ask", json!({ "load_balancer": { "allowed_cidr_blocks": ["10.0.0.0/8", "192.168.0.0/16"] } })),
        ("a domain", json!({ "domain": { "name": "app.example.com", "additional_names": ["*.example.com"] } })),
        ("autoscaling", json!({ "autoscaling": { "min_capacity": 2, "max_capacity": 4, "cpu_target": 60 } })),
        ("spot", json!({ "capacity": { "fargate": { "base": 1, "weight": 1 }, "fargate_spot": { "weight": 2 } } })),
        ("insights", json!({ "cluster": { "container_insights": "disabled" } })),
        ("a key", json!({ "logs": { "kms_key_arn": "arn:aws:kms:eu-west-3:123456789012:key/1" } })),
        ("no endpoint", json!({ "network": { "s3_endpoint": false } })),
        ("tags and logs", json!({ "tags": { "team": "shop" }, "logs": { "retention_in_days": 7 } })),
    ]
}

/// The matrix of updates.
pub fn updates() -> Vec<Work> {
    let work = |name: String, before: &Json, goal: &Json| {
        let (before, goal) = (Some(before.clone()), Some(goal.clone()));
        Work { name, before, goal }
    };
    let both = |(name, change): (&str, Json)| {
        let (one, other) = (base(), over(&base(), change));
        [work(format!("to {name}"), &one, &other), work(format!("from {name}"), &other, &one)]
    };
    // Some changes back are none: a count that isn't given any more stays.
    changes().into_iter().flat_map(both).filter(|work| work.calls() > 0).collect()
}

/// The configuration with these attributes in place of its own.
fn over(config: &Json, change: Json) -> Json {
    let mut config = config.clone();
    for (name, value) in change.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

/// What the work comes to if nothing disturbs it.
#[derive(Debug)]
pub struct Undisturbed {
    pub stands: Standing,
    /// Its mutating calls, by IAM's name, in order.
    pub calls: Vec<String>,
    /// All its calls that only look, each once.
    pub looks: Vec<String>,
}

/// A world and its state, as a work finds them.
#[derive(Debug)]
struct Scene {
    world: World,
    state: Option<Instance>,
}

impl Work {
    /// A world in which this work is next, its further fate drawn from the seed.
    pub fn begin(&self, seed: u64) -> (Inside, Core) {
        let Some(before) = &self.before else {
            let aws = Inside::new(seed);
            scenario::surround(&mut aws.world());
            let core = Core::new(&aws, None);
            return (aws, core);
        };
        let scene = scene(before);
        let aws = Inside::of(scene.world.clone().reseeded(seed));
        let core = Core::new(&aws, scene.state.clone());
        (aws, core)
    }

    pub fn undisturbed(&self) -> Arc<Undisturbed> {
        static KNOWN: Known<Undisturbed> = Known::new();
        KNOWN.get(format!("{:?} -> {:?}", self.before, self.goal), || {
            on_paused_clock(UNDISTURBED, async {
                let (aws, mut core) = self.begin(UNDISTURBED);
                let begun = aws.world().log.len();
                reach(&mut core, self.goal.as_ref(), &mut 0).await.expect("an undisturbed end");
                let world = aws.world();
                let calls = world.log[begun..].iter().filter(|event| event.source == "call");
                let (mut looks, calls): (Vec<String>, Vec<String>) =
                    calls.map(|event| event.what.clone()).partition(|action| super::door::looks(action));
                looks.sort();
                looks.dedup();
                drop(world);
                Undisturbed { stands: standing(&aws), calls, looks }
            })
        })
    }

    /// Mutating calls of this work.
    pub fn calls(&self) -> usize {
        self.undisturbed().calls.len()
    }
}

/// The world in which this stands; brought about once.
fn scene(config: &Json) -> Arc<Scene> {
    static KNOWN: Known<Scene> = Known::new();
    KNOWN.get(config.to_string(), || {
        on_paused_clock(BEFORE, async {
            let aws = Inside::new(BEFORE);
            scenario::surround(&mut aws.world());
            let mut core = Core::new(&aws, None);
            reach(&mut core, Some(config), &mut 0).await.expect("a good beginning");
            let mut world = aws.world().clone();
            world.log.clear();
            Scene { world, state: core.state.clone() }
        })
    })
}

/// What was worked out once, by what it is of.
struct Known<T>(Mutex<BTreeMap<String, Arc<OnceLock<Arc<T>>>>>);

impl<T> Known<T> {
    const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    fn get(&self, of: String, work_out: impl FnOnce() -> T + Send) -> Arc<T>
    where
        T: Send + Sync,
    {
        let cell = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(of).or_default());
        // On a thread of its own: on this one a runtime may be running, and its chance follows from its seed.
        let work_out = || {
            std::thread::scope(|scope| scope.spawn(work_out).join())
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        Arc::clone(cell.get_or_init(|| Arc::new(work_out())))
    }
}
