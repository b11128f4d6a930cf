//! What is known of a program without running it.

use std::time::Duration;

use serde_json_path::JsonPath;

use super::document::OPTIONS;
use super::settings::ExecFormat;
use crate::gate::{Context, Escape, IndicatorName, ProviderFacts, Query, QueryPart, QueryProblem};
use crate::provider::ProviderKind;
use crate::provider::facts::unknown_options;

/// What is known of a program without running it.
pub(in crate::provider) struct ExecFacts {
    /// How its output is read; `None` in a dry run without settings.
    pub format: Option<ExecFormat>,
}

impl ProviderFacts for ExecFacts {
    fn default_query(&self, _indicator: &IndicatorName, _context: &Context) -> Option<String> {
        None
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        // The language of a plug-in's queries is not known here.
        match part {
            QueryPart::Text | QueryPart::Option(_) => Escape::Refuse,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        let known: &[&str] = match self.format {
            Some(ExecFormat::Protocol) | None => &[OPTIONS],
            Some(
                ExecFormat::Number(_)
                | ExecFormat::KeyValue(_)
                | ExecFormat::Nagios
                | ExecFormat::Json(_),
            ) => &[],
        };
        let mut problems = unknown_options(query, ProviderKind::Exec.as_str(), known);
        let options = query.options.get(OPTIONS);
        if options.is_some_and(|options| !options.is_object()) {
            problems.push(QueryProblem {
                option: Some(OPTIONS.to_owned()),
                message: format!("`{OPTIONS}` must be a mapping"),
                hint: "such as `options: {account: 7}`; the plug-in gets it as it is".to_owned(),
            });
        }
        problems.extend(self.text_problem(query));
        problems
    }

    fn delay(&self, _query: &Query) -> Duration {
        Duration::ZERO
    }
}

impl ExecFacts {
    /// Says what is wrong with the text of a query.
    fn text_problem(&self, query: &Query) -> Option<QueryProblem> {
        let text = query.text.as_str();
        let (message, hint) = match &self.format {
            Some(ExecFormat::KeyValue(_)) if text.is_empty() => (
                "the query is empty".to_owned(),
                "write the name of the line that holds the number",
            ),
            Some(ExecFormat::Json(None)) => {
                let error = JsonPath::parse(text).err()?;
                (
                    format!("`{text}` is no JSONPath: {error}"),
                    "such as `$.summary.p95`",
                )
            }
            Some(
                ExecFormat::Protocol
                | ExecFormat::Number(_)
                | ExecFormat::KeyValue(_)
                | ExecFormat::Nagios
                | ExecFormat::Json(_),
            )
            | None => return None,
        };
        Some(QueryProblem {
            option: None,
            message,
            hint: hint.to_owned(),
        })
    }
}
