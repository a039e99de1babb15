//! A service's whole life: made from eight lines, each attribute changed where it stands, taken down to nothing.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::observed;
use crate::stack::Stack;
use crate::terraform::Terraform;

/// One change: the attributes to set, and what AWS must say of it afterwards.
struct Change {
    set: &'static [(&'static str, &'static str)],
    look: fn(&Emulator, &Value) -> Value,
    see: Value,
}

fn change(
    set: &'static [(&'static str, &'static str)],
    look: fn(&Emulator, &Value) -> Value,
    see: impl Into<Value>,
) -> Change {
    Change { set, look, see: see.into() }
}

#[rustfmt::skip]
fn changes() -> Vec<Change> {
    vec![
        change(&[("image", r#""public.ecr.aws/nginx/nginx:mainline""#)], |aws, at| observed::container(aws, at, "image"), "public.ecr.aws/nginx/nginx:mainline"),
        change(&[("desired_count", "3")], |aws, at| observed::service(aws, at, "desiredCount"), 3),
        change(&[("environment", r#"{ GREETING = "hello" }"#)], |aws, at| observed::container(aws, at, "environment"), json!([{ "name": "GREETING", "value": "hello" }])),
        change(&[("command", r#"["nginx", "-g", "daemon off;"]"#)], |aws, at| observed::container(aws, at, "command"), json!(["nginx", "-g", "daemon off;"])),
        change(&[("cpu", "512"), ("memory", "2048")], observed::size, json!(["512", "2048"])),
        change(&[("health_check", r#"{ path = "/healthz" }"#)], |aws, at| observed::target_group(aws, at, "HealthCheckPath"), "/healthz"),
        change(&[("load_balancer", "{ idle_timeout = 120 }")], |aws, at| observed::load_balancer_attribute(aws, at, "idle_timeout.timeout_seconds"), "120"),
        change(&[("load_balancer", "{ deregistration_delay = 5 }")], |aws, at| observed::target_group_attribute(aws, at, "deregistration_delay.timeout_seconds"), "5"),
        change(&[("logs", "{ retention_in_days = 7 }")], observed::retention, 7),
        change(&[("load_balancer", r#"{ allowed_cidr_blocks = ["192.168.0.0/16", "10.0.0.0/8"] }"#)], observed::callers, json!(["10.0.0.0/8", "192.168.0.0/16"])),
        change(&[("tags", r#"{ team = "shop" }"#)], |aws, at| observed::tag_of_vpc(aws, at, "team"), "shop"),
        change(&[("network", "{ availability_zone_count = 3 }")], observed::nat_gateways, 3),
        change(&[("network", "{ availability_zone_count = 2 }")], observed::zones, json!(["eu-west-3a", "eu-west-3a", "eu-west-3b", "eu-west-3b"])),
        change(&[("network", r#"{ egress = "nat_single" }"#)], observed::nat_gateways, 1),
        change(&[("network", r#"{ egress = "public" }"#)], observed::nat_gateways, 0),
        change(&[("network", r#"{ egress = "nat_per_az" }"#)], observed::nat_gateways, 2),
        change(&[("load_balancer", "{ internal = true }")], |aws, _| observed::schemes(aws), json!(["internal"])),
        change(&[("port", "8080")], |aws, at| observed::container(aws, at, "portMappings")[0]["containerPort"].take(), 8080),
    ]
}

#[test]
fn every_attribute_changes_in_place_and_nothing_is_left_in_the_end() {
    let aws = Emulator::start();
    let before = aws.census();
    let mut stack = Stack::named("life-cycle");
    let terraform = Terraform::at(&aws, &stack.hcl());
    let mut counts = Vec::new();

    counted(&aws, &mut counts, "create", || drop(terraform.apply().ok()));
    counted(&aws, &mut counts, "empty plan", || drop(terraform.plan().empty()));
    let created = terraform.attributes();
    assert_eq!(created["status"], "complete", "{created:#}");

    for Change { set, look, see } in changes() {
        for (attribute, hcl) in set {
            stack = stack.with(attribute, hcl);
        }
        terraform.write("main.tf", &stack.hcl());
        terraform.plan().updates_in_place();
        terraform.apply_plan().ok();
        terraform.plan().empty();
        let at = terraform.attributes();
        assert_eq!(look(&aws, &at), see, "what AWS says after {set:?}");
        for kept in ["id", "vpc_id", "cluster_arn", "service_arn", "log_group_name"] {
            assert_eq!(at[kept], created[kept], "{kept} after {set:?}");
        }
    }

    counted(&aws, &mut counts, "destroy", || drop(terraform.destroy().ok()));
    assert_eq!(aws.census(), before);
    // Not println: the numbers are for whoever reads the test's run, and that captures nothing but print.
    let _ = writeln!(std::io::stderr(), "AWS calls: {}", counts.join(", "));
}

/// Notes the number of AWS calls of a command, and the most frequent of them.
fn counted(aws: &Emulator, counts: &mut Vec<String>, what: &str, command: impl FnOnce()) {
    let earlier = aws.calls().len();
    command();
    let mut by_action = BTreeMap::<String, usize>::new();
    for call in aws.calls().drain(earlier..) {
        *by_action.entry(call).or_default() += 1;
    }
    let most = by_action.iter().max_by_key(|(_, count)| **count).map(|(call, count)| format!("{call} {count}"));
    counts.push(format!("{what} {} ({} most)", by_action.values().sum::<usize>(), most.unwrap_or_default()));
}
