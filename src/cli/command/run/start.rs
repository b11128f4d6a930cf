//! What a run begins with, or goes on with: its configuration, its charter, its log, and who carries out its tasks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::again::Again;
use super::lock::RunLock;
use super::plan::{Reached, Uses, reachable, stage_of, uses};
use super::shipyard::{self, Read};
use super::trigger::{Beginning, trigger};
use crate::app::{Charter, Given, Unfinished, find_run, newest_unfinished};
use crate::cli::args::{MeasureArgs, RunArgs};
use crate::cli::command::World;
use crate::cli::command::labels::labels;
use crate::cli::command::query::reach;
use crate::cli::command::target::{Configured, Target, configure, name_of, series};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::signals::Goal;
use crate::cli::wiring;
use crate::config::{Layer, Reality, Setting, Surroundings, parse_tasks};
use crate::eventlog::{EventLog, LogUrl};
use crate::executor::{Finish, TaskSettings};
use crate::report::printable;
use crate::sequence::{EngineSettings, EventKind, EventName};
use crate::spec::Source;

/// How many runs are named where one has to be chosen.
const MOST_NAMED: usize = 10;

/// What is configured for a run.
pub struct Setup {
    /// The configuration.
    pub configured: Configured,
    /// Who carries out which task.
    tasks: BTreeMap<String, TaskSettings>,
    /// The labels.
    labels: BTreeMap<String, String>,
}

/// A run that may begin.
pub struct Ready {
    /// What it begins with.
    pub charter: Charter,
    /// Every sequence that it may reach.
    pub reached: Vec<Reached>,
    /// Who carries out which task.
    pub uses: Uses,
}

impl Setup {
    /// Reads the configuration.
    pub fn read(args: &RunArgs, world: &World<'_>) -> Result<Self, Failure> {
        let folder = args.shipyard.as_deref().and_then(Path::parent);
        let folder = folder.filter(|folder| *folder != Path::new(""));
        let folder = folder.map_or_else(|| ".".into(), Path::to_owned);
        let target = Target {
            slo: folder.clone(),
            folder,
        };
        let measure = MeasureArgs {
            config: args.log.config.clone(),
            timeout: args.log.timeout.clone(),
            project: args.project.clone(),
            stage: args.stage.clone(),
            service: args.service.clone(),
            label: args.label.clone(),
            ..MeasureArgs::default()
        };
        let mut flags = Layer::default();
        flags.set_from_flag(Setting::EventLog, args.log.event_log.clone());
        flags.set_from_flag(Setting::FailOn, args.fail_on.map(name_of));
        flags.set_from_flag(Setting::Output, args.output.map(name_of));
        let reality = if args.dry_run {
            Reality::DryRun
        } else {
            Reality::Real
        };
        let configured = configure(&target, &measure, flags, reality, world)?;
        Ok(Self {
            tasks: tasks(&configured, reality, world)?,
            labels: labels(&measure, &configured, world)?,
            configured,
        })
    }

    /// Returns the name of the project.
    pub fn project(&self) -> Result<String, Failure> {
        let here = Target::one(None);
        Ok(series(&here, &self.configured)?.project.as_str().to_owned())
    }

    /// Begins a run that is new.
    pub fn begin(&self, args: &RunArgs, world: &World<'_>) -> Result<Ready, Failure> {
        let sequence = args.sequence.clone().unwrap_or_default();
        let Read {
            shipyard,
            text,
            path,
            advice,
        } = shipyard::read(args, &self.configured.places.root, world)?;
        for problem in advice {
            let style = world.console.problem_style();
            world
                .console
                .say(crate::spec::render(&[problem], style).trim_end());
        }
        let stage = self.configured.settings.get(Setting::Stage);
        let stage = stage_of(&shipyard, &sequence, stage)?;
        let reached = reachable(&shipyard, &stage, &sequence);
        let uses = uses(&reached, &self.tasks)?;
        let folder = path.parent().map_or_else(|| ".".into(), Path::to_owned);
        let here = Target {
            slo: folder.clone(),
            folder,
        };
        let names = series(&here, &self.configured)?;
        for name in [
            names.project.as_str(),
            names.stage.as_str(),
            names.service.as_str(),
        ] {
            refuse_path(name)?;
        }
        let beginning = Beginning {
            project: names.project.as_str().to_owned(),
            service: names.service.as_str().to_owned(),
            stage,
            sequence,
            labels: self.labels.clone(),
        };
        let trigger = trigger(&beginning, args)?;
        let charter = Charter {
            project: beginning.project,
            context: trigger.shkeptncontext.clone().unwrap_or_default(),
            shipyard,
            file: text,
            trigger,
        };
        Ok(Ready {
            charter,
            reached,
            uses,
        })
    }

    /// Goes on with a run that is in the log.
    pub fn resume(
        &self,
        context: &str,
        args: &RunArgs,
        log: &Arc<dyn EventLog>,
        world: &World<'_>,
    ) -> Result<Ready, Failure> {
        let project = self.project()?;
        let settings = EngineSettings::default();
        // Who decides says on which run, where there are several.
        let decides = args.approve || args.decline;
        let most = if decides { MOST_NAMED } else { 1 };
        let found = reach(Goal::Run, self.configured.timeout, async {
            if context.is_empty() {
                newest_unfinished(log, &project, &settings, most).await
            } else {
                let run = find_run(log, &project, context, &settings).await?;
                Ok(run.into_iter().collect())
            }
        })?;
        let found = found.map_err(|error| Failure::of_journal(&error))?;
        if let [_, _, ..] = found.as_slice() {
            return Err(several(&found));
        }
        let url = &self.configured.log.url;
        let run = found.into_iter().next();
        let charter = run
            .ok_or_else(|| nothing_to_resume(context, &project, url))?
            .charter;
        say_changed(&charter, args, &self.configured.places.root, world);
        let Some(EventName::Sequence {
            stage,
            sequence,
            kind: EventKind::Triggered,
        }) = EventName::parse(&charter.trigger.event_type)
        else {
            let what = format!(
                "the run `{}` can't be understood",
                printable(&charter.context)
            );
            return Err(Failure::new(Exit::BadAnswer, what));
        };
        let reached = reachable(&charter.shipyard, &stage, &sequence);
        let uses = uses(&reached, &self.tasks)?;
        Ok(Ready {
            charter,
            reached,
            uses,
        })
    }

    /// Opens the log of runs.
    pub fn log(&self) -> Result<Arc<dyn EventLog>, Failure> {
        let settings = &self.configured.log;
        if let LogUrl::Remote(remote) = &settings.url
            && remote.to_string().starts_with("http")
        {
            let what = format!(
                "a run can't be kept in `{}`: a control plane carries out sequences itself",
                settings.url
            );
            return Err(Failure::new(Exit::Usage, what)
                .with_hint("name another log with --event-log, or trigger the sequence there: tidegate trigger"));
        }
        Ok(Arc::from(wiring::open_log(settings.clone())?))
    }

    /// Takes the lock of a run.
    pub fn lock(&self, context: &str, args: &RunArgs) -> Result<RunLock, Failure> {
        let word = match (args.approve, args.decline) {
            (true, _) => Some("approve"),
            (false, true) => Some("decline"),
            (false, false) => None,
        };
        let hint = match word {
            Some(word) => format!(
                "it takes the decision from the event log where it runs with --wait: tidegate {word} --context {}",
                Again::quoted(context)
            ),
            None => "wait until it ends; two at once would carry out tasks twice".to_owned(),
        };
        RunLock::take(&self.configured.places.root, context, &hint)
    }
}

/// Asks which of several runs is decided on.
fn several(runs: &[Unfinished]) -> Failure {
    let named = runs.iter().map(|run| {
        let trigger = &run.charter.trigger;
        let image = trigger.data.value();
        let image = image.pointer("/configurationChange/values/image");
        let image = image.and_then(Value::as_str).unwrap_or("no image");
        printable(&format!(
            "{} ({}, {image})",
            run.charter.context,
            trigger.data_text("service")
        ))
    });
    let named: Vec<String> = named.collect();
    let what = format!("several runs are not over: {}", named.join(", "));
    Failure::new(Exit::Usage, what).with_hint(
        "name the one that is decided on: tidegate run --resume ID, with --approve or --decline",
    )
}

/// Reads who carries out which task.
pub fn tasks(
    configured: &Configured,
    reality: Reality,
    world: &World<'_>,
) -> Result<BTreeMap<String, TaskSettings>, Failure> {
    let Some(path) = &configured.places.config else {
        return Ok(BTreeMap::new());
    };
    let environment = world.environment;
    let lookup = |name: &str| environment.get(name).map(str::to_owned);
    let surroundings = Surroundings {
        lookup: &lookup,
        folder: &configured.places.root,
        reality,
    };
    let source = Source::read(path, Source::MOST_YAML_BYTES)
        .map_err(|problem| Failure::of_configuration(vec![problem]))?;
    let parsed = parse_tasks(&source, &surroundings);
    match parsed.value {
        Some(tasks) => Ok(tasks),
        None => Err(Failure::of_configuration(parsed.problems)),
    }
}

/// Refuses a name that would lead out of its folder.
fn refuse_path(name: &str) -> Result<(), Failure> {
    let is_path = name.contains(['/', '\\']) || [".", ".."].contains(&name);
    if !is_path {
        return Ok(());
    }
    let what = format!(
        "`{}` can't be the name of a project, a stage, or a service",
        printable(name)
    );
    Err(Failure::new(Exit::Usage, what).with_hint("take a name without slashes"))
}

/// Says that there is no run to go on with.
fn nothing_to_resume(context: &str, project: &str, log: &LogUrl) -> Failure {
    let what = if context.is_empty() {
        format!("no run of the project `{project}` is unfinished in {log}")
    } else {
        format!("{log} has no run `{context}` of the project `{project}`")
    };
    Failure::new(Exit::Missing, printable(&what))
        .with_hint("tidegate run SEQUENCE begins one; --project and --event-log say where to look")
}

/// Says that the shipyard is another by now.
fn say_changed(charter: &Charter, args: &RunArgs, root: &Path, world: &World<'_>) {
    let now = shipyard::read(args, root, world);
    if now.is_ok_and(|now| now.text != charter.file) {
        world.console.say(
            "note: the shipyard has changed since this run began; the run goes on by the one that it began with",
        );
    }
}

/// Returns the decision that was typed.
pub fn given(args: &RunArgs) -> Option<Given> {
    let message = args.message.clone();
    let finish = if args.approve {
        Finish {
            message: message.unwrap_or_else(|| "approved".to_owned()),
            ..Finish::pass()
        }
    } else if args.decline {
        Finish::fail(message.unwrap_or_else(|| "declined".to_owned()))
    } else {
        return None;
    };
    Some(Given {
        stage: args.stage.clone(),
        finish,
    })
}
