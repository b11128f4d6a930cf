//! A filter as SQL, written so that an index gives the events in their order, whichever conditions there are.
//!
//! SQLite knows nothing of how events are spread, so each question says itself which index it takes: a plus before the
//! columns of the others keeps SQLite away from them. Events with a time and those without are asked for one after the
//! other: "before this time or without one" is no range of an index, and pages would cost ever more.

use jiff::Timestamp;
use rusqlite::types::Value;

use crate::eventlog::filter::{Filter, Kinds};
use crate::gate::Verdict;
use crate::gate::event::EventType;

/// The most ranges of an index that are merged to answer one question.
const MERGED: usize = 16;

/// A filter, or the part of it that is for events with a time or for those without, as SQL.
pub(super) struct Question {
    /// The statement; it gives positions and ids, newest first.
    pub sql: String,
    /// What to put for its question marks.
    pub values: Vec<Value>,
}

/// Which events a question is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Those with a time.
    Timed,
    /// Those without, which are older than all others.
    Untimed,
}

/// Which index leads to the events, the most selective first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// That of the ids.
    Id,
    /// `by_context`
    Context,
    /// `by_steering`
    Steering,
    /// `by_result`: one range for each type and result, merged.
    Result,
    /// `by_series`
    Series,
    /// `by_time`
    Time,
}

impl Way {
    /// Chooses the way to what a filter lets through.
    fn to(filter: &Filter) -> Self {
        let of_series =
            filter.project.is_some() && filter.stage.is_some() && filter.service.is_some();
        let merged = ranges(filter).len();
        if filter.id.is_some() {
            Self::Id
        } else if filter.context.is_some() {
            Self::Context
        } else if filter.kinds == Kinds::Steering && filter.project.is_some() {
            Self::Steering
        } else if of_series && (1..=MERGED).contains(&merged) {
            Self::Result
        } else if of_series {
            Self::Series
        } else {
            Self::Time
        }
    }
}

/// Returns the types and results that a filter names, each with each. No result is one, too.
fn ranges(filter: &Filter) -> Vec<(&str, Option<Verdict>)> {
    let Kinds::Types(types) = &filter.kinds else {
        return Vec::new();
    };
    let mut results: Vec<_> = filter.results.iter().copied().map(Some).collect();
    if results.is_empty() {
        let all = [Verdict::Pass, Verdict::Warning, Verdict::Fail];
        results.extend(all.map(Some));
        results.push(None);
    }
    let mut ranges: Vec<_> = types
        .iter()
        .flat_map(|one| results.iter().map(|result| (one.as_str(), *result)))
        .collect();
    // An event that two ranges hold would come twice.
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}

impl Question {
    /// Returns the questions that a filter comes to, in the order in which to ask them.
    pub(super) fn of(filter: &Filter) -> Vec<Self> {
        let timed = filter.before.as_ref().is_none_or(|b| b.time.is_some());
        let untimed = filter.since.is_none();
        let parts = [(Part::Timed, timed), (Part::Untimed, untimed)];
        let parts = parts.into_iter().filter(|(_, wanted)| *wanted);
        parts.map(|(part, _)| Self::of_part(filter, part)).collect()
    }

    /// Returns the question for a part of the events.
    fn of_part(filter: &Filter, part: Part) -> Self {
        let mut question = Self {
            sql: String::new(),
            values: Vec::new(),
        };
        let way = Way::to(filter);
        if way == Way::Result {
            for (event_type, result) in ranges(filter) {
                if !question.sql.is_empty() {
                    question.sql.push_str(" UNION ALL ");
                }
                question.select(filter, part, way);
                question.and("e.type = ?", [text(event_type)]);
                match result {
                    Some(result) => question.and("e.result = ?", [text(result.as_str())]),
                    None => question.and("e.result IS NULL", []),
                }
            }
        } else {
            question.select(filter, part, way);
            question.add_kinds(filter);
        }
        question.sql.push_str(" ORDER BY time DESC, id DESC");
        question
    }

    /// Adds a selection by everything but type and result.
    fn select(&mut self, filter: &Filter, part: Part, way: Way) {
        self.sql.push_str(
            "SELECT e.position AS position, e.id AS id, e.time AS time FROM events AS e WHERE true",
        );
        let by_series = matches!(way, Way::Result | Way::Series);
        let by_project = by_series || way == Way::Steering;
        for (column, wanted, leads) in [
            ("id", &filter.id, way == Way::Id),
            ("context", &filter.context, way == Way::Context),
            ("project", &filter.project, by_project),
            ("stage", &filter.stage, by_series),
            ("service", &filter.service, by_series),
        ] {
            if let Some(wanted) = wanted {
                let plus = if leads { "" } else { "+" };
                self.and(&format!("{plus}e.{column} = ?"), [text(wanted)]);
            }
        }
        match part {
            Part::Timed => self.add_times(filter, if way == Way::Id { "+" } else { "" }),
            Part::Untimed => self.add_untimed(filter, if way == Way::Id { "+" } else { "" }),
        }
    }

    /// Adds what the filter says of types and results.
    fn add_kinds(&mut self, filter: &Filter) {
        match &filter.kinds {
            Kinds::Any => {}
            Kinds::Types(types) => self.and_one_of("+e.type", types.iter().map(|one| text(one))),
            // As in the condition of `by_steering`, to the letter: that is how SQLite sees that it may take it.
            Kinds::Steering => {
                let [reinstated, pinned, unpinned] = [
                    EventType::REINSTATED,
                    EventType::PINNED,
                    EventType::UNPINNED,
                ];
                let condition = format!(
                    "(substr(e.type, -12) = '.invalidated' OR e.type IN ('{reinstated}', '{pinned}', '{unpinned}'))"
                );
                self.and(&condition, []);
            }
        }
        if !filter.results.is_empty() {
            let words = filter.results.iter().map(|result| text(result.as_str()));
            self.and_one_of("+e.result", words);
        }
    }

    /// Adds what the filter says of times, for events that have one.
    fn add_times(&mut self, filter: &Filter, plus: &str) {
        self.and(&format!("{plus}e.time IS NOT NULL"), []);
        if let Some(since) = filter.since {
            let since = Value::Integer(nanoseconds(since));
            self.and(&format!("{plus}e.time >= ?"), [since]);
        }
        if let Some(until) = filter.until {
            let until = Value::Integer(nanoseconds(until));
            self.and(&format!("{plus}e.time < ?"), [until]);
        }
        let before = filter.before.as_ref();
        if let Some((time, id)) = before.and_then(|before| Some((before.time?, &before.id))) {
            let time = Value::Integer(nanoseconds(time));
            self.and(&format!("({plus}e.time, e.id) < (?, ?)"), [time, text(id)]);
        }
    }

    /// Adds what the filter says of times, for events that have none.
    fn add_untimed(&mut self, filter: &Filter, plus: &str) {
        self.and(&format!("{plus}e.time IS NULL"), []);
        if let Some(before) = filter.before.as_ref().filter(|b| b.time.is_none()) {
            self.and(&format!("{plus}e.id < ?"), [text(&before.id)]);
        }
    }

    /// Adds that a column has one of several values.
    fn and_one_of(&mut self, column: &str, values: impl ExactSizeIterator<Item = Value>) {
        let marks = vec!["?"; values.len()].join(", ");
        self.and(&format!("{column} IN ({marks})"), values);
    }

    /// Adds a condition.
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }
}

/// Returns a text as a value of SQL.
fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Returns a time as it is stored: 64 bits hold the nanoseconds of 1677 to 2262, which is when software is evaluated.
pub(super) fn nanoseconds(time: Timestamp) -> i64 {
    let nanoseconds = time.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX })
}
