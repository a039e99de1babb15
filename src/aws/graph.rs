//! The graph of wanted objects: each planted under a key, with the objects it needs.
//!
//! A `Ref<T>` comes only from `Graph::add`, so the graph is acyclic and complete by construction, and swapped ids do
//! not compile.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::erased::{self, Wanted};
use super::error::{Error, Result};
use super::given;
use super::object::Object;

/// A planted object of kind `T`, to be named as a need of others.
#[derive(Debug)]
pub struct Ref<T> {
    index: usize,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Ref<T> {}

/// A need for order only: must stand first, but hands nothing over.
#[derive(Debug)]
pub struct After<N>(pub N);

/// Several needs in no order.
#[derive(Debug)]
pub struct AllOf<N>(pub Vec<N>);

/// One object of the graph.
#[derive(Debug)]
pub struct Node {
    pub key: String,
    /// Places in the graph of all that must stand first; all smaller than its own.
    pub needs: Vec<usize>,
    /// Those among them whose outputs it takes.
    pub takes: Vec<usize>,
    pub wanted: Box<dyn Wanted>,
}

/// What the keys of objects that the user gave begin with.
pub const GIVEN: &str = "given/";

impl Node {
    /// Whether this is an object that the user gave: it is looked up, and never made, changed, recorded or deleted.
    pub fn is_given(&self) -> bool {
        self.wanted.given().is_some()
    }
}

/// Objects in an order in which each comes after all that it needs.
#[derive(Debug, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
}

impl Graph {
    /// Plants an object. One that needs only what the user gave comes after the first that was planted, the anchor: nothing of
    /// a stack stands before that.
    ///
    /// # Panics
    /// If the key is taken: two objects of one key would be one to AWS.
    pub fn add<T: Object>(&mut self, key: impl Into<String>, object: T, needs: T::Needs) -> Ref<T> {
        let key = key.into();
        assert!(self.nodes.iter().all(|node| node.key != key), "{key} is planted twice");
        let sorted = |mut places: Vec<usize>| {
            places.sort_unstable();
            places.dedup();
            places
        };
        let (mut all, takes) = (sorted(needs.places()), sorted(needs.takes()));
        if !all.is_empty() && all.iter().all(|need| self.nodes[*need].is_given()) {
            all.extend(self.nodes.iter().position(|node| !node.is_given()));
            all.sort_unstable();
        }
        self.nodes.push(Node { key, needs: all, takes, wanted: erased::wanted(object, needs) });
        Ref { index: self.nodes.len() - 1, kind: PhantomData }
    }

    /// Names an object that the user gave by its id or ARN, as a need of others. Its key holds the id: given another one,
    /// what needs it has to change.
    pub fn given<T: Object>(&mut self, id: &str) -> Ref<T> {
        let key = Self::given_key::<T>(id);
        let known = self.nodes.iter().position(|node| node.key == key);
        let index = known.unwrap_or_else(|| {
            let (needs, takes) = (Vec::new(), Vec::new());
            self.nodes.push(Node { key, needs, takes, wanted: given::given::<T>(id) });
            self.nodes.len() - 1
        });
        Ref { index, kind: PhantomData }
    }

    /// The keys of all of ours that need one of these, directly or through others.
    pub fn hanging_on(&self, keys: &BTreeSet<String>) -> BTreeSet<String> {
        let mut hanging: BTreeSet<usize> = BTreeSet::new();
        for (place, node) in self.nodes.iter().enumerate() {
            if node.needs.iter().any(|need| hanging.contains(need) || keys.contains(&self.nodes[*need].key)) {
                hanging.insert(place);
            }
        }
        hanging.into_iter().map(|place| self.nodes[place].key.clone()).collect()
    }

    /// The ids of given objects that have objects of ours in them.
    pub fn hosts(&self) -> BTreeSet<String> {
        self.nodes.iter().filter_map(|node| node.wanted.host()).map(str::to_owned).collect()
    }

    /// The key of an object that the user gave.
    pub fn given_key<T: Object>(id: &str) -> String {
        format!("{GIVEN}{}/{id}", T::KIND.replace(' ', "_").to_lowercase())
    }
}

/// What an object needs: references, lists, options and tuples of them.
pub trait Needs: Debug + Send + Sync + 'static {
    /// The outputs handed over, in the same form.
    type Outputs: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync;

    /// The places of all of them in the graph.
    fn places(&self) -> Vec<usize>;

    /// The places of those whose outputs are handed over.
    fn takes(&self) -> Vec<usize>;

    /// Collects the outputs, of which `given` holds those that stand.
    fn outputs(&self, given: &BTreeMap<usize, Json>) -> Result<Self::Outputs>;

    /// The kinds that may be needed: objects of these are deleted after this one.
    fn kinds() -> Vec<&'static str>;
}

impl<T: Object> Needs for Ref<T> {
    type Outputs = T::Output;

    fn places(&self) -> Vec<usize> {
        vec![self.index]
    }

    fn takes(&self) -> Vec<usize> {
        vec![self.index]
    }

    fn outputs(&self, given: &BTreeMap<usize, Json>) -> Result<T::Output> {
        let output =
            given.get(&self.index).cloned().ok_or_else(|| Error::lacks("an object that was to stand first"))?;
        serde_json::from_value(output).map_err(|error| Error::Unexpected(format!("{}: {error}", T::KIND)))
    }

    fn kinds() -> Vec<&'static str> {
        vec![T::KIND]
    }
}

impl<N: Needs> Needs for After<N> {
    type Outputs = ();

    fn places(&self) -> Vec<usize> {
        self.0.places()
    }

    fn takes(&self) -> Vec<usize> {
        Vec::new()
    }

    fn outputs(&self, _: &BTreeMap<usize, Json>) -> Result<()> {
        Ok(())
    }

    fn kinds() -> Vec<&'static str> {
        N::kinds()
    }
}

impl<N> Needs for AllOf<N>
where
    N: Needs,
    N::Outputs: Ord,
{
    type Outputs = BTreeSet<N::Outputs>;

    fn places(&self) -> Vec<usize> {
        self.0.iter().flat_map(Needs::places).collect()
    }

    fn takes(&self) -> Vec<usize> {
        self.0.iter().flat_map(Needs::takes).collect()
    }

    fn outputs(&self, given: &BTreeMap<usize, Json>) -> Result<Self::Outputs> {
        self.0.iter().map(|need| need.outputs(given)).collect()
    }

    fn kinds() -> Vec<&'static str> {
        N::kinds()
    }
}

macro_rules! tuples {
    ($(($($name:ident $place:tt),*))*) => {$(
        impl<$($name: Needs),*> Needs for ($($name,)*) {
            type Outputs = ($($name::Outputs,)*);

            fn places(&self) -> Vec<usize> {
                [$(self.$place.places()),*].concat()
            }

            fn takes(&self) -> Vec<usize> {
                [$(self.$place.takes()),*].concat()
            }

            fn outputs(&self, given: &BTreeMap<usize, Json>) -> Result<Self::Outputs> {
                Ok(($(self.$place.outputs(given)?,)*))
            }

            fn kinds() -> Vec<&'static str> {
                [$($name::kinds()),*].concat()
            }
        }
    )*};
}

tuples! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
}

impl Needs for () {
    type Outputs = ();

    fn places(&self) -> Vec<usize> {
        Vec::new()
    }

    fn takes(&self) -> Vec<usize> {
        Vec::new()
    }

    fn outputs(&self, _: &BTreeMap<usize, Json>) -> Result<()> {
        Ok(())
    }

    fn kinds() -> Vec<&'static str> {
        Vec::new()
    }
}

impl<N: Needs> Needs for Option<N> {
    type Outputs = Option<N::Outputs>;

    fn places(&self) -> Vec<usize> {
        self.iter().flat_map(Needs::places).collect()
    }

    fn takes(&self) -> Vec<usize> {
        self.iter().flat_map(Needs::takes).collect()
    }

    fn outputs(&self, given: &BTreeMap<usize, Json>) -> Result<Self::Outputs> {
        self.as_ref().map(|need| need.outputs(given)).transpose()
    }

    fn kinds() -> Vec<&'static str> {
        N::kinds()
    }
}
