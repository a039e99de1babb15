//! Elastic IP addresses. Only NAT gateways hold them here; one that is being deleted still does.

use serde_json::{Value as Json, json};

use super::kind::{self, invalid};
use super::listing::Listing;
use super::marks;
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Address {
    pub public_ip: String,
    /// NAT gateway and association.
    pub held: Option<(String, String)>,
}

/// An address no-one had before, out of 198.18.0.0/15, which is nobody's (RFC 2544).
pub fn new_public_ip(world: &mut World) -> String {
    world.ec2.public_ips += 1;
    std::net::Ipv4Addr::from(0xC612_0000_u32 + world.ec2.public_ips % 0x2_0000).to_string()
}

pub fn allocate(world: &mut World, ask: &Ask) -> Answer {
    let tags = marks::on_create(ask, &kind::ADDRESS)?;
    if let Some(domain) = ask.text("Domain").filter(|domain| *domain != "vpc") {
        return Err(invalid(format!("Value ({domain}) for parameter domain is invalid.")));
    }
    if quotas::full(world, quotas::ADDRESSES, world.ec2.addresses.len()) {
        return Err(Refusal::new("AddressLimitExceeded", "The maximum number of addresses has been reached."));
    }
    let (id, public_ip) = (world.id("eipalloc"), new_public_ip(world));
    world.ec2.addresses.insert(id.clone(), Address { public_ip: public_ip.clone(), held: None });
    world.ec2.tags.insert(id.clone(), tags);
    Ok(json!({
        "allocationId": id,
        "publicIp": public_ip,
        "publicIpv4Pool": "amazon",
        "networkBorderGroup": world.region,
        "domain": "vpc",
    }))
}

/// `InvalidIPAddress.InUse` while associated (API reference, ReleaseAddress); `AuthFailure` while a NAT gateway that is
/// being deleted holds it (seen in the wild: terraform-aws-modules/terraform-aws-vpc#64).
pub fn release(world: &mut World, ask: &Ask) -> Answer {
    if ask.text("AllocationId").is_none() && ask.text("PublicIp").is_some() {
        return Err(invalid("You must specify an allocation id when releasing a VPC elastic IP address"));
    }
    let id = ask.required("AllocationId")?;
    let address = kind::ADDRESS.find(&world.ec2.addresses, id)?;
    if let Some((nat, _)) = &address.held {
        let going = world.ec2.nats.get(nat).is_some_and(|nat| nat.state == "deleting");
        return Err(match going {
            true => Refusal::new("AuthFailure", "You do not have permission to access the specified resource."),
            false => Refusal::new("InvalidIPAddress.InUse", format!("Address {} is in use.", address.public_ip)),
        });
    }
    world.ec2.addresses.remove(id);
    world.ec2.tags.remove(id);
    Ok(json!({ "return": true }))
}

fn shown(world: &World, id: &str, address: &Address) -> Json {
    let nat = address.held.as_ref().and_then(|(nat, _)| world.ec2.nats.get(nat));
    let interface = nat.and_then(|nat| nat.interface.as_ref());
    json!({
        "allocationId": id,
        "publicIp": address.public_ip,
        "publicIpv4Pool": "amazon",
        "networkBorderGroup": world.region,
        "domain": "vpc",
        "associationId": address.held.as_ref().map(|(_, association)| association),
        "networkInterfaceId": interface,
        "networkInterfaceOwnerId": interface.map(|_| &world.account),
        "privateIpAddress": interface.and_then(|id| world.ec2.interfaces.get(id)).map(|held| &held.private_ip),
        "tagSet": marks::set(world, id),
    })
}

const LISTING: Listing = Listing {
    set: "addressesSet",
    by_id: ("AllocationId", "allocationId"),
    kind: &kind::ADDRESS,
    filters: &[
        ("allocation-id", "allocationId"),
        ("association-id", "associationId"),
        ("domain", "domain"),
        ("network-border-group", "networkBorderGroup"),
        ("network-interface-id", "networkInterfaceId"),
        ("network-interface-owner-id", "networkInterfaceOwnerId"),
        ("private-ip-address", "privateIpAddress"),
        ("public-ip", "publicIp"),
    ],
    pages: false,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let asked = ask.texts("PublicIp");
    if let Some(ip) = asked.iter().find(|ip| !world.ec2.addresses.values().any(|address| address.public_ip == **ip)) {
        return Err(Refusal::new("InvalidAddress.NotFound", format!("Address '{ip}' not found.")));
    }
    let wanted =
        world.ec2.addresses.iter().filter(|(_, address)| asked.is_empty() || asked.contains(&address.public_ip));
    LISTING.answer(ask, wanted.map(|(id, address)| shown(world, id, address)).collect())
}
