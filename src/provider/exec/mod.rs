//! Any program: a plug-in that speaks `tidegate.exec/v1`, or one that prints a number, `name value`
//! lines, performance data of Nagios, or JSON.
//!
//! A program gets no more of the environment than it is allowed, reads secrets on stdin only, and is ended with all that
//! it started when its time is up, when it prints too much, or when nobody waits for it any more. Whatever it prints is
//! checked against what was asked: a program that hangs, floods, or lies harms nobody but itself.

mod answer;
#[cfg(test)]
mod answer_tests;
mod attempt;
mod document;
mod facts;
mod figure;
mod json;
mod kit;
mod lines;
mod metrics;
mod nagios;
mod pin;
mod probe;
mod process;
#[cfg(test)]
mod process_tests;
mod program;
mod said;
mod settings;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::answered::Answered;
use super::retry::retry_over;
use super::{Check, Provider, Request, Watch};
use crate::gate::{Context, ProviderName, Reading};
use crate::net::Redactor;
use crate::process::absolute;
use attempt::Asked;
use document::Asking;
use said::Said;

pub(super) use facts::ExecFacts;
pub use kit::plugin_checks;
pub use pin::Pin;
pub use settings::{Batch, ExecFormat, ExecSettings, PluginConfig, UnitSuffix};

/// A program that can be asked.
pub(super) struct Exec {
    /// Its name in the configuration.
    name: ProviderName,
    /// How to run it.
    settings: ExecSettings,
    /// The file of the program.
    program: PathBuf,
    /// The command as the user wrote it.
    endpoint: String,
    /// Takes secrets out of what the program says.
    redactor: Redactor,
}

/// A request, and its place in the batch.
type Placed<'r> = (usize, &'r Request);

impl Exec {
    /// Makes a program ready. Nothing is run yet.
    pub(super) fn open(name: &ProviderName, settings: &ExecSettings) -> Self {
        let mut settings = settings.clone();
        settings.folder = absolute(&settings.folder);
        let redactor = Redactor::new(&settings.secrets);
        Self {
            name: name.clone(),
            program: program::find(&settings),
            endpoint: redactor.redact(&settings.command.join(" ")),
            settings,
            redactor,
        }
    }

    /// Returns the batches: what one run each is asked for.
    fn batches<'r>(&self, requests: &'r [Request]) -> Vec<Vec<Placed<'r>>> {
        let settings = &self.settings;
        let is_told = settings.command.iter().any(|word| word == program::QUERY);
        let is_protocol = settings.format == ExecFormat::Protocol;
        let all = requests.iter().enumerate();
        match settings.batch {
            Batch::Whole if settings.format.answers_many() && !is_told => {
                let whole: Vec<_> = all.collect();
                if whole.is_empty() {
                    Vec::new()
                } else {
                    vec![whole]
                }
            }
            Batch::Single if is_protocol => all.map(|placed| vec![placed]).collect(),
            Batch::Whole | Batch::Single => {
                let mut batches: Vec<Vec<Placed<'r>>> = Vec::new();
                for (place, request) in all {
                    let same = |batch: &&mut Vec<Placed<'r>>| {
                        let first = batch.first();
                        first.is_some_and(|(_, first)| first.query == request.query)
                    };
                    match batches.iter_mut().find(same) {
                        Some(batch) => batch.push((place, request)),
                        None => batches.push(vec![(place, request)]),
                    }
                }
                batches
            }
        }
    }

    /// Asks for one batch, again for those that may do better, and returns all readings.
    async fn ask(
        &self,
        batch: Vec<Placed<'_>>,
        context: &Context,
        watch: &dyn Watch,
    ) -> Vec<(usize, Reading)> {
        let start = Instant::now();
        let asking = Asking {
            name: &self.name,
            config: &self.settings.config,
            context,
        };
        let mut readings = Vec::with_capacity(batch.len());
        let mut pending = batch;
        let mut attempt = 1;
        while !pending.is_empty() {
            let asked = Asked {
                requests: pending.iter().map(|(_, request)| *request).collect(),
                id: format!(
                    "{:x}-{}-{attempt}",
                    self.settings.retry.seed,
                    pending.first().map_or(0, |first| first.0)
                ),
                limit: self.limit(&pending),
            };
            let said = self.attempt(&asking, &asked).await;
            let mut again = Vec::new();
            let mut wait = Duration::ZERO;
            for (placed, said) in pending.into_iter().zip(said) {
                let pause = retry_over(placed.1.handling.retry, self.settings.retry).wait(attempt);
                if let Some(pause) = pause.filter(|_| said.may_pass) {
                    wait = wait.max(pause);
                    again.push(placed);
                    continue;
                }
                let reading = self.reading(placed.1, said, attempt, start.elapsed());
                watch.answered(&reading);
                readings.push((placed.0, reading));
            }
            pending = again;
            if !pending.is_empty() {
                tokio::time::sleep(wait).await;
            }
            attempt += 1;
        }
        readings
    }

    /// Returns how long a run may take: as long as the most patient of its requests waits.
    fn limit(&self, batch: &[Placed<'_>]) -> Duration {
        let limits = batch.iter().map(|(_, request)| {
            let own = request.handling.timeout;
            own.unwrap_or(self.settings.timeout)
        });
        limits.max().unwrap_or(self.settings.timeout)
    }

    /// Makes a reading of what the program said.
    fn reading(&self, request: &Request, said: Said, attempts: u32, elapsed: Duration) -> Reading {
        let Said {
            found,
            samples,
            unit,
            query,
            warnings,
            may_pass: _,
        } = said;
        let answered = Answered {
            query,
            endpoint: Some(self.endpoint.clone()),
            samples,
            unit,
            warnings,
            attempts,
            elapsed: Some(elapsed),
            ..Answered::new(found)
        };
        answered.reading(&self.name, request)
    }
}

#[async_trait]
impl Provider for Exec {
    async fn fetch(
        &self,
        context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading> {
        let batches = self.batches(requests).into_iter();
        let asks: Vec<_> = batches
            .map(|batch| self.ask(batch, context, watch))
            .collect();
        let asks = stream::iter(asks).buffer_unordered(self.settings.parallel.get());
        let readings: Vec<Vec<(usize, Reading)>> = asks.collect().await;
        let mut readings: Vec<_> = readings.into_iter().flatten().collect();
        readings.sort_by_key(|(place, _)| *place);
        readings.into_iter().map(|(_, reading)| reading).collect()
    }

    async fn probe(&self) -> Vec<Check> {
        probe::probe(self).await
    }
}
