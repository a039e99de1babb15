//! What the service of one life shall be, drawn from its seed: configurations that Terraform takes.

use fastrand::Rng;
use serde_json::{Map, Value as Json, json};
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::world::World;

/// The name of the service in every life.
pub const NAME: &str = "life";

/// One draw of every attribute that can change where it stands; half of them are left out.
pub fn config(random: &mut Rng) -> Json {
    let mut config = Map::from_iter([("name".into(), json!(NAME)), ("image".into(), image(random))]);
    for (name, draw) in ATTRIBUTES {
        if random.bool() {
            config.insert((*name).into(), draw(random));
        }
    }
    agreeing(config.into())
}

/// Without what contradicts the rest.
fn agreeing(mut config: Json) -> Json {
    if !config["autoscaling"].is_null() {
        drop(config.as_object_mut().and_then(|members| members.remove("desired_count")));
        if config["managed_elsewhere"] == json!(["desired_count"]) {
            config["managed_elsewhere"] = json!(["image"]);
        }
    }
    config
}

/// The same, with some attributes drawn anew or left out.
pub fn changed(config: &Json, random: &mut Rng) -> Json {
    let mut config = config.clone();
    for _ in 0..random.usize(1..=3) {
        let (name, draw) = ATTRIBUTES[random.usize(..ATTRIBUTES.len())];
        match random.u8(..4) {
            0 => drop(config.as_object_mut().and_then(|members| members.remove(name))),
            1 => config["image"] = image(random),
            _ => config[name] = draw(random),
        }
    }
    agreeing(config)
}

/// What the user of each life has besides: the hosted zone of the domain.
pub fn surround(world: &mut World) {
    let zone = Ask(json!({ "Name": "example.com", "CallerReference": NAME }));
    world.call("route53", "CreateHostedZone", &zone).expect("a hosted zone");
}

fn image(random: &mut Rng) -> Json {
    json!(format!("nginx:1.{}", random.u8(20..30)))
}

type Draw = fn(&mut Rng) -> Json;

const ATTRIBUTES: &[(&str, Draw)] = &[
    ("port", |random| json!(if random.bool() { 80 } else { 8080 })),
    ("memory", |random| json!(if random.bool() { 1024 } else { 2048 })),
    ("desired_count", |random| json!(random.u8(1..=3))),
    ("command", |random| json!(["serve", random.u8(..).to_string()])),
    ("architecture", |random| json!(if random.bool() { "ARM64" } else { "X86_64" })),
    ("ephemeral_storage", |random| json!(random.u8(21..=200))),
    ("entry_point", |random| json!(["/entry", random.u8(..).to_string()])),
    ("working_directory", |random| json!(format!("/srv/{}", random.u8(..)))),
    ("user", |random| json!(random.u16(..).to_string())),
    ("readonly_root_filesystem", |random| json!(random.bool())),
    ("init_process_enabled", |random| json!(random.bool())),
    ("stop_timeout", |random| json!(random.u8(0..=120))),
    (
        "container_health_check",
        |random| json!({ "command": ["CMD", "check"], "interval": random.u8(5..), "retries": random.u8(1..=10) }),
    ),
    ("sidecars", |random| {
        let side = |random: &mut Rng| json!({ "image": format!("side:1.{}", random.u8(..9)), "cpu": random.u8(1..99) });
        let beside = |random: &mut Rng| json!({ "image": "beside:1", "essential": false, "depends_on": { "app": "START" }, "port": random.u16(9000..9009) });
        if random.bool() {
            json!({ "side": side(random) })
        } else {
            json!({ "side": side(random), "beside": beside(random) })
        }
    }),
    ("container_definition_overrides", |random| {
        json!(json!({ "hostname": format!("host-{}", random.u8(..)) }).to_string())
    }),
    ("service_overrides", |random| {
        let version = if random.bool() { "1.4.0" } else { "1.3.0" };
        let alarms = json!({ "alarmNames": ["errors"], "enable": random.bool(), "rollback": true });
        let of = [
            json!({ "platformVersion": version }),
            json!({ "deploymentConfiguration": { "alarms": alarms } }),
            json!({ "propagateTags": "NONE" }),
        ];
        json!(of[random.usize(..3)].to_string())
    }),
    ("iam", |random| {
        let statement = json!({ "Effect": "Allow", "Action": format!("s3:Get{}", random.u8(..9)), "Resource": "*" });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        let arn = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
        let arns = [arn("ReadOnlyAccess"), arn("AmazonS3ReadOnlyAccess"), arn("AmazonSQSFullAccess")];
        let boundary = if random.bool() { json!(arn("PowerUserAccess")) } else { Json::Null };
        json!({ "task_policy_json": policy.to_string(), "task_policy_arns": arns[random.usize(..3)..], "permissions_boundary_arn": boundary })
    }),
    ("environment", |random| json!({ "LEVEL": random.u8(..).to_string() })),
    (
        "health_check",
        |random| json!({ "path": format!("/{}", random.u8(..)), "interval": random.u8(5..15), "timeout": 4 }),
    ),
    ("network", |random| {
        let egress = ["nat_per_az", "nat_single", "public"][random.usize(..3)];
        json!({ "availability_zone_count": random.u8(2..=3), "egress": egress, "s3_endpoint": random.bool() })
    }),
    ("load_balancer", |random| {
        let internal = random.u8(..4) == 0;
        json!({ "internal": internal, "idle_timeout": random.u8(30..), "allowed_cidr_blocks": [format!("{}.0.0.0/8", random.u8(1..99))] })
    }),
    ("domain", |random| {
        let name = if random.bool() { "www.example.com" } else { "app.example.com" };
        let others = if random.bool() { json!(["*.example.com"]) } else { json!([]) };
        json!({ "name": name, "additional_names": others })
    }),
    ("logs", |random| {
        let key = random.bool().then(|| format!("arn:aws:kms:eu-west-3:123456789012:key/{}", random.u8(..)));
        json!({ "retention_in_days": if random.bool() { 7 } else { 90 }, "kms_key_arn": key })
    }),
    ("autoscaling", |random| {
        let requests = random.bool().then(|| random.u16(1..));
        json!({ "min_capacity": random.u8(0..3), "max_capacity": random.u8(3..5), "cpu_target": random.u8(20..90), "requests_per_target": requests })
    }),
    ("managed_elsewhere", |random| json!([if random.bool() { "image" } else { "desired_count" }])),
    ("capacity", |random| {
        let weight = random.u8(1..4);
        json!({ "fargate": { "base": random.u8(0..2), "weight": 1 }, "fargate_spot": { "weight": weight } })
    }),
    ("cluster", |random| json!({ "container_insights": if random.bool() { "enhanced" } else { "disabled" } })),
    (
        "deployment",
        // With one task, less than 200 % is no room for another.
        |random| json!({ "minimum_healthy_percent": random.u8(0..=100), "maximum_percent": random.u8(200..=250) }),
    ),
    ("redeploy_trigger", |random| json!(random.u8(..).to_string())),
    ("tags", |random| json!({ "team": random.u8(..).to_string() })),
];
