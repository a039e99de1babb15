//! What AWS's messages tell of a denied call: which action, and whose policy lacks it. For the words only: that it is denied
//! at all is told by its code.

use super::error::CallError;

impl CallError {
    /// The action that is denied. AWS checks some in passing, such as `iam:PassRole`; only its message names these.
    pub fn denied(&self) -> &str {
        let mut told = self.message.split("authorized to perform").skip(1);
        told.find_map(|after| action(after.trim_start_matches([':', ' ']))).unwrap_or(self.action)
    }

    /// A policy denies it in so many words, and no other one can allow it: AWS's message alone tells.
    pub fn is_denied_explicitly(&self) -> bool {
        self.message.contains("explicit deny")
    }

    /// Which policy would have to allow it, by what AWS's message says is missing.
    pub fn lacks_in(&self) -> &'static str {
        const LACKS: [(&str, &str); 4] = [
            ("no service control policy", "a service control policy of the organization"),
            ("no permissions boundary", "the permissions boundary of the identity that runs Terraform"),
            ("no session policy", "the session policy with which Terraform's role is assumed"),
            ("no VPC endpoint policy", "the policy of the VPC endpoint that the calls go through"),
        ];
        let lacking = LACKS.iter().find(|(text, _)| self.message.contains(text));
        lacking.map_or("a policy of the identity that runs Terraform", |(_, policy)| policy)
    }

    /// EC2 tells the rest only to who may decode it.
    pub fn is_encoded(&self) -> bool {
        self.message.contains("Encoded authorization failure message:")
    }
}

/// The action that a text begins with, such as `ec2:CreateVpc`.
fn action(text: &str) -> Option<&str> {
    let sign = |sign: char| sign.is_ascii_alphanumeric() || sign == ':' || sign == '-';
    let word = text.split(|other| !sign(other)).next()?.trim_end_matches(':');
    let (service, verb) = word.split_once(':')?;
    let is_action = service.starts_with(|first: char| first.is_ascii_lowercase())
        && verb.starts_with(|first: char| first.is_ascii_uppercase())
        && verb.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_action.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::error::Reach;

    #[test]
    fn what_is_denied_is_told_by_its_text() {
        let call = |message: &str| {
            let (code, message) = (Some("AccessDenied".to_owned()), message.to_owned());
            CallError { action: "ec2:CreateVpc", code, message, request_id: None, reach: Reach::Refused }
        };
        let who = "User: arn:aws:sts::123456789012:assumed-role/ci/x is not authorized to perform";
        for (message, denied) in [
            (format!("{who}: iam:PassRole on resource: arn:aws:iam::123456789012:role/a because no"), "iam:PassRole"),
            (format!("You are not authorized to perform this operation. {who}: ec2:CreateTags on"), "ec2:CreateTags"),
            (format!("{who} ec2:GetSecurityGroupsForVpc."), "ec2:GetSecurityGroupsForVpc"),
            (format!("{who}: application-autoscaling:TagResource: denied"), "application-autoscaling:TagResource"),
            ("You are not authorized to perform this operation.".into(), "ec2:CreateVpc"),
            (format!("{who}: such things"), "ec2:CreateVpc"),
            (String::new(), "ec2:CreateVpc"),
        ] {
            assert_eq!(call(&message).denied(), denied, "{message}");
        }
        assert!(call("… with an explicit deny in a service control policy").is_denied_explicitly());
        assert!(!call("… because no identity-based policy allows it").is_denied_explicitly());
        assert!(call("… because no service control policy allows it").lacks_in().contains("organization"));
        assert!(call("… Encoded authorization failure message: kVV").is_encoded() && !call("").is_encoded());
    }
}
