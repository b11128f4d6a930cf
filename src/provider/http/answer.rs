//! What an answer comes to: numbers, nothing, or a failure.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::definition::{Absence, Demand, Expectation, Extract, ResponseRules, Texts};
use super::document;
use super::extract::{self, ExtractError, Node};
use crate::gate::{FailureKind, FetchFailure};
use crate::net::{Answer, Redactor};
use crate::provider::answered::{Found, Number};
use crate::provider::measured::Measured;
use crate::provider::transport;

/// How much of an answer is shown.
const SHOWN_BYTES: usize = 500;

/// How much of the server's own words is shown.
const MESSAGE_BYTES: usize = 300;

/// How many warnings are passed on.
const MOST_WARNINGS: usize = 10;

/// Reads answers by the rules of a definition.
pub(super) struct Understanding<'a> {
    /// The rules.
    pub rules: &'a ResponseRules,
    /// What was sent, for messages: `GET https://…`.
    pub sent: &'a str,
    /// Takes secrets out of what is shown.
    pub redactor: &'a Redactor,
}

impl Understanding<'_> {
    /// Tells whether an answer can be used at all, by its status.
    pub(super) fn check_status(&self, answer: &Answer) -> Result<(), FetchFailure> {
        let statuses = &self.rules.statuses;
        let is_good = if statuses.is_empty() {
            (200..300).contains(&answer.status)
        } else {
            statuses.contains(&answer.status)
        };
        if is_good {
            return Ok(());
        }
        let message = self.own_words(answer);
        let kind = match (transport::by_status(answer.status), answer.status) {
            (Some(kind), _) => kind,
            (None, 400..=499) if message.is_some() => FailureKind::BadQuery,
            (None, 400 | 422) => FailureKind::BadQuery,
            (None, _) => FailureKind::BadAnswer,
        };
        let meaning = match answer.status {
            401 | 403 => "; it refuses the credentials, or misses them: look at `auth`",
            404 => "; is the URL right, and does what the query names exist?",
            429 => "; it asks to slow down",
            _ => "",
        };
        let words = message.map_or_else(|| self.excerpt(answer), |words| format!(": {words}"));
        Err(self.failure(kind, answer, &format!("{words}{meaning}")))
    }

    /// Tells whether an answer can be used, by its status and by what it says.
    pub(super) fn check(&self, answer: &Answer) -> Result<(), FetchFailure> {
        self.check_status(answer)?;
        if self.rules.expectations.is_empty() {
            return Ok(());
        }
        let document = self.json(answer)?;
        for expectation in &self.rules.expectations {
            if let Some(trouble) = unmet(expectation, &document) {
                let words = self.own_words(answer);
                let kind = match words {
                    Some(_) => FailureKind::BadQuery,
                    None => FailureKind::BadAnswer,
                };
                let words =
                    words.map_or_else(|| self.excerpt(answer), |words| format!(": {words}"));
                let trouble = self.redactor.excerpt(trouble.as_bytes(), MESSAGE_BYTES);
                return Err(self.failure(kind, answer, &format!(", but {trouble}{words}")));
            }
        }
        Ok(())
    }

    /// Says that a query was given up, as the server says.
    pub(super) fn given_up(&self, answer: &Answer, path: &JsonPath, state: &str) -> FetchFailure {
        let state = self.shown(state);
        let words = self.own_words(answer);
        let words = words.map_or_else(|| self.excerpt(answer), |words| format!(": {words}"));
        let text = format!(", but the query ended without a result: `{path}` is {state}{words}");
        self.failure(FailureKind::BadQuery, answer, &text)
    }

    /// Reads the body as JSON.
    pub(super) fn json(&self, answer: &Answer) -> Result<Value, FetchFailure> {
        document::json(&answer.body).map_err(|error| {
            let text = format!(", but {error}{}", self.excerpt(answer));
            self.failure(FailureKind::BadAnswer, answer, &text)
        })
    }

    /// Finds the numbers in the pages of an answer, each of which can be used.
    pub(super) fn understand(&self, pages: &[Answer], expression: &str) -> Measured {
        let mut numbers = Vec::new();
        let mut found = 0;
        for page in pages {
            match self.numbers(page, expression) {
                Ok((count, more)) => {
                    found += count;
                    numbers.extend(more);
                }
                Err(failure) => return Measured::of(Found::Failed(failure)),
            }
        }
        let mut beside = self.beside(pages);
        let nulls = found.saturating_sub(numbers.len());
        if nulls > 0 && !numbers.is_empty() {
            beside.warnings.push(format!(
                "{nulls} of {found} values are null and were left out"
            ));
        }
        let found = if numbers.is_empty() {
            self.nothing(pages, expression, found)
        } else {
            Found::Numbers(numbers)
        };
        Measured { found, ..beside }
    }

    /// Finds the numbers of one page, and how many nodes there are in all.
    fn numbers(
        &self,
        page: &Answer,
        expression: &str,
    ) -> Result<(usize, Vec<Number>), FetchFailure> {
        let nodes = extract::nodes(&self.rules.extract, expression, page);
        let nodes = nodes.map_err(|error| {
            let kind = match error {
                ExtractError::Expression { .. } | ExtractError::Said { .. } => {
                    FailureKind::BadQuery
                }
                ExtractError::Column { .. } => FailureKind::BadQuery,
                ExtractError::Body(_) | ExtractError::Csv { .. } | ExtractError::TooMany { .. } => {
                    FailureKind::BadAnswer
                }
            };
            let error = self
                .redactor
                .excerpt(error.to_string().as_bytes(), SHOWN_BYTES);
            self.failure(kind, page, &format!(", but {error}{}", self.excerpt(page)))
        })?;
        let count = nodes.len();
        let mut numbers = Vec::with_capacity(count);
        for node in nodes {
            match self.number(node) {
                Ok(number) => numbers.extend(number),
                Err(trouble) => {
                    let name = self.named(expression);
                    let text = format!(
                        ", but {name} finds {count} nodes, and {trouble}{}",
                        self.excerpt(page)
                    );
                    return Err(self.failure(FailureKind::BadAnswer, page, &text));
                }
            }
        }
        Ok((count, numbers))
    }

    /// Makes a number of a node; `None` where it is null and that means no data.
    fn number(&self, node: Node) -> Result<Option<Number>, String> {
        let Node { place, value } = node;
        let place = self.redactor.excerpt(place.as_bytes(), MESSAGE_BYTES);
        let value = match (&value, self.rules.texts) {
            (Value::Null, _) => match self.rules.on_null {
                Absence::NoData => return Ok(None),
                Absence::Error => return Err(format!("{place} is null")),
            },
            (Value::Number(number), _) => number.as_f64(),
            (Value::String(text), Texts::Parsed) => text.trim().parse().ok(),
            (Value::String(_), Texts::Refused) => None,
            (Value::Bool(_) | Value::Array(_) | Value::Object(_), _) => None,
        }
        .ok_or_else(|| {
            let kind = match &value {
                Value::Null => "null",
                Value::Bool(_) => "a truth value",
                Value::Number(_) => "too large",
                Value::String(_) => "a text",
                Value::Array(_) => "a list",
                Value::Object(_) => "an object",
            };
            format!("{place} is {kind}, not a number")
        })?;
        Ok(Some(Number { value, name: place }))
    }

    /// Says that there is no number.
    fn nothing(&self, pages: &[Answer], expression: &str, nulls: usize) -> Found {
        let name = self.named(expression);
        let what = match nulls {
            0 => format!("{name} finds nothing"),
            1 => format!("what {name} finds is null"),
            many => format!("all {many} nodes that {name} finds are null"),
        };
        let Some(last) = pages.last() else {
            return Found::Nothing(what);
        };
        let text = format!(", but {what}{}", self.excerpt(last));
        let said = self.failure(FailureKind::BadAnswer, last, &text);
        match self.rules.on_empty {
            Absence::NoData => Found::Nothing(said.message),
            Absence::Error => Found::Failed(said),
        }
    }

    /// Reads what stands beside the numbers.
    fn beside(&self, pages: &[Answer]) -> Measured {
        let mut beside = Measured::of(Found::Nothing(String::new()));
        let rules = self.rules;
        let paths = [&rules.samples, &rules.unit, &rules.warnings];
        if paths.into_iter().all(Option::is_none) {
            return beside;
        }
        for page in pages {
            let Ok(document) = document::json(&page.body) else {
                continue;
            };
            if let Some(path) = &rules.samples {
                let counts = path.query(&document);
                for count in counts.iter().filter_map(|node| node.as_u64()) {
                    let so_far = beside.samples.unwrap_or(0);
                    beside.samples = Some(so_far.saturating_add(count));
                }
            }
            if let (Some(path), None) = (&rules.unit, &beside.unit) {
                let unit = document::first_text(path, &document);
                beside.unit =
                    unit.map(|unit| self.redactor.excerpt(unit.as_bytes(), MESSAGE_BYTES));
            }
            if let Some(path) = &rules.warnings {
                let texts = path.query(&document);
                let texts = texts.iter().filter_map(|node| node.as_str());
                let room = MOST_WARNINGS.saturating_sub(beside.warnings.len());
                let texts = texts.take(room);
                let shown = texts.map(|text| self.redactor.excerpt(text.as_bytes(), MESSAGE_BYTES));
                beside.warnings.extend(shown);
            }
        }
        beside
    }

    /// Returns how the expression is called.
    fn named(&self, expression: &str) -> String {
        let what = match &self.rules.extract {
            Extract::JsonPath(_) | Extract::JmesPath(_) | Extract::Regex(_) => expression,
            Extract::Csv { .. } => return format!("the column `{}`", self.shown(expression)),
            Extract::Header(name) => return format!("the header `{name}`"),
            Extract::Text => return "the whole answer".to_owned(),
        };
        format!("`{}`", self.shown(what))
    }

    /// Returns text as it may be shown.
    fn shown(&self, text: &str) -> String {
        self.redactor.excerpt(text.as_bytes(), MESSAGE_BYTES)
    }

    /// Returns what the server itself says is wrong.
    fn own_words(&self, answer: &Answer) -> Option<String> {
        if self.rules.error_messages.is_empty() {
            return None;
        }
        let document = document::json(&answer.body).ok()?;
        let mut paths = self.rules.error_messages.iter();
        let words = paths.find_map(|path| document::first_text(path, &document))?;
        Some(self.shown(&words))
    }

    /// Returns the beginning of an answer, for the end of a message.
    fn excerpt(&self, answer: &Answer) -> String {
        match self.redactor.excerpt(&answer.body, SHOWN_BYTES) {
            text if text.is_empty() => "; the answer is empty".to_owned(),
            text => format!("; the answer begins: {text}"),
        }
    }

    /// Makes a failure that says what was sent, and the status that came back.
    fn failure(&self, kind: FailureKind, answer: &Answer, text: &str) -> FetchFailure {
        FetchFailure {
            kind,
            message: format!("{} answered HTTP {}{text}", self.sent, answer.status),
        }
    }
}

/// Says what is wrong where an expectation is not met.
fn unmet(expectation: &Expectation, document: &Value) -> Option<String> {
    let Expectation { path, demand } = expectation;
    let nodes = path.query(document).all();
    let (wanted, may_be_nothing) = match demand {
        Demand::Nothing => {
            return (!nodes.is_empty()).then(|| format!("`{path}` is there"));
        }
        Demand::OneOf(wanted) => (wanted, false),
        Demand::OneOfOrNothing(wanted) => (wanted, true),
    };
    if nodes.is_empty() {
        return (!may_be_nothing).then(|| format!("`{path}` finds nothing"));
    }
    let is_wanted = |node: &&Value| wanted.iter().any(|value| document::is_alike(node, value));
    let odd = nodes.iter().find(|node| !is_wanted(node))?;
    let wanted: Vec<String> = wanted.iter().map(Value::to_string).collect();
    Some(format!("`{path}` is {odd}, not {}", wanted.join(" or ")))
}
