//! A load balancer that the user gave, as a plan must know it: where it stands, and by which listener and which security groups
//! the requests come.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::Filter;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum;

use super::client::Aws;
use super::error::{Error, Result};
use super::objects::listener::{self, Listener, ListenerOutput};
use super::objects::listener_rule::ListenerRule;
use super::objects::load_balancer::LoadBalancer;
use super::objects::security_group;
use super::owner::{NODE_TAG, Owner};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Front {
    pub arn: String,
    /// An Application Load Balancer, the only one whose rules tell requests apart.
    pub is_application: bool,
    pub vpc: String,
    /// Availability zones that it serves.
    pub zones: BTreeSet<String>,
    /// Its security groups; where a service of this provider owns it, that service's own one first.
    pub groups: Vec<String>,
    pub listeners: Vec<ListenerOutput>,
}

impl Front {
    /// The load balancer with this ARN.
    ///
    /// # Errors
    /// Of the calls.
    pub async fn look(aws: &Aws, arn: &str) -> Result<Option<Self>> {
        let Some(found) = LoadBalancer::look(aws, arn).await? else { return Ok(None) };
        let listeners = Listener::of(aws, arn).await?;
        let zones = found.availability_zones().iter().filter_map(|zone| zone.zone_name());
        Ok(Some(Self {
            arn: Error::required(found.load_balancer_arn(), "LoadBalancerArn")?,
            is_application: found.r#type() == Some(&LoadBalancerTypeEnum::Application),
            vpc: Error::required(found.vpc_id(), "VpcId")?,
            zones: zones.map(str::to_owned).collect(),
            groups: own_first(aws, found.security_groups().to_vec()).await?,
            listeners: listeners.iter().map(listener::output).collect::<Result<_>>()?,
        }))
    }

    /// The listener for requests whose protocol nobody names: for HTTPS if there is one, on the usual port if there are several.
    pub fn entry(&self) -> Option<&ListenerOutput> {
        let usual = |one: &ListenerOutput| !matches!((&*one.protocol, one.port), ("HTTPS", 443) | ("HTTP", 80));
        self.listeners.iter().min_by_key(|one| (one.protocol != "HTTPS", usual(one), one.port))
    }

    /// Whose rule has this priority on a listener; none if nobody else's has.
    ///
    /// # Errors
    /// Of the calls.
    pub async fn taken(aws: &Aws, owner: &Owner, listener: &str, priority: u32) -> Result<Option<String>> {
        let taken = ListenerRule::taken(aws, owner, listener).await?.into_iter();
        let mut others = taken.filter(|(other, _, ours)| u32::try_from(*other) == Ok(priority) && !ours);
        Ok(others.next().map(|(_, arn, _)| arn))
    }
}

/// The groups, beginning with one that a service of this provider made for its load balancer.
async fn own_first(aws: &Aws, mut groups: Vec<String>) -> Result<Vec<String>> {
    if groups.len() > 1 {
        let these = Filter::builder().name("group-id").set_values(Some(groups.clone())).build();
        let node = Filter::builder().name(format!("tag:{NODE_TAG}")).values("security_group/load_balancer").build();
        let own = security_group::with(aws, vec![these, node]).await?;
        groups.sort_by_key(|group| (!own.contains_key(group), group.clone()));
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_by_the_https_listener_if_there_is_one() {
        let entry = |listeners: &[(&str, i32)]| {
            let listeners = listeners.iter().map(|(protocol, port)| {
                let arn = format!("{protocol}:{port}");
                ListenerOutput { arn, protocol: (*protocol).into(), port: *port }
            });
            let front = Front {
                arn: String::new(),
                is_application: true,
                vpc: String::new(),
                zones: BTreeSet::new(),
                groups: Vec::new(),
                listeners: listeners.collect(),
            };
            front.entry().map(|one| one.arn.clone())
        };
        assert_eq!(entry(&[]), None);
        assert_eq!(entry(&[("HTTP", 8080), ("HTTP", 80)]).unwrap(), "HTTP:80");
        assert_eq!(entry(&[("HTTP", 80), ("HTTPS", 8443)]).unwrap(), "HTTPS:8443");
        assert_eq!(entry(&[("HTTPS", 99), ("HTTPS", 443), ("HTTP", 80)]).unwrap(), "HTTPS:443");
    }
}
