//! AWS refuses a call in the middle of a create, or loses an answer. Nothing made is forgotten, and the next apply
//! goes on where this one stopped.

use serde_json::{Value, json};

use crate::emulator::{Census, Emulator, added};
use crate::stack::Stack;
use crate::terraform::Terraform;

/// Kinds whose ids must be found in the state, word for word. The others hang on one of these, under its id.
const RECORDED: &[&str] = &[
    "vpcs",
    "subnets",
    "internet_gateways",
    "addresses",
    "nat_gateways",
    "load_balancers",
    "listeners",
    "target_groups",
    "roles",
    "log_groups",
    "clusters",
    "services",
    "task_definitions",
];

#[test]
fn address_limit() {
    refused(&json!({ "action": "AllocateAddress", "nth": 2, "code": "AddressLimitExceeded" }));
}

#[test]
fn nat_gateway_limit() {
    refused(&json!({ "action": "CreateNatGateway", "code": "NatGatewayLimitExceeded" }));
}

#[test]
fn role_policy_denied() {
    refused(&json!({ "action": "PutRolePolicy", "status": 403, "code": "AccessDenied" }));
}

#[test]
fn listener_refused() {
    refused(&json!({ "action": "CreateListener", "code": "UnsupportedProtocol" }));
}

#[test]
fn service_refused() {
    refused(&json!({ "action": "CreateService", "code": "ClientException" }));
}

/// A create during which AWS refuses what the rule says; the cause goes, and the next apply finishes it.
fn refused(rule: &Value) {
    let aws = Emulator::start();
    let before = aws.census();
    let terraform = Terraform::at(&aws, &Stack::named("half-made").hcl());

    let mut fail = rule.clone();
    fail["effect"] = json!("fail");
    fail["message"] = json!("refused for the test");
    aws.rules(&json!([fail]));
    let run = terraform.apply().failed();
    let code = rule["code"].as_str().expect("a code");
    assert!(run.said.contains(code) && run.said.contains("refused for the test"), "{}", run.said);
    let half = added(&before, &aws.census());
    recorded(&terraform, &half);

    aws.rules(&json!([]));
    terraform.apply().ok();
    terraform.plan().empty();
    let whole = added(&before, &aws.census());
    for kind in ["vpcs", "subnets", "addresses", "nat_gateways", "roles", "clusters"] {
        let kept = half.get(kind).is_none_or(|ids| ids.is_subset(&whole[kind]));
        assert!(kept, "{kind} of the first attempt should serve the second: {half:#?} {whole:#?}");
    }
    terraform.destroy().ok();
    assert_eq!(aws.census(), before);
}

#[test]
fn what_was_half_made_can_be_destroyed() {
    let aws = Emulator::start();
    let before = aws.census();
    let terraform = Terraform::at(&aws, &Stack::named("half-gone").hcl());
    aws.rules(&json!([{ "action": "CreateService", "effect": "fail", "code": "ClientException" }]));
    terraform.apply().failed();
    terraform.destroy().ok();
    assert_eq!(aws.census(), before);
}

/// Each of these calls has its effect, but the answer never comes. None is made twice. CreateLoadBalancer and
/// CreateNatGateway are not among them: AWS answers a repeated one (of the same name, with the same client token) with what
/// it made, moto makes another, or at least its network interface.
#[test]
fn lost_answers_leave_nothing_twice() {
    let aws = Emulator::start();
    let before = aws.census();
    let terraform = Terraform::at(&aws, &Stack::named("lost-answers").hcl());
    let lost = ["PutParameter", "CreateVpc", "AllocateAddress", "CreateService"];
    let rules: Vec<_> =
        lost.iter().map(|action| json!({ "action": action, "nth": 1, "effect": "fail_after" })).collect();
    aws.rules(&json!(rules));
    // It may give up at any of them. It must say so, lose none, and go on with the next apply.
    let mut applies = 0;
    while terraform.apply().code != 0 {
        recorded(&terraform, &Census::new());
        applies += 1;
        assert!(applies <= lost.len(), "an apply for each lost answer is enough");
    }
    terraform.plan().empty();
    let made = added(&before, &aws.census());
    let expected = [("vpcs", 1), ("addresses", 2), ("nat_gateways", 2), ("load_balancers", 1), ("services", 1)];
    for (kind, count) in expected {
        assert_eq!(made[kind].len(), count, "{kind}: {made:#?}");
    }
    terraform.destroy().ok();
    assert_eq!(aws.census(), before);
}

/// Here Terraform creates first and deletes the old state afterwards: that delete must not touch what now serves.
#[test]
fn create_before_destroy_keeps_what_the_create_went_on_with() {
    let aws = Emulator::start();
    let before = aws.census();
    let lifecycle = "lifecycle {\n    create_before_destroy = true\n  }";
    let hcl = Stack::named("turned").hcl().replacen("name = ", &format!("{lifecycle}\n  name = "), 1);
    let terraform = Terraform::at(&aws, &hcl);
    aws.rules(&json!([{ "action": "CreateService", "effect": "fail", "code": "ClientException" }]));
    terraform.apply().failed();
    let made = added(&before, &aws.census());
    aws.rules(&json!([]));
    terraform.apply().ok();
    let kept = added(&before, &aws.census());
    assert_eq!((&kept["vpcs"], &kept["nat_gateways"]), (&made["vpcs"], &made["nat_gateways"]));
    assert_eq!(kept["services"].len(), 1);
    terraform.plan().empty();
    terraform.destroy().ok();
    assert_eq!(aws.census(), before);
}

#[test]
fn a_failed_update_shows_what_is_left_to_do() {
    let aws = Emulator::start();
    let stack = Stack::named("half-changed");
    let terraform = Terraform::at(&aws, &stack.hcl());
    terraform.apply().ok();
    aws.rules(&json!([{ "action": "UpdateService", "effect": "fail", "code": "ClientException" }]));
    terraform.write("main.tf", &stack.with("image", r#""nginx:1""#).with("logs", "{ retention_in_days = 3 }").hcl());
    terraform.apply().failed();
    assert!(!terraform.is_tainted(), "a failed update is no reason to begin again");
    aws.rules(&json!([]));
    terraform.plan().updates_in_place();
    terraform.apply_plan().ok();
    terraform.plan().empty();
}

/// The state must know of every object that stands, and call the service unfinished.
#[track_caller]
pub fn recorded(terraform: &Terraform, standing: &Census) {
    let attributes = terraform.attributes();
    assert!(terraform.is_tainted(), "Terraform taints what failed in its creation");
    assert_eq!(attributes["status"], "incomplete", "{attributes:#}");
    let state = attributes.to_string();
    for kind in RECORDED {
        for id in standing.get(*kind).into_iter().flatten() {
            assert!(state.contains(id.as_str()), "{id} stands, and the state doesn't know: {attributes:#}");
        }
    }
}
