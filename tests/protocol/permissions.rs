//! What AWS must allow the provider: two IAM policies in the guide, made of the actions that the source names at its calls.
//! A call that the guide doesn't have fails this test; `make docs` writes the policies anew, to be read before they are
//! committed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

const GUIDE: &str = "docs/guides/permissions.md";

/// Every action that the provider's own code calls, by IAM's name.
fn called() -> BTreeSet<String> {
    let mut actions = BTreeSet::new();
    for folder in ["src/aws", "src/provider"] {
        gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut actions);
    }
    assert!(actions.len() > 90, "{} actions are too few to be all", actions.len());
    actions
}

fn gather(folder: &Path, actions: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of the source") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, actions);
            continue;
        }
        let text = fs::read_to_string(&path).expect("UTF-8");
        for call in text.split(".call(").skip(1) {
            let literal = call.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            let action = literal.unwrap_or_else(|| panic!("{}: a call that doesn't name its action", path.display()));
            actions.insert(action.to_owned());
        }
    }
}

fn reads(action: &str) -> bool {
    let verb = action.split(':').nth(1).unwrap_or_default();
    ["Describe", "Get", "List"].iter().any(|word| verb.starts_with(word))
}

/// What goes without any permission.
const FREE: &str = "sts:GetCallerIdentity";
/// What AWS checks of the caller besides the calls themselves: tags on create, what load balancing asks EC2 in the caller's
/// name.
const BESIDES: &[&str] = &[
    "ec2:CreateTags",
    "ec2:DescribeAccountAttributes",
    "ec2:GetSecurityGroupsForVpc",
    "ecs:TagResource",
    "elasticloadbalancing:AddTags",
    "iam:TagRole",
    "logs:TagResource",
    "ssm:AddTagsToResource",
    // Application Auto Scaling makes the alarms of its policies with the rights of who puts these.
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:PutMetricAlarm",
];
/// Calls on what carries no tag of ours: the default group of a new VPC, revisions of a task definition; or on what is only
/// just being made (a rule, a listener) inside something that may be another service's.
const UNTAGGED: &[&str] = &[
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:ModifySecurityGroupRules",
    "ecs:DeregisterTaskDefinition",
    "elasticloadbalancing:RemoveListenerCertificates",
];

/// What GuardDuty has put into a network of ours carries its tag, not ours, and goes with the network.
const GUARD_DUTYS: &[&str] = &["ec2:DeleteSecurityGroup", "ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"];

/// The statement that an action stands in.
fn statement(action: &str) -> &'static str {
    let (service, verb) = action.split_once(':').expect("service:Action");
    match service {
        "ssm" if reads(action) => "LookAtRecords",
        "ssm" => "Records",
        "iam" if action == "iam:ListRoles" => "Look",
        "iam" if reads(action) => "LookAtRoles",
        "iam" => "Roles",
        "logs" if !reads(action) => "Logs",
        "cloudwatch" => "Make",
        _ if reads(action) => "Look",
        "application-autoscaling" => "Make",
        "route53" => "Dns",
        _ if action == "ec2:CreateTags" || verb == "AddTags" || action == "ecs:TagResource" => "Tag",
        _ if UNTAGGED.contains(&action) => "Make",
        _ if ["Create", "Allocate", "Register", "Request", "Add"].iter().any(|word| verb.starts_with(word)) => "Make",
        _ => "Change",
    }
}

/// Where a statement's actions are allowed, and on what condition.
fn scope(statement: &str) -> (Json, Option<Json>) {
    match statement {
        "LookAtRecords" | "Records" => (json!("arn:aws:ssm:*:*:parameter/fargate/*"), None),
        "LookAtRoles" | "Roles" => (json!("arn:aws:iam::*:role/fargate/*"), None),
        "Logs" => {
            let groups =
                ["/fargate/*", "/aws/ecs/containerinsights/*"].map(|name| format!("arn:aws:logs:*:*:log-group:{name}"));
            (json!(groups), None)
        }
        "Dns" => (json!("arn:aws:route53:::hostedzone/*"), None),
        "Tag" => (json!("*"), Some(json!({ "StringLike": { "aws:RequestTag/fargate:stack": "*" } }))),
        "Change" => (json!("*"), Some(json!({ "StringLike": { "aws:ResourceTag/fargate:stack": "*" } }))),
        _ => (json!("*"), None),
    }
}

fn policy(actions: impl IntoIterator<Item = String>, more: Vec<Json>) -> Json {
    let mut statements: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for action in actions {
        statements.entry(statement(&action)).or_default().insert(action.clone());
        // Tags are changed later too, on what has them already.
        if statement(&action) == "Tag" {
            statements.entry("Change").or_default().insert(action);
        }
    }
    // Of the same records: IAM counts the characters.
    if statements.contains_key("Records") {
        let looks = statements.remove("LookAtRecords").unwrap_or_default();
        statements.entry("Records").or_default().extend(looks);
    }
    let statements = statements.into_iter().map(|(sid, actions)| {
        let (resource, condition) = scope(sid);
        let mut statement = json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource });
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statement
    });
    json!({ "Version": "2012-10-17", "Statement": statements.chain(more).collect::<Vec<_>>() })
}

/// For plan, refresh, import and data sources.
fn to_plan() -> Json {
    policy(called().into_iter().filter(|action| reads(action) && action != FREE), Vec::new())
}

fn to_apply() -> Json {
    let actions = called().into_iter().chain(BESIDES.iter().map(|action| (*action).to_owned()));
    let pass = json!({
        "Sid": "PassRoles",
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": "arn:aws:iam::*:role/fargate/*",
        "Condition": { "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    });
    let services =
        ["ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"];
    let linked = json!({
        "Sid": "FirstUse",
        "Effect": "Allow",
        "Action": ["iam:CreateServiceLinkedRole"],
        "Resource": "arn:aws:iam::*:role/aws-service-role/*",
        "Condition": { "StringEquals": { "iam:AWSServiceName": services } },
    });
    let watched = json!({
        "Sid": "GuardDuty",
        "Effect": "Allow",
        "Action": GUARD_DUTYS,
        "Resource": "*",
        "Condition": { "StringEquals": { "aws:ResourceTag/GuardDutyManaged": "true" } },
    });
    policy(actions.filter(|action| action != FREE), vec![pass, linked, watched])
}

/// The guide with the policies written anew: the JSON after `<!-- policy to plan -->` and `<!-- policy to apply -->`.
fn written(text: &str) -> String {
    let mut page = text.to_owned();
    for (mark, policy) in [("plan", to_plan()), ("apply", to_apply())] {
        let mark = format!("<!-- policy to {mark} -->\n```json\n");
        let (before, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("{GUIDE} has no {mark}"));
        let (_, after) = rest.split_once("\n```").expect("the end of the policy");
        let policy = serde_json::to_string_pretty(&policy).expect("JSON");
        page = format!("{before}{mark}{policy}\n```{after}");
    }
    page
}

#[test]
fn the_guide_has_every_permission_that_the_source_asks_for() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GUIDE);
    let text = fs::read_to_string(&path).expect("the guide");
    let page = written(&text);
    if std::env::var_os("FARGATE_UPDATE_DOCS").is_some_and(|given| given == "1") {
        fs::write(&path, &page).expect("the guide can be written");
        return;
    }
    assert!(
        text == page,
        "{GUIDE} is out of date: the source calls other actions. Run `make docs`, read what changed, commit it."
    );
}

/// IAM takes 6144 characters in a managed policy, white space not counted.
#[test]
fn each_policy_fits_into_a_managed_policy() {
    for (name, policy) in [("plan", to_plan()), ("apply", to_apply())] {
        let size = policy.to_string().chars().filter(|c| !c.is_whitespace()).count();
        assert!(size <= 6144, "to {name}: {size} characters");
    }
}

#[test]
fn nothing_that_changes_is_allowed_to_plan() {
    let policy = to_plan();
    let actions =
        policy["Statement"].as_array().expect("statements").iter().flat_map(|one| {
            one["Action"].as_array().expect("actions").iter().filter_map(Json::as_str).collect::<Vec<_>>()
        });
    let changing: Vec<&str> = actions.filter(|action| !reads(action)).collect();
    assert!(changing.is_empty(), "{changing:?}");
}
