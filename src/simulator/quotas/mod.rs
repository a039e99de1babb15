//! Service Quotas: how much of everything an account may have. The table is the one authority: creates ask it (`full`), and a
//! world may have other values than AWS's defaults (`set`).
//!
//! On AWS only us-east-1 knows the global quotas (IAM, Route 53); which region a request is for isn't looked at here.
//! Requests for increases are not simulated.

mod table;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::ask::Ask;
use super::refusal::{Answer, Refusal};
use super::world::{Operation, World};

pub use table::*;

#[derive(Clone, Debug, Default)]
pub struct State {
    /// Values other than the defaults, by quota code.
    values: BTreeMap<String, i64>,
}

/// What the account may have; no limit for a code that isn't in the table.
pub fn limit(world: &World, code: &str) -> i64 {
    let usual = || QUOTAS.iter().find(|quota| quota.code == code).map_or(i64::MAX, |quota| quota.value);
    world.quotas.values.get(code).copied().unwrap_or_else(usual)
}

/// Gives the account another value than AWS's default; below zero is zero.
pub fn set(world: &mut World, code: &str, value: i64) {
    world.quotas.values.insert(code.to_owned(), value.max(0));
}

/// Whether `count` is all that the account may have, so that one more is too many.
pub fn full(world: &World, code: &str, count: usize) -> bool {
    i64::try_from(count).unwrap_or(i64::MAX) >= limit(world, code)
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "GetAWSDefaultServiceQuota" => get_default,
        "GetServiceQuota" => get,
        "ListAWSDefaultServiceQuotas" => list_defaults,
        "ListServiceQuotas" => list,
        _ => return None,
    })
}

/// Texts unverified.
#[track_caller]
fn illegal(why: impl Into<String>) -> Refusal {
    Refusal::new("IllegalArgumentException", why)
}

/// A code, `[a-zA-Z][a-zA-Z0-9-]{1,…}` (service model).
fn code<'a>(ask: &'a Ask, member: &str, most: usize) -> Result<&'a str, Refusal> {
    let text = ask.text(member).ok_or_else(|| illegal(format!("{member} must not be null")))?;
    let fits = (2..=most).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { Ok(text) } else { Err(illegal(format!("{member} '{text}' is not valid"))) }
}

fn service(ask: &Ask) -> Result<&'static (&'static str, &'static str), Refusal> {
    let asked = code(ask, "ServiceCode", 63)?;
    let unknown = || {
        let why = format!("The request failed because the specified service {asked} does not exist.");
        Refusal::new("NoSuchResourceException", why)
    };
    SERVICES.iter().find(|(code, _)| *code == asked).ok_or_else(unknown)
}

fn shown(world: &World, quota: &Quota, value: i64) -> Json {
    let global = matches!(quota.service, "iam" | "route53");
    let region = if global { "" } else { &world.region };
    let name = SERVICES.iter().find(|(code, _)| *code == quota.service).map(|(_, name)| name);
    json!({
        "ServiceCode": quota.service,
        "ServiceName": name,
        "QuotaArn": format!("arn:aws:servicequotas:{region}:{}:{}/{}", world.account, quota.service, quota.code),
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value as f64,
        "Unit": "None",
        "Adjustable": quota.adjustable,
        "GlobalQuota": global,
        "QuotaAppliedAtLevel": "ACCOUNT",
    })
}

fn one(ask: &Ask) -> Result<&'static Quota, Refusal> {
    let ((service, _), asked) = (service(ask)?, code(ask, "QuotaCode", 128)?);
    let unknown = || {
        let why =
            format!("The request failed because the specified quota {asked} does not exist for service {service}.");
        Refusal::new("NoSuchResourceException", why)
    };
    QUOTAS.iter().find(|quota| quota.service == *service && quota.code == asked).ok_or_else(unknown)
}

/// Quotas whose applied value AWS doesn't know are refused there (API reference, GetServiceQuota); here it knows them all.
fn get(world: &mut World, ask: &Ask) -> Answer {
    let quota = one(ask)?;
    Ok(json!({ "Quota": shown(world, quota, limit(world, quota.code)) }))
}

fn get_default(world: &mut World, ask: &Ask) -> Answer {
    let quota = one(ask)?;
    Ok(json!({ "Quota": shown(world, quota, quota.value) }))
}

/// Pages of 1 to 100, 100 unless asked otherwise (service model; the latter unverified). The token is the next position.
fn page(world: &World, ask: &Ask, value: impl Fn(&Quota) -> i64) -> Answer {
    let (code, _) = service(ask)?;
    let wanted = ask.text("QuotaCode");
    let all = QUOTAS.iter().filter(|quota| quota.service == *code && wanted.is_none_or(|code| code == quota.code));
    let size = match ask.get("MaxResults") {
        Json::Null => 100,
        asked => match asked.as_u64() {
            Some(size @ 1..=100) => size as usize,
            _ => return Err(illegal("MaxResults must be between 1 and 100")),
        },
    };
    let invalid = |_| Refusal::new("InvalidPaginationTokenException", "Invalid token was used.");
    let from = ask.text("NextToken").map_or(Ok(0), str::parse::<usize>).map_err(invalid)?;
    let mut rest = all.skip(from);
    let quotas: Vec<Json> = rest.by_ref().take(size).map(|quota| shown(world, quota, value(quota))).collect();
    let next = rest.next().map(|_| (from + size).to_string());
    Ok(json!({ "Quotas": quotas, "NextToken": next }))
}

fn list(world: &mut World, ask: &Ask) -> Answer {
    page(world, ask, |quota| limit(world, quota.code))
}

fn list_defaults(world: &mut World, ask: &Ask) -> Answer {
    page(world, ask, |quota| quota.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(world: &mut World, action: &str, ask: Json) -> Result<Json, String> {
        world.call("servicequotas", action, &Ask(ask)).map_err(|refusal| refusal.code)
    }

    #[test]
    fn the_table_is_sound() {
        for (at, quota) in QUOTAS.iter().enumerate() {
            assert!(SERVICES.iter().any(|(code, _)| *code == quota.service), "{}", quota.code);
            assert!(QUOTAS[..at].iter().all(|other| other.code != quota.code), "{}", quota.code);
        }
        assert!(QUOTAS.is_sorted_by_key(|quota| quota.service));
    }

    #[test]
    fn values_are_applied_and_defaults_stay() {
        let mut world = World::new(7, "eu-west-3");
        let vpcs = json!({ "ServiceCode": "vpc", "QuotaCode": VPCS });
        let seen = |world: &mut World, action: &str| call(world, action, vpcs.clone()).unwrap()["Quota"].clone();
        assert_eq!(seen(&mut world, "GetServiceQuota")["Value"], 5.0);
        set(&mut world, VPCS, 9);
        let quota = seen(&mut world, "GetServiceQuota");
        assert_eq!((&quota["Value"], &quota["QuotaName"]), (&json!(9.0), &json!("VPCs per Region")));
        assert_eq!(quota["QuotaArn"], "arn:aws:servicequotas:eu-west-3:123456789012:vpc/L-F678F1CE");
        assert_eq!(seen(&mut world, "GetAWSDefaultServiceQuota")["Value"], 5.0);
        let roles = json!({ "ServiceCode": "iam", "QuotaCode": ROLES });
        let roles = call(&mut world, "GetServiceQuota", roles).unwrap();
        assert_eq!(roles["Quota"]["GlobalQuota"], true);
        set(&mut world, VPCS, -1);
        assert!(full(&world, VPCS, 0) && !full(&world, "L-0", 1_000_000));
    }

    #[test]
    fn lists_page_and_nonsense_is_refused() {
        let mut world = World::new(7, "eu-west-3");
        set(&mut world, NATS, 7);
        let (mut seen, mut token) = (Vec::new(), Json::Null);
        loop {
            let ask = json!({ "ServiceCode": "vpc", "MaxResults": 4, "NextToken": token });
            let page = call(&mut world, "ListServiceQuotas", ask).unwrap();
            seen.extend(page["Quotas"].as_array().unwrap().clone());
            token = page["NextToken"].clone();
            if token.is_null() {
                break;
            }
            assert_eq!(seen.len() % 4, 0);
        }
        assert_eq!(seen.len(), QUOTAS.iter().filter(|quota| quota.service == "vpc").count());
        assert_eq!(seen.last().unwrap()["Value"], 7.0);
        let defaults = call(&mut world, "ListAWSDefaultServiceQuotas", json!({ "ServiceCode": "vpc" })).unwrap();
        assert_eq!(defaults["Quotas"].as_array().unwrap().last().unwrap()["Value"], 5.0);
        let one = json!({ "ServiceCode": "vpc", "QuotaCode": NATS });
        let one = call(&mut world, "ListServiceQuotas", one).unwrap();
        assert_eq!(one["Quotas"].as_array().unwrap().len(), 1);
        for (ask, code) in [
            (json!({}), "IllegalArgumentException"),
            (json!({ "ServiceCode": "1" }), "IllegalArgumentException"),
            (json!({ "ServiceCode": "none" }), "NoSuchResourceException"),
            (json!({ "ServiceCode": "vpc", "MaxResults": 0 }), "IllegalArgumentException"),
            (json!({ "ServiceCode": "vpc", "MaxResults": 101 }), "IllegalArgumentException"),
            (json!({ "ServiceCode": "vpc", "NextToken": "x" }), "InvalidPaginationTokenException"),
        ] {
            assert_eq!(call(&mut world, "ListServiceQuotas", ask).unwrap_err(), code);
        }
        for (ask, code) in [
            (json!({ "ServiceCode": "vpc" }), "IllegalArgumentException"),
            (json!({ "ServiceCode": "ec2", "QuotaCode": VPCS }), "NoSuchResourceException"),
        ] {
            assert_eq!(call(&mut world, "GetServiceQuota", ask).unwrap_err(), code);
        }
    }

    #[test]
    fn creates_ask_the_table() {
        let mut world = World::new(7, "eu-west-3");
        let made = world.call("ec2", "CreateVpc", &Ask(json!({ "CidrBlock": "10.0.0.0/16" }))).unwrap();
        let vpc = made["vpc"]["vpcId"].clone();
        let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": "ecs-tasks.amazonaws.com" } }] });
        let group = json!({ "Name": "t", "TargetType": "ip", "Protocol": "HTTP", "Port": 80, "VpcId": vpc });
        for (quota, service, action, ask, code) in [
            (VPCS, "ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }), "VpcLimitExceeded"),
            (INTERNET_GATEWAYS, "ec2", "CreateInternetGateway", json!({}), "InternetGatewayLimitExceeded"),
            (ADDRESSES, "ec2", "AllocateAddress", json!({}), "AddressLimitExceeded"),
            (ROUTE_TABLES, "ec2", "CreateRouteTable", json!({ "VpcId": vpc }), "RouteTableLimitExceeded"),
            (
                SUBNETS,
                "ec2",
                "CreateSubnet",
                json!({ "VpcId": vpc, "CidrBlock": "10.0.0.0/24" }),
                "SubnetLimitExceeded",
            ),
            (
                GROUPS,
                "ec2",
                "CreateSecurityGroup",
                json!({ "VpcId": vpc, "GroupName": "g", "GroupDescription": "d" }),
                "SecurityGroupLimitExceeded",
            ),
            (CLUSTERS, "ecs", "CreateCluster", json!({}), "ClientException"),
            (TARGET_GROUPS, "elasticloadbalancing", "CreateTargetGroup", group, "TooManyTargetGroups"),
            (
                ROLES,
                "iam",
                "CreateRole",
                json!({ "RoleName": "r", "AssumeRolePolicyDocument": trust.to_string() }),
                "LimitExceeded",
            ),
        ] {
            set(&mut world, quota, 0);
            let refused = world.call(service, action, &Ask(ask.clone())).map_err(|refusal| refusal.code);
            assert_eq!(refused, Err(code.to_owned()), "{action}");
            set(&mut world, quota, 1000);
            assert!(world.call(service, action, &Ask(ask)).is_ok(), "{action}");
        }
    }
}
