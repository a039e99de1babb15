//! How a target group checks its targets: the fields, their defaults and limits (API reference, CreateTargetGroup).

use serde_json::{Value as Json, json};

use super::invalid;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub struct HealthCheck {
    pub protocol: String,
    /// A number, or `traffic-port`.
    pub port: String,
    pub path: String,
    pub interval: i64,
    pub timeout: i64,
    pub healthy: i64,
    pub unhealthy: i64,
    pub matcher: String,
}

/// What every simulated application answers once it does.
const ANSWERED: i64 = 200;

impl HealthCheck {
    pub fn usual() -> Self {
        Self {
            protocol: "HTTP".into(),
            port: "traffic-port".into(),
            path: "/".into(),
            interval: 30,
            // "For target groups with a protocol of HTTP, HTTPS, or GENEVE, the default is 5 seconds" (CreateTargetGroup).
            timeout: 5,
            healthy: 5,
            unhealthy: 2,
            matcher: "200".into(),
        }
    }

    /// With what a call sets; refused beyond the limits.
    pub fn with(&self, ask: &Ask) -> Result<Self, Refusal> {
        let text = |name: &str, now: &str| ask.text(name).unwrap_or(now).to_owned();
        let number = |name: &str, now: i64, low: i64, high: i64| {
            let asked = if ask.get(name).is_null() { Some(now) } else { ask.number(name) };
            let fits = asked.filter(|asked| (low..=high).contains(asked));
            fits.ok_or_else(|| invalid(format!("{name} must be between {low} and {high}")))
        };
        let check = Self {
            protocol: text("HealthCheckProtocol", &self.protocol),
            port: text("HealthCheckPort", &self.port),
            path: text("HealthCheckPath", &self.path),
            interval: number("HealthCheckIntervalSeconds", self.interval, 5, 300)?,
            timeout: number("HealthCheckTimeoutSeconds", self.timeout, 2, 120)?,
            healthy: number("HealthyThresholdCount", self.healthy, 2, 10)?,
            unhealthy: number("UnhealthyThresholdCount", self.unhealthy, 2, 10)?,
            matcher: ask.part("Matcher").text("HttpCode").unwrap_or(&self.matcher).to_owned(),
        };
        check.check(ask)?;
        Ok(check)
    }

    fn check(&self, ask: &Ask) -> Result<(), Refusal> {
        // Targets by address are always checked (API reference, HealthCheckEnabled).
        if ask.truth("HealthCheckEnabled") == Some(false) {
            return Err(invalid("Health check enabled must be true for target groups with target type 'ip'"));
        }
        if !matches!(self.protocol.as_str(), "HTTP" | "HTTPS") {
            return Err(invalid(format!("Health check protocol '{}' is not supported", self.protocol)));
        }
        if self.port != "traffic-port" && !self.port.parse().is_ok_and(|port: i64| (1..=65_535).contains(&port)) {
            return Err(invalid(format!("Health check port '{}' must be 'traffic-port' or in 1-65535", self.port)));
        }
        if !self.path.starts_with('/') || self.path.len() > 1024 {
            return Err(invalid(format!("Health check path '{}' must begin with '/'", self.path)));
        }
        // User Guide, Health checks: the timeout is the shorter (message unverified).
        if self.timeout >= self.interval {
            let why = format!(
                "Health check timeout '{}' must be smaller than the interval '{}'",
                self.timeout, self.interval
            );
            return Err(invalid(why));
        }
        match codes(&self.matcher) {
            Some(codes) if codes.iter().all(|(low, high)| 200 <= *low && low <= high && *high <= 499) => Ok(()),
            _ => Err(invalid(format!("Health check matcher HTTP code '{}' must be within '200-499'", self.matcher))),
        }
    }

    /// Whether what applications answer counts as healthy.
    pub fn accepts(&self) -> bool {
        codes(&self.matcher).is_some_and(|codes| codes.iter().any(|(low, high)| (*low..=*high).contains(&ANSWERED)))
    }

    /// Whether the check goes where the application listens.
    pub fn reaches(&self, port: i64) -> bool {
        self.port == "traffic-port" || self.port.parse() == Ok(port)
    }

    pub fn port_of(&self, port: i64) -> String {
        if self.port == "traffic-port" { port.to_string() } else { self.port.clone() }
    }

    pub fn written(&self) -> Json {
        json!({
            "HealthCheckProtocol": self.protocol,
            "HealthCheckPort": self.port,
            "HealthCheckEnabled": true,
            "HealthCheckIntervalSeconds": self.interval,
            "HealthCheckTimeoutSeconds": self.timeout,
            "HealthyThresholdCount": self.healthy,
            "UnhealthyThresholdCount": self.unhealthy,
            "HealthCheckPath": self.path,
            "Matcher": { "HttpCode": self.matcher },
        })
    }
}

/// `200,202` or `200-299`, or a mix.
fn codes(matcher: &str) -> Option<Vec<(i64, i64)>> {
    let one = |part: &str| match part.split_once('-') {
        Some((low, high)) => Some((low.parse().ok()?, high.parse().ok()?)),
        None => part.parse().ok().map(|code| (code, code)),
    };
    matcher.split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_times_out_after_five_seconds() {
        let check = HealthCheck::usual();
        assert_eq!((check.interval, check.timeout), (30, 5));
    }
}
