//! Objects with their types forgotten, for the engine: a wanted object, a found one, a kind.
//!
//! `Planted<O>` is the one place where what to call on an object, and in which order, is decided.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value as Json;

use super::client::Aws;
use super::error::{Error, Reach, Result};
use super::graph::Needs;
use super::object::{Life, Object, Output, Seen, Site};
use super::observe::{all, settled};
use super::owner::{Owner, Tags};
use super::safeguard::Safeguard;

/// What became of a wanted object: its id, and its output for others.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    pub id: String,
    pub output: Json,
}

/// A wanted object that stands now.
#[derive(Clone, Debug)]
pub struct Stood {
    pub made: Made,
    /// Whether anything was done for it, or AWS is still at it.
    pub changed: bool,
}

/// An object in the graph.
pub trait Wanted: Debug + Send + Sync {
    fn kind(&self) -> &'static str;

    /// The id or ARN under which the user gave it; none if it is ours to make.
    fn given(&self) -> Option<&str> {
        None
    }

    /// The same, if objects of ours are in it; see `Object::HOSTS`.
    fn host(&self) -> Option<&str> {
        None
    }

    /// See `Object::RENEWS`.
    fn renews(&self) -> bool;

    /// What it shall be, as JSON; with its tags.
    fn settings(&self) -> Json;

    fn tags(&self, owner: &Owner, key: &str) -> Tags;

    /// What was found, as far as this object wants a say in it; see `Object::regard`.
    fn regard(&self, _owner: &Owner, found: &Found) -> Result<Found> {
        Ok(found.clone())
    }

    /// The needs that it will hang on, in the form of `Found::needs`.
    fn hangs_on(&self, given: &BTreeMap<usize, Json>) -> Result<Json>;

    /// Makes it stand: creates it, or changes what was found where it differs. `note` is told of it the moment AWS has
    /// made it, before it is waited for.
    fn stand<'a>(
        &'a self,
        site: Site<'a>,
        given: &'a BTreeMap<usize, Json>,
        found: Option<&'a Found>,
        note: &'a (dyn Fn(Made) + Send + Sync),
    ) -> BoxFuture<'a, Result<Stood>>;

    /// Waits until it has become all that was promised; see `Object::complete`.
    fn complete<'a>(
        &'a self,
        aws: &'a Aws,
        given: &'a BTreeMap<usize, Json>,
        made: &'a Made,
    ) -> BoxFuture<'a, Result<()>>;
}

/// An object that was found in AWS. Two are equal if the same was seen of them.
#[derive(Clone, Debug)]
pub struct Found {
    pub kind: &'static str,
    pub key: String,
    pub life: Life,
    pub made: Made,
    pub settings: Json,
    pub needs: Json,
    pub tags: Tags,
    seen: Arc<dyn Any + Send + Sync>,
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        let Self { kind, key, life, made, settings, needs, tags, seen: _ } = other;
        (self.kind, &self.key, self.life, &self.made) == (kind, key, *life, made)
            && (&self.settings, &self.needs, &self.tags) == (settings, needs, tags)
    }
}

impl Found {
    fn of<O: Object>(seen: Seen<O>) -> Result<Self> {
        Ok(Self {
            kind: O::KIND,
            key: seen.key.clone(),
            life: seen.life,
            made: made::<O>(&seen.output)?,
            settings: json(&seen.actual)?,
            needs: json(&seen.needs)?,
            tags: seen
                .tags
                .iter()
                .filter(|(name, _)| !name.starts_with("aws:"))
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect(),
            seen: Arc::new(seen),
        })
    }

    /// What was seen, if it is of this kind.
    pub fn seen<O: Object>(&self) -> Option<&Seen<O>> {
        self.seen.downcast_ref()
    }

    fn is<O: Object>(&self) -> Result<&Seen<O>> {
        self.seen().ok_or_else(|| Error::Unexpected(format!("{} is no {}", self.key, O::KIND)))
    }
}

/// Ids of objects.
type Ids = BTreeSet<String>;

/// A kind of object, for what is done without a wanted one: finding and deleting.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    /// See `Object::SUCCEEDS` and `Object::LEAVES_FIRST`.
    pub succeeds: bool,
    pub leaves_first: bool,
    /// Kinds whose objects must outlive this one's.
    pub needs: fn() -> Vec<&'static str>,
    pub observe: for<'a> fn(&'a Aws, &'a Owner) -> BoxFuture<'a, Result<Vec<Found>>>,
    pub guests: for<'a> fn(&'a Aws, &'a Owner, &'a Found) -> BoxFuture<'a, Result<Ids>>,
    pub delete: for<'a> fn(&'a Aws, &'a Owner, &'a Found) -> BoxFuture<'a, Result<()>>,
}

impl Kind {
    pub const fn of<O: Object>() -> Self {
        Self {
            name: O::KIND,
            succeeds: O::SUCCEEDS,
            leaves_first: O::LEAVES_FIRST,
            needs: <O::Needs as Needs>::kinds,
            observe: |aws, owner| Box::pin(async { all::<O>(aws, owner).await?.into_iter().map(Found::of).collect() }),
            guests: |aws, owner, found| Box::pin(async { O::guests(aws, owner, found.is::<O>()?).await }),
            delete: |aws, owner, found| Box::pin(async { O::delete(aws, owner, found.is::<O>()?).await }),
        }
    }
}

#[derive(Debug)]
struct Planted<O: Object> {
    object: O,
    needs: O::Needs,
}

pub(super) fn wanted<O: Object>(object: O, needs: O::Needs) -> Box<dyn Wanted> {
    Box::new(Planted { object, needs })
}

impl<O: Object> Wanted for Planted<O> {
    fn kind(&self) -> &'static str {
        O::KIND
    }

    fn renews(&self) -> bool {
        O::RENEWS
    }

    fn settings(&self) -> Json {
        json(&self.object).unwrap_or_default()
    }

    fn tags(&self, owner: &Owner, key: &str) -> Tags {
        if O::TAGGED { owner.tags_of(key) } else { Tags::new() }
    }

    fn regard(&self, owner: &Owner, found: &Found) -> Result<Found> {
        match found.seen::<O>() {
            Some(seen) => Found::of(self.object.regard(owner, seen)),
            None => Ok(found.clone()),
        }
    }

    fn hangs_on(&self, given: &BTreeMap<usize, Json>) -> Result<Json> {
        json(&self.needs.outputs(given)?)
    }

    fn stand<'a>(
        &'a self,
        site: Site<'a>,
        given: &'a BTreeMap<usize, Json>,
        found: Option<&'a Found>,
        note: &'a (dyn Fn(Made) + Send + Sync),
    ) -> BoxFuture<'a, Result<Stood>> {
        Box::pin(async move {
            let needs = self.needs.outputs(given)?;
            let (output, changed) = match found.and_then(Found::seen::<O>) {
                Some(seen) if matches!(seen.life, Life::Standing | Life::Rising) => {
                    let (output, changed) = self.change(site, &needs, seen).await?;
                    (output, changed || seen.life == Life::Rising)
                }
                gone => {
                    if let Some(dead) = gone {
                        tracing::info!("removing a dead predecessor");
                        O::delete(site.aws, site.owner, dead).await?;
                    }
                    (self.create(site, &needs, note).await?, true)
                }
            };
            let made = made::<O>(&output)?;
            if changed {
                note(made.clone());
                site.aws.until(O::PACE, || self.object.ready(site.aws, &output)).await?;
            }
            Ok(Stood { made, changed })
        })
    }

    fn complete<'a>(
        &'a self,
        aws: &'a Aws,
        given: &'a BTreeMap<usize, Json>,
        made: &'a Made,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let needs = self.needs.outputs(given)?;
            let output: O::Output = serde_json::from_value(made.output.clone())
                .map_err(|error| Error::Unexpected(format!("{}: {error}", O::KIND)))?;
            aws.until(O::PACE, || self.object.complete(aws, &output, &needs)).await
        })
    }
}

/// What serves a key; two are equal if the same object does, or none.
struct Serving<O: Object>(Option<Seen<O>>);

impl<O: Object> PartialEq for Serving<O> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().map(|seen| seen.output.id()) == other.0.as_ref().map(|seen| seen.output.id())
    }
}

type Handed<O> = <<O as Object>::Needs as Needs>::Outputs;

impl<O: Object> Planted<O> {
    async fn create(
        &self,
        site: Site<'_>,
        needs: &Handed<O>,
        note: &(dyn Fn(Made) + Send + Sync),
    ) -> Result<O::Output> {
        tracing::info!("creating");
        for attempt in 1.. {
            let error = match self.object.create(site, needs).await {
                Ok(output) => {
                    note(made::<O>(&output)?);
                    return self.object.settle(site, &output, needs, None).await;
                }
                Err(error) => error,
            };
            // It may stand all the same: made by a call whose answer was lost.
            if !error.may_have_made_it() || !site.aws.guards(Safeguard::Adoption) {
                return Err(error);
            }
            if let Some(seen) = self.made_before(site).await? {
                tracing::info!(%error, "it stands already: its answer was lost");
                note(made::<O>(&seen.output)?);
                let (output, _) = self.change(site, needs, &seen).await?;
                // It is as new: what AWS puts into each new one may not show yet.
                return self.object.settle(site, &output, needs, None).await;
            }
            if error.reach() != Some(Reach::Unclear) || attempt > site.aws.max_retries {
                return Err(error);
            }
            tracing::info!(%error, "it was not made: creating it again");
        }
        Err(Error::Unexpected("attempts never end".into()))
    }

    /// The update. Where it makes another object, that may stand though its answer was lost.
    async fn update(&self, site: Site<'_>, needs: &Handed<O>, seen: &Seen<O>) -> Result<O::Output> {
        let mut attempt = 1;
        loop {
            let error = match self.object.settle(site, &seen.output, needs, Some(seen)).await {
                Err(error) if O::RENEWS && error.reach() == Some(Reach::Unclear) => error,
                done => return done,
            };
            let as_wanted = |one: &Seen<O>| self.object.regard(site.owner, one).actual == self.object;
            let ours = |one: &Seen<O>| one.key == site.key && one.output != seen.output && as_wanted(one);
            let look =
                || async { Ok::<_, Error>(Serving(O::observe(site.aws, site.owner).await?.into_iter().find(ours))) };
            match settled(site.aws, look, |found| found.0.is_some()).await?.0 {
                Some(made) => return Ok(made.output),
                None if attempt > site.aws.max_retries => return Err(error),
                None => attempt += 1,
            }
        }
    }

    /// What serves this key already, once AWS has had the time to show it.
    async fn made_before(&self, site: Site<'_>) -> Result<Option<Seen<O>>> {
        let look = || async {
            let found: Vec<Seen<O>> = O::observe(site.aws, site.owner).await?;
            let ours = |seen: &Seen<O>| seen.key == site.key && matches!(seen.life, Life::Standing | Life::Rising);
            let first =
                |one: &Seen<O>, other: &Seen<O>| (one.life, one.output.id()).cmp(&(other.life, other.output.id()));
            Ok::<_, Error>(Serving(found.into_iter().filter(ours).min_by(first)))
        };
        let seen = settled(site.aws, look, |seen| seen.0.is_some()).await?;
        Ok(seen.0)
    }

    /// Brings what stands to what is wanted; calls nothing where nothing differs.
    async fn change(&self, site: Site<'_>, needs: &Handed<O>, seen: &Seen<O>) -> Result<(O::Output, bool)> {
        let (mut output, mut changed) = (seen.output.clone(), false);
        let regarded = self.object.regard(site.owner, seen);
        if regarded.actual != self.object || regarded.needs != *needs {
            tracing::info!("updating");
            output = self.update(site, needs, seen).await?;
            changed = true;
        }
        let (set, remove) = retagging(&regarded.tags, &self.tags(site.owner, site.key));
        let renewed = O::RENEWS && output != seen.output;
        if O::TAGGED && !renewed && !(set.is_empty() && remove.is_empty()) {
            tracing::info!("retagging");
            O::retag(site.aws, &output, &set, &remove).await?;
            changed = true;
        }
        Ok((output, changed))
    }
}

/// What to set and what to remove, so that the tags become these. AWS's own tags are left alone.
fn retagging(actual: &Tags, wanted: &Tags) -> (Tags, Vec<String>) {
    let differs = |(name, value): &(&String, &String)| actual.get(*name) != Some(value);
    let set = wanted.iter().filter(differs).map(|(name, value)| (name.clone(), value.clone())).collect();
    let extra = |name: &&String| !wanted.contains_key(*name) && !name.starts_with("aws:");
    (set, actual.keys().filter(extra).cloned().collect())
}

pub(super) fn made<O: Object>(output: &O::Output) -> Result<Made> {
    Ok(Made { id: output.id().to_owned(), output: json(output)? })
}

fn json(value: &impl serde::Serialize) -> Result<Json> {
    serde_json::to_value(value).map_err(|error| Error::Unexpected(error.to_string()))
}
