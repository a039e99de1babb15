//! No refusal without a test: the simulator's tests run once more, in a process of their own, and tell where they were
//! refused; the sources tell where somebody can be.
//!
//! A place is a call of `Refusal::new`, or of a function that makes a refusal for its caller and so is `#[track_caller]`.

use std::collections::BTreeSet;
use std::io::Write;
use std::panic::Location;
use std::path::Path;
use std::process::Command;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::{env, fs};

/// Who runs with this variable tells, on stderr, each place once.
const TELL: &str = "SIMULATOR_TELLS_REFUSALS";
const TOLD: &str = "refused at ";

pub fn met(place: &'static Location<'static>) {
    static MET: LazyLock<Option<Mutex<BTreeSet<&Location<'_>>>>> =
        LazyLock::new(|| env::var_os(TELL).map(|_| Mutex::default()));
    let Some(met) = &*MET else { return };
    if met.lock().unwrap_or_else(PoisonError::into_inner).insert(place) {
        // Not `eprintln!`, which goes to the test that happens to run.
        std::io::stderr().write_all(format!("\n{TOLD}{place}\n").as_bytes()).unwrap();
    }
}

#[test]
fn each_is_met_in_a_test() {
    let name = "refusal::tests::each_is_met_in_a_test";
    let run = Command::new(env::current_exe().unwrap())
        .args(["simulator::", "--skip", name])
        .env(TELL, "1")
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    let met: BTreeSet<&str> = told.lines().filter_map(|line| line.strip_prefix(TOLD)).collect();
    let mut files = Vec::new();
    sources(Path::new("src/simulator"), &mut files);
    let places: Vec<String> = files.iter().flat_map(|file| places(file, &files)).collect();
    assert!(places.len() > 400, "only {} places: has the way of refusing changed?", places.len());
    let missed: Vec<&String> = places.iter().filter(|place| !met.contains(place.as_str())).collect();
    assert!(missed.is_empty(), "no test is refused at {} of {} places:\n{missed:#?}", missed.len(), places.len());
}

struct Source {
    path: String,
    text: String,
}

/// Without tests and what only they use.
fn sources(folder: &Path, files: &mut Vec<Source>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            sources(&path, files);
        } else if name.ends_with(".rs")
            && !["tests.rs", "_test.rs", "fake.rs", "trial.rs"].iter().any(|test| name.ends_with(test))
        {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            files.push(Source { path: path.to_str().unwrap().to_owned(), text });
        }
    }
}

/// Where a file makes refusals, as `Location` says it.
fn places(file: &Source, files: &[Source]) -> Vec<String> {
    let folder = |source: &Source| source.path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let near = files.iter().filter(|other| folder(other) == folder(file));
    // A closure of the name hides the function.
    let hidden = |maker: &str| file.text.contains(&format!("let {maker} = |"));
    let makers: BTreeSet<&str> = near.flat_map(|other| makers(&other.text)).filter(|maker| !hidden(maker)).collect();
    let (mut found, mut inside) = (Vec::new(), None);
    for (number, line) in file.text.lines().enumerate() {
        let code = line.trim_start();
        let depth = line.len() - code.len();
        // What a maker calls counts for its caller.
        match inside {
            None if code == "#[track_caller]" => inside = Some(depth),
            Some(of) if depth == of && code == "}" => inside = None,
            _ => {}
        }
        if inside.is_none() && !code.starts_with("//") {
            let mut columns: Vec<usize> = makers.iter().flat_map(|maker| calls(line, maker)).collect();
            columns.extend(calls(line, "Refusal::new"));
            found.extend(columns.into_iter().map(|column| format!("{}:{}:{column}", file.path, number + 1)));
        }
    }
    found
}

/// The names of the functions that make refusals for their callers.
fn makers(text: &str) -> Vec<&str> {
    let after = text.split("#[track_caller]\n").skip(1);
    let names = after.filter_map(|rest| rest.split_once("fn ")?.1.split(['(', '<']).next());
    names.filter(|name| *name != "new").collect()
}

/// The columns at which a line calls a function, by whatever path.
fn calls(line: &str, function: &str) -> Vec<usize> {
    let part_of_path = |letter: char| letter.is_alphanumeric() || "_:".contains(letter);
    let column = |(at, _): (usize, &str)| {
        let path = line[..at].trim_end_matches(part_of_path);
        let whole = path.len() == at || line[..at].ends_with("::");
        (whole && !path.ends_with("fn ")).then(|| path.chars().count() + 1)
    };
    line.match_indices(&format!("{function}(")).filter_map(column).collect()
}
