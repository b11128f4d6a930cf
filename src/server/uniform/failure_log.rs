//! What integrations wrote down as gone wrong.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::small_file::{self, KeepError};
use crate::control::LogEntry;
use crate::gate::event::parse_time;

/// The name of the file.
const FILE: &str = "integration-log.jsonl";
/// The most entries that are kept.
const MOST: usize = 10_000;
/// How long they are kept, as in Keptn.
const KEPT: Duration = Duration::from_secs(120 * 60 * 60);

/// The entries, oldest first.
#[derive(Debug)]
pub struct FailureLog {
    /// Where they are kept.
    path: PathBuf,
    /// The entries, each with its moment.
    entries: Mutex<VecDeque<(Timestamp, LogEntry)>>,
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuestion {
    /// The integration; "": any.
    pub integration: String,
    /// Only later ones.
    pub from: Option<Timestamp>,
    /// Only earlier ones.
    pub before: Option<Timestamp>,
    /// How many to skip.
    pub skip: usize,
    /// How many at most; 0: all.
    pub most: usize,
}

impl FailureLog {
    /// Reads what was written down, and forgets what is old.
    pub fn open(folder: &Path, now: Timestamp) -> Result<Self, KeepError> {
        let path = folder.join(FILE);
        let lines: Vec<LogEntry> = small_file::read_lines(&path)?;
        let mut entries: VecDeque<(Timestamp, LogEntry)> = lines
            .into_iter()
            .filter_map(|entry| Some((parse_time(&entry.time)?, entry)))
            .collect();
        forget(&mut entries, now);
        let kept: Vec<&LogEntry> = entries.iter().map(|(_, entry)| entry).collect();
        small_file::replace_lines(&path, &kept)?;
        Ok(Self {
            path,
            entries: Mutex::new(entries),
        })
    }

    /// Writes entries down; one without a time is of now.
    pub fn add(&self, new: Vec<LogEntry>, now: Timestamp) -> Result<(), KeepError> {
        let dated = new.into_iter().map(|mut entry| {
            let time = parse_time(&entry.time).unwrap_or(now);
            entry.time = format!("{time:.3}");
            (time, entry)
        });
        let dated: Vec<(Timestamp, LogEntry)> = dated.collect();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<&LogEntry> = dated.iter().map(|(_, entry)| entry).collect();
        small_file::append_lines(&self.path, &lines)?;
        entries.extend(dated);
        forget(&mut entries, now);
        Ok(())
    }

    /// Returns a page of what matches, newest first, and how many match in all.
    #[must_use]
    pub fn page(&self, question: &LogQuestion) -> (Vec<LogEntry>, usize) {
        let LogQuestion {
            integration,
            from,
            before,
            skip,
            most,
        } = question;
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let is_wanted = |(time, entry): &&(Timestamp, LogEntry)| {
            (integration.is_empty() || entry.integrationid == *integration)
                && from.is_none_or(|from| *time > from)
                && before.is_none_or(|before| *time < before)
        };
        let mut matching: Vec<&(Timestamp, LogEntry)> = entries.iter().filter(is_wanted).collect();
        matching.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
        let all = matching.len();
        let most = if *most == 0 { all } else { *most };
        let page = matching.into_iter().skip(*skip).take(most);
        (page.map(|(_, entry)| entry.clone()).collect(), all)
    }
}

/// Forgets what is old, and what is too much.
fn forget(entries: &mut VecDeque<(Timestamp, LogEntry)>, now: Timestamp) {
    let is_old =
        |time: Timestamp| Duration::try_from(now.duration_since(time)).is_ok_and(|age| age > KEPT);
    while entries.len() > MOST || entries.front().is_some_and(|(time, _)| is_old(*time)) {
        entries.pop_front();
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test that looks into its folder"
)]
mod tests {
    use super::*;

    fn entry(message: &str, time: &str) -> LogEntry {
        LogEntry {
            integrationid: "helm".to_owned(),
            message: message.to_owned(),
            time: time.to_owned(),
            ..LogEntry::default()
        }
    }

    fn messages(page: &(Vec<LogEntry>, usize)) -> Vec<&str> {
        page.0.iter().map(|entry| entry.message.as_str()).collect()
    }

    #[test]
    fn entries_are_told_newest_first_page_by_page_and_survive_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let log = FailureLog::open(folder.path(), now).unwrap();
        let old = entry("old", "2025-12-01T00:00:00Z");
        let one = entry("one", "2026-01-01T00:00:00Z");
        log.add(vec![old, one, entry("two", "")], now).unwrap();
        drop(log);
        let path = folder.path().join(FILE);
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("{\"message\": \"to");
        std::fs::write(&path, text).unwrap();

        let log = FailureLog::open(folder.path(), now).unwrap();
        log.add(vec![entry("three", "2026-01-02T00:00:01Z")], now)
            .unwrap();
        let all = log.page(&LogQuestion::default());
        assert_eq!(messages(&all), ["three", "two", "one"]);
        let page = log.page(&LogQuestion {
            skip: 1,
            most: 1,
            ..LogQuestion::default()
        });
        assert_eq!((messages(&page), page.1), (vec!["two"], 3));
        let later = log.page(&LogQuestion {
            from: Some(now),
            ..LogQuestion::default()
        });
        assert_eq!(messages(&later), ["three"]);
        let foreign = log.page(&LogQuestion {
            integration: "x".to_owned(),
            ..LogQuestion::default()
        });
        assert_eq!(foreign.1, 0);
    }
}
