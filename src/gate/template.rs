//! Placeholders in queries: `$SERVICE`, `${LABEL.build}`, `$DURATION_SECONDS`, ….
//!
//! One scan from left to right; what is filled in is never scanned again. A `$` that no name follows is literal, so
//! the end of a regular expression survives; `$$` is a literal `$` anywhere.

use super::context::Context;
use super::escape::Escape;
use super::placeholder::{FIXED, Value, lookup};

/// A placeholder could not be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// Nothing of that name is known.
    #[error("`{token}` stands for nothing")]
    Unresolved {
        /// The placeholder as it was written.
        token: String,
        /// How many times the same text occurred before it in the query.
        occurrence: usize,
    },
    /// What would be filled in could change the query's meaning.
    #[error("the value of `{token}` contains {found:?}, which could change the query's meaning")]
    Unsafe {
        /// The placeholder as it was written.
        token: String,
        /// How many times the same text occurred before it in the query.
        occurrence: usize,
        /// The character.
        found: char,
    },
    /// The filter behind `|` is not known.
    #[error("`{token}` asks for the filter `{filter}`; there are {}", Escape::NAMES.join(", "))]
    UnknownFilter {
        /// The placeholder as it was written.
        token: String,
        /// How many times the same text occurred before it in the query.
        occurrence: usize,
        /// The filter's name.
        filter: String,
    },
    /// Nothing is filled into this text: values are bound.
    #[error("`{token}` can't stand in a query whose values are bound")]
    Forbidden {
        /// The placeholder as it was written.
        token: String,
        /// How many times the same text occurred before it in the query.
        occurrence: usize,
    },
}

impl PlaceholderError {
    /// Returns the placeholder and which of its occurrences is meant, counted from 0.
    #[must_use]
    pub fn place(&self) -> (&str, usize) {
        match self {
            Self::Unresolved { token, occurrence }
            | Self::Forbidden { token, occurrence }
            | Self::Unsafe {
                token, occurrence, ..
            }
            | Self::UnknownFilter {
                token, occurrence, ..
            } => (token, *occurrence),
        }
    }
}

/// Fills every placeholder of a query in a language that is not known: what could end a string is refused.
///
/// # Errors
/// Every [`PlaceholderError`] of the query at once.
pub fn fill(query: &str, context: &Context) -> Result<String, Vec<PlaceholderError>> {
    fill_escaped(query, context, Escape::Refuse)
}

/// Fills every placeholder of a query; values from outside are escaped for its language, unless the placeholder itself
/// names another one.
///
/// # Errors
/// Every [`PlaceholderError`] of the query at once.
pub fn fill_escaped(
    query: &str,
    context: &Context,
    escape: Escape,
) -> Result<String, Vec<PlaceholderError>> {
    let mut filled = String::with_capacity(query.len());
    let mut errors = Vec::new();
    let mut at = 0;
    while let Some(rest) = query.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(dollar) = rest.find('$') else {
            filled.push_str(rest);
            break;
        };
        filled.push_str(rest.get(..dollar).unwrap_or_default());
        let from_dollar = rest.get(dollar..).unwrap_or_default();
        let token = Token::at_start(from_dollar, context);
        match token.value(context, escape) {
            Ok(value) => filled.push_str(&value),
            Err(problem) => {
                errors.push(problem.at(token.text, occurrences(query, at + dollar, token.text)));
            }
        }
        at += dollar + token.text.len();
    }
    if errors.is_empty() {
        Ok(filled)
    } else {
        Err(errors)
    }
}

/// Counts how often a text occurs in the query before a position.
fn occurrences(query: &str, before: usize, text: &str) -> usize {
    query
        .get(..before)
        .map_or(0, |head| head.matches(text).count())
}

/// What one `$` turned out to be.
struct Token<'a> {
    /// The text in the query.
    text: &'a str,
    /// What it asks for.
    meaning: Meaning<'a>,
}

/// What a token asks for.
enum Meaning<'a> {
    /// This text, as it is.
    Literal(&'a str),
    /// A name, perhaps with a filter.
    Name {
        /// The name, without `$`, braces and filter.
        name: &'a str,
        /// What stands behind `|`.
        filter: Option<&'a str>,
    },
    /// A brace that is opened and never closed.
    Unclosed,
}

/// Why a token has no value, before it is known where it stands.
enum Problem {
    /// Nothing of that name is known.
    Unresolved,
    /// The value holds a character that could end a string in the query.
    Unsafe(char),
    /// There is no such filter.
    UnknownFilter(String),
    /// Values are bound here.
    Forbidden,
}

impl Problem {
    /// Adds the place.
    fn at(self, token: &str, occurrence: usize) -> PlaceholderError {
        let token = token.to_owned();
        match self {
            Self::Unresolved => PlaceholderError::Unresolved { token, occurrence },
            Self::Unsafe(found) => PlaceholderError::Unsafe {
                token,
                occurrence,
                found,
            },
            Self::Forbidden => PlaceholderError::Forbidden { token, occurrence },
            Self::UnknownFilter(filter) => PlaceholderError::UnknownFilter {
                token,
                occurrence,
                filter,
            },
        }
    }
}

impl<'a> Token<'a> {
    /// Reads the token at the start of a text that begins with `$`.
    fn at_start(text: &'a str, context: &Context) -> Self {
        let after = text.get(1..).unwrap_or_default();
        if after.starts_with('$') {
            return Self {
                text: text.get(..2).unwrap_or(text),
                meaning: Meaning::Literal("$"),
            };
        }
        if let Some(inner) = after.strip_prefix('{')
            && let Some(end) = inner.find('}')
        {
            let (name, filter) = match inner.get(..end).unwrap_or_default().split_once('|') {
                Some((name, filter)) => (name.trim(), Some(filter.trim())),
                None => (inner.get(..end).unwrap_or_default().trim(), None),
            };
            let text = text.get(..end + 3).unwrap_or(text);
            return Self {
                text,
                meaning: Meaning::Name { name, filter },
            };
        }
        if let Some(inner) = after.strip_prefix('{')
            && inner.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            let word = inner
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(inner.len());
            let text = text.get(..word + 2).unwrap_or(text);
            return Self {
                text,
                meaning: Meaning::Unclosed,
            };
        }
        let name = bare_name(after, context);
        if name.is_empty() {
            return Self {
                text: text.get(..1).unwrap_or(text),
                meaning: Meaning::Literal("$"),
            };
        }
        let text = text.get(..=name.len()).unwrap_or(text);
        Self {
            text,
            meaning: Meaning::Name { name, filter: None },
        }
    }

    /// Returns what stands for the token.
    fn value(&self, context: &Context, escape: Escape) -> Result<String, Problem> {
        let (name, filter) = match self.meaning {
            Meaning::Literal(text) => return Ok(text.to_owned()),
            Meaning::Unclosed => return Err(Problem::Unresolved),
            Meaning::Name { name, filter } => (name, filter),
        };
        let value = lookup(name, context).ok_or(Problem::Unresolved)?;
        if escape == Escape::Forbid {
            return Err(Problem::Forbidden);
        }
        let language = match filter {
            None => None,
            Some(filter) => {
                let unknown = || Problem::UnknownFilter(filter.to_owned());
                Some(Escape::named(filter).ok_or_else(unknown)?)
            }
        };
        match (language, value) {
            (None, Value::Trusted(text)) => Ok(text),
            (None, Value::Foreign(text)) => escape.apply(&text).map_err(Problem::Unsafe),
            (Some(language), value) => {
                let text = value.into_text();
                language.apply(&text).map_err(Problem::Unsafe)
            }
        }
    }
}

/// Returns the longest name at the start of a text that can be meant: the key of a filter, or a word of capitals,
/// with a dotted part where the word takes one. Empty where the `$` is literal.
fn bare_name<'a>(text: &'a str, context: &Context) -> &'a str {
    let word_end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    let filter_key = context
        .filters
        .iter()
        .flat_map(|(key, _)| {
            [key.len()]
                .into_iter()
                .filter(|_| starts_with_key(text, key))
        })
        .max();
    if let Some(length) = filter_key.filter(|length| *length >= word.len()) {
        return text.get(..length).unwrap_or_default();
    }
    let is_capital = word.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && !word.contains(|c: char| c.is_ascii_lowercase());
    // `[$DURATION_SECONDSs]` is a slip, and no backend could say so.
    let runs_on = FIXED.iter().any(|name| word.starts_with(name));
    if !is_capital && !runs_on {
        return "";
    }
    let takes_part = matches!(word, "LABEL" | "ENV" | "FILTER") && rest.starts_with('.');
    if takes_part {
        dotted_name(text, word.len(), context)
    } else {
        word
    }
}

/// Tells whether a text starts with the key of a filter, as it is or in capitals, and the word ends there.
fn starts_with_key(text: &str, key: &str) -> bool {
    let Some((head, rest)) = text.split_at_checked(key.len()) else {
        return false;
    };
    let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    !key.is_empty() && ends && (head == key || head == key.to_uppercase())
}

/// Returns `LABEL.key` with the longest key that is known; the longest that is possible where none is.
fn dotted_name<'a>(text: &'a str, word: usize, context: &Context) -> &'a str {
    let part = text.get(word + 1..).unwrap_or_default();
    let end = part
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-'))
        .unwrap_or(part.len());
    let longest = text.get(..word + 1 + end).unwrap_or(text);
    let mut name = longest;
    while name.len() > word + 1 {
        if lookup(name, context).is_some() {
            return name;
        }
        let Some(cut) = name.rfind(['.', '-']).filter(|cut| *cut > word) else {
            break;
        };
        name = name.get(..cut).unwrap_or_default();
    }
    longest
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::gate::{ProjectName, Series, ServiceName, StageName, TimeWindow};

    fn context(labels: &[(&str, &str)], filters: &[(&str, &str)]) -> Context {
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Context {
            series: Series {
                project: ProjectName::new("sockshop").unwrap(),
                stage: StageName::new("dev").unwrap(),
                service: ServiceName::new("carts").unwrap(),
            },
            deployment: None,
            labels: labels.iter().map(own).collect::<BTreeMap<_, _>>(),
            filters: filters.iter().map(own).collect(),
            environment: BTreeMap::from([("REGION".to_owned(), "eu".to_owned())]),
            window_origin: crate::gate::WindowOrigin::Assumed,
            window: TimeWindow::new(
                "2024-02-01T10:00:00Z".parse().unwrap(),
                "2024-02-01T10:10:00Z".parse().unwrap(),
            )
            .unwrap(),
        }
    }

    fn filled(query: &str) -> String {
        let labels = [
            ("build", "17"),
            ("build.id", "x"),
            ("dashboard", "d"),
            ("dashboard_name", "n"),
        ];
        let filters = [("handler", "='Items'"), ("my-key", "v")];
        fill(query, &context(&labels, &filters)).unwrap()
    }

    #[test]
    fn the_names_of_keptn_are_filled() {
        assert_eq!(
            filled(r#"x{job="$SERVICE-$PROJECT-$STAGE-$DEPLOYMENT"}[$DURATION_SECONDS]"#),
            r#"x{job="carts-sockshop-dev-primary"}[600s]"#
        );
        assert_eq!(
            filled("${DURATION_S} $START_UNIX ${END_MS}"),
            "600 1706781600 1706782200000"
        );
        assert_eq!(
            filled("$LABEL.build/$LABEL.build.id/$LABEL.build-$STAGE"),
            "17/x/17-dev"
        );
        assert_eq!(
            filled("$LABEL.dashboard_name ${ LABEL.dashboard } $ENV.REGION"),
            "n d eu"
        );
    }

    #[test]
    fn filters_lose_their_quotes_and_come_in_capitals_too() {
        assert_eq!(
            filled("{a$handler,b$HANDLER,c=${FILTER.handler}} $my-key"),
            "{a=Items,b=Items,c==Items} v"
        );
    }

    #[test]
    fn a_dollar_that_no_name_follows_is_literal() {
        for query in [r#"{a=~"foo$"}"#, "$", "a$1", "$(x)", "$lower", "$Mixed"] {
            assert_eq!(filled(query), query);
        }
        assert_eq!(filled("$$SERVICE"), "$SERVICE");
    }

    #[test]
    fn a_name_that_runs_on_and_a_brace_that_is_not_closed_are_unresolved() {
        let errors = fill("[$DURATION_SECONDSs] ${SERVICE-x ${1}", &context(&[], &[])).unwrap_err();
        let places: Vec<_> = errors.iter().map(PlaceholderError::place).collect();
        assert_eq!(places, [("$DURATION_SECONDSs", 0), ("${SERVICE-x ${1}", 0)]);
        let errors = fill("${SERVICE-x", &context(&[], &[])).unwrap_err();
        assert_eq!(errors[0].place(), ("${SERVICE", 0));
    }

    #[test]
    fn every_unresolved_placeholder_is_named_with_its_place() {
        let errors = fill("$SERVICE_ID $NO ${NO} $NO $LABEL.none", &context(&[], &[])).unwrap_err();
        let places: Vec<_> = errors.iter().map(PlaceholderError::place).collect();
        assert_eq!(
            places,
            [
                ("$SERVICE_ID", 0),
                ("$NO", 0),
                ("${NO}", 0),
                ("$NO", 1),
                ("$LABEL.none", 0)
            ]
        );
    }

    #[test]
    fn a_label_that_could_end_a_string_is_refused_unless_it_is_escaped() {
        let context = context(&[("branch", "x\"} or vector(0) #")], &[]);
        let errors = fill(r#"{b="$LABEL.branch"}"#, &context).unwrap_err();
        assert!(
            matches!(errors[..], [PlaceholderError::Unsafe { found: '"', .. }]),
            "{errors:?}"
        );
        assert_eq!(
            fill(r#"{b="${LABEL.branch|promql}"}"#, &context).unwrap(),
            r#"{b="x\"} or vector(0) #"}"#
        );
    }

    #[test]
    fn what_is_filled_in_is_not_scanned_again() {
        assert_eq!(
            fill("$LABEL.a", &context(&[("a", "$STAGE")], &[])).unwrap(),
            "$STAGE"
        );
    }

    #[test]
    fn the_regex_filter_quotes_what_regular_expressions_use() {
        let context = context(&[("path", "/a.b")], &[]);
        assert_eq!(fill("${LABEL.path|regex}", &context).unwrap(), r"/a\\.b");
        assert!(fill("${LABEL.path|shell}", &context).is_err());
    }

    proptest! {
        #[test]
        fn no_query_panics(query in "[$A-Za-z{}.|_ é-]{0,40}") {
            let _filled = fill(&query, &context(&[("é", "x")], &[("é", "y"), ("", "z")]));
        }

        #[test]
        fn a_query_without_a_dollar_stays_as_it_is(query in "[^$]*") {
            prop_assert_eq!(fill(&query, &context(&[], &[])), Ok(query));
        }
    }
}
