//! Ctrl-C while a create is under way: what was made is in the state, and the next apply finishes it.

use std::time::Duration;

use serde_json::json;

use crate::deadline::until;
use crate::emulator::{Emulator, added};
use crate::failure::recorded;
use crate::stack::Stack;
use crate::terraform::Terraform;

#[test]
fn an_interrupted_create_goes_on_with_the_next_apply() {
    let aws = Emulator::start();
    let before = aws.census();
    let terraform = Terraform::at(&aws, &Stack::named("interrupted").hcl());

    aws.rules(&json!([{ "action": "CreateNatGateway", "effect": "hold" }]));
    let apply = terraform.start(&["apply", "-auto-approve", "-input=false", "-no-color"]);
    aws.wait_until_held("CreateNatGateway");
    apply.interrupt();
    until("Terraform to tell the provider to stop", Duration::from_secs(30), || {
        // Our own line, written when the stop has taken effect.
        terraform.log().contains("asked to stop").then_some(())
    });
    aws.rules(&json!([]));
    let run = apply.wait().failed();
    assert!(run.said.contains("Interrupt received"), "{}", run.said);
    assert!(!aws.calls().contains(&"ecs:CreateService".to_owned()), "nothing new is begun after the interrupt");
    let half = added(&before, &aws.census());
    assert!(half.contains_key("nat_gateways"), "the call in flight was let finish: {half:#?}");
    recorded(&terraform, &half);

    terraform.apply().ok();
    terraform.plan().empty();
    let whole = added(&before, &aws.census());
    assert!(half["nat_gateways"].is_subset(&whole["nat_gateways"]), "what stood is used: {half:#?} {whole:#?}");
    terraform.destroy().ok();
    assert_eq!(aws.census(), before);
}
