//! A creation that failed and what Terraform makes of it: every way in which it hands the half-made service to a delete, with
//! the real terraform. Whatever way, what stands is gone on with by the create that follows, or really deleted where none
//! follows.

use serde_json::json;

use crate::rehearsal::{Rehearsal, quick};
use crate::stack::{REQUIRES, Stack};
use crate::surroundings::Surroundings;
use crate::terraform::Terraform;

/// With NAT gateways, which take longest and whose addresses others write down.
fn slow(name: &str) -> Stack {
    Stack::named(name).with("image", "\"nginx:1.27\"")
}

/// With a lifecycle block.
fn living(stack: &Stack, rule: &str) -> String {
    stack.hcl().replacen("  name = ", &format!("  lifecycle {{\n    {rule} = true\n  }}\n  name = "), 1)
}

/// A service whose creation has failed at its end, once. The cause is gone already.
fn half_made(aws: &Rehearsal, hcl: &str) -> Terraform {
    let terraform = aws.terraform(hcl);
    fail(aws, &terraform);
    assert!(terraform.is_tainted());
    assert_eq!(terraform.attributes()["status"], "incomplete");
    terraform
}

#[track_caller]
fn fail(aws: &Rehearsal, terraform: &Terraform) {
    aws.refuse("ecs:CreateService", 1, "ClientException");
    let said = terraform.apply().failed().said;
    assert!(said.contains("refused for the test"), "{said}");
}

/// It is whole, by a create that went on, and nothing is left when it is destroyed.
#[track_caller]
fn whole(aws: &Rehearsal, terraform: &Terraform) {
    assert_eq!(terraform.attributes()["status"], "complete");
    assert!(!terraform.is_tainted());
    terraform.plan().empty();
    aws.has_no_twins();
    terraform.destroy().ok();
    aws.is_empty();
}

/// Row 1: a tainted object, `apply`. The delete half has the create plan's bytes in hand.
#[test]
fn fixing_the_cause_and_applying_keeps_every_vpc_nat_and_address() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &slow("resumed").hcl());
    let kept = aws.kept();
    assert!(kept.iter().all(|ids| !ids.is_empty()), "{kept:?}");
    let said = terraform.apply().ok().said;
    assert!(said.contains("The creation of resumed is resumed"), "{said}");
    assert_eq!(aws.kept(), kept);
    whole(&aws, &terraform);
}

/// Row 1 again: the plan was saved before, and is applied in another process.
#[test]
fn a_saved_plan_resumes_too() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &quick("planned").hcl());
    let kept = aws.kept();
    assert_eq!(terraform.plan().changes["fargate_web_service.app"], "replace");
    terraform.apply_plan().ok();
    assert_eq!(aws.kept(), kept);
    whole(&aws, &terraform);
}

/// Row 1, and the create half fails again: nothing is lost between the halves.
#[test]
fn failing_again_while_resuming_keeps_everything() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &quick("unlucky").hcl());
    let kept = aws.kept();
    for _ in 0..2 {
        fail(&aws, &terraform);
        assert!(terraform.is_tainted());
        assert_eq!(aws.kept(), kept);
    }
    terraform.apply().ok();
    assert_eq!(aws.kept(), kept);
    whole(&aws, &terraform);
}

/// Row 2: what replaces by its configuration is another service. The half-made one is really deleted.
#[test]
fn another_name_deletes_what_was_half_made() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &quick("before").hcl());
    let half = aws.ids("ec2 vpc");
    terraform.write("main.tf", &quick("afterwards").hcl());
    terraform.apply().ok();
    let vpcs = aws.ids("ec2 vpc");
    assert!(vpcs.len() == 1 && vpcs != half, "{half:?} {vpcs:?}");
    whole(&aws, &terraform);
}

/// Row 2: a complete service is really made anew.
#[test]
fn replacing_a_complete_service_makes_all_anew() {
    let aws = Rehearsal::start();
    let terraform = aws.terraform(&quick("anew").hcl());
    terraform.apply().ok();
    let before = aws.ids("ec2 vpc");
    terraform.replace().ok();
    assert_ne!(aws.ids("ec2 vpc"), before);
    whole(&aws, &terraform);
}

/// Terraform ended before it could write what a replacement has made: the plan says so, and an apply takes over.
#[test]
fn a_state_older_than_what_stands_takes_it_over_by_an_apply() {
    let aws = Rehearsal::start();
    let terraform = aws.terraform(&quick("late").hcl());
    terraform.apply().ok();
    let old = terraform.read("terraform.tfstate");
    terraform.replace().ok();
    let kept = aws.kept();
    terraform.write("terraform.tfstate", &old);
    let said = terraform.apply().ok().said;
    assert!(said.contains("anchor: the service was made anew after this state was written"), "{said}");
    assert_eq!(aws.kept(), kept);
    whole(&aws, &terraform);
}

/// Row 3: `destroy`, tainted or not.
#[test]
fn destroy_after_a_failed_create_leaves_nothing() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &slow("regretted").hcl());
    terraform.destroy().ok();
    aws.is_empty();
}

/// Row 3: `plan -destroy`, saved, and applied later.
#[test]
fn a_saved_destroy_plan_deletes_what_was_half_made() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &quick("doomed").hcl());
    terraform.run(&["plan", "-destroy", "-input=false", "-out=saved.plan"]).ok();
    terraform.apply_plan().ok();
    aws.is_empty();
}

/// Row 3: removed from the configuration.
#[test]
fn a_resource_taken_from_the_configuration_is_deleted_half_made_or_whole() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &quick("removed").hcl());
    terraform.write("main.tf", REQUIRES);
    terraform.apply().ok();
    aws.is_empty();
    terraform.write("main.tf", &quick("removed").hcl());
    terraform.apply().ok();
    terraform.write("main.tf", REQUIRES);
    terraform.apply().ok();
    aws.is_empty();
}

/// Row 4: the create comes first and goes on with what stands; then the old state's delete, which looks like any destroy,
/// finds that what stands is not its own any more.
#[test]
fn create_before_destroy_goes_on_and_its_late_delete_deletes_nothing() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &living(&quick("turned"), "create_before_destroy"));
    let kept = aws.kept();
    let said = terraform.apply().ok().said;
    assert!(said.contains("Nothing was deleted"), "{said}");
    assert_eq!(aws.kept(), kept);
    whole(&aws, &terraform);
}

/// Row 4, failing again: Terraform now has a deposed object beside the living one. It goes without taking anything along.
#[test]
fn a_deposed_object_beside_a_living_one_takes_nothing_along() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &living(&quick("deposed"), "create_before_destroy"));
    let kept = aws.kept();
    fail(&aws, &terraform);
    let objects = terraform.instances();
    assert!(objects.iter().any(|object| object["deposed"].is_string()) && objects.len() == 2, "{objects:#?}");
    assert_eq!(aws.kept(), kept);
    terraform.apply().ok();
    assert_eq!(terraform.instances().len(), 1);
    assert_eq!(aws.kept(), kept);
    whole(&aws, &terraform);
}

/// Row 4 for a complete service: two of one name cannot stand side by side.
#[test]
fn create_before_destroy_of_a_complete_service_is_refused_and_changes_nothing() {
    let aws = Rehearsal::start();
    let terraform = aws.terraform(&living(&quick("single"), "create_before_destroy"));
    terraform.apply().ok();
    let before = aws.kept();
    let replace = ["apply", "-auto-approve", "-input=false", "-no-color", "-replace=fargate_web_service.app"];
    let said = terraform.run(&replace).failed().said;
    assert!(said.contains("The service single exists already"), "{said}");
    assert_eq!(aws.kept(), before);
    whole(&aws, &terraform);
}

/// `prevent_destroy` forbids the replacement that a tainted object means to Terraform; the error of the create has named the
/// way out.
#[test]
fn prevent_destroy_is_no_dead_end() {
    let aws = Rehearsal::start();
    let terraform = aws.terraform(&living(&quick("precious"), "prevent_destroy"));
    aws.refuse("ecs:CreateService", 1, "ClientException");
    let said = terraform.apply().failed().said.replace(['\n', '│'], " ");
    assert!(said.contains("terraform untaint"), "{said}");
    let kept = aws.kept();
    let refused = terraform.apply().failed().said;
    assert!(refused.contains("prevent_destroy"), "{refused}");
    terraform.run(&["untaint", "fargate_web_service.app"]).ok();
    terraform.plan().updates_in_place();
    terraform.apply().ok();
    assert_eq!(aws.kept(), kept);
    terraform.write("main.tf", &quick("precious").hcl());
    whole(&aws, &terraform);
}

/// A backup of the state from before the creation was gone on with: it knows ids that now serve another state.
#[test]
fn a_destroy_from_an_old_backup_deletes_nothing_and_says_so() {
    let aws = Rehearsal::start();
    let terraform = half_made(&aws, &quick("backed-up").hcl());
    let backup = terraform.read("terraform.tfstate");
    terraform.apply().ok();
    let kept = aws.kept();
    let old = aws.terraform(&quick("backed-up").hcl());
    old.write("terraform.tfstate", &backup);
    let said = old.destroy().ok().said;
    assert!(said.contains("Nothing was deleted"), "{said}");
    assert_eq!(aws.kept(), kept);
    whole(&aws, &terraform);
}

/// The cause of the failure is a quota: the error says which and how to raise it, and the apply after that goes on.
#[test]
fn a_quota_is_named_and_what_stands_is_kept_until_it_is_raised() {
    let aws = Rehearsal::start();
    let quota = terraform_provider_fargate::simulator::quotas::ADDRESSES;
    terraform_provider_fargate::simulator::quotas::set(&mut aws.world(), quota, 1);
    let terraform = aws.terraform(&slow("crowded").hcl());
    let said = terraform.apply().failed().said.replace(['\n', '│'], " ");
    for told in ["AddressLimitExceeded", "EC2-VPC Elastic IPs", "--region eu-west-3", "L-0263D0A3"] {
        assert!(said.contains(told), "{told}: {said}");
    }
    let vpc = aws.ids("ec2 vpc");
    terraform_provider_fargate::simulator::quotas::set(&mut aws.world(), quota, 5);
    terraform.apply().ok();
    assert_eq!(aws.ids("ec2 vpc"), vpc);
    whole(&aws, &terraform);
}

/// Throttled again and again in the middle of everything: slow, not failed.
#[test]
fn throttling_makes_an_apply_slow_and_not_fail() {
    let aws = Rehearsal::start();
    let order = json!({ "action": "mutating", "times": 30, "fault": "throttle" });
    let order = serde_json::from_value(order).expect("an order");
    terraform_provider_fargate::simulator::weather::order(&mut aws.world(), order).expect("an order that can strike");
    let terraform = aws.terraform(&quick("throttled").hcl());
    terraform.apply().ok();
    whole(&aws, &terraform);
}

/// A create with a given role that fails when its task definition stands already; then the same, or with another role.
/// Gives what AWS was asked for between: the task definitions' calls.
fn resumed_with(role: &str, other: &str, more: &str) -> Vec<String> {
    let aws = Rehearsal::start();
    let around = Surroundings::make(&mut aws.world());
    let before = aws.all();
    let with = |arn: &str| quick("given").with("iam", &format!("{{ execution_role_arn = {arn} }}")).hcl();
    let quoted = |name: &str| format!("{:?}", around.id(name));
    let terraform = half_made(&aws, &with(&quoted(role)));
    let (kept, begun) = (aws.kept(), aws.world().log.len());
    let arn = if more.is_empty() { quoted(other) } else { "terraform_data.later.output".to_owned() };
    terraform.write("main.tf", &format!("{}{}", with(&arn), more.replace("ARN", around.id(other))));
    terraform.apply().ok();
    assert_eq!(aws.kept(), kept, "what isn't concerned is kept");
    let calls: Vec<String> = aws.world().log[begun..].iter().map(|event| event.what.clone()).collect();
    terraform.plan().empty();
    terraform.destroy().ok();
    assert_eq!(aws.all(), before, "what was given is left alone");
    calls
        .into_iter()
        .filter(|call| call.ends_with("registerTaskDefinition") || call.ends_with(":RegisterTaskDefinition"))
        .collect()
}

/// Terraform may be about to delete a given object that the plan doesn't name again: what hangs on it must be gone by then.
#[test]
fn what_hangs_on_a_given_role_goes_first_if_another_is_given() {
    let calls = resumed_with("execution_role_arn", "other_execution_role_arn", "");
    assert_eq!(calls[..2], ["ecs:DeregisterTaskDefinition", "ecs:RegisterTaskDefinition"], "{calls:?}");
}

#[test]
fn what_hangs_on_a_given_role_goes_first_if_the_plan_does_not_know_which_is_given() {
    let later = "resource \"terraform_data\" \"later\" {\n  input = \"ARN\"\n}\n";
    let calls = resumed_with("execution_role_arn", "execution_role_arn", later);
    assert_eq!(calls[..2], ["ecs:DeregisterTaskDefinition", "ecs:RegisterTaskDefinition"], "{calls:?}");
}

#[test]
fn what_hangs_on_a_given_role_is_kept_if_the_same_is_given_again() {
    assert_eq!(resumed_with("execution_role_arn", "execution_role_arn", ""), Vec::<String>::new());
}
