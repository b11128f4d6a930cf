//! Performance data of Nagios checks: `OK - all fine | 'time'=0.2s;1;2;0;10 size=3KB`.

use super::answer::OUTPUT_BYTES;
use super::figure::Figure;
use super::lines::absent;
use super::said::Said;
use crate::gate::FailureKind;
use crate::net::Redactor;
use crate::provider::answered::Found;

/// One figure of a check.
#[derive(Debug, PartialEq)]
struct Datum {
    /// Its label, without quotes.
    label: String,
    /// Its value and unit, as they stand there.
    value: String,
}

/// Reads the figure of one label. Without a label there must be one figure only.
pub(super) fn read(stdout: &[u8], label: &str, redactor: &Redactor) -> Said {
    let text = String::from_utf8_lossy(stdout);
    let data = data(&text);
    let found: Vec<&Datum> = data
        .iter()
        .filter(|datum| label.is_empty() || datum.label == label)
        .collect();
    let datum = match found.as_slice() {
        [datum] => datum,
        [] if label.is_empty() => {
            let reason = "the check printed no performance data: nothing stands behind a `|`";
            return Said::of(Found::Nothing(reason.to_owned()));
        }
        [] => {
            let labels = data.iter().map(|datum| datum.label.as_str());
            return Said::of(Found::Nothing(absent(label, labels, redactor)));
        }
        [..] => {
            let labels: Vec<String> = found
                .iter()
                .take(5)
                .map(|datum| redactor.excerpt(datum.label.as_bytes(), OUTPUT_BYTES))
                .collect();
            let text = format!(
                "the check printed {} figures that fit: {}; write the label of one as the query",
                found.len(),
                labels.join(", ")
            );
            return Said::of(Found::failed(FailureKind::BadQuery, text));
        }
    };
    figure(datum, redactor)
}

/// Reads the value of a figure.
fn figure(datum: &Datum, redactor: &Redactor) -> Said {
    let shown = |text: &str| redactor.excerpt(text.as_bytes(), OUTPUT_BYTES);
    let label = shown(&datum.label);
    if datum.value == "U" {
        return Said::of(Found::Nothing(format!(
            "the check could not determine `{label}` (`U`)"
        )));
    }
    let Some(figure) = Figure::with_unit(&datum.value) else {
        let value = shown(&datum.value);
        let text = format!(
            "`{label}` of the check is `{value}`, which is no number with a unit of Nagios"
        );
        return Said::of(Found::failed(FailureKind::BadAnswer, text));
    };
    Said {
        unit: figure.unit.map(str::to_owned),
        ..Said::of(Found::number(figure.value))
    }
}

/// Returns the performance data: what stands behind `|` in the first line, and behind the next one in all that follows.
fn data(text: &str) -> Vec<Datum> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let of_first = first.split_once('|').map_or("", |(_, data)| data);
    let of_rest = rest.split_once('|').map_or("", |(_, data)| data);
    let mut data = Vec::new();
    for part in [of_first, of_rest] {
        let mut rest = part.trim_start();
        while let Some((datum, behind)) = datum(rest) {
            data.push(datum);
            rest = behind.trim_start();
        }
    }
    data
}

/// Reads the next figure, and returns what stands behind it.
fn datum(text: &str) -> Option<(Datum, &str)> {
    let (label, rest) = label(text)?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (fields, behind) = rest.split_at(end);
    let value = fields.split(';').next().unwrap_or_default();
    let value = value.to_owned();
    Some((Datum { label, value }, behind))
}

/// Reads a label, quoted or not, up to its `=`.
fn label(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('\'') else {
        let (label, rest) = text.split_once('=')?;
        return Some((label.trim().to_owned(), rest));
    };
    let mut label = String::new();
    let mut rest = quoted;
    loop {
        let (part, behind) = rest.split_once('\'')?;
        label.push_str(part);
        let Some(after_quote) = behind.strip_prefix('\'') else {
            return Some((label, behind.trim_start().strip_prefix('=')?));
        };
        label.push('\'');
        rest = after_quote;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, label: &str) -> Said {
        read(text.as_bytes(), label, &Redactor::default())
    }

    #[test]
    fn figures_are_found_by_label_in_units_of_ours() {
        let text = "PING OK - rta 0.2 ms | rta=0.2ms;100;500;0 'pl loss'=3%;20;60 'it''s'=1.5s size=2KB hits=7c;;;;\nlong text | more=5\nlast=6us";
        for (label, value, unit) in [
            ("rta", 0.2, Some("ms")),
            ("pl loss", 0.03, Some("ratio")),
            ("it's", 1500.0, Some("ms")),
            ("size", 2048.0, Some("bytes")),
            ("hits", 7.0, None),
            ("more", 5.0, None),
            ("last", 0.006, Some("ms")),
        ] {
            let said = of(text, label);
            assert_eq!(said.found, Found::number(value), "{label}");
            assert_eq!(said.unit.as_deref(), unit, "{label}");
        }
    }

    #[test]
    fn the_only_figure_needs_no_label() {
        assert_eq!(of("OK | time=0.5s", "").found, Found::number(500.0));
        assert!(matches!(of("OK | a=1 b=2", "").found, Found::Failed(_)));
    }

    #[test]
    fn what_is_undetermined_or_absent_is_no_data() {
        for (text, label) in [
            ("OK | a=U", "a"),
            ("OK | a=1", "b"),
            ("OK", ""),
            ("", "a"),
            ("OK |", ""),
        ] {
            assert!(matches!(of(text, label).found, Found::Nothing(_)), "{text}");
        }
    }

    #[test]
    fn broken_data_never_become_a_value() {
        for text in ["OK | a=1apple", "OK | a=", "OK | a=1,5s", "OK | a=;1;2"] {
            assert!(matches!(of(text, "a").found, Found::Failed(_)), "{text}");
        }
        for text in ["OK | 'a", "OK | 'a'", "OK | 'a'b=1", "OK | ===", "|||", "'"] {
            assert!(!matches!(of(text, "a").found, Found::Numbers(_)), "{text}");
        }
    }
}
