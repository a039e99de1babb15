//! The simulator's page in a real browser: what a person reads there, and that it keeps up with a `terraform apply`.

use std::time::Duration;

use crate::browser::{self, Browser};
use crate::deadline::until;
use crate::simulated::{Simulator, with_image};
use crate::terraform::Terraform;

const LONG: Duration = Duration::from_secs(60);

/// Waits until the page says all of these at once.
fn says(browser: &mut Browser, words: &[&str]) {
    until(&format!("the page to say {words:?}"), LONG, || {
        let text = browser.text();
        words.iter().all(|word| text.contains(word)).then_some(())
    });
}

#[test]
fn people_watch_an_apply_in_a_browser() {
    let Some(program) = browser::found() else {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no Chromium: scripts/require.sh browser");
        eprintln!("skipped: the page in a browser: no Chromium found");
        return;
    };
    let aws = Simulator::start();
    let profile = tempfile::tempdir().expect("a folder for the browser");
    let mut browser = Browser::open(&program, profile.path(), &format!("{}/", aws.url));
    says(&mut browser, &["An empty account in eu-west-3", &format!("endpoint_url = \"{}\"", aws.url), "live"]);
    assert!(browser.text().contains("FARGATE_TIME_SCALE=60"));

    let terraform = Terraform::reaching(aws.seen(), &with_image("watched", "1.27"));
    let apply = terraform.start(&["apply", "-auto-approve", "-input=false", "-no-color"]);
    // Nobody loads it again: it follows.
    says(&mut browser, &["CreateNatGateway", "NAT gateway", "pending"]);
    apply.wait().ok();
    says(
        &mut browser,
        &["Service", "watched", "2 of 2 running · 2 healthy", "COMPLETED", "RUNNING", "Load balancer node"],
    );
    let drawn = |browser: &mut Browser| browser.value("Number(document.documentElement.dataset.pictures)").as_u64();
    assert!(drawn(&mut browser) > Some(2), "it was drawn again and again");
    let wide = browser.value("document.documentElement.scrollWidth <= window.innerWidth");
    assert_eq!(wide, true, "nothing sticks out");

    // While it goes on: the page has the last calls only.
    let destroy = terraform.start(&["destroy", "-auto-approve", "-input=false", "-no-color"]);
    says(&mut browser, &["DeleteVpc"]);
    destroy.wait().ok();
    assert!(!browser.text().contains("2 of 2 running"));
}
