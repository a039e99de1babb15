//! Alias record: a name of the service in its hosted zone, for the load balancer's address.
//!
//! Records carry no tags. One is ours if the stack's own certificate has its name, and it leads to a load balancer of the
//! stack's own. To one that was given others' records lead too: there ours has a TXT record beside it, written and deleted with
//! it, that names the stack. Another record under the name is somebody's, an error that names it.

use std::collections::BTreeMap;

use aws_sdk_route53::types::{AliasTarget, ChangeAction, ChangeStatus, ResourceRecord, ResourceRecordSet, RrType};
use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, Ours};
use super::hosted_zone_records::{change, find, in_words, incomplete, plain};
use super::listener::Listener;
use super::listener_certificate::ListenerCertificate;
use super::listener_rule::ListenerRule;
use super::load_balancer::{LoadBalancer, LoadBalancerOutput};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{After, AllOf, Ref};
use crate::aws::object::{Life, Object, Output, Outputs, Pace, Ready, Seen, Site};
use crate::aws::owner::{Owner, STACK_TAG, Tags};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasRecord {
    pub zone_id: String,
    pub name: String,
    /// A TXT record beside it says whose it is.
    pub marked: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasRecordOutput {
    /// `Z123_www.example.com_A`
    pub id: String,
    /// The change that wrote it, in this run.
    #[serde(skip)]
    pub change: Option<String>,
}

impl Output for AliasRecordOutput {
    fn id(&self) -> &str {
        &self.id
    }
}

impl AliasRecord {
    pub fn key(&self) -> String {
        format!("alias_record/{}/{}", self.zone_id, self.name)
    }

    fn output(&self, change: Option<String>) -> AliasRecordOutput {
        AliasRecordOutput { id: format!("{}_{}_A", self.zone_id, self.name), change }
    }

    fn record(&self, balancer: &LoadBalancerOutput) -> Result<ResourceRecordSet> {
        let target = AliasTarget::builder().hosted_zone_id(&balancer.hosted_zone_id).dns_name(&balancer.dns_name);
        let target = target.evaluate_target_health(false).build().map_err(incomplete)?;
        let set = ResourceRecordSet::builder().name(&self.name).r#type(RrType::A).alias_target(target);
        set.build().map_err(incomplete)
    }

    /// The name of the mark; `*` stands first in a name or nowhere.
    fn mark_name(&self) -> String {
        match self.name.strip_prefix("*.") {
            Some(rest) => format!("_fargate-wildcard.{rest}"),
            None => format!("_fargate.{}", self.name),
        }
    }

    fn mark(&self, owner: &Owner) -> Result<ResourceRecordSet> {
        let value = ResourceRecord::builder().value(format!("\"{STACK_TAG}={}\"", owner.identity));
        let set = ResourceRecordSet::builder().name(self.mark_name()).r#type(RrType::Txt).ttl(300);
        set.resource_records(value.build().map_err(incomplete)?).build().map_err(incomplete)
    }

    /// The mark that stands, whosever it is.
    async fn marked(&self, aws: &Aws) -> Result<Option<ResourceRecordSet>> {
        find(aws, &self.zone_id, &self.mark_name(), RrType::Txt).await
    }

    fn is_ours(&self, owner: &Owner, mark: &ResourceRecordSet) -> bool {
        self.mark(owner).is_ok_and(|ours| ours.resource_records() == mark.resource_records())
    }

    /// Writes the record, and its mark where it wants one. A mark that it doesn't want any more goes.
    async fn write(
        &self,
        site: Site<'_>,
        action: ChangeAction,
        balancer: &LoadBalancerOutput,
        mark: Option<ResourceRecordSet>,
    ) -> Result<AliasRecordOutput> {
        let mut changes = vec![(action, self.record(balancer)?)];
        if self.marked {
            changes.push((ChangeAction::Upsert, self.mark(site.owner)?));
        } else if let Some(mark) = mark.filter(|mark| self.is_ours(site.owner, mark)) {
            changes.push((ChangeAction::Delete, mark));
        }
        let change = change(site.aws, &self.zone_id, changes).await?;
        Ok(self.output(Some(change)))
    }

    /// What stands under the name, if it keeps an alias record from standing there.
    async fn in_the_way(&self, aws: &Aws) -> Result<Option<ResourceRecordSet>> {
        match find(aws, &self.zone_id, &self.name, RrType::A).await? {
            Some(found) => Ok(Some(found)),
            None => find(aws, &self.zone_id, &self.name, RrType::Cname).await,
        }
    }
}

/// Where a record leads to, if it is an alias.
fn target(set: &ResourceRecordSet) -> Option<String> {
    let name = plain(set.alias_target()?.dns_name());
    Some(name.strip_prefix("dualstack.").map(str::to_owned).unwrap_or(name))
}

impl Object for AliasRecord {
    const KIND: &'static str = "alias record";
    // The certificate by which it is found outlives it.
    type Needs = (
        Ref<LoadBalancer>,
        After<(Ref<Certificate>, AllOf<Ref<Listener>>, Option<Ref<ListenerRule>>, Option<Ref<ListenerCertificate>>)>,
    );
    type Output = AliasRecordOutput;
    const TAGGED: bool = false;
    const PACE: Pace = Pace::seconds(20, 10);

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let certificates = Certificate::of(aws, owner).await?;
        let mut fronts = None;
        let mut seen = BTreeMap::new();
        for Ours { key, detail, .. } in &certificates {
            let Some(zone) = Certificate::zone(key) else { continue };
            for name in detail.subject_alternative_names() {
                let mut record = Self { zone_id: zone.to_owned(), name: name.clone(), marked: false };
                let Some(target) = find(aws, zone, name, RrType::A).await?.as_ref().and_then(target) else { continue };
                if fronts.is_none() {
                    fronts = Some(LoadBalancer::in_front(aws, owner).await?);
                }
                let there = fronts.iter().flatten().find(|front| front.dns_name.eq_ignore_ascii_case(&target)).cloned();
                if LoadBalancer::given_arns(owner).next().is_some() {
                    let mark = record.marked(aws).await?;
                    record.marked = mark.is_some_and(|mark| record.is_ours(owner, &mark));
                }
                // Names of our own load balancers hold a hash of the stack.
                if !record.marked && !LoadBalancer::had_name(owner, &target) {
                    continue;
                }
                let (arn, hosted_zone_id) = (String::new(), String::new());
                let needs = there.unwrap_or(LoadBalancerOutput { arn, dns_name: target, hosted_zone_id });
                let (output, life) = (record.output(None), Life::Standing);
                let one =
                    Seen { key: record.key(), output, needs: (needs, ()), life, actual: record, tags: Tags::new() };
                seen.insert(one.key.clone(), one);
            }
        }
        Ok(seen.into_values().collect())
    }

    async fn create(&self, site: Site<'_>, (balancer, ()): &Outputs<Self>) -> Result<AliasRecordOutput> {
        let marked = || async { if self.marked { self.marked(site.aws).await } else { Ok(None) } };
        if let Some(mark) = marked().await?.filter(|mark| !self.is_ours(site.owner, mark)) {
            let (zone, mark) = (&self.zone_id, in_words(&mark));
            return Err(Error::InTheWay(format!("in the hosted zone {zone} the name is another service's: {mark}")));
        }
        let refused = match self.write(site, ChangeAction::Create, balancer, None).await {
            Err(error) if error.code() == Some("InvalidChangeBatch") => error,
            written => return written,
        };
        let Some(there) = self.in_the_way(site.aws).await? else { return Err(refused) };
        // Written by a call whose answer was lost, its mark too, or left by a load balancer of ours that is gone.
        let known = marked().await?.is_some_and(|mark| self.is_ours(site.owner, &mark));
        let ours = |name: String| known || LoadBalancer::had_name(site.owner, &name);
        if *there.r#type() == RrType::A && target(&there).is_some_and(ours) {
            return self.write(site, ChangeAction::Upsert, balancer, None).await;
        }
        Err(Error::InTheWay(format!(
            "the hosted zone {} has a record of that name already, which this service did not make: {}. Remove it, or use \
             another name.",
            self.zone_id,
            in_words(&there)
        )))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        output: &AliasRecordOutput,
        (balancer, ()): &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<AliasRecordOutput> {
        let Some(seen) = seen else { return Ok(output.clone()) };
        let mark = if seen.actual.marked && !self.marked { self.marked(site.aws).await? } else { None };
        self.write(site, ChangeAction::Upsert, balancer, mark).await
    }

    async fn ready(&self, aws: &Aws, output: &AliasRecordOutput) -> Result<Ready> {
        let Some(change) = &output.change else { return Ok(Ready::Yes) };
        let ask = || aws.route53.get_change().id(change).send();
        let found = aws.call("route53:GetChange", ask).await.absent(&["NoSuchChange"])?;
        let pending = found.and_then(|found| found.change_info).filter(|info| *info.status() == ChangeStatus::Pending);
        Ok(match pending {
            Some(_) => Ready::NotYet(format!("Route 53's name servers don't all know {} yet", self.name)),
            None => Ready::Yes,
        })
    }

    async fn delete(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<()> {
        let Self { zone_id, name, marked } = &seen.actual;
        let there = find(aws, zone_id, name, RrType::A).await?;
        let still =
            |set: &ResourceRecordSet| target(set).is_some_and(|to| to.eq_ignore_ascii_case(&seen.needs.0.dns_name));
        let mark = if *marked { seen.actual.marked(aws).await? } else { None };
        let mark = mark.filter(|mark| seen.actual.is_ours(owner, mark));
        let gone: Vec<_> = there.filter(still).into_iter().chain(mark).map(|set| (ChangeAction::Delete, set)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        match change(aws, zone_id, gone).await {
            // Gone or changed meanwhile: not ours any more.
            Err(error) if error.code() == Some("InvalidChangeBatch") => Ok(()),
            changed => changed.map(drop),
        }
    }
}
