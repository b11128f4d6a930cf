//! What real tools wrote and what the server counted meanwhile (`fixtures/results`), for tests.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests read files of real tools"
)]

use std::path::{Path, PathBuf};

use super::failure::FileError;
use super::options::ReadOptions;
use super::results::{Group, Results};

/// A reader of summaries.
pub(super) type Reader = fn(&[u8], &ReadOptions) -> Result<Results, FileError>;

/// Returns where a fixture is.
pub(super) fn path(name: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/results");
    fixtures.join(name)
}

/// Reads a fixture under some options.
pub(super) fn read_with(reader: Reader, name: &str, options: &ReadOptions) -> Results {
    let bytes = std::fs::read(path(name)).unwrap();
    reader(&bytes, options).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Reads a fixture.
pub(super) fn read(reader: Reader, name: &str) -> Results {
    read_with(reader, name, &ReadOptions::default())
}

/// Returns a figure.
pub(super) fn value(group: &Group, name: &str) -> Option<f64> {
    group.figures.get(name).map(|figure| figure.value)
}

/// Asserts figures, to the digits that the tool prints.
#[track_caller]
pub(super) fn assert_figures(group: &Group, expected: &[(&str, f64)]) {
    for (name, number) in expected {
        let found =
            value(group, name).unwrap_or_else(|| panic!("no {name} in {:?}", group.figures.keys()));
        let is_close = (found - number).abs() <= 1e-6 * number.abs().max(1e-3);
        assert!(is_close, "{name}: {found}, expected {number}");
    }
}

/// Asserts that no response time is known.
#[track_caller]
pub(super) fn assert_no_times(group: &Group) {
    let times = group
        .figures
        .keys()
        .filter(|name| name.starts_with("response_time"));
    assert_eq!(times.collect::<Vec<_>>(), [""; 0]);
}

/// Asserts that counts are those of the server, where every request that it failed is known to the tool.
#[track_caller]
pub(super) fn assert_counted(results: &Results, name: &str) {
    let text = std::fs::read_to_string(path(name)).unwrap();
    let counts: serde_json::Value = serde_json::from_str(&text).unwrap();
    let number = |key: &str| counts[key].as_f64().unwrap();
    assert_figures(
        &results.total,
        &[
            ("request_count", number("requests")),
            ("failure_count", number("failures")),
            ("error_rate", number("failures") / number("requests")),
        ],
    );
}
