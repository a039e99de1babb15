//! Terraform takes our schema: it checks it thoroughly before it prints it. What it prints is what users write against:
//! a change of it should be meant. Read the new snapshot, and accept it with `INSTA_UPDATE=always`.

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::stack::Stack;
use crate::terraform::{Terraform, json_lines};

#[test]
fn terraform_accepts_the_schema() {
    let mut ours = printed();
    let attributes = |pointer: &str| ours.pointer(pointer).and_then(Value::as_object).expect("attributes").clone();
    assert!(attributes("/provider/block/attributes")["secret_key"]["sensitive"] == true);
    for attribute in attributes("/resource_schemas/fargate_web_service/block/attributes") {
        assert!(attribute.1["description"].is_string(), "{} has no description", attribute.0);
    }
    ours.sort_all_objects();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("terraform_providers_schema", format!("{ours:#}"));
    });
}

/// `terraform providers schema -json`: of it what is ours, without what other versions of Terraform put beside it.
fn printed() -> Value {
    let aws = Emulator::start();
    let terraform = Terraform::at(&aws, &Stack::named("schema").hcl());
    let run = terraform.run(&["providers", "schema", "-json"]).ok();
    let schemas = json_lines(&run.said).pop().expect("a line of JSON");
    // Terraform and OpenTofu know us by different registries.
    let ours = schemas["provider_schemas"].as_object().and_then(|all| all.values().next()).expect("our provider");
    json!({ "provider": ours["provider"], "resource_schemas": ours["resource_schemas"] })
}
