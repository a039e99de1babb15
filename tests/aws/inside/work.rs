//! Works: what a process can be at when something goes wrong. Each begins in a world of its own, a copy of one that was
//! brought there once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::world::World;

use super::core::{Core, Instance};
use super::life::reach;
use super::standing::{Standing, Strangers, standing};
use super::{Inside, on_paused_clock, scenario};
use crate::surroundings::Surroundings;

/// Seeds that nothing else has: ids and tokens of what stands before are not drawn again.
const BEFORE: u64 = u64::MAX;
const UNDISTURBED: u64 = u64::MAX - 1;

/// Brings a service from `before` to `goal`; none means that there is no service.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    pub name: String,
    /// In an account that has more than a hosted zone: a network, load balancers, roles and so on (`surroundings`).
    pub around: bool,
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

/// A service on all that the account has already: its own are only what must be.
pub fn guest() -> Json {
    let subnets =
        |kind: &str, zones: &[&str]| zones.iter().map(|zone| format!("${{{kind}_subnet_{zone}}}")).collect::<Json>();
    filled(&json!({
        "name": scenario::NAME,
        "image": "nginx:1.27",
        "network": {
            "vpc_id": "${vpc_id}",
            "public_subnet_ids": subnets("public", &["a", "b"]),
            "private_subnet_ids": subnets("private", &["a", "b"]),
        },
        "load_balancer": { "arn": "${load_balancer_arn}", "host_names": ["www.example.com"] },
        "cluster": { "arn": "${given_cluster_arn}" },
        "iam": { "task_role_arn": "${task_role_arn}", "execution_role_arn": "${execution_role_arn}" },
    }))
}

/// A configuration with the ids of what the account has.
pub fn filled(config: &Json) -> Json {
    ground(true).around.fill(config)
}

/// The same with a name and a certificate of its own.
fn named_guest() -> Json {
    over(&guest(), filled(&json!({ "domain": { "name": "www.example.com", "zone_id": "${zone_id}" } })))
}

pub fn create() -> Work {
    Work { name: "create".into(), around: false, before: None, goal: Some(base()) }
}

pub fn destroy() -> Work {
    Work { name: "destroy".into(), around: false, before: Some(base()), goal: None }
}

/// The same, for a service on what the account has.
pub fn create_guest() -> Work {
    Work { name: "create of a guest".into(), around: true, before: None, goal: Some(named_guest()) }
}

pub fn destroy_guest() -> Work {
    Work { name: "destroy of a guest".into(), around: true, before: Some(named_guest()), goal: None }
}

/// From what stands to what shall: one line for each way a service changes. Each is gone both ways.
fn changes() -> Vec<(&'static str, Json)> {
    vec![
        ("much", other()),
        ("image", json!({ "image": "nginx:1.28" })),
        ("count", json!({ "desired_count": 1 })),
        ("container", json!({ "command": ["serve"], "environment": { "LEVEL": "debug" }, "memory": 2048 })),
        ("a sidecar", json!({ "sidecars": { "side": { "image": "side:1" } } })),
        ("port", json!({ "port": 8080, "health_check": { "path": "/up" } })),
        ("three zones", json!({ "network": { "availability_zone_count": 3 } })),
        ("one gateway", json!({ "network": { "egress": "nat_single" } })),
        ("no gateway", json!({ "network": { "egress": "public" } })),
        ("no way out", json!({ "network": { "egress": "none" } })),
        ("another network", json!({ "network": { "cidr_block": "10.9.0.0/16" } })),
        ("protection", json!({ "load_balancer": { "deletion_protection": true } })),
        ("internal", json!({ "load_balancer": { "internal": true } })),
        ("who may ask", json!({ "load_balancer": { "allowed_cidr_blocks": ["10.0.0.0/8", "192.168.0.0/16"] } })),
        ("a domain", json!({ "domain": { "name": "app.example.com", "additional_names": ["*.example.com"] } })),
        ("autoscaling", json!({ "autoscaling": { "min_capacity": 2, "max_capacity": 4, "cpu_target": 60 } })),
        ("spot", json!({ "capacity": { "fargate": { "base": 1, "weight": 1 }, "fargate_spot": { "weight": 2 } } })),
        ("what no attribute says", {
            let alarms = json!({ "alarmNames": ["errors"], "enable": true, "rollback": false });
            let patch = json!({ "deploymentConfiguration": { "alarms": alarms }, "platformVersion": "1.4.0" });
            json!({ "service_overrides": patch.to_string() })
        }),
        ("insights", json!({ "cluster": { "container_insights": "disabled" } })),
        ("a key", json!({ "logs": { "kms_key_arn": "arn:aws:kms:eu-west-3:123456789012:key/1" } })),
        ("no endpoint", json!({ "network": { "s3_endpoint": false } })),
        ("a policy", json!({ "iam": { "task_policy_json": POLICY, "permissions_boundary_arn": BOUNDARY } })),
        ("another idle time", json!({ "load_balancer": { "idle_timeout": 100, "deregistration_delay": 5 } })),
        ("redeploy", json!({ "redeploy_trigger": "again" })),
        ("tags and logs", json!({ "tags": { "team": "shop" }, "logs": { "retention_in_days": 7 } })),
    ]
}

/// The same for a service on what the account has.
fn changes_of_a_guest() -> Vec<(&'static str, Json)> {
    let network = |name: &str, value: Json| {
        let mut network = guest()["network"].take();
        network[name] = value;
        json!({ "network": network })
    };
    let balancer = |balancer: Json| json!({ "load_balancer": balancer });
    let changes = vec![
        ("rule", balancer(json!({ "arn": "${load_balancer_arn}", "path_patterns": ["/api/*"], "priority": 7 }))),
        ("listener", balancer(json!({ "listener_arn": "${http_listener_arn}", "host_names": ["www.example.com"] }))),
        ("load balancer", balancer(json!({ "arn": "${other_load_balancer_arn}", "host_names": ["www.example.com"] }))),
        ("load balancer of its own", balancer(json!({}))),
        ("load balancer with a group", balancer(json!({ "security_group_ids": ["${security_group}"] }))),
        ("certificates of its own load balancer", {
            let further = json!(["${other_certificate_arn}"]);
            let https = json!({ "certificate_arn": "${certificate_arn}", "additional_certificate_arns": further });
            json!({ "load_balancer": {}, "https": https })
        }),
        ("domain", json!({ "domain": { "name": "app.example.com", "zone_id": "${zone_id}" } })),
        ("cluster", json!({ "cluster": { "arn": "${other_cluster_arn}" } })),
        ("cluster of its own", json!({ "cluster": {} })),
        ("roles of its own", json!({ "iam": {} })),
        ("secrets", json!({ "iam": {}, "secrets": { "KEY": "${secret_arn}", "WORD": "${parameter_arn}" } })),
        ("subnets", network("private_subnet_ids", json!(["${private_subnet_b}", "${private_subnet_c}"]))),
        ("public subnets", network("egress", json!("public"))),
        ("group", network("security_group_ids", json!(["${security_group}"]))),
    ];
    changes.into_iter().map(|(name, change)| (name, filled(&change))).collect()
}

/// Changes of what `base` doesn't have: of which service, and to what.
fn changes_of_more() -> Vec<(&'static str, Json, Json)> {
    let domain = over(&base(), json!({ "domain": { "name": "app.example.com" } }));
    let scaled = |most: u8, target: u8| json!({ "autoscaling": { "min_capacity": 2, "max_capacity": most, "cpu_target": target } });
    vec![
        ("internal domain", domain.clone(), json!({ "load_balancer": { "internal": true } })),
        ("tagged domain", domain.clone(), json!({ "tags": { "team": "shop" } })),
        ("another domain", domain, json!({ "domain": { "name": "www.example.com" } })),
        ("more tasks", over(&base(), scaled(4, 60)), scaled(6, 50)),
    ]
}

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
const BOUNDARY: &str = "arn:aws:iam::aws:policy/PowerUserAccess";

/// The matrix of updates.
pub fn updates() -> Vec<Work> {
    let both = |around: bool, base: Json, changes: Vec<(&'static str, Json)>| {
        let works = changes.into_iter().flat_map(move |(name, change)| {
            let (one, other) = (base.clone(), over(&base, change));
            let whose = if around { "guest's " } else { "" };
            let work = |way: &str, before: &Json, goal: &Json| {
                let (before, goal) = (Some(before.clone()), Some(goal.clone()));
                Work { name: format!("{way} {whose}{name}"), around, before, goal }
            };
            [work("to", &one, &other), work("from", &other, &one)]
        });
        works.collect::<Vec<_>>()
    };
    let mut all = [both(false, base(), changes()), both(true, guest(), changes_of_a_guest())].concat();
    all.extend(changes_of_more().into_iter().flat_map(|(name, one, change)| both(false, one, vec![(name, change)])));
    // A service doesn't begin without a way out: its first tasks could not pull their image.
    all.retain(|work| work.name != "from no way out");
    // Some changes back are none: a count that isn't given any more stays.
    all.into_iter().filter(|work| work.calls() > 0).collect()
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
    /// Kinds of the objects that it made, changed where they stood, and deleted.
    pub made: BTreeSet<String>,
    pub changed: BTreeSet<String>,
    pub deleted: BTreeSet<String>,
}

/// A world and its state, as a work finds them.
#[derive(Debug)]
struct Scene {
    world: World,
    state: Option<Instance>,
    /// What is the user's in it.
    besides: Arc<Strangers>,
}

/// What an account has before there is a service.
struct Ground {
    around: Surroundings,
    scene: Arc<Scene>,
}

/// Brought about once, so that its ids are the same in each world.
fn ground(around: bool) -> Arc<Ground> {
    static KNOWN: Known<Ground> = Known::new();
    KNOWN.get(around.to_string(), || {
        on_paused_clock(BEFORE, async {
            let aws = Inside::new(BEFORE);
            let around = if around {
                Surroundings::ready(&aws).await
            } else {
                scenario::surround(&mut aws.world());
                Surroundings::none()
            };
            let besides = Arc::new(Strangers::of(&aws));
            let mut world = aws.world().clone();
            world.log.clear();
            Ground { around, scene: Arc::new(Scene { world, state: None, besides }) }
        })
    })
}

/// The world in which this stands; brought about once.
fn scene(around: bool, config: Option<&Json>) -> Arc<Scene> {
    static KNOWN: Known<Scene> = Known::new();
    let ground = ground(around);
    let Some(config) = config else { return Arc::clone(&ground.scene) };
    KNOWN.get(format!("{around} {config}"), || {
        on_paused_clock(BEFORE, async {
            let (aws, mut core) = ground.scene.enter(BEFORE);
            reach(&mut core, Some(config), &mut 0).await.expect("a good beginning");
            let mut world = aws.world().clone();
            world.log.clear();
            Scene { world, state: core.state.clone(), besides: Arc::clone(&ground.scene.besides) }
        })
    })
}

impl Scene {
    /// A copy of the world, its further fate drawn from the seed.
    fn enter(&self, seed: u64) -> (Inside, Core) {
        let aws = Inside::of(self.world.clone().reseeded(seed)).beside(Arc::clone(&self.besides));
        let core = Core::new(&aws, self.state.clone());
        (aws, core)
    }
}

/// What a service has, by key and id: the kind, and the digest of what it shall be.
type Objects = BTreeMap<(String, String), (String, String)>;

fn objects(core: &Core) -> Objects {
    let told = core.told()["objects"].take();
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let entries = told.as_object().into_iter().flatten();
    let object = |(key, entry): (&String, &Json)| {
        ((key.clone(), text(&entry["id"])), (text(&entry["kind"]), text(&entry["digest"])))
    };
    entries.map(object).collect()
}

impl Work {
    /// A world in which this work is next, its further fate drawn from the seed.
    pub fn begin(&self, seed: u64) -> (Inside, Core) {
        scene(self.around, self.before.as_ref()).enter(seed)
    }

    pub fn undisturbed(&self) -> Arc<Undisturbed> {
        static KNOWN: Known<Undisturbed> = Known::new();
        KNOWN.get(format!("{} {:?} -> {:?}", self.around, self.before, self.goal), || {
            on_paused_clock(UNDISTURBED, async {
                let (aws, mut core) = self.begin(UNDISTURBED);
                let (begun, before) = (aws.world().log.len(), objects(&core));
                reach(&mut core, self.goal.as_ref(), &mut 0).await.expect("an undisturbed end");
                let after = objects(&core);
                let kinds = |of: &Objects, are: &dyn Fn(&(String, String), &str) -> bool| {
                    of.iter().filter(|(id, (_, digest))| are(id, digest)).map(|(_, (kind, _))| kind.clone()).collect()
                };
                let made = kinds(&after, &|id, _| !before.contains_key(id));
                let changed = kinds(&after, &|id, digest| before.get(id).is_some_and(|(_, was)| was != digest));
                let deleted = kinds(&before, &|id, _| !after.contains_key(id));
                let world = aws.world();
                let calls = world.log[begun..].iter().filter(|event| event.source == "call");
                let (mut looks, calls): (Vec<String>, Vec<String>) =
                    calls.map(|event| event.what.clone()).partition(|action| super::door::looks(action));
                looks.sort();
                looks.dedup();
                drop(world);
                Undisturbed { stands: standing(&aws), calls, looks, made, changed, deleted }
            })
        })
    }

    /// Mutating calls of this work.
    pub fn calls(&self) -> usize {
        self.undisturbed().calls.len()
    }
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
