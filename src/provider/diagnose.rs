//! From what went wrong to what the user reads: the one place for all wording of AWS's errors.
//!
//! Summary: what failed, in the user's words. Detail: the cause with AWS's code and request id, and a way out.

use crate::aws::error::{Error, Reach};
use crate::aws::execute::StepError;
use crate::protocol::diagnostic::Diagnostic;

/// What kept us from looking.
impl From<Error> for Vec<Diagnostic> {
    fn from(failed: Error) -> Self {
        vec![error("Could not look at what stands", &failed)]
    }
}

/// The errors of a run. Steps that were merely stopped are told in one sentence.
pub fn steps(errors: &[StepError], skipped: usize, name: &str) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> =
        errors.iter().filter(|error| !matches!(error.error, Error::Stopped)).map(|error| step(error, name)).collect();
    if errors.iter().any(|error| matches!(error.error, Error::Stopped)) || (errors.is_empty() && skipped > 0) {
        let detail = format!(
            "The work on {name} was interrupted; {skipped} steps were not begun. What stands is recorded: apply again to \
             go on, or destroy to remove it."
        );
        told.push(Diagnostic::error("Interrupted", detail));
    }
    told
}

fn step(failed: &StepError, name: &str) -> Diagnostic {
    let StepError { key, kind, deleting, error } = failed;
    if let Error::Held(_) = error {
        return begin(name, error);
    }
    if let Error::Missing { kind, id } = error {
        let why =
            format!("{error}: it was deleted, or {name} was given the wrong one. Nothing that needs it was made.");
        return Diagnostic::error(format!("{name} was given the {kind} {id}, which does not exist"), why);
    }
    if let Error::Guests(guests) = error {
        let list = guests.iter().map(|guest| format!("  - {guest}")).collect::<Vec<_>>().join("\n");
        let why = format!(
            "This would delete {key}, which others use:\n\n{list}\n\nNothing was changed. Remove these first (destroy those \
             services, or give them something else to use), then go on."
        );
        return Diagnostic::error(format!("Others still use the {kind} of {name}"), why);
    }
    let verb = if *deleting { "delete" } else { "set up" };
    let summary = format!("Could not {verb} the {kind} of {name}");
    let hint = hint(error).map(|hint| format!("\n\n{hint}")).unwrap_or_default();
    Diagnostic::error(summary, format!("{key}: {error}{hint}"))
}

/// Why the work on a service could not begin.
pub fn begin(name: &str, failed: &Error) -> Diagnostic {
    match failed {
        Error::Held(how) => {
            let why = format!(
                "Two operations must not work on one service at a time: {how}.\n\nWait until it has ended, and apply again. \
                 If it was killed, the next apply notices after a minute, and goes on."
            );
            Diagnostic::error(format!("Somebody else is working on {name}"), why)
        }
        other => error(&format!("Could not begin to work on {name}"), other),
    }
}

/// An error outside a run, with what was being done.
pub fn error(doing: &str, error: &Error) -> Diagnostic {
    let hint = hint(error).map(|hint| format!("\n\n{hint}")).unwrap_or_default();
    Diagnostic::error(doing, format!("{error}{hint}"))
}

fn hint(error: &Error) -> Option<String> {
    if let Error::TimedOut(_) = error {
        return Some("The timeouts attribute says how long an operation may take. Apply again to go on.".to_owned());
    }
    let Error::Call(call) = error else { return None };
    let called = call.action;
    let of_code = match error.code()? {
        "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" | "NotAuthorized" => {
            return Some(format!("Allow {called} in a policy of the identity that runs Terraform."));
        }
        "AddressLimitExceeded" => {
            "The region's quota of Elastic IPs is used up: release some, ask AWS for more, or use egress = \"nat_single\" or \"public\"."
        }
        "VpcLimitExceeded" => "The region's quota of VPCs is used up: delete one, or ask AWS for more.",
        "InternetGatewayLimitExceeded" => {
            "The region's quota of internet gateways is used up: it grows with that of VPCs."
        }
        "NatGatewayLimitExceeded" => {
            "The zone's quota of NAT gateways is used up: delete one, ask AWS for more, or use egress = \"nat_single\"."
        }
        "TooManyLoadBalancers" => "The region's quota of load balancers is used up: delete one, or ask AWS for more.",
        "OperationNotPermitted" if called == "elasticloadbalancing:DeleteLoadBalancer" => {
            "If the load balancer is protected: set load_balancer.deletion_protection = false and apply before destroying."
        }
        "DependencyViolation" => "Something that this service does not own still uses it: remove that, then go on.",
        "RequestExpired" | "SignatureDoesNotMatch" | "InvalidSignatureException" => {
            "Check this machine's clock and the secret key."
        }
        "ExpiredToken" | "ExpiredTokenException" => "The credentials have expired: renew them, then go on.",
        _ if error.reach() == Some(Reach::Throttled) => {
            "AWS has refused for too many requests for a quarter of an hour: something else in the account uses its rates up."
        }
        _ => return None,
    };
    Some(of_code.to_owned())
}
