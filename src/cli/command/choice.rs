//! Which providers there are: those of the file or of the environment, those that need no settings, and a results file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::target::Configured;
use crate::cli::args::MeasureArgs;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::{FileConfig, ProviderDefinition, Reality, Setting, providers_from_environment};
use crate::gate::ProviderName;
use crate::provider::{FilesSettings, ProviderKind, ProviderSettings, StaticSettings};
use crate::spec::{Problem, ProblemKind};

/// The name of the provider behind `--results`.
const RESULTS: &str = "results";

/// The providers of a call, by name.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Those that somebody has configured.
    pub configured: BTreeMap<ProviderName, ProviderDefinition>,
    /// Every provider that an SLI may name: besides those, the ones that need no settings.
    pub all: BTreeMap<ProviderName, ProviderDefinition>,
    /// The one that answers for SLIs that no file defines, where `--results` names a file.
    pub for_undefined: Option<ProviderName>,
}

impl Choice {
    /// Finds the providers of a call.
    pub fn of(
        args: &MeasureArgs,
        file: &FileConfig,
        root: &Path,
        environment: &Environment,
        reality: Reality,
    ) -> Result<Self, Failure> {
        let configured = configured(file, environment, reality)?;
        let mut all = without_settings(&environment.near(root))?;
        all.extend(configured.clone());
        let mut choice = Self {
            configured,
            all,
            for_undefined: None,
        };
        if let Some(path) = &args.results {
            let name = ProviderName::new(RESULTS)?;
            let definition = results(path, reality)?;
            choice.configured.remove(&name);
            choice.all.insert(name.clone(), definition);
            choice.for_undefined = Some(name);
        }
        Ok(choice)
    }
}

/// Returns the providers of the file; without any, those of the environment.
fn configured(
    file: &FileConfig,
    environment: &Environment,
    reality: Reality,
) -> Result<BTreeMap<ProviderName, ProviderDefinition>, Failure> {
    if !file.providers.is_empty() {
        return Ok(file.providers.clone());
    }
    let lookup = |name: &str| environment.get(name).map(str::to_owned);
    let found = providers_from_environment(&lookup).map_err(|problem| {
        let message = format!("{} can't be used: {}", problem.variable, problem.message);
        Failure::new(Exit::Configuration, message).with_hint(problem.hint)
    })?;
    if !found.is_empty() || reality == Reality::Real {
        return Ok(found);
    }
    let kind = ProviderKind::Prometheus;
    let name = ProviderName::new(kind.as_str())?;
    Ok(BTreeMap::from([(name, ProviderDefinition::unopened(kind))]))
}

/// Returns the providers that need no settings: files, and numbers that stand in the SLI file.
fn without_settings(root: &Path) -> Result<BTreeMap<ProviderName, ProviderDefinition>, Failure> {
    let files = FilesSettings {
        folder: root.to_path_buf(),
        ..FilesSettings::default()
    };
    let settings = [
        ProviderSettings::Files(Box::new(files)),
        ProviderSettings::Static(StaticSettings::default()),
    ];
    settings
        .into_iter()
        .map(|settings| {
            let name = ProviderName::new(settings.kind().as_str())?;
            Ok((name, ProviderDefinition::of(settings)))
        })
        .collect()
}

/// Returns the provider of a results file; its path starts at the working folder.
fn results(path: &str, reality: Reality) -> Result<ProviderDefinition, Failure> {
    let is_pattern = path.contains(['*', '?', '[']);
    if reality == Reality::Real && !is_pattern && !Path::new(path).exists() {
        let problem = Problem::new(ProblemKind::Missing, path, None, "the file does not exist");
        let hint = "--results names it: did the load test write it, and is it here already?";
        return Err(Failure::of_files(vec![problem.with_hint(hint)]));
    }
    let settings = FilesSettings {
        folder: PathBuf::new(),
        path: Some(path.to_owned()),
        ..FilesSettings::default()
    };
    Ok(ProviderDefinition::of(ProviderSettings::Files(Box::new(
        settings,
    ))))
}

/// Returns the provider for SLIs that name none: the one that is set, or the only one there is.
pub fn default_provider(configured: &Configured) -> Result<Option<ProviderName>, Failure> {
    let set = configured
        .settings
        .read(Setting::Provider, |name| ProviderName::new(name))?;
    let choice = &configured.providers;
    let Some(name) = set else {
        let mut names = choice.configured.keys();
        return Ok(names.next().filter(|_| names.next().is_none()).cloned());
    };
    if choice.all.contains_key(&name) || choice.configured.is_empty() {
        return Ok(Some(name));
    }
    let known: Vec<&str> = choice.all.keys().map(ProviderName::as_str).collect();
    let origin = configured.settings.origin(Setting::Provider);
    Err(Failure::new(
        Exit::Configuration,
        format!("{origin}: the provider `{name}` is not defined"),
    )
    .with_hint(crate::spec::reading::hint(name.as_str(), &known)))
}
