//! Internet gateways and their attachment: one VPC takes one, and keeps it while public addresses are mapped in it.

use serde_json::{Value as Json, json};

use super::kind::{self, in_use, invalid};
use super::listing::Listing;
use super::marks;
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::weather;
use crate::simulator::world::World;

#[derive(Clone, Debug, Default)]
pub struct InternetGateway {
    pub vpc: Option<String>,
    /// When its attachment is done, in seconds since 1970; at once unless ordered otherwise.
    attached: f64,
}

impl InternetGateway {
    /// Whether it is attached to this VPC, and not only being attached.
    pub fn serves(&self, world: &World, vpc: &str) -> bool {
        self.vpc.as_deref() == Some(vpc) && !self.is_attaching(world)
    }

    pub fn is_attaching(&self, world: &World) -> bool {
        world.epoch() < self.attached
    }
}

fn shown(world: &World, id: &str, gateway: &InternetGateway) -> Json {
    // EC2's model has `attaching` and `attached`; what AWS shows at the end is `available`.
    let state = if gateway.is_attaching(world) { "attaching" } else { "available" };
    let attachments: Vec<Json> = gateway.vpc.iter().map(|vpc| json!({ "vpcId": vpc, "state": state })).collect();
    json!({
        "internetGatewayId": id,
        "ownerId": world.account,
        "attachmentSet": attachments,
        "tagSet": marks::set(world, id),
    })
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let tags = marks::on_create(ask, &kind::INTERNET_GATEWAY)?;
    if quotas::full(world, quotas::INTERNET_GATEWAYS, world.ec2.internet_gateways.len()) {
        let why = "The maximum number of internet gateways has been reached.";
        return Err(Refusal::new("InternetGatewayLimitExceeded", why));
    }
    let (id, gateway) = (world.id("igw"), InternetGateway::default());
    world.ec2.internet_gateways.insert(id.clone(), gateway.clone());
    world.ec2.tags.insert(id.clone(), tags);
    Ok(json!({ "internetGateway": shown(world, &id, &gateway) }))
}

pub fn attach(world: &mut World, ask: &Ask) -> Answer {
    let (id, vpc) = (ask.required("InternetGatewayId")?, ask.required("VpcId")?);
    let gateway = kind::INTERNET_GATEWAY.find(&world.ec2.internet_gateways, id)?;
    kind::VPC.find(&world.ec2.vpcs, vpc)?;
    if let Some(other) = &gateway.vpc {
        let why = format!("resource {id} is already attached to network {other}");
        return Err(Refusal::new("Resource.AlreadyAssociated", why));
    }
    if world.ec2.internet_gateways.values().any(|other| other.vpc.as_deref() == Some(vpc)) {
        return Err(invalid(format!("Network {vpc} already has an internet gateway attached")));
    }
    let attached = world.epoch() + weather::attachment_delay(world).unwrap_or_default();
    let gateway = kind::INTERNET_GATEWAY.find_mut(&mut world.ec2.internet_gateways, id)?;
    (gateway.vpc, gateway.attached) = (Some(vpc.to_owned()), attached);
    Ok(json!({ "return": true }))
}

/// Refused while anything in the VPC has a public address (API reference, DetachInternetGateway).
pub fn detach(world: &mut World, ask: &Ask) -> Answer {
    let (id, vpc) = (ask.required("InternetGatewayId")?, ask.required("VpcId")?);
    let gateway = kind::INTERNET_GATEWAY.find(&world.ec2.internet_gateways, id)?;
    if gateway.vpc.as_deref() != Some(vpc) {
        return Err(Refusal::new("Gateway.NotAttached", format!("resource {id} is not attached to network {vpc}")));
    }
    if world.ec2.interfaces.values().any(|interface| interface.vpc == vpc && interface.public_ip.is_some()) {
        let why = format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
        );
        return Err(Refusal::new("DependencyViolation", why));
    }
    kind::INTERNET_GATEWAY.find_mut(&mut world.ec2.internet_gateways, id)?.vpc = None;
    Ok(json!({ "return": true }))
}

pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let id = ask.required("InternetGatewayId")?;
    if kind::INTERNET_GATEWAY.find(&world.ec2.internet_gateways, id)?.vpc.is_some() {
        return Err(in_use("internetGateway", id));
    }
    world.ec2.internet_gateways.remove(id);
    world.ec2.tags.remove(id);
    Ok(json!({ "return": true }))
}

const LISTING: Listing = Listing {
    set: "internetGatewaySet",
    by_id: ("InternetGatewayId", "internetGatewayId"),
    kind: &kind::INTERNET_GATEWAY,
    filters: &[
        ("attachment.state", "attachmentSet.state"),
        ("attachment.vpc-id", "attachmentSet.vpcId"),
        ("internet-gateway-id", "internetGatewayId"),
        ("owner-id", "ownerId"),
    ],
    pages: true,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    LISTING.answer(ask, world.ec2.internet_gateways.iter().map(|(id, gateway)| shown(world, id, gateway)).collect())
}
