//! Records of a hosted zone as Route 53 takes and gives them. They carry no tags: whose one is follows from its name and
//! value, and what isn't ours is neither overwritten nor deleted.

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet, RrType};

use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};

/// The record of this name and type; with routing policies, the first of several.
pub async fn find(aws: &Aws, zone: &str, name: &str, kind: RrType) -> Result<Option<ResourceRecordSet>> {
    let ask = aws.route53.list_resource_record_sets().hosted_zone_id(zone).start_record_name(name);
    let ask = ask.start_record_type(kind.clone()).max_items(1);
    let found =
        aws.call("route53:ListResourceRecordSets", || ask.clone().send()).await.absent(&["NoSuchHostedZone"])?;
    let found = found.and_then(|found| found.resource_record_sets.into_iter().next());
    Ok(found.filter(|set| plain(set.name()) == plain(name) && *set.r#type() == kind))
}

/// Changes records, all or none; gives the change's id.
pub async fn change(aws: &Aws, zone: &str, changes: Vec<(ChangeAction, ResourceRecordSet)>) -> Result<String> {
    let change = |(action, set)| Change::builder().action(action).resource_record_set(set).build();
    let changes = changes.into_iter().map(change).collect::<std::result::Result<Vec<_>, _>>().map_err(incomplete)?;
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().map_err(incomplete)?;
    let ask = aws.route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    let changed = aws.call("route53:ChangeResourceRecordSets", || ask.clone().send()).await?;
    Error::required(changed.change_info().map(|change| change.id()), "ChangeInfo")
}

pub fn incomplete(error: impl std::fmt::Display) -> Error {
    Error::Unexpected(error.to_string())
}

/// A name as people write it: Route 53 gives `\052.example.com.` for `*.Example.com`.
pub fn plain(name: &str) -> String {
    name.trim_end_matches('.').replace("\\052", "*").to_lowercase()
}

/// What a record says, in words.
pub fn in_words(set: &ResourceRecordSet) -> String {
    let values: Vec<&str> = set.resource_records().iter().map(|record| record.value()).collect();
    let alias = set.alias_target().map(|alias| format!("alias of {}", plain(alias.dns_name())));
    format!("{} {} = {}", plain(set.name()), set.r#type().as_str(), alias.unwrap_or_else(|| values.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_as_people_write_them() {
        assert_eq!(plain("\\052.Example.com."), "*.example.com");
        assert_eq!(plain("www.example.com"), "www.example.com");
    }
}
