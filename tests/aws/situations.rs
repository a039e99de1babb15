//! What Terraform makes of a service beside plain applies: values from other resources, replacement, other regions.

use crate::emulator::{Emulator, REGION, added};
use crate::stack::Stack;
use crate::terraform::Terraform;

/// A number that isn't known before it is applied.
fn later(number: u32) -> String {
    format!("resource \"terraform_data\" \"later\" {{\n  input = {number}\n}}\n")
}

#[test]
fn what_another_resource_tells_only_at_apply_is_planned_as_unknown() {
    let aws = Emulator::start();
    let before = aws.census();
    // moto can't delete an endpoint once its tables were modified: it looks for routes that it never made (InvalidRoute.NotFound).
    let zones = "{ availability_zone_count = terraform_data.later.output, egress = \"public\", s3_endpoint = false }";
    let image = "\"nginx:${terraform_data.later.output}\"";
    let tags = "{ number = tostring(terraform_data.later.output) }";
    let hcl = Stack::named("later").with("network", zones).with("image", image).with("tags", tags).hcl();
    let terraform = Terraform::at(&aws, &format!("{hcl}{}", later(2)));
    terraform.apply().ok();
    terraform.plan().empty();
    assert_eq!(added(&before, &aws.census())["subnets"].len(), 4);

    terraform.write("main.tf", &format!("{hcl}{}", later(3)));
    terraform.apply().ok();
    terraform.plan().empty();
    assert_eq!(added(&before, &aws.census())["subnets"].len(), 6);
    terraform.destroy().ok();
    assert_eq!(aws.census(), before);
}

#[test]
fn a_new_name_replaces_the_service_and_protection_forbids_that_at_plan() {
    let aws = Emulator::start();
    let before = aws.census();
    let service = |name: &str, protected: bool| {
        let balancer = format!("{{ deletion_protection = {protected} }}");
        Stack::named(name).with("network", "{ egress = \"public\" }").with("load_balancer", &balancer).hcl()
    };
    let terraform = Terraform::at(&aws, &service("first", true));
    terraform.apply().ok();
    terraform.write("main.tf", &service("second", true));
    let refused = terraform.run(&["plan", "-input=false", "-no-color"]).failed();
    assert!(refused.said.contains("protected from deletion"), "{}", refused.said);

    terraform.write("main.tf", &service("first", false));
    terraform.apply().ok();
    terraform.write("main.tf", &service("second", false));
    terraform.apply().ok();
    let made = added(&before, &aws.census());
    assert_eq!(made["parameters"].iter().collect::<Vec<_>>(), ["/fargate/second"]);
    assert_eq!(made["vpcs"].len(), 1);
    terraform.plan().empty();
    terraform.replace().ok();
    terraform.plan().empty();
    terraform.destroy().ok();
    assert_eq!(aws.census(), before);
}

#[test]
fn a_name_that_is_taken_is_refused_and_what_stands_is_left_alone() {
    let aws = Emulator::start();
    let stack = Stack::named("taken").with("network", "{ egress = \"public\" }");
    let owner = Terraform::at(&aws, &stack.hcl());
    owner.apply().ok();
    let stands = aws.census();
    let other = Terraform::at(&aws, &stack.hcl());
    let refused = other.apply().failed();
    assert!(refused.said.contains("exists already") && refused.said.contains("import {"), "{}", refused.said);
    assert_eq!(aws.census(), stands);
    owner.destroy().ok();
}

#[test]
fn a_state_of_another_region_is_neither_read_nor_destroyed() {
    let aws = Emulator::start();
    let stack = Stack::named("far").with("network", "{ egress = \"public\" }");
    let terraform = Terraform::at(&aws, &stack.hcl());
    terraform.apply().ok();
    let stands = aws.census();
    terraform.place(&aws.url, "us-east-1");
    let refused = terraform.run(&["destroy", "-auto-approve", "-input=false", "-no-color"]).failed();
    assert!(refused.said.contains("Another account or region"), "{}", refused.said);
    assert_eq!(aws.census(), stands);
    terraform.place(&aws.url, REGION);
    terraform.destroy().ok();
}
