//! Whole lives of a service within this process: create, updates, destroy, each from a seed.

use std::time::Instant;

use serde_json::{Value as Json, json};

use crate::inside::core::Core;
use crate::inside::{Inside, on_paused_clock};

fn config(name: &str) -> Json {
    json!({ "name": name, "image": "nginx:1.27" })
}

#[test]
fn one() {
    let begun = Instant::now();
    for seed in 0..3 {
        let lines = on_paused_clock(seed, async {
            let aws = Inside::new(seed);
            let mut core = Core::new(&aws, None);
            let said = core.apply(&config("one")).await;
            assert!(said.errors().is_empty(), "{said:?}");
            assert!(core.is_settled(&config("one")).await);
            let said = core.destroy().await;
            assert!(said.errors().is_empty(), "{said:?}");
            let world = aws.world();
            (world.log.len(), world.now())
        });
        eprintln!("{seed} {lines:?} {:?}", begun.elapsed());
    }
}
