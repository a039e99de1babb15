//! Tags as ECS takes and gives them.

use aws_sdk_ecs::types::Tag;

use crate::aws::client::Aws;
use crate::aws::error::Result;
use crate::aws::object::Site;
use crate::aws::owner::Tags;

/// The tags a create call carries.
pub fn of(site: Site<'_>) -> Option<Vec<Tag>> {
    Some(list(&site.owner.tags_of(site.key)))
}

/// The tags of the object that is made, with others of the kind's own among them.
pub fn with(site: Site<'_>, more: impl FnOnce(Tags) -> Tags) -> Option<Vec<Tag>> {
    Some(list(&more(site.owner.tags_of(site.key))))
}

pub fn read(tags: &[Tag]) -> Tags {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))).collect()
}

pub async fn retag(aws: &Aws, arn: &str, set: &Tags, remove: &[String]) -> Result<()> {
    if !remove.is_empty() {
        let ask = aws.ecs.untag_resource().resource_arn(arn).set_tag_keys(Some(remove.to_vec()));
        aws.call("ecs:UntagResource", || ask.clone().send()).await?;
    }
    if !set.is_empty() {
        let ask = aws.ecs.tag_resource().resource_arn(arn).set_tags(Some(list(set)));
        aws.call("ecs:TagResource", || ask.clone().send()).await?;
    }
    Ok(())
}

fn list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
