//! What a listener or rule does with a request: the actions as they came, completed as AWS gives them back.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::naming::Kind;
use super::{State, invalid, misconfigured};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

/// The target groups that actions name.
pub fn groups(actions: &[Json]) -> BTreeSet<&str> {
    let weighted =
        |action: &Json| action["ForwardConfig"]["TargetGroups"].as_array().cloned().unwrap_or_default().len();
    let mut all = BTreeSet::new();
    for action in actions {
        all.extend(action["TargetGroupArn"].as_str());
        let arns = (0..weighted(action)).map(|at| &action["ForwardConfig"]["TargetGroups"][at]["TargetGroupArn"]);
        all.extend(arns.filter_map(Json::as_str));
    }
    all
}

pub fn names(actions: &[Json], group: &str) -> bool {
    groups(actions).contains(group)
}

/// The actions of a call for a load balancer. A group must stand, be of the load balancer's VPC, and serve no other one.
pub fn asked(state: &State, load_balancer: &str, asked: &[Ask]) -> Result<Vec<Json>, Refusal> {
    if asked.is_empty() {
        return Err(invalid("At least one action must be specified"));
    }
    let actions = asked.iter().map(completed).collect::<Result<Vec<Json>, Refusal>>()?;
    let vpc = state.load_balancers.get(load_balancer).map(|balancer| balancer.vpc.as_str());
    for arn in groups(&actions) {
        let group = state.target_groups.get(arn);
        Kind::TargetGroup.check(arn, group.is_some())?;
        // (Code and message unverified.)
        if group.map(|group| group.vpc.as_str()) != vpc {
            return Err(misconfigured(format!(
                "The target group '{arn}' is in a different VPC than the load balancer"
            )));
        }
        // User Guide, Target groups: one load balancer per group.
        if state.in_front_of(arn).is_some_and(|front| front != load_balancer) {
            let why = "The following target groups cannot be associated with more than one load balancer";
            return Err(Refusal::new("TargetGroupAssociationLimit", format!("{why}: {arn}")));
        }
    }
    Ok(actions)
}

/// 301 or 302; a port, a protocol, a path as they may be (API reference, RedirectActionConfig).
fn redirect(config: &Ask, code: &str) -> Result<(), Refusal> {
    let fits = |member: &str, may: &dyn Fn(&str) -> bool| config.text(member).is_none_or(may);
    let port = |port: &str| port == "#{port}" || port.parse().is_ok_and(|port: i64| (1..=65_535).contains(&port));
    let good = matches!(code, "HTTP_301" | "HTTP_302")
        && fits("Protocol", &|protocol| matches!(protocol, "HTTP" | "HTTPS" | "#{protocol}"))
        && fits("Port", &port)
        && fits("Path", &|path| path.starts_with('/') && path.len() <= 128)
        && fits("Query", &|query| query.len() <= 128)
        && fits("Host", &|host| !host.is_empty() && host.len() <= 128);
    if good { Ok(()) } else { Err(invalid("The redirect action is not valid")) }
}

/// 2XX, 4XX or 5XX, one of five content types, up to 1024 characters (API reference, FixedResponseActionConfig).
fn fixed(config: &Ask, code: &str) -> Result<(), Refusal> {
    const TYPES: [&str; 5] = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
    let digits =
        code.len() == 3 && code.bytes().all(|digit| digit.is_ascii_digit()) && code.starts_with(['2', '4', '5']);
    let kind = config.text("ContentType").is_none_or(|kind| kind.is_empty() || TYPES.contains(&kind));
    let short = config.text("MessageBody").is_none_or(|body| body.chars().count() <= 1024);
    if digits && kind && short { Ok(()) } else { Err(invalid("The fixed-response action is not valid")) }
}

/// A forward to one group is answered in both of its forms (seen in answers of the CLI; unverified for all cases).
fn completed(ask: &Ask) -> Result<Json, Refusal> {
    let Json::Object(mut action) = ask.0.clone() else { return Err(invalid("An action must be a structure")) };
    let kind = ask.text("Type").unwrap_or_default();
    let needs = match kind {
        "forward" => None,
        "redirect" => Some("RedirectConfig"),
        "fixed-response" => Some("FixedResponseConfig"),
        _ => return Err(Refusal::new("InvalidLoadBalancerAction", format!("The action type '{kind}' is not valid"))),
    };
    if let Some(needs) = needs {
        let config = ask.part(needs);
        let code = config.text("StatusCode");
        let code =
            code.ok_or_else(|| invalid(format!("A {needs} with a status code must be specified for '{kind}'")))?;
        match kind {
            "redirect" => redirect(&config, code)?,
            _ => fixed(&config, code)?,
        }
        return Ok(Json::Object(action));
    }
    let single = ask.text("TargetGroupArn").map(str::to_owned);
    let weighted = ask.part("ForwardConfig").parts("TargetGroups");
    match (single, weighted.as_slice()) {
        (Some(arn), []) => {
            let groups = json!([{ "TargetGroupArn": arn, "Weight": 1 }]);
            let config = json!({ "TargetGroups": groups, "TargetGroupStickinessConfig": { "Enabled": false } });
            action.insert("ForwardConfig".into(), config);
        }
        (None, [one]) => {
            action.insert("TargetGroupArn".into(), one.get("TargetGroupArn").clone());
        }
        (None, []) => return Err(invalid("A target group ARN must be specified")),
        // User Guide, Forward actions: up to five.
        (_, more) if more.len() > 5 => {
            return Err(Refusal::new(
                "TooManyUniqueTargetGroupsPerLoadBalancer",
                "At most 5 target groups in an action",
            ));
        }
        _ => {}
    }
    Ok(Json::Object(action))
}
