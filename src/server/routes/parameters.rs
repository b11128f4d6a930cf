//! The parameters of a query, and how what could not be read or written is answered.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Deserialize;

use crate::app::SubmitError;
use crate::eventlog::ReadError;
use crate::gate::event::parse_time;
use crate::server::Problem;
use crate::server::store::{shown_after, shown_before};

/// How long a page is where nobody says.
const PAGE: usize = 20;

/// The parameters of a query, each once; what nobody knows is passed over.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Returns a parameter that is there and not "".
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.0.get(name)?;
        (!value.is_empty()).then(|| value.clone())
    }

    /// Returns the parts of a parameter that has commas between them.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let value = self.text(name).unwrap_or_default();
        let parts = value.split(',').map(str::trim);
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Tells whether a parameter is there, whatever it says.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns a whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, Problem> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.parse();
        number.map(Some).map_err(|_invalid| {
            Problem::bad_request(format!(
                "the parameter {name} is no whole number from 0 on: {}",
                quoted(&text)
            ))
        })
    }

    /// Returns `true` or `false`; `false` where it is not there.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.text(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Problem::bad_request(format!(
                "the parameter {name} is neither true nor false: {}",
                quoted(other)
            ))),
        }
    }

    /// Returns the first moment after `fromTime`: nanoseconds since 1970.
    pub(super) fn since(&self) -> Result<Option<i64>, Problem> {
        Ok(self.time("fromTime")?.map(shown_after))
    }

    /// Returns the first moment that is no longer before `beforeTime`: nanoseconds since 1970.
    pub(super) fn before(&self) -> Result<Option<i64>, Problem> {
        Ok(self.time("beforeTime")?.map(shown_before))
    }

    /// Returns a moment.
    fn time(&self, name: &str) -> Result<Option<jiff::Timestamp>, Problem> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        parse_time(&text).map(Some).ok_or_else(|| {
            Problem::bad_request(format!(
                "the parameter {name} is no time such as 2024-02-01T10:00:00.000Z: {}",
                quoted(&text)
            ))
        })
    }

    /// Returns where a page begins, and how long it is: from 1 to `most`.
    pub(super) fn page(&self, most: usize) -> Result<(usize, usize), Problem> {
        let size = self.number("pageSize")?.unwrap_or(PAGE);
        if size == 0 || size > most {
            return Err(Problem::bad_request(format!(
                "the parameter pageSize has to be from 1 to {most}: {size}"
            )));
        }
        Ok((self.number("nextPageKey")?.unwrap_or(0), size))
    }

    /// Returns where a page begins, and how long it is; a size of 0 stands for `most`.
    pub(super) fn whole_page(&self, most: usize) -> Result<(usize, usize), Problem> {
        let size = match self.number("pageSize")?.unwrap_or(PAGE) {
            0 => most,
            size => size.min(most),
        };
        Ok((self.number("nextPageKey")?.unwrap_or(0), size))
    }
}

/// Returns where the next page begins; 0 where there is none.
pub(super) fn next_page(offset: usize, found: usize, total: usize) -> usize {
    let next = offset.saturating_add(found);
    if found > 0 && next < total { next } else { 0 }
}

/// Shows a text of somebody else's in a message: short, and without control characters.
pub(super) fn quoted(text: &str) -> String {
    const MOST: usize = 100;
    let short: String = text.chars().take(MOST).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("`{}{more}`", short.escape_debug())
}

/// Says that what is stored can't be read.
pub(super) fn unread(error: &ReadError) -> Problem {
    tracing::error!(%error, "the store can't be read");
    let text = format!("what is stored can't be read now; try again later: {error}");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, text)
}

/// Says that nothing was stored.
pub(super) fn unstored(error: &SubmitError) -> Problem {
    tracing::error!(%error, "nothing could be stored");
    let text = format!("nothing was stored, and nothing happened; try again later: {error}");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        let pairs = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Parameters(pairs.collect())
    }

    #[test]
    fn a_page_has_its_limits() {
        assert_eq!(parameters(&[]).page(100), Ok((0, 20)));
        let given = parameters(&[("pageSize", "100"), ("nextPageKey", "40")]);
        assert_eq!(given.page(100), Ok((40, 100)));
        for size in ["0", "101", "-1", "x"] {
            assert!(
                parameters(&[("pageSize", size)]).page(100).is_err(),
                "{size}"
            );
        }
        assert_eq!(
            parameters(&[("pageSize", "0")]).whole_page(500),
            Ok((0, 500))
        );
        assert_eq!(next_page(0, 20, 21), 20);
        assert_eq!(next_page(20, 1, 21), 0);
        assert_eq!(next_page(40, 0, 21), 0);
    }

    #[test]
    fn times_are_compared_as_they_are_shown() {
        let at = |name: &str, text: &str| parameters(&[(name, text)]);
        let from = at("fromTime", "1970-01-01T00:00:00.001Z").since();
        assert_eq!(from, Ok(Some(2_000_000)));
        let from = at("fromTime", "1970-01-01T00:00:00.0015Z").since();
        assert_eq!(from, Ok(Some(2_000_000)));
        let before = at("beforeTime", "1970-01-01T00:00:00.001Z").before();
        assert_eq!(before, Ok(Some(1_000_000)));
        let before = at("beforeTime", "1970-01-01T00:00:00.0015Z").before();
        assert_eq!(before, Ok(Some(2_000_000)));
        assert!(at("fromTime", "yesterday").since().is_err());
    }

    #[test]
    fn what_others_wrote_stays_on_one_line() {
        assert_eq!(quoted("a\n::set-output"), "`a\\n::set-output`");
        assert_eq!(quoted(&"x".repeat(10_000)).chars().count(), 103);
    }
}
