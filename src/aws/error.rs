//! What can go wrong between us and AWS. Decisions are taken by error code, never by the text of a message.

use std::collections::BTreeSet;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A call that AWS answered with an error, or did not answer.
    #[error("{0}")]
    Call(Box<CallError>),
    /// An object that AWS made, and that then failed or does not become what it should.
    #[error("{0}")]
    Failed(String),
    /// Not done when the time given to the operation was over.
    #[error("not done within the time given: {0}")]
    TimedOut(String),
    /// Terraform asked us to stop.
    #[error("stopped: Terraform was interrupted")]
    Stopped,
    /// Somebody else's object stands where ours should.
    #[error("{0}")]
    InTheWay(String),
    /// An object that the user gave isn't there.
    #[error("there is no {kind} {id} in this account and region")]
    Missing { kind: &'static str, id: String },
    /// Others still use what was to be deleted: who, in words.
    #[error("others still use it: {}", .0.iter().map(String::as_str).collect::<Vec<_>>().join("; "))]
    Guests(BTreeSet<String>),
    /// There are no credentials to sign a call with, or they could not be renewed.
    #[error("no credentials for {action}: {why}")]
    NoCredentials { action: &'static str, why: String },
    /// Another operation, perhaps on another machine, works on the same stack.
    #[error("{0}")]
    Held(String),
    /// Another operation worked on the same stack until just now: what was looked at before is out of date.
    #[error("{0}")]
    Overtaken(String),
    /// An answer that lacks what the API promises, or a panic: a bug, ours or AWS's.
    #[error("{0}")]
    Unexpected(String),
}

/// One failed call.
#[derive(Clone, Debug)]
pub struct CallError {
    /// IAM's name of the action, such as `ec2:CreateVpc`.
    pub action: &'static str,
    /// AWS's error code; none where there was no answer.
    pub code: Option<String>,
    pub message: String,
    pub request_id: Option<String>,
    pub reach: Reach,
}

impl std::fmt::Display for CallError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.code {
            Some(code) => write!(out, "{} answered {code}: {}", self.action, self.message)?,
            None => write!(out, "{} got no answer: {}", self.action, self.message)?,
        }
        match &self.request_id {
            Some(id) => write!(out, " (request id {id})"),
            None => Ok(()),
        }
    }
}

/// How far a failed call came: what may be assumed about its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It never left: no effect.
    NotSent,
    /// AWS refused it for its rate: no effect, ask again later.
    Throttled,
    /// AWS refused it: no effect.
    Refused,
    /// No answer, or an internal error of AWS: it may have taken effect.
    Unclear,
}

/// AWS's codes for "too many requests". `LimitExceededException` is not among them: that one is a quota.
const THROTTLES: &[&str] = &[
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "TooManyUpdates",
];

impl Error {
    /// Of a failed SDK call.
    pub fn of_call<E>(action: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        if in_chain::<CredentialsError>(error).is_some() {
            return Self::NoCredentials { action, why: chain(error) };
        }
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        let metadata = error.as_service_error().map(ProvideErrorMetadata::meta);
        let code = metadata.and_then(|about| about.code()).map(str::to_owned);
        let reach = match (error, &code) {
            (SdkError::ConstructionFailure(_), _) => Reach::NotSent,
            (SdkError::DispatchFailure(failure), _) if failure.is_user() => Reach::NotSent,
            (SdkError::DispatchFailure(_), _) if was_refused(error) => Reach::NotSent,
            (SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) | SdkError::ResponseError(_), _) => {
                Reach::Unclear
            }
            (_, Some(code)) if THROTTLES.contains(&code.as_str()) => Reach::Throttled,
            _ if status == Some(429) => Reach::Throttled,
            _ if status.is_some_and(|status| status >= 500) => Reach::Unclear,
            _ => Reach::Refused,
        };
        let request_id = metadata.and_then(|about| about.extra("aws_request_id")).map(str::to_owned);
        let message = match metadata.and_then(|about| about.message()) {
            Some(message) => message.to_owned(),
            None => chain(error),
        };
        Self::Call(Box::new(CallError { action, code, message, request_id, reach }))
    }

    /// The same, with the name of what was called for where AWS's message doesn't say it.
    #[must_use]
    pub fn about(mut self, name: &str) -> Self {
        if let Self::Call(call) = &mut self
            && !call.message.contains(name)
        {
            call.message.push_str(&format!(": {name}"));
        }
        self
    }

    /// The same, with more to know about it.
    #[must_use]
    pub fn adding(mut self, more: &str) -> Self {
        match &mut self {
            Self::Call(call) => call.message = format!("{} {more}", call.message.trim_end()),
            Self::TimedOut(why) => *why = format!("{why}. {more}"),
            _ => {}
        }
        self
    }

    /// AWS's error code, if AWS answered with one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Call(call) => call.code.as_deref(),
            _ => None,
        }
    }

    pub fn reach(&self) -> Option<Reach> {
        match self {
            Self::Call(call) => Some(call.reach),
            _ => None,
        }
    }

    /// AWS says that we may not. What could not be seen is neither there nor gone.
    pub fn is_access_denied(&self) -> bool {
        self.code().is_some_and(|code| {
            matches!(code, "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "NotAuthorized")
        })
    }

    /// Answered with this code, and one of these texts (in lower case) in the message.
    fn says(&self, code: &str, texts: &[&str]) -> bool {
        let told = |call: &CallError| texts.iter().any(|text| call.message.to_lowercase().contains(text));
        matches!(self, Self::Call(call) if call.code.as_deref() == Some(code) && told(call))
    }

    /// What ECS cannot do yet, but will: in an account that has never used it, its service-linked role takes up to two
    /// minutes; a target group shows its load balancer late; a service of this name still drains. AWS leaves only the text
    /// to tell these from other invalid parameters.
    pub fn is_early_for_ecs(&self) -> bool {
        const TEXTS: [&str; 3] = ["service linked role", "does not have an associated load balancer", "still draining"];
        self.says("InvalidParameterException", &TEXTS)
    }

    /// ECS's service-linked role is there, but can't look at the target group yet.
    pub fn is_of_service_role(&self) -> bool {
        const TEXTS: [&str; 1] = ["verify that the ecs service role being passed has the proper permissions"];
        self.says("InvalidParameterException", &TEXTS)
    }

    /// A cluster that has only just come, or is being changed.
    pub fn is_of_inactive_cluster(&self) -> bool {
        self.says("ClientException", &["cluster was not active"])
    }

    /// A service that isn't let go while it is rolled out, or while something of it goes.
    pub fn is_of_busy_service(&self) -> bool {
        const TEXTS: [&str; 2] = ["cannot be stopped while deployments are active", "has a dependent object"];
        self.says("InvalidParameterException", &TEXTS)
    }

    /// The role may not be passed: for want of a permission, or because it is too new to be known everywhere.
    pub fn is_of_pass_role(&self) -> bool {
        ["AccessDeniedException", "ClientException"].iter().any(|code| self.says(code, &["iam:passrole"]))
    }

    /// What Application Auto Scaling cannot do yet, but will: it sees a new service late, and its service-linked role. AWS
    /// leaves only the text to tell these from other invalid parameters.
    pub fn is_early_for_scaling(&self) -> bool {
        self.says("ValidationException", &["service doesn't exist", "unable to assume iam role"])
    }

    /// SSM has no parameter to write over. AWS leaves only the text to tell this from other invalid parameters.
    pub fn is_no_parameter(&self) -> bool {
        self.says("ValidationException", &["parameter type is required"])
    }

    /// ECS has no vCPUs on Fargate left for the tasks of a service. It tells that by an event alone, which has no code.
    pub fn tells_of_vcpus(&self) -> bool {
        matches!(self, Self::Failed(told) | Self::TimedOut(told) if told.contains("limit on the number of vCPUs"))
    }

    /// After a create: what was to be made may stand, by that very call or by an earlier one whose answer was lost.
    pub fn may_have_made_it(&self) -> bool {
        const EXISTS: &[&str] = &[
            "DuplicateListener",
            "DuplicateLoadBalancerName",
            "DuplicateTargetGroupName",
            "EntityAlreadyExists",
            "InvalidGroup.Duplicate",
            "InvalidPermission.Duplicate",
            "InvalidSubnet.Conflict",
            "Resource.AlreadyAssociated",
            "ResourceAlreadyExistsException",
        ];
        self.reach() == Some(Reach::Unclear) || self.code().is_some_and(|code| EXISTS.contains(&code))
    }

    pub fn lacks(what: &str) -> Self {
        Self::Unexpected(format!("AWS's answer lacks {what}"))
    }

    /// A member that AWS always sends though its types don't say so.
    pub fn required(member: Option<&str>, what: &str) -> Result<String> {
        member.map(str::to_owned).ok_or_else(|| Self::lacks(what))
    }
}

fn in_chain<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
}

/// Nobody listened at the other end.
fn was_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    in_chain::<std::io::Error>(error).is_some_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
}

/// An error with all its causes, outermost first: `SdkError` alone says only "dispatch failure".
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// For answers that may say "there is no such thing".
pub trait Absent<T> {
    /// None where AWS answered with one of these codes.
    fn absent(self, codes: &[&str]) -> Result<Option<T>>;
}

impl<T> Absent<T> for Result<T> {
    fn absent(self, codes: &[&str]) -> Result<Option<T>> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.code().is_some_and(|code| codes.contains(&code)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(code: &str, message: &str) -> Error {
        let (code, message) = (Some(code.to_owned()), message.to_owned());
        Error::Call(Box::new(CallError { action: "", code, message, request_id: None, reach: Reach::Refused }))
    }

    #[test]
    fn what_ecs_will_soon_be_able_to_do_is_told_by_its_text() {
        let text = "Unable to assume the service linked role. Please verify that the ECS service linked role exists.";
        assert!(failed("InvalidParameterException", text).is_early_for_ecs());
        assert!(
            failed("InvalidParameterException", "Unable to start service: it is still Draining.").is_early_for_ecs()
        );
        assert!(!failed("InvalidParameterException", "Invalid subnet").is_early_for_ecs());
        assert!(!failed("AccessDeniedException", text).is_early_for_ecs());
        assert!(failed("ValidationException", "ECS service doesn't exist: service/a/b").is_early_for_scaling());
        assert!(!failed("ValidationException", "Maximum capacity cannot be less").is_early_for_scaling());
        let text = "A parameter type is required when you create a parameter.";
        assert!(failed("ValidationException", text).is_no_parameter());
        assert!(!failed("ValidationException", "Tier is not valid").is_no_parameter());
    }

    #[test]
    fn what_a_single_call_of_ecs_waits_for_is_told_by_its_text() {
        let invalid = |text: &str| failed("InvalidParameterException", text);
        let role = "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role \
                    being passed has the proper permissions.";
        assert!(invalid(role).is_of_service_role() && !invalid(role).is_early_for_ecs());
        assert!(failed("ClientException", "Cluster was not ACTIVE.").is_of_inactive_cluster());
        assert!(!failed("ClientException", "The cluster is being deleted.").is_of_inactive_cluster());
        assert!(invalid("The service cannot be stopped while deployments are active.").is_of_busy_service());
        assert!(!invalid("The service cannot be stopped while it is scaled above 0.").is_of_busy_service());
        let pass = "User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:PassRole on resource: r";
        assert!(failed("AccessDeniedException", pass).is_of_pass_role());
        assert!(failed("ClientException", pass).is_of_pass_role());
        let other = "User: u is not authorized to perform: ecs:RegisterTaskDefinition";
        assert!(!failed("AccessDeniedException", other).is_of_pass_role());
    }

    #[test]
    fn that_the_account_has_no_vcpus_left_is_told_by_an_event() {
        let event = "event: (service web) was unable to place a task. Reason: You’ve reached the limit on the number of \
                     vCPUs you can run concurrently.";
        assert!(Error::TimedOut(format!("0 of 2 tasks run\n{event}")).tells_of_vcpus());
        assert!(Error::Failed(event.to_owned()).tells_of_vcpus());
        let other = "event: (service web) was unable to place a task. Reason: Capacity is unavailable at this time.";
        assert!(!Error::TimedOut(other.to_owned()).tells_of_vcpus());
    }
}
