//! `https` and `domain`: the certificates, and the names that lead here.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Https {
    /// ARN of the certificate: one of ACM in the service's region, issued, or one uploaded to IAM. Not together with `domain`, which makes one.
    pub certificate_arn: Option<String>,
    /// ARNs of at most 24 more certificates, served to those who ask for their names (SNI).
    pub additional_certificate_arns: BTreeSet<String>,
    /// Security policy of the HTTPS listener: which versions of TLS and which ciphers. The default is the one that AWS recommends: TLS 1.3 and 1.2, with key exchange that withstands quantum computers.
    pub ssl_policy: String,
    /// Answer HTTP requests with a permanent redirect (301) to the same address on HTTPS. When false, they are served as well.
    pub redirect_http: bool,
}

impl Default for Https {
    fn default() -> Self {
        Self {
            certificate_arn: None,
            additional_certificate_arns: BTreeSet::new(),
            ssl_policy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09".into(),
            redirect_http: true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Domain {
    /// Name of the service, such as `www.example.com`, in lower case and at most 64 characters.
    pub name: String,
    /// ID of the public Route 53 hosted zone that has the names. By default the one in this account whose name is the longest that `name` ends with. The service of an internal load balancer needs a public zone too: ACM proves names only there.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub zone_id: Option<String>,
    /// At most 9 more names, all in the same hosted zone; `*.example.com` stands for all names below `example.com`.
    #[serde(default)]
    pub additional_names: BTreeSet<String>,
}

impl Domain {
    /// All names, the service's own first.
    pub fn names(&self) -> Vec<&str> {
        std::iter::once(&self.name).chain(&self.additional_names).map(String::as_str).collect()
    }
}
