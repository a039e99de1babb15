//! A form as a tree: `Filter.1.Value.1=a` is `{"Filter":[{"Value":["a"]}]}`; with members, `Names.member.1=a` is
//! `{"Names":["a"]}`.
//!
//! A list's numbers give its order only; gaps leave no trace. An empty list comes as an empty text.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::simulator::refusal::Refusal;

/// Deeper than any structure of these services.
const DEPTH: usize = 24;
/// More than any list of these services may hold.
const LONGEST: u64 = 100_000;

enum Node {
    Text(String),
    Branch(BTreeMap<String, Node>),
}

/// "The query string contains a syntax error" (Common Errors of the query APIs, there with status 404).
#[track_caller]
fn malformed(why: impl std::fmt::Display) -> Refusal {
    Refusal::new("MalformedQueryString", format!("The query string contains a syntax error: {why}")).with_status(404)
}

/// The tree of all fields of some forms.
///
/// # Errors
/// `MalformedQueryString`.
pub fn tree(forms: &[&[u8]], members: bool) -> Result<Json, Refusal> {
    let mut root = BTreeMap::new();
    for field in forms.iter().flat_map(|form| form.split(|byte| *byte == b'&')).filter(|field| !field.is_empty()) {
        let middle = field.iter().position(|byte| *byte == b'=');
        let (name, value) = middle.map_or((field, &field[..0]), |at| (&field[..at], &field[at + 1..]));
        let (name, value) = (text(name)?, text(value)?);
        let path: Vec<&str> = name.split('.').collect();
        if path.len() > DEPTH {
            return Err(malformed("a parameter's name is too deep"));
        }
        let beyond = |part: &&&str| is_number(part) && !part.parse().is_ok_and(|number: u64| number <= LONGEST);
        if let Some(number) = path.iter().find(beyond) {
            return Err(malformed(format!("{number:.30} is beyond any list")));
        }
        put(&mut root, &path, value).map_err(|why| malformed(format!("{name} {why}")))?;
    }
    // The request itself is a structure, whatever its parameters are called.
    Ok(Json::Object(root.into_iter().map(|(name, node)| (name, json(node, members))).collect()))
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Percent-decodes; unlike the Web's forms, broken sequences are refused.
fn text(field: &[u8]) -> Result<String, Refusal> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field.iter();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|digit| char::from(*digit).to_digit(16));
        out.push(match byte {
            b'+' => b' ',
            b'%' => match (digit(), digit()) {
                (Some(high), Some(low)) => (high * 16 + low) as u8,
                _ => return Err(malformed("a percent sign without two hexadecimal digits")),
            },
            other => *other,
        });
    }
    String::from_utf8(out).map_err(|_| malformed("it isn't UTF-8"))
}

fn put(branch: &mut BTreeMap<String, Node>, path: &[&str], value: String) -> Result<(), &'static str> {
    let Some((first, rest)) = path.split_first() else { return Err("is empty") };
    if first.is_empty() {
        return Err("has an empty part");
    }
    if rest.is_empty() {
        // Twice the same parameter: refused (unverified).
        return match branch.insert((*first).to_owned(), Node::Text(value)) {
            None => Ok(()),
            Some(_) => Err("comes twice"),
        };
    }
    match branch.entry((*first).to_owned()).or_insert_with(|| Node::Branch(BTreeMap::new())) {
        Node::Branch(inner) => put(inner, rest, value),
        Node::Text(_) => Err("is both a text and a structure"),
    }
}

fn json(node: Node, members: bool) -> Json {
    let mut branch = match node {
        Node::Text(text) => return Json::String(text),
        Node::Branch(branch) => branch,
    };
    if members
        && branch.len() == 1
        && let Some(Node::Branch(elements)) = branch.get("member")
        && elements.keys().all(|key| is_number(key))
        && let Some(list) = branch.remove("member")
    {
        return json(list, members);
    }
    if branch.keys().all(|key| is_number(key)) {
        let number = |key: &str| key.parse().unwrap_or(u64::MAX);
        let mut elements: Vec<_> = branch.into_iter().map(|(key, node)| (number(&key), node)).collect();
        elements.sort_by_key(|(number, _)| *number);
        return elements.into_iter().map(|(_, node)| json(node, members)).collect();
    }
    Json::Object(branch.into_iter().map(|(name, node)| (name, json(node, members))).collect::<Map<_, _>>())
}
