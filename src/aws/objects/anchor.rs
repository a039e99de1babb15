//! The anchor: one SSM parameter that stands for the whole stack. Made first and alone, deleted last.
//!
//! Its value is the stack's record. Creating it is atomic (no overwrite), so of two creates of one name, one wins.

use std::collections::BTreeSet;

use aws_sdk_ssm::types::{Parameter, ParameterTier, ParameterType, ResourceTypeForTagging, Tag};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Serialize};

use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::object::{Life, Object, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(
    /// The parameter's name.
    AnchorName
);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {}

/// How far a stack's life has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Creating,
    Complete,
    Deleting,
}

/// What the anchor says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackRecord {
    pub status: Status,
    /// See `Owner::generation`.
    #[serde(default)]
    pub generation: String,
    /// Token of the operation that works on the stack now; empty if none does. See `lease`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub holder: String,
    /// See `Owner::hosts`. Grows when an operation begins, shrinks only when one is through.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hosts: BTreeSet<String>,
}

impl StackRecord {
    /// Whether the service was made anew by another create than the one of this generation; empty where that is not known.
    pub fn is_later_than(&self, generation: &str) -> bool {
        !generation.is_empty() && !self.generation.is_empty() && self.generation != generation
    }
}

/// The record as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub record: StackRecord,
    /// Grows with every write.
    pub version: i64,
    /// When it was written last, by AWS's clock. For people: no decision is taken by it.
    pub written: Option<DateTime>,
}

impl Reading {
    /// The same time, as text.
    pub fn written_at(&self) -> Option<String> {
        self.written?.fmt(Format::DateTime).ok()
    }
}

/// What the names of all anchors begin with.
const PATH: &str = "/fargate/";

const ABSENT: &[&str] = &["ParameterNotFound"];

impl Anchor {
    /// The stack's record, if there is an anchor.
    pub async fn read(aws: &Aws, owner: &Owner) -> Result<Option<Reading>> {
        let name = owner.path();
        let ask = || aws.ssm.get_parameter().name(&name).send();
        let found = aws.call("ssm:GetParameter", ask).await.absent(ABSENT)?;
        let Some(parameter) = found.as_ref().and_then(|found| found.parameter()) else { return Ok(None) };
        let in_the_way = || {
            let why = "it exists, and is not the record of a stack";
            Error::InTheWay(format!("SSM parameter {name} is in the way: {why}"))
        };
        reading(parameter).map(Some).ok_or_else(in_the_way)
    }

    /// The records of all stacks in this account and region, by name. What only looks like an anchor is left out.
    pub async fn all(aws: &Aws) -> Result<Vec<(String, Reading)>> {
        let ask = || async { aws.ssm.get_parameters_by_path().path(PATH).into_paginator().send().try_collect().await };
        let pages = aws.call("ssm:GetParametersByPath", ask).await?;
        let named =
            |parameter: &Parameter| Some((parameter.name()?.strip_prefix(PATH)?.to_owned(), reading(parameter)?));
        Ok(pages.iter().flat_map(|page| page.parameters()).filter_map(named).collect())
    }

    /// Writes the stack's record over the present one; false if there was no anchor any more. Without a type SSM makes
    /// no parameter: a late write brings nothing back.
    pub async fn write(aws: &Aws, owner: &Owner, record: &StackRecord) -> Result<bool> {
        let (name, value) = (owner.path(), record.text()?);
        let ask = || aws.ssm.put_parameter().name(&name).value(&value).overwrite(true).send();
        match aws.call("ssm:PutParameter", ask).await {
            Err(error) if error.is_no_parameter() => Ok(false),
            written => written.map(|_| true),
        }
    }

    /// Deletes it, last of all; being gone already is success.
    pub async fn remove(aws: &Aws, owner: &Owner) -> Result<()> {
        let name = owner.path();
        let deleted = aws.call("ssm:DeleteParameter", || aws.ssm.delete_parameter().name(&name).send()).await;
        deleted.absent(ABSENT).map(drop)
    }
}

impl StackRecord {
    fn text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::Unexpected(error.to_string()))
    }
}

/// The record in a parameter, if it is one.
fn reading(parameter: &Parameter) -> Option<Reading> {
    let record = serde_json::from_str(parameter.value().unwrap_or_default()).ok()?;
    Some(Reading { record, version: parameter.version(), written: parameter.last_modified_date().copied() })
}

fn tag((key, value): (String, String)) -> Result<Tag> {
    Tag::builder().key(key).value(value).build().map_err(|error| Error::Unexpected(error.to_string()))
}

impl Object for Anchor {
    const KIND: &'static str = "anchor parameter";
    type Needs = ();
    type Output = AnchorName;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let name = owner.path();
        let parameter = ResourceTypeForTagging::Parameter;
        let ask = || aws.ssm.list_tags_for_resource().resource_type(parameter.clone()).resource_id(&name).send();
        let found = aws.call("ssm:ListTagsForResource", ask).await.absent(&["InvalidResourceId"])?;
        let tags: Tags = match &found {
            None => return Ok(Vec::new()),
            Some(found) => found.tag_list().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect(),
        };
        let Some(key) = owner.key_in(&tags) else { return Ok(Vec::new()) };
        Ok(vec![Seen { key, output: AnchorName(name), needs: (), life: Life::Standing, actual: Self {}, tags }])
    }

    async fn create(&self, site: Site<'_>, (): &()) -> Result<AnchorName> {
        let generation = site.owner.generation.clone();
        let holder = site.aws.holder.clone();
        let hosts = site.owner.hosts.clone();
        let record = StackRecord { status: Status::Creating, generation, holder, hosts };
        let (name, value) = (site.owner.path(), record.text()?);
        let tags = site.owner.tags_of(site.key).into_iter().map(tag).collect::<Result<Vec<_>>>()?;
        let ask = site.aws.ssm.put_parameter().name(&name).value(value).r#type(ParameterType::String);
        // Not what the account has set as its default, which may cost.
        let ask = ask.tier(ParameterTier::Standard);
        let ask = ask.description("Record of a fargate_web_service stack of Terraform; do not delete");
        let ask = ask.overwrite(false).set_tags(Some(tags));
        let made = site.aws.call("ssm:PutParameter", || ask.clone().send()).await;
        match made.absent(&["ParameterAlreadyExists"])? {
            Some(_) => Ok(AnchorName(name)),
            // Ours, if the answer to an earlier attempt was lost.
            None => match Self::read(site.aws, site.owner).await? {
                Some(read) if read.record.holder == site.aws.holder => Ok(AnchorName(name)),
                _ => Err(Error::Held("another operation has just begun to create it".into())),
            },
        }
    }

    async fn retag(aws: &Aws, AnchorName(name): &AnchorName, set: &Tags, remove: &[String]) -> Result<()> {
        let parameter = ResourceTypeForTagging::Parameter;
        if !remove.is_empty() {
            let ask = aws.ssm.remove_tags_from_resource().resource_type(parameter.clone()).resource_id(name);
            let ask = ask.set_tag_keys(Some(remove.to_vec()));
            aws.call("ssm:RemoveTagsFromResource", || ask.clone().send()).await?;
        }
        if !set.is_empty() {
            let tags = set.clone().into_iter().map(tag).collect::<Result<Vec<_>>>()?;
            let ask = aws.ssm.add_tags_to_resource().resource_type(parameter).resource_id(name);
            let ask = ask.set_tags(Some(tags));
            aws.call("ssm:AddTagsToResource", || ask.clone().send()).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, owner: &Owner, _: &Seen<Self>) -> Result<()> {
        Self::remove(aws, owner).await
    }
}
