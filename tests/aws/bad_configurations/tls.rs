//! Bad certificates and names.

use super::{Bad, bad};

#[rustfmt::skip]
pub const ROWS: &[Bad] = &[
    bad("https.certificate_arn", "certificate", &[("https", r#"{ certificate_arn = "mine" }"#)]),
    bad("https.certificate_arn", "of ACM", &[("https", r#"{ certificate_arn = "arn:aws:iam::123456789012:role/web" }"#)]),
    bad("https.certificate_arn", "needs a certificate", &[("https", "{}")]),
    bad("https.certificate_arn", "domain makes the certificate", &[("https", r#"{ certificate_arn = "arn:aws:acm:eu-west-3:123456789012:certificate/a-1" }"#), ("domain", r#"{ name = "www.example.com" }"#)]),
    bad("https.additional_certificate_arns", "certificate", &[("https", r#"{ certificate_arn = "arn:aws:acm:eu-west-3:123456789012:certificate/a-1", additional_certificate_arns = ["b"] }"#)]),
    bad("https.additional_certificate_arns", "certificate_arn gives", &[("https", r#"{ certificate_arn = "arn:aws:acm:eu-west-3:123456789012:certificate/a-1", additional_certificate_arns = ["arn:aws:acm:eu-west-3:123456789012:certificate/a-1"] }"#)]),
    bad("https.additional_certificate_arns", "0 to 24", &[("https", r#"{ certificate_arn = "arn:aws:acm:eu-west-3:123456789012:certificate/a-1", additional_certificate_arns = [for n in range(25) : "arn:aws:acm:eu-west-3:123456789012:certificate/b-${n}"] }"#)]),
    bad("https.ssl_policy", "ELBSecurityPolicy-", &[("https", r#"{ certificate_arn = "arn:aws:acm:eu-west-3:123456789012:certificate/a-1", ssl_policy = "TLS13" }"#)]),
    bad("domain.name", "lower case", &[("domain", r#"{ name = "www.Example.com" }"#)]),
    bad("domain.name", "domain name", &[("domain", r#"{ name = "com" }"#)]),
    bad("domain.name", "wildcard", &[("domain", r#"{ name = "*.example.com" }"#)]),
    bad("domain.name", "64", &[("domain", r#"{ name = "${join(".", [for n in range(12) : "sixty${n}"])}.example.com" }"#)]),
    bad("domain.zone_id", "hosted zone", &[("domain", r#"{ name = "www.example.com", zone_id = "example.com" }"#)]),
    bad("domain.additional_names", "domain.name gives", &[("domain", r#"{ name = "www.example.com", additional_names = ["www.example.com"] }"#)]),
    bad("domain.additional_names", "0 to 9", &[("domain", r#"{ name = "www.example.com", additional_names = [for n in range(10) : "n${n}.example.com"] }"#)]),
    bad("domain.additional_names", "lower case", &[("domain", r#"{ name = "www.example.com", additional_names = ["a_b.example.com"] }"#)]),
    bad("load_balancer.allowed_cidr_blocks", "27", &[("https", r#"{ certificate_arn = "arn:aws:acm:eu-west-3:123456789012:certificate/a-1" }"#), ("load_balancer", r#"{ allowed_cidr_blocks = [for n in range(28) : "10.${n}.0.0/16"] }"#)]),
];
