//! Every example is a configuration that Terraform and the provider accept; each whole stack among them lives once on the
//! simulated AWS: applied, planned again, destroyed.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::served::Served;
use crate::stack::REQUIRES;
use crate::surface::place::At;
use crate::surroundings::standing;
use crate::terraform::Terraform;

/// Those that show a form only, in the registry's layout.
const FORMS: &[&str] = &["provider", "resources", "data-sources"];

#[test]
fn examples_are_valid() {
    let folders = folders_with_terraform(&root());
    assert!(folders.len() >= 3, "{folders:?}");
    for folder in folders {
        let terraform = Terraform::new();
        let all = copy(&folder, &terraform);
        if !all.contains("required_providers") {
            terraform.write("required.tf", REQUIRES);
        }
        let run = terraform.run(&["validate", "-no-color"]);
        assert_eq!(run.code, 0, "{}: {}", folder.display(), run.said);
        let formatted = terraform.run(&["fmt", "-check", "-diff", "-no-color"]);
        assert_eq!(formatted.code, 0, "{} is not in Terraform's style: {}", folder.display(), formatted.said);
    }
}

/// What an example asks of its user, by the name of its variable, as the account has it.
fn variables(aws: &Served, hcl: &str) -> String {
    let names = hcl.lines().filter_map(|line| line.strip_prefix("variable \"")?.split('"').next());
    names.fold(String::new(), |mut all, name| {
        let value = match name {
            "public_subnet_ids" => subnets(aws, "public"),
            "private_subnet_ids" => subnets(aws, "private"),
            one => format!("{:?}", aws.around.id(one)),
        };
        let _ = writeln!(all, "{name} = {value}");
        all
    })
}

fn subnets(aws: &Served, kind: &str) -> String {
    let of = |zone: &str| aws.around.id(&format!("{kind}_subnet_{zone}")).to_owned();
    format!("{:?}", [of("a"), of("b")])
}

/// One life of an example. `between` is what happens once it stands.
fn live(example: &str, between: impl FnOnce(&Served, &Terraform)) {
    let aws = Served::start();
    let before = standing(&aws.world());
    let terraform = Terraform::reaching(aws.url(), "");
    let hcl = copy(&root().join(example), &terraform);
    terraform.write("test.auto.tfvars", &variables(&aws, &hcl));
    terraform.apply().ok();
    terraform.plan().empty();
    between(&aws, &terraform);
    terraform.destroy().ok();
    let after = standing(&aws.world());
    let left: Vec<_> = after.difference(&before).collect();
    let lost: Vec<_> = before.difference(&after).collect();
    assert!(left.is_empty() && lost.is_empty(), "{example} left {left:#?} and took away {lost:#?}");
}

/// The members of each ECS service, by its name.
fn services(aws: &Served) -> Vec<(String, Json)> {
    let all = terraform_provider_fargate::simulator::observe::standing(&aws.world());
    all.into_iter().filter(|one| one.kind == "ecs service").map(|one| (one.name, one.settings)).collect()
}

#[test]
fn quickstart() {
    live("quickstart", |aws, _| assert_eq!(services(aws).len(), 1));
}

#[test]
fn internal() {
    live("internal", |_, terraform| {
        let url = terraform.attributes()["url"].as_str().unwrap_or_default().to_owned();
        assert!(url.starts_with("http://internal-"), "{url}");
    });
}

#[test]
fn public_egress() {
    live("public-egress", |aws, _| {
        assert!(!standing(&aws.world()).iter().any(|one| one.contains("nat gateway") && one.contains("fargate:stack")));
        let network = services(aws)[0].1["network"]["awsvpcConfiguration"]["assignPublicIp"].clone();
        assert_eq!(network, "ENABLED");
    });
}

#[test]
fn existing_vpc() {
    live("existing-vpc", |aws, _| {
        let network = services(aws)[0].1["network"]["awsvpcConfiguration"].take();
        let groups = network["securityGroups"].as_array().map_or(0, Vec::len);
        assert_eq!((groups, network["assignPublicIp"].as_str()), (2, Some("DISABLED")));
    });
}

#[test]
fn ci_owned_image() {
    live("ci-owned-image", |aws, terraform| {
        // The pipeline deploys: another revision, with its image.
        let told = terraform.attributes();
        let deployed = "public.ecr.aws/nginx/nginx:1.29";
        let mut world = aws.world();
        let at = &mut At { world: &mut world, told: &told };
        let revision = at.register(&[("/containerDefinitions/0/image", &Json::from(deployed))]);
        at.update_service(serde_json::json!({ "taskDefinition": revision }));
        drop(world);
        terraform.plan().empty();
        let hcl = fs::read_to_string(root().join("ci-owned-image/main.tf")).expect("the example");
        let more =
            hcl.replace("managed_elsewhere =", "environment       = { LEVEL = \"info\" }\n  managed_elsewhere =");
        terraform.write("main.tf", &more);
        terraform.apply().ok();
        terraform.plan().empty();
        assert_eq!(terraform.attributes()["image"], deployed);
        let mut world = aws.world();
        let told = terraform.attributes();
        let running = At { world: &mut world, told: &told }.definition();
        assert_eq!(running["containerDefinitions"][0]["image"], deployed);
    });
}

#[test]
fn two_services() {
    live("two-services", |aws, terraform| {
        let all = terraform_provider_fargate::simulator::observe::standing(&aws.world());
        let count =
            |kind: &str| all.iter().filter(|one| one.kind == kind && one.tags.contains_key("fargate:stack")).count();
        let counts = ["ecs service", "elb load balancer", "elb rule", "ecs cluster", "ec2 vpc"].map(count);
        assert_eq!(counts, [2, 1, 1, 1, 1], "{all:#?}");
        assert!(terraform.run(&["output", "-raw", "api"]).said.ends_with("/api/"));
    });
}

#[test]
fn production() {
    live("production", |aws, terraform| {
        let told = terraform.attributes();
        assert_eq!(told["url"], "https://shop.example.com");
        let service = services(aws).remove(0).1;
        let strategy = service["strategy"].as_array().map_or(0, Vec::len);
        assert_eq!((strategy, service["desired"].as_i64()), (2, Some(3)), "{service}");
        let mut world = aws.world();
        let definition = At { world: &mut world, told: &told }.definition();
        let containers = definition["containerDefinitions"].as_array().map_or(0, Vec::len);
        let secret = definition["containerDefinitions"][0]["secrets"][0]["valueFrom"].as_str().unwrap_or_default();
        assert_eq!((containers, secret), (2, format!("{}:key::", aws.around.id("secret_arn")).as_str()));
    });
}

/// No example is forgotten.
#[test]
fn every_whole_stack_has_its_life() {
    let tests = include_str!("examples.rs");
    for folder in files_of(&root()).into_iter().filter(|entry| entry.is_dir()) {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(
            FORMS.contains(&name.as_str()) || tests.contains(&format!("live({name:?}")),
            "nothing lives examples/{name}"
        );
    }
}

/// Writes an example into Terraform's folder, and gives it back.
fn copy(folder: &Path, terraform: &Terraform) -> String {
    let files = files_of(folder).into_iter().filter(|file| is_terraform(file));
    let texts = files.map(|file| {
        let text = fs::read_to_string(&file).expect("an example");
        terraform.write(&file.file_name().expect("a name").to_string_lossy(), &text);
        text
    });
    texts.collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

fn folders_with_terraform(folder: &Path) -> Vec<PathBuf> {
    let (inner, files): (Vec<_>, Vec<_>) = files_of(folder).into_iter().partition(|entry| entry.is_dir());
    let own = files.iter().any(|file| is_terraform(file)).then(|| folder.to_owned());
    own.into_iter().chain(inner.iter().flat_map(|folder| folders_with_terraform(folder))).collect()
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn is_terraform(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "tf")
}
