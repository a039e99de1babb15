//! The predefined security policies (User Guide, "Security policies for your Application Load Balancer", 2025-09). Those of
//! RFC 9151 are left out.

use serde_json::{Value as Json, json};

use super::{invalid, page};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// The API's own default; the console's is another.
pub const DEFAULT: &str = "ELBSecurityPolicy-2016-08";

/// Which ciphers of TLS 1.2 and before a policy has.
#[derive(Clone, Copy, PartialEq)]
enum Set {
    None,
    /// Forward secrecy, with GCM only; with SHA-2 too; with SHA-1 too.
    Gcm,
    Sha2,
    Forward,
    /// RSA key exchange too, without SHA-1.
    Rsa,
    All,
}
use Set::{All, Forward, Gcm, None as Nothing, Rsa, Sha2};

/// Name, the oldest and the newest version of TLS (minor number), ciphers.
const POLICIES: &[(&str, u8, u8, Set)] = &[
    (DEFAULT, 0, 2, All),
    ("ELBSecurityPolicy-FS-1-1-2019-08", 1, 2, Forward),
    ("ELBSecurityPolicy-FS-1-2-2019-08", 2, 2, Forward),
    ("ELBSecurityPolicy-FS-1-2-Res-2019-08", 2, 2, Sha2),
    ("ELBSecurityPolicy-FS-1-2-Res-2020-10", 2, 2, Gcm),
    ("ELBSecurityPolicy-FS-2018-06", 0, 2, Forward),
    ("ELBSecurityPolicy-TLS-1-1-2017-01", 1, 2, All),
    ("ELBSecurityPolicy-TLS-1-2-2017-01", 2, 2, Rsa),
    ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", 2, 2, All),
    ("ELBSecurityPolicy-TLS13-1-0-2021-06", 0, 3, All),
    ("ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04", 0, 3, All),
    ("ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09", 0, 3, All),
    ("ELBSecurityPolicy-TLS13-1-0-PQ-2025-09", 0, 3, All),
    ("ELBSecurityPolicy-TLS13-1-1-2021-06", 1, 3, All),
    ("ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04", 1, 3, All),
    ("ELBSecurityPolicy-TLS13-1-2-2021-06", 2, 3, Sha2),
    ("ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04", 2, 3, Forward),
    ("ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-PQ-2025-09", 2, 3, Forward),
    ("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", 2, 3, Rsa),
    ("ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04", 2, 3, Rsa),
    ("ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-PQ-2025-09", 2, 3, Rsa),
    ("ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09", 2, 3, Rsa),
    ("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", 2, 3, All),
    ("ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04", 2, 3, All),
    ("ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-PQ-2025-09", 2, 3, All),
    ("ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09", 2, 3, All),
    ("ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", 2, 3, Sha2),
    ("ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09", 2, 3, Sha2),
    ("ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", 2, 3, Sha2),
    ("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", 2, 3, Gcm),
    ("ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", 2, 3, Gcm),
    ("ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09", 2, 3, Gcm),
    ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", 2, 3, Gcm),
    ("ELBSecurityPolicy-TLS13-1-3-2021-06", 3, 3, Nothing),
    ("ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", 3, 3, Nothing),
    ("ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09", 3, 3, Nothing),
    ("ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", 3, 3, Nothing),
];

const NEW: [&str; 3] = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
const OLD: [&str; 18] = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES128-SHA256",
    "AES128-SHA",
    "AES256-GCM-SHA384",
    "AES256-SHA256",
    "AES256-SHA",
];

impl Set {
    fn has(self, cipher: &str) -> bool {
        let (forward, old) = (cipher.starts_with("ECDHE-"), cipher.ends_with("-SHA"));
        match self {
            Nothing => false,
            Gcm => forward && cipher.contains("-GCM-"),
            Sha2 => forward && !old,
            Forward => forward,
            Rsa => !old,
            All => true,
        }
    }
}

fn described((name, oldest, newest, set): &(&str, u8, u8, Set)) -> Json {
    let version = |minor: u8| if minor == 0 { "TLSv1".to_owned() } else { format!("TLSv1.{minor}") };
    let protocols: Vec<String> = (*oldest..=*newest).rev().map(version).collect();
    // FIPS knows no ChaCha20.
    let new = NEW.iter().filter(|cipher| *newest == 3 && !(name.contains("FIPS") && cipher.contains("CHACHA20")));
    let ciphers = new.chain(OLD.iter().filter(|cipher| set.has(cipher))).enumerate();
    let ciphers: Vec<Json> = ciphers.map(|(at, name)| json!({ "Name": name, "Priority": at + 1 })).collect();
    json!({
        "Name": name,
        "SslProtocols": protocols,
        "Ciphers": ciphers,
        "SupportedLoadBalancerTypes": ["application", "network"],
    })
}

/// Whether there is such a policy.
///
/// # Errors
/// `SSLPolicyNotFound`.
pub fn check(name: &str) -> Result<(), Refusal> {
    let missing = || Refusal::new("SSLPolicyNotFound", format!("SSL policy '{name}' not found"));
    POLICIES.iter().any(|(there, ..)| *there == name).then_some(()).ok_or_else(missing)
}

/// In the order of their names; a marker is a name.
pub fn describe(_: &mut World, ask: &Ask) -> Answer {
    let names = ask.texts("Names");
    names.iter().try_for_each(|name| check(name))?;
    let kind = ask.text("LoadBalancerType").unwrap_or("application");
    if !matches!(kind, "application" | "network" | "gateway") {
        return Err(invalid(format!("Load balancer type '{kind}' is not valid")));
    }
    let asked = |(name, ..): &&(&str, u8, u8, Set)| {
        kind != "gateway" && (names.is_empty() || names.iter().any(|there| there == name))
    };
    let all = POLICIES.iter().filter(asked).map(|policy| (format!("arn:{}", policy.0), described(policy)));
    page::page(ask, "SslPolicies", all)
}
