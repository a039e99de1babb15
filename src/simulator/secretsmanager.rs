//! Secrets Manager: secrets, as far as a task's start and a preflight check need them. No versions but the present one.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::ask::Ask;
use super::observe::Object;
use super::quotas;
use super::refusal::{Answer, Refusal};
use super::tags::{self, Tags};
use super::world::{Operation, World};

#[derive(Clone, Debug, Default)]
pub struct State {
    /// By name.
    secrets: BTreeMap<String, Secret>,
}

#[derive(Clone, Debug)]
struct Secret {
    arn: String,
    /// As it came: `SecretString` or `SecretBinary`, and what it holds.
    value: Option<(&'static str, String)>,
    version: String,
    description: Option<String>,
    created: f64,
    /// Of a secret that is scheduled for deletion: when it goes.
    deleted: Option<f64>,
    tags: Tags,
}

/// All of them (`observe`).
pub fn objects(world: &World) -> Vec<Object> {
    let object = |name: &String| Object {
        kind: "secretsmanager secret",
        id: world.arn("secretsmanager", &format!("secret/{name}")),
        name: name.clone(),
        tags: Tags::new(),
        settings: Json::Null,
    };
    world.secretsmanager.secrets.keys().map(object).collect()
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "CreateSecret" => create,
        "DeleteSecret" => delete,
        "DescribeSecret" => describe,
        "GetSecretValue" => get,
        "ListSecrets" => list,
        _ => return None,
    })
}

/// Whether a secret stands by its name or ARN; what a container's `valueFrom` has after the ARN doesn't matter.
pub fn secret_stands(world: &World, reference: &str) -> bool {
    let whole: String = reference.split(':').take(7).collect::<Vec<_>>().join(":");
    find(world, if reference.starts_with("arn:") { &whole } else { reference })
        .is_some_and(|(_, one)| one.deleted.is_none())
}

/// By name, ARN, or ARN without its last six characters (API reference, SecretId). What is past its deletion is gone.
fn find<'a>(world: &'a World, id: &str) -> Option<(&'a String, &'a Secret)> {
    let named = |(name, one): &(&String, &Secret)| {
        *name == id || one.arn == id || one.arn.rsplit_once('-').is_some_and(|(arn, _)| arn == id)
    };
    world.secretsmanager.secrets.iter().find(named).filter(|(_, one)| one.deleted.is_none_or(|at| at > world.epoch()))
}

#[track_caller]
fn invalid(why: &str) -> Refusal {
    Refusal::new("InvalidParameterException", why)
}

fn asked<'a>(world: &'a World, ask: &Ask) -> Result<(&'a String, &'a Secret), Refusal> {
    let id = ask.text("SecretId").filter(|id| !id.is_empty()).ok_or_else(|| invalid("You must provide a SecretId."))?;
    let missing = || Refusal::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    find(world, id).ok_or_else(missing)
}

fn create(world: &mut World, ask: &Ask) -> Answer {
    let name = ask.text("Name").unwrap_or_default().to_owned();
    let fits = |sign: char| sign.is_ascii_alphanumeric() || "/_+=.@-".contains(sign);
    if name.is_empty() || name.len() > 512 || !name.chars().all(fits) {
        return Err(invalid(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
        ));
    }
    if find(world, &name).is_some_and(|(_, one)| one.deleted.is_some()) {
        let why = "You can't create this secret because a secret with this name is already scheduled for deletion.";
        return Err(Refusal::new("InvalidRequestException", why));
    }
    if find(world, &name).is_some() {
        let why = format!("The operation failed because the secret {name} already exists.");
        return Err(Refusal::new("ResourceExistsException", why));
    }
    if quotas::full(world, quotas::SECRETS, world.secretsmanager.secrets.len()) {
        return Err(Refusal::new("LimitExceededException", "The maximum number of secrets has been reached."));
    }
    let given = |member| ask.text(member).map(|value| (member, value.to_owned()));
    let value = match (given("SecretString"), given("SecretBinary")) {
        (Some(_), Some(_)) => return Err(invalid("You can't specify both a binary and a string secret value.")),
        (text, binary) => text.or(binary),
    };
    let suffix = world.hex(6);
    let arn = world.arn("secretsmanager", &format!("secret:{name}-{suffix}"));
    let version = ask.text("ClientRequestToken").map_or_else(|| world.uuid(), str::to_owned);
    let secret = Secret {
        arn: arn.clone(),
        value,
        version: version.clone(),
        description: ask.text("Description").map(str::to_owned),
        created: world.epoch(),
        deleted: None,
        tags: tags::read(&ask.parts("Tags"), "Key", "Value"),
    };
    let version = secret.value.as_ref().map(|_| version);
    world.secretsmanager.secrets.insert(name.clone(), secret);
    Ok(json!({ "ARN": arn, "Name": name, "VersionId": version }))
}

/// After 7 to 30 days, 30 unless asked otherwise, or at once (API reference, DeleteSecret).
fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (name, arn) = asked(world, ask).map(|(name, one)| (name.clone(), one.arn.clone()))?;
    let (force, days) = (ask.truth("ForceDeleteWithoutRecovery") == Some(true), ask.number("RecoveryWindowInDays"));
    if force && days.is_some() {
        return Err(invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."));
    }
    if days.is_some_and(|days| !(7..=30).contains(&days)) {
        return Err(invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."));
    }
    let at = world.epoch() + if force { 0.0 } else { days.unwrap_or(30) as f64 * 86_400.0 };
    if force {
        world.secretsmanager.secrets.remove(&name);
    } else if let Some(secret) = world.secretsmanager.secrets.get_mut(&name) {
        secret.deleted = Some(at);
    }
    Ok(json!({ "ARN": arn, "Name": name, "DeletionDate": at }))
}

fn shown(name: &str, secret: &Secret, versions: &str) -> Json {
    json!({
        "ARN": secret.arn,
        "Name": name,
        "Description": secret.description,
        "CreatedDate": secret.created,
        "LastChangedDate": secret.created,
        "DeletedDate": secret.deleted,
        "Tags": tags::write(&secret.tags, "Key", "Value"),
        versions: secret.value.as_ref().map(|_| json!({ &secret.version: ["AWSCURRENT"] })),
    })
}

fn describe(world: &mut World, ask: &Ask) -> Answer {
    asked(world, ask).map(|(name, secret)| shown(name, secret, "VersionIdsToStages"))
}

fn get(world: &mut World, ask: &Ask) -> Answer {
    let (name, secret) = asked(world, ask)?;
    if secret.deleted.is_some() {
        let why = "You can't perform this operation on the secret because it was marked for deletion.";
        return Err(Refusal::new("InvalidRequestException", why));
    }
    let missing = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    let (member, value) = secret.value.as_ref().ok_or_else(|| Refusal::new("ResourceNotFoundException", missing))?;
    Ok(json!({
        "ARN": secret.arn,
        "Name": name,
        "VersionId": secret.version,
        *member: value,
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": secret.created,
    }))
}

/// Pages of 1 to 100, 100 unless asked otherwise (service model); filters are not simulated.
fn list(world: &mut World, ask: &Ask) -> Answer {
    if !ask.parts("Filters").is_empty() {
        return Err(Refusal::new("NotImplemented", "filters of ListSecrets are not simulated").with_status(501));
    }
    let size = match ask.get("MaxResults") {
        Json::Null => 100,
        asked => asked.as_u64().filter(|size| (1..=100).contains(size)).ok_or_else(|| invalid("Invalid MaxResults."))?
            as usize,
    };
    let wrong = |_| Refusal::new("InvalidNextTokenException", "Invalid token.");
    let from = ask.text("NextToken").map_or(Ok(0), str::parse::<usize>).map_err(wrong)?;
    let planned = ask.truth("IncludePlannedDeletion") == Some(true);
    let all = world.secretsmanager.secrets.iter().filter(|(_, one)| planned || one.deleted.is_none());
    let mut rest = all.skip(from);
    let page: Vec<Json> =
        rest.by_ref().take(size).map(|(name, one)| shown(name, one, "SecretVersionsToStages")).collect();
    let next = rest.next().map(|_| (from + size).to_string());
    Ok(json!({ "SecretList": page, "NextToken": next }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(world: &mut World, action: &str, ask: Json) -> Result<Json, String> {
        world.call("secretsmanager", action, &Ask(ask)).map_err(|refusal| refusal.code)
    }

    #[test]
    fn a_secret_is_made_read_and_goes() {
        let mut world = World::new(7, "eu-west-3");
        let made = call(&mut world, "CreateSecret", json!({ "Name": "db", "SecretString": "x" })).unwrap();
        let arn = made["ARN"].as_str().unwrap().to_owned();
        assert!(
            secret_stands(&world, &arn)
                && secret_stands(&world, "db")
                && secret_stands(&world, &format!("{arn}:key::"))
        );
        assert_eq!(call(&mut world, "CreateSecret", json!({ "Name": "db" })).unwrap_err(), "ResourceExistsException");
        assert_eq!(
            call(&mut world, "CreateSecret", json!({ "Name": "a b" })).unwrap_err(),
            "InvalidParameterException"
        );
        assert_eq!(call(&mut world, "GetSecretValue", json!({ "SecretId": arn })).unwrap()["SecretString"], "x");
        assert_eq!(
            call(&mut world, "DescribeSecret", json!({ "SecretId": "none" })).unwrap_err(),
            "ResourceNotFoundException"
        );
        assert_eq!(
            call(&mut world, "DeleteSecret", json!({ "SecretId": "db", "RecoveryWindowInDays": 1 })).unwrap_err(),
            "InvalidParameterException"
        );
        call(&mut world, "DeleteSecret", json!({ "SecretId": "db" })).unwrap();
        assert_eq!(
            call(&mut world, "GetSecretValue", json!({ "SecretId": "db" })).unwrap_err(),
            "InvalidRequestException"
        );
        assert_eq!(call(&mut world, "CreateSecret", json!({ "Name": "db" })).unwrap_err(), "InvalidRequestException");
        assert_eq!(call(&mut world, "ListSecrets", json!({})).unwrap()["SecretList"], json!([]));
        call(&mut world, "DeleteSecret", json!({ "SecretId": "db", "ForceDeleteWithoutRecovery": true })).unwrap();
        assert!(!secret_stands(&world, &arn));
        call(&mut world, "CreateSecret", json!({ "Name": "db" })).unwrap();
    }

    #[test]
    fn a_secret_may_be_binary_but_not_both() {
        let mut world = World::new(7, "eu-west-3");
        call(&mut world, "CreateSecret", json!({ "Name": "db", "SecretBinary": "AP8=" })).unwrap();
        let found = call(&mut world, "GetSecretValue", json!({ "SecretId": "db" })).unwrap();
        assert!(found["SecretBinary"] == "AP8=" && found.get("SecretString").is_none());
        let both = json!({ "Name": "two", "SecretBinary": "AP8=", "SecretString": "x" });
        assert_eq!(call(&mut world, "CreateSecret", both).unwrap_err(), "InvalidParameterException");
    }

    #[test]
    fn what_secrets_do_not_take_is_refused() {
        let mut world = World::new(7, "eu-west-3");
        call(&mut world, "CreateSecret", json!({ "Name": "empty", "Description": "d" })).unwrap();
        let both = json!({ "SecretId": "empty", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true });
        for (action, ask, expected) in [
            ("DeleteSecret", both, "InvalidParameterException"),
            ("DescribeSecret", json!({}), "InvalidParameterException"),
            ("GetSecretValue", json!({ "SecretId": "empty" }), "ResourceNotFoundException"),
            ("ListSecrets", json!({ "Filters": [{ "Key": "name", "Values": ["x"] }] }), "NotImplemented"),
            ("ListSecrets", json!({ "MaxResults": 101 }), "InvalidParameterException"),
            ("ListSecrets", json!({ "NextToken": "x" }), "InvalidNextTokenException"),
        ] {
            assert_eq!(call(&mut world, action, ask.clone()).unwrap_err(), expected, "{action} {ask}");
        }
        assert_eq!(call(&mut world, "DescribeSecret", json!({ "SecretId": "empty" })).unwrap()["Description"], "d");
        quotas::set(&mut world, quotas::SECRETS, 1);
        assert_eq!(call(&mut world, "CreateSecret", json!({ "Name": "more" })).unwrap_err(), "LimitExceededException");
    }
}
