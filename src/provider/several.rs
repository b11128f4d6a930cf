//! Numbers in groups, such as the points of series: when they are one number, several, or none.
//!
//! Alike for Dynatrace and Datadog. Without a `reduce` there must be one group. With one, it is applied to all numbers
//! of all groups; but the first or the last of several groups is whichever the backend names first, and is refused.

use super::answered::{Found, Number};
use crate::gate::{FailureKind, Reduce};

/// How many groups are named in a message.
const NAMED: usize = 3;

/// A series, a record, or a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// What tells it from the others; may be empty.
    pub name: String,
    /// Its values in the order of the answer; `None` where the backend says null.
    pub values: Vec<Option<f64>>,
}

/// What groups come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grouped {
    /// The numbers, or why there are none.
    pub found: Found,
    /// How many values are no null.
    pub samples: u64,
    /// What was left out.
    pub warnings: Vec<String>,
}

/// What messages call things, and what they advise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wording {
    /// The whole: `Metrics API v2`.
    pub source: &'static str,
    /// Several groups: `metric series`.
    pub groups: &'static str,
    /// What to do about several groups.
    pub advice: &'static str,
    /// What to do where all is null; may be empty.
    pub nulls: &'static str,
}

/// Makes numbers of groups, given how they will be reduced.
pub(super) fn numbers(groups: &[Group], reduce: Reduce, wording: Wording) -> Grouped {
    let only = |found| Grouped {
        found,
        samples: 0,
        warnings: Vec::new(),
    };
    if groups.is_empty() {
        let reason = format!("{} returned zero {}", wording.source, wording.groups);
        return only(Found::Nothing(reason));
    }
    let takes_any = !matches!(reduce, Reduce::Single | Reduce::First | Reduce::Last);
    if groups.len() > 1 && !takes_any {
        return only(ambiguous(groups, wording));
    }
    let all: usize = groups.iter().map(|group| group.values.len()).sum();
    let numbers: Vec<Number> = groups.iter().flat_map(named).collect();
    if numbers.is_empty() {
        return only(Found::Nothing(nothing(all, wording)));
    }
    let mut warnings = Vec::new();
    if numbers.len() < all && !matches!(reduce, Reduce::Single) {
        let left = all - numbers.len();
        warnings.push(format!("{left} of {all} values are null and were left out"));
    }
    Grouped {
        samples: u64::try_from(numbers.len()).unwrap_or(u64::MAX),
        found: Found::Numbers(numbers),
        warnings,
    }
}

/// Returns the numbers of a group.
fn named(group: &Group) -> impl Iterator<Item = Number> {
    group.values.iter().flatten().map(|value| Number {
        value: *value,
        name: group.name.clone(),
    })
}

/// Says that there is nothing but nulls, or nothing at all.
fn nothing(all: usize, wording: Wording) -> String {
    let Wording { source, nulls, .. } = wording;
    let what = match all {
        0 => "zero values",
        1 => "'null' as value",
        _ => "nothing but 'null' as values",
    };
    if nulls.is_empty() {
        format!("{source} returned {what}")
    } else {
        format!("{source} returned {what}; {nulls}")
    }
}

/// Says that there are several groups and nobody says which.
fn ambiguous(groups: &[Group], wording: Wording) -> Found {
    let Wording {
        source,
        groups: called,
        advice,
        ..
    } = wording;
    let count = groups.len();
    let names = groups.iter().map(|group| group.name.as_str());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).take(NAMED).collect();
    let names = match names.len() {
        0 => String::new(),
        some if some < count => format!(" ({}, …)", names.join(", ")),
        _ => format!(" ({})", names.join(", ")),
    };
    let message = format!(
        "{source} returned {count} {called} but only one is supported{names}; {advice}, or say how to make one of them: `reduce: max`"
    );
    Found::failed(FailureKind::BadQuery, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDING: Wording = Wording {
        source: "it",
        groups: "series",
        advice: "choose",
        nulls: "",
    };

    fn groups(values: &[&[Option<f64>]]) -> Vec<Group> {
        let group = |(number, values): (usize, &&[Option<f64>])| Group {
            name: format!("s{number}"),
            values: values.to_vec(),
        };
        values.iter().enumerate().map(group).collect()
    }

    fn values(found: &Found) -> Vec<f64> {
        match found {
            Found::Numbers(numbers) => numbers.iter().map(|number| number.value).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn text(found: Found) -> String {
        match found {
            Found::Nothing(reason) => reason,
            Found::Failed(failure) => format!("{:?}: {}", failure.kind, failure.message),
            Found::Numbers(numbers) => panic!("{numbers:?}"),
        }
    }

    #[test]
    fn a_series_of_nulls_beside_one_with_a_value_is_still_ambiguous() {
        let two = groups(&[&[None], &[Some(1.0)]]);
        for reduce in [Reduce::Single, Reduce::First, Reduce::Last] {
            assert_eq!(
                text(numbers(&two, reduce, WORDING).found),
                "BadQuery: it returned 2 series but only one is supported (s0, s1); choose, or say how to make one of them: `reduce: max`"
            );
        }
    }

    #[test]
    fn a_reduce_sees_every_value_of_every_series() {
        let two = groups(&[&[Some(1.0), None], &[Some(2.0), Some(3.0)]]);
        let grouped = numbers(&two, Reduce::Max, WORDING);
        assert_eq!(values(&grouped.found), [1.0, 2.0, 3.0]);
        assert_eq!(grouped.samples, 3);
        assert_eq!(
            grouped.warnings,
            ["1 of 4 values are null and were left out"]
        );
    }

    #[test]
    fn nothing_is_never_a_number() {
        let reason =
            |values: &[&[Option<f64>]]| text(numbers(&groups(values), Reduce::Mean, WORDING).found);
        assert_eq!(reason(&[]), "it returned zero series");
        assert_eq!(reason(&[&[]]), "it returned zero values");
        assert_eq!(reason(&[&[None]]), "it returned 'null' as value");
        assert_eq!(
            reason(&[&[None], &[None]]),
            "it returned nothing but 'null' as values"
        );
    }
}
