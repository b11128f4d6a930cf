//! One folder to evaluate: its configuration, its files, its settings, up to the plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::World;
use super::choice::{Choice, default_provider};
use super::labels::labels;
use super::mark;
use super::refusal::{named_by, no_provider, nothing_to_ask, unknown_indicators, window_failure};
use crate::app::{PrepareError, PrepareRequest};
use crate::cli::args::{FailOn, MeasureArgs};
use crate::cli::ci::of_settings;
use crate::cli::failure::Failure;
use crate::cli::marks::{MarkName, Marks, find};
use crate::cli::wiring;
use crate::config::{
    FileConfig, Layer, Places, ProviderDefinition, Reality, Setting, Settings, SettingsRequest,
    Surroundings, find_config, parse,
};
use crate::eventlog::EventLogSettings;
use crate::gate::{
    DefinedProvider, ProjectName, ProviderFacts, ProviderName, Series, ServiceName, StageName,
    WindowRequest, parse_duration,
};
use crate::report::Format;
use crate::report::ci::CiJob;
use crate::spec::{Problem, ProblemKind, Shelf, Source};

/// One thing to evaluate.
#[derive(Clone, Debug)]
pub struct Target {
    /// The SLO, or the folder that holds it.
    pub slo: PathBuf,
    /// The folder that the SLO lies in.
    pub folder: PathBuf,
}

impl Target {
    /// Returns what the command line names: folders, a file, or the working folder.
    pub fn all(slo: Option<&Path>, folders: &[PathBuf]) -> Vec<Self> {
        if slo.is_some() || folders.is_empty() {
            return vec![Self::one(slo)];
        }
        let folder = |folder: &PathBuf| Self {
            slo: folder.clone(),
            folder: folder.clone(),
        };
        folders.iter().map(folder).collect()
    }

    /// Returns the file that is named, or the working folder.
    pub fn one(slo: Option<&Path>) -> Self {
        let here = || PathBuf::from(".");
        let Some(slo) = slo else {
            return Self {
                slo: here(),
                folder: here(),
            };
        };
        let parent = slo.parent().filter(|parent| *parent != Path::new(""));
        Self {
            slo: slo.to_owned(),
            folder: parent.map_or_else(here, Path::to_owned),
        }
    }
}

/// The settings of one target.
pub struct Configured {
    /// What `tidegate.yaml` says.
    pub file: FileConfig,
    /// What is worth knowing of `tidegate.yaml`.
    pub advice: Vec<Problem>,
    /// Where things are.
    pub places: Places,
    /// The settings with their origins.
    pub settings: Settings,
    /// The providers.
    pub providers: Choice,
    /// How long the call may take.
    pub timeout: Option<Duration>,
    /// What ends with a failing exit code.
    pub fail_on: Option<FailOn>,
    /// Where evaluations are stored.
    pub log: EventLogSettings,
    /// The job of the CI system that runs this, where it is to be spoken to.
    pub job: Option<CiJob>,
}

impl Configured {
    /// Returns what stdout shows: a table where nobody says.
    pub fn format(&self) -> Result<Format, Failure> {
        let format = self.settings.read(Setting::Output, str::parse::<Format>)?;
        Ok(format.unwrap_or(Format::Table))
    }
}

/// One target, configured; or why it can't be.
pub type Job = (Target, Result<Configured, Failure>);

/// Reads the configuration that belongs to a target.
pub fn configure(
    target: &Target,
    args: &MeasureArgs,
    own_flags: Layer,
    reality: Reality,
    world: &World<'_>,
) -> Result<Configured, Failure> {
    let environment = world.environment;
    let lookup = |name: &str| environment.get(name).map(str::to_owned);
    let given = args
        .config
        .clone()
        .or_else(|| environment.get("TIDEGATE_CONFIG").map(PathBuf::from));
    let mut places = find_config(&target.folder, given.as_deref());
    places.config = places.config.map(|path| environment.near(&path));
    let surroundings = Surroundings {
        lookup: &lookup,
        folder: &places.root,
        reality,
    };
    let (file, advice) = match &places.config {
        Some(path) => read_config(path, &surroundings, named_by(args))?,
        None => (FileConfig::default(), Vec::new()),
    };
    let settings = Settings::resolve(SettingsRequest {
        flags: flags(args).over(own_flags),
        environment: Layer::from_environment(&lookup),
        file: file.layer.clone(),
    });
    let timeout = settings.read(Setting::Timeout, |text| {
        parse_duration(text)
            .map_err(|error| error.reason)
            .and_then(|duration| {
                Duration::try_from(duration)
                    .ok()
                    .filter(|d| !d.is_zero())
                    .ok_or("it must be above 0")
            })
    })?;
    let fail_on = settings.read(Setting::FailOn, fail_on)?;
    let providers = Choice::of(args, &file, &places.root, environment, reality)?;
    let log = wiring::log_settings(&settings, &file.event_log, &places.root, environment)?;
    let job = of_settings(&settings, environment)?;
    Ok(Configured {
        file,
        advice,
        places,
        settings,
        providers,
        timeout,
        fail_on,
        log,
        job,
    })
}

/// Reads `tidegate.yaml`; its problems end with a code of their own.
fn read_config(
    path: &Path,
    surroundings: &Surroundings<'_>,
    named_by: &str,
) -> Result<(FileConfig, Vec<Problem>), Failure> {
    let source =
        Source::read(path, Source::MOST_YAML_BYTES).map_err(|problem| match problem.kind {
            ProblemKind::Missing => {
                let hint = format!("{named_by} names it");
                Failure::of_files(vec![problem.with_hint(hint)])
            }
            ProblemKind::Malformed | ProblemKind::Advice => {
                Failure::of_configuration(vec![problem])
            }
        })?;
    let parsed = parse(&source, surroundings);
    match parsed.value {
        Some(config) => Ok((config, parsed.problems)),
        None => Err(Failure::of_configuration(parsed.problems)),
    }
}

/// Returns the layer of the flags that several commands have.
fn flags(args: &MeasureArgs) -> Layer {
    let mut layer = Layer::default();
    layer.set_from_flag(Setting::Project, args.project.clone());
    layer.set_from_flag(Setting::Stage, args.stage.clone());
    layer.set_from_flag(Setting::Service, args.service.clone());
    layer.set_from_flag(Setting::Deployment, args.deployment.clone());
    layer.set_from_flag(Setting::Provider, args.provider.clone());
    layer.set_from_flag(Setting::Timeframe, args.timeframe.clone());
    layer.set_from_flag(Setting::Timeout, args.timeout.clone());
    layer
}

/// Returns the word for a value of a flag.
pub fn name_of<T: clap::ValueEnum + Copy>(value: T) -> String {
    value
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Reads what ends with a failing exit code.
fn fail_on(text: &str) -> Result<FailOn, &'static str> {
    <FailOn as clap::ValueEnum>::from_str(text, false)
        .map_err(|_unknown| "known are fail, warning and never")
}

/// What it takes to read the files of a target.
pub struct Preparation<'a> {
    /// What is to be measured.
    pub target: &'a Target,
    /// What was typed.
    pub args: &'a MeasureArgs,
    /// A file with values, where they are brought along.
    pub values: Option<&'a Path>,
    /// The settings of the target.
    pub configured: &'a Configured,
    /// The present moment.
    pub now: Timestamp,
}

/// Reads the files of a target, and makes of them what `prepare` makes of its request.
pub fn prepare_with<T>(
    preparation: &Preparation<'_>,
    world: &World<'_>,
    prepare: impl FnOnce(&PrepareRequest<'_>) -> Result<T, PrepareError>,
) -> Result<T, Failure> {
    let Preparation {
        target,
        args,
        values,
        configured,
        now,
    } = *preparation;
    let default_provider = default_provider(configured)?;
    let facts: Vec<(&ProviderName, &ProviderDefinition, Box<dyn ProviderFacts>)> = configured
        .providers
        .all
        .iter()
        .map(|(name, definition)| (name, definition, definition.facts()))
        .collect();
    let defined: BTreeMap<ProviderName, DefinedProvider<'_>> = facts
        .iter()
        .map(|(name, definition, facts)| {
            let policies = definition.policies.clone();
            let facts = facts.as_ref();
            ((*name).clone(), DefinedProvider { policies, facts })
        })
        .collect();
    let request = PrepareRequest {
        shelf: Shelf::Disk,
        slo: &target.slo,
        sli: args.sli.clone(),
        values,
        levels_above: configured.places.levels_above(&target.folder),
        series: series(target, configured)?,
        deployment: configured
            .settings
            .get(Setting::Deployment)
            .map(str::to_owned),
        labels: labels(args, configured, world)?,
        filters: &[],
        environment: allowed_environment(configured, world),
        window: window(args, configured, now, world)?,
        window_is_typed: args.start.is_some() || args.end.is_some() || args.timeframe.is_some(),
        now,
        providers: &defined,
        default_provider: default_provider.as_ref(),
        for_undefined: configured.providers.for_undefined.as_ref(),
        policies: &configured.file.policies,
    };
    prepare(&request).map_err(|error| match error {
        PrepareError::Files(problems) => Failure::of_files(problems),
        PrepareError::NoProvider(indicators) => no_provider(&indicators, configured),
        PrepareError::Unknown(unknown) => unknown_indicators(&unknown),
        PrepareError::NothingToAsk => nothing_to_ask(),
        PrepareError::Range(error) => Failure::from(error),
        PrepareError::Window(error) => window_failure(error, args, &configured.settings),
    })
}

/// Returns the window as it was typed, the instants of marks in place of their names.
fn window(
    args: &MeasureArgs,
    configured: &Configured,
    now: Timestamp,
    world: &World<'_>,
) -> Result<WindowRequest, Failure> {
    let places = [Marks::of(&configured.places.root), mark::here(world)];
    let resolve = |text: &String| -> Result<String, Failure> {
        let Some(name) = text.strip_prefix('@') else {
            return Ok(text.clone());
        };
        let found = find(&MarkName::new(name)?, &places, now)?;
        if let Some(warning) = found.warning {
            world.console.say(&warning);
        }
        Ok(found.mark.time.to_string())
    };
    Ok(WindowRequest {
        start: args.start.as_ref().map(resolve).transpose()?,
        end: args.end.as_ref().map(resolve).transpose()?,
        timeframe: timeframe(args, configured),
    })
}

/// Returns the timeframe; one that is only configured yields to a window that is typed.
fn timeframe(args: &MeasureArgs, configured: &Configured) -> Option<String> {
    let typed = args.timeframe.is_some();
    let other_window_typed = args.end.is_some();
    configured
        .settings
        .get(Setting::Timeframe)
        .filter(|_| typed || !other_window_typed)
        .map(str::to_owned)
}

/// Returns what is evaluated; what nobody names is named after folders.
pub fn series(target: &Target, configured: &Configured) -> Result<Series, Failure> {
    let settings = &configured.settings;
    let folder = |path: &Path| {
        let path = crate::config::absolute(path);
        path.file_name().map_or_else(
            || "default".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    };
    let project = settings.read(Setting::Project, |name| ProjectName::new(name))?;
    let stage = settings.read(Setting::Stage, |name| StageName::new(name))?;
    let service = settings.read(Setting::Service, |name| ServiceName::new(name))?;
    Ok(Series {
        project: project.map_or_else(|| ProjectName::new(folder(&configured.places.root)), Ok)?,
        stage: stage.map_or_else(|| StageName::new("default"), Ok)?,
        service: service.map_or_else(|| ServiceName::new(folder(&target.folder)), Ok)?,
    })
}

/// Returns the variables of the environment that queries may use.
fn allowed_environment(configured: &Configured, world: &World<'_>) -> BTreeMap<String, String> {
    let names = configured.file.environment.iter();
    names
        .filter_map(|name| Some((name.clone(), world.environment.get(name)?.to_owned())))
        .collect()
}
