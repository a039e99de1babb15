//! What the load balancer and its health check may be.

use super::network::security_group_id;
use super::{complain, number};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};
use crate::provider::web_service::model::HealthCheck;

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("health_check.path", Rule::Text(health_check_path)),
    ("health_check.matcher", Rule::Text(matcher)),
    ("health_check.interval", Rule::Whole(5..=300)),
    ("health_check.timeout", Rule::Whole(2..=120)),
    ("health_check.healthy_threshold", Rule::Whole(2..=10)),
    ("health_check.unhealthy_threshold", Rule::Whole(2..=10)),
    ("health_check.port", Rule::Whole(1..=65535)),
    ("health_check.protocol", Rule::Words(&["HTTP", "HTTPS"])),
    ("health_check.grace_period", Rule::Whole(0..=2_147_483_647)),
    ("load_balancer.allowed_cidr_blocks", Rule::NoNulls),
    ("load_balancer.allowed_cidr_blocks", Rule::Size(1..=55)),
    ("load_balancer.allowed_cidr_blocks", Rule::Each(rules::cidr_block)),
    ("load_balancer.idle_timeout", Rule::Whole(1..=4000)),
    ("load_balancer.deregistration_delay", Rule::Whole(0..=3600)),
    ("load_balancer.arn", Rule::Text(balancer_arn)),
    ("load_balancer.listener_arn", Rule::Text(listener_arn)),
    ("load_balancer.host_names", Rule::NoNulls),
    ("load_balancer.host_names", Rule::Size(1..=MOST_VALUES)),
    ("load_balancer.host_names", Rule::Each(host_name)),
    ("load_balancer.path_patterns", Rule::NoNulls),
    ("load_balancer.path_patterns", Rule::Size(1..=MOST_VALUES)),
    ("load_balancer.path_patterns", Rule::Each(path_pattern)),
    ("load_balancer.priority", Rule::Whole(1..=50_000)),
    ("load_balancer.security_group_ids", Rule::NoNulls),
    ("load_balancer.security_group_ids", Rule::Size(0..=MOST_GROUPS)),
    ("load_balancer.security_group_ids", Rule::Each(security_group_id)),
];

/// AWS allows so many condition values, and wildcards, in a rule.
const MOST_VALUES: usize = 5;
const MOST_WILDCARDS: usize = 6;

/// AWS allows so many security groups of a load balancer.
const MOST_GROUPS: usize = 5;

/// What needs several good attributes.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    [health_check_times(config), existing(config), extra_groups(config)].into_iter().flatten().collect()
}

/// The attribute by which a load balancer is given, if one is, or may turn out to be.
pub fn given_by(config: &Value) -> Option<&'static str> {
    let wish = config.member("load_balancer");
    ["arn", "listener_arn"].into_iter().find(|name| !wish.member(name).is_null())
}

/// A load balancer that was given is somebody else's: what only a new one has cannot be asked of it. Without one there is no
/// rule.
fn existing(config: &Value) -> Option<Diagnostic> {
    let wish = config.member("load_balancer");
    let is_given = |name: &&str| !wish.member(name).is_null();
    if wish.is_unknown() {
        return None;
    }
    let Some(by) = given_by(config) else {
        let name = ["host_names", "path_patterns", "priority"].into_iter().find(is_given)?;
        let why = "It is of the rule on an existing load balancer: give that with arn or listener_arn.";
        return Some(invalid(format!("load_balancer.{name}").as_str(), why));
    };
    let at = format!("load_balancer.{by}");
    if by == "arn" && is_given(&"listener_arn") {
        return Some(invalid("load_balancer.listener_arn", "Give either arn or listener_arn."));
    }
    let of_a_new_one =
        ["internal", "allowed_cidr_blocks", "idle_timeout", "deletion_protection", "drop_invalid_header_fields"];
    if let Some(name) = of_a_new_one.into_iter().find(is_given) {
        let why = format!("The load balancer is given by {by}: this is of a new one only.");
        return Some(invalid(format!("load_balancer.{name}").as_str(), why));
    }
    if !config.member("https").is_null() {
        let why = format!(
            "The load balancer is given by load_balancer.{by}, and how it speaks HTTPS with it. For names and a certificate of \
             this service's own use domain."
        );
        return Some(invalid("https", why));
    }
    let network = config.member("network");
    if !network.is_unknown() && network.member("vpc_id").is_null() {
        let why = "The tasks must be in the VPC of the load balancer: give that with network.vpc_id, and its subnets.";
        return Some(invalid(at.as_str(), why));
    }
    let groups = wish.member("security_group_ids");
    if groups.is_wholly_known() && !groups.is_null() && groups.parts().is_empty() {
        let why = "Name the groups of the load balancer by which it reaches the tasks, or leave this out.";
        return Some(invalid("load_balancer.security_group_ids", why));
    }
    conditions(config, &at)
}

/// A new load balancer has a group of its own.
fn extra_groups(config: &Value) -> Option<Diagnostic> {
    let wish = config.member("load_balancer");
    let is_new = !wish.is_unknown() && given_by(config).is_none();
    let (count, most) = (wish.member("security_group_ids").parts().len(), MOST_GROUPS - 1);
    let why = format!("They are {count}; a load balancer takes at most {most} besides its own.");
    (is_new && count > most).then(|| invalid("load_balancer.security_group_ids", why))
}

/// Which requests are meant, in as many words as AWS takes.
fn conditions(config: &Value, at: &str) -> Option<Diagnostic> {
    let (wish, domain) = (config.member("load_balancer"), config.member("domain"));
    let (hosts, paths) = (wish.member("host_names"), wish.member("path_patterns"));
    if hosts.is_null() && paths.is_null() && domain.is_null() {
        let why = "It needs host_names, path_patterns or domain beside it: which of its requests are for this service.";
        return Some(invalid(at, why));
    }
    if [hosts, paths, domain].iter().any(|value| !value.is_wholly_known()) {
        return None;
    }
    let (mut texts, mut name) = (paths.parts(), if paths.is_null() { "host_names" } else { "path_patterns" });
    if hosts.is_null() && !domain.is_null() {
        texts.push(domain.member("name"));
        texts.extend(domain.member("additional_names").parts());
        name = if paths.is_null() { "" } else { name };
    }
    texts.extend(hosts.parts());
    let path = if name.is_empty() { "domain.additional_names".to_owned() } else { format!("load_balancer.{name}") };
    let wild: usize = texts.iter().filter_map(|text| text.as_str()).map(|text| text.matches(['*', '?']).count()).sum();
    if texts.len() > MOST_VALUES {
        let why = format!(
            "Host names (by default those of domain) and path patterns are {}; a rule takes at most {MOST_VALUES}.",
            texts.len()
        );
        return Some(invalid(path.as_str(), why));
    }
    let why = format!("Host names and path patterns have {wild} wildcards; a rule takes at most {MOST_WILDCARDS}.");
    (wild > MOST_WILDCARDS).then(|| invalid(path.as_str(), why))
}

/// Why what has this ARN is out of reach: it is another account's or region's.
pub fn elsewhere_than(arn: &str, account: &str, region: &str) -> Option<String> {
    let mut parts = arn.split(':').skip(3);
    let (of, whose) = (parts.next()?, parts.next()?);
    let why = format!("{arn:?} is in account {whose}, region {of}; the service is in {account}, {region}.");
    (of != region || whose != account).then_some(why)
}

fn health_check_times(config: &Value) -> Option<Diagnostic> {
    let default = HealthCheck::default();
    let interval = number(config, "health_check.interval").unwrap_or(default.interval);
    let timeout = number(config, "health_check.timeout").unwrap_or(default.timeout);
    let open = |path: &str| config.at(&Path::from(path)).is_some_and(Value::is_unknown);
    if open("health_check.interval") || open("health_check.timeout") || timeout < interval {
        return None;
    }
    let at = if number(config, "health_check.timeout").is_some() { "timeout" } else { "interval" };
    let why = format!("The timeout ({timeout}) must be less than the interval ({interval}).");
    Some(invalid(format!("health_check.{at}").as_str(), why))
}

fn health_check_path(text: &str) -> Option<String> {
    let fits = text.starts_with('/') && text.len() <= 1024 && !text.contains(char::is_whitespace);
    complain(fits, "is not a path that begins with / and has at most 1024 characters")
}

fn balancer_arn(text: &str) -> Option<String> {
    let fits = arn_of(text, "loadbalancer").is_some_and(|parts| parts.len() == 3);
    complain(
        fits,
        "is not the ARN of an Application Load Balancer such as \
         \"arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/shop/50dc6c495c0c9188\"",
    )
}

fn listener_arn(text: &str) -> Option<String> {
    let fits = arn_of(text, "listener").is_some_and(|parts| parts.len() == 4);
    complain(
        fits,
        "is not the ARN of a listener of an Application Load Balancer such as \
         \"arn:aws:elasticloadbalancing:eu-west-3:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2\"",
    )
}

/// What comes after the resource's kind, from `app` on.
fn arn_of<'a>(text: &'a str, kind: &str) -> Option<Vec<&'a str>> {
    let ["arn", partition, "elasticloadbalancing", region, account, resource] =
        text.splitn(6, ':').collect::<Vec<_>>()[..]
    else {
        return None;
    };
    let parts: Vec<&str> = resource.strip_prefix(kind)?.strip_prefix('/')?.split('/').collect();
    let fits = partition.starts_with("aws") && rules::region(region).is_none() && rules::account_id(account).is_none();
    (fits && parts.first() == Some(&"app") && !parts.contains(&"")).then_some(parts)
}

fn host_name(text: &str) -> Option<String> {
    let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.*?".contains(&b));
    complain(
        letters && text.contains('.') && text.len() <= 128,
        "is not a host name such as \"www.example.com\" or \"*.example.com\", with a dot and at most 128 characters",
    )
}

fn path_pattern(text: &str) -> Option<String> {
    let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.$/~\"'@:+&*?".contains(&b));
    complain(
        letters && text.starts_with(['/', '*']) && text.len() <= 128,
        "is not a path such as \"/api/*\", with at most 128 letters, digits and _-.$/~\"'@:+&*?",
    )
}

fn matcher(text: &str) -> Option<String> {
    let code = |text: &str| text.parse::<u16>().ok().filter(|code| text.len() == 3 && (200..=499).contains(code));
    let range = |part: &str| match part.split_once('-') {
        None => code(part).is_some(),
        Some((from, to)) => code(from).zip(code(to)).is_some_and(|(from, to)| from <= to),
    };
    complain(
        text.split(',').all(range),
        "is not a list of HTTP codes from 200 to 499, such as \"200\" or \"200-299,404\"",
    )
}
