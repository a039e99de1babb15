//! What may stand in a record, by type (Developer Guide, "Supported DNS record types"). Types that are not here may hold
//! anything.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::name;
use super::record::RecordSet;

/// What is wrong with the values of a set, in words seen in the wild but for those of MX, SRV and CAA and the number of
/// values (unverified).
pub fn flaws(set: &RecordSet) -> Vec<String> {
    let wrong = |(words, value): (&str, &str)| {
        format!("Invalid Resource Record: 'FATAL problem: {words} encountered with '{value}''")
    };
    let mut flaws: Vec<String> =
        set.values.iter().filter_map(|value| Some((flaw(&set.kind, value)?, value.as_str()))).map(wrong).collect();
    let mut seen = set.values.clone();
    seen.sort();
    let twice = seen.windows(2).find(|pair| pair[0] == pair[1]);
    flaws.extend(twice.map(|pair| format!("Duplicate Resource Record: '{}'", pair[0])));
    if matches!(set.kind.as_str(), "CNAME" | "SOA") && set.values.len() > 1 {
        flaws.push(format!("Too many resource records in the set {}: one is permitted", set.called()));
    }
    flaws
}

fn flaw(kind: &str, value: &str) -> Option<&'static str> {
    let bad_name = |text: &str| name::normal(text).err().map(name::Flaw::words);
    let number = |text: &str| text.parse::<u16>().is_ok();
    let fields: Vec<&str> = value.split_whitespace().collect();
    match kind {
        "A" => value
            .parse::<Ipv4Addr>()
            .is_err()
            .then_some("ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"),
        "AAAA" => value
            .parse::<Ipv6Addr>()
            .is_err()
            .then_some("AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"),
        "CNAME" | "NS" | "PTR" => bad_name(value),
        "TXT" | "SPF" => strings(value),
        "MX" => match fields[..] {
            [preference, host] if number(preference) => bad_name(host),
            _ => Some("MXRRDATANotTwoFields (Value should be a preference and a domain name)"),
        },
        "SRV" => match fields[..] {
            [priority, weight, port, host] if [priority, weight, port].into_iter().all(number) => bad_name(host),
            _ => Some("SRVRRDATANotFourFields (Value should be priority, weight, port and a domain name)"),
        },
        "CAA" => match fields[..] {
            [flags, _, text, ..] if flags.parse::<u8>().is_ok() && text.starts_with('"') => None,
            _ => Some("CAARRDATANotThreeFields (Value should be flags, a tag and a quoted value)"),
        },
        _ => None,
    }
}

/// Strings in quotation marks, of 255 characters at most.
fn strings(value: &str) -> Option<&'static str> {
    let (mut inside, mut escaped, mut length) = (false, false, 0);
    for letter in value.trim().chars() {
        match letter {
            _ if escaped => (escaped, length) = (false, length + 1),
            '\\' if inside => escaped = true,
            '"' => (inside, length) = (!inside, 0),
            _ if inside => length += 1,
            ' ' | '\t' => {}
            _ => return Some("InvalidCharacterString (Value should be enclosed in quotation marks)"),
        }
        if length > 255 {
            return Some("CharacterStringTooLong (Value is too long)");
        }
    }
    (inside || value.trim().is_empty())
        .then_some("InvalidCharacterString (Value should be enclosed in quotation marks)")
}
