//! What the caller may do: everything but the world's denied actions. Policies of roles are not evaluated.

use serde_json::json;

use super::{by_arn, checks, paging};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// Whether an action, such as `ec2:CreateVpc`, is denied to the caller. `*` and `?` in the denied ones stand for anything;
/// case doesn't matter (IAM User Guide, "Action").
pub fn denies(world: &World, action: &str) -> bool {
    world.iam.denied.iter().any(|pattern| fits(pattern.as_bytes(), action.as_bytes()))
}

fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|from| fits(rest, &text[from..])),
        Some((sign, rest)) => {
            let same = |first: &u8| *sign == b'?' || first.eq_ignore_ascii_case(sign);
            text.split_first().is_some_and(|(first, more)| same(first) && fits(rest, more))
        }
    }
}

/// One result for each action and resource; all resources if none is told (API reference, SimulatePrincipalPolicy).
pub fn principal(world: &mut World, ask: &Ask) -> Answer {
    let source = checks::required(ask, "PolicySourceArn")?;
    checks::length("PolicySourceArn", source, 20, 2048)?;
    let caller = format!("arn:aws:iam::{}:user/simulated", world.account);
    if source.contains(":role/") && by_arn(world, source).is_some() {
        return Err(Refusal::new("NotImplemented", "policies of roles are not evaluated").with_status(501));
    }
    if !source.starts_with("arn:") || !source.contains(":iam::") {
        return Err(Refusal::new("InvalidInput", format!("Invalid Entity Arn: {source}")));
    }
    if source != caller {
        return Err(checks::no_entity(format!("The entity {source} cannot be found.")));
    }
    let actions = ask.texts("ActionNames");
    if actions.is_empty() {
        return Err(checks::invalid("ActionNames", "null", "not be null"));
    }
    for action in &actions {
        checks::length("ActionNames", action, 3, 128)?;
        if action.split(':').filter(|part| !part.is_empty()).count() != 2 {
            return Err(Refusal::new("InvalidInput", format!("Invalid Action name: {action}")));
        }
    }
    let mut resources = ask.texts("ResourceArns");
    if resources.is_empty() {
        resources.push("*".into());
    }
    let pairs = actions.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
    let results = pairs.enumerate().map(|(at, (action, resource))| {
        let decision = if denies(world, action) { "explicitDeny" } else { "allowed" };
        let result = json!({
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": decision,
            "MatchedStatements": [],
            "MissingContextValues": [],
        });
        (format!("{at:09}"), result)
    });
    paging::page(ask, "EvaluationResults", results)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_told() {
        let mut world = World::new(7, "eu-west-3");
        world.iam.denied.extend(["ec2:CreateNat*".to_owned(), "iam:Pass*".to_owned()]);
        assert!(denies(&world, "ec2:CreateNatGateway") && denies(&world, "IAM:passrole"));
        assert!(!denies(&world, "ec2:CreateVpc") && !denies(&world, "ec2:XCreateNat"));
        let refused = world.call("ec2", "CreateNatGateway", &Ask(json!({}))).unwrap_err();
        assert_eq!(refused.code, "UnauthorizedOperation");
        let ask = json!({ "PolicySourceArn": "arn:aws:iam::123456789012:user/simulated", "MaxItems": "2",
            "ActionNames": ["ec2:CreateVpc", "ec2:CreateNatGateway", "iam:PassRole"] });
        let page = world.call("iam", "SimulatePrincipalPolicy", &Ask(ask.clone())).unwrap();
        let decisions: Vec<_> =
            page["EvaluationResults"].as_array().unwrap().iter().map(|one| &one["EvalDecision"]).collect();
        assert_eq!(decisions, ["allowed", "explicitDeny"]);
        let mut rest = ask.clone();
        rest["Marker"] = page["Marker"].clone();
        let rest = world.call("iam", "SimulatePrincipalPolicy", &Ask(rest)).unwrap();
        assert_eq!(
            (&rest["IsTruncated"], &rest["EvaluationResults"][0]["EvalActionName"]),
            (&json!(false), &json!("iam:PassRole"))
        );
        let trust = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}"#;
        let role = json!({ "RoleName": "r", "AssumeRolePolicyDocument": trust });
        world.call("iam", "CreateRole", &Ask(role)).unwrap();
        for (member, value, code) in [
            ("PolicySourceArn", json!("arn:aws:iam::123456789012:role/r"), "NotImplemented"),
            ("PolicySourceArn", json!("arn:aws:iam::123456789012:user/other"), "NoSuchEntity"),
            ("PolicySourceArn", json!("arn:aws:sts::123456789012:assumed-role/a/b"), "InvalidInput"),
            ("PolicySourceArn", json!("short"), "ValidationError"),
            ("ActionNames", json!([]), "ValidationError"),
            ("ActionNames", json!(["nothing"]), "InvalidInput"),
        ] {
            let mut wrong = ask.clone();
            wrong[member] = value;
            assert_eq!(world.call("iam", "SimulatePrincipalPolicy", &Ask(wrong)).unwrap_err().code, code);
        }
    }
}
