//! What the two roles of a task may do: never more than this service needs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::aws::document::Document;
use crate::aws::objects::log_group::LogGroup;
use crate::aws::owner::{Owner, hash};
use crate::provider::web_service::model::Settings;

/// What ECS itself may do for a task: write to its log group, pull its images where they are in Amazon ECR, read its secrets.
///
/// The name of what may change tells its content: the policy before it stays until the rollout is through.
pub(super) fn execution(settings: &Settings, owner: &Owner) -> BTreeMap<String, Document> {
    let group = owner.arn("logs", &format!("log-group:{}:*", LogGroup::name(owner)));
    let logs = policy(vec![allow(json!(["logs:CreateLogStream", "logs:PutLogEvents"]), json!(group))]);
    let mut policies = BTreeMap::from([("logs".to_owned(), logs)]);
    let sidecars = || settings.sidecars.iter().flat_map(BTreeMap::values);
    let images = sidecars().map(|sidecar| &sidecar.image).chain([&settings.image]);
    for repository in images.filter_map(|image| ecr_repository(image, &owner.partition)) {
        policies.insert(format!("pull-{}", hash(&repository)), pull(&repository));
    }
    let secrets = sidecars().map(|sidecar| &sidecar.secrets).chain([&settings.secrets]);
    let secrets: BTreeSet<&str> = secrets.flatten().flat_map(BTreeMap::values).map(|from| secret(from)).collect();
    if !secrets.is_empty() {
        let read = read(&secrets);
        policies.insert(format!("secrets-{}", hash(&read.to_string())), read);
    }
    policies.into_iter().map(|(name, policy)| (name, policy.into())).collect()
}

/// What the container's own calls may do: what the user says, and to hold a session of ECS Exec.
pub(super) fn task(settings: &Settings) -> BTreeMap<String, Document> {
    let mut policies = BTreeMap::new();
    if let Some(text) = &settings.iam.task_policy_json {
        policies.insert("task".to_owned(), Document::new(text));
    }
    if settings.enable_execute_command {
        let channels = json!([
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ]);
        policies.insert("execute-command".to_owned(), policy(vec![allow(channels, json!("*"))]).into());
    }
    policies
}

fn policy(statements: Vec<Json>) -> Json {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn allow(actions: Json, resources: Json) -> Json {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resources })
}

fn pull(repository: &str) -> Json {
    let actions = json!(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    policy(vec![allow(json!("ecr:GetAuthorizationToken"), json!("*")), allow(actions, json!(repository))])
}

/// Reads exactly these secrets, and decrypts nothing else: the encryption context is the secret's ARN, whatever its key, so
/// nobody has to look the key up, and a secret may change it.
fn read(secrets: &BTreeSet<&str>) -> Json {
    let of = |service: &str| secrets.iter().filter(|arn| arn.split(':').nth(2) == Some(service)).collect::<Vec<_>>();
    let mut statements = Vec::new();
    for (service, action, context) in [
        ("secretsmanager", "secretsmanager:GetSecretValue", "kms:EncryptionContext:SecretARN"),
        ("ssm", "ssm:GetParameters", "kms:EncryptionContext:PARAMETER_ARN"),
    ] {
        let arns = of(service);
        if arns.is_empty() {
            continue;
        }
        let keys: BTreeSet<String> = arns.iter().map(|arn| keys(arn)).collect();
        let mut decrypt = allow(json!("kms:Decrypt"), json!(keys));
        decrypt["Condition"] = json!({
            "StringEquals": { context: arns },
            "StringLike": { "kms:ViaService": format!("{service}.*") },
        });
        statements.extend([allow(json!(action), json!(arns)), decrypt]);
    }
    policy(statements)
}

/// The secret itself, without what a container takes of it: `:json-key:version-stage:version-id`.
fn secret(from: &str) -> &str {
    let is_secret = from.split(':').nth(2) == Some("secretsmanager");
    let end = from.match_indices(':').nth(6).filter(|_| is_secret);
    end.map_or(from, |(end, _)| &from[..end])
}

/// The KMS keys of a secret's account and region.
fn keys(secret: &str) -> String {
    match secret.split(':').collect::<Vec<_>>()[..] {
        [_, partition, _, region, account, ..] => format!("arn:{partition}:kms:{region}:{account}:key/*"),
        _ => secret.to_owned(),
    }
}

/// The ARN of the private ECR repository that an image is in, of `<account>.dkr.ecr.<region>.amazonaws.com/<name>:<tag>` or
/// one of the other endpoints (`dkr.ecr-fips`, `dkr-ecr.<region>.on.aws`).
pub(super) fn ecr_repository(image: &str, partition: &str) -> Option<String> {
    let (host, rest) = image.split_once('/')?;
    let parts: Vec<&str> = host.split('.').collect();
    let (account, region) = match parts[..] {
        [account, "dkr", "ecr" | "ecr-fips", region, ..] => (account, region),
        [account, "dkr-ecr" | "dkr-ecr-fips", region, ..] => (account, region),
        _ => return None,
    };
    let name = rest.split(['@', ':']).next()?;
    Some(format!("arn:{partition}:ecr:{region}:{account}:repository/{name}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{owner, settings};
    use super::*;

    const SECRET: &str = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:shop/db-AbCdEf";
    const PARAMETER: &str = "arn:aws:ssm:eu-west-3:123456789012:parameter/shop/token";

    fn policies(more: Json) -> BTreeMap<String, Json> {
        let mut config = json!({ "name": "hello", "image": "nginx" });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = execution(&settings(&config.to_string()), &owner());
        made.into_iter().map(|(name, policy)| (name, policy.json())).collect()
    }

    #[test]
    fn the_secrets_policy_names_each_secret_itself_and_decrypts_nothing_else() {
        let sidecar = json!({ "image": "x", "secrets": { "TOKEN": PARAMETER } });
        let all = policies(json!({
            "secrets": { "USER": format!("{SECRET}:user::"), "PASSWORD": format!("{SECRET}:password:AWSCURRENT:") },
            "sidecars": { "side": sidecar },
        }));
        let (_, read) = all.iter().find(|(name, _)| name.starts_with("secrets-")).unwrap();
        let of = |place: usize| read["Statement"][place].clone();
        assert_eq!((&of(0)["Action"], &of(0)["Resource"]), (&json!("secretsmanager:GetSecretValue"), &json!([SECRET])));
        assert_eq!(of(1)["Resource"], json!(["arn:aws:kms:eu-west-3:123456789012:key/*"]));
        assert_eq!(of(1)["Condition"]["StringEquals"], json!({ "kms:EncryptionContext:SecretARN": [SECRET] }));
        assert_eq!((&of(2)["Action"], &of(2)["Resource"]), (&json!("ssm:GetParameters"), &json!([PARAMETER])));
        assert_eq!(of(3)["Condition"]["StringEquals"], json!({ "kms:EncryptionContext:PARAMETER_ARN": [PARAMETER] }));
        assert_eq!(read["Statement"].as_array().unwrap().len(), 4);
    }

    #[test]
    fn other_secrets_are_another_policy_and_none_is_none() {
        let name = |secrets: Json| {
            let all = policies(json!({ "secrets": secrets }));
            all.into_keys().find(|name| name.starts_with("secrets-"))
        };
        assert_eq!(name(json!({})), None);
        assert_ne!(name(json!({ "A": SECRET })), name(json!({ "A": PARAMETER })));
        assert_eq!(name(json!({ "A": SECRET })), name(json!({ "B": format!("{SECRET}:key::") })));
    }

    #[test]
    fn each_repository_of_an_image_may_be_pulled() {
        let ecr = |name: &str| format!("123456789012.dkr.ecr.eu-west-3.amazonaws.com/{name}:1");
        let all = policies(
            json!({ "image": ecr("app"), "sidecars": { "a": { "image": ecr("side") }, "b": { "image": "x" } } }),
        );
        let pulls = all.iter().filter(|(name, _)| name.starts_with("pull-"));
        let mut repositories: Vec<_> = pulls.map(|(_, policy)| policy["Statement"][1]["Resource"].clone()).collect();
        repositories.sort_by_key(Json::to_string);
        let repository = |name: &str| json!(format!("arn:aws:ecr:eu-west-3:123456789012:repository/{name}"));
        assert_eq!(repositories, [repository("app"), repository("side")]);
    }

    #[test]
    fn only_an_image_in_ecr_needs_rights_to_pull_and_only_on_its_repository() {
        let image = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/team/shop:1.2@sha256:00";
        assert_eq!(
            ecr_repository(image, "aws").as_deref(),
            Some("arn:aws:ecr:eu-west-3:123456789012:repository/team/shop")
        );
        let other = "123456789012.dkr-ecr.eu-west-3.on.aws/shop@sha256:00";
        assert_eq!(ecr_repository(other, "aws").as_deref(), Some("arn:aws:ecr:eu-west-3:123456789012:repository/shop"));
        assert_eq!(ecr_repository("public.ecr.aws/nginx/nginx:stable", "aws"), None);
        assert_eq!(ecr_repository("nginx", "aws"), None);
    }

    #[test]
    fn the_task_role_may_what_the_user_says_and_hold_sessions_where_they_are_enabled() {
        let of = |text: &str| task(&settings(text)).into_keys().collect::<Vec<_>>();
        assert!(of(r#"{"name": "hello", "image": "nginx"}"#).is_empty());
        let both =
            r#"{"name": "hello", "image": "nginx", "enable_execute_command": true, "iam": {"task_policy_json": "{}"}}"#;
        assert_eq!(of(both), ["execute-command", "task"]);
    }
}
