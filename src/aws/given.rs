//! An object that the user gave by its id or ARN (a VPC, a cluster, a role): a need of others like any, but not ours. It is
//! looked up; it is never made, changed, tagged, recorded or deleted.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;

use futures::future::BoxFuture;
use serde_json::Value as Json;

use super::client::Aws;
use super::erased::{Found, Made, Stood, Wanted, made};
use super::error::{Error, Result};
use super::object::{Object, Site};
use super::owner::{Owner, Tags};

/// An object that the user gave: only looked up.
#[derive(Debug)]
struct Given<O> {
    id: String,
    kind: PhantomData<fn() -> O>,
}

pub fn given<O: Object>(id: &str) -> Box<dyn Wanted> {
    Box::new(Given::<O> { id: id.to_owned(), kind: PhantomData })
}

impl<O: Object> Wanted for Given<O> {
    fn kind(&self) -> &'static str {
        O::KIND
    }

    fn given(&self) -> Option<&str> {
        Some(&self.id)
    }

    fn host(&self) -> Option<&str> {
        O::HOSTS.then_some(&*self.id)
    }

    fn renews(&self) -> bool {
        false
    }

    fn settings(&self) -> Json {
        Json::Null
    }

    fn tags(&self, _: &Owner, _: &str) -> Tags {
        Tags::new()
    }

    fn hangs_on(&self, _: &BTreeMap<usize, Json>) -> Result<Json> {
        Ok(Json::Null)
    }

    fn stand<'a>(
        &'a self,
        site: Site<'a>,
        _: &'a BTreeMap<usize, Json>,
        _: Option<&'a Found>,
        _: &'a (dyn Fn(Made) + Send + Sync),
    ) -> BoxFuture<'a, Result<Stood>> {
        Box::pin(async move {
            let found = O::given(site.aws, &self.id).await?;
            let missing = || Error::Missing { kind: O::KIND, id: self.id.clone() };
            Ok(Stood { made: made::<O>(&found.ok_or_else(missing)?)?, changed: false })
        })
    }

    fn complete<'a>(&'a self, _: &'a Aws, _: &'a BTreeMap<usize, Json>, _: &'a Made) -> BoxFuture<'a, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
