//! From files to answers.

use std::error::Error as _;

use super::document::DocumentQuery;
use super::format::Format;
use super::found;
use super::lookup::{self, NotFound};
use super::merge::{self, Merge};
use super::question::Question;
use super::read::Said;
use super::results::Results;
use super::source::{NamedFile, Source, SourceError, list};
use crate::gate::{FailureKind, Reduce, TimeWindow, WindowOrigin};
use crate::provider::Request;
use crate::provider::answered::{Answered, Found, Number};

/// Answers requests from files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker {
    /// The window of the evaluation.
    pub(super) window: TimeWindow,
    /// Whose choice it is.
    pub(super) window_origin: WindowOrigin,
    /// How several files become one.
    pub(super) merge: Option<Merge>,
}

/// What the files of a source say together.
enum Together {
    /// Figures; with how the files are shown, and their format.
    Figures(Box<Results>, String, Format),
    /// Documents; each with its name and format.
    Documents(Vec<(String, Format, Vec<u8>)>),
    /// Nothing can be asked.
    Not(Found),
}

impl Asker {
    /// Reads the files, and answers each request.
    pub(super) fn ask(
        self,
        source: &Source,
        requests: &[(usize, Request, Question)],
    ) -> Vec<(usize, Answered)> {
        let together = match source.read(self.window.end()) {
            Ok(files) if files.is_empty() => Together::Not(Found::Nothing(format!(
                "no file matches `{}`",
                source.pattern
            ))),
            Ok(files) => self.put_together(source, files),
            Err(error) => Together::Not(Found::failed(error.kind(), told(&error))),
        };
        let answer = |(place, request, question): &(usize, Request, Question)| {
            let answered = match &together {
                Together::Figures(results, name, format) => {
                    self.figure(results, name, *format, question)
                }
                Together::Documents(documents) => {
                    self.number(documents, source, question, request.handling.reduce)
                }
                Together::Not(found) => Answered::new(found.clone()),
            };
            (*place, answered)
        };
        requests.iter().map(answer).collect()
    }

    /// Puts files together.
    fn put_together(self, source: &Source, files: Vec<NamedFile>) -> Together {
        let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (mut figures, mut documents) = (Vec::new(), Vec::new());
        for NamedFile { name, content } in files {
            let format = content.format;
            match content.said {
                Said::Figures(results) => figures.push((name, format, *results)),
                Said::Document(text) => documents.push((name, format, text)),
            }
        }
        let Some((_, format, _)) = figures.first() else {
            return Together::Documents(documents);
        };
        let format = *format;
        let other = figures.iter().find(|(_, other, _)| *other != format);
        let other = other.map(|(name, other, _)| (name, *other));
        let other = other.or_else(|| documents.first().map(|(name, other, _)| (name, *other)));
        if let Some((name, other)) = other {
            return refused(format!(
                "`{}` names files of several formats: {name} is {other}, and others are {format}; narrow it",
                source.pattern
            ));
        }
        let mut results: Vec<(String, Results)> = figures
            .into_iter()
            .map(|(name, _, results)| (name, results))
            .collect();
        if results.len() == 1
            && let Some((name, results)) = results.pop()
        {
            return Together::Figures(Box::new(results), name, format);
        }
        let Some(how) = self.merge else {
            return refused(format!(
                "`{}` names {} files: {}; narrow it, or say how they become one: `merge: concat` for the samples of one \
                 run, `merge: sum` for runs side by side",
                source.pattern,
                names.len(),
                list(&names)
            ));
        };
        match merge::merge(results, how) {
            Ok(merged) => {
                let shown = format!("{} ({})", list(&names), how.as_str());
                Together::Figures(Box::new(merged), shown, format)
            }
            Err(error) => refused(error.to_string()),
        }
    }

    /// Answers from figures.
    fn figure(
        self,
        results: &Results,
        name: &str,
        format: Format,
        question: &Question,
    ) -> Answered {
        let mut warnings = results.warnings.clone();
        if let (Some((from, to)), WindowOrigin::Asked) = (results.span, self.window_origin)
            && (to < self.window.start() || from > self.window.end())
        {
            warnings.push(format!(
                "the run in {name} took place from {from:.0} to {to:.0}, outside of the window from {} to {}",
                self.window.start(),
                self.window.end()
            ));
        }
        let endpoint = |note: Option<&str>| match note {
            Some(note) => format!("{name} ({format}; {note})"),
            None => format!("{name} ({format})"),
        };
        let found = question
            .figure()
            .map_err(|error| Found::failed(FailureKind::BadQuery, error.to_string()))
            .and_then(|query| {
                lookup::figure(results, &query, format).map_err(|missing| match missing {
                    NotFound::NoData(reason) => Found::Nothing(self.with_merge(reason)),
                    NotFound::Unknown(reason) => Found::failed(FailureKind::BadQuery, reason),
                })
            });
        match found {
            Ok(figure) => Answered {
                samples: figure.samples,
                unit: figure.unit.symbol().map(str::to_owned),
                endpoint: Some(endpoint(figure.note.as_deref())),
                warnings,
                ..Answered::new(Found::number(figure.value))
            },
            Err(found) => Answered {
                endpoint: Some(endpoint(None)),
                warnings,
                ..Answered::new(found)
            },
        }
    }

    /// Says of what is missing that files were merged.
    fn with_merge(self, reason: String) -> String {
        match self.merge {
            Some(Merge::Sum) => {
                format!(
                    "{reason}; percentiles of several summaries can't be had: merge samples, with `merge: concat`"
                )
            }
            Some(Merge::Concat) | None => reason,
        }
    }

    /// Answers from documents.
    fn number(
        self,
        documents: &[(String, Format, Vec<u8>)],
        source: &Source,
        question: &Question,
        reduce: Reduce,
    ) -> Answered {
        let names: Vec<&str> = documents.iter().map(|(name, ..)| name.as_str()).collect();
        let endpoint = list(&names);
        let failed = |kind, text: String| Answered {
            endpoint: Some(endpoint.clone()),
            ..Answered::new(Found::failed(kind, text))
        };
        if documents.len() > 1 && reduce == Reduce::Single {
            let text = format!(
                "`{}` names {} files: {endpoint}; narrow it, or say how their numbers become one: `reduce: max`",
                source.pattern,
                documents.len()
            );
            return failed(FailureKind::BadQuery, text);
        }
        let baseline = match source.baseline(question.baseline_path.as_deref(), self.window.end()) {
            Ok(baseline) => baseline,
            Err(error) => return failed(error.kind(), told(&error)),
        };
        let mut all = Answered::new(Found::Nothing("the file has no number there".to_owned()));
        let mut numbers = Vec::new();
        for (name, format, text) in documents {
            let query: DocumentQuery = match question.document(*format) {
                Ok(query) => query,
                Err(error) => return failed(FailureKind::BadQuery, error.to_string()),
            };
            match query.ask(text, baseline.as_deref()) {
                Ok(found) => collect(found, name, &mut numbers, &mut all),
                Err(error) => {
                    let kind = match &error {
                        found::QueryError::File(_) | found::QueryError::NotANumber { .. } => {
                            FailureKind::BadAnswer
                        }
                        found::QueryError::Selector(_) | found::QueryError::Wrong { .. } => {
                            FailureKind::BadQuery
                        }
                    };
                    return failed(kind, format!("`{name}`: {error}"));
                }
            }
        }
        if !numbers.is_empty() {
            all.found = Found::Numbers(numbers);
        }
        all.endpoint = Some(endpoint);
        all
    }
}

/// Adds what one document has.
fn collect(found: found::Found, name: &str, numbers: &mut Vec<Number>, all: &mut Answered) {
    let found::Found {
        values,
        unit,
        samples,
        warnings,
        note: _,
    } = found;
    all.unit = unit.symbol().map(str::to_owned);
    all.samples = match (all.samples, samples) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    };
    all.warnings.extend(warnings);
    numbers.extend(values.into_iter().map(|value| Number {
        value,
        name: name.to_owned(),
    }));
}

/// Nothing can be asked, because of how the files are named.
fn refused(text: String) -> Together {
    Together::Not(Found::failed(FailureKind::BadQuery, text))
}

/// Tells an error with its causes, in one line.
fn told(error: &SourceError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text.replace(['\n', '\r'], " ")
}
