//! What runs in a task, and in which roles, on the simulated AWS within this process: the order of things that a row of the
//! surface's table doesn't show.

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::observe;

use crate::inside::on_paused_clock;
use crate::inside::stage::Stage;

const PARAMETER: &str = "arn:aws:ssm:eu-west-3:123456789012:parameter/token";
const OTHER: &str = "arn:aws:ssm:eu-west-3:123456789012:parameter/other";

#[test]
fn secrets_may_be_read_before_they_are_needed_and_no_longer_than_that() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        for name in ["token", "other"] {
            stage.call("ssm", "PutParameter", json!({ "Name": name, "Value": "hidden", "Type": "SecureString" }));
        }
        let config = |from: &str| Stage::config(json!({ "secrets": { "TOKEN": from } }));
        stage.apply(&config(PARAMETER)).await;
        let calls = ["iam:PutRolePolicy", "ecs:RegisterTaskDefinition", "ecs:UpdateService", "iam:DeleteRolePolicy"];
        assert_eq!(stage.apply(&config(OTHER)).await, calls);
        assert!(readable(&stage).contains(OTHER) && !readable(&stage).contains(PARAMETER));
        assert!(stage.imported(&config(OTHER)).await.is_empty());

        // One that doesn't exist: the rollout fails and is rolled back; what the tasks read before, they still may.
        let missing = OTHER.replace("other", "missing");
        let said = stage.refused(&config(&missing)).await;
        assert!(said.errors()[0].detail.contains("invalid parameters"), "{:#?}", said.errors());
        assert!(readable(&stage).contains(OTHER));
        let state = format!("{:?}", stage.core.state);
        assert!(!state.contains("hidden"), "a secret's value is in the state");

        assert_eq!(
            stage.apply(&Stage::config(json!({}))).await.last().map(String::as_str),
            Some("iam:DeleteRolePolicy")
        );
        for name in ["token", "other"] {
            stage.call("ssm", "DeleteParameter", json!({ "Name": name }));
        }
        stage.destroy().await;
    });
}

/// The texts of all policies of the execution role.
fn readable(stage: &Stage) -> String {
    let arn = stage.state("execution_role_arn");
    let role = arn.as_str().and_then(|arn| arn.rsplit('/').next()).expect("a role").to_owned();
    let names = stage.call("iam", "ListRolePolicies", json!({ "RoleName": role }))["PolicyNames"].take();
    let text = |name: &Json| {
        let asked = json!({ "RoleName": role, "PolicyName": name });
        let text = stage.call("iam", "GetRolePolicy", asked)["PolicyDocument"].take();
        let text = text.as_str().unwrap_or_default();
        percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
    };
    names.as_array().into_iter().flatten().map(text).collect()
}

#[test]
fn policies_that_others_attach_to_the_task_role_are_left_alone() {
    on_paused_clock(1, async {
        let (ours, theirs) = ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonSQSFullAccess");
        let with = Stage::config(json!({ "iam": { "task_policy_arns": [ours] } }));
        let mut stage = Stage::new();
        stage.apply(&with).await;
        let role = stage.state("task_role_name");
        stage.call("iam", "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": theirs }));
        assert!(stage.core.open(&with).await.is_empty());
        assert!(stage.imported(&with).await.is_empty());
        assert_eq!(stage.apply(&Stage::config(json!({}))).await, ["iam:DetachRolePolicy", "iam:UntagRole"]);
        let attached = stage.call("iam", "ListAttachedRolePolicies", json!({ "RoleName": role }));
        assert_eq!(attached["AttachedPolicies"].as_array().map(Vec::len), Some(1));
        assert_eq!(attached["AttachedPolicies"][0]["PolicyArn"], theirs);
        stage.destroy().await;
    });
}

#[test]
fn given_roles_are_used_and_never_touched() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
        let made = json!({ "RoleName": "theirs", "Path": "/team/", "AssumeRolePolicyDocument": trust.to_string() });
        let arn = stage.call("iam", "CreateRole", made)["Role"]["Arn"].take();
        let policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
        stage.call("iam", "AttachRolePolicy", json!({ "RoleName": "theirs", "PolicyArn": policy }));
        let roles = |stage: &Stage| {
            let all = observe::standing(&stage.aws.world());
            all.into_iter().filter(|one| one.kind == "iam role").map(|one| format!("{one:?}")).collect::<Vec<_>>()
        };
        let before = roles(&stage);

        let config = Stage::config(json!({ "iam": { "task_role_arn": arn, "execution_role_arn": arn } }));
        let calls = stage.apply(&config).await;
        assert!(!calls.iter().any(|call| call.starts_with("iam:")), "{calls:?}");
        assert_eq!((stage.state("task_role_arn"), stage.state("task_role_name")), (arn.clone(), json!("theirs")));
        assert_eq!(stage.state("execution_role_arn"), arn);
        assert!(stage.imported(&config).await.is_empty());

        // Handing over what is ours, and back: the tasks are never without a role that stands.
        stage.apply(&Stage::config(json!({}))).await;
        let calls = stage.apply(&config).await;
        let place = |call: &str| calls.iter().position(|one| one == call);
        assert!(place("ecs:UpdateService") < place("iam:DeleteRole"), "{calls:?}");

        let gone = Stage::config(json!({ "iam": { "task_role_arn": "arn:aws:iam::123456789012:role/nobody" } }));
        let said = stage.refused(&gone).await;
        assert!(said.errors()[0].detail.contains("role/nobody"), "{:#?}", said.errors());
        stage.apply(&config).await;
        let said = stage.core.destroy().await;
        assert!(said.errors().is_empty(), "{:#?}", said.errors());
        assert_eq!(roles(&stage), before);
    });
}

#[test]
fn overrides_that_aws_takes_no_notice_of_are_never_rolled_out() {
    on_paused_clock(1, async {
        let config = |patch: Json| Stage::config(json!({ "container_definition_overrides": patch.to_string() }));
        let mut stage = Stage::new();
        let good = config(json!({ "hostname": "shop", "linuxParameters": { "sharedMemorySize": 64 } }));
        stage.apply(&good).await;
        let revision = stage.service()["taskDefinition"].clone();
        let said = stage.refused(&config(json!({ "hostname": "shop", "hostnames": ["shop"] }))).await;
        assert!(said.errors()[0].detail.contains("no notice of these members"), "{:#?}", said.errors());
        assert!(said.errors()[0].detail.contains("hostnames"), "{:#?}", said.errors());
        assert_eq!(stage.service()["taskDefinition"], revision);
        assert!(
            stage.core.open(&good).await.is_empty(),
            "the revision that wasn't what was asked for is taken for ours"
        );
        assert!(stage.imported(&good).await.is_empty());

        // Logs that go elsewhere are the patch's; null takes away.
        let options = json!({ "awslogs-group": null, "awslogs-region": null, "awslogs-stream-prefix": null });
        let elsewhere = config(json!({ "logConfiguration": { "logDriver": "awsfirelens", "options": options } }));
        stage.apply(&elsewhere).await;
        let asked = json!({ "taskDefinition": stage.service()["taskDefinition"] });
        let definition = stage.call("ecs", "DescribeTaskDefinition", asked)["taskDefinition"].take();
        let logs = &definition["containerDefinitions"][0]["logConfiguration"];
        assert_eq!(*logs, json!({ "logDriver": "awsfirelens", "options": {} }));
        stage.destroy().await;
    });
}

#[test]
fn each_container_writes_to_streams_of_its_own_name() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let side = json!({ "image": "side:1", "essential": false });
        stage.apply(&Stage::config(json!({ "sidecars": { "side": side } }))).await;
        let asked = json!({ "logGroupName": stage.state("log_group_name") });
        let streams = stage.call("logs", "DescribeLogStreams", asked)["logStreams"].take();
        let names = streams.as_array().into_iter().flatten().filter_map(|one| one["logStreamName"].as_str());
        let prefixes: std::collections::BTreeSet<&str> = names.filter_map(|name| name.split('/').next()).collect();
        assert_eq!(prefixes, ["app", "side"].into());
        stage.destroy().await;
    });
}
