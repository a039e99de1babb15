//! How each service says the same thing: that it is throttled, has failed, is not available, denies access, that the
//! credentials have expired.
//!
//! From the error lists of botocore's models and each API's "Common Errors"; what those don't name is (unverified).

use crate::simulator::refusal::Refusal;
use crate::simulator::world::World;

struct Codes {
    service: &'static str,
    /// Status too: EC2's is 503, all others' 400.
    throttled: (&'static str, u16),
    internal: &'static str,
    unavailable: &'static str,
    denied: (&'static str, u16),
}

const fn json(service: &'static str, throttled: &'static str, internal: &'static str) -> Codes {
    let denied = ("AccessDeniedException", 400);
    Codes { service, throttled: (throttled, 400), internal, unavailable: "ServiceUnavailable", denied }
}

const fn query(service: &'static str, internal: &'static str) -> Codes {
    let denied = ("AccessDenied", 403);
    Codes { service, throttled: ("Throttling", 400), internal, unavailable: "ServiceUnavailable", denied }
}

const CODES: &[Codes] = &[
    Codes {
        service: "ec2",
        throttled: ("RequestLimitExceeded", 503),
        internal: "InternalError",
        unavailable: "Unavailable",
        denied: ("UnauthorizedOperation", 403),
    },
    // The User Guide calls it ThrottlingException; on the wire it is Throttling (seen in public logs; unverified).
    query("elasticloadbalancing", "InternalFailure"),
    query("iam", "ServiceFailure"),
    query("sts", "InternalFailure"),
    query("route53", "InternalFailure"),
    json("ecs", "ThrottlingException", "ServerException"),
    Codes {
        unavailable: "ServiceUnavailableException",
        ..json("logs", "ThrottlingException", "InternalServerException")
    },
    json("ssm", "ThrottlingException", "InternalServerError"),
    json("acm", "ThrottlingException", "InternalServerException"),
    json("application-autoscaling", "ThrottlingException", "InternalServiceException"),
    json("servicequotas", "TooManyRequestsException", "ServiceException"),
    json("ecr", "ThrottlingException", "ServerException"),
];

const OTHER: &Codes = &json("", "ThrottlingException", "InternalFailure");

fn of(service: &str) -> &'static Codes {
    CODES.iter().find(|codes| codes.service == service).unwrap_or(OTHER)
}

#[track_caller]
pub fn throttled(service: &str) -> Refusal {
    let (code, status) = of(service).throttled;
    Refusal::new(code, if service == "ec2" { "Request limit exceeded." } else { "Rate exceeded" }).with_status(status)
}

#[track_caller]
pub fn internal(service: &str) -> Refusal {
    Refusal::new(of(service).internal, "An internal error has occurred").with_status(500)
}

#[track_caller]
pub fn unavailable(service: &str) -> Refusal {
    let why = "The server is overloaded and can't handle the request.";
    Refusal::new(of(service).unavailable, why).with_status(503)
}

/// Temporary credentials that have expired. EC2 says the same of a signature that is too old (aws-sdk-ruby #143).
#[track_caller]
pub fn expired(service: &str) -> Refusal {
    const QUERY: [&str; 4] = ["elasticloadbalancing", "iam", "route53", "sts"];
    let why = "The security token included in the request is expired";
    match service {
        "ec2" => Refusal::new("RequestExpired", "Request has expired."),
        service if QUERY.contains(&service) => Refusal::new("ExpiredToken", why).with_status(403),
        _ => Refusal::new("ExpiredTokenException", why),
    }
}

/// Names who may not do what (`service:Action`), as AWS does (IAM User Guide, "Troubleshoot access denied error messages").
#[track_caller]
pub fn access_denied(world: &World, service: &str, action: &str) -> Refusal {
    let (code, status) = of(service).denied;
    let who = format!("arn:aws:iam::{}:user/simulated", world.account);
    let why = format!(
        "User: {who} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
    );
    let front = if service == "ec2" { "You are not authorized to perform this operation. " } else { "" };
    Refusal::new(code, front.to_owned() + &why).with_status(status)
}
