//! Tags as Elastic Load Balancing takes and gives them. Its Describe calls know no tag filter: objects are found by name,
//! and proved ours by their tags.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::Tag;

use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::object::Site;
use crate::aws::owner::Tags;

/// One of those asked for went away meanwhile: none is told then, and whoever waits for absence looks again.
const ABSENT: &[&str] = &["ListenerNotFound", "LoadBalancerNotFound", "RuleNotFound", "TargetGroupNotFound"];

/// The tags a create call carries.
pub fn of(site: Site<'_>) -> Option<Vec<Tag>> {
    Some(list(&site.owner.tags_of(site.key)))
}

/// The tags of these load balancers, target groups, listeners or rules, by ARN.
pub async fn read(aws: &Aws, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
    let mut all = BTreeMap::new();
    // AWS takes 20 in a call.
    for arns in arns.chunks(20) {
        let ask = || aws.elb.describe_tags().set_resource_arns(Some(arns.to_vec())).send();
        let found = aws.call("elasticloadbalancing:DescribeTags", ask).await.absent(ABSENT)?;
        for about in found.as_ref().map(|found| found.tag_descriptions()).unwrap_or_default() {
            let tag = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
            let tags = about.tags().iter().filter_map(tag).collect();
            all.insert(about.resource_arn().unwrap_or_default().to_owned(), tags);
        }
    }
    Ok(all)
}

pub async fn retag(aws: &Aws, arn: &str, set: &Tags, remove: &[String]) -> Result<()> {
    if !remove.is_empty() {
        let ask = || aws.elb.remove_tags().resource_arns(arn).set_tag_keys(Some(remove.to_vec())).send();
        aws.call("elasticloadbalancing:RemoveTags", ask).await?;
    }
    if !set.is_empty() {
        let tags = list(set);
        let ask = || aws.elb.add_tags().resource_arns(arn).set_tags(Some(tags.clone())).send();
        aws.call("elasticloadbalancing:AddTags", ask).await?;
    }
    Ok(())
}

fn list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
