//! `docs/guides/attributes.md`: the table that the rows have proven.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::life::Proven;

const PAGE: &str = "docs/guides/attributes.md";

const HEAD: &str = "---
# Made from the results of the tests (tests/aws/surface): `make docs`.
page_title: \"What becomes of each attribute\"
subcategory: \"\"
description: |-
  Each attribute of fargate_web_service, set, changed, left out, changed by somebody else, imported: what the tests have seen.
---

# What becomes of each attribute

Each line is a test. On the simulated AWS a service is created with the attribute, the attribute is changed, left out, set
again, changed on AWS behind Terraform's back, and imported by a provider without state. After each step AWS is asked for its
value, the next plan must be empty, and AWS's record of calls must hold no call that this attribute doesn't need.

- *in place*: no AWS object gets another id, but for a new revision of the task definition where that is what changed.
- *made anew, then moved over*: AWS cannot change it, so another object takes over before the old one goes; the service itself stays.
- *shown, healed*: the next plan shows what somebody has changed, and the next apply puts it right.
- *read*: with the same configuration the plan after an import is empty.

| attribute | create | change | left out | drift | import |
|---|---|---|---|---|---|
";

/// Holds the page to the table, or writes it anew.
pub fn check(table: &[(&str, Proven)]) {
    let mut page = HEAD.to_owned();
    for (path, Proven { create, change, remove, drift, import }) in table {
        let _ = writeln!(page, "| `{path}` | {create} | {change} | {remove} | {drift} | {import} |");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("FARGATE_UPDATE_DOCS").is_some_and(|given| given == "1") {
        fs::write(&path, &page).expect("the page is written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "{PAGE} is out of date. Run `make docs`, read what changed, commit it.");
}
