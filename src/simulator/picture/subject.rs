//! What a call is about, in a word or two, for the record and the page: the name that it carries, else an id.

use serde_json::Value as Json;

use crate::simulator::ask::Ask;

/// The members that say it best, before any other.
const BEST: [&str; 12] = [
    "serviceName",
    "service",
    "services",
    "tasks",
    "family",
    "taskDefinition",
    "PolicyName",
    "RoleName",
    "logGroupName",
    "LoadBalancerName",
    "Name",
    "Names",
];
/// No more of it than fits a line.
const LONGEST: usize = 80;

/// Empty if nothing in the call says it.
pub fn subject(ask: &Ask) -> String {
    let tags = ask.parts("TagSpecification").into_iter().flat_map(|kind| kind.parts("Tag"));
    let mut tags = tags.filter(|tag| tag.text("Key") == Some("Name"));
    let named = tags.next().and_then(|tag| tag.text("Value").map(str::to_owned));
    let best = || BEST.iter().find_map(|name| first(ask.get(name)));
    let telling = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["id", "ids", "arn", "arns", "name", "cluster", "clusters", "prefix", "resourceid"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let other = || {
        let members = ask.0.as_object().into_iter().flatten();
        members.filter(|(name, _)| telling(name)).find_map(|(_, value)| first(value))
    };
    let text = named.or_else(best).or_else(other).unwrap_or_default();
    let text = text.strip_prefix("arn:").and_then(|arn| arn.splitn(5, ':').nth(4)).unwrap_or(&text);
    text.chars().take(LONGEST).collect()
}

/// A text, or the first of several with how many more there are.
fn first(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Array(elements) => {
            let text = elements.first()?.as_str()?;
            let short = text.rsplit('/').next().unwrap_or(text);
            Some(if elements.len() == 1 { text.to_owned() } else { format!("{short} and {} more", elements.len() - 1) })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_name_comes_before_the_id() {
        let about = |ask: Json| subject(&Ask(ask));
        let tags = json!([{ "ResourceType": "vpc", "Tag": [{ "Key": "a", "Value": "b" }, { "Key": "Name", "Value": "hello" }] }]);
        assert_eq!(about(json!({ "VpcId": "vpc-1", "TagSpecification": tags })), "hello");
        assert_eq!(about(json!({ "cluster": "c", "desiredCount": 2, "service": "web" })), "web");
        assert_eq!(about(json!({ "CidrBlock": "10.0.0.0/16", "VpcId": "vpc-1" })), "vpc-1");
        let arn = "arn:aws:elasticloadbalancing:eu-west-3:1:loadbalancer/app/hello/0a";
        assert_eq!(about(json!({ "LoadBalancerArn": arn })), "loadbalancer/app/hello/0a");
        assert_eq!(about(json!({ "SubnetId": ["subnet-1", "subnet-2"] })), "subnet-1 and 1 more");
        assert_eq!(about(json!({ "Name": "x".repeat(100) })).len(), LONGEST);
        assert_eq!((about(json!({})), about(json!(null)), about(json!({ "tasks": [1] }))), Default::default());
    }
}
