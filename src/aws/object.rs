//! The contract of one kind of AWS object, and what the engine learns by looking at one.
//!
//! A kind is a struct of *settings* (what we want, and what stands: the same type, so that comparing is `==`), with
//! `Needs` (the objects whose outputs it takes) and `Output` (what others take of it). What can never change once the
//! object is born belongs into its *key*, not into its settings: another value is then another object, made before the
//! old one goes.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::client::Aws;
use super::error::{Error, Result};
use super::graph::Needs;
use super::owner::{Owner, Tags};

/// What an object hands to those that need it; recorded as JSON.
pub trait Output: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The id or ARN that AWS knows the object by.
    fn id(&self) -> &str;
}

pub type Outputs<O> = <<O as Object>::Needs as Needs>::Outputs;

/// Where an object is made: in this AWS, for this owner, under this key.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    pub aws: &'a Aws,
    pub owner: &'a Owner,
    pub key: &'a str,
}

/// How an object that was found stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Life {
    /// In use, or usable.
    Standing,
    /// Being made; will stand without further calls.
    Rising,
    /// Failed to come up; will never stand.
    Dead,
    /// Being deleted, or deleted and still listed.
    Gone,
}

/// One object as it was observed.
#[derive(Clone, Debug)]
pub struct Seen<O: Object> {
    pub key: String,
    pub output: O::Output,
    /// The outputs of the objects it really hangs on; a NAT gateway in the wrong subnet must differ.
    pub needs: Outputs<O>,
    pub life: Life,
    pub actual: O,
    /// All its tags; none for kinds that AWS cannot tag.
    pub tags: Tags,
}

/// How often to look whether an object is ready: the first look is immediate.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between the first look and the second.
    pub first: Duration,
    /// From then on.
    pub then: Duration,
}

impl Pace {
    pub const fn seconds(first: u64, then: u64) -> Self {
        Self { first: Duration::from_secs(first), then: Duration::from_secs(then) }
    }
}

/// One look at an object that was made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    Yes,
    /// Not yet, with what there is to see: told to the user should the time run out.
    NotYet(String),
}

/// One kind of AWS object.
pub trait Object: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// AWS's name of the kind, as messages use it.
    const KIND: &'static str;
    type Needs: Needs;
    type Output: Output;
    /// An update makes a new object under the same key, with a new id (a task definition revision).
    const RENEWS: bool = false;
    /// Whether AWS can tag it. What it cannot tag hangs on a tagged parent or a natural key.
    const TAGGED: bool = true;
    /// One that takes another's place stands before that goes.
    const SUCCEEDS: bool = false;
    /// One that isn't wanted any more goes before what it hangs on is changed, instead of after all else: it would undo the
    /// change.
    const LEAVES_FIRST: bool = false;
    /// One that the user gave has objects of ours in it that could not be found without knowing it: the anchor's record
    /// names it.
    const HOSTS: bool = false;
    const PACE: Pace = Pace::seconds(2, 3);

    /// All objects of this kind that this owner has, dead ones too, found by tags or by names derived from the owner.
    /// Calls nothing but Describe, List and Get.
    fn observe(aws: &Aws, owner: &Owner) -> impl Future<Output = Result<Vec<Seen<Self>>>> + Send;

    /// The one call that makes it, tags included. What that call can't carry is left to `settle`.
    fn create(&self, site: Site<'_>, needs: &Outputs<Self>) -> impl Future<Output = Result<Self::Output>> + Send;

    /// Brings what stands to what is wanted: after a create (`seen` is none), and as the update. Every call in it may
    /// be repeated. A kind of which AWS can change nothing has none of its own.
    fn settle(
        &self,
        _site: Site<'_>,
        output: &Self::Output,
        _needs: &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> impl Future<Output = Result<Self::Output>> + Send {
        std::future::ready(seen.map_or_else(|| Ok(output.clone()), |seen| Err(unchangeable(seen))))
    }

    /// What was seen, as far as this object wants a say in it: what it leaves to others (a number of tasks that autoscaling
    /// sets, an image that a pipeline deploys) counts as wanted, whatever it is.
    fn regard(&self, _owner: &Owner, seen: &Seen<Self>) -> Seen<Self> {
        seen.clone()
    }

    /// One look whether dependants may use it. An error is final.
    fn ready(&self, _aws: &Aws, _output: &Self::Output) -> impl Future<Output = Result<Ready>> + Send {
        std::future::ready(Ok(Ready::Yes))
    }

    /// Does what must wait until all that depend on it stand, such as taking away what they used before; then one look
    /// whether it has become all that was promised. Dependants don't wait for this; the operation does.
    fn complete(
        &self,
        _aws: &Aws,
        _output: &Self::Output,
        _needs: &Outputs<Self>,
    ) -> impl Future<Output = Result<Ready>> + Send {
        std::future::ready(Ok(Ready::Yes))
    }

    /// Removes tags, then sets others: that way AWS's limit of 50, and keys that differ in case only, are no trouble. Not called for kinds that AWS cannot tag.
    fn retag(
        _aws: &Aws,
        _output: &Self::Output,
        _set: &Tags,
        _remove: &[String],
    ) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// The output of an object that the user gave by its id or ARN: it isn't ours, and only its output is taken. None where
    /// there is no such object. Kinds that cannot be given have none of their own.
    fn given(_aws: &Aws, id: &str) -> impl Future<Output = Result<Option<Self::Output>>> + Send {
        std::future::ready(Err(Error::Unexpected(format!("{id}: a {} cannot be given", Self::KIND))))
    }

    /// What others than this owner have in it or hang on it, in words: guests. It isn't deleted under them.
    fn guests(_aws: &Aws, _owner: &Owner, _seen: &Seen<Self>) -> impl Future<Output = Result<BTreeSet<String>>> + Send {
        std::future::ready(Ok(BTreeSet::new()))
    }

    /// Deletes it, and waits until it holds nothing that it needed, as far as its own state tells; lingering network
    /// interfaces show when what they are in refuses to go. Being gone already is success.
    fn delete(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> impl Future<Output = Result<()>> + Send;
}

/// For what AWS cannot change of an object.
pub fn unchangeable<O: Object>(seen: &Seen<O>) -> Error {
    let (kind, id) = (O::KIND, seen.output.id());
    Error::Failed(format!(
        "{id} is another than this configuration wants, and AWS cannot change a {kind}: destroy first"
    ))
}

/// Defines the output of a kind that is known by one string alone.
#[macro_export]
macro_rules! id {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// Of an optional member of an answer: AWS always sends it, its types don't say so.
            #[allow(dead_code, reason = "some ids are only ever built from text")]
            pub fn of(id: Option<&str>) -> $crate::aws::error::Result<Self> {
                $crate::aws::error::Error::required(id, stringify!($name)).map(Self)
            }
        }

        impl $crate::aws::object::Output for $name {
            fn id(&self) -> &str {
                &self.0
            }
        }
    };
}
