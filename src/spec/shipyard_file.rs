//! `shipyard.yaml` (controlplane.md 3.1): stages, their sequences, and what triggers them.
//!
//! What Keptn's engine would only find out while a delivery waits (a trigger that nothing fires, a delay that can't be
//! read, a loop that never ends) is said here, before anything starts.

mod graph;
mod sequence;
mod trigger;

use super::Parsed;
use super::fields::{Field, Fields};
use super::findings::Findings;
use super::problem::quoted;
use super::source::{Source, Span};
use super::yaml::Node;
use crate::sequence::{Shipyard, Stage};

/// The keys at the top.
const KEYS: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];
/// The keys of a stage.
const STAGE_KEYS: [&str; 2] = ["name", "sequences"];
/// What `apiVersion` begins with.
const GROUP: &str = "spec.keptn.sh/";
/// The version to write.
const VERSION: &str = "spec.keptn.sh/0.2.3";

/// A stage, and where its name stands.
struct LocatedStage {
    /// The stage.
    stage: Stage,
    /// Where its name stands.
    place: Span,
    /// Where the triggers of its sequences stand, sequence by sequence.
    triggers: Vec<Vec<Span>>,
}

/// Reads a shipyard.
///
/// ```
/// use tidegate::spec::{Source, parse_shipyard};
/// let text = "apiVersion: spec.keptn.sh/0.2.3\nkind: Shipyard\nspec:\n  stages:\n  - name: dev\n";
/// let shipyard = parse_shipyard(&Source::new("shipyard.yaml", text)).value.unwrap();
/// assert!(shipyard.stage("dev").unwrap().sequence("evaluation").is_some());
/// ```
#[must_use]
pub fn parse_shipyard(source: &Source) -> Parsed<Shipyard> {
    let mut findings = Findings::new(source);
    let shipyard = read(&mut findings);
    findings.finish(shipyard)
}

/// Reads the file; a value may come along with errors.
fn read(findings: &mut Findings<'_>) -> Option<Shipyard> {
    let root = findings.document("shipyard")?;
    let mut fields = Fields::open(findings, &root, "a shipyard")?;
    let api_version = read_version(findings, &mut fields, root.span);
    check_kind(findings, &mut fields);
    let name = read_name(findings, &mut fields);
    let spec = fields.take_set("spec");
    fields.warn_unknown(findings, "the shipyard", &KEYS);
    let stages = read_stages(findings, spec, root.span);
    graph::check(findings, &stages);
    Some(Shipyard {
        api_version: api_version?,
        name,
        stages: stages.into_iter().map(|located| located.stage).collect(),
    })
}

/// Reads `apiVersion`; versions before 0.2 had another form.
fn read_version(
    findings: &mut Findings<'_>,
    fields: &mut Fields<'_>,
    whole: Span,
) -> Option<String> {
    let hint = format!("write `apiVersion: {VERSION}`");
    let Some(field) = fields.take_set("apiVersion") else {
        findings.error(whole, "the shipyard has no `apiVersion`", hint);
        return None;
    };
    let text = findings.text(field.value, "apiVersion")?;
    if is_supported(&text) {
        return Some(text);
    }
    let message = if text.starts_with(GROUP) {
        format!(
            "{} is an earlier form of shipyard; 0.2.0 and later can be read",
            quoted(&text)
        )
    } else {
        format!("{} is no version of a shipyard", quoted(&text))
    };
    findings.error(field.span(), message, hint);
    None
}

/// Tells whether a version is 0.2.0 or later, three numbers with a part behind them as in semantic versioning.
fn is_supported(text: &str) -> bool {
    let Some(version) = text.strip_prefix(GROUP) else {
        return false;
    };
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<Option<u64>> = core.split('.').map(|part| part.parse().ok()).collect();
    match numbers[..] {
        [Some(major), Some(minor), Some(_)] => (major, minor) >= (0, 2),
        _ => false,
    }
}

/// Warns of a `kind` that is another.
fn check_kind(findings: &mut Findings<'_>, fields: &mut Fields<'_>) {
    let Some(field) = fields.take_set("kind") else {
        return;
    };
    let Some(kind) = findings.text(field.value, "kind") else {
        return;
    };
    if !kind.eq_ignore_ascii_case("shipyard") {
        let message = format!("the kind is {}, not `Shipyard`", quoted(&kind));
        findings.warning(field.span(), message, "write `kind: Shipyard`");
    }
}

/// Reads `metadata.name`.
fn read_name(findings: &mut Findings<'_>, fields: &mut Fields<'_>) -> String {
    let metadata = fields.take_set("metadata");
    let metadata = metadata.and_then(|field| Fields::open(findings, field.value, "metadata"));
    let name = metadata.and_then(|mut metadata| metadata.take_set("name"));
    let name = name.and_then(|field| findings.text(field.value, "metadata.name"));
    name.unwrap_or_default()
}

/// Reads `spec.stages`; there has to be one.
fn read_stages(
    findings: &mut Findings<'_>,
    spec: Option<Field<'_>>,
    whole: Span,
) -> Vec<LocatedStage> {
    const HINT: &str = "list at least one stage below `spec.stages`, such as `- name: dev`";
    let Some(spec) = spec else {
        findings.error(whole, "the shipyard has no `spec`", HINT);
        return Vec::new();
    };
    let Some(mut fields) = Fields::open(findings, spec.value, "spec") else {
        return Vec::new();
    };
    let stages = fields.take_set("stages");
    fields.warn_unknown(findings, "`spec`", &["stages"]);
    let Some(stages) = stages else {
        findings.error(spec.span(), "the shipyard has no stages", HINT);
        return Vec::new();
    };
    let elements = findings
        .elements(stages.value, "spec.stages")
        .unwrap_or_default();
    if elements.is_empty() {
        findings.error(stages.span(), "the shipyard has no stages", HINT);
    }
    let mut located: Vec<LocatedStage> = Vec::new();
    for element in elements {
        if let Some(stage) = read_stage(findings, element) {
            say_duplicate(findings, &located, &stage);
            located.push(stage);
        }
    }
    located
}

/// Reads a stage.
fn read_stage(findings: &mut Findings<'_>, node: &Node) -> Option<LocatedStage> {
    let mut fields = Fields::open(findings, node, "a stage")?;
    let (name, place) = take_name(findings, &mut fields, node.span, Named::Stage)?;
    let sequences = fields.take_set("sequences");
    fields.warn_unknown(
        findings,
        &format!("the stage {}", quoted(&name)),
        &STAGE_KEYS,
    );
    let elements = sequences
        .and_then(|field| findings.elements(field.value, "sequences"))
        .unwrap_or_default();
    let mut stage = Stage {
        name,
        sequences: Vec::new(),
    };
    let mut triggers = Vec::new();
    for element in elements {
        let Some((read, name_at, places)) = sequence::read(findings, element) else {
            continue;
        };
        if stage.sequences.iter().any(|one| one.name == read.name) {
            let message = format!(
                "the stage {} has two sequences called {}",
                quoted(&stage.name),
                quoted(&read.name)
            );
            findings.error(
                name_at,
                message,
                "give each sequence of a stage its own name",
            );
        }
        stage.sequences.push(read);
        triggers.push(places);
    }
    Some(LocatedStage {
        stage,
        place,
        triggers,
    })
}

/// Says that a stage stands twice.
fn say_duplicate(findings: &mut Findings<'_>, before: &[LocatedStage], stage: &LocatedStage) {
    let name = &stage.stage.name;
    if let Some(first) = before.iter().find(|one| one.stage.name == *name) {
        let line = findings.line_of(first.place);
        let message = format!("the stage {} stands already in line {line}", quoted(name));
        findings.error(stage.place, message, "give each stage its own name");
    }
}

/// What a name is for.
#[derive(Clone, Copy)]
enum Named {
    /// A stage.
    Stage,
    /// A sequence.
    Sequence,
    /// A task.
    Task,
}

impl Named {
    /// Returns the word for it.
    fn word(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Sequence => "sequence",
            Self::Task => "task",
        }
    }

    /// Tells whether a name can be used: names are parts of event types, between dots.
    fn admits(self, name: &str) -> bool {
        match self {
            Self::Stage => is_stage_name(name),
            Self::Sequence | Self::Task => {
                !name.is_empty()
                    && name.chars().count() <= MOST_NAME
                    && name
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            }
        }
    }

    /// Says what names look like.
    fn rule(self) -> &'static str {
        match self {
            Self::Stage => {
                "a stage name has lower-case letters, digits and `-`, begins with a letter and does not end with `-`"
            }
            Self::Sequence | Self::Task => {
                "a name has letters, digits, `-` and `_`, and no dots: it becomes a part of event types"
            }
        }
    }
}

/// The most characters that a name may have.
const MOST_NAME: usize = 200;

/// Tells whether a name can be that of a stage, as Keptn has it: `[a-z]([a-z0-9-]*[a-z0-9])?`.
fn is_stage_name(name: &str) -> bool {
    name.len() <= MOST_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Takes a name that has to be there; returns it, and where it stands.
fn take_name(
    findings: &mut Findings<'_>,
    fields: &mut Fields<'_>,
    whole: Span,
    named: Named,
) -> Option<(String, Span)> {
    let word = named.word();
    let Some(field) = fields.take_set("name") else {
        let message = format!("a {word} has no name");
        findings.error(whole, message, format!("give the {word} a `name`"));
        return None;
    };
    let name = findings.text(field.value, "name")?;
    if !named.admits(&name) {
        let message = format!("{} can't be the name of a {word}", quoted(&name));
        findings.error(field.span(), message, named.rule());
        return None;
    }
    Some((name, field.span()))
}

/// Reads a duration that has to be there as milliseconds; `None` where it can't be read, which is a problem.
fn milliseconds(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<u64> {
    let text = findings.text(field.value, &field.name)?;
    let hint = "write a number and a unit, such as `90s`, `10m` or `1h30m`";
    let read = crate::gate::parse_duration(&text);
    let wait = read.ok().filter(|wait| !wait.is_negative());
    let wait = wait.and_then(|wait| u64::try_from(wait.as_millis()).ok());
    if wait.is_none() {
        let message = format!("`{}` can't be {}", field.name, quoted(&text));
        findings.error(field.span(), message, hint);
    }
    wait
}

/// Returns the names of the sequences that a stage has, the implicit one included.
fn sequence_names(stage: &Stage) -> Vec<&str> {
    let written = stage.sequences.iter().map(|one| one.name.as_str());
    let mut names: Vec<&str> = written.collect();
    if !names.contains(&Stage::EVALUATION) {
        names.push(Stage::EVALUATION);
    }
    names
}

#[cfg(test)]
mod tests;
