//! Route tables and their associations with subnets. A subnet without one follows the VPC's main table.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::{Value as Json, json};

use super::kind::{self, in_use, invalid};
use super::listing::Listing;
use super::route::{self, Target};
use super::{endpoint, made_before, marks, remember};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct RouteTable {
    pub vpc: String,
    /// The association that makes it the VPC's main table.
    pub main: Option<String>,
    /// Association to subnet.
    pub associations: BTreeMap<String, String>,
    pub routes: BTreeMap<Ipv4Net, Target>,
}

/// Makes a table, without tags.
pub fn born(world: &mut World, vpc: &str, main: bool) -> String {
    let id = world.id("rtb");
    let main = main.then(|| world.id("rtbassoc"));
    let table = RouteTable { vpc: vpc.to_owned(), main, associations: BTreeMap::new(), routes: BTreeMap::new() };
    world.ec2.route_tables.insert(id.clone(), table);
    world.ec2.tags.insert(id.clone(), Tags::new());
    id
}

/// The table that a subnet follows.
pub fn followed<'a>(world: &'a World, subnet: &str) -> Option<(&'a String, &'a RouteTable)> {
    let vpc = &world.ec2.subnets.get(subnet)?.vpc;
    let mut tables = world.ec2.route_tables.iter().filter(|(_, table)| table.vpc == *vpc);
    let own = tables.clone().find(|(_, table)| table.associations.values().any(|associated| associated == subnet));
    own.or_else(|| tables.find(|(_, table)| table.main.is_some()))
}

fn shown(world: &World, id: &str, table: &RouteTable) -> Json {
    let associated = |association: &String, subnet: Option<&String>| {
        json!({
            "routeTableAssociationId": association,
            "routeTableId": id,
            "subnetId": subnet,
            "main": subnet.is_none(),
            "associationState": { "state": "associated" },
        })
    };
    let routes = [route::shown(world, table), endpoint::routes(world, id)].concat();
    let main = table.main.iter().map(|association| associated(association, None));
    let subnets = table.associations.iter().map(|(association, subnet)| associated(association, Some(subnet)));
    json!({
        "routeTableId": id,
        "vpcId": table.vpc,
        "ownerId": world.account,
        "associationSet": main.chain(subnets).collect::<Vec<_>>(),
        "propagatingVgwSet": [],
        "routeSet": routes,
        "tagSet": marks::set(world, id),
    })
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let tags = marks::on_create(ask, &kind::ROUTE_TABLE)?;
    let before = made_before(world, "CreateRouteTable", ask)?;
    let vpc = ask.required("VpcId")?;
    let id = match before {
        Some(id) => id,
        None => {
            kind::VPC.find(&world.ec2.vpcs, vpc)?;
            let there = world.ec2.route_tables.values().filter(|table| table.vpc == vpc).count();
            if quotas::full(world, quotas::ROUTE_TABLES, there) {
                let why = "The maximum number of route tables has been reached.";
                return Err(Refusal::new("RouteTableLimitExceeded", why));
            }
            let id = born(world, vpc, false);
            world.ec2.tags.insert(id.clone(), tags);
            remember(world, "CreateRouteTable", ask, &id);
            id
        }
    };
    let table = kind::ROUTE_TABLE.find(&world.ec2.route_tables, &id)?;
    Ok(json!({ "routeTable": shown(world, &id, table), "clientToken": ask.text("ClientToken") }))
}

/// Neither with associations nor if it is the main one (API reference, DeleteRouteTable).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let id = ask.required("RouteTableId")?;
    let table = kind::ROUTE_TABLE.find(&world.ec2.route_tables, id)?;
    if table.main.is_some() || !table.associations.is_empty() {
        return Err(in_use("routeTable", id));
    }
    world.ec2.route_tables.remove(id);
    endpoint::forget_table(world, id);
    world.ec2.tags.remove(id);
    Ok(json!({ "return": true }))
}

fn same_network(world: &World, table: &str, subnet: &str) -> Result<(), Refusal> {
    let vpc = &kind::ROUTE_TABLE.find(&world.ec2.route_tables, table)?.vpc;
    match *vpc == kind::SUBNET.find(&world.ec2.subnets, subnet)?.vpc {
        true => Ok(()),
        false => Err(invalid(format!("Route table {table} and subnet {subnet} belong to different networks"))),
    }
}

/// A subnet has at most one; whether the same one again is refused too is unverified.
pub fn associate(world: &mut World, ask: &Ask) -> Answer {
    let (table, subnet) = (ask.required("RouteTableId")?, ask.required("SubnetId")?);
    same_network(world, table, subnet)?;
    if world.ec2.route_tables.values().any(|table| table.associations.values().any(|there| there == subnet)) {
        let why = format!("the specified association for route table {table} conflicts with an existing association");
        return Err(Refusal::new("Resource.AlreadyAssociated", why));
    }
    let id = world.id("rtbassoc");
    let table = kind::ROUTE_TABLE.find_mut(&mut world.ec2.route_tables, table)?;
    table.associations.insert(id.clone(), subnet.to_owned());
    Ok(json!({ "associationId": id, "associationState": { "state": "associated" } }))
}

/// The table of an association, and its subnet if it isn't the main one.
fn place_of(world: &World, association: &str) -> Result<(String, Option<String>), Refusal> {
    let tables = world.ec2.route_tables.iter();
    let mut found = tables.filter_map(|(id, table)| match table.associations.get(association) {
        Some(subnet) => Some((id.clone(), Some(subnet.clone()))),
        None => (table.main.as_deref() == Some(association)).then(|| (id.clone(), None)),
    });
    found.next().ok_or_else(|| kind::ASSOCIATION.not_found(association))
}

/// Gives a new id. Of the main association it makes another table the main one (API reference,
/// ReplaceRouteTableAssociation).
pub fn replace(world: &mut World, ask: &Ask) -> Answer {
    let (association, to) = (ask.required("AssociationId")?, ask.required("RouteTableId")?);
    let (from, subnet) = place_of(world, association)?;
    let vpc = kind::ROUTE_TABLE.find(&world.ec2.route_tables, to)?.vpc.clone();
    if kind::ROUTE_TABLE.find(&world.ec2.route_tables, &from)?.vpc != vpc {
        return Err(invalid(format!("Route table {to} and association {association} belong to different networks")));
    }
    let id = world.id("rtbassoc");
    let old = kind::ROUTE_TABLE.find_mut(&mut world.ec2.route_tables, &from)?;
    match &subnet {
        Some(_) => drop(old.associations.remove(association)),
        None => old.main = None,
    }
    let new = kind::ROUTE_TABLE.find_mut(&mut world.ec2.route_tables, to)?;
    match subnet {
        Some(subnet) => drop(new.associations.insert(id.clone(), subnet)),
        None => new.main = Some(id.clone()),
    }
    Ok(json!({ "newAssociationId": id, "associationState": { "state": "associated" } }))
}

pub fn disassociate(world: &mut World, ask: &Ask) -> Answer {
    let id = ask.required("AssociationId")?;
    let (table, subnet) = place_of(world, id)?;
    if subnet.is_none() {
        return Err(invalid(format!("cannot disassociate the main route table association {id}")));
    }
    kind::ROUTE_TABLE.find_mut(&mut world.ec2.route_tables, &table)?.associations.remove(id);
    Ok(json!({ "return": true }))
}

const LISTING: Listing = Listing {
    set: "routeTableSet",
    by_id: ("RouteTableId", "routeTableId"),
    kind: &kind::ROUTE_TABLE,
    filters: &[
        ("association.main", "associationSet.main"),
        ("association.route-table-association-id", "associationSet.routeTableAssociationId"),
        ("association.route-table-id", "associationSet.routeTableId"),
        ("association.subnet-id", "associationSet.subnetId"),
        ("owner-id", "ownerId"),
        ("route-table-id", "routeTableId"),
        ("route.destination-cidr-block", "routeSet.destinationCidrBlock"),
        ("route.gateway-id", "routeSet.gatewayId"),
        ("route.nat-gateway-id", "routeSet.natGatewayId"),
        ("route.origin", "routeSet.origin"),
        ("route.state", "routeSet.state"),
        ("vpc-id", "vpcId"),
    ],
    pages: true,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    LISTING.answer(ask, world.ec2.route_tables.iter().map(|(id, table)| shown(world, id, table)).collect())
}
