//! Two services in one account and region, made at the same time: neither sees nor touches the other.

use std::thread;

use crate::emulator::Emulator;
use crate::stack::Stack;
use crate::terraform::Terraform;

#[test]
fn two_services_side_by_side_leave_each_other_alone() {
    let aws = Emulator::start();
    let before = aws.census();
    // One name begins with the other: a search by prefix would take both.
    let shop = Terraform::at(&aws, &Stack::named("shop").hcl());
    let second = Stack::named("shop-2");
    let shop_2 = Terraform::at(&aws, &second.hcl());
    thread::scope(|both| {
        both.spawn(|| shop.apply().ok());
        both.spawn(|| shop_2.apply().ok());
    });
    shop.plan().empty();
    shop_2.plan().empty();

    shop_2
        .write("main.tf", &second.with("network", r#"{ egress = "nat_single" }"#).with("image", r#""nginx:1""#).hcl());
    shop_2.apply().ok();
    shop.plan().empty();

    shop.destroy().ok();
    shop_2.plan().empty();
    shop_2.destroy().ok();
    assert_eq!(aws.census(), before);
}
