//! DNS names of addresses, which they have where the VPC has both DNS attributes ("DNS attributes for your VPC"; that an
//! interface tells no private name elsewhere is unverified).

use super::vpc::Vpc;
use crate::simulator::world::World;

fn named(vpc: &Vpc, ip: &str, name: impl Fn(&str) -> String) -> Option<String> {
    (vpc.dns_support && vpc.dns_hostnames).then(|| name(&ip.replace('.', "-")))
}

pub fn private(world: &World, vpc: &str, ip: &str) -> Option<String> {
    named(world.ec2.vpcs.get(vpc)?, ip, |ip| match world.region.as_str() {
        "us-east-1" => format!("ip-{ip}.ec2.internal"),
        region => format!("ip-{ip}.{region}.compute.internal"),
    })
}

pub fn public(world: &World, vpc: &str, ip: &str) -> Option<String> {
    named(world.ec2.vpcs.get(vpc)?, ip, |ip| match world.region.as_str() {
        "us-east-1" => format!("ec2-{ip}.compute-1.amazonaws.com"),
        region => format!("ec2-{ip}.{region}.compute.amazonaws.com"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::trial::{ok, vpc, world};
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_have_names_where_the_vpc_gives_them() {
        let mut world = world();
        let vpc = vpc(&mut world);
        assert_eq!((private(&world, &vpc, "10.0.0.4"), public(&world, &vpc, "198.18.0.1")), (None, None));
        ok(&mut world, "ModifyVpcAttribute", json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}}));
        assert_eq!(private(&world, &vpc, "10.0.0.4").unwrap(), "ip-10-0-0-4.eu-west-3.compute.internal");
        assert_eq!(public(&world, &vpc, "198.18.0.1").unwrap(), "ec2-198-18-0-1.eu-west-3.compute.amazonaws.com");
        world.region = "us-east-1".into();
        assert_eq!(private(&world, &vpc, "10.0.0.4").unwrap(), "ip-10-0-0-4.ec2.internal");
        assert_eq!(public(&world, &vpc, "198.18.0.1").unwrap(), "ec2-198-18-0-1.compute-1.amazonaws.com");
    }
}
