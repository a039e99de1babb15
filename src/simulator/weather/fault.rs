//! What strikes a single call, and how.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Call, codes, quota};
use crate::simulator::refusal::Refusal;
use crate::simulator::world::World;

/// What strikes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Refused as throttled, without effect.
    Throttle,
    /// Refused with 500, without effect.
    Internal,
    /// Refused with 503, without effect.
    Unavailable,
    /// The connection is reset before anything happens.
    ResetBefore,
    /// It is done, and the connection is reset.
    ReplyLost,
    /// It is done at once and answered late.
    Delay { seconds: f64 },
    /// Refused with a code of choice (status 400 unless told).
    Refuse {
        code: String,
        #[serde(default)]
        message: Option<String>,
        #[serde(default)]
        status: Option<u16>,
    },
    /// Refused for want of permission, in the protocol's form.
    AccessDenied,
    /// Refused because the caller's credentials have expired, with the service's own code.
    CredentialsExpired,
    /// Refused as its quota is reached, with that action's code.
    Quota,
    /// The NAT gateway that it makes fails seconds later, with one of the API reference's codes.
    NatFails { code: String },
    /// The internet gateway that it attaches is `attaching` for so long.
    AttachesLate { seconds: f64 },
    /// The load balancer that it makes fails instead of becoming active.
    LoadBalancerFails,
    /// The load balancer that it makes is `active_impaired` for a while, then active.
    LoadBalancerImpaired,
}

/// Beyond this no client waits.
pub const LONGEST_DELAY: f64 = 3600.0;
/// (J) A late answer, by chance.
const DELAYS: (f64, f64) = (1.0, 30.0);

impl Fault {
    fn name(&self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::ResetBefore => "reset_before",
            Self::ReplyLost => "reply_lost",
            Self::Delay { .. } => "delay",
            Self::Refuse { .. } => "refuse",
            Self::AccessDenied => "access_denied",
            Self::CredentialsExpired => "credentials_expired",
            Self::Quota => "quota",
            Self::NatFails { .. } => "nat_fails",
            Self::AttachesLate { .. } => "attaches_late",
            Self::LoadBalancerFails => "load_balancer_fails",
            Self::LoadBalancerImpaired => "load_balancer_impaired",
        }
    }
}

/// What the climate strikes this call with.
pub fn by_chance(world: &mut World) -> Option<Fault> {
    let weather = &mut world.weather;
    if !weather.chance(weather.climate.faults) {
        return None;
    }
    Some(match weather.random.u8(..6) {
        0 => Fault::Throttle,
        1 => Fault::Internal,
        2 => Fault::Unavailable,
        3 => Fault::ResetBefore,
        4 => Fault::ReplyLost,
        _ => Fault::Delay { seconds: DELAYS.0 + weather.random.f64() * (DELAYS.1 - DELAYS.0) },
    })
}

/// Refuses what the fault keeps from happening at all.
pub fn before(world: &mut World, call: &Call, fault: Option<&Fault>) -> Result<(), Refusal> {
    let Some(fault) = fault else { return Ok(()) };
    world.weather.strike(fault.name());
    Err(match fault {
        Fault::Throttle => codes::throttled(call.service),
        Fault::Internal => codes::internal(call.service),
        Fault::Unavailable => codes::unavailable(call.service),
        Fault::ResetBefore => {
            world.weather.passing.silent = true;
            Refusal::new("ConnectionReset", "The connection is reset before the call has any effect")
        }
        Fault::Refuse { code, message, status } => {
            let why = message.clone().unwrap_or_else(|| format!("{code} on order"));
            Refusal::new(code, why).with_status(status.unwrap_or(400))
        }
        Fault::AccessDenied => codes::access_denied(world, call.service, &format!("{}:{}", call.service, call.action)),
        Fault::CredentialsExpired => codes::expired(call.service),
        Fault::Quota => match quota::of(call.service, call.action) {
            Some(refusal) => refusal,
            None => return Ok(()),
        },
        Fault::NatFails { .. }
        | Fault::AttachesLate { .. }
        | Fault::LoadBalancerFails
        | Fault::LoadBalancerImpaired => {
            world.weather.coming = Some(fault.clone());
            return Ok(());
        }
        Fault::ReplyLost | Fault::Delay { .. } => return Ok(()),
    })
}

/// What the fault does to the answer.
pub fn after(world: &mut World, fault: Option<Fault>) {
    world.weather.coming = None;
    match fault {
        Some(Fault::ReplyLost) => world.weather.passing.silent = true,
        Some(Fault::Delay { seconds }) => {
            world.weather.passing.delay = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        }
        _ => {}
    }
}

/// Codes of a NAT gateway's failure, and AWS's messages (API reference, NatGateway, FailureCode and FailureMessage).
pub const NAT_FAILURES: &[(&str, &str)] = &[
    ("Gateway.NotAttached", "Network {vpc} has no Internet gateway attached"),
    ("InsufficientFreeAddressesInSubnet", "Subnet has insufficient free addresses to create this NAT gateway"),
    (
        "InternalError",
        "Network interface {interface}, created and used internally by this NAT gateway is in an invalid state. Please \
         try again.",
    ),
    ("InvalidAllocationID.NotFound", "Elastic IP address {allocation} could not be associated with this NAT gateway"),
    ("InvalidSubnetID.NotFound", "The specified subnet {subnet} does not exist or could not be found."),
    ("Resource.AlreadyAssociated", "Elastic IP address {allocation} is already associated"),
];

/// The failure on order of the NAT gateway that is being made: code and message; `names` are put into the message.
pub fn nat_failure(world: &mut World, names: &[(&str, &str)]) -> Option<(&'static str, String)> {
    let code = match world.weather.coming.take()? {
        Fault::NatFails { code } => code,
        _ => return None,
    };
    let (code, message) = NAT_FAILURES.iter().find(|(known, _)| *known == code)?;
    let put = |text: String, (name, value): &(&str, &str)| text.replace(&format!("{{{name}}}"), value);
    Some((code, names.iter().fold((*message).to_owned(), put)))
}

/// How long the internet gateway that is being attached takes for it, on order.
pub fn attachment_delay(world: &mut World) -> Option<f64> {
    match world.weather.coming.take()? {
        Fault::AttachesLate { seconds } => Some(seconds),
        _ => None,
    }
}

/// The trouble on order of the load balancer that is being made: its state's code and reason (API reference,
/// LoadBalancerState; the reasons' words are unverified).
pub fn load_balancer_trouble(world: &mut World) -> Option<(&'static str, &'static str)> {
    match world.weather.coming.take()? {
        Fault::LoadBalancerFails => Some(("failed", "The load balancer could not be set up.")),
        Fault::LoadBalancerImpaired => {
            Some(("active_impaired", "The load balancer does not have the resources it needs to scale."))
        }
        _ => None,
    }
}
