//! Keeps the house's rules by reading its sources: rooms with walls, files one can read, calls under their own names.

use std::fs;
use std::path::Path;

/// A file of `src`.
struct Source {
    /// From the root of the repository.
    path: String,
    text: String,
}

/// Which IAM service the actions of each SDK client belong to.
const CLIENTS: &[(&str, &str)] = &[
    ("acm", "acm"),
    ("ec2", "ec2"),
    ("ecs", "ecs"),
    ("elb", "elasticloadbalancing"),
    ("iam", "iam"),
    ("logs", "logs"),
    ("route53", "route53"),
    ("scaling", "application-autoscaling"),
    ("ssm", "ssm"),
    ("sts", "sts"),
];

/// The longest file that is still read in one go.
const LINES: usize = 400;

#[test]
fn rooms_keep_their_walls() {
    let aws_crates = dependencies("aws-");
    let of_aws: Vec<&str> = aws_crates.iter().map(String::as_str).collect();
    assert!(of_aws.contains(&"aws_sdk_ecs"), "{of_aws:?}");
    // `crate::{` would hide what follows from this test.
    let behind_protocol = [&of_aws[..], &["crate::aws", "crate::provider", "super::aws", "crate::{"]].concat();
    let grpc = ["tonic", "tonic_prost", "tonic_health", "prost", "prost_types"];
    let of_terraform = ["crate::protocol", "crate::provider", "super::protocol", "super::provider", "crate::{"];
    let behind_aws = [&grpc[..], &of_terraform].concat();
    let others = ["crate::aws", "crate::protocol", "crate::provider", "crate::{"];
    let behind_simulator = [&of_aws[..], &grpc, &others].concat();
    let simulator = ["crate::simulator", "super::simulator"];
    let unfinished = ["println!", "todo!", "unimplemented!", "dbg!"];
    let walls = [
        ("src/protocol", &behind_protocol[..]),
        ("src/aws", &behind_aws),
        ("src/simulator", &behind_simulator),
        ("src/protocol", &simulator),
        ("src/aws", &simulator),
        ("src/provider", &simulator),
        ("src", &unfinished),
    ];
    check(|source| {
        let of_source = walls.iter().filter(|(room, _)| source.is_in(room)).flat_map(|(_, banned)| *banned);
        let found = of_source.filter(|banned| source.mentions(banned));
        found.map(|banned| format!("{}: {banned} has no place there", source.path)).collect()
    });
}

#[test]
fn every_file_says_what_it_is_for_and_is_short() {
    check(|Source { path, text }| {
        let lines = text.lines().count();
        let long = (lines > LINES).then(|| format!("{path}: {lines} lines; {LINES} are the most"));
        let mute =
            (!text.starts_with("//! ")).then(|| format!("{path}: its first line should say what it is for: //! …"));
        [long, mute].into_iter().flatten().collect()
    });
}

/// Error texts and the list of permissions a user needs are made of the actions named in the source.
#[test]
fn every_call_to_aws_is_named_by_its_iam_action() {
    check(|source| if source.is_in("src/simulator") { Vec::new() } else { misnamed(source) });
}

#[test]
fn a_wrong_name_and_a_banned_word_are_found() {
    let source = |text: &str| Source { path: "src/aws/vpc.rs".into(), text: text.into() };
    let before_it = r#"let ask = || aws.ec2.create_vpc(); aws.call("ec2:CreateVpc", ask);"#;
    let within_it = r#"aws.call("iam:GetRole", || aws.iam.get_role());"#;
    let elsewhere = r#"aws.call("ec2:DeleteVpc", || aws.ec2.create_vpc());"#;
    let past_it = r#"aws.call("ec2:CreateVpc", || aws.ec2.create_vpc()); aws.ecs.list_tasks();"#;
    assert_eq!(misnamed(&source(&[before_it, within_it].concat())), Vec::<String>::new());
    assert_eq!(misnamed(&source(elsewhere)).len(), 2);
    assert_eq!(misnamed(&source(past_it)), ["src/aws/vpc.rs: ecs:ListTasks is not asked by its name"]);
    let worded = |text: &str, banned: &str| source(text).mentions(banned);
    assert!(worded("use crate::aws::graph;", "crate::aws") && worded("todo!()", "todo!"));
    assert!(!worded("// todo!()\nuse crate::aws_lc;", "todo!") && !worded("use crate::aws_lc;", "crate::aws"));
}

/// What is wrong with the calls in a file: each stands in the arguments of `aws.call("service:Action", ..)` or is the
/// last one before it, has that action's name, and none goes past `aws.call`.
fn misnamed(source: &Source) -> Vec<String> {
    let code: String = source.code().split_whitespace().collect();
    let asked = asked(&code);
    let (mut faults, mut named) = (Vec::new(), Vec::new());
    for (begin, _) in code.match_indices(".call(") {
        let arguments = &code[begin + ".call(".len()..];
        let end = begin + ".call(".len() + closing(arguments);
        let action = arguments.strip_prefix('"').and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let within = asked.iter().find(|(place, _)| (begin..end).contains(place));
        match within.or_else(|| asked.iter().rfind(|(place, _)| *place < begin)) {
            Some((place, right)) if right == action => named.push(place),
            Some((_, right)) => faults.push(format!("{}: {right} is named {action:?}", source.path)),
            None => faults.push(format!("{}: nothing is asked under the name of {action:?}", source.path)),
        }
    }
    let unnamed = asked.iter().filter(|(place, _)| !named.contains(&place));
    faults.extend(unnamed.map(|(_, action)| format!("{}: {action} is not asked by its name", source.path)));
    faults
}

/// The actions that `aws.client.method(` asks for, with their places.
fn asked(code: &str) -> Vec<(usize, String)> {
    let action = |(place, head): (usize, &str)| {
        let (client, rest) = code[place + head.len()..].split_once('.')?;
        let (_, service) = CLIENTS.iter().find(|(known, _)| *known == client)?;
        let (method, _) = rest.split_once('(')?;
        let words = method.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
        Some((place, format!("{service}:{}", words.collect::<String>())))
    };
    code.match_indices("aws.").filter_map(action).collect()
}

/// Where the parenthesis closes that stands open before `text`.
fn closing(text: &str) -> usize {
    let mut open = 1;
    let closes = |(_, character): &(usize, char)| {
        open += i32::from(*character == '(') - i32::from(*character == ')');
        open == 0
    };
    text.char_indices().find(closes).map_or(text.len(), |(place, _)| place)
}

impl Source {
    fn is_in(&self, room: &str) -> bool {
        self.path.strip_prefix(room).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The text without comments.
    fn code(&self) -> String {
        let code = |line: &str| line.split(" // ").next().unwrap_or_default().to_owned() + "\n";
        self.text.lines().filter(|line| !line.trim_start().starts_with("//")).map(code).collect()
    }

    /// Whether the code has this, as whole words.
    fn mentions(&self, banned: &str) -> bool {
        let in_word = |character: char| character.is_alphanumeric() || character == '_';
        let code = self.code();
        code.match_indices(banned).any(|(place, _)| {
            let after = &code[place + banned.len()..];
            let whole = !banned.ends_with(in_word) || !after.starts_with(in_word);
            whole && !code[..place].ends_with(in_word)
        })
    }
}

/// No source may have a fault.
#[track_caller]
fn check(faults: impl Fn(&Source) -> Vec<String>) {
    let mut sources = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "src", &mut sources);
    assert!(sources.len() > 50, "{} files", sources.len());
    let mut found: Vec<String> = sources.iter().flat_map(faults).collect();
    found.sort();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn gather(folder: &Path, path: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap().path();
        let path = format!("{path}/{}", entry.file_name().unwrap().to_string_lossy());
        if entry.is_dir() {
            gather(&entry, &path, found);
        } else if path.ends_with(".rs") {
            found.push(Source { path, text: fs::read_to_string(entry).unwrap() });
        }
    }
}

/// The crates of Cargo.toml whose names begin so, as Rust names them.
fn dependencies(prefix: &str) -> Vec<String> {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let names =
        manifest.lines().filter(|line| line.starts_with(prefix)).filter_map(|line| line.split([' ', '=', '.']).next());
    names.map(|name| name.replace('-', "_")).collect()
}
