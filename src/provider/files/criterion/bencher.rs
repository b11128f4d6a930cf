//! Lines of `test NAME ... bench:   1,234 ns/iter (+/- 56)`, as libtest and criterion's `--output-format bencher` print
//! them.

use super::super::failure::{FileError, Place};
use super::super::format::Format;
use super::super::options::ReadOptions;
use super::super::results::{Figure, Group, Results, Unit};
use super::super::text;

/// The most benchmarks that are told apart.
const MOST_BENCHMARKS: usize = 50_000;

/// Reads the lines; those of other kinds, such as of tests, are passed over.
pub(in super::super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let mut results = Results::default();
    for (line, number) in text::decode(input)?.lines().zip(1..) {
        let Some((name, rest)) = benchmark(line.trim()) else {
            continue;
        };
        let time = time(rest).ok_or_else(|| FileError::Malformed {
            format: Format::Bencher,
            place: Place::Line(number),
            reason: "expected `bench: 1,234 ns/iter (+/- 56)`".to_owned(),
        })?;
        if results.groups.len() < MOST_BENCHMARKS {
            let mut group = Group::default();
            group.set("typical", Figure::new(time, Unit::Nanoseconds));
            results.groups.insert(name.to_owned(), group);
            let figure = Figure::new(time, Unit::Nanoseconds);
            results.native.insert(name.to_owned(), figure);
        }
    }
    if results.groups.is_empty() {
        return Err(FileError::NotThisFormat {
            format: Format::Bencher,
            found: "it has no line `test NAME ... bench: … ns/iter`".to_owned(),
        });
    }
    Ok(results)
}

/// Splits a line of a benchmark into its name and its time.
fn benchmark(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("test ")?.split_once(" ... bench:")?;
    Some((name.trim(), rest))
}

/// Reads `1,234 ns/iter (+/- 56)` in nanoseconds.
fn time(text: &str) -> Option<f64> {
    let (number, rest) = text.trim().split_once(' ')?;
    let factor = match rest.split_whitespace().next()? {
        "ns/iter" => 1.0,
        "us/iter" | "\u{b5}s/iter" => 1e3,
        "ms/iter" => 1e6,
        "s/iter" => 1e9,
        _ => return None,
    };
    let number: f64 = number.replace(',', "").parse().ok()?;
    number.is_finite().then_some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_and_thousands_are_read() {
        assert_eq!(time("   1,234.56 ns/iter (+/- 56)"), Some(1234.56));
        assert_eq!(time(" 2 us/iter"), Some(2000.0));
        assert_eq!(time(" 2"), None);
    }

    #[test]
    fn a_line_that_is_cut_off_is_an_error() {
        let error = read(b"test a ... bench:   1,2", &ReadOptions::default()).unwrap_err();
        assert!(error.to_string().contains("at line 1"));
    }
}
