//! What a call was about: the id or name that somebody who reads the record would look for.

use serde_json::Value as Json;

use super::ask::Ask;
use super::refusal::Answer;

/// Deeper than any id that matters.
const DEPTH: usize = 4;
const LONGEST: usize = 100;

/// What it made, if it made something that has an id; else what it named; else what it found.
pub fn of(action: &str, ask: &Ask, answer: &Answer) -> String {
    let makes = ["Allocate", "Create", "Register", "Request"].iter().any(|verb| action.starts_with(verb));
    let noun = action.char_indices().skip(1).find(|(_, letter)| letter.is_uppercase()).map(|(at, _)| &action[at..]);
    let none = Json::Null;
    let answered = answer.as_ref().unwrap_or(&none);
    let made = makes.then(|| noun.and_then(|noun| find(answered, DEPTH, &|name| own(name, noun)))).flatten();
    let named = || find(&ask.0, DEPTH, &is_id);
    let found = || find(answered, DEPTH, &is_id);
    let text = made.or_else(named).or_else(found).unwrap_or_default();
    // Of an ARN, what follows the account.
    let text = if text.starts_with("arn:") { text.splitn(6, ':').nth(5).unwrap_or(text) } else { text };
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
}

/// Whether a member is the id of such a thing: `vpcId` of a `Vpc`.
fn own(name: &str, noun: &str) -> bool {
    let rest = name.get(..noun.len()).filter(|front| front.eq_ignore_ascii_case(noun)).map(|_| &name[noun.len()..]);
    matches!(rest, Some("Id" | "Arn" | "Name"))
        || noun == "SecurityGroup" && name == "groupId"
        || noun == "Address" && name == "allocationId"
}

fn is_id(name: &str) -> bool {
    let ends = ["Id", "Ids", "Arn", "Arns", "ARN", "Name", "Names"].iter().any(|end| name.ends_with(end));
    let lower = ["cluster", "service", "services", "tasks", "taskDefinition", "clusters", "family"].contains(&name);
    (ends || lower) && !["ownerId", "ownerAlias", "OwnerId", "regionName", "zoneName"].contains(&name)
}

/// The first text of such a name, from the outside in.
fn find<'a>(tree: &'a Json, depth: usize, wanted: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    let text = |value: &'a Json| value.as_str().or_else(|| value.as_array()?.first()?.as_str());
    match tree {
        Json::Object(members) => {
            // A filter's name is no object's.
            let members = || members.iter().filter(|(name, _)| !name.to_lowercase().starts_with("filter"));
            let here = members().filter(|(name, _)| wanted(name)).find_map(|(_, value)| text(value));
            here.or_else(|| members().filter(|_| depth > 0).find_map(|(_, value)| find(value, depth - 1, wanted)))
        }
        Json::Array(elements) => find(elements.first()?, depth.checked_sub(1)?, wanted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn is_what_was_made_or_named_or_found() {
        let of = |action: &str, ask: Json, answer: Json| super::of(action, &Ask(ask), &Ok(answer));
        let made = json!({"subnet": {"vpcId": "vpc-1", "subnetId": "subnet-1"}});
        assert_eq!(of("CreateSubnet", json!({"VpcId": "vpc-1"}), made), "subnet-1");
        assert_eq!(of("CreateSecurityGroup", json!({"VpcId": "vpc-1"}), json!({"groupId": "sg-1"})), "sg-1");
        assert_eq!(of("CreateRoute", json!({"RouteTableId": "rtb-1"}), json!({"return": true})), "rtb-1");
        assert_eq!(of("DescribeVpcs", json!({"VpcId": ["vpc-1"]}), json!({})), "vpc-1");
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/1";
        let made = json!({"LoadBalancers": [{"LoadBalancerArn": arn}]});
        assert_eq!(of("CreateLoadBalancer", json!({"Name": "web"}), made), "loadbalancer/app/web/1");
        assert_eq!(of("GetRole", json!({"RoleName": "a\nb"}), json!({})), "ab");
        let filter = json!({"Filter": [{"Name": "vpc-id", "Value": ["vpc-2"]}]});
        let found = json!({"subnetSet": [{"subnetId": "subnet-3", "vpcId": "vpc-2"}]});
        assert_eq!(of("DescribeSubnets", filter, found), "subnet-3");
        assert_eq!(of("X", json!([]), json!(null)), "");
    }
}
