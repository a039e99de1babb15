//! Bad networks that exist already, or should.

use super::{Bad, bad};

#[rustfmt::skip]
pub const ROWS: &[Bad] = &[
    bad("network.vpc_id", "vpc-", &[("network", r#"{ vpc_id = "main", public_subnet_ids = ["subnet-0123456789abcdef0"], egress = "public" }"#)]),
    bad("network.vpc_id", "public_subnet_ids, private_subnet_ids", &[("network", r#"{ vpc_id = "vpc-0123456789abcdef0" }"#)]),
    bad("network.vpc_id", "internal", &[("network", r#"{ vpc_id = "vpc-0123456789abcdef0", private_subnet_ids = ["subnet-0123456789abcdef0"] }"#)]),
    bad("network.vpc_id", "private_subnet_ids", &[("network", r#"{ vpc_id = "vpc-0123456789abcdef0", public_subnet_ids = ["subnet-0123456789abcdef0"] }"#)]),
    bad("network.public_subnet_ids", "subnet-", &[("network", r#"{ vpc_id = "vpc-0123456789abcdef0", public_subnet_ids = ["a"], egress = "public" }"#)]),
    bad("network.public_subnet_ids", "vpc_id", &[("network", r#"{ public_subnet_ids = ["subnet-0123456789abcdef0"] }"#)]),
    bad("network.private_subnet_ids", "vpc_id", &[("network", r#"{ private_subnet_ids = ["subnet-0123456789abcdef0"] }"#)]),
    bad("network.private_subnet_ids", "null", &[("network", r#"{ vpc_id = "vpc-0123456789abcdef0", public_subnet_ids = ["subnet-0123456789abcdef0"], private_subnet_ids = [null] }"#)]),
    bad("network.cidr_block", "new network only", &[("network", r#"{ cidr_block = "10.1.0.0/16", vpc_id = "vpc-0123456789abcdef0", public_subnet_ids = ["subnet-0123456789abcdef0"], egress = "public" }"#)]),
    bad("network.availability_zone_count", "new network only", &[("network", r#"{ availability_zone_count = 2, vpc_id = "vpc-0123456789abcdef0", public_subnet_ids = ["subnet-0123456789abcdef0"], egress = "public" }"#)]),
    bad("network.s3_endpoint", "new network only", &[("network", r#"{ s3_endpoint = true, vpc_id = "vpc-0123456789abcdef0", public_subnet_ids = ["subnet-0123456789abcdef0"], egress = "public" }"#)]),
    bad("network.egress", "given by vpc_id", &[("network", r#"{ egress = "nat_single", vpc_id = "vpc-0123456789abcdef0", public_subnet_ids = ["subnet-0123456789abcdef0"] }"#)]),
    bad("network.security_group_ids", "sg-", &[("network", r#"{ security_group_ids = ["database"] }"#)]),
    bad("network.security_group_ids", "0 to 4", &[("network", r#"{ security_group_ids = [for n in range(5) : "sg-0123456789abcdef${n}"] }"#)]),
    bad("load_balancer.security_group_ids", "sg-", &[("load_balancer", r#"{ security_group_ids = ["callers"] }"#)]),
    bad("load_balancer.security_group_ids", "at most 4", &[("load_balancer", r#"{ security_group_ids = [for n in range(5) : "sg-0123456789abcdef${n}"] }"#)]),
    bad("load_balancer.security_group_ids", "0 to 5", &[("load_balancer", r#"{ security_group_ids = [for n in range(6) : "sg-0123456789abcdef${n}"] }"#)]),
];
