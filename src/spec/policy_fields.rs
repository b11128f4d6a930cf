//! The policies of an SLI, of a provider, and of everything: the same keys in `sli.yaml` and in `tidegate.yaml`.

use std::time::Duration;

use super::fields::{Field, Fields};
use super::findings::Findings;
use super::similar;
use crate::gate::{Finite, MissingValue, OnNan, PolicyLayer, Reduce, RetryLayer, parse_duration};

/// The keys.
pub(crate) const POLICY_KEYS: [&str; 10] = [
    "on_no_data",
    "on_error",
    "on_nan",
    "reduce",
    "min_samples",
    "scale",
    "unit",
    "delay",
    "timeout",
    "retry",
];

/// The keys of `retry`.
const RETRY_KEYS: [&str; 3] = ["attempts", "base", "max"];

/// What `on_no_data` and `on_error` may say.
const MISSING_VALUE: [&str; 6] = [
    "fail",
    "warning",
    "ignore",
    "inconclusive",
    "error",
    "value: N",
];

/// What `on_nan` may say.
const NAN: [&str; 3] = ["no_data", "error", "value: N"];

/// How a file gives its texts: as they stand there, or with variables filled in.
pub(crate) trait TextSource<'s> {
    /// Returns where problems go.
    fn findings(&mut self) -> &mut Findings<'s>;

    /// Reads the text of a field. `None` where it is null, or wrong (which is a problem).
    fn text_of(&mut self, field: &Field<'_>) -> Option<String>;

    /// Says what is to be said of keys that nobody knows.
    fn unknown(&mut self, fields: Fields<'_>, of: &str, known: &[&str]);
}

impl<'s> TextSource<'s> for Findings<'s> {
    fn findings(&mut self) -> &mut Findings<'s> {
        self
    }

    fn text_of(&mut self, field: &Field<'_>) -> Option<String> {
        self.text(field.value, &field.name)
    }

    fn unknown(&mut self, fields: Fields<'_>, of: &str, known: &[&str]) {
        fields.warn_unknown(self, of, known);
    }
}

/// Reads every policy, and takes its fields out.
pub(crate) fn read(source: &mut dyn TextSource<'_>, fields: &mut Fields<'_>) -> PolicyLayer {
    PolicyLayer {
        on_no_data: missing_value(source, fields, "on_no_data"),
        on_error: missing_value(source, fields, "on_error"),
        on_nan: on_nan(source, fields),
        reduce: reduce(source, fields),
        min_samples: count(source, fields, "min_samples"),
        scale: scale(source, fields),
        unit: fields
            .take_set("unit")
            .and_then(|field| source.text_of(&field))
            .filter(|unit| !unit.is_empty()),
        delay: duration(source, fields, "delay", Least::Zero),
        timeout: duration(source, fields, "timeout", Least::AboveZero),
        retry: retry(source, fields),
    }
}

/// Reads `on_no_data` or `on_error`.
fn missing_value(
    source: &mut dyn TextSource<'_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Option<MissingValue> {
    let field = fields.take_set(name)?;
    if field.value.entries().is_some() {
        return stand_in(source, &field).map(MissingValue::Value);
    }
    word(source, &field, &MISSING_VALUE)
}

/// Reads `on_nan`.
fn on_nan(source: &mut dyn TextSource<'_>, fields: &mut Fields<'_>) -> Option<OnNan> {
    let field = fields.take_set("on_nan")?;
    if field.value.entries().is_some() {
        return stand_in(source, &field).map(OnNan::Value);
    }
    word(source, &field, &NAN)
}

/// Reads `reduce`.
fn reduce(source: &mut dyn TextSource<'_>, fields: &mut Fields<'_>) -> Option<Reduce> {
    let field = fields.take_set("reduce")?;
    word(source, &field, &Reduce::WORDS)
}

/// Reads one of a list of words.
fn word<T: std::str::FromStr>(
    source: &mut dyn TextSource<'_>,
    field: &Field<'_>,
    known: &[&str],
) -> Option<T> {
    let text = source.text_of(field)?;
    let word = text.parse().ok();
    if word.is_none() {
        let message = format!("`{}` can't be `{text}`", field.name);
        let hint = similar::hint(&text, known);
        source.findings().error(field.span(), message, hint);
    }
    word
}

/// Reads `{value: N}`.
fn stand_in(source: &mut dyn TextSource<'_>, field: &Field<'_>) -> Option<Finite> {
    let mut fields = Fields::open(source.findings(), field.value, &field.name)?;
    let value = fields.take("value");
    source.unknown(fields, &format!("`{}`", field.name), &["value"]);
    let text = value.as_ref().and_then(|value| source.text_of(value));
    let number = text
        .and_then(|text| text.parse().ok())
        .and_then(Finite::new);
    if number.is_none() {
        let at = value.map_or(field.span(), |value| value.span());
        let message = format!("`{}` must name a finite number as `value`", field.name);
        let hint = format!("write `{}: {{value: 0}}`", field.name);
        source.findings().error(at, message, hint);
    }
    number
}

/// Reads a whole number from 1 on.
fn count<T: TryFrom<i64>>(
    source: &mut dyn TextSource<'_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Option<T> {
    let field = fields.take_set(name)?;
    let text = source.text_of(&field)?;
    let number: Option<i64> = text.parse().ok().filter(|number| *number >= 1);
    let count = number.and_then(|number| T::try_from(number).ok());
    if count.is_none() {
        let message = format!("`{name}` must be a whole number from 1 on, not {text}");
        let hint = format!("such as `{name}: 3`");
        source.findings().error(field.span(), message, hint);
    }
    count
}

/// Reads `scale`.
fn scale(source: &mut dyn TextSource<'_>, fields: &mut Fields<'_>) -> Option<Finite> {
    let field = fields.take_set("scale")?;
    let text = source.text_of(&field)?;
    let number = text.parse().ok().and_then(Finite::new);
    let scale = number.filter(|number| number.get() != 0.0);
    if scale.is_none() {
        let message = format!("`scale` must be a finite number other than 0, not `{text}`");
        let hint = "it is what the number is multiplied with: 1000 makes milliseconds of seconds";
        source.findings().error(field.span(), message, hint);
    }
    scale
}

/// The shortest duration that makes sense.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Least {
    /// No time at all.
    Zero,
    /// Some time.
    AboveZero,
}

/// Reads a duration.
fn duration(
    source: &mut dyn TextSource<'_>,
    fields: &mut Fields<'_>,
    name: &str,
    least: Least,
) -> Option<Duration> {
    let field = fields.take_set(name)?;
    let text = source.text_of(&field)?;
    let parsed = parse_duration(&text).ok();
    let duration = parsed.and_then(|duration| Duration::try_from(duration).ok());
    let duration = match text.as_str() {
        "0" => Some(Duration::ZERO),
        _ => duration,
    };
    let duration = duration.filter(|duration| least == Least::Zero || !duration.is_zero());
    if duration.is_none() {
        let above = match least {
            Least::Zero => "",
            Least::AboveZero => " above 0",
        };
        let message = format!("`{name}` must be a duration{above}, not `{text}`");
        let hint = "write a number and a unit, such as `30s` or `1m30s`";
        source.findings().error(field.span(), message, hint);
    }
    duration
}

/// Reads `retry`.
fn retry(source: &mut dyn TextSource<'_>, fields: &mut Fields<'_>) -> RetryLayer {
    let Some(field) = fields.take_set("retry") else {
        return RetryLayer::default();
    };
    let Some(mut inner) = Fields::open(source.findings(), field.value, "retry") else {
        return RetryLayer::default();
    };
    let layer = RetryLayer {
        attempts: count(source, &mut inner, "attempts"),
        base: duration(source, &mut inner, "base", Least::AboveZero),
        max: duration(source, &mut inner, "max", Least::AboveZero),
    };
    source.unknown(inner, "`retry`", &RETRY_KEYS);
    layer
}
