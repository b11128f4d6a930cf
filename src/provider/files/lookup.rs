//! Finds the figure that an indicator asks for: by a canonical name, by the tool's own, for the run or for a part of it.

use strsim::damerau_levenshtein;

use super::format::Format;
use super::load;
use super::results::{Figure, Group, Results};
use super::samples;
use crate::gate::Rank;

/// What an indicator asks of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureQuery {
    /// The name of the figure: `response_time_p95`, or `native:` and the tool's own.
    pub metric: String,
    /// The part of the run that is asked for; none is the whole.
    pub part: Option<String>,
}

/// A question to a file that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {reason}")]
pub struct FigureQueryError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Why there is no such figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// The file could have it, but does not.
    NoData(String),
    /// No file has it: the name is wrong.
    Unknown(String),
}

/// What tidegate calls figures, whatever the tool; `response_time_pNN` besides.
const CANONICAL: [&str; 11] = [
    "throughput",
    "error_rate",
    "response_time_avg",
    "response_time_min",
    "response_time_max",
    "request_count",
    "failure_count",
    "checks_rate",
    "duration",
    "data_received_rate",
    "thresholds_failed",
];

/// How many names are listed.
const LISTED: usize = 12;

impl FigureQuery {
    /// Reads `response_time_p95` or `response_time_p95{name="login"}`.
    pub fn parse(text: &str) -> Result<Self, FigureQueryError> {
        let text = text.trim();
        let wrong = |reason| FigureQueryError {
            text: text.to_owned(),
            reason,
        };
        if text.is_empty() {
            return Err(wrong("names no figure, such as `response_time_p95`"));
        }
        let plain = || Self {
            metric: text.to_owned(),
            part: None,
        };
        if text.starts_with("native:") {
            return Ok(plain());
        }
        let Some((metric, rest)) = text.split_once('{') else {
            return Ok(plain());
        };
        let form = "must look like `response_time_p95{name=\"login\"}`";
        let inner = rest.strip_suffix('}').ok_or_else(|| wrong(form))?;
        let (key, value) = inner.split_once('=').ok_or_else(|| wrong(form))?;
        if key.trim() != "name" {
            return Err(wrong("selects by something else than `name`"));
        }
        let value = value.trim();
        let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        let quoted = quoted.ok_or_else(|| wrong(form))?;
        let name = unescape(quoted)
            .ok_or_else(|| wrong("has a backslash before something else than \" or \\"))?;
        Ok(Self {
            metric: metric.trim().to_owned(),
            part: Some(name),
        })
    }
}

/// Takes backslashes away.
fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => plain.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            '"' => return None,
            other => plain.push(other),
        }
    }
    Some(plain)
}

/// Finds a figure.
pub fn figure(results: &Results, query: &FigureQuery, format: Format) -> Result<Figure, NotFound> {
    if let Some(key) = query.metric.strip_prefix("native:") {
        return native(results, key, format);
    }
    let group = match &query.part {
        None => &results.total,
        Some(name) => part(results, name)?,
    };
    let percent = percent_of(&query.metric);
    let name = match percent {
        Some(percent) => percentile_name(percent),
        None => query.metric.clone(),
    };
    if let Some(figure) = group.figures.get(&name) {
        return Ok(figure.clone());
    }
    let computed = percent
        .zip(group.times.as_ref())
        .and_then(|(percent, times)| samples::percentile(times, percent));
    computed.ok_or_else(|| missing(results, group, query, percent, format))
}

/// Finds a figure by the tool's own name.
fn native(results: &Results, key: &str, format: Format) -> Result<Figure, NotFound> {
    results.native.get(key).cloned().ok_or_else(|| {
        let known: Vec<&str> = results.native.keys().map(String::as_str).collect();
        let text = if known.is_empty() {
            format!("files of {format} have no figures under names of their own; `native:{key}` is not there")
        } else {
            format!("the file has no `{key}`{}", suggestion(key, &known))
        };
        NotFound::NoData(text)
    })
}

/// Finds a part of the run.
fn part<'r>(results: &'r Results, name: &str) -> Result<&'r Group, NotFound> {
    results.groups.get(name).ok_or_else(|| {
        let known: Vec<&str> = results.groups.keys().map(String::as_str).collect();
        NotFound::NoData(if known.is_empty() {
            format!("the file has no figures by name; `{name}` is not there")
        } else {
            format!(
                "the file has nothing named `{name}`{}",
                suggestion(name, &known)
            )
        })
    })
}

/// Says why a figure is not there.
fn missing(
    results: &Results,
    group: &Group,
    query: &FigureQuery,
    percent: Option<f64>,
    format: Format,
) -> NotFound {
    let known: Vec<&str> = group.figures.keys().map(String::as_str).collect();
    if known.is_empty() && results.native.is_empty() {
        return NotFound::NoData("the file has no samples".to_owned());
    }
    let metric = &query.metric;
    let of = match &query.part {
        Some(name) => format!(" of `{name}`"),
        None => String::new(),
    };
    if let Some(percent) = percent {
        let advice = if format == Format::K6 {
            format!(
                ": add \"p({percent})\" to `summaryTrendStats`, or let k6 write samples with `--out json=FILE`"
            )
        } else {
            String::new()
        };
        return NotFound::NoData(format!(
            "the file has no `{metric}`{of}{advice}{}",
            suggestion(metric, &known)
        ));
    }
    if CANONICAL.contains(&metric.as_str()) {
        return NotFound::NoData(format!(
            "the file has no `{metric}`{of}{}",
            suggestion(metric, &known)
        ));
    }
    let all: Vec<&str> = known.into_iter().chain(CANONICAL).collect();
    NotFound::Unknown(format!(
        "`{metric}` is no figure of this {format} file{of}{}; figures under the tool's own names are written \
         `native:NAME`",
        suggestion(metric, &all)
    ))
}

/// Names the known name that is most like another, or some of them.
fn suggestion(name: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|known| (damerau_levenshtein(&cut(name), &cut(known)), *known))
        .filter(|(distance, _)| distance * 3 <= name.chars().count())
        .min();
    if let Some((_, near)) = near {
        return format!("; did you mean `{}`?", near.escape_debug());
    }
    let mut listed: Vec<&str> = known.to_vec();
    listed.sort_unstable();
    listed.dedup();
    let more = match listed.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    listed.truncate(LISTED);
    let names = listed
        .iter()
        .map(|name| cut(name).escape_debug().to_string());
    format!("; it has {}{more}", names.collect::<Vec<_>>().join(", "))
}

/// Cuts a name that is too long to show.
fn cut(name: &str) -> String {
    name.chars().take(80).collect()
}

/// Returns the percentage of `response_time_p95`, `…_p99_9`, `…_p99.9`, and `…_p999`.
fn percent_of(metric: &str) -> Option<f64> {
    let rank = metric.strip_prefix("response_time_p")?;
    let rank = Some(rank).filter(|rank| rank.len() <= 9)?;
    Rank::parse(rank).map(Rank::get)
}

/// Returns the canonical name of a percentile: `response_time_p99_9`.
pub(super) fn percentile_name(percent: f64) -> String {
    format!("response_time_{}", load::percentile_name(percent))
}

#[cfg(test)]
mod tests {
    use super::super::distribution::{Distribution, Room, Tick};
    use super::super::results::Unit;
    use super::*;

    /// A file with the times 1 to 1000 ms, all of `login`.
    fn results() -> Results {
        let mut room = Room::new(1 << 20);
        let mut times = Distribution::new(Tick::Millisecond);
        for ticks in 1..=1000 {
            times.record(ticks, 1, &mut room).unwrap();
        }
        let mut results = Results::default();
        samples::set_times(&mut results.total, &times);
        results.total.times = Some(times);
        results
            .total
            .set("error_rate", Figure::new(0.25, Unit::Ratio));
        results
            .groups
            .insert("log \"in\"".to_owned(), results.total.clone());
        let waiting = Figure::new(7.0, Unit::Milliseconds);
        results
            .native
            .insert("http_req_waiting.p(95)".to_owned(), waiting);
        results
    }

    /// Asks for a value.
    fn ask(query: &str) -> Result<f64, NotFound> {
        let query = FigureQuery::parse(query).unwrap();
        figure(&results(), &query, Format::JmeterCsv).map(|figure| figure.value)
    }

    #[test]
    fn any_percentile_is_had_from_samples_however_it_is_written() {
        for (query, value) in [
            ("response_time_p95", 950.0),
            ("response_time_p97", 970.0),
            ("response_time_p99_9", 999.0),
            ("response_time_p99.9", 999.0),
            ("response_time_p999", 999.0),
            ("response_time_p99_95", 1000.0),
            ("response_time_p100", 1000.0),
            ("response_time_p5", 50.0),
            ("response_time_p05", 50.0),
            ("response_time_avg", 500.5),
            ("error_rate", 0.25),
            ("error_rate{name=\"log \\\"in\\\"\"}", 0.25),
            ("native:http_req_waiting.p(95)", 7.0),
        ] {
            assert_eq!(ask(query), Ok(value), "{query}");
        }
    }

    #[test]
    fn a_rank_above_100_is_no_percentile() {
        for rank in ["101", "120", "150", "200", "1000", "0"] {
            assert!(ask(&format!("response_time_p{rank}")).is_err(), "{rank}");
        }
    }

    #[test]
    fn a_figure_that_the_file_lacks_is_no_data_and_an_unknown_one_an_error() {
        let no_data = |query: &str| match ask(query) {
            Err(NotFound::NoData(text)) => text,
            other => panic!("{other:?}"),
        };
        assert!(
            no_data("throughput").starts_with("the file has no `throughput`; it has error_rate, ")
        );
        assert!(
            no_data("error_rate{name=\"log in\"}").contains("nothing named `log in`; did you mean")
        );
        assert!(
            no_data("native:http_req_waiting.p(99)")
                .contains("did you mean `http_req_waiting.p(95)`?")
        );
        for query in [
            "response_time_p0",
            "response_time_p95x",
            "respons_time_p95",
            "latency",
        ] {
            assert!(matches!(ask(query), Err(NotFound::Unknown(_))), "{query}");
        }
        let Err(NotFound::Unknown(text)) = ask("eror_rate") else {
            panic!()
        };
        assert!(text.contains("did you mean `error_rate`?"), "{text}");
    }

    #[test]
    fn a_summary_without_a_percentile_says_how_to_get_it() {
        let mut results = results();
        results.total.times = None;
        let query = FigureQuery::parse("response_time_p97").unwrap();
        let Err(NotFound::NoData(text)) = figure(&results, &query, Format::K6) else {
            panic!()
        };
        assert!(
            text.contains("add \"p(97)\" to `summaryTrendStats`"),
            "{text}"
        );
    }

    #[test]
    fn a_file_without_samples_is_no_data() {
        let query = FigureQuery::parse("failure_count").unwrap();
        let found = figure(&Results::default(), &query, Format::JmeterCsv);
        assert_eq!(
            found,
            Err(NotFound::NoData("the file has no samples".to_owned()))
        );
    }

    #[test]
    fn questions_that_cannot_be_understood_say_how_to_write_them() {
        for text in [
            "",
            "a{",
            "a{name}",
            "a{name=b}",
            "a{url=\"b\"}",
            "a{name=\"b\"c\"}",
            "a{name=\"\\n\"}",
        ] {
            assert!(FigureQuery::parse(text).is_err(), "{text}");
        }
    }
}
