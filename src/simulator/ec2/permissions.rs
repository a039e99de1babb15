//! Authorizing, revoking and modifying rules. A call is carried out as a whole or not at all.

use serde_json::{Value as Json, json};

use super::kind::{self, invalid};
use super::marks;
use super::rule::{self, Peer, Rule};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// Up to 255 characters of `a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=;{}!$*` (API reference, IpRange).
fn described(ask: &Ask) -> Result<Option<String>, Refusal> {
    let sign = |sign: char| sign.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(sign);
    match ask.text("Description").filter(|text| !text.is_empty()) {
        Some(text) if text.len() > 255 || !text.chars().all(sign) => Err(invalid(
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        )),
        text => Ok(text.map(str::to_owned)),
    }
}

/// The rules that a call asks for: each peer of each permission is one.
fn asked(world: &World, ask: &Ask, group: &str, egress: bool) -> Result<Vec<Rule>, Refusal> {
    let mut permissions = ask.parts("IpPermissions");
    if let (true, Some(block)) = (permissions.is_empty(), ask.text("CidrIp")) {
        let (protocol, from, to) = (ask.get("IpProtocol"), ask.get("FromPort"), ask.get("ToPort"));
        let ranges = json!([{ "CidrIp": block }]);
        permissions.push(Ask(json!({ "IpProtocol": protocol, "FromPort": from, "ToPort": to, "IpRanges": ranges })));
    }
    let mut rules: Vec<Rule> = Vec::new();
    for permission in permissions {
        let (protocol, ports) = rule::traffic(&permission)?;
        let mut peers: Vec<(Peer, Option<String>)> = Vec::new();
        for range in permission.parts("IpRanges") {
            peers.push((rule::v4(range.required("CidrIp")?)?, described(&range)?));
        }
        for range in permission.parts("Ipv6Ranges") {
            peers.push((rule::v6(range.required("CidrIpv6")?)?, described(&range)?));
        }
        for pair in permission.parts("Groups") {
            peers.push((rule::peer_group(world, group, pair.required("GroupId")?)?, described(&pair)?));
        }
        if peers.is_empty() {
            return Err(Refusal::new("MissingParameter", "A permission must name a peer"));
        }
        for (peer, description) in peers {
            let rule = Rule { group: group.to_owned(), egress, protocol: protocol.clone(), ports, peer, description };
            if rules.iter().any(|other| other.same(&rule)) {
                return Err(invalid("The same permission must not appear multiple times"));
            }
            rules.push(rule);
        }
    }
    Ok(rules)
}

#[track_caller]
fn duplicate(rule: &Rule) -> Refusal {
    let (from, to) = rule.ports;
    let why = format!(
        "the specified rule \"peer: {}, {}, from port: {from}, to port: {to}, ALLOW\" already exists",
        match &rule.peer {
            Peer::V4(block) => block.to_string(),
            Peer::V6(block) => block.to_string(),
            Peer::Group(group) => group.clone(),
        },
        rule.protocol.to_uppercase(),
    );
    Refusal::new("InvalidPermission.Duplicate", why)
}

fn authorize(world: &mut World, ask: &Ask, egress: bool) -> Answer {
    let tags = marks::on_create(ask, &kind::RULE)?;
    let group = ask.required("GroupId")?;
    kind::GROUP.find(&world.ec2.groups, group)?;
    let rules = asked(world, ask, group, egress)?;
    if rules.is_empty() {
        return Err(Refusal::new("MissingParameter", "The request must contain the parameter ipPermissions"));
    }
    let there = || world.ec2.rules.values().filter(|rule| rule.group == group && rule.egress == egress);
    if let Some(rule) = rules.iter().find(|rule| there().any(|other| other.same(rule))) {
        return Err(duplicate(rule));
    }
    // Per direction and IP family; a rule that names a group counts for both ("Amazon VPC quotas").
    let of = |other: fn(&Peer) -> bool| there().chain(&rules).filter(|rule| !other(&rule.peer)).count();
    let full = |other| quotas::full(world, quotas::GROUP_RULES, of(other).saturating_sub(1));
    if full(|peer| matches!(peer, Peer::V6(_))) || full(|peer| matches!(peer, Peer::V4(_))) {
        let why = "The maximum number of rules per security group has been reached.";
        return Err(Refusal::new("RulesPerSecurityGroupLimitExceeded", why));
    }
    let mut made = Vec::new();
    for rule in rules {
        let id = rule::insert(world, rule.clone(), tags.clone());
        made.push(rule::shown(world, &id, &rule));
    }
    Ok(json!({ "return": true, "securityGroupRuleSet": made }))
}

pub fn authorize_ingress(world: &mut World, ask: &Ask) -> Answer {
    authorize(world, ask, false)
}

pub fn authorize_egress(world: &mut World, ask: &Ask) -> Answer {
    authorize(world, ask, true)
}

/// By ids or by what they allow; then the description doesn't matter. What isn't there is an error (API reference,
/// RevokeSecurityGroupIngress: outside of a default VPC).
fn revoke(world: &mut World, ask: &Ask, egress: bool) -> Answer {
    let group = ask.required("GroupId")?;
    kind::GROUP.find(&world.ec2.groups, group)?;
    let mut going = ask.texts("SecurityGroupRuleId");
    let of_ours = |rule: &Rule| rule.group == group && rule.egress == egress;
    if let Some(missing) = going.iter().find(|id| !world.ec2.rules.get(*id).is_some_and(of_ours)) {
        return Err(kind::RULE.not_found(missing));
    }
    for rule in asked(world, ask, group, egress)? {
        let found = world.ec2.rules.iter().find(|(_, other)| other.same(&rule));
        let missing = || {
            let why = "The specified rule does not exist in this security group.";
            Refusal::new("InvalidPermission.NotFound", why)
        };
        going.push(found.ok_or_else(missing)?.0.clone());
    }
    if going.is_empty() {
        return Err(Refusal::new("MissingParameter", "The request must contain rule ids or permissions"));
    }
    let mut gone: Vec<Json> = Vec::new();
    for id in going {
        let Some(rule) = world.ec2.rules.get(&id) else { continue };
        let mut shown = rule::shown(world, &id, rule);
        if let Some(members) = shown.as_object_mut() {
            let peer = members.remove("referencedGroupInfo").unwrap_or_default();
            members.insert("referencedGroupId".into(), peer["groupId"].clone());
            members.retain(|name, _| !["tagSet", "groupOwnerId", "securityGroupRuleArn"].contains(&name.as_str()));
        }
        gone.push(shown);
        rule::remove(world, &id);
    }
    Ok(json!({ "return": true, "revokedSecurityGroupRuleSet": gone }))
}

pub fn revoke_ingress(world: &mut World, ask: &Ask) -> Answer {
    revoke(world, ask, false)
}

pub fn revoke_egress(world: &mut World, ask: &Ask) -> Answer {
    revoke(world, ask, true)
}

/// A rule is given anew as a whole, with exactly one peer; without description it loses it (API reference,
/// ModifySecurityGroupRules).
pub fn modify(world: &mut World, ask: &Ask) -> Answer {
    let group = ask.required("GroupId")?;
    kind::GROUP.find(&world.ec2.groups, group)?;
    let updates = ask.parts("SecurityGroupRule");
    if updates.is_empty() {
        return Err(Refusal::new("MissingParameter", "The request must contain the parameter securityGroupRules"));
    }
    let mut all = world.ec2.rules.clone();
    for update in &updates {
        let id = update.required("SecurityGroupRuleId")?;
        let old = all.get(id).filter(|rule| rule.group == group).ok_or_else(|| kind::RULE.not_found(id))?;
        let given = update.part("SecurityGroupRule");
        let (protocol, ports) = rule::traffic(&given)?;
        let peer = match (given.text("CidrIpv4"), given.text("CidrIpv6"), given.text("ReferencedGroupId")) {
            (Some(block), None, None) => rule::v4(block)?,
            (None, Some(block), None) => rule::v6(block)?,
            (None, None, Some(peer)) => rule::peer_group(world, group, peer)?,
            _ => return Err(invalid("A rule must name exactly one peer")),
        };
        let (egress, description) = (old.egress, described(&given)?);
        let rule = Rule { group: group.to_owned(), egress, protocol, ports, peer, description };
        if all.iter().any(|(other, there)| other != id && there.same(&rule)) {
            return Err(duplicate(&rule));
        }
        all.insert(id.to_owned(), rule);
    }
    world.ec2.rules = all;
    Ok(json!({ "return": true }))
}

#[cfg(test)]
mod tests {
    use super::super::lets_through;
    use super::super::trial::{code, filter, group, ok, vpc, world};
    use super::*;

    fn tcp(group: &str, port: i64, peer: Json) -> Json {
        let mut permission = json!({"IpProtocol": "tcp", "FromPort": port.to_string(), "ToPort": port.to_string()});
        permission.as_object_mut().unwrap().extend(peer.as_object().unwrap().clone());
        json!({"GroupId": group, "IpPermissions": [permission]})
    }

    fn cidr(block: &str) -> Json {
        json!({"IpRanges": [{"CidrIp": block, "Description": "why"}]})
    }

    #[test]
    fn rules_come_change_and_go() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let (front, back) = (group(&mut world, &vpc, "front"), group(&mut world, &vpc, "back"));
        let (from, to) = (vec![front.clone()], vec![back.clone()]);
        let mut ask = tcp(&back, 80, json!({"Groups": [{"GroupId": front}]}));
        ask["TagSpecification"] = json!([{"ResourceType": "security-group-rule", "Tag": [{"Key": "k", "Value": "v"}]}]);
        assert!(!lets_through(&world, &from, &to, 80));
        let made = ok(&mut world, "AuthorizeSecurityGroupIngress", ask.clone());
        let id = made["securityGroupRuleSet"][0]["securityGroupRuleId"].clone();
        assert_eq!(
            ok(&mut world, "DescribeSecurityGroupRules", filter("tag:k", "v"))["securityGroupRuleSet"][0]["securityGroupRuleId"],
            id
        );
        assert!(
            lets_through(&world, &from, &to, 80)
                && !lets_through(&world, &from, &to, 81)
                && !lets_through(&world, &[], &to, 80)
        );
        assert_eq!(code(&mut world, "AuthorizeSecurityGroupIngress", ask), "InvalidPermission.Duplicate");
        assert_eq!(code(&mut world, "DeleteSecurityGroup", json!({"GroupId": front})), "DependencyViolation");
        let new = json!({"IpProtocol": "tcp", "FromPort": 81, "ToPort": 81, "CidrIpv4": "0.0.0.0/0"});
        ok(
            &mut world,
            "ModifySecurityGroupRules",
            json!({"GroupId": back, "SecurityGroupRule": [{"SecurityGroupRuleId": id, "SecurityGroupRule": new}]}),
        );
        assert!(lets_through(&world, &[], &to, 81));
        let seen = ok(&mut world, "DescribeSecurityGroups", filter("ip-permission.cidr", "0.0.0.0/0"));
        assert_eq!(seen["securityGroupInfo"][0]["ipPermissions"][0]["fromPort"], 81);
        let revoked =
            ok(&mut world, "RevokeSecurityGroupIngress", json!({"GroupId": back, "SecurityGroupRuleId": [id]}));
        assert_eq!(revoked["revokedSecurityGroupRuleSet"][0]["cidrIpv4"], "0.0.0.0/0");
        assert_eq!(
            code(&mut world, "RevokeSecurityGroupIngress", json!({"GroupId": back, "SecurityGroupRuleId": [id]})),
            "InvalidSecurityGroupRuleId.NotFound"
        );
        let all =
            json!({"GroupId": back, "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]});
        ok(&mut world, "RevokeSecurityGroupEgress", all.clone());
        assert_eq!(code(&mut world, "RevokeSecurityGroupEgress", all.clone()), "InvalidPermission.NotFound");
        ok(&mut world, "AuthorizeSecurityGroupEgress", all);
        ok(&mut world, "DeleteSecurityGroup", json!({"GroupId": front}));
    }

    #[test]
    fn sixty_rules_and_bad_ones() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let group = group(&mut world, &vpc, "g");
        for port in 1..=60 {
            ok(&mut world, "AuthorizeSecurityGroupIngress", tcp(&group, port, cidr("10.9.8.7/8")));
        }
        let mut refused = |ask: Json| code(&mut world, "AuthorizeSecurityGroupIngress", ask);
        assert_eq!(refused(tcp(&group, 61, cidr("10.0.0.0/8"))), "RulesPerSecurityGroupLimitExceeded");
        assert_eq!(refused(tcp(&group, 1, cidr("10.0.0.0/8"))), "InvalidPermission.Duplicate");
        assert_eq!(refused(tcp(&group, 70000, cidr("10.0.0.0/8"))), "InvalidParameterValue");
        assert_eq!(refused(tcp(&group, 80, cidr("x"))), "InvalidParameterValue");
        assert_eq!(refused(tcp(&group, 80, json!({}))), "MissingParameter");
        assert_eq!(refused(tcp(&group, 80, json!({"Groups": [{"GroupId": "sg-0"}]}))), "InvalidGroup.NotFound");
        assert_eq!(refused(json!({"GroupId": group})), "MissingParameter");
        assert_eq!(refused(json!({"GroupId": "sg-0"})), "InvalidGroup.NotFound");
    }

    #[test]
    fn names_of_groups() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let id = group(&mut world, &vpc, "Web");
        let mut refused = |name: &str| {
            code(&mut world, "CreateSecurityGroup", json!({"VpcId": vpc, "GroupName": name, "GroupDescription": "d"}))
        };
        assert_eq!(refused("web"), "InvalidGroup.Duplicate");
        for name in ["sg-1", "default", "", "ü", &"x".repeat(256)] {
            assert_eq!(refused(name), "InvalidParameterValue");
        }
        assert_eq!(code(&mut world, "DescribeSecurityGroups", json!({"GroupId": ["sg-0"]})), "InvalidGroup.NotFound");
        let default = ok(&mut world, "DescribeSecurityGroups", filter("group-name", "default"));
        let default = default["securityGroupInfo"][0]["groupId"].clone();
        assert_eq!(code(&mut world, "DeleteSecurityGroup", json!({"GroupId": default})), "CannotDelete");
        ok(&mut world, "DeleteSecurityGroup", json!({"GroupId": id}));
        assert_eq!(code(&mut world, "DeleteSecurityGroup", json!({"GroupId": id})), "InvalidGroup.NotFound");
    }
}
