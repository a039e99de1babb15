//! Bad ways to share a load balancer.

use super::{Bad, bad};

const NETWORK: (&str, &str) =
    ("network", r#"{ vpc_id = "vpc-0123456789abcdef0", private_subnet_ids = ["subnet-0123456789abcdef0"] }"#);

#[rustfmt::skip]
pub const ROWS: &[Bad] = &[
    bad("load_balancer.arn", "Application Load Balancer", &[NETWORK, ("load_balancer", r#"{ arn = "shop", path_patterns = ["/a"] }"#)]),
    bad("load_balancer.arn", "Application Load Balancer", &[NETWORK, ("load_balancer", r#"{ arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/net/shop/1", path_patterns = ["/a"] }"#)]),
    bad("load_balancer.arn", "network.vpc_id", &[("load_balancer", r#"{ arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1", path_patterns = ["/a"] }"#)]),
    bad("load_balancer.arn", "which of its requests", &[NETWORK, ("load_balancer", r#"{ arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1" }"#)]),
    bad("load_balancer.listener_arn", "a listener of", &[NETWORK, ("load_balancer", r#"{ listener_arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1", path_patterns = ["/a"] }"#)]),
    bad("load_balancer.listener_arn", "either arn or listener_arn", &[NETWORK, ("load_balancer", r#"{ arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1", listener_arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:listener/app/shop/1/2", path_patterns = ["/a"] }"#)]),
    bad("load_balancer.internal", "new one only", &[NETWORK, ("load_balancer", r#"{ internal = true, arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1", path_patterns = ["/a"] }"#)]),
    bad("load_balancer.idle_timeout", "new one only", &[NETWORK, ("load_balancer", r#"{ idle_timeout = 90, arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1", path_patterns = ["/a"] }"#)]),
    bad("load_balancer.security_group_ids", "leave this out", &[NETWORK, ("load_balancer", r#"{ security_group_ids = [], arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1", path_patterns = ["/a"] }"#)]),
    bad("https", "use domain", &[NETWORK, ("https", r#"{ certificate_arn = "arn:aws:acm:eu-west-3:123456789012:certificate/12345678-1234-1234-1234-123456789012" }"#), ("load_balancer", r#"{ arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1", path_patterns = ["/a"] }"#)]),
    bad("load_balancer.host_names", "arn or listener_arn", &[("load_balancer", r#"{ host_names = ["www.example.com"] }"#)]),
    bad("load_balancer.host_names", "host name", &[NETWORK, ("load_balancer", r#"{ host_names = ["localhost"], arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1" }"#)]),
    bad("load_balancer.host_names", "1 to 5", &[NETWORK, ("load_balancer", r#"{ host_names = [for n in range(6) : "${n}.example.com"], arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1" }"#)]),
    bad("load_balancer.path_patterns", "at most 5", &[NETWORK, ("load_balancer", r#"{ host_names = [for n in range(3) : "${n}.example.com"], path_patterns = ["/a", "/b", "/c"], arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1" }"#)]),
    bad("load_balancer.path_patterns", "wildcards", &[NETWORK, ("load_balancer", r#"{ path_patterns = ["/*/*", "/a/*/*", "/b/*/*/*"], arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1" }"#)]),
    bad("load_balancer.path_patterns", "path", &[NETWORK, ("load_balancer", r#"{ path_patterns = ["api"], arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1" }"#)]),
    bad("load_balancer.priority", "50000", &[NETWORK, ("load_balancer", r#"{ priority = 0, path_patterns = ["/a"], arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/1" }"#)]),
];
