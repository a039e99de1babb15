//! What `https` and `domain` may be.

use super::{complain, given};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::value::Value;
use crate::provider::rules::{Rule, account_id, invalid, region};
use crate::provider::web_service::model::Settings;

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("https.certificate_arn", Rule::Text(certificate_arn)),
    ("https.additional_certificate_arns", Rule::NoNulls),
    ("https.additional_certificate_arns", Rule::Size(0..=24)),
    ("https.additional_certificate_arns", Rule::Each(certificate_arn)),
    ("https.ssl_policy", Rule::Text(ssl_policy)),
    ("domain.name", Rule::Text(own_name)),
    ("domain.zone_id", Rule::Text(zone_id)),
    ("domain.additional_names", Rule::NoNulls),
    ("domain.additional_names", Rule::Size(0..=9)),
    ("domain.additional_names", Rule::Each(additional_name)),
];

/// With HTTPS each range needs two rules, of the 60 that AWS allows in a security group.
const MOST_BLOCKS: usize = 27;

/// What needs several good attributes.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    [certificate(config), names(config), blocks(config)].into_iter().flatten().collect()
}

fn certificate(config: &Value) -> Option<Diagnostic> {
    let (https, domain) = (config.member("https"), config.member("domain"));
    let arn = https.member("certificate_arn");
    if https.is_null() || https.is_unknown() || domain.is_unknown() || arn.is_unknown() {
        return None;
    }
    match (arn.is_null(), domain.is_null()) {
        (false, false) => {
            let why = "domain makes the certificate: leave certificate_arn out, or give the certificate and make the records \
                       yourself.";
            Some(invalid("https.certificate_arn", why))
        }
        (true, true) => Some(invalid("https.certificate_arn", "HTTPS needs a certificate: give one, or a domain.")),
        _ => {
            let again = https.member("additional_certificate_arns").parts().contains(&arn) && !arn.is_null();
            let why = "It has the certificate that certificate_arn gives.";
            again.then(|| invalid("https.additional_certificate_arns", why))
        }
    }
}

fn names(config: &Value) -> Option<Diagnostic> {
    let domain = given(config, "domain")?;
    let again = domain.member("additional_names").parts().contains(&domain.member("name"));
    again.then(|| invalid("domain.additional_names", "It has the name that domain.name gives."))
}

fn blocks(config: &Value) -> Option<Diagnostic> {
    let count = given(config, "load_balancer.allowed_cidr_blocks")?.parts().len();
    let tls = given(config, "https").or_else(|| given(config, "domain")).is_some();
    let why = format!("{count} are given; with HTTPS from 1 to {MOST_BLOCKS} are allowed.");
    (tls && count > MOST_BLOCKS).then(|| invalid("load_balancer.allowed_cidr_blocks", why))
}

/// A certificate of another region: a load balancer takes only those of its own.
pub fn elsewhere(settings: &Settings, region: &str) -> Option<Diagnostic> {
    let https = settings.https.as_ref()?;
    let own = https.certificate_arn.iter().map(|arn| ("https.certificate_arn", arn));
    let further = https.additional_certificate_arns.iter().map(|arn| ("https.additional_certificate_arns", arn));
    own.chain(further).find_map(|(path, arn)| {
        let of = arn.split(':').nth(3).filter(|of| !of.is_empty() && *of != region)?;
        let why = format!(
            "{arn:?} is a certificate in {of}; a load balancer in {region} takes only those of its own region."
        );
        Some(invalid(path, why))
    })
}

/// Of ACM, or of IAM, which knows no regions.
fn certificate_arn(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let fits = match parts[..] {
        ["arn", partition, "acm", place, account, resource] => {
            let id = resource.strip_prefix("certificate/").unwrap_or_default();
            let good = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            partition.starts_with("aws") && region(place).is_none() && account_id(account).is_none() && good
        }
        ["arn", partition, "iam", "", account, resource] => {
            partition.starts_with("aws")
                && account_id(account).is_none()
                && resource.strip_prefix("server-certificate/").is_some_and(|name| !name.is_empty())
        }
        _ => false,
    };
    complain(
        fits,
        "is not the ARN of a certificate of ACM such as \
         \"arn:aws:acm:eu-west-3:123456789012:certificate/12345678-1234-1234-1234-123456789012\", or of one in IAM",
    )
}

fn ssl_policy(text: &str) -> Option<String> {
    let rest = text.strip_prefix("ELBSecurityPolicy-").unwrap_or_default();
    let fits = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    complain(fits, "is not the name of a security policy such as \"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09\"")
}

fn zone_id(text: &str) -> Option<String> {
    let fits = (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    complain(fits, "is not the ID of a hosted zone such as \"Z0123456789ABCDEFGHIJ\"")
}

/// ACM takes at most 64 characters for a certificate's first name.
fn own_name(text: &str) -> Option<String> {
    complain(!text.starts_with("*."), "is a wildcard, which has no address of its own: put it into additional_names")
        .or_else(|| domain_name(text))
        .or_else(|| {
            complain(text.len() <= 64, "is longer than the 64 characters that ACM takes: put it into additional_names")
        })
}

fn additional_name(text: &str) -> Option<String> {
    domain_name(text.strip_prefix("*.").unwrap_or(text))
}

fn domain_name(text: &str) -> Option<String> {
    let letters = |label: &str| label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && letters(label) && !label.starts_with('-') && !label.ends_with('-')
    };
    let fits = text.len() <= 253 && text.contains('.') && text.split('.').all(label);
    complain(fits, "is not a domain name in lower case such as \"www.example.com\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_arns_are_told_from_what_is_none() {
        for good in ["a.b", "www.example.com", "xn--bcher-kva.example"] {
            assert_eq!((own_name(good), additional_name(&format!("*.{good}"))), (None, None), "{good}");
        }
        for bad in ["", "com", "www.Example.com", "a..b", "-a.b", "a_b.c", "www.example.com.", "https://a.b", "*.a.b"] {
            assert!(own_name(bad).is_some(), "{bad:?}");
        }
        let id = "certificate/12345678-1234-1234-1234-123456789012";
        assert_eq!(certificate_arn(&format!("arn:aws:acm:eu-west-3:123456789012:{id}")), None);
        assert_eq!(certificate_arn("arn:aws:iam::123456789012:server-certificate/old/www"), None);
        for bad in [format!("arn:aws:acm::123456789012:{id}"), format!("arn:aws:acm:eu-west-3:12:{id}"), id.into()] {
            assert!(certificate_arn(&bad).is_some(), "{bad}");
        }
        assert!(certificate_arn("arn:aws:iam::123456789012:role/web").is_some());
        assert!(zone_id("/hostedzone/Z1").is_some() && zone_id("Z1").is_none());
        assert!(ssl_policy("TLS13").is_some());
    }
}
