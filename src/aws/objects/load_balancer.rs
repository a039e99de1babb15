//! Application Load Balancer. Whether it is internal is fixed at birth, and so part of its key.
//!
//! Listeners and services may use it while it still comes up, which takes minutes; the operation waits for that at its
//! end. A zone is taken from it only when no task is left there: tasks in a zone that it doesn't serve get no requests.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{
    IpAddressType, LoadBalancer as Described, LoadBalancerAttribute, LoadBalancerSchemeEnum as Scheme,
    LoadBalancerStateEnum as State, LoadBalancerTypeEnum,
};
use serde::{Deserialize, Serialize};

use super::association::Association;
use super::elb_tags;
use super::internet_gateway::InternetGateway;
use super::listener::Listener;
use super::security_group::{SecurityGroup, SecurityGroupId};
use super::subnet::{self, Subnet, SubnetId};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{After, AllOf, Ref};
use crate::aws::guests;
use crate::aws::object::{Life, Object, Output, Outputs, Pace, Ready, Seen, Site};
use crate::aws::owner::{Owner, Tags};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancerOutput {
    pub arn: String,
    pub dns_name: String,
    pub hosted_zone_id: String,
}

impl Output for LoadBalancerOutput {
    fn id(&self) -> &str {
        &self.arn
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancer {
    pub internal: bool,
    /// Seconds.
    pub idle_timeout: u32,
    pub deletion_protection: bool,
    pub drop_invalid_header_fields: bool,
}

const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";
const DELETION_PROTECTION: &str = "deletion_protection.enabled";
const DROP_INVALID: &str = "routing.http.drop_invalid_header_fields.enabled";
const ABSENT: &[&str] = &["LoadBalancerNotFound"];

impl LoadBalancer {
    /// The keys a stack's load balancer may have, by whether it is internal.
    pub fn key(internal: bool) -> &'static str {
        if internal { "load_balancer/internal" } else { "load_balancer/internet-facing" }
    }

    /// The place of the stack's own load balancer, as keys name it.
    pub fn own_place(internal: bool) -> &'static str {
        if internal { "internal" } else { "internet-facing" }
    }

    /// The place of a load balancer that the user gave: `app/NAME/ID`.
    pub fn place(arn: &str) -> Option<&str> {
        arn.split_once(":loadbalancer/").map(|(_, place)| place)
    }

    /// The places where a stack may have its target group.
    pub(super) fn places(owner: &Owner) -> Vec<String> {
        let own = [false, true].map(|internal| Self::own_place(internal).to_owned());
        own.into_iter().chain(Self::given_arns(owner).filter_map(Self::place).map(str::to_owned)).collect()
    }

    /// The load balancers that the user gave and this stack is behind, or was, by ARN.
    pub(super) fn given_arns(owner: &Owner) -> impl Iterator<Item = &str> {
        owner.hosts.iter().map(String::as_str).filter(|arn| Self::place(arn).is_some())
    }

    fn name(owner: &Owner, key: &str) -> String {
        owner.unique_name(key, 32)
    }

    /// The stack's load balancers, each with its key and tags.
    pub(super) async fn of(aws: &Aws, owner: &Owner) -> Result<Vec<(String, Described, Tags)>> {
        aws.once("load balancers", || Self::found(aws, owner)).await
    }

    async fn found(aws: &Aws, owner: &Owner) -> Result<Vec<(String, Described, Tags)>> {
        let looks = [true, false].map(|internal| async move {
            let name = Self::name(owner, Self::key(internal));
            let ask = || aws.elb.describe_load_balancers().names(&name).send();
            let found = aws.call("elasticloadbalancing:DescribeLoadBalancers", ask).await.absent(ABSENT)?;
            Ok::<_, Error>(found.and_then(|found| found.load_balancers).unwrap_or_default())
        });
        let found: Vec<Described> = futures::future::try_join_all(looks).await?.concat();
        let arns = found.iter().filter_map(|balancer| balancer.load_balancer_arn.clone()).collect();
        let mut tags = elb_tags::read(aws, arns).await?;
        let ours = found.into_iter().filter_map(|balancer| {
            let tags = tags.remove(balancer.load_balancer_arn()?)?;
            Some((owner.key_in(&tags)?, balancer, tags))
        });
        Ok(ours.collect())
    }

    /// The load balancers in front of this stack: its own, and those that it was given.
    pub(super) async fn in_front(aws: &Aws, owner: &Owner) -> Result<Vec<LoadBalancerOutput>> {
        let own = Self::of(aws, owner).await?;
        let mut fronts = own.iter().map(|(_, one, _)| LoadBalancerOutput::of(one)).collect::<Result<Vec<_>>>()?;
        for arn in Self::given_arns(owner) {
            fronts.extend(Self::output(aws, arn).await?);
        }
        Ok(fronts)
    }

    /// Whether this DNS name is, or once was, that of one of the stack's own load balancers: AWS puts a number behind the
    /// name, and `internal-` before it.
    pub(super) fn had_name(owner: &Owner, dns_name: &str) -> bool {
        let label = dns_name.split('.').next().unwrap_or_default().to_lowercase();
        [true, false].into_iter().any(|internal| {
            let name = Self::name(owner, Self::key(internal)).to_lowercase();
            let rest = label.strip_prefix("internal-").unwrap_or(&label).strip_prefix(&name);
            rest.and_then(|rest| rest.strip_prefix('-')).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        })
    }

    async fn attributes(aws: &Aws, balancer: &Described) -> Result<Option<Self>> {
        let arn = balancer.load_balancer_arn().unwrap_or_default();
        let ask = || aws.elb.describe_load_balancer_attributes().load_balancer_arn(arn).send();
        let found = aws.call("elasticloadbalancing:DescribeLoadBalancerAttributes", ask).await.absent(ABSENT)?;
        let Some(found) = found else { return Ok(None) };
        let value = |key: &str| found.attributes().iter().find(|a| a.key() == Some(key)).and_then(|a| a.value());
        Ok(Some(Self {
            internal: balancer.scheme() == Some(&Scheme::Internal),
            idle_timeout: value(IDLE_TIMEOUT).and_then(|text| text.parse().ok()).unwrap_or(60),
            deletion_protection: value(DELETION_PROTECTION) == Some("true"),
            drop_invalid_header_fields: value(DROP_INVALID) == Some("true"),
        }))
    }

    async fn set_subnets<'a>(aws: &Aws, arn: &str, subnets: impl Iterator<Item = &'a SubnetId>) -> Result<()> {
        let subnets: Vec<String> = subnets.map(|subnet| subnet.0.clone()).collect();
        let ask = || aws.elb.set_subnets().load_balancer_arn(arn).set_subnets(Some(subnets.clone())).send();
        aws.call("elasticloadbalancing:SetSubnets", ask).await.map(drop)
    }

    /// Adds subnets. Those that go are taken away in `complete`, but where another takes their place: AWS takes one of a zone.
    async fn add_subnets(aws: &Aws, arn: &str, subnets: &BTreeSet<SubnetId>) -> Result<()> {
        let Some(found) = Self::look(aws, arn).await? else { return Err(Error::lacks("the load balancer")) };
        let places = subnet::look_up(aws, subnets.iter().map(|subnet| subnet.0.clone())).await?;
        let taken: BTreeSet<&str> = places.iter().map(|place| place.availability_zone.as_str()).collect();
        let kept =
            found.availability_zones().iter().filter(|zone| !zone.zone_name().is_some_and(|z| taken.contains(z)));
        let kept: BTreeSet<SubnetId> = kept.filter_map(|zone| Some(SubnetId(zone.subnet_id()?.to_owned()))).collect();
        Self::set_subnets(aws, arn, kept.union(subnets)).await
    }

    /// What others take of the one with this ARN, whosever it is.
    pub(super) async fn output(aws: &Aws, arn: &str) -> Result<Option<LoadBalancerOutput>> {
        aws.once(arn, || Self::look(aws, arn)).await?.as_ref().map(LoadBalancerOutput::of).transpose()
    }

    /// An error if the load balancer of one of these target groups has failed: what waits for it waits in vain.
    pub(super) async fn of_groups_stand(aws: &Aws, groups: Vec<String>) -> Result<()> {
        let ask = || aws.elb.describe_target_groups().set_target_group_arns(Some(groups.clone())).send();
        let groups =
            aws.call("elasticloadbalancing:DescribeTargetGroups", ask).await.absent(&["TargetGroupNotFound"])?;
        for arn in groups.iter().flat_map(|found| found.target_groups()).flat_map(|group| group.load_balancer_arns()) {
            Self::look(aws, arn).await?.map_or(Ok(()), |found| not_failed(&found))?;
        }
        Ok(())
    }

    pub(in crate::aws) async fn look(aws: &Aws, arn: &str) -> Result<Option<Described>> {
        let ask = || aws.elb.describe_load_balancers().load_balancer_arns(arn).send();
        let found = aws.call("elasticloadbalancing:DescribeLoadBalancers", ask).await.absent(ABSENT)?;
        Ok(found.and_then(|found| found.load_balancers().first().cloned()))
    }
}

impl LoadBalancerOutput {
    pub(super) fn of(balancer: &Described) -> Result<Self> {
        Ok(Self {
            arn: Error::required(balancer.load_balancer_arn(), "LoadBalancerArn")?,
            dns_name: Error::required(balancer.dns_name(), "DNSName")?,
            hosted_zone_id: Error::required(balancer.canonical_hosted_zone_id(), "CanonicalHostedZoneId")?,
        })
    }
}

fn ids(groups: &BTreeSet<SecurityGroupId>) -> Vec<String> {
    groups.iter().map(|group| group.0.clone()).collect()
}

fn not_failed(balancer: &Described) -> Result<()> {
    let (state, why) = balancer.state().map_or((None, None), |state| (state.code(), state.reason()));
    match (state, why.unwrap_or("AWS gives no reason")) {
        (Some(State::Failed), why) => Err(Error::Failed(format!("the load balancer failed: {why}"))),
        _ => Ok(()),
    }
}

fn needs_of(balancer: &Described) -> Outputs<LoadBalancer> {
    let subnets = balancer.availability_zones().iter().filter_map(|zone| zone.subnet_id());
    let groups = balancer.security_groups().iter().cloned().map(SecurityGroupId);
    (subnets.map(|id| SubnetId(id.to_owned())).collect(), groups.collect(), ())
}

impl Object for LoadBalancer {
    const KIND: &'static str = "load balancer";
    type Needs =
        (AllOf<Ref<Subnet>>, AllOf<Ref<SecurityGroup>>, After<(Option<Ref<InternetGateway>>, AllOf<Ref<Association>>)>);
    type Output = LoadBalancerOutput;
    const HOSTS: bool = true;
    // Seen to take 135 to 190 s.
    const PACE: Pace = Pace::seconds(60, 5);

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let looks = Self::of(aws, owner).await?.into_iter().map(|(key, balancer, tags)| async move {
            let life = match balancer.state().and_then(|state| state.code()) {
                Some(State::Failed) => Life::Dead,
                Some(State::Provisioning) => Life::Rising,
                _ => Life::Standing,
            };
            let Some(actual) = Self::attributes(aws, &balancer).await? else { return Ok(None) };
            let (output, needs) = (LoadBalancerOutput::of(&balancer)?, needs_of(&balancer));
            Ok::<_, Error>(Some(Seen { key, output, needs, life, actual, tags }))
        });
        Ok(futures::future::try_join_all(looks).await?.into_iter().flatten().collect())
    }

    async fn create(&self, site: Site<'_>, (subnets, groups, ()): &Outputs<Self>) -> Result<LoadBalancerOutput> {
        let ask = site.aws.elb.create_load_balancer().name(Self::name(site.owner, site.key));
        let ask = ask.set_subnets(Some(subnets.iter().map(|subnet| subnet.0.clone()).collect()));
        let ask = ask.set_security_groups(Some(ids(groups))).r#type(LoadBalancerTypeEnum::Application);
        let ask = ask.scheme(if self.internal { Scheme::Internal } else { Scheme::InternetFacing });
        let ask = ask.ip_address_type(IpAddressType::Ipv4).set_tags(elb_tags::of(site));
        let made = site.aws.call("elasticloadbalancing:CreateLoadBalancer", || ask.clone().send()).await?;
        LoadBalancerOutput::of(made.load_balancers().first().ok_or_else(|| Error::lacks("LoadBalancers"))?)
    }

    async fn settle(
        &self,
        site: Site<'_>,
        balancer: &LoadBalancerOutput,
        needs: &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<LoadBalancerOutput> {
        let (aws, arn) = (site.aws, &balancer.arn);
        let attribute = |key: &str, value: String| LoadBalancerAttribute::builder().key(key).value(value).build();
        let attributes = vec![
            attribute(IDLE_TIMEOUT, self.idle_timeout.to_string()),
            attribute(DELETION_PROTECTION, self.deletion_protection.to_string()),
            attribute(DROP_INVALID, self.drop_invalid_header_fields.to_string()),
        ];
        if seen.is_none_or(|seen| seen.actual != *self) {
            let ask = aws.elb.modify_load_balancer_attributes().load_balancer_arn(arn).set_attributes(Some(attributes));
            aws.call("elasticloadbalancing:ModifyLoadBalancerAttributes", || ask.clone().send()).await?;
        }
        let (subnets, groups, _) = needs;
        if seen.is_some_and(|seen| !subnets.is_subset(&seen.needs.0)) {
            Self::add_subnets(aws, arn, subnets).await?;
        }
        if seen.is_some_and(|seen| seen.needs.1 != *groups) {
            let ask =
                || aws.elb.set_security_groups().load_balancer_arn(arn).set_security_groups(Some(ids(groups))).send();
            aws.call("elasticloadbalancing:SetSecurityGroups", ask).await?;
        }
        Ok(balancer.clone())
    }

    async fn complete(&self, aws: &Aws, balancer: &LoadBalancerOutput, needs: &Outputs<Self>) -> Result<Ready> {
        let Some(found) = Self::look(aws, &balancer.arn).await? else {
            return Ok(Ready::NotYet("the load balancer is not visible yet".into()));
        };
        if needs_of(&found).0.is_superset(&needs.0) && needs_of(&found).0 != needs.0 {
            Self::set_subnets(aws, &balancer.arn, needs.0.iter()).await?;
        }
        not_failed(&found)?;
        match found.state().and_then(|state| state.code()) {
            // Impaired: AWS could not give it all its capacity, but it serves.
            Some(State::Active | State::ActiveImpaired) => Ok(Ready::Yes),
            state => Ok(Ready::NotYet(format!("the load balancer is {}", state.map_or("in no state", State::as_str)))),
        }
    }

    async fn retag(aws: &Aws, balancer: &LoadBalancerOutput, set: &Tags, remove: &[String]) -> Result<()> {
        elb_tags::retag(aws, &balancer.arn, set, remove).await
    }

    async fn given(aws: &Aws, arn: &str) -> Result<Option<LoadBalancerOutput>> {
        Self::output(aws, arn).await
    }

    async fn guests(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<BTreeSet<String>> {
        let listeners = Listener::of(aws, &seen.output.arn).await?;
        let arns = listeners.iter().filter_map(|listener| listener.listener_arn.clone()).collect();
        let tags = elb_tags::read(aws, arns).await?;
        let guests = listeners.iter().filter_map(|listener| {
            let (arn, port) = (listener.listener_arn()?, listener.port().unwrap_or_default());
            guests::in_words(owner, &format!("the listener {arn} (port {port})"), tags.get(arn)?)
        });
        Ok(guests.collect())
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let arn = &seen.output.arn;
        let ask = || aws.elb.delete_load_balancer().load_balancer_arn(arn).send();
        aws.call("elasticloadbalancing:DeleteLoadBalancer", ask).await.absent(ABSENT).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::owner::Identity;

    #[test]
    fn a_load_balancer_of_ours_is_told_by_its_dns_name() {
        let identity = Identity { account: "123456789012".into(), region: "eu-west-3".into(), name: "Web".into() };
        let owner = Owner { identity, partition: "aws".into(), ..Owner::default() };
        let name = LoadBalancer::name(&owner, LoadBalancer::key(false)).to_lowercase();
        let had = |dns: String| LoadBalancer::had_name(&owner, &dns);
        assert!(had(format!("{name}-1234567890.eu-west-3.elb.amazonaws.com")));
        assert!(had(format!("internal-{name}-1234567890.eu-west-3.elb.amazonaws.com")));
        assert!(!had(format!("{name}-x-1.eu-west-3.elb.amazonaws.com")));
        assert!(!had("other-1234567890.eu-west-3.elb.amazonaws.com".into()));
    }
}
