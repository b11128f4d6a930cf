//! The provider of files: reads each once, and answers every indicator from what it says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::answer::Asker;
use super::format::Format;
use super::question::{Question, QuestionError};
use super::read::Reading as ReadingOfFile;
use super::settings::FilesSettings;
use super::source::Source;
use crate::gate::{
    Context, Escape, FailureKind, IndicatorName, ProviderFacts, ProviderName, Query, QueryPart,
    QueryProblem, Reading,
};
use crate::provider::answered::{Answered, Found};
use crate::provider::facts::unknown_options;
use crate::provider::{Check, CheckOutcome, Provider, ProviderKind, Request, Watch};

/// How many sources are read at the same time.
const AT_ONCE: usize = 2;

/// The options of an indicator.
const OPTIONS: [&str; 19] = [
    "path",
    "format",
    "metric",
    "select",
    "lines",
    "parse_strings",
    "parse_units",
    "booleans",
    "aggregate",
    "histogram_quantile",
    "ratio",
    "seconds",
    "baseline_path",
    "column",
    "filter",
    "delimiter",
    "header",
    "decimal",
    "na",
];

/// Files with results.
pub(in crate::provider) struct Files {
    /// Its name in the configuration.
    name: ProviderName,
    /// Where they lie, and how they are read.
    settings: FilesSettings,
}

/// The requests to the same files.
struct Batch {
    /// The files.
    source: Source,
    /// The requests, each with its place.
    requests: Vec<(usize, Request, Question)>,
}

impl Files {
    /// Opens the provider. No file is read yet.
    pub(in crate::provider) fn open(name: &ProviderName, settings: &FilesSettings) -> Self {
        Self {
            name: name.clone(),
            settings: settings.clone(),
        }
    }

    /// Sorts requests by the files that they ask. What cannot be asked is answered at once.
    fn batches(
        &self,
        requests: &[Request],
        stop: &Arc<AtomicBool>,
    ) -> (Vec<Batch>, Vec<(usize, Answered)>) {
        let mut batches: BTreeMap<(String, Vec<Format>), Batch> = BTreeMap::new();
        let mut refused = Vec::new();
        for (place, request) in requests.iter().enumerate() {
            let question = Question::of(&request.indicator, &request.query, &request.options)
                .and_then(|question| Ok((self.source(&question, stop)?, question)));
            match question {
                Ok((source, question)) => {
                    let key = (source.pattern.clone(), source.reading.formats.clone());
                    let batch = batches.entry(key).or_insert_with(|| Batch {
                        source,
                        requests: Vec::new(),
                    });
                    batch.requests.push((place, request.clone(), question));
                }
                Err(error) => {
                    let found = Found::failed(FailureKind::BadQuery, error.to_string());
                    let answered = Answered {
                        endpoint: Some(self.settings.path.clone().unwrap_or_default()),
                        ..Answered::new(found)
                    };
                    refused.push((place, answered));
                }
            }
        }
        (batches.into_values().collect(), refused)
    }

    /// Returns which files a question asks.
    fn source(&self, question: &Question, stop: &Arc<AtomicBool>) -> Result<Source, QuestionError> {
        let settings = &self.settings;
        let pattern = question.path.clone().or_else(|| settings.path.clone());
        let pattern = pattern.ok_or_else(|| {
            let message =
                "no file is named: write `path: results.json` for the provider or the indicator";
            QuestionError::whole(message)
        })?;
        let formats = match question.formats.as_slice() {
            [] => settings.formats.clone(),
            own => own.to_vec(),
        };
        Ok(Source {
            folder: settings.folder.clone(),
            pattern,
            max_age: settings.max_age,
            reading: ReadingOfFile {
                formats,
                options: settings.read.clone(),
                stop: Arc::clone(stop),
            },
        })
    }

    /// Reads the files of a batch, and answers its requests.
    async fn ask(&self, batch: Batch, context: &Context) -> Vec<(usize, Answered)> {
        let started = Instant::now();
        let asker = Asker {
            window: context.window,
            window_origin: context.window_origin,
            merge: self.settings.merge,
        };
        let places: Vec<usize> = batch.requests.iter().map(|(place, ..)| *place).collect();
        let pattern = batch.source.pattern.clone();
        let task = tokio::task::spawn_blocking(move || asker.ask(&batch.source, &batch.requests));
        let answers = task.await.unwrap_or_else(|error| {
            let failed =
                || Found::failed(FailureKind::BadAnswer, format!("reading stopped: {error}"));
            places
                .iter()
                .map(|place| (*place, Answered::new(failed())))
                .collect()
        });
        let elapsed = started.elapsed();
        let finish = |(place, answered): (usize, Answered)| {
            let endpoint = answered.endpoint.clone().or_else(|| Some(pattern.clone()));
            let answered = Answered {
                endpoint,
                attempts: 1,
                elapsed: Some(elapsed),
                ..answered
            };
            (place, answered)
        };
        answers.into_iter().map(finish).collect()
    }
}

/// Ends the reading of files where nobody waits for it any more.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl Provider for Files {
    async fn fetch(
        &self,
        context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading> {
        let stop = StopOnDrop(Arc::default());
        let (batches, refused) = self.batches(requests, &stop.0);
        let mut readings = Vec::with_capacity(requests.len());
        let mut keep = |(place, answered): (usize, Answered)| {
            let Some(request) = requests.get(place) else {
                return;
            };
            let reading = answered.reading(&self.name, request);
            watch.answered(&reading);
            readings.push((place, reading));
        };
        for (place, answered) in refused {
            let answered = Answered {
                attempts: 1,
                elapsed: Some(Duration::ZERO),
                ..answered
            };
            keep((place, answered));
        }
        let asked: Vec<_> = batches
            .into_iter()
            .map(|batch| self.ask(batch, context))
            .collect();
        let mut asked = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some(answers) = asked.next().await {
            answers.into_iter().for_each(&mut keep);
        }
        readings.sort_by_key(|(place, _)| *place);
        readings.into_iter().map(|(_, reading)| reading).collect()
    }

    async fn probe(&self) -> Vec<Check> {
        let Some(pattern) = self.settings.path.clone() else {
            let text = "no file is named here; each indicator names its own".to_owned();
            return vec![check(CheckOutcome::Skipped(text))];
        };
        let source = Source {
            folder: self.settings.folder.clone(),
            pattern: pattern.clone(),
            max_age: None,
            reading: ReadingOfFile {
                formats: self.settings.formats.clone(),
                options: self.settings.read.clone(),
                stop: Arc::default(),
            },
        };
        let found = tokio::task::spawn_blocking(move || source.probe()).await;
        let outcome = match found {
            Ok(Ok(files)) if files.is_empty() => CheckOutcome::Odd {
                detail: format!("no file matches `{pattern}`"),
                hint: "it may not be written yet; a relative path starts at the folder of tidegate.yaml".to_owned(),
            },
            Ok(Ok(files)) => CheckOutcome::Good(files.join(", ")),
            Ok(Err(error)) => CheckOutcome::Bad {
                kind: error.kind(),
                detail: error.to_string(),
                hint: "check the file, or name its format with `format:`".to_owned(),
            },
            Err(error) => CheckOutcome::Skipped(error.to_string()),
        };
        vec![check(outcome)]
    }
}

/// A check of the files.
fn check(outcome: CheckOutcome) -> Check {
    Check {
        name: "files".to_owned(),
        outcome,
    }
}

/// What is known of files without reading them.
pub(in crate::provider) struct FilesFacts {
    /// The formats that they may have, where the settings are known.
    pub(in crate::provider) formats: Vec<Format>,
}

impl ProviderFacts for FilesFacts {
    fn default_query(&self, indicator: &IndicatorName, _context: &Context) -> Option<String> {
        // A figure of a canonical name needs no `sli.yaml`.
        Some(indicator.to_string())
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        match part {
            QueryPart::Option("path" | "format" | "metric" | "select") => Escape::Plain,
            QueryPart::Text | QueryPart::Option(_) => Escape::Refuse,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        let unknown = unknown_options(query, ProviderKind::Files.as_str(), &OPTIONS);
        if !unknown.is_empty() {
            return unknown;
        }
        let checked = Question::of(&query.indicator, &query.text, &query.options)
            .and_then(|question| question.check(&self.formats));
        let problem = checked.err().map(|error| QueryProblem {
            option: error.option,
            message: error.message,
            hint:
                "such as `response_time_p95`, or `metric: error_rate` with `select: {name: login}`"
                    .to_owned(),
        });
        problem.into_iter().collect()
    }

    fn delay(&self, _query: &Query) -> Duration {
        Duration::ZERO
    }

    fn has_time(&self) -> bool {
        false
    }
}
