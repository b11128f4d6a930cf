//! From what a backend answered to a reading: the policies of a request, applied alike for every provider.

use std::time::Duration;

use super::Request;
use crate::gate::{
    FailureKind, FetchFailure, Finite, Handling, OnNan, Outcome, ProviderName, Reading, Reduce,
    in_words,
};

/// How many numbers are named where there are too many.
const NAMED: usize = 3;

/// What a backend answered to one request, before policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The numbers, or why there are none.
    pub found: Found,
    /// The query as it was sent, where it differs from the text of the request.
    pub query: Option<String>,
    /// Where it was sent, without credentials.
    pub endpoint: Option<String>,
    /// How many samples stand behind the numbers, where the backend says so.
    pub samples: Option<u64>,
    /// The unit of the numbers, where the backend says so.
    pub unit: Option<String>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// How often was asked; 0 where nothing had to be sent.
    pub attempts: u32,
    /// How long it took, all attempts together.
    pub elapsed: Option<Duration>,
    /// How the query can be made to yield one number, said where it yields several: "aggregate with `sum(…)`".
    pub advice: Option<&'static str>,
}

/// The heart of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Numbers, in the order of the answer; one is the rule. NaN and infinities may be among them.
    Numbers(Vec<Number>),
    /// The backend answered, but has no number; and why.
    Nothing(String),
    /// The backend did not answer, or not in a way that can be used.
    Failed(FetchFailure),
}

/// One number of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// The number.
    pub value: f64,
    /// Which series, row or file it belongs to, for messages; may be empty.
    pub name: String,
}

impl Found {
    /// Makes a failure.
    pub fn failed(kind: FailureKind, message: impl Into<String>) -> Self {
        Self::Failed(FetchFailure {
            kind,
            message: message.into(),
        })
    }

    /// Makes one number without a name.
    #[must_use]
    pub fn number(value: f64) -> Self {
        Self::Numbers(vec![Number {
            value,
            name: String::new(),
        }])
    }
}

impl Answered {
    /// Starts an answer that says nothing but what was found.
    #[must_use]
    pub fn new(found: Found) -> Self {
        Self {
            found,
            query: None,
            endpoint: None,
            samples: None,
            unit: None,
            warnings: Vec::new(),
            attempts: 0,
            elapsed: None,
            advice: None,
        }
    }

    /// Applies the policies of the request: NaN, `reduce`, `scale`, `min_samples`, `unit`.
    #[must_use]
    pub fn reading(self, provider: &ProviderName, request: &Request) -> Reading {
        let Self {
            found,
            query,
            endpoint,
            samples,
            unit,
            mut warnings,
            attempts,
            elapsed,
            advice,
        } = self;
        let handling = &request.handling;
        let reduced = reduced(&found, handling);
        let outcome = match found {
            Found::Numbers(numbers) => {
                let found = one(numbers, handling, advice, &mut warnings);
                enough(found, samples, handling)
            }
            Found::Nothing(reason) => Outcome::NoData(reason),
            Found::Failed(failure) => Outcome::Failed(failure),
        };
        let warnings = warnings.iter().map(|text| harmless(text)).collect();
        Reading {
            indicator: request.indicator.clone(),
            outcome: in_harmless_words(outcome),
            reported: None,
            provider: Some(provider.to_string()),
            query: query.or_else(|| Some(in_words(&request.query, &request.options))),
            endpoint,
            samples,
            reduced,
            unit: handling.unit.clone().or(unit),
            warnings,
            attempts,
            elapsed,
        }
    }
}

/// Says how several numbers become one, where they do.
fn reduced(found: &Found, handling: &Handling) -> Option<String> {
    match (found, handling.reduce) {
        (_, Reduce::Single) | (Found::Nothing(_) | Found::Failed(_), _) => None,
        (Found::Numbers(numbers), reduce) => match numbers.len() {
            1 => Some(format!("{reduce} of 1 number")),
            several => Some(format!("{reduce} of {several} numbers")),
        },
    }
}

/// Returns an outcome whose words can't do anything to a terminal, or a line too many to a log.
fn in_harmless_words(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Value(value) => Outcome::Value(value),
        Outcome::NoData(reason) => Outcome::NoData(harmless(&reason)),
        Outcome::Failed(FetchFailure { kind, message }) => {
            let message = harmless(&message);
            Outcome::Failed(FetchFailure { kind, message })
        }
    }
}

/// Returns a text on one line, control characters written out.
fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => harmless.push(' '),
            c if c.is_control() => harmless.extend(c.escape_unicode()),
            c => harmless.push(c),
        }
    }
    harmless
}

/// Makes one number of those that were found.
fn one(
    numbers: Vec<Number>,
    handling: &Handling,
    advice: Option<&str>,
    warnings: &mut Vec<String>,
) -> Outcome {
    if numbers.is_empty() {
        return Outcome::NoData("the answer holds no number".to_owned());
    }
    if handling.reduce == Reduce::Single && numbers.len() > 1 {
        return failed(FailureKind::BadQuery, too_many(&numbers, advice));
    }
    let all = numbers.len();
    let mut odd = None;
    let mut finite = Vec::with_capacity(all);
    for number in numbers {
        match (number.value.is_finite(), handling.on_nan) {
            (true, _) => finite.push(number.value),
            (false, OnNan::Value(value)) => {
                warnings.push(format!(
                    "{} in place of {}, as `on_nan` says",
                    value.get(),
                    shown(number.value)
                ));
                finite.push(value.get());
            }
            (false, OnNan::NoData | OnNan::Error) => odd = Some(number.value),
        }
    }
    match (odd, handling.on_nan) {
        (Some(value), OnNan::Error) => {
            return failed(FailureKind::BadAnswer, not_a_number(value));
        }
        (Some(value), _) if finite.is_empty() => return Outcome::NoData(not_a_number(value)),
        (Some(value), _) => warnings.push(format!(
            "{} of {all} numbers are {} and were left out",
            all - finite.len(),
            shown(value)
        )),
        (None, _) => {}
    }
    let scale = handling.scale.map_or(1.0, Finite::get);
    let Some(number) = handling.reduce.apply(&finite) else {
        return Outcome::NoData("the answer holds no number".to_owned());
    };
    match Finite::new(number * scale) {
        Some(value) => Outcome::Value(value),
        None => failed(
            FailureKind::BadAnswer,
            format!("{number} times the `scale` {scale} is too large for a number"),
        ),
    }
}

/// Takes a value only where enough samples stand behind it.
fn enough(outcome: Outcome, samples: Option<u64>, handling: &Handling) -> Outcome {
    let (Some(least), Outcome::Value(_)) = (handling.min_samples, &outcome) else {
        return outcome;
    };
    match samples {
        Some(samples) if samples >= least => outcome,
        Some(samples) => Outcome::NoData(format!(
            "only {samples} samples stand behind the value, and `min_samples` asks for {least}"
        )),
        None => failed(
            FailureKind::BadQuery,
            format!(
                "`min_samples` asks for {least} samples, but the provider can't tell how many there are; remove `min_samples` here"
            ),
        ),
    }
}

/// Names some of the numbers where there should be one.
fn too_many(numbers: &[Number], advice: Option<&str>) -> String {
    let names = numbers.iter().take(NAMED).map(|number| {
        if number.name.is_empty() {
            shown(number.value)
        } else {
            number.name.clone()
        }
    });
    let more = match numbers.len().saturating_sub(NAMED) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let advice = advice.unwrap_or("make one of them in the query");
    format!(
        "query did return multiple values ({}): {}{more}; {advice}, or with `reduce: max` beside the query",
        numbers.len(),
        names.collect::<Vec<_>>().join(", ")
    )
}

/// Says what a number that is none means.
fn not_a_number(value: f64) -> String {
    if value.is_nan() {
        "the value is NaN: 0/0, because there was no traffic in the window?".to_owned()
    } else {
        format!("the value is {}: a division by zero?", shown(value))
    }
}

/// Writes a number as Prometheus does.
fn shown(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        let sign = if value > 0.0 { "+" } else { "-" };
        format!("{sign}Inf")
    } else {
        value.to_string()
    }
}

/// Makes a failure.
fn failed(kind: FailureKind, message: impl Into<String>) -> Outcome {
    Outcome::Failed(FetchFailure {
        kind,
        message: message.into(),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]

    use super::*;
    use crate::provider::contract::requests;

    fn numbers(values: &[f64]) -> Found {
        let number = |value: &f64| Number {
            value: *value,
            name: String::new(),
        };
        Found::Numbers(values.iter().map(number).collect())
    }

    fn read(found: Found, handling: Handling) -> Reading {
        read_with(Answered::new(found), handling)
    }

    fn read_with(answered: Answered, handling: Handling) -> Reading {
        let mut request = requests(&["up"]).remove(0);
        request.handling = handling;
        answered.reading(&ProviderName::new("prod").unwrap(), &request)
    }

    fn value(outcome: &Outcome) -> f64 {
        match outcome {
            Outcome::Value(value) => value.get(),
            other @ (Outcome::NoData(_) | Outcome::Failed(_)) => panic!("{other:?}"),
        }
    }

    fn reduced(word: &str) -> Handling {
        Handling {
            reduce: word.parse().unwrap(),
            ..Handling::default()
        }
    }

    #[test]
    fn one_number_is_the_value_and_is_scaled() {
        let handling = Handling {
            scale: Finite::new(1000.0),
            unit: Some("ms".to_owned()),
            ..Handling::default()
        };
        let reading = read(Found::number(0.25), handling);
        assert_eq!(value(&reading.outcome), 250.0);
        assert_eq!(reading.unit.as_deref(), Some("ms"));
        assert_eq!(reading.query.as_deref(), Some("up"));
    }

    #[test]
    fn where_the_options_say_it_all_they_are_the_query() {
        let mut request = requests(&[""]).remove(0);
        request.options.insert("metric".to_owned(), "p95".into());
        request.options.insert("percentile".to_owned(), 95.into());
        let reading = Answered::new(Found::number(1.0))
            .reading(&ProviderName::new("prod").unwrap(), &request);
        assert_eq!(
            reading.query.as_deref(),
            Some("metric: p95, percentile: 95")
        );
    }

    #[test]
    fn a_reduced_value_says_so() {
        let said = |found, word| read(found, reduced(word)).reduced;
        let three = numbers(&[1.0, 2.0, 3.0]);
        assert_eq!(said(three, "p95").as_deref(), Some("p95 of 3 numbers"));
        let one = said(numbers(&[1.0]), "max");
        assert_eq!(one.as_deref(), Some("max of 1 number"));
        assert_eq!(said(numbers(&[1.0]), "single"), None);
        assert_eq!(said(Found::Nothing("no".to_owned()), "max"), None);
    }

    #[test]
    fn several_numbers_need_a_reduce() {
        let reading = read(numbers(&[1.0, 2.0, 3.0, 4.0]), Handling::default());
        let Outcome::Failed(failure) = reading.outcome else {
            panic!()
        };
        assert_eq!(failure.kind, FailureKind::BadQuery);
        assert_eq!(
            failure.message,
            "query did return multiple values (4): 1, 2, 3 and 1 more; make one of them in the query, or with `reduce: max` beside the query"
        );
        let reading = read(numbers(&[1.0, 2.0, 3.0, 4.0]), reduced("max"));
        assert_eq!(value(&reading.outcome), 4.0);
    }

    #[test]
    fn nan_is_no_data_unless_a_policy_says_otherwise() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let reading = read(Found::number(odd), Handling::default());
            assert!(matches!(reading.outcome, Outcome::NoData(_)));
            let error = Handling {
                on_nan: OnNan::Error,
                ..Handling::default()
            };
            assert!(matches!(
                read(Found::number(odd), error).outcome,
                Outcome::Failed(_)
            ));
            let stand_in = Handling {
                on_nan: "value: 0".parse().unwrap(),
                ..Handling::default()
            };
            let reading = read(Found::number(odd), stand_in);
            assert_eq!(value(&reading.outcome), 0.0);
            assert_eq!(reading.warnings.len(), 1);
        }
    }

    #[test]
    fn a_nan_among_numbers_is_left_out_and_said() {
        let reading = read(numbers(&[1.0, f64::NAN, 3.0]), reduced("mean"));
        assert_eq!(value(&reading.outcome), 2.0);
        assert_eq!(
            reading.warnings,
            ["1 of 3 numbers are NaN and were left out"]
        );
    }

    #[test]
    fn too_few_samples_are_no_data_and_unknown_ones_are_refused() {
        let handling = Handling {
            min_samples: Some(100),
            ..Handling::default()
        };
        let with = |samples| Answered {
            samples,
            ..Answered::new(Found::number(5.0))
        };
        let outcome = |samples| read_with(with(samples), handling.clone()).outcome;
        assert_eq!(value(&outcome(Some(100))), 5.0);
        assert!(matches!(outcome(Some(99)), Outcome::NoData(_)));
        assert!(matches!(outcome(None), Outcome::Failed(_)));
    }

    #[test]
    fn words_of_others_are_written_on_one_line_without_control_characters() {
        let bell = "a\u{7}\nb\u{1b}[31m";
        let reading = read(Found::Nothing(bell.to_owned()), Handling::default());
        let expected = r"a\u{7} b\u{1b}[31m";
        assert_eq!(reading.outcome, Outcome::NoData(expected.to_owned()));
        let failed = Found::failed(FailureKind::BadAnswer, bell);
        let Outcome::Failed(failure) = read(failed, Handling::default()).outcome else {
            panic!()
        };
        assert_eq!(failure.message, expected);
        let warned = Answered {
            warnings: vec![bell.to_owned()],
            ..Answered::new(Found::number(1.0))
        };
        assert_eq!(read_with(warned, Handling::default()).warnings, [expected]);
    }

    #[test]
    fn a_scale_that_overflows_is_an_error_and_not_a_value() {
        let handling = Handling {
            scale: Finite::new(1e300),
            ..Handling::default()
        };
        let reading = read(Found::number(1e300), handling);
        assert!(matches!(reading.outcome, Outcome::Failed(_)));
    }
}
