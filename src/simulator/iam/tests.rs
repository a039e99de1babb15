//! Tests of IAM: every operation, every refusal.

use serde_json::{Value as Json, json};

use super::*;
use crate::simulator::refusal::Answer;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const GRANT: &str = r#"{"Statement": {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}}"#;
const ARN: &str = "arn:aws:iam::123456789012:role/a/r";

fn call(world: &mut World, action: &str, ask: Json) -> Answer {
    world.call("iam", action, &Ask(ask))
}

fn done(world: &mut World, action: &str, ask: Json) -> Json {
    call(world, action, ask).unwrap()
}

fn refused(world: &mut World, action: &str, ask: Json) -> (u16, String, String) {
    let refusal = call(world, action, ask).unwrap_err();
    (refusal.status, refusal.code, refusal.message)
}

fn code(world: &mut World, action: &str, ask: Json) -> String {
    refused(world, action, ask).1
}

/// A world with the role `r`.
fn world() -> World {
    let mut world = World::new(1, "eu-west-1");
    let tags = json!([{ "Key": "Team", "Value": "x" }]);
    let ask =
        json!({ "RoleName": "r", "Path": "/a/", "AssumeRolePolicyDocument": TRUST, "Tags": tags, "Description": "d" });
    done(&mut world, "CreateRole", ask);
    world
}

#[test]
fn a_role_lives() {
    let mut world = world();
    let role = done(&mut world, "GetRole", json!({ "RoleName": "r" }))["Role"].clone();
    assert_eq!((role["Arn"].as_str(), role["Path"].as_str()), (Some(ARN), Some("/a/")));
    assert_eq!(role["CreateDate"], "2026-01-01T00:00:00Z");
    assert_eq!(role["Tags"], json!([{ "Key": "Team", "Value": "x" }]));
    assert!(role["AssumeRolePolicyDocument"].as_str().unwrap().starts_with("%7B%22Version%22%3A%222012-10-17%22"));
    assert!(role["RoleId"].as_str().unwrap().len() == 21);
    let again = json!({ "RoleName": "R", "AssumeRolePolicyDocument": TRUST });
    let exists = (409, "EntityAlreadyExists".into(), "Role with name R already exists.".into());
    assert_eq!(refused(&mut world, "CreateRole", again), exists);
    done(&mut world, "UpdateRole", json!({ "RoleName": "r", "MaxSessionDuration": "7200" }));
    let role = done(&mut world, "GetRole", json!({ "RoleName": "r" }))["Role"].clone();
    assert_eq!((&role["MaxSessionDuration"], &role["Description"]), (&json!(7200), &json!("d")));
    let trust = TRUST.replace("ecs-tasks", "ecs");
    done(&mut world, "UpdateAssumeRolePolicy", json!({ "RoleName": "r", "PolicyDocument": trust }));
    let role = done(&mut world, "GetRole", json!({ "RoleName": "r" }))["Role"].clone();
    assert!(role["AssumeRolePolicyDocument"].as_str().unwrap().contains("%22ecs.amazonaws.com"));
    assert_eq!(
        done(&mut world, "ListInstanceProfilesForRole", json!({ "RoleName": "r" }))["InstanceProfiles"],
        json!([])
    );
    done(&mut world, "DeleteRole", json!({ "RoleName": "r" }));
    let gone = (404, "NoSuchEntity".into(), "The role with name r cannot be found.".into());
    assert_eq!(refused(&mut world, "GetRole", json!({ "RoleName": "r" })), gone);
    assert_eq!(refused(&mut world, "DeleteRole", json!({ "RoleName": "r" })), gone);
}

#[test]
fn a_role_spreads() {
    let mut world = world();
    let by = "ecs-tasks.amazonaws.com";
    assert!(role_stands(&world, ARN) && !role_usable(&world, ARN, by));
    assert!(!role_stands(&world, &ARN.replace("/a/", "/")) && !role_stands(&world, ""));
    world.advance(Duration::from_secs(60));
    assert!(role_usable(&world, ARN, by) && !role_usable(&world, ARN, "lambda.amazonaws.com"));
}

#[test]
fn roles_spread_within_a_minute_and_in_eight_seconds_on_average() {
    let mut world = world();
    let drawn: Vec<f64> = (0..2000).map(|_| world.draw_tail(crate::simulator::durations::ROLE_SPREADS)).collect();
    assert!(drawn.iter().all(|seconds| (0.0..=60.0).contains(seconds)));
    let mean = drawn.iter().sum::<f64>() / 2000.0;
    assert!((7.0..9.0).contains(&mean), "{mean}");
}

#[test]
fn a_policy_counts_once_it_has_spread() {
    let mut world = world();
    let action = "logs:PutLogEvents";
    let put = |text: &str| json!({ "RoleName": "r", "PolicyName": "p", "PolicyDocument": text });
    done(&mut world, "PutRolePolicy", put(GRANT));
    assert!(!allows(&world, ARN, action), "not yet");
    world.advance(Duration::from_secs(60));
    assert!(allows(&world, ARN, action) && !allows(&world, ARN, "ecr:GetAuthorizationToken"));
    done(&mut world, "PutRolePolicy", put(GRANT));
    assert!(allows(&world, ARN, action), "the same text changes nothing");
    let execution = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    done(&mut world, "AttachRolePolicy", json!({ "RoleName": "r", "PolicyArn": execution }));
    assert!(!allows(&world, ARN, "ecr:GetAuthorizationToken"));
    world.advance(Duration::from_secs(120));
    assert!(allows(&world, ARN, "ecr:GetAuthorizationToken"));
    done(&mut world, "PutRolePolicy", put(&GRANT.replace("Allow", "Deny")));
    world.advance(Duration::from_secs(180));
    assert!(!allows(&world, ARN, action) && !allows(&world, "arn:none", action));
    done(&mut world, "PutRolePolicy", put(&GRANT.replace("Action", "NotAction")));
    world.advance(Duration::from_secs(240));
    assert!(allows(&world, ARN, "s3:GetObject"));
}

#[test]
fn services_make_their_roles_themselves() {
    for seed in 0..20 {
        let mut world = World::new(seed, "eu-west-1");
        need_linked_role(&mut world, "ecs.amazonaws.com");
        need_linked_role(&mut world, "ecs.amazonaws.com");
        need_linked_role(&mut world, "x");
        assert_eq!(world.iam.roles.len(), 1);
        world.advance(Duration::from_secs(5));
        assert!(!linked_role_stands(&world, "ecs.amazonaws.com"));
        world.advance(Duration::from_secs(30));
        assert!(linked_role_stands(&world, "ecs.amazonaws.com"));
    }
}

#[test]
fn inline_policies() {
    let mut world = world();
    let put = |name: &str, text: &str| json!({ "RoleName": "r", "PolicyName": name, "PolicyDocument": text });
    done(&mut world, "PutRolePolicy", put("p", GRANT));
    done(&mut world, "PutRolePolicy", put("p", &GRANT.replace("logs", "s3")));
    let read = done(&mut world, "GetRolePolicy", json!({ "RoleName": "r", "PolicyName": "p" }));
    assert!(read["PolicyDocument"].as_str().unwrap().contains("%20%22s3%3A%2A%22"));
    assert_eq!(done(&mut world, "ListRolePolicies", json!({ "RoleName": "r" }))["PolicyNames"], json!(["p"]));
    let conflict = refused(&mut world, "DeleteRole", json!({ "RoleName": "r" }));
    assert_eq!(conflict.1, "DeleteConflict");
    let long = GRANT.replace("logs:*", &format!("logs:{}", "a".repeat(10_200)));
    assert_eq!(refused(&mut world, "PutRolePolicy", put("q", &long)).0, 409);
    assert_eq!(code(&mut world, "PutRolePolicy", put("q", "{")), "MalformedPolicyDocument");
    assert_eq!(code(&mut world, "PutRolePolicy", put("a b", GRANT)), "ValidationError");
    done(&mut world, "DeleteRolePolicy", json!({ "RoleName": "r", "PolicyName": "p" }));
    for action in ["DeleteRolePolicy", "GetRolePolicy"] {
        assert_eq!(code(&mut world, action, json!({ "RoleName": "r", "PolicyName": "p" })), "NoSuchEntity");
    }
    assert_eq!(code(&mut world, "ListRolePolicies", json!({ "RoleName": "x" })), "NoSuchEntity");
}

#[test]
fn attached_policies() {
    let mut world = world();
    let with = |name: &str| json!({ "RoleName": "r", "PolicyArn": format!("arn:aws:iam::aws:policy/{name}") });
    done(&mut world, "AttachRolePolicy", with("service-role/P"));
    for number in 0..9 {
        done(&mut world, "AttachRolePolicy", with(&format!("P{number}")));
    }
    assert_eq!(code(&mut world, "AttachRolePolicy", with("One")), "LimitExceeded");
    done(&mut world, "AttachRolePolicy", with("P0"));
    let ask = json!({ "RoleName": "r", "PathPrefix": "/service-role/" });
    let arn = "arn:aws:iam::aws:policy/service-role/P";
    let listed = done(&mut world, "ListAttachedRolePolicies", ask);
    assert_eq!(listed["AttachedPolicies"], json!([{ "PolicyName": "P", "PolicyArn": arn }]));
    assert_eq!(code(&mut world, "DeleteRole", json!({ "RoleName": "r" })), "DeleteConflict");
    done(&mut world, "DetachRolePolicy", with("P0"));
    assert_eq!(code(&mut world, "DetachRolePolicy", with("P0")), "NoSuchEntity");
    let of = |account: &str, name: &str| json!({ "RoleName": "r", "PolicyArn": format!("arn:aws:iam::{account}:policy/{name}") });
    for ask in [of("123456789012", "missing"), of("999999999999", "x"), with("aws-service-role/P")] {
        assert_eq!(code(&mut world, "AttachRolePolicy", ask), "NoSuchEntity");
    }
    done(&mut world, "AttachRolePolicy", of("123456789012", "x"));
    let odd = json!({ "RoleName": "r", "PolicyArn": "xxxxxxxxxxxxxxxxxxxxxxxx" });
    assert_eq!(code(&mut world, "AttachRolePolicy", odd), "InvalidInput");
    for arn in [json!("arn"), Json::Null] {
        let ask = json!({ "RoleName": "r", "PolicyArn": arn });
        assert_eq!(code(&mut world, "DetachRolePolicy", ask), "ValidationError");
    }
}

#[test]
fn tags_whatever_their_case() {
    let mut world = world();
    let tag = |tags: Json| json!({ "RoleName": "r", "Tags": tags });
    done(&mut world, "TagRole", tag(json!([{ "Key": "team", "Value": "y" }, { "Key": "b", "Value": "" }])));
    let listed = done(&mut world, "ListRoleTags", json!({ "RoleName": "r" }));
    assert_eq!(listed["Tags"], json!([{ "Key": "b", "Value": "" }, { "Key": "team", "Value": "y" }]));
    let twice = tag(json!([{ "Key": "k", "Value": "" }, { "Key": "K", "Value": "" }]));
    assert_eq!(code(&mut world, "TagRole", twice.clone()), "InvalidInput");
    let mut create = twice;
    create["RoleName"] = "s".into();
    create["AssumeRolePolicyDocument"] = TRUST.into();
    assert_eq!(code(&mut world, "CreateRole", create), "InvalidInput");
    assert_eq!(code(&mut world, "TagRole", tag(json!([{ "Key": "aws:x", "Value": "" }]))), "InvalidInput");
    assert_eq!(code(&mut world, "TagRole", tag(json!([{ "Key": "k*", "Value": "" }]))), "ValidationError");
    assert_eq!(code(&mut world, "TagRole", tag(json!([{ "Key": "k" }]))), "ValidationError");
    assert_eq!(code(&mut world, "TagRole", tag(json!([{ "Value": "v" }]))), "ValidationError");
    assert_eq!(code(&mut world, "TagRole", tag(json!([{ "Key": "k".repeat(129), "Value": "" }]))), "ValidationError");
    assert_eq!(code(&mut world, "TagRole", json!({ "RoleName": "r" })), "ValidationError");
    assert_eq!(code(&mut world, "UntagRole", json!({ "RoleName": "r" })), "ValidationError");
    let many = |count| (0..count).map(|n| json!({ "Key": format!("k{n}"), "Value": "" })).collect::<Json>();
    assert_eq!(code(&mut world, "TagRole", tag(many(51))), "ValidationError");
    assert_eq!(code(&mut world, "TagRole", tag(many(50))), "LimitExceeded");
    done(&mut world, "UntagRole", json!({ "RoleName": "r", "TagKeys": ["TEAM", "b", "none"] }));
    assert_eq!(done(&mut world, "ListRoleTags", json!({ "RoleName": "r" }))["Tags"], json!([]));
}

#[test]
fn lists_page_by_path() {
    let mut world = world();
    for number in 0..7 {
        let ask = json!({ "RoleName": format!("x{number}"), "Path": "/p/q/", "AssumeRolePolicyDocument": TRUST });
        done(&mut world, "CreateRole", ask);
    }
    let (mut names, mut pages, mut marker) = (Vec::new(), 0, Json::Null);
    loop {
        let page = done(&mut world, "ListRoles", json!({ "PathPrefix": "/p", "MaxItems": 3, "Marker": marker }));
        let roles = page["Roles"].as_array().unwrap();
        names.extend(roles.iter().map(|role| role["RoleName"].as_str().unwrap().to_owned()));
        assert!(roles.iter().all(|role| role["Tags"].is_null()));
        (pages, marker) = (pages + 1, page["Marker"].clone());
        assert_eq!(page["IsTruncated"], !marker.is_null());
        if marker.is_null() {
            break;
        }
    }
    assert_eq!((names.len(), pages, names[0].as_str()), (7, 3, "x0"));
    for ask in [
        json!({ "MaxItems": 0 }),
        json!({ "MaxItems": 1001 }),
        json!({ "Marker": "xyz" }),
        json!({ "PathPrefix": "p" }),
    ] {
        assert_eq!(code(&mut world, "ListRoles", ask), "ValidationError");
    }
    assert_eq!(code(&mut world, "ListRoles", json!({ "MaxItems": "many" })), "MalformedInput");
}

#[test]
fn names_and_limits() {
    let mut world = world();
    let with = |member: &str, value: Json| {
        let mut ask = json!({ "RoleName": "s", "AssumeRolePolicyDocument": TRUST });
        ask[member] = value;
        ask
    };
    let long = "a".repeat(65);
    let wrong = [
        ("RoleName", json!("")),
        ("RoleName", json!("a b")),
        ("RoleName", json!(long)),
        ("RoleName", Json::Null),
        ("AssumeRolePolicyDocument", Json::Null),
        ("Path", json!("a/")),
        ("Description", json!("\u{7f}")),
        ("MaxSessionDuration", json!(60)),
        ("MaxSessionDuration", json!(43_201)),
    ];
    for (member, value) in wrong {
        assert_eq!(code(&mut world, "CreateRole", with(member, value)), "ValidationError", "{member}");
    }
    let long = TRUST.replace("sts:AssumeRole", &format!("sts:{}", "a".repeat(2048)));
    assert_eq!(code(&mut world, "CreateRole", with("AssumeRolePolicyDocument", json!(long))), "LimitExceeded");
    for number in 1..1000 {
        done(&mut world, "CreateRole", with("RoleName", json!(format!("role-{number}"))));
    }
    assert_eq!(refused(&mut world, "CreateRole", with("RoleName", json!("last"))).0, 409);
}

#[test]
fn documents_are_checked() {
    let mut world = world();
    let statement = |inner: &str| format!(r#"{{"Statement":[{{"Effect":"Allow",{inner}}}]}}"#);
    let trusts = [
        ("nonsense".into(), "This policy contains invalid Json"),
        ("{}".into(), "Syntax errors in policy."),
        (TRUST.replace("Allow", "Maybe"), "Syntax errors in policy."),
        (TRUST.replace("2012-10-17", "2026-10-17"), "The policy must contain a valid version string"),
        (TRUST.replace("sts:", "s3:"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (statement(r#""Action":"sts:AssumeRole""#), "Missing required field Principal"),
        (statement(r#""Principal":"*""#), "Missing required field Action"),
        (statement(r#""Principal":"*","Action":"sts:AssumeRole","Resource":"*""#), "Has prohibited field Resource"),
        (statement(r#""Principal":7,"Action":"sts:AssumeRole""#), "Syntax errors in policy."),
        (statement(r#""Principal":{"Planet":"x"},"Action":"sts:AssumeRole""#), "Syntax errors in policy."),
        (TRUST.replace("ecs-tasks.amazonaws.com", "ecs"), r#"Invalid principal in policy: "Service":"ecs""#),
        (
            statement(r#""Principal":{"AWS":"arn:aws:iam::123456789012:role/none"},"Action":"sts:AssumeRole""#),
            r#"Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/none""#,
        ),
    ];
    for (text, why) in trusts {
        let ask = json!({ "RoleName": "r", "PolicyDocument": text });
        let expected = (400, "MalformedPolicyDocument".to_owned(), why.to_owned());
        assert_eq!(refused(&mut world, "UpdateAssumeRolePolicy", ask), expected);
    }
    let own = statement(&format!(r#""Principal":{{"AWS":["{ARN}","123456789012"]}},"Action":"sts:AssumeRole""#));
    done(&mut world, "UpdateAssumeRolePolicy", json!({ "RoleName": "r", "PolicyDocument": own }));
    let grants = [
        (
            statement(r#""Action":"s3:*","Resource":"*","Principal":"*""#),
            "Policy document should not specify a principal.",
        ),
        (statement(r#""Resource":"*""#), "Policy statement must contain actions."),
        (statement(r#""Action":"s3:*""#), "Policy statement must contain resources."),
        (
            statement(r#""Action":"all","Resource":"*""#),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (statement(r#""Action":"s3:*","Resource":"b""#), r#"Resource b must be in ARN format or "*"."#),
    ];
    for (text, why) in grants {
        let ask = json!({ "RoleName": "r", "PolicyName": "p", "PolicyDocument": text });
        assert_eq!(refused(&mut world, "PutRolePolicy", ask).2, why);
    }
}

#[test]
fn service_linked_roles() {
    let mut world = world();
    let ask = json!({ "AWSServiceName": "ecs.amazonaws.com" });
    assert!(!linked_role_stands(&world, "ecs.amazonaws.com"));
    let role = done(&mut world, "CreateServiceLinkedRole", ask.clone())["Role"].clone();
    let arn = "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
    assert_eq!(role["Arn"], arn);
    world.advance(Duration::from_secs(60));
    assert!(linked_role_stands(&world, "ecs.amazonaws.com"));
    let (_, code_again, why) = refused(&mut world, "CreateServiceLinkedRole", ask);
    assert!(code_again == "InvalidInput" && why.contains("has been taken"), "{why}");
    let name = "AWSServiceRoleForECS";
    assert_eq!(code(&mut world, "DeleteRole", json!({ "RoleName": name })), "UnmodifiableEntity");
    let put = json!({ "RoleName": name, "PolicyName": "p", "PolicyDocument": GRANT });
    assert_eq!(code(&mut world, "PutRolePolicy", put), "UnmodifiableEntity");
    let suffix = json!({ "AWSServiceName": "elasticloadbalancing.amazonaws.com", "CustomSuffix": "x" });
    assert_eq!(code(&mut world, "CreateServiceLinkedRole", suffix), "InvalidInput");
    assert_eq!(code(&mut world, "CreateServiceLinkedRole", json!({ "AWSServiceName": "x" })), "InvalidInput");
}

#[test]
fn a_boundary_is_put_and_taken_away() {
    let mut world = world();
    let put = |arn: &str| json!({ "RoleName": "r", "PermissionsBoundary": arn });
    let arn = "arn:aws:iam::123456789012:policy/boundary";
    done(&mut world, "PutRolePermissionsBoundary", put(arn));
    let role = done(&mut world, "GetRole", json!({ "RoleName": "r" }))["Role"].clone();
    assert_eq!(role["PermissionsBoundary"]["PermissionsBoundaryArn"], arn);
    assert_eq!(code(&mut world, "PutRolePermissionsBoundary", put("arn:aws:iam::123456789012:user/b")), "InvalidInput");
    assert_eq!(code(&mut world, "PutRolePermissionsBoundary", put("short")), "ValidationError");
    done(&mut world, "DeleteRolePermissionsBoundary", json!({ "RoleName": "r" }));
    assert_eq!(code(&mut world, "DeleteRolePermissionsBoundary", json!({ "RoleName": "r" })), "NoSuchEntity");
    let odd = json!({ "RoleName": "q", "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": "arn:aws:iam::aws:xxxxxxxxx" });
    assert_eq!(code(&mut world, "CreateRole", odd), "InvalidInput");
}
