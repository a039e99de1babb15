//! Terraform takes our schema: it checks it thoroughly before it prints it.

use serde_json::Value;

use crate::emulator::Emulator;
use crate::stack::Stack;
use crate::terraform::{Terraform, json_lines};

#[test]
fn terraform_accepts_the_schema() {
    let aws = Emulator::start();
    let terraform = Terraform::at(&aws, &Stack::named("schema").hcl());
    let run = terraform.run(&["providers", "schema", "-json"]).ok();
    let schemas = json_lines(&run.said).pop().expect("a line of JSON");
    // Terraform and OpenTofu know us by different registries.
    let ours = schemas["provider_schemas"].as_object().and_then(|all| all.values().next()).expect("our provider");
    let attributes = |pointer: &str| ours.pointer(pointer).and_then(Value::as_object).expect("attributes").clone();
    assert!(attributes("/provider/block/attributes")["secret_key"]["sensitive"] == true);
    for attribute in attributes("/resource_schemas/fargate_web_service/block/attributes") {
        assert!(attribute.1["description"].is_string(), "{} has no description", attribute.0);
    }
}
