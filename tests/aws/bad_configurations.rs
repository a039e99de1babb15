//! Bad configurations, each bad in another way: Terraform must point at the very attribute, before anything is made.
//!
//! All of a stage go through one run of Terraform, each in a file of its own: a diagnostic tells its file and line.

mod containers;
mod networks;
mod shared;
mod tls;

use std::fmt::Write;

use serde_json::Value;

use crate::emulator::Emulator;
use crate::stack::{REQUIRES, Stack};
use crate::terraform::{Terraform, json_lines};

/// One bad configuration.
#[derive(Clone, Copy)]
struct Bad {
    /// The attribute to blame: `network.cidr_block`. With `|` between them, either of two that contradict each other.
    at: &'static str,
    /// What the message must say, in any case.
    says: &'static str,
    /// The attributes to write, in HCL; each stands on a line of its own.
    hcl: &'static [(&'static str, &'static str)],
}

const fn bad(at: &'static str, says: &'static str, hcl: &'static [(&'static str, &'static str)]) -> Bad {
    Bad { at, says, hcl }
}

/// Seen by `terraform validate`, without any access to AWS.
#[rustfmt::skip]
const SERVICES: &[Bad] = &[
    bad("name", "letters, digits", &[("name", r#""my_shop""#)]),
    bad("name", "hyphen", &[("name", r#""-shop""#)]),
    bad("name", "hyphen", &[("name", r#""shop-""#)]),
    bad("name", "1 to 64", &[("name", r#""""#)]),
    bad("name", "1 to 64", &[("name", r#""a-name-that-goes-on-and-on-until-no-aws-limit-could-possibly-take-it-any-more-and-then-some-more-for-good-measure-and-so-on-until-the-end""#)]),
    bad("image", "empty", &[("image", r#""""#)]),
    bad("image", "space", &[("image", r#""nginx: stable""#)]),
    bad("image", "lower", &[("image", r#""example.com/Shop:1""#)]),
    bad("image", "digest", &[("image", r#""nginx@sha256:abc""#)]),
    bad("image", "tag", &[("image", r#""nginx:""#)]),
    bad("port", "65535", &[("port", "0")]),
    bad("port", "65535", &[("port", "70000")]),
    bad("port", "whole", &[("port", "80.5")]),
    bad("cpu", "256", &[("cpu", "300")]),
    bad("cpu|memory", "2048", &[("cpu", "256"), ("memory", "1500")]),
    bad("cpu|memory", "2048", &[("cpu", "256"), ("memory", "4096")]),
    bad("cpu|memory", "1024", &[("cpu", "512"), ("memory", "512")]),
    bad("desired_count", "0 to 5000", &[("desired_count", "-1")]),
    bad("capacity.fargate_spot.weight", "1000", &[("capacity", "{ fargate_spot = { weight = 1001 } }")]),
    bad("capacity.fargate.base", "100000", &[("capacity", "{ fargate = { base = -1, weight = 1 } }")]),
    bad("capacity.fargate_spot.base", "Only one", &[("capacity", "{ fargate = { base = 1, weight = 1 }, fargate_spot = { base = 1 } }")]),
    bad("capacity", "weight above 0", &[("capacity", "{ fargate = { base = 1 } }")]),
    bad("capacity", "weight above 0", &[("capacity", "{}")]),
    bad("cluster.container_insights", "enhanced", &[("cluster", r#"{ container_insights = "on" }"#)]),
    bad("deployment.minimum_healthy_percent", "100", &[("deployment", "{ minimum_healthy_percent = 101 }")]),
    bad("deployment.maximum_percent", "100", &[("deployment", "{ maximum_percent = 99 }")]),
    bad("deployment.minimum_healthy_percent", "less than 100", &[("deployment", "{ maximum_percent = 100 }")]),
    bad("logs.kms_key_arn", "alias", &[("logs", r#"{ kms_key_arn = "arn:aws:kms:eu-west-3:123456789012:alias/logs" }"#)]),
    bad("logs.kms_key_arn", "KMS key", &[("logs", r#"{ kms_key_arn = "arn:aws:s3:::bucket" }"#)]),
    bad("autoscaling.min_capacity", "more than max_capacity", &[("autoscaling", "{ min_capacity = 3, max_capacity = 2, cpu_target = 50 }")]),
    bad("autoscaling.max_capacity", "1 to 5000", &[("autoscaling", "{ min_capacity = 0, max_capacity = 0, cpu_target = 50 }")]),
    bad("autoscaling", "nothing to scale by", &[("autoscaling", "{ min_capacity = 1, max_capacity = 2 }")]),
    bad("autoscaling.cpu_target", "1 to 100", &[("autoscaling", "{ min_capacity = 1, max_capacity = 2, cpu_target = 101 }")]),
    bad("autoscaling.scale_in_cooldown", "86400", &[("autoscaling", "{ min_capacity = 1, max_capacity = 2, cpu_target = 50, scale_in_cooldown = -1 }")]),
    bad("desired_count", "leave desired_count out", &[("desired_count", "2"), ("autoscaling", "{ min_capacity = 1, max_capacity = 2, cpu_target = 50 }")]),
    bad("managed_elsewhere", "not managed elsewhere", &[("managed_elsewhere", r#"["desired_count"]"#), ("autoscaling", "{ min_capacity = 1, max_capacity = 2, cpu_target = 50 }")]),
    bad("managed_elsewhere", "not one of", &[("managed_elsewhere", r#"["cpu"]"#)]),
    bad("cluster.arn", "ECS cluster", &[("cluster", r#"{ arn = "shared" }"#)]),
    bad("cluster.arn", "ECS cluster", &[("cluster", r#"{ arn = "arn:aws:ecs:eu-west-3:123456789012:service/shared/web" }"#)]),
    bad("cluster.container_insights", "existing cluster", &[("cluster", r#"{ arn = "arn:aws:ecs:eu-west-3:123456789012:cluster/shared", container_insights = "enabled" }"#)]),
    bad("environment", "null", &[("environment", r#"{ LOG_LEVEL = null }"#)]),
    bad("command", "null", &[("command", r#"["serve", null]"#)]),
    bad("environment", "=", &[("environment", r#"{ "A=B" = "c" }"#)]),
    bad("environment", "empty", &[("environment", r#"{ "" = "c" }"#)]),
    bad("health_check.path", "/", &[("health_check", r#"{ path = "healthz" }"#)]),
    bad("health_check.path", "1024", &[("health_check", r#"{ path = format("/%01100d", 0) }"#)]),
    bad("health_check.interval", "300", &[("health_check", "{ interval = 301 }")]),
    bad("health_check.interval", "5", &[("health_check", "{ interval = 4, timeout = 2 }")]),
    bad("health_check.timeout", "120", &[("health_check", "{ timeout = 121, interval = 300 }")]),
    bad("health_check.timeout", "interval", &[("health_check", "{ timeout = 20, interval = 10 }")]),
    bad("health_check.healthy_threshold", "10", &[("health_check", "{ healthy_threshold = 11 }")]),
    bad("health_check.unhealthy_threshold", "2", &[("health_check", "{ unhealthy_threshold = 1 }")]),
    bad("health_check.matcher", "499", &[("health_check", r#"{ matcher = "ok" }"#)]),
    bad("health_check.matcher", "499", &[("health_check", r#"{ matcher = "200-599" }"#)]),
    bad("health_check.port", "65535", &[("health_check", "{ port = 65536 }")]),
    bad("health_check.protocol", "HTTPS", &[("health_check", r#"{ protocol = "TCP" }"#)]),
    bad("health_check.grace_period", "from 0", &[("health_check", "{ grace_period = -1 }")]),
    bad("network.cidr_block", "10.0.0.0/16", &[("network", r#"{ cidr_block = "ten" }"#)]),
    bad("network.cidr_block", "10.1.0.0/16", &[("network", r#"{ cidr_block = "10.1.2.3/16" }"#)]),
    bad("network.cidr_block", "small", &[("network", r#"{ cidr_block = "10.0.0.0/28" }"#)]),
    bad("network.cidr_block", "/16", &[("network", r#"{ cidr_block = "10.0.0.0/8" }"#)]),
    bad("network.cidr_block", "IPv4", &[("network", r#"{ cidr_block = "fd00::/56" }"#)]),
    bad("network.availability_zone_count", "2", &[("network", "{ availability_zone_count = 1 }")]),
    bad("network.availability_zone_count", "2", &[("network", "{ availability_zone_count = 0 }")]),
    bad("network.availability_zone_count", "8", &[("network", "{ availability_zone_count = 9 }")]),
    bad("network.availability_zones", "from 2 to 8", &[("network", r#"{ availability_zones = ["eu-west-3a"] }"#)]),
    bad("network.availability_zones", "1 is given", &[("network", r#"{ availability_zones = ["eu-west-3a", "eu-west-3a"] }"#)]),
    bad("network.availability_zones", "zone", &[("network", r#"{ availability_zones = ["eu-west-3a", "Paris"] }"#)]),
    bad("network.availability_zones|network.availability_zone_count", "availability_zone_count", &[("network", r#"{ availability_zones = ["eu-west-3a", "eu-west-3b"], availability_zone_count = 2 }"#)]),
    bad("network.egress", "nat_single", &[("network", r#"{ egress = "nat" }"#)]),
    bad("load_balancer.allowed_cidr_blocks", "IPv4", &[("load_balancer", r#"{ allowed_cidr_blocks = ["everybody"] }"#)]),
    bad("load_balancer.allowed_cidr_blocks", "10.0.0.0/8", &[("load_balancer", r#"{ allowed_cidr_blocks = ["10.1.2.3/8"] }"#)]),
    bad("load_balancer.idle_timeout", "4000", &[("load_balancer", "{ idle_timeout = 0 }")]),
    bad("load_balancer.idle_timeout", "4000", &[("load_balancer", "{ idle_timeout = 5000 }")]),
    bad("load_balancer.deregistration_delay", "3600", &[("load_balancer", "{ deregistration_delay = 3601 }")]),
    bad("load_balancer.deregistration_delay", "3600", &[("load_balancer", "{ deregistration_delay = -1 }")]),
    bad("logs.retention_in_days", "30", &[("logs", "{ retention_in_days = 2 }")]),
    bad("tags", "aws:", &[("tags", r#"{ "aws:team" = "shop" }"#)]),
    bad("tags", "fargate:", &[("tags", r#"{ "fargate:stack" = "shop" }"#)]),
    bad("tags", "128", &[("tags", r#"{ (format("%0129d", 0)) = "shop" }"#)]),
    bad("tags", "256", &[("tags", r#"{ team = format("%0257d", 0) }"#)]),
    bad("tags", "46", &[("tags", r#"{ for n in range(60) : "tag-${n}" => "x" }"#)]),
    bad("timeouts.create", "30m", &[("timeouts", r#"{ create = "soon" }"#)]),
    bad("timeouts.delete", "30m", &[("timeouts", r#"{ delete = "-5m" }"#)]),
];

/// Seen by `terraform plan`, which may ask AWS.
#[rustfmt::skip]
const PLANNED: &[Bad] = &[
    bad("network.availability_zones", "eu-west-3", &[("network", r#"{ availability_zones = ["us-east-1a", "us-east-1b"] }"#)]),
    bad("network.availability_zones", "eu-west-3h", &[("network", r#"{ availability_zones = ["eu-west-3a", "eu-west-3h"] }"#)]),
    bad("network.availability_zone_count", "zones", &[("network", "{ availability_zone_count = 6 }")]),
];

/// Provider blocks, seen by `terraform validate`. Each has a region, unless it is the region that is bad.
#[rustfmt::skip]
const PROVIDERS: &[Bad] = &[
    bad("region", "region", &[("region", r#""Paris""#)]),
    bad("endpoint_url", "http", &[("endpoint_url", r#""localhost:5000""#)]),
    bad("endpoints", "ec2", &[("endpoints", r#"{ lambda = "http://localhost:5000" }"#)]),
    bad("endpoints", "http", &[("endpoints", r#"{ ec2 = "somewhere" }"#)]),
    bad("allowed_account_ids", "12 digits", &[("allowed_account_ids", r#"["12345"]"#)]),
    bad("assume_role.role_arn", "arn:aws:iam", &[("assume_role", r#"{ role_arn = "deployer" }"#)]),
    bad("assume_role.session_name", "64", &[("assume_role", r#"{ role_arn = "arn:aws:iam::123456789012:role/d", session_name = "not a name" }"#)]),
    bad("assume_role.duration", "12h", &[("assume_role", r#"{ role_arn = "arn:aws:iam::123456789012:role/d", duration = "13h" }"#)]),
    bad("max_retries", "0 to 100", &[("max_retries", "-1")]),
    bad("access_key|secret_key", "secret_key", &[("access_key", r#""AKIAEXAMPLE""#)]),
    bad("default_tags", "aws:", &[("default_tags", r#"{ "aws:team" = "shop" }"#)]),
];

#[test]
fn bad_services_are_refused_by_validate() {
    let terraform = Terraform::new();
    terraform.write("required.tf", REQUIRES);
    let services = services();
    write_services(&terraform, &services);
    let run = terraform.run(&["validate", "-json"]);
    check(&services, &validated(&run.said), &run.said);
}

#[test]
fn bad_services_are_refused_by_plan() {
    let aws = Emulator::start();
    let terraform = Terraform::at(&aws, REQUIRES);
    write_services(&terraform, PLANNED);
    let run = terraform.run(&["plan", "-json", "-input=false"]);
    let lines = json_lines(&run.said).into_iter().filter(|line| line["type"] == "diagnostic");
    check(PLANNED, &lines.map(|mut line| line["diagnostic"].take()).collect::<Vec<_>>(), &run.said);
}

#[test]
fn bad_provider_blocks_are_refused_by_validate() {
    let terraform = Terraform::new();
    terraform.write("required.tf", REQUIRES);
    for (number, bad) in PROVIDERS.iter().enumerate() {
        let mut hcl = format!("provider \"fargate\" {{\n  alias = \"p{number}\"\n");
        for (attribute, value) in bad.hcl {
            let _ = writeln!(hcl, "  {attribute} = {value}");
        }
        if bad.at != "region" {
            hcl += "  region = \"eu-west-3\"\n";
        }
        // Terraform leaves out a provider that nothing uses.
        let user = Stack::named("shop").labelled(&format!("r{number}")).with("provider", &format!("fargate.p{number}"));
        terraform.write(&file(number), &format!("{hcl}}}\n{}", user.resource()));
    }
    let run = terraform.run(&["validate", "-json"]);
    check(PROVIDERS, &validated(&run.said), &run.said);
}

/// The promise is about the table as a whole, too.
#[test]
fn the_table_is_broad() {
    let services = services();
    let all = || services.iter().chain(PLANNED).chain(PROVIDERS);
    let mut paths: Vec<_> = all().flat_map(|bad| bad.at.split('|')).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut causes: Vec<_> = all().map(|bad| (bad.at, bad.hcl)).collect();
    causes.sort_unstable();
    causes.dedup();
    assert_eq!(causes.len(), all().count(), "a row stands twice");
    eprintln!("{} bad configurations over {} paths", all().count(), paths.len());
    assert!(all().count() >= 100 && paths.len() >= 40, "{} rows over {} paths", all().count(), paths.len());
}

/// All that validate sees in a service.
fn services() -> Vec<Bad> {
    [SERVICES, containers::ROWS, networks::ROWS, shared::ROWS, tls::ROWS].concat()
}

fn write_services(terraform: &Terraform, table: &[Bad]) {
    for (number, bad) in table.iter().enumerate() {
        let stack = Stack::named("shop").labelled(&format!("r{number}"));
        let stack = bad.hcl.iter().fold(stack, |stack, (attribute, value)| stack.with(attribute, value));
        terraform.write(&file(number), &stack.resource());
    }
}

fn file(number: usize) -> String {
    format!("bad{number}.tf")
}

fn validated(said: &str) -> Vec<Value> {
    // A single document, over many lines, perhaps after a warning in plain text.
    let document = said.find('{').map(|start| &said[start..]).unwrap_or_default();
    let answer: Value = serde_json::from_str(document).unwrap_or_else(|error| panic!("{error}: {said}"));
    answer["diagnostics"].as_array().cloned().unwrap_or_default()
}

/// Each row has an error that points at its attribute and says the phrase; and no other error.
#[track_caller]
fn check(table: &[Bad], diagnostics: &[Value], said: &str) {
    let mut wrong = String::new();
    for (number, bad) in table.iter().enumerate() {
        let here = |error: &&Value| error["severity"] == "error" && error["range"]["filename"] == file(number).as_str();
        let errors: Vec<_> = diagnostics.iter().filter(here).collect();
        if errors.len() != 1 || !blames(bad, errors[0]) {
            let _ = writeln!(wrong, "{:?} should blame {} and say {:?}:", bad.hcl, bad.at, bad.says);
            for error in &errors {
                let _ = writeln!(wrong, "  {}: {} {}", error["snippet"]["code"], error["summary"], error["detail"]);
            }
        }
    }
    let elsewhere = |error: &&Value| {
        error["severity"] == "error" && !error["range"]["filename"].as_str().is_some_and(|name| name.starts_with("bad"))
    };
    assert!(diagnostics.iter().find(elsewhere).is_none(), "an error without a place: {said}");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Whether the error is about the attribute: the line it shows begins with the outermost of the path, and the message
/// tells the name of a nested one (both stand on the same line).
fn blames(bad: &Bad, error: &Value) -> bool {
    let text = |pointer: &str| error.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let message = format!("{} {}", text("/summary"), text("/detail"));
    let attribute = bad.at.split('|').any(|path| {
        let mut steps = path.split('.');
        let outermost = steps.next().unwrap_or_default();
        let shown =
            text("/snippet/code").trim_start().strip_prefix(outermost).is_some_and(|rest| rest.starts_with(" ="));
        shown && steps.all(|step| message.contains(step))
    });
    attribute && message.to_lowercase().contains(&bad.says.to_lowercase())
}
