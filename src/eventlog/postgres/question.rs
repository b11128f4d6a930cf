//! A filter as SQL, in a form that an index answers.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};

use super::session::Parameter;
use crate::eventlog::filter::{Filter, Kinds};
use crate::eventlog::page::Cursor;

/// Which events say something of others, word for word as the index has it.
const STEERING: &str = "(type LIKE '%.invalidated' OR type IN ('sh.keptn.event.reinstate.finished', \
     'sh.keptn.event.pin.finished', 'sh.keptn.event.unpin.finished'))";
/// A time, word for word as the index of the whole log has it.
const TIME_OF_ALL: &str = "(time + 0)";
/// The time of events that have none.
pub(super) const NO_TIME: i64 = i64::MIN;

/// Returns a time as it is stored: 64 bits hold the nanoseconds of 1677 to 2262, which is when software is evaluated.
pub(super) fn nanoseconds(time: Option<Timestamp>) -> i64 {
    let Some(time) = time else { return NO_TIME };
    let nanoseconds = time.as_nanosecond();
    let bound = if nanoseconds < 0 {
        NO_TIME + 1
    } else {
        i64::MAX
    };
    i64::try_from(nanoseconds).unwrap_or(bound).max(NO_TIME + 1)
}

/// Returns a text as it is stored: PostgreSQL has no U+0000, so that becomes two letters, and the letter that these
/// begin with as well. Texts that differ stay different, and in their order.
pub(super) fn stored(text: &str) -> String {
    text.replace('\u{1}', "\u{1}\u{2}")
        .replace('\0', "\u{1}\u{1}")
}

/// A value to ask for.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

/// A filter as SQL.
#[derive(Debug, PartialEq)]
pub(super) struct Question {
    /// The statement.
    pub sql: String,
    /// What to put for `$1`, `$2`, …
    values: Vec<Value>,
}

/// The last place of the page before, as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    /// The time.
    pub time: i64,
    /// The id.
    pub id: String,
}

impl From<&Cursor> for Seen {
    fn from(cursor: &Cursor) -> Self {
        Self {
            time: nanoseconds(cursor.time),
            id: stored(&cursor.id),
        }
    }
}

impl Question {
    /// Asks for at most `limit` events of a filter that stand before a place. Each pair of a type and a result is asked
    /// for by itself, because an index has the order only within one.
    pub(super) fn new(
        schema: &str,
        filter: &Filter,
        before: Option<&Seen>,
        limit: usize,
    ) -> Option<Self> {
        let mut question = Self {
            sql: String::new(),
            values: Vec::new(),
        };
        let time = time_for(filter);
        let common = question.common(filter, before, time);
        let results = filter.results.iter().map(|result| result.as_str());
        let results = (!filter.results.is_empty()).then(|| results.collect());
        let results = question.alternatives("result", results);
        let types = match &filter.kinds {
            Kinds::Types(types) => Some(types.iter().map(String::as_str).collect()),
            Kinds::Any | Kinds::Steering => None,
        };
        let types = question.alternatives("type", types);
        let arms: Vec<String> = types
            .iter()
            .flat_map(|kind| results.iter().map(move |result| (kind, result)))
            .map(|(kind, result)| {
                format!(
                    "SELECT id, time, json FROM {schema}.events WHERE true{common}{kind}{result} ORDER BY {time} DESC, id DESC LIMIT {limit}"
                )
            })
            .collect();
        question.sql = match arms.as_slice() {
            [] => return None,
            [only] => only.clone(),
            several => format!(
                "SELECT id, time, json FROM (({})) AS found ORDER BY time DESC, id DESC LIMIT {limit}",
                several.join(") UNION ALL (")
            ),
        };
        Some(question)
    }

    /// Returns the values with their types.
    pub(super) fn parameters(&self) -> Vec<Parameter<'_>> {
        let values = self.values.iter();
        values
            .map(|value| match value {
                Value::Text(text) => (text as &(dyn ToSql + Sync), Type::TEXT),
                Value::Number(number) => (number as &(dyn ToSql + Sync), Type::INT8),
            })
            .collect()
    }

    /// Returns the conditions that all the alternatives share.
    fn common(&mut self, filter: &Filter, before: Option<&Seen>, time: &str) -> String {
        let mut common = String::new();
        for (column, wanted) in [
            ("id", &filter.id),
            ("project", &filter.project),
            ("stage", &filter.stage),
            ("service", &filter.service),
            ("context", &filter.context),
        ] {
            if let Some(wanted) = wanted {
                let mark = self.mark(Value::Text(stored(wanted)));
                common.extend([" AND ", column, " = ", &mark]);
            }
        }
        if filter.kinds == Kinds::Steering {
            common.extend([" AND ", STEERING]);
        }
        if let Some(since) = filter.since {
            let mark = self.mark(Value::Number(nanoseconds(Some(since))));
            common.extend([" AND ", time, " >= ", &mark]);
        }
        if let Some(until) = filter.until {
            let mark = self.mark(Value::Number(nanoseconds(Some(until))));
            common.extend([" AND ", time, " < ", &mark]);
        }
        if let Some(seen) = before {
            let last = self.mark(Value::Number(seen.time));
            let id = self.mark(Value::Text(seen.id.clone()));
            common.extend([" AND (", time, ", id) < (", &last, ", ", &id, ")"]);
        }
        common
    }

    /// Returns a condition for each of the values that a column may have; without values it may have any.
    fn alternatives(&mut self, column: &str, values: Option<BTreeSet<&str>>) -> Vec<String> {
        let Some(values) = values else {
            return vec![String::new()];
        };
        let values = values.into_iter();
        values
            .map(|value| {
                let mark = self.mark(Value::Text(stored(value)));
                format!(" AND {column} = {mark}")
            })
            .collect()
    }

    /// Adds a value, and returns its mark.
    fn mark(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }
}

/// Returns how to name the time: for a filter that has an index of its own the server must not walk through the whole
/// log, however few events it believes to lie between now and the one that is wanted.
fn time_for(filter: &Filter) -> &'static str {
    let is_series = filter.project.is_some() && filter.stage.is_some() && filter.service.is_some();
    let has_index = is_series
        || filter.id.is_some()
        || filter.context.is_some()
        || filter.kinds == Kinds::Steering;
    if has_index { "time" } else { TIME_OF_ALL }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::event::EventType;

    #[test]
    fn what_steers_is_asked_for_as_the_gate_knows_it() {
        for steering in [
            EventType::REINSTATED,
            EventType::PINNED,
            EventType::UNPINNED,
        ] {
            assert!(EventType::is_steering(steering));
            assert!(STEERING.contains(&format!("'{steering}'")));
        }
        assert!(EventType::is_steering("any.invalidated"));
        assert_eq!(STEERING.matches("sh.keptn").count(), 3);
    }

    #[test]
    fn texts_stay_different_and_in_order_without_a_zero() {
        let texts = [
            "",
            "\0",
            "\0\0",
            "\0\u{1}",
            "\u{1}",
            "\u{1}\0",
            "\u{1}\u{1}",
            "\u{2}",
            "a",
        ];
        for pair in texts.windows(2) {
            assert!(
                pair[0] < pair[1] && stored(pair[0]) < stored(pair[1]),
                "{pair:?}"
            );
        }
        assert!(texts.iter().all(|text| !stored(text).contains('\0')));
    }

    #[test]
    fn no_time_is_before_every_time() {
        assert!(nanoseconds(None) < nanoseconds(Some(Timestamp::MIN)));
        assert!(nanoseconds(Some(Timestamp::MIN)) < nanoseconds(Some(Timestamp::UNIX_EPOCH)));
        assert!(nanoseconds(Some(Timestamp::MAX)) > nanoseconds(Some(Timestamp::UNIX_EPOCH)));
    }
}
