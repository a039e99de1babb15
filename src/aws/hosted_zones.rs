//! Route 53's hosted zones: which of them has a name.

use super::client::Aws;
use super::error::{Absent, Error, Result};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedZone {
    pub id: String,
    /// Without the dot at its end.
    pub name: String,
    pub private: bool,
}

impl HostedZone {
    fn read(zone: &aws_sdk_route53::types::HostedZone) -> Self {
        Self {
            id: zone.id().rsplit('/').next().unwrap_or_default().to_owned(),
            name: zone.name().trim_end_matches('.').to_lowercase(),
            private: zone.config().is_some_and(|config| config.private_zone()),
        }
    }
}

/// Whether a zone has this name: its own, or one below it.
pub fn has(zone: &str, name: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

/// The public zone for a name: of those that have it, the one with the longest name.
///
/// # Errors
/// `InTheWay` where two have that same name: only the user can tell which one the world asks.
pub async fn of(aws: &Aws, name: &str) -> Result<Option<HostedZone>> {
    let ask = || async {
        let pages = aws.route53.list_hosted_zones().into_paginator();
        pages.items().send().try_collect().await
    };
    let all: Vec<_> = aws.call("route53:ListHostedZones", ask).await?;
    longest(all.iter().map(HostedZone::read), name)
}

fn longest(all: impl Iterator<Item = HostedZone>, name: &str) -> Result<Option<HostedZone>> {
    let mut fit: Vec<_> = all.filter(|zone| !zone.private && has(&zone.name, name)).collect();
    fit.sort_by_key(|zone| std::cmp::Reverse(zone.name.len()));
    match &fit[..] {
        [one, other, ..] if one.name == other.name => {
            let (zone, one, other) = (&one.name, &one.id, &other.id);
            Err(Error::InTheWay(format!(
                "There are several public hosted zones of {zone}, such as {one} and {other}: name one."
            )))
        }
        _ => Ok(fit.into_iter().next()),
    }
}

pub async fn with_id(aws: &Aws, id: &str) -> Result<Option<HostedZone>> {
    let ask = || aws.route53.get_hosted_zone().id(id).send();
    let found = aws.call("route53:GetHostedZone", ask).await.absent(&["NoSuchHostedZone"])?;
    Ok(found.and_then(|found| found.hosted_zone).as_ref().map(HostedZone::read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_zone_with_the_longest_name_has_it() {
        let zone = |id: &str, name: &str, private| HostedZone { id: id.into(), name: name.into(), private };
        let all = [
            zone("Z1", "example.com", false),
            zone("Z2", "shop.example.com", false),
            zone("Z3", "www.shop.example.com", true),
            zone("Z4", "ample.com", false),
            zone("Z5", "twice.com", false),
            zone("Z6", "twice.com", false),
        ];
        let of = |name: &str| longest(all.clone().into_iter(), name).map(|found| found.map(|zone| zone.id));
        assert_eq!(of("www.shop.example.com").unwrap().as_deref(), Some("Z2"));
        assert_eq!(of("example.com").unwrap().as_deref(), Some("Z1"));
        assert_eq!(of("example.org").unwrap(), None);
        assert!(matches!(of("a.twice.com"), Err(Error::InTheWay(_))));
    }
}
