//! Faults on order: at the n-th call of an action, so many times.

use serde::{Deserialize, Serialize};

use super::Call;
use super::fault::{Fault, LONGEST_DELAY, NAT_FAILURES};
use super::quota;
use crate::simulator::world::{self, World};

/// A fault on order. In JSON: `{"action": "ec2:CreateVpc", "after": 2, "times": 1, "fault": {"delay": {"seconds": 5}}}`;
/// all but the fault may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// `ec2:CreateVpc`, `ec2:Create*`, `ec2:*`, `ec2:mutating`, `mutating` or `*`. Only calls that the fault can strike
    /// count: `*` with `nat_fails` is the next CreateNatGateway.
    #[serde(default = "any")]
    pub action: String,
    /// So many such calls are let pass before.
    #[serde(default)]
    pub after: u64,
    /// How many calls are struck.
    #[serde(default = "once")]
    pub times: u64,
    pub fault: Fault,
}

fn any() -> String {
    "*".into()
}

fn once() -> u64 {
    1
}

impl Order {
    pub fn new(action: &str, fault: Fault) -> Self {
        Self { action: action.into(), after: 0, times: 1, fault }
    }

    fn parts(&self) -> (&str, &str) {
        self.action.split_once(':').unwrap_or(("*", &self.action))
    }

    fn meets(&self, call: &Call) -> bool {
        let (service, action) = self.parts();
        let acts = match action {
            "mutating" => !call.reads(),
            _ => matches(action, call.action),
        };
        (service == "*" || service == call.service) && acts && concerns(&self.fault, call.service, call.action)
    }

    pub fn check(&self) -> Result<(), String> {
        let (service, action) = self.parts();
        if service != "*" && !world::SERVICES.contains(&service) {
            return Err(format!("{service} is not a simulated service: {}", world::SERVICES.join(", ")));
        }
        let exact = action != "mutating" && !action.ends_with('*');
        if exact && (service == "*" || world::operation(service, action).is_none()) {
            return Err(format!("{} is neither a simulated operation nor a pattern such as ec2:Create*", self.action));
        }
        if exact && !concerns(&self.fault, service, action) {
            return Err(format!("this fault cannot strike {}", self.action));
        }
        if self.times == 0 {
            return Err("times must be at least 1".into());
        }
        match &self.fault {
            Fault::Delay { seconds } | Fault::AttachesLate { seconds } if !(0.0..=LONGEST_DELAY).contains(seconds) => {
                Err(format!("seconds must be in 0 to {LONGEST_DELAY}: {seconds}"))
            }
            Fault::Refuse { code, .. } if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(format!("{code:?} is not an error code"))
            }
            Fault::Refuse { status: Some(status), .. } if !(400..600).contains(status) => {
                Err(format!("status must be in 400 to 599: {status}"))
            }
            Fault::NatFails { code } if !NAT_FAILURES.iter().any(|(known, _)| known == code) => {
                let known: Vec<_> = NAT_FAILURES.iter().map(|(known, _)| *known).collect();
                Err(format!("{code:?} is none of {}", known.join(", ")))
            }
            _ => Ok(()),
        }
    }
}

/// A name, or the beginning of one and `*`.
pub fn matches(pattern: &str, action: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => action.starts_with(beginning),
        None => pattern == action,
    }
}

/// Whether the fault means anything at such a call.
fn concerns(fault: &Fault, service: &str, action: &str) -> bool {
    match fault {
        Fault::NatFails { .. } => (service, action) == ("ec2", "CreateNatGateway"),
        Fault::AttachesLate { .. } => (service, action) == ("ec2", "AttachInternetGateway"),
        Fault::LoadBalancerFails | Fault::LoadBalancerImpaired => {
            (service, action) == ("elasticloadbalancing", "CreateLoadBalancer")
        }
        Fault::Quota => quota::of(service, action).is_some(),
        _ => true,
    }
}

/// The fault of the first order that is due at this call. Every order that the call meets counts it.
pub fn fallen_due(world: &mut World, call: &Call) -> Option<Fault> {
    let mut due = None;
    for order in world.weather.orders.iter_mut().filter(|order| order.meets(call)) {
        match order.after {
            0 if due.is_none() => {
                order.times -= 1;
                due = Some(order.fault.clone());
            }
            0 => {}
            _ => order.after -= 1,
        }
    }
    world.weather.orders.retain(|order| order.times > 0);
    due
}
