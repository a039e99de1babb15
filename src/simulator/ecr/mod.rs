//! ECR: repositories and images, as far as a preflight check reads them. Images come by a script (`put_image`), not by a push.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::ask::Ask;
use super::observe::Object;
use super::quotas;
use super::refusal::{Answer, Refusal};
use super::tags::Tags;
use super::world::{Operation, World};

#[derive(Clone, Debug, Default)]
pub struct State {
    repositories: BTreeMap<String, Repository>,
}

#[derive(Clone, Debug, Default)]
struct Repository {
    created: f64,
    mutability: String,
    /// By digest.
    images: BTreeMap<String, Image>,
}

#[derive(Clone, Debug)]
struct Image {
    tags: Vec<String>,
    manifest: String,
    pushed: f64,
}

const MEDIA: &str = "application/vnd.oci.image.index.v1+json";

/// All of them (`observe`).
pub fn objects(world: &World) -> Vec<Object> {
    let object = |name: &String| Object {
        kind: "ecr repository",
        id: world.arn("ecr", &format!("repository/{name}")),
        name: name.clone(),
        tags: Tags::new(),
        settings: Json::Null,
    };
    world.ecr.repositories.keys().map(object).collect()
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "BatchGetImage" => batch_get,
        "CreateRepository" => create,
        "DeleteRepository" => delete,
        "DescribeImages" => describe_images,
        "DescribeRepositories" => describe,
        "GetAuthorizationToken" => token,
        _ => return None,
    })
}

/// Puts an image into a repository, which is made if need be; a tag moves from the image that had it. Returns the digest.
/// `architecture` is `amd64` or `arm64`; the manifest is an index that has this platform.
pub fn put_image(world: &mut World, repository: &str, tag: &str, architecture: &str) -> String {
    let of = |text: &str| {
        format!("sha256:{}", Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    };
    let platform = json!({ "architecture": architecture, "os": "linux" });
    let inner = json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 1234,
        "digest": of(&format!("{repository}:{tag} {architecture}")), "platform": platform });
    let manifest = json!({ "schemaVersion": 2, "mediaType": MEDIA, "manifests": [inner] }).to_string();
    let (digest, pushed) = (of(&manifest), world.epoch());
    let new = || Repository { created: pushed, mutability: "MUTABLE".into(), images: BTreeMap::new() };
    let there = world.ecr.repositories.entry(repository.to_owned()).or_insert_with(new);
    for image in there.images.values_mut() {
        image.tags.retain(|other| other != tag);
    }
    let image = there.images.entry(digest.clone()).or_insert_with(|| Image { tags: Vec::new(), manifest, pushed });
    image.tags.push(tag.to_owned());
    digest
}

#[track_caller]
fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", why)
}

/// 2 to 256 lower-case letters, digits and `._/-` (service model, RepositoryName).
fn name(ask: &Ask) -> Result<&str, Refusal> {
    let name = ask.text("repositoryName").unwrap_or_default();
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
    };
    match (2..=256).contains(&name.len()) && name.split('/').all(part) {
        true => Ok(name),
        false => Err(invalid(format!("Invalid parameter at 'repositoryName' failed to satisfy constraint: '{name}'"))),
    }
}

#[track_caller]
fn missing(world: &World, name: &str) -> Refusal {
    let why = format!("The repository with name '{name}' does not exist in the registry with id '{}'", world.account);
    Refusal::new("RepositoryNotFoundException", why)
}

fn find<'a>(world: &'a World, ask: &Ask) -> Result<(String, &'a Repository), Refusal> {
    let name = name(ask)?;
    let there = world.ecr.repositories.get(name).ok_or_else(|| missing(world, name))?;
    Ok((name.to_owned(), there))
}

fn shown(world: &World, name: &str, repository: &Repository) -> Json {
    json!({
        "repositoryArn": world.arn("ecr", &format!("repository/{name}")),
        "registryId": world.account,
        "repositoryName": name,
        "repositoryUri": format!("{}.dkr.ecr.{}.amazonaws.com/{name}", world.account, world.region),
        "createdAt": repository.created,
        "imageTagMutability": repository.mutability,
        "imageScanningConfiguration": { "scanOnPush": false },
        "encryptionConfiguration": { "encryptionType": "AES256" },
    })
}

/// One page: 1 to 1000, 100 unless asked otherwise (API reference, maxResults). The token is the next position.
fn page(ask: &Ask, member: &str, items: Vec<Json>) -> Answer {
    let size = match ask.get("maxResults") {
        Json::Null => 100,
        asked => match asked.as_u64() {
            Some(size @ 1..=1000) => size as usize,
            _ => return Err(invalid("maxResults must be between 1 and 1000")),
        },
    };
    let wrong = |_| invalid("The specified parameter nextToken is invalid");
    let from = ask.text("nextToken").map_or(Ok(0), str::parse::<usize>).map_err(wrong)?;
    let (count, end) = (items.len(), from.saturating_add(size));
    let mut answer = Map::new();
    answer.insert(member.into(), items.into_iter().skip(from).take(size).collect());
    if end < count {
        answer.insert("nextToken".into(), end.to_string().into());
    }
    Ok(answer.into())
}

fn create(world: &mut World, ask: &Ask) -> Answer {
    let name = name(ask)?.to_owned();
    let mutability = ask.text("imageTagMutability").unwrap_or("MUTABLE").to_owned();
    if !["MUTABLE", "IMMUTABLE"].contains(&mutability.as_str()) {
        return Err(invalid(format!("imageTagMutability {mutability} is not simulated")));
    }
    if world.ecr.repositories.contains_key(&name) {
        let why =
            format!("The repository with name '{name}' already exists in the registry with id '{}'", world.account);
        return Err(Refusal::new("RepositoryAlreadyExistsException", why));
    }
    if quotas::full(world, quotas::REPOSITORIES, world.ecr.repositories.len()) {
        return Err(Refusal::new("LimitExceededException", "The maximum number of repositories has been reached"));
    }
    let repository = Repository { created: world.epoch(), mutability, images: BTreeMap::new() };
    let answer = json!({ "repository": shown(world, &name, &repository) });
    world.ecr.repositories.insert(name, repository);
    Ok(answer)
}

fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (name, there) = find(world, ask)?;
    if !there.images.is_empty() && ask.truth("force") != Some(true) {
        let of = format!("in registry with id '{}' cannot be deleted because it still contains images", world.account);
        return Err(Refusal::new("RepositoryNotEmptyException", format!("The repository with name '{name}' {of}")));
    }
    let answer = json!({ "repository": shown(world, &name, there) });
    world.ecr.repositories.remove(&name);
    Ok(answer)
}

fn describe(world: &mut World, ask: &Ask) -> Answer {
    let wanted = ask.texts("repositoryNames");
    let all = &world.ecr.repositories;
    if let Some(unknown) = wanted.iter().find(|name| !all.contains_key(*name)) {
        return Err(missing(world, unknown));
    }
    let found = all.iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(name));
    page(ask, "repositories", found.map(|(name, repository)| shown(world, name, repository)).collect())
}

/// The image that `imageDigest` and `imageTag` tell, or why not: code and reason.
fn image<'a>(there: &'a Repository, id: &Ask) -> Result<(&'a String, &'a Image), (&'static str, &'static str)> {
    let (digest, tag) = (id.text("imageDigest"), id.text("imageTag"));
    let tagged = |image: &Image| tag.is_none_or(|tag| image.tags.iter().any(|one| one == tag));
    match (digest, tag) {
        (None, None) => Err(("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null")),
        (Some(digest), _) if !digest.starts_with("sha256:") => {
            Err(("InvalidImageDigest", "Invalid request parameters: image digest should satisfy the regex"))
        }
        (Some(digest), _) => match there.images.get_key_value(digest) {
            None => Err(("ImageNotFound", "Requested image not found")),
            Some((_, image)) if !tagged(image) => Err(("ImageTagDoesNotMatchDigest", "Tag does not match digest")),
            Some(found) => Ok(found),
        },
        _ => there.images.iter().find(|(_, image)| tagged(image)).ok_or(("ImageNotFound", "Requested image not found")),
    }
}

/// Refused as a whole if one isn't there (API reference, DescribeImages).
fn describe_images(world: &mut World, ask: &Ask) -> Answer {
    let (name, there) = find(world, ask)?;
    let wanted = ask.parts("imageIds");
    let mut found: Vec<(&String, &Image)> = Vec::new();
    for id in &wanted {
        let none = |_| {
            let of = format!(
                "does not exist within the repository with name '{name}' in the registry with id '{}'",
                world.account
            );
            Refusal::new("ImageNotFoundException", format!("The image with imageId {} {of}", id.0))
        };
        found.push(image(there, id).map_err(none)?);
    }
    if wanted.is_empty() {
        let status = ask.part("filter").text("tagStatus").unwrap_or("ANY").to_owned();
        let fits = |image: &Image| match status.as_str() {
            "TAGGED" => !image.tags.is_empty(),
            "UNTAGGED" => image.tags.is_empty(),
            _ => true,
        };
        found.extend(there.images.iter().filter(|(_, image)| fits(image)));
    }
    let shown = found.into_iter().map(|(digest, image)| {
        json!({
            "registryId": world.account,
            "repositoryName": name,
            "imageDigest": digest,
            "imageTags": Some(&image.tags).filter(|tags| !tags.is_empty()),
            "imageSizeInBytes": 50_000_000,
            "imagePushedAt": image.pushed,
            "imageManifestMediaType": MEDIA,
        })
    });
    page(ask, "imageDetails", shown.collect())
}

/// 1 to 100 images; what isn't there is a failure in the answer (API reference, BatchGetImage).
fn batch_get(world: &mut World, ask: &Ask) -> Answer {
    let (name, there) = find(world, ask)?;
    let wanted = ask.parts("imageIds");
    if wanted.is_empty() || wanted.len() > 100 {
        return Err(invalid("imageIds must have 1 to 100 members"));
    }
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in &wanted {
        match image(there, id) {
            Ok((digest, image)) => images.push(json!({
                "registryId": world.account,
                "repositoryName": name,
                "imageId": { "imageDigest": digest, "imageTag": id.text("imageTag") },
                "imageManifest": image.manifest,
                "imageManifestMediaType": MEDIA,
            })),
            Err((code, why)) => failures.push(json!({ "imageId": id.0, "failureCode": code, "failureReason": why })),
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}

/// Base64 of `AWS:simulated`; good for twelve hours (API reference, GetAuthorizationToken).
fn token(world: &mut World, _: &Ask) -> Answer {
    let proxy = format!("https://{}.dkr.ecr.{}.amazonaws.com", world.account, world.region);
    let data = json!({ "authorizationToken": "QVdTOnNpbXVsYXRlZA==", "expiresAt": world.epoch() + 43_200.0, "proxyEndpoint": proxy });
    Ok(json!({ "authorizationData": [data] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(world: &mut World, action: &str, ask: Json) -> Result<Json, String> {
        world.call("ecr", action, &Ask(ask)).map_err(|refusal| refusal.code)
    }

    #[test]
    fn repositories_and_images() {
        let mut world = World::new(7, "eu-west-3");
        let app = json!({ "repositoryName": "team/app" });
        assert_eq!(call(&mut world, "DescribeImages", app.clone()).unwrap_err(), "RepositoryNotFoundException");
        assert_eq!(
            call(&mut world, "CreateRepository", json!({ "repositoryName": "A" })).unwrap_err(),
            "InvalidParameterException"
        );
        call(&mut world, "CreateRepository", app.clone()).unwrap();
        assert_eq!(call(&mut world, "CreateRepository", app.clone()).unwrap_err(), "RepositoryAlreadyExistsException");
        let old = put_image(&mut world, "team/app", "1", "amd64");
        let new = put_image(&mut world, "team/app", "1", "arm64");
        assert_ne!(old, new);
        let ask = json!({ "repositoryName": "team/app", "imageIds": [{ "imageTag": "1" }, { "imageTag": "2" }, { "imageDigest": old, "imageTag": "1" }, {}] });
        let got = call(&mut world, "BatchGetImage", ask.clone()).unwrap();
        assert_eq!(got["images"][0]["imageId"]["imageDigest"], new.as_str());
        assert!(got["images"][0]["imageManifest"].as_str().unwrap().contains("arm64"));
        let codes: Vec<_> = got["failures"].as_array().unwrap().iter().map(|one| &one["failureCode"]).collect();
        assert_eq!(codes, ["ImageNotFound", "ImageTagDoesNotMatchDigest", "MissingDigestAndTag"]);
        assert_eq!(call(&mut world, "DescribeImages", ask).unwrap_err(), "ImageNotFoundException");
        let page =
            call(&mut world, "DescribeImages", json!({ "repositoryName": "team/app", "maxResults": 1 })).unwrap();
        assert_eq!(page["nextToken"], "1");
        assert_eq!(call(&mut world, "DeleteRepository", app).unwrap_err(), "RepositoryNotEmptyException");
        call(&mut world, "DeleteRepository", json!({ "repositoryName": "team/app", "force": true })).unwrap();
        assert_eq!(call(&mut world, "DescribeRepositories", json!({})).unwrap()["repositories"], json!([]));
    }

    #[test]
    fn what_repositories_do_not_take_is_refused() {
        let mut world = World::new(7, "eu-west-3");
        let app = json!({ "repositoryName": "app" });
        call(&mut world, "CreateRepository", app).unwrap();
        let many = vec![json!({ "imageTag": "1" }); 101];
        for (action, ask, expected) in [
            ("BatchGetImage", json!({ "repositoryName": "app", "imageIds": [] }), "InvalidParameterException"),
            ("BatchGetImage", json!({ "repositoryName": "app", "imageIds": many }), "InvalidParameterException"),
            (
                "CreateRepository",
                json!({ "repositoryName": "more", "imageTagMutability": "ODD" }),
                "InvalidParameterException",
            ),
            ("DescribeRepositories", json!({ "maxResults": 0 }), "InvalidParameterException"),
            ("DescribeRepositories", json!({ "nextToken": "x" }), "InvalidParameterException"),
            ("DescribeRepositories", json!({ "repositoryNames": ["none"] }), "RepositoryNotFoundException"),
        ] {
            assert_eq!(call(&mut world, action, ask.clone()).unwrap_err(), expected, "{action} {ask}");
        }
        quotas::set(&mut world, quotas::REPOSITORIES, 1);
        let more = json!({ "repositoryName": "more" });
        assert_eq!(call(&mut world, "CreateRepository", more).unwrap_err(), "LimitExceededException");
        let told = call(&mut world, "GetAuthorizationToken", json!({})).unwrap();
        let host = "https://123456789012.dkr.ecr.eu-west-3.amazonaws.com";
        assert_eq!(told["authorizationData"][0]["proxyEndpoint"], host);
    }
}
