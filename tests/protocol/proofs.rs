//! The README says what happens when something goes wrong, and names a test for each answer: these tests exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The names of all tests in a folder.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.extend(named(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The functions after `#[test]` or `#[tokio::test…]`, other attributes between them left out.
fn named(source: &str) -> Vec<String> {
    let source = source.replace("#[tokio::test", "#[test]");
    let after = source.split("#[test]").skip(1);
    after.filter_map(|rest| Some(rest.split_once("fn ")?.1.split_once('(')?.0.to_owned())).collect()
}

#[test]
fn every_answer_in_the_readme_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let section = readme.split_once("## What happens when…").unwrap().1;
    let section = section.split_once("\n## ").unwrap().0;
    let mut known = BTreeSet::new();
    for folder in ["src", "tests"] {
        tests(&root.join(folder), &mut known);
    }
    let answers: Vec<&str> = section.split("\n- **…").skip(1).collect();
    for word in ["crashes", "Ctrl-C", "state is lost", "two people", "throttles", "quota", "rollout fails"] {
        assert!(
            answers.iter().any(|answer| answer.split("?**").next().unwrap().contains(word)),
            "no answer about {word}"
        );
    }
    for answer in answers {
        let title = answer.split("**").next().unwrap();
        let quoted = answer.split('`').skip(1).step_by(2);
        let proofs: Vec<&str> = quoted.filter(|text| text.matches('_').count() > 2).collect();
        assert!(!proofs.is_empty(), "…{title}: no test is named");
        for proof in proofs {
            assert!(known.contains(proof), "…{title}: there is no test {proof}");
        }
    }
}

#[test]
fn tests_are_found_by_their_names() {
    let source =
        "#[test]\nfn one() {}\n#[tokio::test]\nfn two() {}\n#[test]\n#[should_panic]\nfn three() {}\nfn four() {}";
    assert_eq!(named(source), ["one", "two", "three"]);
}
