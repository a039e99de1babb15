//! What all describe calls share: ids, filters, pages.
//!
//! A filter names a path into the shown object; lists on the way count with every element. Values may hold `*` and `?`
//! (EC2 user guide, "Filter your resources").

use serde_json::{Map, Value as Json};

use super::kind::{Kind, invalid};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};

/// How one kind is listed.
pub struct Listing {
    /// The list's member in the answer.
    pub set: &'static str,
    /// The parameter that asks for single objects by id, and the id's member.
    pub by_id: (&'static str, &'static str),
    /// Whose refusal an unknown id gets.
    pub kind: &'static Kind,
    /// Name of a filter, path into the object. `tag:KEY` and `tag-key` come by themselves.
    pub filters: &'static [(&'static str, &'static str)],
    /// DescribeAddresses and DescribeAvailabilityZones don't page.
    pub pages: bool,
}

impl Listing {
    /// The answer that lists these objects, which must come in the order of their ids.
    pub fn answer(&self, ask: &Ask, items: Vec<Json>) -> Answer {
        let (parameter, member) = self.by_id;
        let wanted = ask.texts(parameter);
        let id_of = |item: &Json| item[member].as_str().unwrap_or_default().to_owned();
        if let Some(missing) = wanted.iter().find(|id| !items.iter().any(|item| id_of(item) == **id)) {
            return Err(self.kind.not_found(missing));
        }
        let filters = self.read_filters(ask)?;
        let shown = |item: &Json| {
            (wanted.is_empty() || wanted.contains(&id_of(item))) && filters.iter().all(|filter| filter.lets(item))
        };
        let mut kept: Vec<Json> = items.into_iter().filter(shown).collect();
        let mut answer = Map::new();
        if self.pages {
            if let Some(token) = ask.text("NextToken") {
                let last =
                    unscramble(token).ok_or_else(|| Refusal::new("InvalidNextToken", "The token is not valid."))?;
                kept.retain(|item| id_of(item) > last);
            }
            let size = page_size(ask)?;
            if kept.len() > size {
                kept.truncate(size);
                let last = kept.last().map(id_of).unwrap_or_default();
                answer.insert("nextToken".into(), scramble(&last).into());
            }
        }
        answer.insert(self.set.into(), kept.into());
        Ok(answer.into())
    }

    fn read_filters(&self, ask: &Ask) -> Result<Vec<Filter>, Refusal> {
        let read = |filter: &Ask| {
            let (name, values) = (filter.required("Name")?, filter.texts("Value"));
            let by = match name.strip_prefix("tag:") {
                Some(key) => By::Tag(key.to_owned()),
                None if name == "tag-key" => By::Path("tagSet.key"),
                None => {
                    let known = self.filters.iter().find(|(known, _)| *known == name);
                    By::Path(known.ok_or_else(|| invalid(format!("The filter '{name}' is invalid")))?.1)
                }
            };
            if values.is_empty() || values.len() > 200 {
                return Err(invalid(format!("The filter '{name}' must have 1 to 200 values")));
            }
            Ok(Filter { by, values })
        };
        ask.parts("Filter").iter().map(read).collect()
    }
}

/// 5 to 1000 (API reference, MaxResults); all up to 1000 if not asked.
fn page_size(ask: &Ask) -> Result<usize, Refusal> {
    let asked = ask.get("MaxResults");
    if asked.is_null() {
        return Ok(1000);
    }
    let size = ask.number("MaxResults").filter(|size| (5..=1000).contains(size));
    let size = size.and_then(|size| usize::try_from(size).ok());
    size.ok_or_else(|| invalid(format!("Value ( {asked} ) for parameter maxResults is invalid. Expecting 5 to 1000.")))
}

enum By {
    Tag(String),
    Path(&'static str),
}

struct Filter {
    by: By,
    values: Vec<String>,
}

impl Filter {
    fn lets(&self, item: &Json) -> bool {
        let found = match &self.by {
            By::Path(path) => values_at(item, path),
            By::Tag(key) => {
                let tags = item["tagSet"].as_array().into_iter().flatten();
                tags.filter(|tag| tag["key"] == **key).flat_map(|tag| values_at(tag, "value")).collect()
            }
        };
        found.iter().any(|found| self.values.iter().any(|value| matches(value, found)))
    }
}

/// Everything at a path, as text.
fn values_at(item: &Json, path: &str) -> Vec<String> {
    match item {
        Json::Array(list) => list.iter().flat_map(|element| values_at(element, path)).collect(),
        Json::Object(members) if !path.is_empty() => {
            let (name, rest) = path.split_once('.').unwrap_or((path, ""));
            members.get(name).map(|member| values_at(member, rest)).unwrap_or_default()
        }
        Json::Null | Json::Object(_) => Vec::new(),
        Json::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// Whether a text fits a pattern with `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut here, mut star) = (0, 0, None);
    while here < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, here));
                at += 1;
            }
            Some(sign) if *sign == '?' || *sign == text[here] => (at, here) = (at + 1, here + 1),
            _ => match star {
                Some((before, taken)) => {
                    star = Some((before, taken + 1));
                    (at, here) = (before + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|sign| *sign == '*')
}

/// A page's token is the last id of the page before, not to be read by anyone.
fn scramble(id: &str) -> String {
    id.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unscramble(token: &str) -> Option<String> {
    let digits: Option<Vec<u32>> = token.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len() % 2 == 0)?;
    digits.chunks(2).map(|pair| char::from_u32(pair[0] * 16 + pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::trial::{code, made, ok, vpc, world};
    use super::*;

    #[test]
    fn patterns() {
        assert!(matches("*", "") && matches("a*c", "abbc") && matches("?b*", "ab") && matches("a", "a"));
        assert!(!matches("a?", "a") && !matches("a*b", "abc") && !matches("", "a"));
    }

    #[test]
    fn pages_are_as_long_as_asked_and_complete() {
        let mut world = world();
        let vpc = vpc(&mut world);
        for number in 0..12 {
            made(
                &mut world,
                "CreateSubnet",
                json!({"VpcId": vpc, "CidrBlock": format!("10.0.{number}.0/24")}),
                "/subnet/subnetId",
            );
        }
        let (mut seen, mut token) = (Vec::new(), json!(null));
        for expected in [5, 5, 2] {
            let page = ok(&mut world, "DescribeSubnets", json!({"MaxResults": "5", "NextToken": token}));
            let ids = page["subnetSet"].as_array().unwrap();
            assert_eq!(ids.len(), expected);
            seen.extend(ids.iter().map(|subnet| subnet["subnetId"].to_string()));
            token = page["nextToken"].clone();
        }
        assert!(token.is_null());
        seen.dedup();
        assert_eq!(seen.len(), 12);
        for size in ["4", "1001", "many"] {
            assert_eq!(code(&mut world, "DescribeSubnets", json!({"MaxResults": size})), "InvalidParameterValue");
        }
        for token in ["zz", "é", "abc", ""] {
            assert_eq!(code(&mut world, "DescribeSubnets", json!({"NextToken": token})), "InvalidNextToken");
        }
    }

    #[test]
    fn filters_by_tag_key_value_and_path_and_refuses_unknown_ones() {
        let mut world = world();
        let tags = json!([{"ResourceType": "vpc", "Tag": [{"Key": "stack", "Value": "one"}]}]);
        made(&mut world, "CreateVpc", json!({"CidrBlock": "10.0.0.0/16", "TagSpecification": tags}), "/vpc/vpcId");
        vpc(&mut world);
        let mut count = |name: &str, value: &str| {
            let found = ok(&mut world, "DescribeVpcs", json!({"Filter": [{"Name": name, "Value": [value]}]}));
            found["vpcSet"].as_array().unwrap().len()
        };
        assert_eq!((count("tag:stack", "one"), count("tag:stack", "two"), count("tag-key", "st*")), (1, 0, 1));
        assert_eq!((count("is-default", "false"), count("cidr", "10.0.0.0/16")), (2, 2));
        for filter in [json!({"Name": "colour", "Value": ["red"]}), json!({"Name": "vpc-id"})] {
            assert_eq!(code(&mut world, "DescribeVpcs", json!({"Filter": [filter]})), "InvalidParameterValue");
        }
    }
}
