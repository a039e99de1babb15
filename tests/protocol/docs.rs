//! The pages of `docs/`, rendered from our own schemas and the examples in the registry's shape (that of tfplugindocs).
//! A test holds the files to it; `make docs` writes them anew. In the guide only the lists of operations are made so.

mod controls;
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use terraform_provider_fargate::protocol::provider::Provider;
use terraform_provider_fargate::protocol::schema::Schema;
use terraform_provider_fargate::provider::Fargate;
use terraform_provider_fargate::simulator::world;

#[test]
fn docs_say_what_schema_and_examples_say() {
    let pages = pages();
    let update = std::env::var_os("FARGATE_UPDATE_DOCS").is_some_and(|given| given == "1");
    for (path, page) in &pages {
        if update {
            write(path, page);
        }
        let found = fs::read_to_string(root().join(path)).unwrap_or_default();
        assert!(
            found == *page,
            "{path} is out of date. Run `make docs`, read what changed, commit it.\n{}",
            first_difference(&found, page)
        );
    }
    for entry in fs::read_dir(root().join("docs/resources")).unwrap() {
        let path = format!("docs/resources/{}", entry.unwrap().file_name().to_string_lossy());
        assert!(pages.contains_key(&path), "{path} documents no resource of this provider: remove it.");
    }
}

#[test]
fn every_link_within_a_page_finds_its_anchor() {
    for (path, page) in pages() {
        for link in page.split("](#").skip(1) {
            let name = link.split(')').next().unwrap();
            assert!(page.contains(&format!("<a id=\"{name}\"></a>")), "{path} has no anchor {name}");
        }
    }
}

/// Every page, by its path.
fn pages() -> BTreeMap<String, String> {
    let provider = Fargate::new().unwrap();
    let resources = provider.resources().iter().map(|(name, resource)| {
        let short = name.strip_prefix("fargate_").unwrap();
        (format!("docs/resources/{short}.md"), resource_page(name, resource.schema()))
    });
    let others = [
        ("docs/index.md".to_owned(), provider_page(provider.schema())),
        (GUIDE.to_owned(), guide()),
        (controls::GUIDE.to_owned(), security(&provider)),
    ];
    let sources = provider.data_sources().iter().map(|(name, source)| {
        let short = name.strip_prefix("fargate_").unwrap();
        (format!("docs/data-sources/{short}.md"), data_source_page(name, source.schema()))
    });
    resources.chain(sources).chain(others).collect()
}

fn security(provider: &Fargate) -> String {
    let text = fs::read_to_string(root().join(controls::GUIDE)).unwrap();
    controls::written(&text, provider.resources()["fargate_web_service"].schema())
}

const GUIDE: &str = "docs/guides/simulator.md";

/// The guide as it stands, each list of operations written anew: the line after `<!-- operations of SERVICE -->`.
fn guide() -> String {
    let text = fs::read_to_string(root().join(GUIDE)).unwrap();
    let (mut page, mut lines) = (String::new(), text.lines());
    while let Some(line) = lines.next() {
        page += &format!("{line}\n");
        let service = line.strip_prefix("<!-- operations of ").and_then(|rest| rest.strip_suffix(" -->"));
        if let Some(service) = service {
            lines.next();
            let names: Vec<String> = operations(service).into_iter().map(|name| format!("`{name}`")).collect();
            assert!(!names.is_empty(), "{GUIDE} lists {service}, which is not simulated");
            page += &format!("{}.\n", names.join(", "));
        }
    }
    for service in world::SERVICES {
        assert!(page.contains(&format!("<!-- operations of {service} -->")), "{GUIDE} doesn't list {service}");
    }
    page
}

/// The operations of a simulated service: of all names quoted in its source, those that it has.
fn operations(service: &str) -> BTreeSet<String> {
    let folder = match service {
        "application-autoscaling" => "autoscaling",
        "elasticloadbalancing" => "elb",
        "servicequotas" => "quotas",
        same => same,
    };
    let sources = [format!("src/simulator/{folder}/mod.rs"), format!("src/simulator/{folder}.rs")];
    let source = sources.iter().find_map(|path| fs::read_to_string(root().join(path)).ok()).unwrap_or_default();
    let quoted = source.split('"').map(str::to_owned);
    quoted.filter(|name| world::operation(service, name).is_some()).collect()
}

fn provider_page(schema: &Schema) -> String {
    let parts = [
        front_matter("Fargate Provider", &schema.description),
        format!("# Fargate Provider\n\n{}", schema.description),
        "## Example Usage".to_owned(),
        "A whole service, in the region and with the credentials of the environment:".to_owned(),
        terraform(&example("quickstart/main.tf")),
        "A provider block that says where to work:".to_owned(),
        terraform(&example("provider/provider.tf")),
        schema::section(schema),
    ];
    parts.join("\n\n") + "\n"
}

fn resource_page(name: &str, schema: &Schema) -> String {
    let parts = [
        front_matter(&format!("{name} Resource - Fargate"), &schema.description),
        format!("# {name} (Resource)\n\n{}", schema.description),
        "## Example Usage".to_owned(),
        terraform(&example(&format!("resources/{name}/resource.tf"))),
        schema::section(schema),
        import(&example(&format!("resources/{name}/import.sh"))),
    ];
    parts.join("\n\n") + "\n"
}

fn data_source_page(name: &str, schema: &Schema) -> String {
    let parts = [
        front_matter(&format!("{name} Data Source - Fargate"), &schema.description),
        format!("# {name} (Data Source)\n\n{}", schema.description),
        "## Example Usage".to_owned(),
        terraform(&example(&format!("data-sources/{name}/data-source.tf"))),
        schema::section(schema),
    ];
    parts.join("\n\n") + "\n"
}

fn front_matter(title: &str, description: &str) -> String {
    let description = description.replace('\n', "\n  ");
    let origin = "# Made by `make docs` from the schema and the examples; edit those.";
    format!("---\n{origin}\npage_title: \"{title}\"\nsubcategory: \"\"\ndescription: |-\n  {description}\n---")
}

/// The commands of the example, and the first of them as an `import` block.
fn import(commands: &str) -> String {
    let first = commands.lines().find_map(|line| line.strip_prefix("terraform import "));
    let (address, id) = first.and_then(|line| line.split_once(' ')).expect("terraform import ADDRESS ID");
    let parts = [
        "## Import".to_owned(),
        "With an [`import` block](https://developer.hashicorp.com/terraform/language/import), from Terraform 1.5 on:"
            .to_owned(),
        terraform(&format!("import {{\n  to = {address}\n  id = {id:?}\n}}")),
        "Or with the command [`terraform import`](https://developer.hashicorp.com/terraform/cli/commands/import):"
            .to_owned(),
        format!("```shell\n{commands}\n```"),
    ];
    parts.join("\n\n")
}

fn terraform(code: &str) -> String {
    format!("```terraform\n{code}\n```")
}

fn example(path: &str) -> String {
    let text = fs::read_to_string(root().join("examples").join(path));
    text.unwrap_or_else(|error| panic!("examples/{path}: {error}")).trim_end().to_owned()
}

fn write(path: &str, page: &str) {
    let path = root().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, page).unwrap();
}

fn first_difference(found: &str, wanted: &str) -> String {
    let (mut found, mut wanted) = (found.lines(), wanted.lines());
    for number in 1.. {
        match (found.next(), wanted.next()) {
            (None, None) => break,
            (there, right) if there == right => {}
            (there, right) => {
                let line = |line: Option<&str>| line.map_or("(the page ends)".to_owned(), str::to_owned);
                return format!("Line {number} is:        {}\nIt should be: {}", line(there), line(right));
            }
        }
    }
    "They differ in their line ends.".to_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
