//! `tidegate.yaml`, read as a whole.

use std::collections::BTreeMap;

use super::conceal::conceal;
use super::control_plane::{self, ControlPlaneOptions};
use super::event_log::{self, EventLogOptions};
use super::notifications::{self, NotificationSettings};
use super::provider_block::{self, path_plugin, path_plugin::PathPlugins};
use super::reader::{Reader, Reality, Surroundings};
use super::serve;
use super::settings::{Layer, Setting};
use super::tasks;
use crate::gate::{MissingSlo, PolicyLayer, ProviderFacts, ProviderName};
use crate::provider::{self, ProviderKind, ProviderSettings};
use crate::spec::reading::{Field, Fields, Findings, POLICY_KEYS, read_policies};
use crate::spec::{Parsed, Source};

/// What `tidegate.yaml` says.
#[derive(Clone, Debug, Default)]
pub struct FileConfig {
    /// The settings that flags and the environment can override.
    pub layer: Layer,
    /// The providers, by name.
    pub providers: BTreeMap<ProviderName, ProviderDefinition>,
    /// The policies for everything.
    pub policies: PolicyLayer,
    /// The variables of the environment that queries may use.
    pub environment: Vec<String>,
    /// What the event log needs besides its URL.
    pub event_log: EventLogOptions,
    /// The control plane that the client commands speak to.
    pub control_plane: ControlPlaneOptions,
    /// Labels for every evaluation.
    pub labels: BTreeMap<String, String>,
    /// Who is told of an evaluation.
    pub notifications: Vec<NotificationSettings>,
    /// What an evaluation of a sequence comes to where the service has no SLO.
    pub on_missing_slo: MissingSlo,
    /// Who is told of the events of sequences: `cdevents=URL`.
    pub emit: Vec<String>,
}

/// One entry of `providers`.
#[derive(Clone, Debug)]
pub struct ProviderDefinition {
    /// Its `type`.
    pub kind: ProviderKind,
    /// Its policies.
    pub policies: PolicyLayer,
    /// What it takes to open it; `None` only in a dry run, where variables may be unset.
    pub settings: Option<ProviderSettings>,
}

impl ProviderDefinition {
    /// Makes a definition that can't be opened: for a dry run, which only needs to know the kind.
    #[must_use]
    pub fn unopened(kind: ProviderKind) -> Self {
        Self {
            kind,
            policies: PolicyLayer::default(),
            settings: None,
        }
    }

    /// Makes a definition without policies.
    #[must_use]
    pub fn of(settings: ProviderSettings) -> Self {
        Self {
            kind: settings.kind(),
            policies: PolicyLayer::default(),
            settings: Some(settings),
        }
    }

    /// Returns what is known of the provider without asking it.
    #[must_use]
    pub fn facts(&self) -> Box<dyn ProviderFacts> {
        provider::facts(self.kind, self.settings.as_ref())
    }
}

/// The keys at the top.
const KEYS: [&str; 31] = [
    "project",
    "stage",
    "service",
    "deployment",
    "event_log",
    "provider",
    "timeframe",
    "timeout",
    "fail_on",
    "output",
    "baseline",
    "require_baseline",
    "event_log_required",
    "report",
    "artifact",
    "ci",
    "notify",
    "on_fail",
    "on_warning",
    "wait_for_data",
    "providers",
    "policies",
    "environment",
    "labels",
    "on_missing_slo",
    "emit",
    notifications::KEY,
    path_plugin::KEY,
    serve::KEY,
    tasks::KEY,
    control_plane::KEY,
];

/// Reads `tidegate.yaml`. An empty file is a file that sets nothing.
pub fn parse(source: &Source, surroundings: &Surroundings<'_>) -> Parsed<FileConfig> {
    let Parsed { value, problems } = read(source, surroundings);
    let keys = [
        &KEYS[..],
        &event_log::KEYS,
        &control_plane::KEYS,
        &notifications::KEYS,
        &provider_block::KEYS,
        &provider_block::INNER_KEYS,
        &provider_block::exec::KEYS,
        &provider_block::files::KEYS,
        &super::definition::KEYS,
        &super::definition::INNER_KEYS,
        &tasks::KEYS,
        &POLICY_KEYS,
    ]
    .concat();
    Parsed {
        value,
        problems: conceal(source, problems, &keys),
    }
}

/// Reads the file; its problems show lines as they are.
fn read(source: &Source, surroundings: &Surroundings<'_>) -> Parsed<FileConfig> {
    let mut findings = Findings::new(source);
    if source
        .text()
        .lines()
        .all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
    {
        return findings.finish(Some(FileConfig::default()));
    }
    let Some(root) = findings.document("configuration") else {
        return findings.finish(None);
    };
    let Some(mut fields) = Fields::open(&mut findings, &root, "tidegate.yaml") else {
        return findings.finish(None);
    };
    let mut reader = Reader {
        findings: &mut findings,
        surroundings,
        reality: Reality::Real,
        path_plugins: PathPlugins::default(),
    };
    reader.path_plugins = path_plugins(&mut reader, &mut fields);
    let mut layer = layer(&mut reader, &mut fields);
    let config = FileConfig {
        event_log: event_log::read(&mut reader, &mut fields, &mut layer),
        control_plane: control_plane::read(&mut reader, &mut fields),
        layer,
        providers: providers(&mut reader, &mut fields),
        policies: policies(&mut reader, &mut fields),
        environment: names(&mut reader, &mut fields),
        labels: labels(&mut reader, &mut fields),
        notifications: notifications::read(&mut reader, &mut fields),
        on_missing_slo: missing_slo(&mut reader, &mut fields),
        emit: emit(&mut reader, &mut fields),
    };
    serve::check(reader.findings, &mut fields, surroundings);
    tasks::check(reader.findings, &mut fields, surroundings);
    reader.refuse_rest(fields, "tidegate.yaml", &KEYS);
    findings.finish(Some(config))
}

/// Reads whether programs on PATH may be providers by their name.
fn path_plugins(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> PathPlugins {
    let field = fields.take_set(path_plugin::KEY);
    let allowed = field.and_then(|field| reader.findings.boolean(field.value, path_plugin::KEY));
    match allowed {
        Some(true) => PathPlugins::Allowed,
        Some(false) | None => PathPlugins::Refused,
    }
}

/// Reads the settings that are one text each.
fn layer(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Layer {
    let mut layer = Layer::default();
    for setting in Setting::ALL {
        let name = setting.key();
        if setting == Setting::EventLog {
            continue;
        }
        let Some(field) = fields.take_set(name) else {
            continue;
        };
        let line = reader.findings.line_of(field.key);
        let text = if setting.is_list() {
            listed(reader, &field)
        } else {
            reader.field_text(&field)
        };
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            layer.set_from_file(setting, text, reader.findings.source().path(), line);
        }
    }
    layer
}

/// Reads a list, or a text with commas.
fn listed(reader: &mut Reader<'_, '_>, field: &Field<'_>) -> Option<String> {
    let Some(elements) = field.value.elements() else {
        return reader.field_text(field);
    };
    let texts = elements.iter().filter_map(|element| {
        let text = reader.findings.text(element, &field.name)?;
        reader.fill_text(field, &text)
    });
    Some(texts.collect::<Vec<_>>().join(","))
}

/// Reads `providers`.
fn providers(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
) -> BTreeMap<ProviderName, ProviderDefinition> {
    let mut providers = BTreeMap::new();
    let Some((_, inner)) = reader.open(fields, "providers") else {
        return providers;
    };
    reader.reality = reader.surroundings.reality;
    for field in inner.rest() {
        match ProviderName::new(field.name.clone()) {
            Ok(name) => {
                if let Some(definition) = provider_block::read(reader, &field) {
                    providers.insert(name, definition);
                }
            }
            Err(error) => {
                reader
                    .findings
                    .error(field.key, error.to_string(), "give the provider a name");
            }
        }
    }
    reader.reality = Reality::Real;
    providers
}

/// Reads `policies`.
fn policies(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> PolicyLayer {
    let Some((_, mut inner)) = reader.open(fields, "policies") else {
        return PolicyLayer::default();
    };
    let policies = read_policies(reader, &mut inner);
    reader.refuse_rest(inner, "`policies`", &POLICY_KEYS);
    policies
}

/// Reads `environment`: the names of variables that queries may use.
fn names(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<String> {
    let Some(field) = fields.take_set("environment") else {
        return Vec::new();
    };
    let elements = reader
        .findings
        .elements(field.value, "environment")
        .unwrap_or_default();
    elements
        .iter()
        .filter_map(|element| reader.findings.text(element, "environment"))
        .collect()
}

/// Reads `on_missing_slo`.
fn missing_slo(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> MissingSlo {
    let Some(field) = fields.take_set("on_missing_slo") else {
        return MissingSlo::default();
    };
    let word = reader.field_text(&field).unwrap_or_default();
    word.parse().unwrap_or_else(|hint: &str| {
        let message = format!("`on_missing_slo` can't be `{word}`");
        reader.findings.error(field.span(), message, hint);
        MissingSlo::default()
    })
}

/// Reads `emit`: a text, or a list.
fn emit(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<String> {
    let Some(field) = fields.take_set("emit") else {
        return Vec::new();
    };
    let texts = listed(reader, &field).unwrap_or_default();
    let texts = texts.split(',').map(str::trim);
    texts
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads `labels`.
fn labels(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> BTreeMap<String, String> {
    let Some((_, inner)) = reader.open(fields, "labels") else {
        return BTreeMap::new();
    };
    let fields = inner.rest();
    fields
        .into_iter()
        .filter_map(|field| Some((field.name.clone(), reader.field_text(&field)?)))
        .collect()
}
