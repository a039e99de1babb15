//! Certificates made elsewhere. What looks like PEM is taken; of its content only the names are looked for.

use std::collections::BTreeSet;

use serde_json::json;

use super::certificate::Certificate;
use super::checks::{self, invalid, needed, parameter};
use super::{existing, request, tagging};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

/// The common name's object identifier, and the alternative names' (RFC 5280), as they stand in a certificate.
const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];
const ALTERNATIVE_NAMES: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x11];

/// Base64, whatever else stands between the letters.
fn decoded(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for six in text.bytes().filter_map(value) {
        (bits, held) = (bits << 6 | u32::from(six), held + 6);
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    out
}

/// A blob of the call as text.
fn text(ask: &Ask, member: &str) -> Result<String, Refusal> {
    let blob = needed(ask, member)?;
    String::from_utf8(decoded(blob)).map_err(|_| invalid(member, "", "it must be PEM-encoded"))
}

fn pem<'a>(member: &str, text: &'a str, what: &str) -> Result<&'a str, Refusal> {
    let (begin, end) = (format!("{what}-----\n"), "\n-----END ");
    let inside = text.split_once("-----BEGIN ").and_then(|(_, rest)| rest.split_once(begin.as_str()));
    let inside = inside.and_then(|(_, rest)| rest.split_once(end));
    inside.map(|(inside, _)| inside).ok_or_else(|| parameter(format!("The {member} field is not PEM-encoded.")))
}

fn at(bytes: &[u8], mark: &[u8; 5]) -> Option<usize> {
    bytes.windows(5).rposition(|window| window == mark).map(|at| at + 5)
}

/// Tag and content of the element at a place; short lengths, and those of one or two bytes.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (tag, rest) = bytes.split_first()?;
    let (length, head) = match rest {
        [0x82, high, low, ..] => (usize::from(*high) << 8 | usize::from(*low), 3),
        [0x81, length, ..] => (usize::from(*length), 2),
        [length @ ..=0x7f, ..] => (usize::from(*length), 1),
        _ => return None,
    };
    Some((*tag, rest.get(head..head + length)?, 1 + head + length))
}

/// The common name (the last one: the subject comes after the issuer), then the alternative names.
fn names(der: &[u8]) -> Vec<String> {
    let own = at(der, &COMMON_NAME).and_then(|at| element(&der[at..])).map(|(_, name, _)| name);
    let others = at(der, &ALTERNATIVE_NAMES).and_then(|at| element(&der[at..]));
    // An octet string, perhaps after a truth; in it a sequence.
    let others = others.and_then(|(_, inside, _)| element(inside)).map_or(&[][..], |(_, inside, _)| inside);
    let (mut rest, mut names) = (others, Vec::new());
    while let Some((tag, name, length)) = element(rest) {
        names.extend((tag == 0x82).then_some(name));
        rest = &rest[length..];
    }
    let all = own.into_iter().chain(names).filter_map(|name| String::from_utf8(name.to_vec()).ok());
    let mut found: Vec<String> = Vec::new();
    for name in all.map(|name| name.to_lowercase()) {
        if checks::domain("", &name).is_ok() && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// With an ARN the certificate there is replaced, and keeps its tags (API reference, ImportCertificate).
pub fn import(world: &mut World, ask: &Ask) -> Answer {
    let certificate = text(ask, "Certificate")?;
    let key = text(ask, "PrivateKey")?;
    let chain = if ask.get("CertificateChain").is_null() { None } else { Some(text(ask, "CertificateChain")?) };
    let der = decoded(pem("certificate", &certificate, "CERTIFICATE")?);
    pem("private key", &key, "PRIVATE KEY")?;
    if key.len() > 5120 {
        return Err(parameter("The private key is larger than 5 KB."));
    }
    if let Some(chain) = &chain {
        pem("certificate chain", chain, "CERTIFICATE")?;
    }
    let tags = tagging::given(ask)?;
    let replaced = match ask.get("CertificateArn").is_null() {
        true => None,
        false => {
            let (arn, there) = existing(world, ask)?;
            if there.method.is_some() {
                let why = format!("The certificate {arn} was not imported.");
                return Err(Refusal::new("ValidationException", why));
            }
            if !tags.is_empty() {
                return Err(parameter("Tagging is not permitted on re-import."));
            }
            Some((arn, there.clone()))
        }
    };
    if replaced.is_none() {
        request::full(world)?;
    }
    let (arn, number, tags): (String, u64, Tags) = match replaced {
        Some((arn, there)) => (arn, there.number, there.tags),
        None => {
            let id = world.uuid();
            world.acm.count += 1;
            (world.arn("acm", &format!("certificate/{id}")), world.acm.count, tags)
        }
    };
    let imported = Certificate {
        number,
        names: names(&der),
        method: None,
        status: "ISSUED",
        reason: None,
        recorded: false,
        found: BTreeSet::new(),
        proven: BTreeSet::new(),
        created: world.epoch(),
        issued: Some(world.epoch()),
        key: "RSA_2048".to_owned(),
        transparency: "DISABLED".to_owned(),
        export: "DISABLED".to_owned(),
        mail: Vec::new(),
        tags,
        token: None,
        pem: Some((certificate, chain)),
    };
    world.acm.certificates.insert(arn.clone(), imported);
    Ok(json!({ "CertificateArn": arn }))
}
