//! What ECS has of a service and no attribute says: a merge patch over CreateService and UpdateService.
//!
//! AWS keeps no patch, only what came of it, and where nothing is said it keeps what it has. So what stands is told by the
//! members that are other than usual, and a member that is taken out is sent back to what is usual.

use serde_json::{Map, Value as Json, json};

use crate::aws::document::Document;
use crate::aws::patch::{self, Bodies, holds, merge};

/// What a member is where nobody says anything.
type Usual = fn() -> Json;

/// The members that a patch may have and DescribeServices shows.
const MEMBERS: &[(&str, Usual)] = &[
    ("/deploymentConfiguration/alarms", || json!({ "alarmNames": [], "enable": false, "rollback": false })),
    ("/deploymentConfiguration/bakeTimeInMinutes", || json!(0)),
    ("/deploymentConfiguration/earlySuccessCriteria", || json!({ "enable": false })),
    // These two are usual here: the tasks are tagged as the service is.
    ("/enableECSManagedTags", || json!(true)),
    ("/platformVersion", || json!("LATEST")),
    ("/propagateTags", || json!("SERVICE")),
    ("/serviceConnectConfiguration", || json!({ "enabled": false })),
    ("/serviceRegistries", || json!([])),
];

/// What a patch sets; none if that is the usual.
pub fn of_patch(patch: &Json) -> Option<Document> {
    let mut tree = json!({});
    for (pointer, usual) in MEMBERS {
        if let Some(value) = patch.pointer(pointer).filter(|value| !is_usual(usual, value)) {
            plant(&mut tree, pointer, value);
        }
    }
    tree.as_object().is_some_and(|members| !members.is_empty()).then(|| Document::new(text(&tree)))
}

/// What a described service shows.
pub(super) fn of_service(raw: &Json) -> Option<Document> {
    of_patch(&as_asked(raw))
}

/// What stands, less what the wanted comes to: AWS fills in what a patch leaves open.
pub fn liken(wanted: Option<&Document>, actual: Option<&Document>) -> Option<Document> {
    let (wanted, actual) = (members(wanted), members(actual));
    let mut tree = json!({});
    for (pointer, _) in MEMBERS {
        let (want, have) = (wanted.pointer(pointer), actual.pointer(pointer));
        let told = match (want, have) {
            (Some(want), Some(have)) if holds(want, have) => Some(want),
            (_, have) => have,
        };
        if let Some(value) = told {
            plant(&mut tree, pointer, value);
        }
    }
    of_patch(&tree)
}

/// Puts the patch over a request that creates.
pub(super) fn created(wanted: Option<&Document>) -> Bodies {
    let patch = members(wanted);
    Bodies::changed(move |body| merge(body, &patch))
}

/// The same for a request that updates: what differs, and of the deployment configuration, which is sent as a whole, all.
pub(super) fn changed(wanted: Option<&Document>, actual: Option<&Document>) -> Bodies {
    let patch = change(&members(wanted), &members(actual));
    Bodies::changed(move |body| merge(body, &patch))
}

fn change(wanted: &Json, actual: &Json) -> Json {
    let mut tree = json!({});
    for (pointer, usual) in MEMBERS {
        let (want, have) = (wanted.pointer(pointer), actual.pointer(pointer));
        let whole = pointer.starts_with("/deploymentConfiguration/");
        match (want, have) {
            (None, None) => {}
            (Some(want), Some(have)) if holds(want, have) && !whole => {}
            (want, _) => plant(&mut tree, pointer, &want.cloned().unwrap_or_else(usual)),
        }
    }
    tree
}

/// The members of a patch that AWS has answered without.
pub(super) fn unheeded(wanted: Option<&Document>, raw: &Json) -> Vec<String> {
    patch::unheeded(&members(wanted), &as_asked(raw))
}

/// As one writes it by hand, or `jsonencode` does: members by name.
pub fn text(tree: &Json) -> String {
    sorted(tree).to_string()
}

fn members(document: Option<&Document>) -> Json {
    document.map_or_else(|| json!({}), Document::json)
}

/// A described service with its members where a request has them: some are shown by the deployment only.
fn as_asked(raw: &Json) -> Json {
    let mut tree = raw.clone();
    let mut deployments = raw["deployments"].as_array().into_iter().flatten();
    let primary = deployments.find(|one| one["status"] == "PRIMARY");
    if let (Some(connect), true) = (primary.map(|one| &one["serviceConnectConfiguration"]), tree.is_object()) {
        tree["serviceConnectConfiguration"] = connect.clone();
    }
    tree
}

/// Whether it comes to what nobody would have to say; what is switched off may have any other members.
fn is_usual(usual: &Usual, value: &Json) -> bool {
    let off = ["enable", "enabled"].iter().any(|switch| value[*switch] == json!(false));
    value.is_null() || off || holds(&usual(), value)
}

fn plant(tree: &mut Json, pointer: &str, value: &Json) {
    let place = pointer.split('/').skip(1).fold(tree, |tree, step| &mut tree[step]);
    *place = value.clone();
}

fn sorted(tree: &Json) -> Json {
    match tree {
        Json::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            Json::Object(names.into_iter().map(|name| (name.clone(), sorted(&members[name]))).collect::<Map<_, _>>())
        }
        Json::Array(elements) => elements.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(patch: Json) -> Option<Document> {
        of_patch(&patch)
    }

    #[test]
    fn what_is_usual_need_not_be_said() {
        let usual = json!({
            "enableECSManagedTags": true, "platformVersion": "LATEST", "propagateTags": "SERVICE", "serviceRegistries": [],
            "deploymentConfiguration": {
                "maximumPercent": 200, "bakeTimeInMinutes": 0, "alarms": { "alarmNames": ["old"], "enable": false },
            },
            "deployments": [
                { "status": "ACTIVE", "serviceConnectConfiguration": { "enabled": true } },
                { "status": "PRIMARY", "serviceConnectConfiguration": { "enabled": false } },
            ],
        });
        assert_eq!(of_service(&usual), None);
        assert_eq!(of_service(&json!({})), None);
        let other = json!({ "propagateTags": "NONE", "enableECSManagedTags": false });
        assert_eq!(of_service(&other).unwrap().text(), r#"{"enableECSManagedTags":false,"propagateTags":"NONE"}"#);
    }

    #[test]
    fn what_aws_fills_in_is_no_difference_and_all_else_is() {
        let wanted = document(json!({ "serviceConnectConfiguration": { "enabled": true, "namespace": "shop" } }));
        let filled = json!({ "enabled": true, "namespace": "shop", "services": [], "logConfiguration": null });
        let actual = |connect: Json, more: Json| {
            let mut raw = json!({ "deployments": [{ "status": "PRIMARY", "serviceConnectConfiguration": connect }] });
            merge(&mut raw, &more);
            of_service(&raw)
        };
        assert_eq!(liken(wanted.as_ref(), actual(filled.clone(), json!({})).as_ref()), wanted);
        assert_ne!(liken(wanted.as_ref(), actual(Json::Null, json!({})).as_ref()), wanted);
        let more = actual(filled, json!({ "platformVersion": "1.4.0" }));
        assert_ne!(liken(wanted.as_ref(), more.as_ref()), wanted, "nobody asked for this version");
    }

    #[test]
    fn an_update_sends_what_differs_and_what_is_usual_in_place_of_what_goes() {
        let alarms = json!({ "alarmNames": ["errors"], "enable": true, "rollback": true });
        let both = json!({ "deploymentConfiguration": { "alarms": alarms }, "platformVersion": "1.4.0" });
        assert_eq!(change(&both, &json!({})), both);
        assert_eq!(change(&both, &both), json!({ "deploymentConfiguration": { "alarms": alarms } }));
        let off = json!({ "alarmNames": [], "enable": false, "rollback": false });
        let back = json!({ "deploymentConfiguration": { "alarms": off }, "platformVersion": "LATEST" });
        assert_eq!(change(&json!({}), &both), back);
    }

    #[test]
    fn what_aws_does_not_show_was_not_heeded() {
        let wanted =
            document(json!({ "deploymentConfiguration": { "earlySuccessCriteria": { "enable": true, "x": 1 } } }));
        let shown = json!({ "deploymentConfiguration": { "earlySuccessCriteria": { "enable": true } } });
        assert_eq!(unheeded(wanted.as_ref(), &shown), ["deploymentConfiguration.earlySuccessCriteria.x"]);
        assert_eq!(unheeded(None, &shown), Vec::<String>::new());
    }
}
