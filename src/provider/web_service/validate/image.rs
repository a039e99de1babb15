//! The grammar of container image references, as far as registries enforce it.

use super::complain;

pub fn image(text: &str) -> Option<String> {
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some("is not a container image: it is empty or has spaces".into());
    }
    let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
    let hex = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
    if digest.is_some_and(|digest| !digest.strip_prefix("sha256:").is_some_and(hex)) {
        return Some("has no digest of the form sha256:<64 hexadecimal digits> after @".into());
    }
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, rest),
    };
    let (path, tag) = path.rsplit_once(':').map_or((path, None), |(path, tag)| (path, Some(tag)));
    let word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if tag.is_some_and(|tag| !(1..=128).contains(&tag.len()) || !tag.chars().all(word) || tag.starts_with(['.', '-'])) {
        return Some("has no tag of 1 to 128 letters, digits, dots, hyphens and underscores after :".into());
    }
    let lower = |c: char| word(c) && !c.is_ascii_uppercase();
    let component = |part: &str| {
        part.chars().all(lower)
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !part.ends_with(['.', '-', '_'])
    };
    let host_fits = host.is_none_or(|host| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c)));
    complain(
        host_fits && path.split('/').all(component),
        "is not a container image: repositories are lower-case letters, digits and . _ -, separated by /",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_told_from_what_is_none() {
        let digest = "0123456789abcdef".repeat(4);
        for good in [
            "nginx".to_owned(),
            "nginx:1.27".into(),
            "public.ecr.aws/nginx/nginx:stable".into(),
            "localhost:5000/a/b".into(),
            format!("123456789012.dkr.ecr.eu-west-3.amazonaws.com/team/shop:1@sha256:{digest}"),
        ] {
            assert_eq!(image(&good), None, "{good}");
        }
        for bad in ["", "a b", "Nginx", "nginx:", "nginx@sha256:12", "a//b", "https://docker.io/nginx", "nginx:-x"] {
            assert!(image(bad).is_some(), "{bad:?}");
        }
    }
}
