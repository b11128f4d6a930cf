//! Keys: where an event is, and all of its envelope that filters need.
//!
//! ```text
//! PREFIX/v1/events/PROJECT/STAGE/SERVICE/FILE            what happened
//! PREFIX/v1/steering/PROJECT/TIME/STAGE/SERVICE/FILE     what was said about it later
//! FILE = TIME.LATE.TYPE.RESULT.CONTEXT.ID.DIGEST.json
//! ```
//! TIME is the distance in nanoseconds from the end of time, as 18 hexadecimal digits, so that keys are listed newest
//! first; an event without a time has 18 times `z`. LATE is how much later than its own time the event was stored. DIGEST
//! is of the JSON: one key always has the same content, so that it does not matter whether a store lets a second writer
//! overwrite it, and what is damaged is noticed.

use jiff::Timestamp;

use super::name::{decode, encode, fingerprint};
use crate::eventlog::envelope::{Envelope, SeriesKey};
use crate::gate::Verdict;
use crate::gate::event::EventType;

/// The version of the layout.
pub(super) const VERSION: i64 = 1;
/// The longest name of a project, stage or service.
const NAME_LIMIT: usize = 160;
/// The longest type.
const TYPE_LIMIT: usize = 64;
/// The longest context or id.
const ID_LIMIT: usize = 48;
/// The digits of a time.
const TIME_DIGITS: usize = 18;
/// The digits of a digest.
const DIGEST_DIGITS: usize = 16;
/// What a file ends in.
const ENDING: &str = ".json";
/// What stands for a context or a verdict that is not there. No encoded text looks like it.
const NONE: &str = "~~";
/// What stands for the time of an event that has none, and for a lateness that nobody knows.
const NO_TIME: char = 'z';
/// The types that have a short word. No encoded text looks like it.
const TYPES: [(&str, &str); 6] = [
    ("~triggered", EventType::TRIGGERED),
    ("~finished", EventType::FINISHED),
    ("~invalidated", EventType::INVALIDATED),
    ("~reinstated", EventType::REINSTATED),
    ("~pinned", EventType::PINNED),
    ("~unpinned", EventType::UNPINNED),
];

/// Which half of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Half {
    /// What happened.
    Events,
    /// What was said about it later: [`EventType::is_steering`].
    Steering,
}

impl Half {
    /// Returns the half that events of a type are in.
    pub(super) fn of(event_type: &str) -> Self {
        if EventType::is_steering(event_type) {
            Self::Steering
        } else {
            Self::Events
        }
    }

    /// Returns the folder.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Steering => "steering",
        }
    }
}

/// The names of a series, encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// The project.
    pub project: String,
    /// The stage.
    pub stage: String,
    /// The service.
    pub service: String,
}

impl Place {
    /// Encodes the names of a series.
    pub(super) fn of(series: &SeriesKey) -> Self {
        Self {
            project: name(&series.project),
            stage: name(&series.stage),
            service: name(&series.service),
        }
    }
}

/// What a key tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The half.
    pub half: Half,
    /// The series.
    pub place: Place,
    /// The time.
    pub time: Option<Timestamp>,
    /// The time that the event came with; never later than that.
    pub own: Option<Timestamp>,
    /// The type, encoded.
    pub kind: String,
    /// The verdict.
    pub result: Option<Verdict>,
    /// The context, encoded.
    pub context: String,
    /// The id, encoded.
    pub id: String,
    /// The digest of the JSON.
    pub digest: String,
}

impl Key {
    /// Returns the key of an event, of the time that it came with, and of its JSON.
    pub(super) fn of(envelope: &Envelope, own: Option<Timestamp>, json: &[u8]) -> Self {
        Self {
            half: Half::of(&envelope.event_type),
            place: Place::of(&envelope.series),
            time: envelope.time,
            own,
            kind: kind(&envelope.event_type),
            result: envelope.result,
            context: context(envelope.context.as_deref()),
            id: id(&envelope.id),
            digest: fingerprint(json, DIGEST_DIGITS),
        }
    }

    /// Writes the key, below the folder of the layout.
    pub(super) fn path(&self) -> String {
        let Place {
            project,
            stage,
            service,
        } = &self.place;
        let (half, time) = (self.half.folder(), inverted(self.time));
        let between = match self.half {
            Half::Events => String::new(),
            Half::Steering => format!("{time}/"),
        };
        format!(
            "{half}/{project}/{between}{stage}/{service}/{time}.{late}.{kind}.{result}.{context}.{id}.{digest}{ENDING}",
            late = late(self.own, self.time),
            kind = self.kind,
            result = self.result.map_or(NONE, Verdict::as_str),
            context = self.context,
            id = self.id,
            digest = self.digest,
        )
    }

    /// Reads a key below the folder of the layout.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        let (half, project, stage, service, file) = match parts.as_slice() {
            ["events", project, stage, service, file] => {
                (Half::Events, project, stage, service, file)
            }
            ["steering", project, _, stage, service, file] => {
                (Half::Steering, project, stage, service, file)
            }
            _ => return None,
        };
        let fields: Vec<&str> = file.strip_suffix(ENDING)?.split('.').collect();
        let [time, late, kind, result, context, id, digest] = fields.as_slice() else {
            return None;
        };
        let time = instant(time).ok()?;
        let key = Self {
            half,
            place: Place {
                project: (*project).to_owned(),
                stage: (*stage).to_owned(),
                service: (*service).to_owned(),
            },
            time,
            own: earlier(time, late).ok()?,
            kind: (*kind).to_owned(),
            result: match *result {
                NONE => None,
                word => Some(word.parse().ok()?),
            },
            context: (*context).to_owned(),
            id: (*id).to_owned(),
            digest: (*digest).to_owned(),
        };
        // Whatever else looks like a key was not written by us.
        (key.path() == path).then_some(key)
    }

    /// Returns the id, where the key has all of it.
    pub(super) fn whole_id(&self) -> Option<String> {
        decode(&self.id)
    }
}

/// Encodes the name of a project, stage or service.
pub(super) fn name(text: &str) -> String {
    encode(text, NAME_LIMIT)
}

/// Encodes a type.
pub(super) fn kind(event_type: &str) -> String {
    let short = TYPES.iter().find(|(_, known)| *known == event_type);
    match short {
        Some((word, _)) => (*word).to_owned(),
        None => encode(event_type, TYPE_LIMIT),
    }
}

/// Encodes a context.
pub(super) fn context(text: Option<&str>) -> String {
    text.map_or_else(|| NONE.to_owned(), |text| encode(text, ID_LIMIT))
}

/// Encodes an id.
pub(super) fn id(text: &str) -> String {
    encode(text, ID_LIMIT)
}

/// Writes a time so that later ones come first.
pub(super) fn inverted(time: Option<Timestamp>) -> String {
    match time {
        Some(time) => {
            let distance = Timestamp::MAX.as_nanosecond() - time.as_nanosecond();
            format!("{distance:018x}")
        }
        None => NO_TIME.to_string().repeat(TIME_DIGITS),
    }
}

/// What stands in a key is no time.
struct NoTime;

/// Reads an inverted time.
fn instant(text: &str) -> Result<Option<Timestamp>, NoTime> {
    if text.len() != TIME_DIGITS {
        return Err(NoTime);
    }
    if text.chars().all(|c| c == NO_TIME) {
        return Ok(None);
    }
    before(Timestamp::MAX, text).map(Some)
}

/// Returns the instant that is so many nanoseconds, in hexadecimal digits, before another.
fn before(time: Timestamp, distance: &str) -> Result<Timestamp, NoTime> {
    let distance = i128::from_str_radix(distance, 16).ok();
    let nanos = distance.and_then(|d| time.as_nanosecond().checked_sub(d));
    let found = nanos.and_then(|nanos| Timestamp::from_nanosecond(nanos).ok());
    found.ok_or(NoTime)
}

/// Writes how much later than its own time an event is stored.
fn late(own: Option<Timestamp>, stored: Option<Timestamp>) -> String {
    match (own, stored) {
        (Some(own), Some(stored)) => {
            format!("{:x}", stored.as_nanosecond() - own.as_nanosecond())
        }
        (None, None) => "0".to_owned(),
        (None, Some(_)) | (Some(_), None) => NO_TIME.to_string(),
    }
}

/// Returns an event's own time.
fn earlier(stored: Option<Timestamp>, late: &str) -> Result<Option<Timestamp>, NoTime> {
    let Some(stored) = stored else {
        return Ok(None);
    };
    if late.chars().eq([NO_TIME]) {
        return Ok(None);
    }
    before(stored, late).map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time(nanos: i128) -> Option<Timestamp> {
        Timestamp::from_nanosecond(nanos).ok()
    }

    fn envelope(names: &[String; 3], id: &str, at: Option<Timestamp>) -> Envelope {
        Envelope {
            id: id.to_owned(),
            event_type: EventType::FINISHED.to_owned(),
            time: at,
            series: SeriesKey {
                project: names[0].clone(),
                stage: names[1].clone(),
                service: names[2].clone(),
            },
            context: Some("context".to_owned()),
            triggered_id: None,
            result: Some(Verdict::Warning),
        }
    }

    #[test]
    fn a_key_can_be_read_by_people_too() {
        let names = ["sockshop", "staging", "carts"].map(str::to_owned);
        let at = "2024-02-01T10:00:00Z".parse().ok();
        let key = Key::of(&envelope(&names, "42", at), at, b"{}");
        insta::assert_snapshot!(key.path(), @"events/sockshop/staging/carts/0da4f9c80b6a5d49ff.0.~finished.warning.context.42.44136fa355b3678a.json");
        let mut said = envelope(&names, "43", at);
        said.event_type = EventType::PINNED.to_owned();
        said.result = None;
        said.context = None;
        insta::assert_snapshot!(Key::of(&said, None, b"{}").path(), @"steering/sockshop/0da4f9c80b6a5d49ff/staging/carts/0da4f9c80b6a5d49ff.z.~pinned.~~.~~.43.44136fa355b3678a.json");
    }

    #[test]
    fn what_others_put_there_is_no_key() {
        for path in [
            "events/a",
            "events/p/s/v/readme.txt",
            "steering/p/s/v/x.json",
            "events/p/s/v/.......json",
        ] {
            assert_eq!(Key::parse(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_read_as_it_was_written_and_is_short(
            names: [String; 3], id: String, nanos in -377_705_023_201_000_000_000_i128..253_402_207_200_000_000_000, late in 0_i64..i64::MAX,
        ) {
            let stored = time(nanos);
            let own = time(nanos - i128::from(late)).filter(|own| Some(*own) <= stored);
            let key = Key::of(&envelope(&names, &id, stored), own, b"{}");
            let path = key.path();
            prop_assert!(path.len() <= 730, "{}", path.len());
            prop_assert!(path.split('/').all(|part| part.len() <= 255));
            prop_assert_eq!(Key::parse(&path), Some(key));
        }

        #[test]
        fn later_comes_first(one in -377_705_023_201_000_000_000_i128..253_402_207_200_000_000_000, two in -377_705_023_201_000_000_000_i128..253_402_207_200_000_000_000) {
            prop_assert_eq!(time(one).cmp(&time(two)), inverted(time(two)).cmp(&inverted(time(one))));
            prop_assert!(inverted(time(one)) < inverted(None));
        }
    }
}
