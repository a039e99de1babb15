//! Gateway endpoints: a way to S3 or DynamoDB that costs nothing. Each puts a route to its service's prefix list into the
//! route tables it is given; only the endpoint changes those routes. Of interface endpoints only GuardDuty's are simulated
//! (`monitoring`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::endpoint_services::{SERVICES, list_of, long};
use super::kind::{self, invalid};
use super::listing::Listing;
use super::{Due, interface, made_before, marks, monitoring, remember};
use crate::simulator::ask::Ask;
use crate::simulator::durations::{ENDPOINT_AVAILABLE, ENDPOINT_DELETED, ENDPOINT_INTERFACES_LINGER, Span};
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::{self, World};

#[derive(Clone, Debug)]
pub struct Endpoint {
    pub vpc: String,
    /// `s3` or `dynamodb`; `guardduty-data`.
    pub service: &'static str,
    pub state: &'static str,
    tables: BTreeSet<String>,
    policy: String,
    created: String,
    /// Of an interface endpoint: its subnets, each with its network interface.
    pub subnets: BTreeMap<String, String>,
    pub groups: Vec<String>,
    /// Interfaces of subnets that it was taken out of.
    pub leaving: BTreeSet<String>,
}

impl Endpoint {
    /// An interface endpoint without subnets yet.
    pub fn interface(vpc: &str, service: &'static str, group: &str, created: String) -> Self {
        Self {
            vpc: vpc.to_owned(),
            service,
            state: "pending",
            tables: BTreeSet::new(),
            policy: OPEN.to_owned(),
            created,
            subnets: BTreeMap::new(),
            groups: vec![group.to_owned()],
            leaving: BTreeSet::new(),
        }
    }

    pub fn is_gateway(&self) -> bool {
        !list_of(self.service).is_empty()
    }

    fn gone_after(&self) -> Span {
        if self.is_gateway() { ENDPOINT_DELETED } else { ENDPOINT_INTERFACES_LINGER }
    }
}

/// "Full access" (AWS PrivateLink guide, default endpoint policy).
const OPEN: &str =
    r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

fn shown(world: &World, id: &str, endpoint: &Endpoint) -> Json {
    json!({
        "vpcEndpointId": id,
        "vpcEndpointType": if endpoint.is_gateway() { "Gateway" } else { "Interface" },
        "vpcId": endpoint.vpc,
        "serviceName": long(world, endpoint.service),
        "serviceRegion": world.region,
        "state": endpoint.state,
        "policyDocument": endpoint.policy,
        "routeTableIdSet": endpoint.tables,
        "subnetIdSet": endpoint.subnets.keys().collect::<Vec<_>>(),
        "groupSet": interface::groups(world, &endpoint.groups),
        "networkInterfaceIdSet": endpoint.subnets.values().collect::<Vec<_>>(),
        "dnsEntrySet": [],
        "privateDnsEnabled": !endpoint.is_gateway(),
        "requesterManaged": false,
        "creationTimestamp": endpoint.created,
        "ownerId": world.account,
        "tagSet": marks::set(world, id),
    })
}

/// The routes that endpoints have put into a table.
pub fn routes(world: &World, table: &str) -> Vec<Json> {
    let here = world.ec2.endpoints.iter().filter(|(_, endpoint)| endpoint.tables.contains(table));
    let route = |(id, endpoint): (&String, &Endpoint)| {
        json!({
            "destinationPrefixListId": list_of(endpoint.service),
            "gatewayId": id,
            "origin": "CreateRoute",
            "state": "active",
        })
    };
    here.map(route).collect()
}

/// Tables must be of the VPC, and have no such route yet (codes unverified).
fn check_tables(world: &World, vpc: &str, service: &str, tables: &[String]) -> Result<(), Refusal> {
    for id in tables {
        if kind::ROUTE_TABLE.find(&world.ec2.route_tables, id)?.vpc != vpc {
            return Err(Refusal::new("InvalidParameter", format!("route table {id} is not in network {vpc}")));
        }
        let list = list_of(service);
        if routes(world, id).iter().any(|route| route["destinationPrefixListId"] == list) {
            let why = format!("route table {id} already has a route with destination-prefix-list-id {list}");
            return Err(Refusal::new("RouteAlreadyExists", why));
        }
    }
    Ok(())
}

/// A policy must be JSON (code unverified).
fn policy(ask: &Ask) -> Result<Option<String>, Refusal> {
    let Some(text) = ask.text("PolicyDocument").filter(|text| !text.is_empty()) else { return Ok(None) };
    match serde_json::from_str::<Json>(text).is_ok_and(|policy| policy.is_object()) {
        true => Ok(Some(text.to_owned())),
        false => Err(Refusal::new("InvalidPolicyDocument", "The policy document is not valid JSON")),
    }
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let tags = marks::on_create(ask, &kind::ENDPOINT)?;
    let id = match made_before(world, "CreateVpcEndpoint", ask)? {
        Some(id) => id,
        None => {
            if let Some(other) = ask.text("VpcEndpointType").filter(|kind| *kind != "Gateway") {
                let why = format!("endpoints of type {other} are not simulated");
                return Err(Refusal::new("NotImplemented", why).with_status(501));
            }
            let (vpc, name) = (ask.required("VpcId")?.to_owned(), ask.required("ServiceName")?);
            kind::VPC.find(&world.ec2.vpcs, &vpc)?;
            let unknown = || kind::ENDPOINT_SERVICE.not_found(name);
            let service = SERVICES.iter().find(|(service, ..)| long(world, service) == name).ok_or_else(unknown)?.0;
            let (tables, policy) = (ask.texts("RouteTableId"), policy(ask)?);
            check_tables(world, &vpc, service, &tables)?;
            if quotas::full(world, quotas::ENDPOINTS, world.ec2.endpoints.len()) {
                let why = "The maximum number of VPC endpoints has been reached.";
                return Err(Refusal::new("VpcEndpointLimitExceeded", why));
            }
            let (policy, created) = (policy.unwrap_or_else(|| OPEN.to_owned()), world.iso());
            let id = world.id("vpce");
            let endpoint = Endpoint {
                vpc,
                service,
                state: "pending",
                tables: tables.into_iter().collect(),
                policy,
                created,
                subnets: BTreeMap::new(),
                groups: Vec::new(),
                leaving: BTreeSet::new(),
            };
            world.ec2.endpoints.insert(id.clone(), endpoint);
            world.ec2.tags.insert(id.clone(), tags);
            remember(world, "CreateVpcEndpoint", ask, &id);
            world.after(ENDPOINT_AVAILABLE, world::Due::Ec2(Due::EndpointAvailable(id.clone())));
            id
        }
    };
    let endpoint = kind::ENDPOINT.find(&world.ec2.endpoints, &id)?;
    Ok(json!({ "vpcEndpoint": shown(world, &id, endpoint), "clientToken": ask.text("ClientToken") }))
}

pub fn available(world: &mut World, id: &str) {
    if let Some(endpoint) = world.ec2.endpoints.get_mut(id).filter(|endpoint| endpoint.state == "pending") {
        endpoint.state = "available";
        world.note(format!("{id} is available"));
    }
}

pub fn modify(world: &mut World, ask: &Ask) -> Answer {
    let id = ask.required("VpcEndpointId")?;
    let endpoint = kind::ENDPOINT.find(&world.ec2.endpoints, id)?;
    if !endpoint.is_gateway() {
        return monitoring::modify(world, id, ask);
    }
    let (added, removed) = (ask.texts("AddRouteTableId"), ask.texts("RemoveRouteTableId"));
    check_tables(world, &endpoint.vpc, endpoint.service, &added)?;
    if let Some(missing) = removed.iter().find(|table| !endpoint.tables.contains(*table)) {
        return Err(kind::ROUTE_TABLE.not_found(missing));
    }
    let new = match (policy(ask)?, ask.truth("ResetPolicy")) {
        (Some(_), Some(true)) => return Err(invalid("PolicyDocument and ResetPolicy can't be specified together")),
        (None, Some(true)) => Some(OPEN.to_owned()),
        (policy, _) => policy,
    };
    let endpoint = kind::ENDPOINT.find_mut(&mut world.ec2.endpoints, id)?;
    endpoint.tables.retain(|table| !removed.contains(table));
    endpoint.tables.extend(added);
    endpoint.policy = new.unwrap_or_else(|| endpoint.policy.clone());
    Ok(json!({ "return": true }))
}

/// What can't be deleted is listed, and the call succeeds (API reference, DeleteVpcEndpoints). The routes go at once.
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let ids = ask.texts("VpcEndpointId");
    if ids.is_empty() {
        return Err(Refusal::new("MissingParameter", "The request must contain the parameter VpcEndpointId"));
    }
    let mut unsuccessful = Vec::new();
    for id in ids {
        let Some(endpoint) = world.ec2.endpoints.get_mut(&id) else {
            let why = format!("The Vpc Endpoint Id '{id}' does not exist");
            let error = json!({ "code": "InvalidVpcEndpoint.NotFound", "message": why });
            unsuccessful.push(json!({ "error": error, "resourceId": id }));
            continue;
        };
        endpoint.tables.clear();
        let span = endpoint.gone_after();
        if std::mem::replace(&mut endpoint.state, "deleting") != "deleting" {
            world.after(span, world::Due::Ec2(Due::EndpointDeleted(id)));
        }
    }
    Ok(json!({ "unsuccessful": unsuccessful }))
}

pub fn deleted(world: &mut World, id: &str) {
    if let Some(endpoint) = world.ec2.endpoints.remove(id) {
        for interface in endpoint.subnets.values().chain(&endpoint.leaving) {
            interface::release_interface(world, interface);
        }
        world.ec2.tags.remove(id);
        world.note(format!("{id} is deleted"));
    }
}

/// A table that is deleted is no longer the endpoints' (unverified).
pub fn forget_table(world: &mut World, table: &str) {
    for endpoint in world.ec2.endpoints.values_mut() {
        endpoint.tables.remove(table);
    }
}

const LISTING: Listing = Listing {
    set: "vpcEndpointSet",
    by_id: ("VpcEndpointId", "vpcEndpointId"),
    kind: &kind::ENDPOINT,
    filters: &[
        ("service-name", "serviceName"),
        ("service-region", "serviceRegion"),
        ("vpc-endpoint-id", "vpcEndpointId"),
        ("vpc-endpoint-state", "state"),
        ("vpc-endpoint-type", "vpcEndpointType"),
        ("vpc-id", "vpcId"),
    ],
    pages: true,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    LISTING.answer(ask, world.ec2.endpoints.iter().map(|(id, endpoint)| shown(world, id, endpoint)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{code, made, ok, table, vpc, wait, world};
    use super::*;

    #[test]
    fn an_endpoint_routes_and_goes() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let (one, two) = (table(&mut world, &vpc), table(&mut world, &vpc));
        let ask = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-west-3.s3", "RouteTableId": [one], "ClientToken": "t",
            "TagSpecification": [{"ResourceType": "vpc-endpoint", "Tag": [{"Key": "a", "Value": "b"}]}]});
        let id = made(&mut world, "CreateVpcEndpoint", ask.clone(), "/vpcEndpoint/vpcEndpointId");
        assert_eq!(made(&mut world, "CreateVpcEndpoint", ask.clone(), "/vpcEndpoint/vpcEndpointId"), id);
        let mut other = ask.clone();
        other["ClientToken"] = json!("u");
        assert_eq!(code(&mut world, "CreateVpcEndpoint", other), "RouteAlreadyExists");
        let state =
            |world: &mut World| ok(world, "DescribeVpcEndpoints", json!({}))["vpcEndpointSet"][0]["state"].clone();
        assert_eq!(state(&mut world), "pending");
        wait(&mut world, 10);
        assert_eq!(state(&mut world), "available");
        let routes = |world: &mut World, table: &str| {
            let seen = ok(world, "DescribeRouteTables", json!({"RouteTableId": [table]}));
            seen["routeTableSet"][0]["routeSet"].clone()
        };
        let seen = routes(&mut world, &one)[1].clone();
        assert_eq!((&seen["gatewayId"], &seen["destinationPrefixListId"]), (&json!(id), &json!("pl-63a5400a")));
        let route = json!({"RouteTableId": one, "DestinationPrefixListId": "pl-63a5400a"});
        assert_eq!(code(&mut world, "DeleteRoute", route), "InvalidParameterValue");
        ok(
            &mut world,
            "ModifyVpcEndpoint",
            json!({"VpcEndpointId": id, "AddRouteTableId": [two], "RemoveRouteTableId": [one], "PolicyDocument": "{}"}),
        );
        assert_eq!(
            (routes(&mut world, &one).as_array().unwrap().len(), routes(&mut world, &two).as_array().unwrap().len()),
            (1, 2)
        );
        let changed = ok(&mut world, "DescribeVpcEndpoints", json!({}))["vpcEndpointSet"][0].clone();
        assert_eq!((&changed["policyDocument"], &changed["tagSet"][0]["key"]), (&json!("{}"), &json!("a")));
        ok(&mut world, "ModifyVpcEndpoint", json!({"VpcEndpointId": id, "ResetPolicy": "true"}));
        for wrong in [json!({"AddRouteTableId": ["rtb-0"]}), json!({"RemoveRouteTableId": [one]})] {
            let mut wrong = wrong;
            wrong["VpcEndpointId"] = json!(id);
            assert_eq!(code(&mut world, "ModifyVpcEndpoint", wrong), "InvalidRouteTableID.NotFound");
        }
        for table in [&one, &two] {
            ok(&mut world, "DeleteRouteTable", json!({"RouteTableId": table}));
        }
        assert_eq!(code(&mut world, "DeleteVpc", json!({"VpcId": vpc})), "DependencyViolation");
        let gone = ok(&mut world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [id, "vpce-0"]}));
        assert_eq!(gone["unsuccessful"][0]["error"]["code"], "InvalidVpcEndpoint.NotFound");
        assert_eq!((gone["unsuccessful"].as_array().unwrap().len(), state(&mut world)), (1, json!("deleting")));
        wait(&mut world, 30);
        assert_eq!(
            code(&mut world, "DescribeVpcEndpoints", json!({"VpcEndpointId": [id]})),
            "InvalidVpcEndpointId.NotFound"
        );
        ok(&mut world, "DeleteVpc", json!({"VpcId": vpc}));
    }

    #[test]
    fn refusals_and_lists() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let mut refused = |more: Json| {
            let mut ask = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-west-3.s3"});
            ask.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            code(&mut world, "CreateVpcEndpoint", ask)
        };
        assert_eq!(refused(json!({"ServiceName": "com.amazonaws.us-east-1.s3"})), "InvalidServiceName");
        assert_eq!(refused(json!({"VpcEndpointType": "Interface"})), "NotImplemented");
        assert_eq!(refused(json!({"VpcId": "vpc-0"})), "InvalidVpcID.NotFound");
        assert_eq!(refused(json!({"PolicyDocument": "no"})), "InvalidPolicyDocument");
        quotas::set(&mut world, quotas::ENDPOINTS, 0);
        let ask = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-west-3.dynamodb"});
        assert_eq!(code(&mut world, "CreateVpcEndpoint", ask), "VpcEndpointLimitExceeded");
        let gateways = json!({"Filter": [{"Name": "service-type", "Value": ["Gateway"]}]});
        let services = ok(&mut world, "DescribeVpcEndpointServices", gateways);
        assert_eq!(
            services["serviceNameSet"],
            json!(["com.amazonaws.eu-west-3.dynamodb", "com.amazonaws.eu-west-3.s3"])
        );
        let named = json!({"Filter": [{"Name": "prefix-list-name", "Value": ["com.amazonaws.eu-west-3.s3"]}]});
        for action in ["DescribePrefixLists", "DescribeManagedPrefixLists"] {
            assert_eq!(ok(&mut world, action, named.clone())["prefixListSet"][0]["prefixListId"], "pl-63a5400a");
        }
    }
}
