//! From what went wrong to what the user reads: the one place for all wording of AWS's errors.
//!
//! Summary: what failed, in the user's words. Detail: the cause with AWS's code and request id, and a way out.

use crate::aws::error::{Error, Reach};
use crate::aws::execute::StepError;
use crate::protocol::diagnostic::Diagnostic;
use crate::provider::quota;

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

/// What the user can do about it, where that can be told.
pub fn hint(error: &Error) -> Option<String> {
    let call = match error {
        Error::TimedOut(_) => {
            return Some("The timeouts attribute says how long an operation may take. Apply again to go on.".into());
        }
        Error::NoCredentials { .. } => return Some(format!("{RENEW} {GO_ON}")),
        Error::Call(call) => call,
        _ => return None,
    };
    if let Some(told) = quota::told(call) {
        return Some(told);
    }
    let called = call.action;
    let of_code = match error.code()? {
        "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" | "NotAuthorized" => {
            return Some(format!("Allow {called} in a policy of the identity that runs Terraform."));
        }
        "OperationNotPermitted" if called == "elasticloadbalancing:DeleteLoadBalancer" => {
            "If the load balancer is protected: set load_balancer.deletion_protection = false and apply before destroying."
        }
        "DependencyViolation" => "Something that this service does not own still uses it: remove that, then go on.",
        code if SKEWED.contains(&code) => {
            return Some(format!(
                "AWS takes a signature for five minutes only, and this machine's clock says {}: if that is not the time, \
                 set the clock (NTP). {GO_ON}",
                now()
            ));
        }
        code if UNSIGNED.contains(&code) => {
            return Some(format!(
                "The signature is not the one that AWS reckons. Either the secret key is not the one of this access key \
                 (a character lost in copying, a key of another profile), or this machine's clock, which says {}, is more than \
                 five minutes off. {GO_ON}",
                now()
            ));
        }
        code if EXPIRED.contains(&code) => {
            return Some(format!("The temporary credentials have expired. {RENEW} {GO_ON}"));
        }
        code if UNKNOWN.contains(&code) => {
            "AWS does not know this access key: it was deleted or disabled, is of another partition, or is a temporary one \
             that lacks its session token (AWS_SESSION_TOKEN, or token in the provider block)."
        }
        "OptInRequired" => "The account is not signed up for this service, or the region is not enabled in it.",
        _ if error.reach() == Some(Reach::Throttled) => {
            "AWS has refused for too many requests for a quarter of an hour: something else in the account uses its rates up. \
             This is no quota to raise; it passes. Apply again to go on."
        }
        _ => return None,
    };
    Some(of_code.to_owned())
}

const RENEW: &str = "Renew them (aws sso login, a new assume-role, a new token in CI), or let the provider assume the role by \
     itself: assume_role and profiles are renewed while an apply runs.";
const GO_ON: &str = "Then apply again: what stands is kept, and the work goes on.";

/// The time of the signature is too far off: S3-like services, EC2.
const SKEWED: &[&str] = &["RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"];
/// For services that tell a wrong key and a wrong clock by one code.
const UNSIGNED: &[&str] = &["IncompleteSignature", "InvalidSignatureException", "SignatureDoesNotMatch"];
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"];
const UNKNOWN: &[&str] = &["AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"];

/// This machine's time, for people.
fn now() -> String {
    let now = aws_smithy_types::DateTime::from(std::time::SystemTime::now());
    now.fmt(aws_smithy_types::date_time::Format::DateTime).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::error::CallError;

    fn told(code: &str, reach: Reach) -> String {
        let (action, code) = ("ec2:CreateVpc", Some(code.to_owned()));
        let call = CallError { action, code, message: "why".into(), request_id: None, reach };
        hint(&Error::Call(Box::new(call))).unwrap_or_default()
    }

    #[test]
    fn a_wrong_clock_and_wrong_keys_are_told_in_plain_words() {
        for code in ["RequestTimeTooSkewed", "RequestExpired"] {
            assert!(told(code, Reach::Refused).contains("this machine's clock says 20"), "{code}");
        }
        for code in ["SignatureDoesNotMatch", "InvalidSignatureException"] {
            let told = told(code, Reach::Refused);
            assert!(told.contains("secret key is not the one") && told.contains("clock"), "{told}");
        }
        for code in ["ExpiredToken", "ExpiredTokenException"] {
            let told = told(code, Reach::Refused);
            assert!(told.contains("have expired") && told.contains("apply again"), "{told}");
        }
        for code in ["InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"] {
            assert!(told(code, Reach::Refused).contains("does not know this access key"), "{code}");
        }
    }

    #[test]
    fn throttling_passes_and_a_quota_does_not() {
        assert!(told("RequestLimitExceeded", Reach::Throttled).contains("no quota to raise"));
        assert!(told("VpcLimitExceeded", Reach::Refused).contains("no throttling"));
        assert_eq!(told("InvalidParameterValue", Reach::Refused), "");
        let lost = Error::NoCredentials { action: "ec2:CreateVpc", why: "the session is over".into() };
        assert!(hint(&lost).is_some_and(|told| told.contains("aws sso login")));
    }
}
