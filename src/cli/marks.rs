//! Marks: instants with a name, kept in `.tidegate/marks.json` for `--start @NAME`.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads and writes marks"
)]

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::exit::Exit;
use super::failure::Failure;
use super::whole_file::write_whole;
use crate::gate::event::keptn_time;

/// The version of the file.
const VERSION: u32 = 1;
/// The longest name of a mark.
const LONGEST_NAME: usize = 64;
/// How long another call may take to write its mark.
const PATIENCE: Duration = Duration::from_secs(10);
/// From this age on a mark may well be one of an earlier build.
const OLD: SignedDuration = SignedDuration::from_hours(24);

/// The name of a mark: letters, digits, `.`, `_` and `-`, so that it can stand in a variable, a file and a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MarkName(String);

impl MarkName {
    /// Reads a name.
    pub fn new(text: &str) -> Result<Self, Failure> {
        let fits = text.len() <= LONGEST_NAME
            && text
                .chars()
                .next()
                .is_some_and(|c| c.is_ascii_alphanumeric())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if fits {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text.chars().take(LONGEST_NAME).collect();
        let message = format!("`{shown}` can't be the name of a mark");
        Err(Failure::new(Exit::Usage, message).with_hint(
            "take letters, digits, `.`, `_` and `-`, 64 at most, a letter or a digit first",
        ))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a mark marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Where something began.
    Start,
    /// Where something ended.
    End,
}

impl Side {
    /// Returns the word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// One mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The instant.
    #[serde(serialize_with = "write_time", deserialize_with = "read_time")]
    pub time: Timestamp,
    /// What it marks.
    pub marks: Side,
}

/// The file as it is written.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    /// The version.
    version: u32,
    /// The marks, by name.
    marks: BTreeMap<String, Mark>,
}

/// The marks of a folder.
#[derive(Clone, Debug)]
pub struct Marks {
    /// The file.
    path: PathBuf,
}

impl Marks {
    /// Finds the marks below the folder that relative paths start at.
    pub fn of(root: &Path) -> Self {
        Self {
            path: root.join(".tidegate").join("marks.json"),
        }
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads every mark; none where there is no file.
    pub fn read(&self) -> Result<BTreeMap<String, Mark>, Failure> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.unusable(&error.to_string())),
        };
        let content: Content =
            serde_json::from_str(&text).map_err(|error| self.unusable(&error.to_string()))?;
        if content.version != VERSION {
            let version = content.version;
            return Err(self.unusable(&format!("it has the version {version}, not {VERSION}")));
        }
        Ok(content.marks)
    }

    /// Sets a mark. Calls that do so at the same time wait for each other, so that none is lost.
    pub fn set(&self, name: &MarkName, mark: Mark) -> Result<(), Failure> {
        let lock = self.lock()?;
        let mut marks = self.read()?;
        if let Some(known) = marks.get(name.as_str()).filter(|m| m.marks != mark.marks) {
            let (name, known) = (name.as_str(), known.marks.word());
            let message = format!("`{name}` already marks a {known}");
            let hint = format!("give this one a name of its own, such as {name}-end");
            return Err(Failure::new(Exit::Usage, message).with_hint(hint));
        }
        marks.insert(name.as_str().to_owned(), mark);
        let content = Content {
            version: VERSION,
            marks,
        };
        let text = crate::report::pretty(&serde_json::json!(content));
        let written = write_whole(&self.path, text.as_bytes());
        drop(lock);
        written
    }

    /// Keeps other calls out until the file that this returns is closed.
    fn lock(&self) -> Result<File, Failure> {
        let path = self.path.with_extension("lock");
        let refuse = |exit, why: &dyn std::fmt::Display| {
            let path = path.display();
            Failure::new(exit, format!("{path} can't be locked: {why}"))
                .with_hint("may you write there?")
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| refuse(Exit::CannotCreate, &error))?;
        }
        let opened = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = opened.map_err(|error| refuse(Exit::CannotCreate, &error))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(refuse(Exit::TryAgain, &"another call holds the lock"));
                }
                Err(TryLockError::Error(error)) => return Err(refuse(Exit::CannotWrite, &error)),
            }
        }
    }

    /// Says that the file can't be used.
    fn unusable(&self, why: &str) -> Failure {
        let path = self.path.display();
        let message = format!("the marks of {path} can't be read: {why}");
        Failure::new(Exit::Malformed, message).with_hint("remove the file, and mark anew")
    }
}

/// Writes an instant.
fn write_time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&keptn_time(*time))
}

/// Reads an instant.
fn read_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

/// A mark that was looked up.
#[derive(Clone, Debug)]
pub struct Found {
    /// The mark.
    pub mark: Mark,
    /// What the user should know of it.
    pub warning: Option<String>,
}

/// Looks a mark up in several places, the first of which counts that has it.
pub fn find(name: &MarkName, places: &[Marks], now: Timestamp) -> Result<Found, Failure> {
    let mut known = BTreeMap::new();
    for place in places {
        let mut marks = place.read()?;
        if let Some(mark) = marks.remove(name.as_str()) {
            let warning = warning(name, mark, now);
            return Ok(Found { mark, warning });
        }
        known.append(&mut marks);
    }
    let name = name.as_str();
    let known: Vec<String> = known.into_keys().collect();
    let hint = if known.is_empty() {
        format!("nothing is marked yet: tidegate mark start --name {name}")
    } else {
        let known = known.join(", ");
        format!("known are {known}; this one is made by tidegate mark start --name {name}")
    };
    Err(Failure::new(Exit::Missing, format!("there is no mark `{name}`")).with_hint(hint))
}

/// Returns what the user should know of an old mark: nobody may have marked in this build.
fn warning(name: &MarkName, mark: Mark, now: Timestamp) -> Option<String> {
    (now.duration_since(mark.time) > OLD).then(|| {
        let (name, time) = (name.as_str(), keptn_time(mark.time));
        format!(
            "warning: the mark `{name}` is more than a day old ({time}): was it set in this build?"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Mark {
        Mark {
            time: time.parse().unwrap(),
            marks: Side::Start,
        }
    }

    fn name(text: &str) -> MarkName {
        MarkName::new(text).unwrap()
    }

    fn now() -> Timestamp {
        "2024-02-02T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn marks_of_several_names_stand_side_by_side_and_a_newer_one_replaces_an_older() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::of(folder.path());
        let first = at("2024-02-01T10:00:00Z");
        let later = at("2024-02-02T09:00:00.123Z");
        marks.set(&name("a"), first).unwrap();
        marks.set(&name("b.1"), first).unwrap();
        marks.set(&name("a"), later).unwrap();
        let read = marks.read().unwrap();
        assert_eq!(read.get("a"), Some(&later));
        assert_eq!(read.get("b.1"), Some(&first));
        insta::assert_snapshot!(std::fs::read_to_string(marks.path()).unwrap(), @r#"
        {
          "version": 1,
          "marks": {
            "a": {
              "time": "2024-02-02T09:00:00.123Z",
              "marks": "start"
            },
            "b.1": {
              "time": "2024-02-01T10:00:00.000Z",
              "marks": "start"
            }
          }
        }
        "#);
    }

    #[test]
    fn marks_that_are_set_at_the_same_time_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::of(folder.path());
        std::thread::scope(|scope| {
            for number in 0..16 {
                let marks = &marks;
                scope.spawn(move || {
                    let name = name(&format!("branch-{number}"));
                    marks.set(&name, at("2024-02-01T10:00:00Z")).unwrap();
                });
            }
        });
        assert_eq!(marks.read().unwrap().len(), 16);
    }

    #[test]
    fn an_end_does_not_replace_a_start() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::of(folder.path());
        let start = at("2024-02-01T10:00:00Z");
        marks.set(&name("load"), start).unwrap();
        let end = Mark {
            marks: Side::End,
            ..start
        };
        let failure = marks.set(&name("load"), end).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(marks.read().unwrap().get("load"), Some(&start));
    }

    #[test]
    fn the_first_place_with_the_mark_counts_and_the_known_ones_are_named() {
        let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let places = [Marks::of(near.path()), Marks::of(far.path())];
        let failure = find(&name("start"), &places, now()).unwrap_err();
        assert_eq!(failure.exit, Exit::Missing);
        insta::assert_snapshot!(failure.text(), @"
        error: there is no mark `start`
          hint: nothing is marked yet: tidegate mark start --name start
        ");
        let [near, far] = &places;
        far.set(&name("start"), at("2024-02-01T11:00:00Z")).unwrap();
        let found = find(&name("start"), &places, now()).unwrap();
        assert_eq!(found.mark, at("2024-02-01T11:00:00Z"));
        near.set(&name("start"), at("2024-02-01T12:00:00Z"))
            .unwrap();
        let found = find(&name("start"), &places, now()).unwrap();
        assert_eq!(found.mark, at("2024-02-01T12:00:00Z"));
        assert_eq!(found.warning, None);
        let failure = find(&name("strat"), &places, now()).unwrap_err();
        insta::assert_snapshot!(failure.text(), @"
        error: there is no mark `strat`
          hint: known are start; this one is made by tidegate mark start --name strat
        ");
    }

    #[test]
    fn a_mark_of_the_day_before_yesterday_is_doubted() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::of(folder.path());
        marks
            .set(&name("start"), at("2024-02-01T09:59:59Z"))
            .unwrap();
        let found = find(&name("start"), &[marks], now()).unwrap();
        insta::assert_snapshot!(found.warning.unwrap(), @"warning: the mark `start` is more than a day old (2024-02-01T09:59:59.000Z): was it set in this build?");
    }

    #[test]
    fn a_file_that_is_no_file_of_marks_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::of(folder.path());
        for text in [
            "",
            "{",
            "[]",
            r#"{"version": 2, "marks": {}}"#,
            r#"{"version": 1, "marks": {"a": {"time": "yesterday", "marks": "start"}}}"#,
        ] {
            std::fs::create_dir_all(folder.path().join(".tidegate")).unwrap();
            std::fs::write(marks.path(), text).unwrap();
            assert_eq!(marks.read().unwrap_err().exit, Exit::Malformed, "{text}");
            let set = marks.set(&name("a"), at("2024-02-01T10:00:00Z"));
            assert_eq!(set.unwrap_err().exit, Exit::Malformed, "{text}");
            assert_eq!(std::fs::read_to_string(marks.path()).unwrap(), text);
        }
    }

    #[test]
    fn a_name_that_could_break_out_of_a_variable_is_refused() {
        for bad in [
            "",
            ".a",
            "-a",
            "a b",
            "a\nb",
            "a=b",
            "ä",
            "../a",
            &"a".repeat(65),
        ] {
            assert_eq!(MarkName::new(bad).unwrap_err().exit, Exit::Usage, "{bad}");
        }
        for good in ["start", "load-1", "17.canary_b", &"a".repeat(64)] {
            assert_eq!(MarkName::new(good).unwrap().as_str(), good);
        }
    }
}
