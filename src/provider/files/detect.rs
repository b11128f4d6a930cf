//! Tells formats apart by content, never by the name of a file.

mod outline;
#[cfg(test)]
mod tests;

use memchr::memmem;

use super::failure::FileError;
use super::format::Format;
use super::jmeter_csv;
use super::records::check_encoding;
use outline::Outline;

/// How much of a file is looked at first.
pub(super) const HEAD: usize = 64 << 10;

/// Whether the text is all there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// It is.
    Whole,
    /// It is the beginning.
    Head,
}

/// Returns the format of a file by its content. None where more of the file has to be seen.
pub(super) fn detect(text: &[u8], extent: Extent) -> Result<Option<Format>, FileError> {
    check_encoding(text)?;
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let text = text.trim_ascii_start();
    let (candidates, looks) = match text.first() {
        None if extent == Extent::Whole => return Err(FileError::Empty),
        None => (Vec::new(), "only blanks at first".to_owned()),
        Some(b'{' | b'[') => of_json(text),
        Some(b'<') => of_xml(text),
        Some(_) => of_text(text),
    };
    match candidates.as_slice() {
        [format] => Ok(Some(*format)),
        [] if extent == Extent::Head => Ok(None),
        [] => Err(FileError::Unrecognised {
            found: looks,
            known: list(&Format::ALL),
        }),
        _ => Err(FileError::Ambiguous {
            candidates: list(&candidates),
        }),
    }
}

/// Lists formats.
fn list(formats: &[Format]) -> String {
    let names: Vec<&str> = formats.iter().map(|format| format.as_str()).collect();
    names.join(", ")
}

/// Tells JSON apart; also says what it looks like.
fn of_json(text: &[u8]) -> (Vec<Format>, String) {
    let outline = Outline::of(text);
    if outline.is_broken {
        return of_text(text);
    }
    let has = |path: &str| outline.has(path);
    let kind = outline.text("type");
    let tests = [
        (Format::K6, has("results/metrics/[]/name") && has("version")),
        (Format::K6, has("metrics/*/values") && has("metrics/*/type")),
        (
            Format::K6,
            has("metrics") && has("root_group") && !has("metrics/*/values"),
        ),
        (
            Format::K6Ndjson,
            has("metric") && has("data") && matches!(kind, Some("Metric" | "Point")),
        ),
        (Format::JmeterStatistics, has("Total/pct1ResTime")),
        (
            Format::GatlingStats,
            has("stats/numberOfRequests") || has("numberOfRequests/total"),
        ),
        (
            Format::LocustJson,
            has("[]/num_requests") && has("[]/response_times"),
        ),
        (
            Format::Artillery,
            has("aggregate/counters") || has("aggregate/requestsCompleted"),
        ),
        (Format::Vegeta, has("latencies/95th") && has("status_codes")),
        (
            Format::VegetaNdjson,
            has("latency") && has("timestamp") && has("code"),
        ),
        (
            Format::Oha,
            has("latencyPercentiles") && has("summary/requestsPerSec"),
        ),
        (
            Format::Hyperfine,
            has("results/[]/command") && has("results/[]/mean"),
        ),
        (Format::Criterion, has("mean/point_estimate")),
        (
            Format::CargoCriterion,
            has("reason") && (has("id") || has("group_name")),
        ),
        (Format::Istanbul, has("total/lines/pct")),
        (Format::LlvmCov, has("data/[]/totals")),
    ];
    let mut found: Vec<Format> = Vec::new();
    for (format, fits) in tests {
        if fits && !found.contains(&format) {
            found.push(format);
        }
    }
    let keys: Vec<&str> = outline.top().take(8).collect();
    let looks = if keys.is_empty() {
        "it is JSON without keys".to_owned()
    } else {
        format!("it is JSON with {}", keys.join(", "))
    };
    (found, looks.escape_debug().to_string())
}

/// Tells XML apart; also says what it looks like.
fn of_xml(text: &[u8]) -> (Vec<Format>, String) {
    let Some(root) = root(text) else {
        return (
            Vec::new(),
            "it is XML whose root is not in sight".to_owned(),
        );
    };
    let end = memchr::memchr(b'>', root).unwrap_or(root.len());
    let tag = root.get(..end).unwrap_or_default();
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
    let name = root.split(is_end).next().unwrap_or_default();
    let has = |needle: &[u8]| memmem::find(text, needle).is_some();
    let found = match name {
        b"testResults" => vec![Format::JmeterXml],
        b"testsuites" | b"testsuite" => vec![Format::Junit],
        b"coverage" if memmem::find(tag, b"line-rate").is_some() => vec![Format::Cobertura],
        b"report" if has(b"<counter") || has(b"<sessioninfo") || has(b"//JACOCO//") => {
            vec![Format::Jacoco]
        }
        _ => Vec::new(),
    };
    let name = name.get(..name.len().min(40)).unwrap_or_default();
    let name = String::from_utf8_lossy(name).escape_debug().to_string();
    let looks = if name.eq_ignore_ascii_case("html") || name.eq_ignore_ascii_case("!doctype") {
        "it is a page of HTML".to_owned()
    } else {
        format!("it is XML, and its root is `{name}`")
    };
    (found, looks)
}

/// Returns what begins with the name of the root.
fn root(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        let (start, end): (&[u8], &[u8]) = match rest {
            [b'<', b'?', ..] => (b"<?", b"?>"),
            [b'<', b'!', b'-', b'-', ..] => (b"<!--", b"-->"),
            [b'<', b'!', ..] => {
                let after = after_doctype(rest)?;
                rest = after;
                continue;
            }
            [b'<', root @ ..] => return Some(root),
            _ => return None,
        };
        let inner = rest.strip_prefix(start)?;
        let at = memmem::find(inner, end)?;
        rest = inner.get(at + end.len()..)?;
    }
}

/// Returns what follows a document type, whose own declarations stand in brackets.
fn after_doctype(text: &[u8]) -> Option<&[u8]> {
    let mut brackets = 0_usize;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'[' => brackets += 1,
            b']' => brackets = brackets.saturating_sub(1),
            b'>' if brackets == 0 => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

/// Tells other text apart; also says what it looks like.
fn of_text(text: &[u8]) -> (Vec<Format>, String) {
    let lines = || text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines().find(|line| !line.is_empty()).unwrap_or_default();
    let starts = |prefix: &[u8]| lines().any(|line| line.starts_with(prefix));
    let has = |needle: &[u8]| memmem::find(text, needle).is_some();
    let is_metrics =
        starts(b"# TYPE ") || starts(b"# HELP ") || lines().any(|line| line == b"# EOF");
    let has_rate = starts(b"Requests/sec:");
    let tests = [
        (Format::JmeterCsv, jmeter_csv::recognise(first)),
        (
            Format::LocustCsv,
            first.starts_with(b"Type,Name,Request Count")
                || first.starts_with(b"\"Type\",\"Name\",\"Request Count\""),
        ),
        (
            Format::HeyCsv,
            first.starts_with(b"response-time,DNS+dialup"),
        ),
        (Format::OhaCsv, first.starts_with(b"request-start,DNS")),
        (Format::Lcov, starts(b"SF:") || first.starts_with(b"TN:")),
        (Format::GoCover, first.starts_with(b"mode: ")),
        (Format::Openmetrics, is_metrics),
        (Format::Wrk, starts(b"Running ") && has(b" test @ ")),
        (
            Format::Hey,
            starts(b"Summary:") && has_rate && !starts(b"Success rate:"),
        ),
        (Format::GatlingConsole, starts(b"---- Global Information")),
        (Format::GatlingLog, starts(b"RUN\t")),
        (Format::Bencher, starts(b"test ") && has(b"... bench:")),
    ];
    let fits = tests.into_iter().filter(|(_, fits)| *fits);
    let found = fits.map(|(format, _)| format).collect();
    if starts(b"Success rate:") && has_rate {
        let looks = "it looks like oha's text: let oha write JSON, with `--output-format json`";
        return (found, looks.to_owned());
    }
    let start = first.get(..first.len().min(60)).unwrap_or_default();
    let start = String::from_utf8_lossy(start).escape_debug().to_string();
    (found, format!("it begins with `{start}`"))
}
