//! Resource record sets: reading one from a call, and writing it.

use serde_json::{Map, Value as Json, json};

use super::{Refusal, check, invalid, name, needed};
use crate::simulator::ask::Ask;

/// Reversed name, type and set identifier: so are they listed (API reference, ListResourceRecordSets).
pub type Key = (String, String, String);

#[derive(Clone, Debug, PartialEq)]
pub struct RecordSet {
    pub name: String,
    pub kind: String,
    pub identifier: Option<String>,
    pub ttl: Option<i64>,
    pub values: Vec<String>,
    pub alias: Option<Alias>,
    /// The routing policy's members as they came.
    policy: Map<String, Json>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    pub zone: String,
    pub name: String,
    evaluate: bool,
}

/// botocore's model, RRType.
const KINDS: [&str; 17] = [
    "SOA", "A", "TXT", "NS", "CNAME", "MX", "NAPTR", "PTR", "SRV", "SPF", "AAAA", "CAA", "DS", "TLSA", "SSHFP", "SVCB",
    "HTTPS",
];
/// One of these makes a set one of several of the same name and type.
const POLICIES: [&str; 7] =
    ["Weight", "Region", "GeoLocation", "Failover", "MultiValueAnswer", "CidrRoutingConfig", "GeoProximityLocation"];
const LONGEST_TTL: i64 = 2_147_483_647;

/// A record's type.
///
/// # Errors
/// `InvalidInput` if there is no such.
pub fn kind(text: &str, member: &str) -> Result<String, Refusal> {
    let why = "failed to satisfy constraint: Member must satisfy enum value set:";
    let known =
        || invalid(format!("1 validation error detected: Value '{text}' at '{member}' {why} [{}]", KINDS.join(", ")));
    KINDS.contains(&text).then(|| text.to_owned()).ok_or_else(known)
}

impl RecordSet {
    /// A zone's own sets, with the usual TTLs and timers (Developer Guide, "NS and SOA records").
    pub fn apex(zone: &str, servers: &[String]) -> [Self; 2] {
        let set = |kind: &str, ttl, values| Self {
            name: zone.to_owned(),
            kind: kind.to_owned(),
            identifier: None,
            ttl: Some(ttl),
            values,
            alias: None,
            policy: Map::new(),
        };
        let first = servers.first().map(String::as_str).unwrap_or_default();
        let soa = format!("{first}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400");
        [set("NS", 172_800, servers.iter().map(|server| format!("{server}.")).collect()), set("SOA", 900, vec![soa])]
    }

    pub fn is_apex(&self, zone: &str) -> bool {
        self.name == zone && matches!(self.kind.as_str(), "NS" | "SOA")
    }

    pub fn key(&self) -> Key {
        (name::order(&self.name), self.kind.clone(), self.identifier.clone().unwrap_or_default())
    }

    /// As messages call it.
    pub fn called(&self) -> String {
        let identifier = self.identifier.as_ref().map(|text| format!(", set-identifier='{text}'")).unwrap_or_default();
        format!("[name='{}', type='{}'{identifier}]", self.name, self.kind)
    }

    /// Whether a deletion that names this set's key means it: TTL and values, letter by letter in any order (unverified), or the
    /// alias. The routing policy may be left
    /// out (seen in the wild: getmoto/moto#7153).
    pub fn means(&self, asked: &Self) -> bool {
        let sorted = |set: &Self| {
            let mut values = set.values.clone();
            values.sort();
            values
        };
        self.ttl == asked.ttl && self.alias == asked.alias && sorted(self) == sorted(asked)
    }

    pub fn described(&self) -> Json {
        let values: Vec<Json> = self.values.iter().map(|value| json!({ "Value": value })).collect();
        let alias = self.alias.as_ref().map(|alias| {
            json!({ "HostedZoneId": alias.zone, "DNSName": alias.name, "EvaluateTargetHealth": alias.evaluate })
        });
        let mut set = self.policy.clone();
        set.extend([
            ("Name".to_owned(), self.name.as_str().into()),
            ("Type".to_owned(), self.kind.as_str().into()),
            ("SetIdentifier".to_owned(), self.identifier.clone().into()),
            ("TTL".to_owned(), self.ttl.into()),
            ("ResourceRecords".to_owned(), Some(values).filter(|values| !values.is_empty()).into()),
            ("AliasTarget".to_owned(), alias.into()),
        ]);
        Json::Object(set)
    }

    /// From a change. The messages are as seen in the wild.
    ///
    /// # Errors
    /// `InvalidInput`. A name that is none comes as an inner error: a fault of the batch.
    pub fn read(change: &Ask, action: &str) -> Result<Result<Self, String>, Refusal> {
        let ask = change.part("ResourceRecordSet");
        let given = needed(&ask, "Name", 1024)?.to_owned();
        let kind = kind(needed(&ask, "Type", 16)?, "changeBatch.changes.member.resourceRecordSet.type")?;
        let identifier = ask.text("SetIdentifier").map(str::to_owned);
        check("setIdentifier", identifier.as_deref().unwrap_or_default(), 128)?;
        let shown = identifier.as_deref().unwrap_or("null");
        let here = format!("in Change with [Action={action}, Name={given}, Type={kind}, SetIdentifier={shown}]");
        let policy: Map<String, Json> = POLICIES
            .iter()
            .chain(&["HealthCheckId"])
            .filter_map(|member| {
                let value = ask.get(member);
                (!value.is_null()).then(|| ((*member).to_owned(), value.clone()))
            })
            .collect();
        let routed = POLICIES.iter().filter(|member| policy.contains_key(**member)).count();
        let one = format!("Invalid request: Expected exactly one of [{}]", POLICIES.join(", "));
        match (routed, &identifier) {
            (0, Some(_)) => return Err(invalid(format!("{one}, but found none {here}"))),
            (1, None) => return Err(invalid(format!("Invalid request: Missing field 'SetIdentifier' {here}"))),
            (2.., _) => return Err(invalid(format!("{one}, but found more than one {here}"))),
            _ => {}
        }
        let values: Vec<String> = ask
            .parts("ResourceRecords")
            .iter()
            .map(|value| value.text("Value").unwrap_or_default().to_owned())
            .collect();
        let ttl = ask.number("TTL");
        let alias = ask.get("AliasTarget");
        let plain = !ask.get("TTL").is_null() || !values.is_empty();
        let choice = "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or \
                      TrafficPolicyInstanceId]";
        match (alias.is_null(), plain) {
            (true, _) if ttl.is_none() || values.is_empty() => {
                return Err(invalid(format!("{choice}, but found none {here}")));
            }
            (false, true) => return Err(invalid(format!("{choice}, but found more than one {here}"))),
            _ => {}
        }
        if ttl.is_some_and(|ttl| !(0..=LONGEST_TTL).contains(&ttl)) {
            return Err(invalid(format!(
                "1 validation error detected: Value at 'TTL' must be between 0 and {LONGEST_TTL} {here}"
            )));
        }
        if values.iter().any(|value| value.is_empty() || value.chars().count() > 4000) {
            return Err(invalid(format!(
                "1 validation error detected: Value at 'ResourceRecords' must have 1 to 4000 characters {here}"
            )));
        }
        let flawed =
            |given: &str, flaw: name::Flaw| format!("FATAL problem: {} encountered with '{given}'", flaw.words());
        let alias = match alias.is_null() {
            true => None,
            false => match Alias::read(&ask.part("AliasTarget"))? {
                Ok(alias) => Some(alias),
                Err((given, flaw)) => return Ok(Err(flawed(&given, flaw))),
            },
        };
        Ok(match name::normal(&given) {
            Ok(name) => Ok(Self { name, kind, identifier, ttl, values, alias, policy }),
            Err(flaw) => Err(flawed(&given, flaw)),
        })
    }
}

impl Alias {
    fn read(ask: &Ask) -> Result<Result<Self, (String, name::Flaw)>, Refusal> {
        let (zone, given) = (needed(ask, "HostedZoneId", 32)?, needed(ask, "DNSName", 1024)?);
        let evaluate = ask.truth("EvaluateTargetHealth");
        let evaluate =
            evaluate.ok_or_else(|| invalid("Invalid request: Missing field 'EvaluateTargetHealth' in AliasTarget"))?;
        Ok(name::normal(given)
            .map(|name| Self { zone: zone.to_owned(), name, evaluate })
            .map_err(|flaw| (given.to_owned(), flaw)))
    }
}
