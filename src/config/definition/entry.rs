//! An entry of `providers` whose `type` is the name of a definition: where the definition is found, and what it says of
//! address and credentials where the entry says nothing.

#![expect(
    clippy::disallowed_methods,
    reason = "definitions may stand in a folder beside tidegate.yaml"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{declared, given};
use crate::config::conceal::conceal;
use crate::config::provider_block::Fallback;
use crate::config::reader::{Reader, Surroundings};
use crate::gate::PolicyLayer;
use crate::provider::{Definition, SHIPPED};
use crate::spec::reading::{Field, Fields, Findings, POLICY_KEYS, read_policies};
use crate::spec::{Problem, Source};

/// The folder beside `tidegate.yaml` whose definitions add to those that come with the program, or replace them.
pub(in crate::config) const SHIPPED_FOLDER: &str = "sli-providers";

/// The keys of a definition's file that an entry of `providers` has, too.
const CONNECTION_KEYS: [&str; 3] = ["url", "auth", "headers"];

/// A definition that was found by its name.
pub(in crate::config) struct Named {
    /// Its name.
    pub name: String,
    /// The file.
    pub source: Source,
    /// The file, where it does not come with the program.
    pub own_path: Option<String>,
    /// Whether it replaces one that comes with the program.
    pub origin: Origin,
}

/// Where a definition comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Origin {
    /// It comes with the program.
    Shipped,
    /// It stands in a file, under a name of its own.
    Added,
    /// It stands in a file, and takes the place of one that comes with the program.
    Replacing,
}

/// What an entry and its definition come to together.
pub(in crate::config) struct Entry {
    /// The definition.
    pub definition: Definition,
    /// The policies of the definition.
    pub policies: PolicyLayer,
    /// The values that the entry gives.
    pub variables: BTreeMap<String, String>,
    /// What the definition says where the entry says nothing.
    pub fallback: Fallback,
}

/// Finds a definition: in the folder beside `tidegate.yaml`, or among those that come with the program.
pub(in crate::config) fn find(folder: &Path, name: &str) -> Option<Result<Named, Problem>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let shipped = SHIPPED.iter().find(|shipped| shipped.name == name);
    let path = folder.join(SHIPPED_FOLDER).join(format!("{name}.yaml"));
    if path.is_file() {
        let source = match Source::read(&path, Source::MOST_YAML_BYTES) {
            Ok(source) => source,
            Err(problem) => return Some(Err(problem)),
        };
        let is_copy = shipped.is_some_and(|shipped| shipped.text == source.raw());
        let origin = match (shipped, is_copy) {
            (_, true) => Origin::Shipped,
            (Some(_), false) => Origin::Replacing,
            (None, false) => Origin::Added,
        };
        return Some(Ok(Named {
            name: name.to_owned(),
            source,
            own_path: (!is_copy).then(|| path.display().to_string()),
            origin,
        }));
    }
    let shipped = shipped?;
    Some(Ok(Named {
        name: name.to_owned(),
        source: Source::new(format!("{SHIPPED_FOLDER}/{name}.yaml"), shipped.text),
        own_path: None,
        origin: Origin::Shipped,
    }))
}

/// Returns the names of all definitions, in order.
pub(in crate::config) fn names(folder: &Path) -> Vec<String> {
    let mut names: BTreeSet<String> = SHIPPED
        .iter()
        .map(|shipped| shipped.name.to_owned())
        .collect();
    let files = std::fs::read_dir(folder.join(SHIPPED_FOLDER));
    for file in files.into_iter().flatten().flatten() {
        let path = file.path();
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
        if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
            && is_yaml
        {
            names.insert(stem.to_owned());
        }
    }
    names.into_iter().collect()
}

/// Reads the entry and its definition.
pub(in crate::config) fn read(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    named: &Named,
) -> Option<Entry> {
    if let (Some(path), Origin::Replacing) = (&named.own_path, named.origin) {
        let message = format!(
            "`{}` is the definition in {path}, not the one that comes with tidegate",
            named.name
        );
        let hint = "remove the file to use that one; `tidegate providers show` prints it";
        reader.findings.warning(entry.key, message, hint);
    }
    let mut findings = Findings::new(&named.source);
    let entry_read = read_file(reader, &mut findings, entry, fields, named);
    let parsed = findings.finish(Some(()));
    let keys = [&super::KEYS[..], &super::INNER_KEYS, &POLICY_KEYS].concat();
    for problem in conceal(&named.source, parsed.problems, &keys) {
        reader.findings.push(problem);
    }
    entry_read
}

/// Reads the file of a definition, and what the entry says.
fn read_file(
    reader: &mut Reader<'_, '_>,
    findings: &mut Findings<'_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    named: &Named,
) -> Option<Entry> {
    let root = findings.document("definition")?;
    let path = named.source.path();
    let mut inside = Fields::open(findings, &root, path)?;
    let owner = Field {
        name: path.to_owned(),
        key: root.span,
        value: &root,
    };
    let mut own = Reader {
        findings,
        surroundings: reader.surroundings,
        reality: reader.reality,
        path_plugins: reader.path_plugins,
    };
    let known = match own.open(&mut inside, "vars") {
        Some((_, vars)) => declared(&mut own, vars),
        None => BTreeMap::new(),
    };
    let variables = given(reader, entry, fields, Some(&known));
    let mut filled = variables.clone();
    for (name, parameter) in &known {
        if let (Some(default), false) = (&parameter.default, filled.contains_key(name)) {
            filled.insert(name.clone(), default.clone());
        }
    }
    let fallback = fallback(&mut own, &mut inside, fields, &filled);
    let policies = read_policies(&mut own, &mut inside);
    let read = super::read(&mut own, &owner, &mut inside, known);
    let keys = [&super::KEYS[..], &CONNECTION_KEYS, &POLICY_KEYS].concat();
    own.refuse_rest(inside, &format!("the definition `{}`", named.name), &keys);
    let read = read?;
    let mut policies = policies.over(&read.policies);
    let mut definition = read.definition;
    definition.delay = policies.delay.take().unwrap_or(definition.delay);
    Some(Entry {
        definition,
        policies,
        variables,
        fallback,
    })
}

/// Reads what the definition says of address, credentials and headers, where the entry says nothing of them.
fn fallback(
    own: &mut Reader<'_, '_>,
    inside: &mut Fields<'_>,
    fields: &Fields<'_>,
    variables: &BTreeMap<String, String>,
) -> Fallback {
    let lookup = |name: &str| match name.strip_prefix("VAR.") {
        Some(name) => variables.get(name).cloned(),
        None => (own.surroundings.lookup)(name),
    };
    let surroundings = Surroundings {
        lookup: &lookup,
        folder: own.surroundings.folder,
        reality: own.surroundings.reality,
    };
    let mut reader = Reader {
        findings: &mut *own.findings,
        surroundings: &surroundings,
        reality: own.reality,
        path_plugins: own.path_plugins,
    };
    for key in ["url", "auth"] {
        if fields.has(key) {
            inside.take(key);
        }
    }
    Fallback::read(&mut reader, inside)
}
