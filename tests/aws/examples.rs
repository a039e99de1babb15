//! Every example is a configuration that Terraform and the provider accept.

use std::fs;
use std::path::{Path, PathBuf};

use crate::stack::REQUIRES;
use crate::terraform::Terraform;

#[test]
fn examples_are_valid() {
    let folders = folders_with_terraform(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"));
    assert!(folders.len() >= 3, "{folders:?}");
    for folder in folders {
        let terraform = Terraform::new();
        let mut all = String::new();
        for file in files_of(&folder).iter().filter(|file| is_terraform(file)) {
            let text = fs::read_to_string(file).expect("an example");
            terraform.write(&file.file_name().expect("a name").to_string_lossy(), &text);
            all += &text;
        }
        if !all.contains("required_providers") {
            terraform.write("required.tf", REQUIRES);
        }
        let run = terraform.run(&["validate", "-no-color"]);
        assert_eq!(run.code, 0, "{}: {}", folder.display(), run.said);
        let formatted = terraform.run(&["fmt", "-check", "-diff", "-no-color"]);
        assert_eq!(formatted.code, 0, "{} is not in Terraform's style: {}", folder.display(), formatted.said);
    }
}

fn folders_with_terraform(folder: &Path) -> Vec<PathBuf> {
    let (inner, files): (Vec<_>, Vec<_>) = files_of(folder).into_iter().partition(|entry| entry.is_dir());
    let own = files.iter().any(|file| is_terraform(file)).then(|| folder.to_owned());
    own.into_iter().chain(inner.iter().flat_map(|folder| folders_with_terraform(folder))).collect()
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn is_terraform(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "tf")
}
