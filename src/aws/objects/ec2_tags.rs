//! Tags as EC2 takes, gives and finds by.

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};

use crate::aws::client::Aws;
use crate::aws::error::Result;
use crate::aws::object::Site;
use crate::aws::owner::{Owner, STACK_TAG, Tags};

/// Finds what the owner's stack has.
pub fn filters(owner: &Owner) -> Option<Vec<Filter>> {
    let stack = owner.identity.to_string();
    Some(vec![Filter::builder().name(format!("tag:{STACK_TAG}")).values(stack).build()])
}

/// The tags a create call carries.
pub fn specification(site: Site<'_>, kind: ResourceType) -> TagSpecification {
    let tags = site.owner.tags_of(site.key).into_iter().map(tag).collect();
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()
}

pub fn read(tags: &[Tag]) -> Tags {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect()
}

pub async fn retag(aws: &Aws, id: &str, set: &Tags, remove: &[String]) -> Result<()> {
    if !remove.is_empty() {
        let tags: Vec<Tag> = remove.iter().map(|key| Tag::builder().key(key).build()).collect();
        aws.call("ec2:DeleteTags", || aws.ec2.delete_tags().resources(id).set_tags(Some(tags.clone())).send()).await?;
    }
    if !set.is_empty() {
        let tags: Vec<Tag> = set.clone().into_iter().map(tag).collect();
        aws.call("ec2:CreateTags", || aws.ec2.create_tags().resources(id).set_tags(Some(tags.clone())).send()).await?;
    }
    Ok(())
}

fn tag((key, value): (String, String)) -> Tag {
    Tag::builder().key(key).value(value).build()
}
