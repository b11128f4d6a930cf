//! Reads `tasks` as a whole.

use std::collections::BTreeMap;

use super::block::Block;
use crate::config::conceal::conceal;
use crate::config::provider_block::path_plugin::PathPlugins;
use crate::config::reader::{Reader, Reality, Surroundings};
use crate::executor::TaskSettings;
use crate::spec::reading::{Field, Fields, Findings};
use crate::spec::{Parsed, ProblemKind, Source};

/// The key.
pub(in crate::config) const KEY: &str = "tasks";

/// Reads `tasks` of `tidegate.yaml` to use them: variables have to be set.
pub fn parse_tasks(
    source: &Source,
    surroundings: &Surroundings<'_>,
) -> Parsed<BTreeMap<String, TaskSettings>> {
    let mut findings = Findings::new(source);
    let is_empty = |line: &str| line.trim().is_empty() || line.trim().starts_with('#');
    if source.text().lines().all(is_empty) {
        return findings.finish(Some(BTreeMap::new()));
    }
    let root = findings.document("configuration");
    let field = root.as_ref().and_then(|root| {
        let mut fields = Fields::open(&mut findings, root, "tidegate.yaml")?;
        fields.take_set(KEY)
    });
    let tasks = field.map(|field| tasks(&mut findings, &field, surroundings, Reality::Real));
    let Parsed { value, problems } = findings.finish(Some(tasks.unwrap_or_default()));
    Parsed {
        value,
        problems: conceal(source, problems, &super::KEYS),
    }
}

/// Checks that `tasks` is well formed; variables need not be set.
pub(in crate::config) fn check(
    findings: &mut Findings<'_>,
    fields: &mut Fields<'_>,
    surroundings: &Surroundings<'_>,
) {
    let Some(field) = fields.take_set(KEY) else {
        return;
    };
    let mut own = Findings::new(findings.source());
    tasks(&mut own, &field, surroundings, Reality::DryRun);
    for problem in own.finish(Some(())).problems {
        if problem.kind != ProblemKind::Advice {
            findings.push(problem);
        }
    }
}

/// Reads each task.
fn tasks(
    findings: &mut Findings<'_>,
    field: &Field<'_>,
    surroundings: &Surroundings<'_>,
    reality: Reality,
) -> BTreeMap<String, TaskSettings> {
    let mut reader = Reader {
        findings,
        surroundings,
        reality,
        path_plugins: PathPlugins::default(),
    };
    let Some(inner) = Fields::open(reader.findings, field.value, KEY) else {
        return BTreeMap::new();
    };
    let mut tasks = BTreeMap::new();
    for entry in inner.rest() {
        if !is_name(&entry.name) {
            let message = format!("`{}` can't be the name of a task", entry.name);
            let hint = "the name that the shipyard uses: no dots, no spaces";
            reader.findings.error(entry.key, message, hint);
            continue;
        }
        let settings = task(&mut reader, &entry);
        tasks.insert(entry.name, settings);
    }
    tasks
}

/// Reads one task.
fn task(reader: &mut Reader<'_, '_>, entry: &Field<'_>) -> TaskSettings {
    if entry.value.entries().is_none() {
        let usual = Block::word(reader, entry).and_then(|block| block.finish(reader, entry));
        return TaskSettings {
            usual,
            ..TaskSettings::default()
        };
    }
    let Some(mut fields) = Fields::open(reader.findings, entry.value, &entry.name) else {
        return TaskSettings::default();
    };
    let stages = fields.take_set("stages");
    let usual = Block::read(reader, fields, &entry.name);
    let mut settings = TaskSettings::default();
    let Some(inner) = stages.and_then(|field| Fields::open(reader.findings, field.value, "stages"))
    else {
        settings.usual = usual.finish(reader, entry);
        return settings;
    };
    for stage in inner.rest() {
        let own = if stage.value.entries().is_none() {
            Block::word(reader, &stage)
        } else {
            let fields = Fields::open(reader.findings, stage.value, &stage.name);
            fields.map(|fields| Block::read(reader, fields, &stage.name))
        };
        let merged = own.map(|own| own.over(&usual));
        if let Some(found) = merged.and_then(|block| block.finish(reader, &stage)) {
            settings.stages.insert(stage.name.clone(), found);
        }
    }
    if usual.names_somebody() {
        settings.usual = usual.finish(reader, entry);
    }
    settings
}

/// Tells whether a text can be the name of a task: one part of the type of an event.
fn is_name(text: &str) -> bool {
    let is_bad = |c: char| c == '.' || c.is_whitespace() || c.is_control();
    !text.is_empty() && text.len() <= 200 && !text.contains(is_bad)
}
