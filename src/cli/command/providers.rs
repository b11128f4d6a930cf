//! `tidegate providers`.

use std::path::Path;

use serde_json::{Value, json};

use super::World;
use crate::cli::args::{ProvidersArgs, ProvidersCommand, ProvidersFormat};
use crate::cli::console::{complain, print};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::{ListedDefinition, definitions, find_config};
use crate::provider::ProviderKind;
use crate::report::pretty;
use crate::spec::nearest;

/// One line of the list.
struct Line {
    /// The name: what `type` says.
    name: String,
    /// What it is.
    about: String,
    /// What carries it out: `built in`, or `http`.
    kind: &'static str,
    /// What must be given.
    needs: Vec<String>,
    /// The file, where it is the user's own.
    path: Option<String>,
}

/// Lists the providers, or prints one.
pub fn providers(args: &ProvidersArgs, world: &World<'_>) -> Exit {
    let ProvidersArgs { command, output } = args;
    let given = world.environment.get("TIDEGATE_CONFIG");
    let places = find_config(Path::new("."), given.map(Path::new));
    let definitions = definitions(&places.root);
    match (command, output) {
        (Some(ProvidersCommand::Show { name }), _) => show(name, &definitions),
        (None, ProvidersFormat::Table) => print(&table(&lines(definitions))),
        (None, ProvidersFormat::Json) => print(&pretty(&document(&lines(definitions)))),
    }
}

/// Prints the file of a definition.
fn show(name: &str, definitions: &[ListedDefinition]) -> Exit {
    if let Some(found) = definitions.iter().find(|found| found.name == name) {
        return print(&found.text);
    }
    let message = if name.parse::<ProviderKind>().is_ok() {
        format!("the provider `{name}` is built in: there is no file of it")
    } else {
        format!("there is no provider `{name}`")
    };
    let names: Vec<&str> = definitions
        .iter()
        .map(|found| found.name.as_str())
        .collect();
    let hint = match nearest(name, &names) {
        Some(near) => format!("did you mean `{near}`? `tidegate providers` lists them all"),
        None => "`tidegate providers` lists them all".to_owned(),
    };
    complain(&Failure::new(Exit::Usage, message).with_hint(hint).text());
    Exit::Usage
}

/// Returns everything that `type` may say, by name.
fn lines(definitions: Vec<ListedDefinition>) -> Vec<Line> {
    let built_in = ProviderKind::ALL.into_iter().map(|kind| Line {
        name: kind.to_string(),
        about: about(kind).to_owned(),
        kind: "built in",
        needs: needs(kind).iter().map(|need| (*need).to_owned()).collect(),
        path: None,
    });
    let declared = definitions.into_iter().map(|definition| {
        let ListedDefinition {
            name,
            about,
            needs,
            path,
            text: _,
        } = definition;
        Line {
            name,
            about,
            kind: "http",
            needs,
            path,
        }
    });
    let mut lines: Vec<Line> = built_in.chain(declared).collect();
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    lines
}

/// Says what a kind of provider is.
fn about(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Prometheus => "Prometheus, and what speaks its API (PromQL)",
        ProviderKind::Files => "Files: load tests, JUnit, coverage, metrics, JSON, CSV",
        ProviderKind::Http => "Any HTTP API, declared in tidegate.yaml",
        ProviderKind::Exec => "Any program that prints numbers, and plug-ins",
        ProviderKind::Sql => "PostgreSQL and SQLite",
        ProviderKind::Static => "Numbers that tidegate.yaml or the SLI file states",
        ProviderKind::Dynatrace => "Dynatrace: metrics, SLOs, problems, USQL, DQL",
        ProviderKind::Datadog => "Datadog: metrics, logs, spans, and more",
    }
}

/// Says what a kind of provider needs.
fn needs(kind: ProviderKind) -> &'static [&'static str] {
    match kind {
        ProviderKind::Prometheus => &["url"],
        ProviderKind::Files | ProviderKind::Static => &[],
        ProviderKind::Http => &["url", "request", "response"],
        ProviderKind::Exec => &["command"],
        ProviderKind::Sql => &["url"],
        ProviderKind::Dynatrace => &["url", "api_token (platform_token for DQL)"],
        ProviderKind::Datadog => &["api_key", "app_key"],
    }
}

/// Writes the list for people.
fn table(lines: &[Line]) -> String {
    let width = |text: fn(&Line) -> &str, head: &str| {
        let widths = lines.iter().map(|line| text(line).chars().count());
        widths.max().unwrap_or(0).max(head.len())
    };
    let name = width(|line| &line.name, "TYPE");
    let about = width(|line| &line.about, "WHAT IT IS");
    let mut table = format!(
        "{:name$}  {:about$}  {:8}  NEEDS\n",
        "TYPE", "WHAT IT IS", "BY"
    );
    for line in lines {
        let mut needs = line.needs.join(", ");
        if let Some(path) = &line.path {
            needs = format!("{needs} ({path})");
        }
        let row = format!(
            "{:name$}  {:about$}  {:8}  {needs}",
            line.name, line.about, line.kind
        );
        table = table + row.trim_end() + "\n";
    }
    table
}

/// Writes the list for programs.
fn document(lines: &[Line]) -> Value {
    let line = |line: &Line| {
        json!({
            "type": line.name,
            "about": line.about,
            "by": line.kind,
            "needs": line.needs,
            "path": line.path,
        })
    };
    json!({ "providers": lines.iter().map(line).collect::<Vec<_>>() })
}
