//! REST with XML, as Route 53 speaks it: a call is known by its method and path; its input is spread over path, query and
//! body, and becomes one tree here. From botocore's model of the service.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use serde_json::{Map, Value as Json};

use super::Request;
use crate::simulator::refusal::Refusal;

/// An operation on the wire.
pub struct Route {
    pub action: &'static str,
    method: &'static str,
    /// After the version; what stands in braces is a member of the input.
    path: &'static [&'static str],
    /// Parameters of the query, and the members that they are.
    query: &'static [(&'static str, &'static str)],
    /// Of the answer.
    pub status: u16,
}

const ZONE: &[&str] = &["hostedzone", "{Id}"];
const RECORDS: &[&str] = &["hostedzone", "{HostedZoneId}", "rrset"];
const TAGS: &[&str] = &["tags", "{ResourceType}", "{ResourceId}"];

const fn get(action: &'static str, path: &'static [&'static str], query: &'static [(&str, &str)]) -> Route {
    Route { action, method: "GET", path, query, status: 200 }
}

const fn with(method: &'static str, action: &'static str, path: &'static [&'static str], status: u16) -> Route {
    Route { action, method, path, query: &[], status }
}

pub const ROUTES: &[Route] = &[
    with("POST", "ChangeResourceRecordSets", RECORDS, 200),
    with("POST", "ChangeTagsForResource", TAGS, 200),
    with("POST", "CreateHostedZone", &["hostedzone"], 201),
    with("DELETE", "DeleteHostedZone", ZONE, 200),
    get("GetChange", &["change", "{Id}"], &[]),
    get("GetHostedZone", ZONE, &[]),
    get(
        "ListHostedZones",
        &["hostedzone"],
        &[
            ("delegationsetid", "DelegationSetId"),
            ("hostedzonetype", "HostedZoneType"),
            ("marker", "Marker"),
            ("maxitems", "MaxItems"),
        ],
    ),
    get(
        "ListHostedZonesByName",
        &["hostedzonesbyname"],
        &[("dnsname", "DNSName"), ("hostedzoneid", "HostedZoneId"), ("maxitems", "MaxItems")],
    ),
    get(
        "ListResourceRecordSets",
        RECORDS,
        &[
            ("identifier", "StartRecordIdentifier"),
            ("maxitems", "MaxItems"),
            ("name", "StartRecordName"),
            ("type", "StartRecordType"),
        ],
    ),
    get("ListTagsForResource", TAGS, &[]),
];

/// Lists, and what their elements are called: in the input, and in the answers.
const LISTS: &[(&str, &str)] = &[
    ("AddTags", "Tag"),
    ("Changes", "Change"),
    ("HostedZones", "HostedZone"),
    ("NameServers", "NameServer"),
    ("RemoveTagKeys", "Key"),
    ("ResourceRecordSets", "ResourceRecordSet"),
    ("ResourceRecords", "ResourceRecord"),
    ("Tags", "Tag"),
    ("VPCs", "VPC"),
];

/// Deeper than any structure of the service.
const DEPTH: usize = 24;

/// What the elements of a list are called.
pub fn element(list: &str) -> &'static str {
    LISTS.iter().find(|(name, _)| *name == list).map_or("member", |(_, element)| element)
}

pub fn route(action: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.action == action)
}

/// The operation and its input.
///
/// # Errors
/// `NotImplemented` where no operation that is simulated has such a method and path, `UnknownOperationException` outside of
/// the version's paths, `InvalidInput` for a body that isn't XML.
pub fn read(request: &Request, version: &str) -> Result<(&'static str, Json), Refusal> {
    let unknown = || Refusal::new("UnknownOperationException", "").with_status(404);
    let parts: Vec<String> = request.path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
    let (first, parts) = parts.split_first().ok_or_else(unknown)?;
    let fits = |route: &&Route| {
        let same = |(there, asked): (&&str, &String)| there.starts_with('{') || asked == there;
        route.path.len() == parts.len() && route.path.iter().zip(parts).all(same) && route.method == request.method
    };
    let absent = || {
        let why = format!("{} {} is not simulated", request.method, request.path);
        Refusal::new("NotImplemented", why).with_status(501)
    };
    if first != version {
        return Err(unknown());
    }
    let route = ROUTES.iter().find(fits).ok_or_else(absent)?;
    let mut ask = match request.body.is_empty() {
        true => Map::new(),
        false => body(&request.body)?,
    };
    for (name, value) in form_urlencoded::parse(request.query.as_bytes()) {
        if let Some((_, member)) = route.query.iter().find(|(known, _)| *known == name) {
            ask.insert((*member).into(), value.into());
        }
    }
    for (name, value) in route.path.iter().zip(parts).filter(|(name, _)| name.starts_with('{')) {
        ask.insert(name.trim_matches(['{', '}']).into(), value.as_str().into());
    }
    Ok((route.action, Json::Object(ask)))
}

fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

/// Seen in the wild for bodies against the schema: `InvalidInput` with "Invalid XML ; ...".
#[track_caller]
fn invalid(why: impl std::fmt::Display) -> Refusal {
    Refusal::new("InvalidInput", format!("Invalid XML ; {why}"))
}

/// An element that is being read.
#[derive(Default)]
struct Open {
    name: String,
    members: Vec<(String, Json)>,
    text: String,
}

impl Open {
    fn close(self) -> Result<(String, Json), Refusal> {
        let list = LISTS.iter().find(|(name, _)| *name == self.name);
        let blank = self.text.chars().all(char::is_whitespace);
        if !self.members.is_empty() && !blank {
            return Err(invalid(format!("{} holds text and elements", self.name)));
        }
        let value = match list {
            Some((_, element)) if blank => {
                let strange = self.members.iter().find(|(name, _)| name != element);
                if let Some((name, _)) = strange {
                    return Err(invalid(format!("{name} in {} where {element} is expected", self.name)));
                }
                self.members.into_iter().map(|(_, value)| value).collect()
            }
            _ if self.members.is_empty() => Json::String(self.text),
            _ => {
                let (count, members) = (self.members.len(), self.members.into_iter().collect::<Map<_, _>>());
                if members.len() < count {
                    return Err(invalid(format!("an element of {} comes twice", self.name)));
                }
                Json::Object(members)
            }
        };
        Ok((self.name, value))
    }
}

/// The members of the structure that a body is.
fn body(bytes: &[u8]) -> Result<Map<String, Json>, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| invalid("it isn't UTF-8"))?;
    let mut reader = Reader::from_str(text);
    let (mut open, mut whole): (Vec<Open>, _) = (Vec::new(), None);
    loop {
        let event = reader.read_event().map_err(|why| invalid(why))?;
        let ends = matches!(event, Event::End(_) | Event::Empty(_));
        match event {
            Event::Start(start) | Event::Empty(start) => {
                if open.len() >= DEPTH || (open.is_empty() && whole.is_some()) {
                    return Err(invalid("too deep, or more than one root"));
                }
                open.push(Open { name: start.local_name().as_ref().to_owned(), ..Open::default() });
            }
            Event::Text(text) => match open.last_mut() {
                Some(inside) => inside.text += &text.xml10_content(),
                None if text.chars().all(char::is_whitespace) => {}
                None => return Err(invalid("text outside of the root")),
            },
            Event::CData(text) => open.last_mut().ok_or_else(|| invalid("text outside"))?.text += &text.xml10_content(),
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().map_err(|why| invalid(why))?.map(String::from);
                let letter = letter.or_else(|| resolve_predefined_entity(&name).map(str::to_owned));
                let letter = letter.ok_or_else(|| invalid("an unknown entity"))?;
                open.last_mut().ok_or_else(|| invalid("text outside"))?.text += &letter;
            }
            Event::DocType(_) => return Err(invalid("a document type is not allowed")),
            Event::Eof if open.is_empty() => break,
            Event::Eof => return Err(invalid("it ends too early")),
            Event::End(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        if ends && let Some(closed) = open.pop() {
            let (name, value) = closed.close()?;
            match open.last_mut() {
                Some(outer) => outer.members.push((name, value)),
                None => whole = Some(value),
            }
        }
    }
    match whole {
        Some(Json::Object(members)) => Ok(members),
        Some(Json::String(text)) if text.trim().is_empty() => Ok(Map::new()),
        _ => Err(invalid("the root is not a structure")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(method: &str, path: &str, query: &str, body: &str) -> Request {
        let (method, path, query) = (method.into(), path.into(), query.into());
        Request { method, path, query, body: body.into(), ..Request::default() }
    }

    fn understood(request: &Request) -> (&'static str, Json) {
        read(request, "2013-04-01").unwrap()
    }

    fn refused(request: &Request) -> String {
        read(request, "2013-04-01").unwrap_err().code
    }

    #[test]
    fn path_query_and_body_are_one_tree() {
        let xml = "<?xml version=\"1.0\"?><R xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">\n<ChangeBatch>\
            <Comment>a &lt;b&gt; &#x41;</Comment><Changes>\n<Change><Action>UPSERT</Action><ResourceRecordSet><Name>x</Name>\
            <ResourceRecords><ResourceRecord><Value>\"a b\"</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>\
            </Change></Changes></ChangeBatch></R>";
        let (action, ask) = understood(&request("POST", "/2013-04-01/hostedzone/Z%2F1/rrset/", "", xml));
        let set = json!({ "Name": "x", "ResourceRecords": [{ "Value": "\"a b\"" }] });
        let batch = json!({ "Comment": "a <b> A", "Changes": [{ "Action": "UPSERT", "ResourceRecordSet": set }] });
        assert_eq!((action, ask), ("ChangeResourceRecordSets", json!({ "ChangeBatch": batch, "HostedZoneId": "Z/1" })));
        let listed = request("GET", "/2013-04-01/hostedzone/Z1/rrset", "name=a%2Bb+c&maxitems=5&odd=1", "");
        let expected = json!({ "StartRecordName": "a+b c", "MaxItems": "5", "HostedZoneId": "Z1" });
        assert_eq!(understood(&listed), ("ListResourceRecordSets", expected));
        let xml = "<R><AddTags><Tag><Key>k</Key><Value/></Tag></AddTags><RemoveTagKeys><Key>a</Key><Key>b</Key></RemoveTagKeys></R>";
        let (_, ask) = understood(&request("POST", "/2013-04-01/tags/hostedzone/Z1", "", xml));
        assert_eq!(
            (&ask["AddTags"], &ask["RemoveTagKeys"]),
            (&json!([{ "Key": "k", "Value": "" }]), &json!(["a", "b"]))
        );
        let (action, ask) =
            understood(&request("POST", "/2013-04-01/hostedzone", "", "<R><Name><![CDATA[a]]></Name></R>"));
        assert_eq!((action, ask), ("CreateHostedZone", json!({ "Name": "a" })));
        for (method, path, action) in [
            ("GET", "hostedzone", "ListHostedZones"),
            ("GET", "hostedzonesbyname", "ListHostedZonesByName"),
            ("GET", "hostedzone/Z1", "GetHostedZone"),
            ("DELETE", "hostedzone/Z1", "DeleteHostedZone"),
            ("GET", "change/C1", "GetChange"),
            ("GET", "tags/hostedzone/Z1", "ListTagsForResource"),
        ] {
            assert_eq!(understood(&request(method, &format!("/2013-04-01/{path}"), "", "")).0, action);
        }
    }

    #[test]
    fn what_is_no_call_is_refused() {
        for (method, path, code) in [
            ("PUT", "/2013-04-01/hostedzone", "NotImplemented"),
            ("GET", "/2013-04-01/healthcheck", "NotImplemented"),
            ("GET", "/2012-12-12/hostedzone", "UnknownOperationException"),
            ("GET", "/", "UnknownOperationException"),
            ("GET", "", "UnknownOperationException"),
        ] {
            assert_eq!(refused(&request(method, path, "", "")), code, "{method} {path}");
        }
        let deep = format!("{}{}", "<a>".repeat(5000), "</a>".repeat(5000));
        let entity = "<!DOCTYPE a [<!ENTITY x \"y\">]><R><Name>&x;</Name></R>";
        let odd =
            ["x", "<a>", "<a></b>", "<a>text</a>", "<a><b/>text</a>", "<a/><a/>", "<a><b/><b/></a>", "<a>&nbsp;</a>"];
        let lists = ["<a><Changes><Odd/></Changes></a>", "<a>&#0;</a>", "&lt;", "<", "<a", "</a>"];
        for body in odd.into_iter().chain(lists).chain([deep.as_str(), entity]) {
            assert_eq!(refused(&request("POST", "/2013-04-01/hostedzone", "", body)), "InvalidInput", "{body:.40}");
        }
        let latin =
            Request { body: b"<a><Name>\xe9</Name></a>".to_vec(), ..request("POST", "/2013-04-01/hostedzone", "", "") };
        assert_eq!(refused(&latin), "InvalidInput");
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let mut random = fastrand::Rng::with_seed(7);
        let pieces = [
            "<",
            ">",
            "/",
            "a",
            "<a>",
            "</a>",
            "&",
            "&lt;",
            "<![CDATA[",
            "]]>",
            "<!--",
            "-->",
            "<?",
            "?>",
            "\u{0}",
            "%",
            "%4",
        ];
        for _ in 0..20_000 {
            let mut piece =
                |most| (0..random.usize(..most)).map(|_| pieces[random.usize(..pieces.len())]).collect::<String>();
            let _ = read(&request("POST", "/2013-04-01/hostedzone", "", &piece(20)), "2013-04-01");
            let _ = read(&request("GET", &format!("/2013-04-01/{}", piece(5)), &piece(5), ""), "2013-04-01");
        }
    }
}
