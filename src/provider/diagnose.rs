//! From what went wrong to what the user reads: the one place for all wording of AWS's errors.
//!
//! Summary: what failed, in the user's words. Detail: the cause with AWS's code and request id, and a way out.

use crate::aws::error::{CallError, Error, Reach};
use crate::aws::execute::StepError;
use crate::aws::owner::Identity;
use crate::protocol::diagnostic::Diagnostic;
use crate::provider::quota;

/// What kept us from looking.
impl From<Error> for Vec<Diagnostic> {
    fn from(failed: Error) -> Self {
        match failed {
            Error::Stopped => vec![interrupted_look()],
            failed => vec![error("Could not look at what stands", &failed)],
        }
    }
}

/// The kinds that could not be looked at, and why; in one sentence those that were merely not looked at any more.
pub fn unseen<'a>(kinds: impl Iterator<Item = &'a (&'static str, Error)>) -> Vec<Diagnostic> {
    let (stopped, failed): (Vec<_>, Vec<_>) = kinds.partition(|(_, failed)| matches!(failed, Error::Stopped));
    let told = failed.into_iter().map(|(kind, failed)| error(&format!("Could not look at: {kind}"), failed));
    told.chain((!stopped.is_empty()).then(interrupted_look)).collect()
}

fn interrupted_look() -> Diagnostic {
    let detail =
        "It was looked what stands. Nothing more is begun, and what is recorded stays so: do the same again to go on.";
    Diagnostic::error(INTERRUPTED, detail)
}

const INTERRUPTED: &str = "Interrupted";

/// The errors of a run. Steps that were merely stopped are told in one sentence.
pub fn steps(errors: &[StepError], skipped: usize, service: &Identity) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = errors
        .iter()
        .filter(|error| !matches!(error.error, Error::Stopped))
        .map(|error| step(error, service))
        .collect();
    if errors.iter().any(|error| matches!(error.error, Error::Stopped)) || (errors.is_empty() && skipped > 0) {
        let detail = format!(
            "The work on {} was interrupted; {skipped} steps were not begun. What stands is recorded: apply again to go on, \
             or destroy to remove it.",
            service.name
        );
        told.push(Diagnostic::error(INTERRUPTED, detail));
    }
    told
}

fn step(failed: &StepError, service: &Identity) -> Diagnostic {
    let StepError { key, kind, deleting, error } = failed;
    let name = &service.name;
    if let Error::Held(_) | Error::Overtaken(_) = error {
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
    let hint = hint_in(error, Some(&service.region)).map(|hint| format!("\n\n{hint}")).unwrap_or_default();
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
        Error::Overtaken(how) => {
            let why = format!(
                "Two operations must not work on one service at a time, and {how}: what was looked at before is out of date. \
                 There is nothing to wait for. Run the same again: it begins with what stands now."
            );
            Diagnostic::error(format!("Somebody else has just worked on {name}"), why)
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
    hint_in(error, None)
}

/// The same, with the region where it is known.
fn hint_in(error: &Error, region: Option<&str>) -> Option<String> {
    if let Some(told) = quota::told(error, region) {
        return Some(told);
    }
    let call = match error {
        Error::TimedOut(_) => {
            return Some("The timeouts attribute says how long an operation may take. Apply again to go on.".into());
        }
        Error::NoCredentials { .. } => return Some(format!("{RENEW} {GO_ON}")),
        Error::Call(call) => call,
        _ => return None,
    };
    let called = call.action;
    let of_code = match error.code()? {
        // ECS tells of a role that may not be passed by a code of its own, too.
        _ if error.is_access_denied() || error.is_of_pass_role() => return Some(permission(call)),
        "AuthFailure" if called == "ec2:ReleaseAddress" => {
            "AWS answers so while somebody has the address still, such as a NAT gateway that is not gone yet: see who has it \
             (aws ec2 describe-addresses), let that be deleted, then go on."
        }
        "OperationNotPermitted" if called == "elasticloadbalancing:DeleteLoadBalancer" => {
            "If the load balancer is protected: set load_balancer.deletion_protection = false and apply before destroying."
        }
        "DependencyViolation" => "Something that this service does not own still uses it: remove that, then go on.",
        "RequestExpired" => {
            return Some(format!(
                "EC2 says so for either of two causes. The temporary credentials have expired. {RENEW} Or the signature is \
                 more than five minutes old, and this machine's clock says {}: if that is not the time, set the clock (NTP). \
                 {GO_ON}",
                now()
            ));
        }
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
            "AWS does not know this access key here: it was deleted or disabled, is of another partition, or is a temporary one \
             that lacks its session token (AWS_SESSION_TOKEN, or token in the provider block). Or the region is not enabled for \
             the account: aws account list-regions tells which are."
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

/// Which right is missing, and what could give it.
fn permission(call: &CallError) -> String {
    let action = call.denied();
    let way = match call.is_denied_explicitly() {
        true => format!(
            "A policy forbids {action} by an explicit deny, as a service control policy of the organization may: no other \
             policy can allow it, that deny must make an exception."
        ),
        false => format!("Allow {action} in {}.", call.lacks_in()),
    };
    let decoded = match call.is_encoded() {
        true => {
            " What follows \"Encoded authorization failure message:\" tells more to who may decode it: aws sts \
             decode-authorization-message --encoded-message <TEXT>."
        }
        false => "",
    };
    format!("{way}{decoded} All that is needed stands in this provider's guide \"Permissions\".")
}

const RENEW: &str = "Renew them (aws sso login, a new assume-role, a new token in CI), or let the provider assume the role by \
     itself: assume_role and profiles are renewed while an apply runs.";
const GO_ON: &str = "Then apply again: what stands is kept, and the work goes on.";

/// The time of the signature is too far off. EC2's `RequestExpired` is not among them: expired credentials get it too.
const SKEWED: &[&str] = &["RequestTimeTooSkewed", "RequestInTheFuture"];
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
        hint(&failed("ec2:CreateVpc", code, "why", reach)).unwrap_or_default()
    }

    fn failed(action: &'static str, code: &str, message: &str, reach: Reach) -> Error {
        let (code, message) = (Some(code.to_owned()), message.to_owned());
        Error::Call(Box::new(CallError { action, code, message, request_id: None, reach }))
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
            let told = told(code, Reach::Refused);
            assert!(told.contains("does not know this access key") && told.contains("not enabled"), "{told}");
        }
    }

    #[test]
    fn one_code_of_two_causes_tells_both() {
        let expired = told("RequestExpired", Reach::Refused);
        for part in ["credentials have expired", "aws sso login", "clock says 20", "apply again"] {
            assert!(expired.contains(part), "{part}: {expired}");
        }
        let held = hint(&failed("ec2:ReleaseAddress", "AuthFailure", "", Reach::Refused)).unwrap();
        assert!(held.contains("NAT gateway") && !held.contains("access key"), "{held}");
    }

    #[test]
    fn a_missing_right_is_told_by_what_aws_has_checked() {
        let who = "User: arn:aws:iam::123456789012:user/ci is not authorized to perform";
        let denied = |message: &str| {
            let failed = failed("ecs:RegisterTaskDefinition", "AccessDeniedException", message, Reach::Refused);
            hint(&failed).unwrap()
        };
        let passed = denied(&format!("{who}: iam:PassRole on resource: x because no identity-based policy allows it"));
        assert!(passed.starts_with("Allow iam:PassRole in a policy of the identity"), "{passed}");
        assert!(passed.contains("guide \"Permissions\"") && !passed.contains("decode"), "{passed}");
        let by_ecs = failed(
            "ecs:RegisterTaskDefinition",
            "ClientException",
            &format!("{who}: iam:PassRole on x"),
            Reach::Refused,
        );
        assert!(hint(&by_ecs).is_some_and(|told| told.starts_with("Allow iam:PassRole in")));
        assert!(denied("").starts_with("Allow ecs:RegisterTaskDefinition in"));
        let forbidden = denied(&format!("{who}: ecs:X with an explicit deny in a service control policy"));
        assert!(forbidden.contains("forbids ecs:X") && !forbidden.contains("Allow "), "{forbidden}");
        let encoded = denied("You are not authorized. Encoded authorization failure message: kVV");
        assert!(encoded.contains("decode-authorization-message"), "{encoded}");
    }

    #[test]
    fn an_interrupted_look_at_all_kinds_is_told_in_one_sentence() {
        let looks = [("VPC", Error::Stopped), ("subnet", Error::Stopped), ("route", Error::Unexpected("odd".into()))];
        let told: Vec<String> = unseen(looks.iter()).into_iter().map(|told| told.summary).collect();
        assert_eq!(told, ["Could not look at: route", INTERRUPTED]);
        let told: Vec<Diagnostic> = Error::Stopped.into();
        assert_eq!(told[0].summary, INTERRUPTED);
    }

    #[test]
    fn who_came_too_late_is_not_told_to_wait() {
        let told = begin("web", &Error::Overtaken("it was just deleted by somebody else".into()));
        assert!(told.summary.contains("has just worked on web") && told.detail.contains("again"), "{told:?}");
        assert!(!told.detail.contains("Wait"), "{told:?}");
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
