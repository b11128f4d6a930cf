//! One line of an exposition: a name, labels, a value, and perhaps a time.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::labels::Scanner;

/// The most labels that one series may have.
const MOST_LABELS: usize = 128;

/// Names and values of labels.
type Labels<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// One value of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    /// The name as it is written, suffixes such as `_total` included.
    pub name: Cow<'a, str>,
    /// The labels, sorted by name.
    pub labels: Labels<'a>,
    /// The value: any float, also NaN and infinities.
    pub value: f64,
    /// The time as it is written.
    pub time: Option<Stamp>,
    /// Whether an exemplar follows, which only `OpenMetrics` has.
    pub has_exemplar: bool,
    /// The line it stands on, from 1.
    pub line: usize,
}

/// A time stamp; its unit depends on the format of the whole file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stamp {
    /// The number.
    pub value: f64,
    /// Whether it has a fraction, which only `OpenMetrics` allows.
    pub has_fraction: bool,
}

impl<'a> Sample<'a> {
    /// Reads a line that is neither empty nor a comment. The problem is told without the line's number.
    pub fn parse(text: &'a str, line: usize) -> Result<Self, String> {
        let mut scanner = Scanner::new(text);
        let mut name = scanner.take_name().map(Cow::Borrowed);
        scanner.skip_blanks();
        let mut labels = Vec::new();
        if scanner.take("{") {
            labels = parse_labels(&mut scanner, &mut name)?;
        }
        let name = name.ok_or("a metric's name is missing")?;
        scanner.skip_blanks();
        let value = scanner.take_word();
        let value =
            parse_value(value).ok_or_else(|| format!("`{}` is not a number", shortened(value)))?;
        scanner.skip_blanks();
        let time = parse_stamp(&mut scanner)?;
        scanner.skip_blanks();
        let has_exemplar = scanner.rest().starts_with('#');
        if !has_exemplar && !scanner.rest().is_empty() {
            let rest = shortened(scanner.rest());
            return Err(format!("`{rest}` after the value is not a time"));
        }
        Ok(Self {
            name,
            labels,
            value,
            time,
            has_exemplar,
            line,
        })
    }

    /// Returns a label's value; an absent label is empty, as in Prometheus.
    pub fn label(&self, name: &str) -> &str {
        if name == "__name__" {
            return &self.name;
        }
        let found = self.labels.iter().find(|(label, _)| label == name);
        found.map_or("", |(_, value)| value)
    }

    /// Returns the labels other than `le`: what tells histograms of one name apart.
    pub fn labels_without_le(&self) -> Vec<(&str, &str)> {
        let labels = self.labels.iter().filter(|(name, _)| name != "le");
        labels.map(|(name, value)| (&**name, &**value)).collect()
    }

    /// Returns the series as people write it: `name{label="value"}`.
    pub fn series(&self) -> String {
        let mut text = self.name.clone().into_owned();
        for (place, (name, value)) in self.labels.iter().enumerate() {
            let opening = if place == 0 { '{' } else { ',' };
            // Writing into a `String` does not fail.
            let _ignored = write!(text, "{opening}{name}=\"{}\"", value.escape_debug());
        }
        if !self.labels.is_empty() {
            text.push('}');
        }
        text
    }
}

/// Reads up to the closing brace. A quoted text without `=` is the metric's name.
fn parse_labels<'a>(
    scanner: &mut Scanner<'a>,
    name: &mut Option<Cow<'a, str>>,
) -> Result<Labels<'a>, String> {
    let mut labels: Labels<'a> = Vec::new();
    loop {
        scanner.skip_blanks();
        if scanner.take("}") {
            break;
        }
        let quoted = scanner.take_quoted('"')?;
        let is_quoted = quoted.is_some();
        let label = quoted.or_else(|| scanner.take_name().map(Cow::Borrowed));
        let label = label.ok_or("a label's name or `}` is missing")?;
        scanner.skip_blanks();
        if scanner.take("=") {
            scanner.skip_blanks();
            let value = scanner.take_quoted('"')?;
            let value = value.ok_or_else(|| format!("label `{label}` has no value in quotes"))?;
            labels.push((label, value));
        } else if is_quoted && name.is_none() {
            *name = Some(label);
        } else {
            return Err(format!("label `{}` has no value", shortened(&label)));
        }
        scanner.skip_blanks();
        if !scanner.take(",") && !scanner.rest().starts_with('}') {
            return Err("`,` or `}` is missing after a label".to_owned());
        }
        if labels.len() > MOST_LABELS {
            return Err(format!("a series has more than {MOST_LABELS} labels"));
        }
    }
    labels.sort();
    if labels
        .windows(2)
        .any(|pair| matches!(pair, [(a, _), (b, _)] if a == b))
    {
        return Err("a label is named twice".to_owned());
    }
    Ok(labels)
}

/// Reads a value: decimal, `NaN`, `+Inf`, or `-Inf`.
pub fn parse_value(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Reads a time, if one comes next.
fn parse_stamp(scanner: &mut Scanner<'_>) -> Result<Option<Stamp>, String> {
    if scanner.rest().is_empty() || scanner.rest().starts_with('#') {
        return Ok(None);
    }
    let word = scanner.take_word();
    match word.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(Stamp {
            value,
            has_fraction: word.contains(['.', 'e', 'E']),
        })),
        Ok(_) | Err(_) => Err(format!(
            "`{}` after the value is not a time",
            shortened(word)
        )),
    }
}

/// Cuts a text that is shown to the user.
fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Sample<'_>, String> {
        Sample::parse(text, 1)
    }

    #[test]
    fn escapes_in_label_values_are_undone() {
        let sample = parse(r#"a{path="C:\\x",say="\"hi\"\n"} 1"#).unwrap();
        assert_eq!(sample.label("path"), r"C:\x");
        assert_eq!(sample.label("say"), "\"hi\"\n");
    }

    #[test]
    fn a_name_in_quotes_stands_between_the_braces() {
        let sample = parse(r#"{"my.metric","the.label"="x",b="y",} 2 1700000000000"#).unwrap();
        assert_eq!(sample.name, "my.metric");
        assert_eq!(sample.label("the.label"), "x");
        assert_eq!(
            sample.time.map(|time| time.value),
            Some(1_700_000_000_000.0)
        );
    }

    #[test]
    fn a_brace_or_a_hash_in_a_label_value_ends_nothing() {
        let sample = parse(r#"a{b="} # 7 ,"} 3"#).unwrap();
        assert_eq!((sample.label("b"), sample.value), ("} # 7 ,", 3.0));
        assert!(!sample.has_exemplar);
    }

    #[test]
    fn infinities_and_nan_are_read_as_they_are() {
        assert_eq!(parse("a +Inf").unwrap().value, f64::INFINITY);
        assert_eq!(parse("a -Inf").unwrap().value, f64::NEG_INFINITY);
        assert!(parse("a NaN").unwrap().value.is_nan());
    }

    #[test]
    fn an_exemplar_is_seen_and_not_read() {
        let sample = parse(r#"a_bucket{le="1"} 3 1.5 # {trace_id="x"} 0.4 1.2"#).unwrap();
        assert!(sample.has_exemplar);
        assert_eq!(sample.value, 3.0);
    }

    #[test]
    fn a_broken_line_says_what_is_wrong() {
        let problem = |text| parse(text).unwrap_err();
        assert_eq!(problem("a"), "`` is not a number");
        assert_eq!(problem("a x"), "`x` is not a number");
        assert_eq!(problem("a{b=\"c"), "a text in \" has no end");
        assert_eq!(problem("a{b=c} 1"), "label `b` has no value in quotes");
        assert_eq!(problem("a{b=\"c\",b=\"d\"} 1"), "a label is named twice");
        assert_eq!(problem("{b=\"c\"} 1"), "a metric's name is missing");
        assert_eq!(problem("a 1 2 3"), "`3` after the value is not a time");
        assert_eq!(problem("1a 1"), "a metric's name is missing");
    }
}
