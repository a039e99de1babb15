//! Listener: one port of the load balancer, forwarding to the target group or sending on to HTTPS. AWS keeps one per port.
//!
//! Its rules and further certificates may be guests: those that other stacks put there.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate as Named, Listener as Described, LoadBalancerStateEnum, ProtocolEnum,
    RedirectActionConfig, RedirectActionStatusCodeEnum as Code, Rule,
};
use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, CertificateArn};
use super::certificate_validation::CertificateValidation;
use super::load_balancer::{LoadBalancer, LoadBalancerOutput};
use super::security_group_rule::SecurityGroupRule;
use super::target_group::{TargetGroup, TargetGroupArn};
use super::{elb_tags, listener_certificate};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{After, AllOf, Ref};
use crate::aws::guests;
use crate::aws::object::{Life, Object, Output, Outputs, Seen, Site};
use crate::aws::observe;
use crate::aws::owner::{Owner, Tags};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListenerOutput {
    pub arn: String,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    pub port: i32,
}

impl Output for ListenerOutput {
    fn id(&self) -> &str {
        &self.arn
    }
}

/// Forwards to the target group among its needs, or has none and redirects. HTTPS has the certificate among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    pub port: i32,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// Which versions of TLS and ciphers; none for HTTP.
    pub ssl_policy: Option<String>,
    /// Answers with the same address on HTTPS (301).
    pub redirect: bool,
}

pub const HTTP: i32 = 80;
pub const HTTPS: i32 = 443;

impl Listener {
    pub fn http(redirect: bool) -> Self {
        Self { port: HTTP, protocol: ProtocolEnum::Http.as_str().into(), ssl_policy: None, redirect }
    }

    pub fn https(policy: &str) -> Self {
        let (protocol, ssl_policy) = (ProtocolEnum::Https.as_str().into(), Some(policy.to_owned()));
        Self { port: HTTPS, protocol, ssl_policy, redirect: false }
    }

    /// The key of the stack's own listener on a port, by whether its load balancer is internal.
    pub fn key(internal: bool, port: i32) -> String {
        format!("listener/{}/{port}", LoadBalancer::own_place(internal))
    }

    /// The ARN of the load balancer that a listener is of, by the listener's.
    pub fn balancer(arn: &str) -> Option<String> {
        let (begin, place) = arn.split_once(":listener/")?;
        let (balancer, _) = place.rsplit_once('/')?;
        Some(format!("{begin}:loadbalancer/{balancer}"))
    }

    /// The place of a listener that the user gave: `app/NAME/ID/ID`.
    pub fn place(arn: &str) -> Option<&str> {
        arn.split_once(":listener/").map(|(_, place)| place)
    }

    /// All listeners of a load balancer.
    pub(in crate::aws) async fn of(aws: &Aws, balancer: &str) -> Result<Vec<Described>> {
        aws.once(balancer, || Self::found(aws, balancer)).await
    }

    async fn found(aws: &Aws, balancer: &str) -> Result<Vec<Described>> {
        let ask = || async {
            let pages = aws.elb.describe_listeners().load_balancer_arn(balancer).into_paginator();
            pages.items().send().try_collect().await
        };
        let found = aws.call("elasticloadbalancing:DescribeListeners", ask).await;
        Ok(found.absent(&["LoadBalancerNotFound"])?.unwrap_or_default())
    }

    /// The stack's own listeners, by key.
    pub(super) async fn ours(aws: &Aws, owner: &Owner) -> Result<Vec<(String, ListenerOutput)>> {
        Ok(observe::all::<Self>(aws, owner).await?.into_iter().map(|seen| (seen.key, seen.output)).collect())
    }

    /// The rules of a listener but its default one, with their tags.
    pub(super) async fn rules(aws: &Aws, listener: &str) -> Result<Vec<(Rule, Tags)>> {
        let ask = || async {
            let pages = aws.elb.describe_rules().listener_arn(listener).into_paginator();
            pages.items().send().try_collect().await
        };
        let found: Option<Vec<Rule>> =
            aws.call("elasticloadbalancing:DescribeRules", ask).await.absent(&["ListenerNotFound"])?;
        let rules: Vec<Rule> =
            found.unwrap_or_default().into_iter().filter(|rule| rule.is_default() != Some(true)).collect();
        let arns = rules.iter().filter_map(|rule| rule.rule_arn.clone()).collect();
        let mut tags = elb_tags::read(aws, arns).await?;
        let tagged = |rule: Rule| {
            let tags = tags.remove(rule.rule_arn().unwrap_or_default()).unwrap_or_default();
            (rule, tags)
        };
        Ok(rules.into_iter().map(tagged).collect())
    }

    fn action(&self, group: Option<&TargetGroupArn>) -> Action {
        let action = Action::builder();
        match group {
            Some(group) => action.r#type(ActionTypeEnum::Forward).target_group_arn(&group.0).build(),
            None => action.r#type(ActionTypeEnum::Redirect).redirect_config(to_https()).build(),
        }
    }

    fn certificates(certificate: Option<&CertificateArn>) -> Option<Vec<Named>> {
        certificate.map(|arn| vec![Named::builder().certificate_arn(&arn.0).build()])
    }
}

fn to_https() -> RedirectActionConfig {
    let config = RedirectActionConfig::builder().protocol("HTTPS").port("443").status_code(Code::Http301);
    config.host("#{host}").path("/#{path}").query("#{query}").build()
}

/// What is told of a listener. Its action, where it isn't one of ours, is a forward to nothing.
fn seen(listener: &Described, balancer: &LoadBalancerOutput, key: String, tags: Tags) -> Result<Seen<Listener>> {
    let protocol = listener.protocol().map(ProtocolEnum::as_str).unwrap_or_default().to_owned();
    let port = listener.port().unwrap_or_default();
    let redirect = listener.default_actions().iter().any(|action| action.redirect_config() == Some(&to_https()));
    let target = listener.default_actions().iter().find_map(|action| action.target_group_arn()).unwrap_or_default();
    let target = (!redirect).then(|| TargetGroupArn(target.to_owned()));
    let certificate = listener.certificates().iter().find_map(|one| one.certificate_arn());
    let certificate = certificate.map(|arn| CertificateArn(arn.to_owned()));
    // Of a listener that speaks no TLS nothing is to be read there, whatever it tells.
    let ssl_policy = listener.ssl_policy().filter(|_| protocol == ProtocolEnum::Https.as_str()).map(str::to_owned);
    Ok(Seen {
        key,
        output: output(listener)?,
        needs: (balancer.clone(), target, certificate, ()),
        life: Life::Standing,
        actual: Listener { port, protocol, ssl_policy, redirect },
        tags,
    })
}

pub(in crate::aws) fn output(listener: &Described) -> Result<ListenerOutput> {
    Ok(ListenerOutput {
        arn: Error::required(listener.listener_arn(), "ListenerArn")?,
        protocol: listener.protocol().map(ProtocolEnum::as_str).unwrap_or_default().to_owned(),
        port: listener.port().unwrap_or_default(),
    })
}

impl Object for Listener {
    const KIND: &'static str = "listener";
    // One that redirects, or takes requests no more, waits for the one that takes them, and for its port to be open.
    type Needs = (
        Ref<LoadBalancer>,
        Option<Ref<TargetGroup>>,
        Option<Ref<Certificate>>,
        After<(AllOf<Ref<SecurityGroupRule>>, Option<Ref<Self>>, Option<Ref<CertificateValidation>>)>,
    );
    type Output = ListenerOutput;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let mut all = Vec::new();
        for (_, balancer, _) in LoadBalancer::of(aws, owner).await? {
            // With one that failed its listeners go too.
            let failed = balancer.state().and_then(|state| state.code()) == Some(&LoadBalancerStateEnum::Failed);
            let balancer = LoadBalancerOutput::of(&balancer)?;
            let found = Self::of(aws, &balancer.arn).await?;
            let arns = found.iter().filter_map(|listener| listener.listener_arn.clone()).collect();
            let mut tags = elb_tags::read(aws, arns).await?;
            for listener in &found {
                let tags = tags.remove(listener.listener_arn().unwrap_or_default()).unwrap_or_default();
                if let Some(key) = owner.key_in(&tags) {
                    let one = seen(listener, &balancer, key, tags)?;
                    all.push(if failed { Seen { life: Life::Dead, ..one } } else { one });
                }
            }
        }
        Ok(all)
    }

    async fn create(
        &self,
        site: Site<'_>,
        (balancer, group, certificate, ()): &Outputs<Self>,
    ) -> Result<ListenerOutput> {
        let ask = site.aws.elb.create_listener().load_balancer_arn(&balancer.arn);
        let ask = ask.port(self.port).protocol(self.protocol.as_str().into());
        let ask = ask.default_actions(self.action(group.as_ref())).set_ssl_policy(self.ssl_policy.clone());
        let ask = ask.set_certificates(Self::certificates(certificate.as_ref())).set_tags(elb_tags::of(site));
        let made = site.aws.call("elasticloadbalancing:CreateListener", || ask.clone().send()).await?;
        output(made.listeners().first().ok_or_else(|| Error::lacks("Listeners"))?)
    }

    async fn settle(
        &self,
        site: Site<'_>,
        listener: &ListenerOutput,
        (_, group, certificate, ()): &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<ListenerOutput> {
        if seen.is_some() {
            let ask = site.aws.elb.modify_listener().listener_arn(&listener.arn).port(self.port);
            let ask = ask.protocol(self.protocol.as_str().into()).default_actions(self.action(group.as_ref()));
            let ask = ask.set_ssl_policy(self.ssl_policy.clone());
            let ask = ask.set_certificates(Self::certificates(certificate.as_ref()));
            site.aws.call("elasticloadbalancing:ModifyListener", || ask.clone().send()).await?;
        }
        Ok(ListenerOutput { protocol: self.protocol.clone(), port: self.port, ..listener.clone() })
    }

    async fn retag(aws: &Aws, listener: &ListenerOutput, set: &Tags, remove: &[String]) -> Result<()> {
        elb_tags::retag(aws, &listener.arn, set, remove).await
    }

    async fn given(aws: &Aws, arn: &str) -> Result<Option<ListenerOutput>> {
        let ask = || aws.elb.describe_listeners().listener_arns(arn).send();
        let found = aws.call("elasticloadbalancing:DescribeListeners", ask).await;
        let found = found.absent(&["ListenerNotFound", "LoadBalancerNotFound"])?;
        found.and_then(|found| found.listeners).unwrap_or_default().first().map(output).transpose()
    }

    async fn guests(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<BTreeSet<String>> {
        let rules = Self::rules(aws, &seen.output.arn).await?;
        let rules = rules.iter().filter_map(|(rule, tags)| {
            let (arn, priority) = (rule.rule_arn().unwrap_or_default(), rule.priority().unwrap_or_default());
            guests::in_words(owner, &format!("the listener rule {arn} (priority {priority})"), tags)
        });
        Ok(rules.chain(listener_certificate::of_others(aws, owner, &seen.output.arn).await?).collect())
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let arn = &seen.output.arn;
        let ask = || aws.elb.delete_listener().listener_arn(arn).send();
        aws.call("elasticloadbalancing:DeleteListener", ask).await.absent(&["ListenerNotFound"]).map(drop)
    }
}
