//! The simplest outputs: one number, or lines of `name value`.

use super::answer::OUTPUT_BYTES;
use super::figure::Figure;
use super::said::Said;
use super::settings::UnitSuffix;
use crate::gate::FailureKind;
use crate::net::Redactor;
use crate::provider::answered::{Found, Number};

/// How many names are offered where the one asked for is not there.
const MOST_NAMES: usize = 5;

/// Reads an output that is one number; nothing at all is no data.
pub(super) fn number(stdout: &[u8], suffix: UnitSuffix, redactor: &Redactor) -> Said {
    let text = String::from_utf8_lossy(stdout);
    let text = text.trim();
    if text.is_empty() {
        let reason = "the program printed nothing, which means no data";
        return Said::of(Found::Nothing(reason.to_owned()));
    }
    let Some(figure) = figure(text, suffix) else {
        let shown = redactor.excerpt(text.as_bytes(), OUTPUT_BYTES);
        let text = format!(
            "the program must print one number, and it printed: {shown}{}",
            advice(text, suffix)
        );
        return Said::of(Found::failed(FailureKind::BadAnswer, text));
    };
    Said {
        unit: figure.unit.map(str::to_owned),
        ..Said::of(Found::number(figure.value))
    }
}

/// Reads the number of one name among lines of `name value` or `name=value`; `#` begins a comment.
pub(super) fn key_value(
    stdout: &[u8],
    name: &str,
    suffix: UnitSuffix,
    redactor: &Redactor,
) -> Said {
    let text = String::from_utf8_lossy(stdout);
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs: Vec<(&str, &str)> = lines.map(split).collect();
    let values: Vec<&str> = pairs
        .iter()
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| *value)
        .collect();
    if values.is_empty() {
        let names = pairs.iter().map(|(known, _)| *known);
        return Said::of(Found::Nothing(absent(name, names, redactor)));
    }
    let mut numbers = Vec::new();
    let mut unit = None;
    for value in values.into_iter().filter(|value| !value.is_empty()) {
        let Some(figure) = figure(value, suffix) else {
            let shown = redactor.excerpt(value.as_bytes(), OUTPUT_BYTES);
            let text = format!(
                "`{name}` must be a number, and the program printed: {shown}{}",
                advice(value, suffix)
            );
            return Said::of(Found::failed(FailureKind::BadAnswer, text));
        };
        unit = figure.unit;
        numbers.push(Number {
            value: figure.value,
            name: name.to_owned(),
        });
    }
    if numbers.is_empty() {
        return Said::of(Found::Nothing(format!(
            "the program printed `{name}` without a value"
        )));
    }
    Said {
        unit: unit.map(str::to_owned),
        ..Said::of(Found::Numbers(numbers))
    }
}

/// Says that a name is not there, and which are.
pub(super) fn absent<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str>,
    redactor: &Redactor,
) -> String {
    let known: Vec<String> = known
        .take(MOST_NAMES)
        .map(|name| format!("`{}`", redactor.excerpt(name.as_bytes(), OUTPUT_BYTES)))
        .collect();
    if known.is_empty() {
        "the program printed no values at all".to_owned()
    } else {
        format!(
            "the program printed no `{name}`; it printed {}",
            known.join(", ")
        )
    }
}

/// Splits a line at the first blank or `=` that is outside of braces.
fn split(line: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    let end = line.find(|c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (c == '=' || c.is_whitespace())
    });
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start();
    (name, rest.strip_prefix('=').unwrap_or(rest).trim())
}

/// Reads a number.
fn figure(text: &str, suffix: UnitSuffix) -> Option<Figure> {
    match suffix {
        UnitSuffix::Refused => Figure::plain(text),
        UnitSuffix::Read => Figure::with_unit(text),
    }
}

/// Says what to do about a number with a unit.
fn advice(text: &str, suffix: UnitSuffix) -> &'static str {
    if suffix == UnitSuffix::Refused && Figure::with_unit(text).is_some() {
        "; set `parse_units: true` to have units read"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, suffix: UnitSuffix) -> Found {
        number(text.as_bytes(), suffix, &Redactor::default()).found
    }

    fn keyed(text: &str, name: &str) -> Found {
        key_value(
            text.as_bytes(),
            name,
            UnitSuffix::Refused,
            &Redactor::default(),
        )
        .found
    }

    fn message(found: Found) -> String {
        match found {
            Found::Failed(failure) => failure.message,
            Found::Nothing(reason) => reason,
            Found::Numbers(numbers) => panic!("{numbers:?}"),
        }
    }

    #[test]
    fn one_number_is_the_value_and_nothing_is_no_data() {
        assert_eq!(read(" 12.5\n", UnitSuffix::Refused), Found::number(12.5));
        assert!(matches!(
            read("\n \n", UnitSuffix::Refused),
            Found::Nothing(_)
        ));
        assert_eq!(read("12ms", UnitSuffix::Read), Found::number(12.0));
    }

    #[test]
    fn anything_but_one_number_is_an_error_that_shows_it() {
        assert_eq!(
            message(read("12 ms\n", UnitSuffix::Refused)),
            "the program must print one number, and it printed: 12 ms; set `parse_units: true` to have units read"
        );
        for text in ["1\n2\n", "ok: 3", "0x10", "1,5"] {
            assert!(
                matches!(read(text, UnitSuffix::Read), Found::Failed(_)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_name_is_found_among_lines_in_either_form() {
        let text =
            "# a comment\np95 12\np99=13.5\n\nmean = 4\nhits{code=\"500\", m=\"GET\"} 3\nempty=\n";
        for (name, value) in [
            ("p95", 12.0),
            ("p99", 13.5),
            ("mean", 4.0),
            ("hits{code=\"500\", m=\"GET\"}", 3.0),
        ] {
            let Found::Numbers(numbers) = keyed(text, name) else {
                panic!("{name}");
            };
            assert_eq!(
                numbers
                    .iter()
                    .map(|number| number.value)
                    .collect::<Vec<_>>(),
                [value]
            );
        }
        assert_eq!(
            message(keyed(text, "empty")),
            "the program printed `empty` without a value"
        );
        assert_eq!(
            message(keyed("a 1\nb 2", "c")),
            "the program printed no `c`; it printed `a`, `b`"
        );
        assert_eq!(
            message(keyed("", "c")),
            "the program printed no values at all"
        );
    }

    #[test]
    fn a_name_that_stands_twice_gives_both_numbers() {
        let Found::Numbers(numbers) = keyed("a 1\na 2", "a") else {
            panic!();
        };
        assert_eq!(numbers.len(), 2);
    }

    #[test]
    fn a_broken_value_harms_its_own_name_only() {
        let text = "a x1\nb 2";
        assert!(matches!(keyed(text, "a"), Found::Failed(_)));
        assert!(matches!(keyed(text, "b"), Found::Numbers(_)));
    }
}
