//! Names and ARNs, and the refusals when they are not as they must be.

use super::invalid;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

/// A parameter without which the call is refused (`ValidationError`, as a name of the wrong form; unverified).
pub fn needed<'a>(ask: &'a Ask, name: &str) -> Result<&'a str, Refusal> {
    let there = ask.text(name).filter(|text| !text.is_empty());
    let why = "failed to satisfy constraint: Member must not be null";
    there.ok_or_else(|| invalid(format!("1 validation error detected: Value null at '{name}' {why}")))
}

/// API reference, CreateLoadBalancer and CreateTargetGroup, Name. `what` begins the messages.
pub fn check_name(what: &str, name: &str) -> Result<(), Refusal> {
    if name.chars().count() > 32 {
        return Err(invalid(format!("{what} name '{name}' cannot be longer than '32' characters")));
    }
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
        let may = "can only contain characters that are alphanumeric characters and hyphens(-)";
        return Err(invalid(format!("{what} name '{name}' {may}")));
    }
    match name.starts_with('-') || name.ends_with('-') {
        true => Err(invalid(format!("{what} name '{name}' cannot begin or end with '-'"))),
        false => Ok(()),
    }
}

/// Something by the ARN in a parameter. `kind` is the ARN's, such as `loadbalancer/app`; `code` refuses what isn't there.
pub fn existing(ask: &Ask, parameter: &str, kind: Kind, stands: impl Fn(&str) -> bool) -> Result<String, Refusal> {
    let arn = needed(ask, parameter)?;
    kind.check(arn, stands(arn))?;
    Ok(arn.to_owned())
}

/// A kind of thing with an ARN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    LoadBalancer,
    TargetGroup,
    Listener,
    Rule,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::LoadBalancer, Self::TargetGroup, Self::Listener, Self::Rule];

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::LoadBalancer => (":loadbalancer/", "load balancer", "LoadBalancerNotFound"),
            Self::TargetGroup => (":targetgroup/", "target group", "TargetGroupNotFound"),
            Self::Listener => (":listener/", "listener", "ListenerNotFound"),
            Self::Rule => (":listener-rule/", "listener rule", "RuleNotFound"),
        }
    }

    /// Whether an ARN is of this kind.
    pub fn has(self, arn: &str) -> bool {
        arn.starts_with("arn:") && arn.contains(":elasticloadbalancing:") && arn.contains(self.words().0)
    }

    #[track_caller]
    pub fn not_found(self) -> Refusal {
        let (_, word, code) = self.words();
        Refusal::new(code, format!("One or more {word}s not found"))
    }

    pub fn check(self, arn: &str, stands: bool) -> Result<(), Refusal> {
        match (self.has(arn), stands) {
            (false, _) => Err(invalid(format!("'{arn}' is not a valid {} ARN", self.words().1))),
            (true, false) => Err(self.not_found()),
            (true, true) => Ok(()),
        }
    }
}
