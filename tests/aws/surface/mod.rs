//! The whole configuration surface: one row for each attribute, and each row proven on the simulated AWS.
//!
//! `FARGATE_ROWS=network` proves the rows whose path begins so, and leaves the page alone.

mod life;
mod page;
pub mod place;
mod row;
mod rows;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use terraform_provider_fargate::protocol::provider::Resource;
use terraform_provider_fargate::protocol::schema::{Attribute, Nesting, Presence, Shape};
use terraform_provider_fargate::provider::web_service::WebService;

use self::life::{Proven, prove};
use self::row::Row;

/// The paths of all attributes that a user can set, each map's and list's elements as `*`.
fn settable() -> BTreeSet<String> {
    let resource = WebService::new(Arc::default()).expect("the schema");
    let mut paths = BTreeSet::new();
    walk(&resource.schema().attributes, "", &mut paths);
    paths
}

fn walk(attributes: &[Attribute], before: &str, paths: &mut BTreeSet<String>) {
    for attribute in attributes.iter().filter(|attribute| attribute.presence != Presence::Computed) {
        let path = format!("{before}{}", attribute.name);
        match &attribute.shape {
            Shape::Nested(Nesting::Single, members) => walk(members, &format!("{path}."), paths),
            Shape::Nested(_, members) => walk(members, &format!("{path}.*."), paths),
            Shape::Plain(_) => drop(paths.insert(path)),
        }
    }
}

#[test]
fn every_attribute_has_its_row() {
    let rows = rows::all();
    let paths: BTreeSet<String> = rows.iter().map(|row| row.path.to_owned()).collect();
    assert_eq!(paths.len(), rows.len(), "an attribute has two rows");
    let settable = settable();
    let missing: Vec<_> = settable.difference(&paths).collect();
    let unknown: Vec<_> = paths.difference(&settable).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "attributes without a row: {missing:?}, rows without one: {unknown:?}"
    );
}

#[test]
fn every_attribute_is_created_changed_removed_healed_and_imported() {
    let only = std::env::var("FARGATE_ROWS").unwrap_or_default();
    let rows: Vec<Row> = rows::all().into_iter().filter(|row| row.path.starts_with(&only)).collect();
    let (begun, next, ends) = (Instant::now(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let end = survive(row);
                    ends.lock().expect("no panic").push((row.path, end));
                }
            });
        }
    });
    let mut ends = ends.into_inner().expect("no panic");
    ends.sort_by_key(|(path, _)| *path);
    eprintln!("{} attributes in {:.1} s", ends.len(), begun.elapsed().as_secs_f64());
    let broken: Vec<_> =
        ends.iter().filter_map(|(path, end)| Some(format!("{path}: {}", end.as_ref().err()?))).collect();
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
    let table: Vec<_> = ends.into_iter().filter_map(|(path, end)| Some((path, end.ok()?))).collect();
    if only.is_empty() {
        page::check(&table);
    }
}

/// A panic is no more than a broken row.
fn survive(row: &Row) -> Result<Proven, String> {
    catch_unwind(AssertUnwindSafe(|| prove(row))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}
