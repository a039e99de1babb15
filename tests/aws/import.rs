//! A service whose state was lost comes back by import, by its name or its full id, and nothing is left to change.

use crate::emulator::{ACCOUNT, Emulator, REGION};
use crate::stack::Stack;
use crate::terraform::Terraform;

const ADDRESS: &str = "fargate_web_service.app";

#[test]
fn an_imported_service_needs_no_change() {
    let aws = Emulator::start();
    let before = aws.census();
    let stack = Stack::named("imported")
        .with("environment", r#"{ GREETING = "hello" }"#)
        .with("desired_count", "3")
        .with("health_check", r#"{ path = "/healthz", interval = 15 }"#)
        .with("network", r#"{ cidr_block = "10.42.0.0/16", egress = "nat_single" }"#)
        .with("load_balancer", "{ idle_timeout = 90 }")
        .with("tags", r#"{ team = "shop" }"#);
    let terraform = Terraform::at(&aws, &stack.hcl());
    terraform.apply().ok();
    let made = terraform.attributes();

    for id in ["imported".to_owned(), format!("{ACCOUNT}/{REGION}/imported")] {
        terraform.run(&["state", "rm", ADDRESS]).ok();
        terraform.run(&["import", "-input=false", "-no-color", ADDRESS, &id]).ok();
        let imported = terraform.attributes();
        for same in ["id", "objects", "url", "service_arn"] {
            assert_eq!(imported[same], made[same], "{same} after import of {id}");
        }
        terraform.plan().empty();
    }

    terraform.run(&["state", "rm", ADDRESS]).ok();
    let unknown = terraform.run(&["import", "-input=false", "-no-color", ADDRESS, "somebody-else"]).failed();
    assert!(unknown.said.contains("somebody-else"), "{}", unknown.said);
    terraform.run(&["import", "-input=false", "-no-color", ADDRESS, "imported"]).ok();
    terraform.destroy().ok();
    assert_eq!(aws.census(), before);
}
