//! Adds up samples: of the whole run, and of each of its parts by name, in bounded memory.

mod figures;

use std::collections::BTreeMap;
use std::collections::HashMap;

use jiff::Timestamp;

use super::distribution::{Distribution, Room, Tick};
use super::results::Results;

use figures::{figures, named};
pub(super) use figures::{percentile, set_times};

/// How many parts of a run are kept by name.
const MOST_GROUPS: usize = 10_000;
/// How much memory the response times of all parts may take.
const ROOM: usize = 24 << 20;
/// One request of a run, or several that the tool has added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sample {
    /// When it began and ended, in nanoseconds since 1970, where the file says so.
    pub(super) span: Option<(i64, i64)>,
    /// How long it took, in ticks; where it stands for several, all of them together.
    pub(super) ticks: Option<u64>,
    /// For how many it stands.
    pub(super) weight: u64,
    /// How many of them failed.
    pub(super) failures: u64,
    /// How many bytes came back.
    pub(super) bytes: u64,
}

/// What samples come to.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    /// How many samples there are.
    count: u64,
    /// How many of them failed.
    failures: u64,
    /// How many bytes came back.
    bytes: u64,
    /// From the first start to the last end.
    span: Option<(i64, i64)>,
    /// Their times; none where the memory for them is used up.
    times: Option<Distribution>,
}

impl Tally {
    /// Starts with nothing.
    fn new(tick: Tick) -> Self {
        Self {
            count: 0,
            failures: 0,
            bytes: 0,
            span: None,
            times: Some(Distribution::new(tick)),
        }
    }

    /// Adds a sample. Returns its time where there is no room for times any more.
    #[inline]
    fn add(&mut self, sample: &Sample, room: &mut Room) -> TimeKept {
        self.count += sample.weight;
        self.failures += sample.failures;
        self.bytes = self.bytes.saturating_add(sample.bytes);
        self.span = join(self.span, sample.span);
        let Some(ticks) = sample.ticks else {
            return TimeKept::Yes;
        };
        let Some(times) = &mut self.times else {
            return TimeKept::No;
        };
        let kept = if sample.weight == 1 {
            times.record(ticks, 1, room)
        } else {
            let each = ticks.checked_div(sample.weight).unwrap_or_default();
            times.record_total(each, sample.weight, ticks.into(), room)
        };
        match kept {
            Ok(()) => TimeKept::Yes,
            Err(_) => TimeKept::No,
        }
    }

    /// Adds all of another, but for its times.
    fn add_counts(&mut self, other: &Self) {
        self.count += other.count;
        self.failures += other.failures;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.span = join(self.span, other.span);
    }
}

/// Whether the time of a sample is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeKept {
    /// It is.
    Yes,
    /// There is no room for it.
    No,
}

/// What a sample is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Of the total, and of nothing else.
    Total,
    /// Of the part with this number, and thereby of the total.
    Group(usize),
}

/// What a group is to the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupKind {
    /// Requests: they make up the total.
    Requests,
    /// Sums of requests that are listed themselves, too: they are left out of the total.
    Transactions,
}

/// A part of a run, while it is added up.
struct NamedTally {
    /// Its name.
    name: Box<[u8]>,
    /// What it is to the total.
    kind: GroupKind,
    /// What its samples come to.
    tally: Tally,
}

/// Samples, added up.
pub(super) struct Samples {
    /// What times are counted in.
    tick: Tick,
    /// What belongs to the total and to no group; times of groups without room, too.
    rest: Tally,
    /// The parts.
    groups: Vec<NamedTally>,
    /// Where each part is, by name; transactions apart from requests.
    places: [HashMap<Box<[u8]>, usize>; 2],
    /// The memory for the times of parts.
    room: Room,
    /// The memory for the times of the total.
    total_room: Room,
    /// There were more parts than are kept.
    has_more_groups: bool,
    /// What is odd.
    pub(super) warnings: Vec<String>,
}

impl Samples {
    /// Starts with no samples.
    pub(super) fn new(tick: Tick) -> Self {
        Self {
            tick,
            rest: Tally::new(tick),
            groups: Vec::new(),
            places: [HashMap::new(), HashMap::new()],
            room: Room::new(ROOM),
            // A list and its buckets together, whatever the times.
            total_room: Room::new(ROOM),
            has_more_groups: false,
            warnings: Vec::new(),
        }
    }

    /// Returns the part with a name, and makes it where there is none yet.
    #[inline]
    pub(super) fn part(&mut self, name: &[u8], kind: GroupKind) -> Part {
        let [requests, transactions] = &self.places;
        let places = match kind {
            GroupKind::Requests => requests,
            GroupKind::Transactions => transactions,
        };
        match places.get(name) {
            Some(place) => Part::Group(*place),
            None => self.new_part(name, kind),
        }
    }

    /// Makes a part, where there may be more.
    #[cold]
    fn new_part(&mut self, name: &[u8], kind: GroupKind) -> Part {
        let cost = size_of::<NamedTally>() + 2 * name.len() + 64;
        if self.groups.len() >= MOST_GROUPS || self.room.take(cost).is_err() {
            self.has_more_groups = true;
            return Part::Total;
        }
        let place = self.groups.len();
        self.groups.push(NamedTally {
            name: name.into(),
            kind,
            tally: Tally::new(self.tick),
        });
        let [requests, transactions] = &mut self.places;
        match kind {
            GroupKind::Requests => requests.insert(name.into(), place),
            GroupKind::Transactions => transactions.insert(name.into(), place),
        };
        Part::Group(place)
    }

    /// Returns how many parts there are.
    #[inline]
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Adds a sample.
    #[inline]
    pub(super) fn add(&mut self, part: Part, sample: &Sample) {
        let Part::Group(place) = part else {
            self.rest.add(sample, &mut self.total_room);
            return;
        };
        let Some(group) = self.groups.get_mut(place) else {
            return;
        };
        if group.tally.add(sample, &mut self.room) == TimeKept::No {
            self.keep_in_total(place, sample);
        }
    }

    /// Counts the times of a part for the total only, from now on, because there is no room.
    #[cold]
    fn keep_in_total(&mut self, place: usize, sample: &Sample) {
        let Some(group) = self.groups.get_mut(place) else {
            return;
        };
        let times = group.tally.times.take();
        if group.kind == GroupKind::Transactions {
            return;
        }
        let room = &mut self.total_room;
        if let (Some(total), Some(times)) = (&mut self.rest.times, times)
            && total.merge(&times, room).is_err()
        {
            self.rest.times = None;
        }
        let time_only = Sample {
            weight: sample.weight,
            ticks: sample.ticks,
            ..Sample::default()
        };
        let (count, bytes) = (self.rest.count, self.rest.bytes);
        self.rest.add(&time_only, room);
        (self.rest.count, self.rest.bytes) = (count, bytes);
    }

    /// Returns the figures. `has` says what the file has.
    pub(super) fn finish(mut self, has: Has) -> Results {
        let is_sum = |group: &NamedTally| group.kind == GroupKind::Transactions;
        let only_transactions =
            self.rest.count == 0 && !self.groups.is_empty() && self.groups.iter().all(is_sum);
        let mut total = self.rest.clone();
        for group in &self.groups {
            if is_sum(group) && !only_transactions {
                continue;
            }
            total.add_counts(&group.tally);
            if let (Some(sum), Some(times)) = (&mut total.times, &group.tally.times)
                && sum.merge(times, &mut self.total_room).is_err()
            {
                total.times = None;
            }
        }
        if only_transactions {
            let text = "every sample is a transaction; the total is made of them";
            self.warnings.push(text.to_owned());
        }
        self.warn(&total);
        let span = total.span.and_then(|(from, to)| {
            let moment = |at: i64| Timestamp::from_nanosecond(at.into()).ok();
            Some((moment(from)?, moment(to)?))
        });
        Results {
            total: figures(total, has),
            groups: named(self.groups, has),
            native: BTreeMap::new(),
            span: span.filter(|_| has.clock == Clock::Absolute),
            warnings: self.warnings,
        }
    }

    /// Says what is odd.
    fn warn(&mut self, total: &Tally) {
        let mut warn = |text: String| self.warnings.push(text);
        if total.count == 0 {
            warn("the file has no samples".to_owned());
        }
        if self.has_more_groups {
            let kept = self.groups.len();
            warn(format!(
                "only the first {kept} names are kept; the samples of others count in the total alone"
            ));
        }
        let unkept = self
            .groups
            .iter()
            .filter(|g| g.tally.times.is_none())
            .count();
        if unkept > 0 {
            warn(format!(
                "response times by name take more memory than {ROOM} bytes: those of {unkept} names count in the total alone"
            ));
        }
    }
}

/// What the file has, besides how many samples there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Has {
    /// Whether it says if a sample failed.
    pub(super) failures: bool,
    /// Whether it says how many bytes came back.
    pub(super) bytes: bool,
    /// What its times of day are.
    pub(super) clock: Clock,
}

/// What the times of a file are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// 1970.
    Absolute,
    /// An unknown moment, such as the start of the run, or midnight in an unknown time zone.
    Relative,
}

/// Joins two spans of time.
fn join(one: Option<(i64, i64)>, other: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (one, other) {
        (Some((from, to)), Some((start, end))) => Some((from.min(start), to.max(end))),
        (one, other) => one.or(other),
    }
}
