//! The services that have a gateway endpoint, and their prefix lists.

use serde_json::json;

use super::kind;
use super::listing::Listing;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Answer;
use crate::simulator::world::World;

/// Services with a gateway, their prefix list, and a block of it. The ids are those of us-east-1, in every region.
pub const SERVICES: [(&str, &str, &str); 2] =
    [("dynamodb", "pl-02cd2c6b", "52.94.0.0/22"), ("s3", "pl-63a5400a", "54.231.0.0/16")];

pub fn long(world: &World, service: &str) -> String {
    format!("com.amazonaws.{}.{service}", world.region)
}

pub fn list_of(service: &str) -> &'static str {
    SERVICES.iter().find(|(name, ..)| *name == service).map_or("", |(_, list, _)| list)
}

const DETAILS: Listing = Listing {
    set: "serviceDetailSet",
    by_id: ("ServiceName", "serviceName"),
    kind: &kind::ENDPOINT_SERVICE,
    filters: &[
        ("owner", "owner"),
        ("service-name", "serviceName"),
        ("service-region", "serviceRegion"),
        ("service-type", "serviceType.serviceType"),
    ],
    pages: true,
};

pub fn describe_services(world: &mut World, ask: &Ask) -> Answer {
    let zones: Vec<&str> = world.ec2.zones.iter().map(|zone| zone.name.as_str()).collect();
    let detail = |(service, ..): &(&str, &str, &str)| {
        json!({
            "serviceName": long(world, service),
            "serviceId": format!("vpce-svc-0{service}"),
            "serviceType": [{ "serviceType": "Gateway" }],
            "serviceRegion": world.region,
            "availabilityZoneSet": zones,
            "owner": "amazon",
            "baseEndpointDnsNameSet": [format!("{service}.{}.amazonaws.com", world.region)],
            "vpcEndpointPolicySupported": true,
            "acceptanceRequired": false,
            "managesVpcEndpoints": false,
            "tagSet": [],
        })
    };
    let mut answer = DETAILS.answer(ask, SERVICES.iter().map(detail).collect())?;
    let names = answer["serviceDetailSet"].as_array().into_iter().flatten();
    answer["serviceNameSet"] = names.map(|detail| detail["serviceName"].clone()).collect();
    Ok(answer)
}

const LISTS: Listing = Listing {
    set: "prefixListSet",
    by_id: ("PrefixListId", "prefixListId"),
    kind: &kind::PREFIX_LIST,
    filters: &[("owner-id", "ownerId"), ("prefix-list-id", "prefixListId"), ("prefix-list-name", "prefixListName")],
    pages: true,
};

pub fn describe_lists(world: &mut World, ask: &Ask) -> Answer {
    let list = |(service, id, block): &(&str, &str, &str)| json!({ "prefixListId": id, "prefixListName": long(world, service), "cidrSet": [block] });
    LISTS.answer(ask, SERVICES.iter().map(list).collect())
}

/// AWS's own lists; the user can't make any here.
pub fn describe_managed_lists(world: &mut World, ask: &Ask) -> Answer {
    let list = |(service, id, _): &(&str, &str, &str)| {
        json!({
            "prefixListId": id,
            "prefixListName": long(world, service),
            "addressFamily": "IPv4",
            "state": "create-complete",
            "prefixListArn": format!("arn:aws:ec2:{}:aws:prefix-list/{id}", world.region),
            "version": 1,
            "ownerId": "AWS",
            "tagSet": [],
        })
    };
    LISTS.answer(ask, SERVICES.iter().map(list).collect())
}
