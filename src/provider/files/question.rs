//! What an indicator asks: of which files, and for which figure or place.

use serde_json::Value;

use super::document::DocumentQuery;
use super::format::Format;
use super::lookup::FigureQuery;
use crate::gate::{IndicatorName, Options};

/// The options of an indicator that say which files are asked.
const OF_FILES: [&str; 3] = ["path", "format", "baseline_path"];
/// The options that ask for a figure.
const OF_FIGURES: [&str; 2] = ["metric", "select"];

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Question {
    /// The files, where the indicator names others than the provider.
    pub(super) path: Option<String>,
    /// Their format, where the indicator names it; more than one for the name of a family.
    pub(super) formats: Vec<Format>,
    /// The file with metrics of before, where counters are compared.
    pub(super) baseline_path: Option<String>,
    /// What is asked for.
    query: String,
    /// What else is said of it.
    options: Options,
}

/// A question that cannot be understood: the option it is about, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct QuestionError {
    /// The option; none for the query itself.
    pub(super) option: Option<String>,
    /// Why.
    pub(super) message: String,
}

impl QuestionError {
    /// Is about an option.
    pub(super) fn of(option: &str, message: impl Into<String>) -> Self {
        Self {
            option: Some(option.to_owned()),
            message: message.into(),
        }
    }

    /// Is about the query as a whole.
    pub(super) fn whole(message: impl Into<String>) -> Self {
        Self {
            option: None,
            message: message.into(),
        }
    }
}

impl Question {
    /// Reads what an indicator asks; where it names files alone, its own name is that of the figure.
    pub(super) fn of(
        indicator: &IndicatorName,
        query: &str,
        options: &Options,
    ) -> Result<Self, QuestionError> {
        let names_files_alone = |(name, value): (&String, &Value)| {
            OF_FILES.contains(&name.as_str()) || (name == "select" && value.is_object())
        };
        if query.is_empty() && options.iter().all(names_files_alone) {
            return Self::parse(indicator.as_str(), options);
        }
        Self::parse(query, options)
    }

    /// Reads the text of a query and its options.
    pub(super) fn parse(query: &str, options: &Options) -> Result<Self, QuestionError> {
        let text = |name: &str| match options.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(QuestionError::of(name, format!("`{name}` must be a text"))),
        };
        let formats = match text("format")? {
            Some(name) if name != "auto" => formats(&name)?,
            Some(_) | None => Vec::new(),
        };
        let mut rest = options.clone();
        rest.retain(|name, _| !OF_FILES.contains(&name.as_str()));
        Ok(Self {
            path: text("path")?,
            baseline_path: text("baseline_path")?,
            formats,
            query: query.to_owned(),
            options: rest,
        })
    }

    /// Returns what it asks of files with figures.
    pub(super) fn figure(&self) -> Result<FigureQuery, QuestionError> {
        let stranger = self
            .options
            .keys()
            .find(|name| !OF_FIGURES.contains(&name.as_str()));
        if let Some(name) = stranger {
            let message = format!(
                "`{name}` asks a document, but this file has figures under fixed names; use `metric` and `select`"
            );
            return Err(QuestionError::of(name, message));
        }
        let metric = match self.options.get("metric") {
            None => self.query.as_str(),
            Some(Value::String(metric)) if self.query.is_empty() => metric,
            Some(Value::String(_)) => {
                let message = "`metric` and `query` both name a figure: keep one";
                return Err(QuestionError::of("metric", message));
            }
            Some(_) => return Err(QuestionError::of("metric", "`metric` must be a text")),
        };
        let mut figure =
            FigureQuery::parse(metric).map_err(|error| QuestionError::whole(error.to_string()))?;
        if let Some(select) = self.options.get("select") {
            let name = selected(select)?;
            if figure.part.is_some_and(|part| part != name) {
                let message = "`select` and the query name different parts of the run";
                return Err(QuestionError::of("select", message));
            }
            figure.part = Some(name);
        }
        Ok(figure)
    }

    /// Returns what it asks of a document of this format.
    pub(super) fn document(&self, format: Format) -> Result<DocumentQuery, QuestionError> {
        DocumentQuery::parse(format, &self.query, &self.options)
    }

    /// Finds what is wrong with it before any file is opened; the formats are those of the provider.
    pub(super) fn check(&self, formats: &[Format]) -> Result<(), QuestionError> {
        let formats = match self.formats.as_slice() {
            [] => formats,
            own => own,
        };
        match formats {
            [format @ (Format::Json | Format::Csv | Format::Openmetrics)] => {
                self.document(*format).map(drop)
            }
            [] if self.is_for_documents() => Ok(()),
            _ => self.figure().map(drop),
        }
    }

    /// Returns whether it is worded for a document.
    fn is_for_documents(&self) -> bool {
        let of_figures = |name: &String| OF_FIGURES.contains(&name.as_str());
        let texts = self.options.get("select").is_some_and(Value::is_string);
        texts || !self.options.keys().all(of_figures)
    }
}

/// Reads the name of a format, or of a family of formats.
pub(super) fn formats(name: &str) -> Result<Vec<Format>, QuestionError> {
    let formats = Format::named(name);
    if formats.is_empty() {
        let known: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
        let message = format!("`{name}` is no format; known are {}", known.join(", "));
        return Err(QuestionError::of("format", message));
    }
    Ok(formats)
}

/// Reads `select: {name: login}`.
fn selected(select: &Value) -> Result<String, QuestionError> {
    let wrong = || {
        QuestionError::of(
            "select",
            "`select` must look like `select: {name: \"POST /login\"}`",
        )
    };
    let fields = select.as_object().ok_or_else(wrong)?;
    match (fields.len(), fields.get("name")) {
        (1, Some(Value::String(name))) => Ok(name.clone()),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads options.
    fn options(text: &str) -> Options {
        serde_json::from_str(text).unwrap()
    }

    /// Reads what is asked of figures.
    fn figure(query: &str, text: &str) -> Result<FigureQuery, QuestionError> {
        Question::parse(query, &options(text))?.figure()
    }

    #[test]
    fn a_figure_is_named_by_the_query_or_by_metric_and_its_part_by_select() {
        let expected = FigureQuery {
            metric: "response_time_p95".to_owned(),
            part: Some("POST /login".to_owned()),
        };
        for (query, options) in [
            ("response_time_p95{name=\"POST /login\"}", "{}"),
            (
                "response_time_p95",
                "{\"select\": {\"name\": \"POST /login\"}}",
            ),
            (
                "",
                "{\"metric\": \"response_time_p95\", \"select\": {\"name\": \"POST /login\"}}",
            ),
            (
                "response_time_p95",
                "{\"path\": \"x\", \"format\": \"k6\", \"select\": {\"name\": \"POST /login\"}}",
            ),
        ] {
            assert_eq!(
                figure(query, options),
                Ok(expected.clone()),
                "{query} {options}"
            );
        }
    }

    #[test]
    fn what_cannot_be_understood_names_the_option() {
        for (query, options, option) in [
            ("a", "{\"metric\": \"b\"}", Some("metric")),
            ("", "{\"metric\": 5}", Some("metric")),
            ("a", "{\"select\": \"b\"}", Some("select")),
            (
                "a",
                "{\"select\": {\"name\": \"b\", \"url\": \"c\"}}",
                Some("select"),
            ),
            (
                "a{name=\"c\"}",
                "{\"select\": {\"name\": \"b\"}}",
                Some("select"),
            ),
            ("a", "{\"format\": \"excel\"}", Some("format")),
            ("a", "{\"path\": 1}", Some("path")),
            ("a", "{\"column\": \"b\"}", Some("column")),
            ("", "{}", None),
        ] {
            let error = figure(query, options).unwrap_err();
            assert_eq!(
                error.option.as_deref(),
                option,
                "{query} {options}: {error}"
            );
        }
    }
}
