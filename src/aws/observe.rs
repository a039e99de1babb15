//! Looks at everything that a stack owns, all kinds at once.
//!
//! AWS's reads lag behind its writes, some more than others, and a read may show less than the one before. So what isn't
//! as expected is believed only once it has looked the same for a while (`settled`).

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use futures::future::join_all;

use super::client::Aws;
use super::diff::Records;
use super::erased::{Found, Kind, Made};
use super::error::Error;
use super::graph::Graph;
use super::object::{Life, Object, Seen, Site};
use super::owner::Owner;
use super::safeguard::Safeguard;

/// What there is to see.
#[derive(Debug, Default)]
pub struct Survey {
    /// All that stands or is to come; not what AWS still lists though it is gone.
    pub found: Vec<Found>,
    /// Kinds that could not be looked at, and why. Their objects are neither there nor gone.
    pub unseen: Vec<(&'static str, Error)>,
}

impl Survey {
    /// Looks at all objects of this owner.
    pub async fn of(aws: &Aws, owner: &Owner, kinds: &[Kind]) -> Self {
        let aws = &aws.at_a_glance();
        let looks = kinds.iter().map(|kind| async move { (kind.name, (kind.observe)(aws, owner).await) });
        let mut survey = Self::default();
        for (kind, look) in join_all(looks).await {
            match look {
                Ok(found) => survey.found.extend(found.into_iter().filter(|found| found.life != Life::Gone)),
                Err(error) => survey.unseen.push((kind, error)),
            }
        }
        survey
    }
}

/// All objects of a kind that this owner has: looked at once, though other kinds are found by them.
pub(super) async fn all<O: Object>(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<O>>, Error> {
    aws.once(O::KIND, || O::observe(aws, owner)).await
}

/// The objects of a graph that the user gave, as they stand, by key; and why others could not be looked up.
pub async fn given(aws: &Aws, owner: &Owner, graph: &Graph) -> (BTreeMap<String, Made>, Vec<(&'static str, Error)>) {
    let looks = graph.nodes.iter().filter(|node| node.is_given()).map(|node| async move {
        let site = Site { aws, owner, key: &node.key };
        (node, node.wanted.stand(site, &BTreeMap::new(), None, &|_| ()).await)
    });
    let (mut made, mut unseen) = (BTreeMap::new(), Vec::new());
    for (node, look) in join_all(looks).await {
        match look {
            Ok(stood) => drop(made.insert(node.key.clone(), stood.made)),
            Err(error) => unseen.push((node.wanted.kind(), error)),
        }
    }
    (made, unseen)
}

/// Pauses between the looks that must agree on what nobody expected.
const SETTLE: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(4)];
/// Who looks so often and never sees the same twice goes by the last look.
const LOOKS: usize = 12;

/// Looks until what is seen is as expected, or has been the same for as many looks as there are pauses and one.
///
/// # Errors
/// Those of a look, and of a pause that was interrupted.
pub async fn settled<T, E, F>(aws: &Aws, look: impl Fn() -> F, expected: impl Fn(&T) -> bool) -> Result<T, E>
where
    T: PartialEq,
    E: From<Error>,
    F: Future<Output = Result<T, E>>,
{
    let (mut seen, mut alike) = (look().await?, 0);
    let looks = if aws.guards(Safeguard::SettledReads) { LOOKS } else { 1 };
    for _ in 1..looks {
        let Some(pause) = SETTLE.get(alike).filter(|_| !expected(&seen)) else { break };
        aws.pause(*pause, &"AWS to show the same again").await?;
        let again = look().await?;
        alike = if again == seen { alike + 1 } else { 0 };
        seen = again;
    }
    Ok(seen)
}

/// Whether exactly what is recorded was found.
pub fn as_recorded(found: &[Found], recorded: &Records) -> bool {
    let found: BTreeSet<_> = found.iter().map(|found| (found.key.as_str(), found.made.id.as_str())).collect();
    found == recorded.iter().map(|(key, record)| (key.as_str(), record.id.as_str())).collect()
}
