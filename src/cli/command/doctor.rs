//! `tidegate doctor`: checks what an evaluation would need, and says what to do where that is not well.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::World;
use super::evaluate::advise;
use super::query::{data_format, fail, wait_for, written};
use super::target::{Configured, Preparation, Target, configure, name_of, prepare_with};
use crate::app::{Sample, Samples, examine, examine_log, prepare_samples};
use crate::cli::args::DoctorArgs;
use crate::cli::clock;
use crate::cli::console::machine_text;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, exit_of};
use crate::cli::log_failure::history;
use crate::cli::wiring;
use crate::config::{Layer, ProviderDefinition, Reality, Setting};
use crate::eventlog::LogUrl;
use crate::gate::ProviderName;
use crate::provider::{Check, CheckOutcome};
use crate::report::{Diagnosis, Finding, Health};
use crate::spec::reading::hint;

/// What is checked where no provider is meant.
const CONFIGURATION: &str = "configuration";
/// The log.
const EVENT_LOG: &str = "event log";

/// Checks everything.
pub fn doctor(args: &DoctorArgs, world: &World<'_>) -> Exit {
    let target = Target::one(args.measure.slo.as_deref());
    let mut flags = Layer::default();
    flags.set_from_flag(Setting::EventLog, args.event_log.clone());
    flags.set_from_flag(Setting::Output, args.output.map(name_of));
    let configured = configure(&target, &args.measure, flags, Reality::Real, world);
    let format = data_format(args.output, configured.as_ref().ok(), world);
    let checked = configured.and_then(|configured| {
        advise(&configured.advice, world);
        let chosen = chosen(args, &configured)?;
        let mut chart = Chart::default();
        chart.configuration(&configured);
        let samples = chart.files(samples(args, &target, &configured, world), world);
        let work = check_all(&mut chart, &configured, &chosen, &samples);
        wait_for(configured.timeout, work)?;
        Ok(chart)
    });
    match checked {
        Ok(Chart { diagnosis, worst }) => {
            let text = machine_text(format, &diagnosis.document(worst.code()))
                .unwrap_or_else(|| diagnosis.text(world.console.stdout));
            written(&text, worst)
        }
        Err(failure) => fail(&failure, format, world),
    }
}

/// Returns the providers that are named, or all.
fn chosen<'c>(
    args: &DoctorArgs,
    configured: &'c Configured,
) -> Result<BTreeMap<&'c ProviderName, &'c ProviderDefinition>, Failure> {
    let known: Vec<&str> = configured
        .providers
        .configured
        .keys()
        .map(ProviderName::as_str)
        .collect();
    if let Some(unknown) = args
        .providers
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        let failure = Failure::new(Exit::Usage, format!("there is no provider `{unknown}`"));
        return Err(if known.is_empty() {
            failure.with_hint("define it under `providers` in tidegate.yaml")
        } else {
            failure.with_hint(hint(unknown, &known))
        });
    }
    let is_named = |name: &ProviderName| {
        let mut names = args.providers.iter();
        args.providers.is_empty() || names.any(|named| named == name.as_str())
    };
    let providers = configured.providers.configured.iter();
    Ok(providers.filter(|(name, _)| is_named(name)).collect())
}

/// Chooses one query for each provider.
fn samples(
    args: &DoctorArgs,
    target: &Target,
    configured: &Configured,
    world: &World<'_>,
) -> Result<Samples, Failure> {
    let preparation = Preparation {
        target,
        args: &args.measure,
        values: None,
        configured,
        now: clock::now(),
    };
    prepare_with(&preparation, world, prepare_samples)
}

/// Checks the log and every provider, all at the same time.
async fn check_all(
    chart: &mut Chart,
    configured: &Configured,
    providers: &BTreeMap<&ProviderName, &ProviderDefinition>,
    samples: &BTreeMap<ProviderName, Sample>,
) {
    chart.log(configured).await;
    let checks = providers.iter().map(|(name, definition)| async move {
        let sample = samples.get(*name).unwrap_or(&Sample::None);
        let opened = wiring::open_provider(name, definition);
        let examined = match &opened {
            Ok(Some(provider)) => Ok(examine(provider.as_ref(), sample).await),
            Ok(None) => Ok(Vec::new()),
            Err(failure) => Err(failure.clone()),
        };
        (name.as_str(), examined)
    });
    for (name, examined) in join_all(checks).await {
        match examined {
            Ok(checks) => {
                for check in checks {
                    chart.check(name, check);
                }
            }
            Err(failure) => chart.failure(name, "settings", &failure),
        }
    }
}

/// What was found so far.
struct Chart {
    /// For the report.
    diagnosis: Diagnosis,
    /// How the call ends.
    worst: Exit,
}

impl Default for Chart {
    fn default() -> Self {
        Self {
            diagnosis: Diagnosis::default(),
            worst: Exit::Pass,
        }
    }
}

impl Chart {
    /// Notes something.
    fn note(&mut self, subject: &str, check: &str, outcome: (Health, String, Option<String>)) {
        let (health, detail, hint) = outcome;
        self.diagnosis.findings.push(Finding {
            subject: subject.to_owned(),
            check: check.to_owned(),
            health,
            detail,
            hint: hint.filter(|hint| !hint.is_empty()),
        });
    }

    /// Notes a failure.
    fn failure(&mut self, subject: &str, check: &str, failure: &Failure) {
        self.worst = self.worst.max(failure.exit);
        let document = failure.document();
        let message = document.pointer("/error/message");
        let message = message.and_then(serde_json::Value::as_str);
        let causes = failure.causes.iter().map(String::as_str);
        let detail: Vec<&str> = message.into_iter().chain(causes).collect();
        let outcome = (Health::Failed, detail.join(": "), failure.hint.clone());
        self.note(subject, check, outcome);
    }

    /// Notes what came of a check of a provider.
    fn check(&mut self, provider: &str, check: Check) {
        let outcome = match check.outcome {
            CheckOutcome::Good(detail) => (Health::Ok, detail, None),
            CheckOutcome::Odd { detail, hint } => (Health::Warning, detail, Some(hint)),
            CheckOutcome::Skipped(why) => (Health::Skipped, why, None),
            CheckOutcome::Bad { kind, detail, hint } => {
                self.worst = self.worst.max(exit_of(kind));
                (Health::Failed, detail, Some(hint))
            }
        };
        self.note(provider, &check.name, outcome);
    }

    /// Notes where the configuration is, and which providers it defines.
    fn configuration(&mut self, configured: &Configured) {
        let file = match &configured.places.config {
            Some(path) => format!("{} is used", path.display()),
            None => "there is no tidegate.yaml; flags and the environment are used".to_owned(),
        };
        self.note(CONFIGURATION, "file", (Health::Ok, file, None));
        let defined: Vec<String> = configured
            .providers
            .configured
            .iter()
            .map(|(name, definition)| format!("{name} (of type {})", definition.kind))
            .collect();
        if defined.is_empty() {
            self.worst = self.worst.max(Exit::Configuration);
            let hint =
                "set PROMETHEUS_URL, or define one in tidegate.yaml: tidegate init writes it";
            let detail = "no provider is configured".to_owned();
            let outcome = (Health::Failed, detail, Some(hint.to_owned()));
            self.note(CONFIGURATION, "providers", outcome);
        } else {
            let outcome = (Health::Ok, defined.join(", "), None);
            self.note(CONFIGURATION, "providers", outcome);
        }
    }

    /// Notes which files were read; returns the queries to try.
    fn files(
        &mut self,
        samples: Result<Samples, Failure>,
        world: &World<'_>,
    ) -> BTreeMap<ProviderName, Sample> {
        match samples {
            Ok(samples) => {
                advise(&samples.advice, world);
                let files = samples.files.iter().map(|path| path.display().to_string());
                let files = files.collect::<Vec<_>>().join(", ");
                let outcome = if files.is_empty() {
                    let why = "neither slo.yaml nor sli.yaml is here".to_owned();
                    (Health::Skipped, why, None)
                } else {
                    (Health::Ok, format!("{files} can be read"), None)
                };
                self.note(CONFIGURATION, "SLO, SLIs", outcome);
                samples.queries
            }
            Err(failure) => {
                self.failure(CONFIGURATION, "SLO, SLIs", &failure);
                BTreeMap::new()
            }
        }
    }

    /// Checks the log.
    async fn log(&mut self, configured: &Configured) {
        let url = &configured.log.url;
        if *url == LogUrl::Memory {
            let why = "memory: nothing is kept".to_owned();
            return self.note(EVENT_LOG, "read", (Health::Skipped, why, None));
        }
        match wiring::open_log(configured.log.clone()) {
            Ok(log) => match examine_log(log.as_ref()).await {
                Ok(how) => self.note(
                    EVENT_LOG,
                    "read",
                    (Health::Ok, format!("{url} {how}"), None),
                ),
                Err(error) => self.failure(EVENT_LOG, "read", &history(&error)),
            },
            Err(failure) => self.failure(EVENT_LOG, "read", &failure),
        }
    }
}
