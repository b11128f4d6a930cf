//! What a line that we write says of the lines before it: the extension attribute `tidegatelinks`.
//!
//! ```text
//! {"tidegatelinks":"2f10 0 9c1e5a0d33b81f42 1a2b f 8c0,-,f3 - 0:2e01,3:1f00","id":...
//!                   |    | |                |    | |        | the newest lines of other series, by the first bit in
//!                   |    | |                |    | |        | which their numbers differ
//!                   |    | |                |    | |        the line with the steering event before
//!                   |    | |                |    | the evaluations of the same series before: pass, warning, fail
//!                   |    | |                |    the verdict, if it is an evaluation: p, w or f
//!                   |    | |                the line of the same series before
//!                   |    | the series, as a number
//!                   |    where the first line of this run stands: all from there to here are linked
//!                   where this line stands
//! ```
//!
//! A line that does not stand where it says was moved: lines before it were added, removed or changed. Then nothing of
//! this holds, and the whole file is read. `-` is none, `*` is more than would fit.

use std::borrow::Cow;
use std::fmt;

use ring::digest::{SHA256, digest};

use crate::eventlog::envelope::SeriesKey;
use crate::gate::Verdict;

/// The name of the attribute.
pub(super) const ATTRIBUTE: &str = "tidegatelinks";

/// How a line with links begins.
const OPENING: &str = "{\"tidegatelinks\":\"";

/// From how many bytes on nobody else would have begun a line like this: `{"tidegate`.
const UNMISTAKABLE: usize = 10;

/// The most bytes at the beginning of a line in which its links end.
pub(super) const HEAD: usize = 4096;

/// The most steering events before a run that its first line names.
const MOST_PLACES: usize = 128;

/// How many bits the number of a series has.
const BITS: u32 = 64;

/// What a line says of those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Links {
    /// Where the line stands.
    pub offset: u64,
    /// Where the first line of the run stands.
    pub base: u64,
    /// Its series.
    pub series: SeriesNumber,
    /// Where the line of the same series before it stands, if there is one in the run.
    pub previous: Option<u64>,
    /// Its verdict, if it is a finished evaluation that has one.
    pub verdict: Option<Verdict>,
    /// Where the evaluations of the same series before it stand, by their verdicts.
    pub evaluations: Evaluations,
    /// Where steering events before it stand.
    pub steering: Places,
    /// Where the newest lines of other series stand.
    pub branches: Vec<Branch>,
}

/// The newest line of all series that share the first bits of their numbers with this one, and differ in the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Branch {
    /// Which bit is the first that differs.
    pub bit: u32,
    /// Where the line stands.
    pub offset: u64,
}

/// Where the newest evaluations of a series stand, by their verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Evaluations {
    /// The newest that passed.
    pass: Option<u64>,
    /// The newest with a warning.
    warning: Option<u64>,
    /// The newest that failed.
    fail: Option<u64>,
}

impl Evaluations {
    /// Returns where the newest with a verdict stands.
    pub(super) fn newest(self, verdict: Verdict) -> Option<u64> {
        match verdict {
            Verdict::Pass => self.pass,
            Verdict::Warning => self.warning,
            Verdict::Fail => self.fail,
        }
    }

    /// Takes a newer one.
    fn take(&mut self, verdict: Verdict, offset: u64) {
        let place = match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Warning => &mut self.warning,
            Verdict::Fail => &mut self.fail,
        };
        *place = Some(offset);
    }

    /// Reads three places.
    fn parse(text: &str) -> Option<Self> {
        if text == "-" {
            return Some(Self::default());
        }
        let mut places = text.split(',').map(place);
        let evaluations = Self {
            pass: places.next()?.ok()?,
            warning: places.next()?.ok()?,
            fail: places.next()?.ok()?,
        };
        places.next().is_none().then_some(evaluations)
    }
}

/// Places of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Places {
    /// All of them.
    Known(Vec<u64>),
    /// More than would fit.
    TooMany,
}

impl Places {
    /// Keeps places, as far as they fit.
    pub(super) fn of(places: Vec<u64>) -> Self {
        if places.len() > MOST_PLACES {
            Self::TooMany
        } else {
            Self::Known(places)
        }
    }

    /// Returns no place.
    pub(super) fn none() -> Self {
        Self::Known(Vec::new())
    }
}

/// A series as a number that looks random, so that few bits tell series apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct SeriesNumber(u64);

impl SeriesNumber {
    /// Returns the number of a series.
    pub(super) fn of(series: &SeriesKey) -> Self {
        let SeriesKey {
            project,
            stage,
            service,
        } = series;
        let mut text = Vec::new();
        for name in [project, stage, service] {
            text.extend((name.len() as u64).to_be_bytes());
            text.extend(name.as_bytes());
        }
        let hash = digest(&SHA256, &text);
        let first = hash.as_ref().first_chunk().copied().unwrap_or_default();
        Self(u64::from_be_bytes(first))
    }

    /// Returns the first bit in which two series differ; `None` for the same.
    pub(super) fn first_difference(self, other: Self) -> Option<u32> {
        let bit = (self.0 ^ other.0).leading_zeros();
        (bit < BITS).then_some(bit)
    }
}

impl Links {
    /// Reads the links at the beginning of a line.
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        let text = head.strip_prefix(OPENING.as_bytes())?;
        let text = text.get(..HEAD.min(text.len()))?;
        let end = text.iter().position(|byte| *byte == b'"')?;
        let text = str::from_utf8(text.get(..end)?).ok()?;
        let mut words = text.split(' ');
        let links = Self {
            offset: number(words.next()?)?,
            base: number(words.next()?)?,
            series: SeriesNumber(number(words.next()?)?),
            previous: place(words.next()?).ok()?,
            verdict: match words.next()? {
                "-" => None,
                "p" => Some(Verdict::Pass),
                "w" => Some(Verdict::Warning),
                "f" => Some(Verdict::Fail),
                _ => return None,
            },
            evaluations: Evaluations::parse(words.next()?)?,
            steering: match words.next()? {
                "*" => Places::TooMany,
                list => Places::Known(read_list(list, number)?),
            },
            branches: read_list(words.next()?, Branch::parse)?,
        };
        (words.next().is_none() && links.points_back()).then_some(links)
    }

    /// Returns the branch that differs first in a bit.
    pub(super) fn branch(&self, bit: u32) -> Option<u64> {
        let branch = self.branches.iter().find(|branch| branch.bit == bit)?;
        Some(branch.offset)
    }

    /// Returns where the newest evaluations of the series stand, this one included.
    pub(super) fn newest_evaluations(&self) -> Evaluations {
        let mut newest = self.evaluations;
        if let Some(verdict) = self.verdict {
            newest.take(verdict, self.offset);
        }
        newest
    }

    /// Tells whether this is the first line of its run.
    pub(super) fn is_base(&self) -> bool {
        self.offset == self.base
    }

    /// Tells whether every link leads to a line before this one, and into the run where it must.
    fn points_back(&self) -> bool {
        let in_run = |place: u64| place >= self.base && place < self.offset;
        let steering = match &self.steering {
            Places::Known(places) => places.iter().all(|place| *place < self.offset),
            Places::TooMany => true,
        };
        let Evaluations {
            pass,
            warning,
            fail,
        } = self.evaluations;
        self.base <= self.offset
            && [pass, warning, fail].into_iter().flatten().all(in_run)
            && self.previous.is_none_or(in_run)
            && self.branches.iter().all(|branch| in_run(branch.offset))
            && steering
    }
}

impl Branch {
    /// Reads a branch.
    fn parse(text: &str) -> Option<Self> {
        let (bit, offset) = text.split_once(':')?;
        let bit = u32::from_str_radix(bit, 16).ok()?;
        let offset = number(offset)?;
        (bit < BITS).then_some(Self { bit, offset })
    }
}

impl fmt::Display for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            offset,
            base,
            series: SeriesNumber(series),
            previous,
            verdict,
            evaluations,
            steering,
            branches,
        } = self;
        write!(f, "{offset:x} {base:x} {series:x} {} ", Place(*previous))?;
        f.write_str(match verdict {
            None => "- ",
            Some(Verdict::Pass) => "p ",
            Some(Verdict::Warning) => "w ",
            Some(Verdict::Fail) => "f ",
        })?;
        write!(f, "{evaluations} ")?;
        match steering {
            Places::Known(places) => write_list(f, places, |f, place| write!(f, "{place:x}"))?,
            Places::TooMany => f.write_str("*")?,
        }
        f.write_str(" ")?;
        write_list(f, branches, |f, Branch { bit, offset }| {
            write!(f, "{bit:x}:{offset:x}")
        })
    }
}

impl fmt::Display for Evaluations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str("-");
        }
        let Self {
            pass,
            warning,
            fail,
        } = *self;
        write!(f, "{},{},{}", Place(pass), Place(warning), Place(fail))
    }
}

/// A place as it is written.
struct Place(Option<u64>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(place) => write!(f, "{place:x}"),
            None => f.write_str("-"),
        }
    }
}

/// Adds links to the JSON of an event.
pub(super) fn tie(links: &Links, json: &str) -> String {
    let json = json.trim_start();
    let rest = json.strip_prefix("{").unwrap_or(json).trim_start();
    let gap = if rest.starts_with('}') { "" } else { "," };
    format!("{OPENING}{links}\"{gap}{rest}")
}

/// Takes the links at the beginning of a line away; `None` where a line is no text.
pub(super) fn untie(line: &[u8]) -> Option<Cow<'_, str>> {
    let line = str::from_utf8(line).ok()?;
    let untied = line
        .strip_prefix(OPENING)
        .and_then(|links| links.split_once('"'))
        .and_then(|(_links, rest)| rest.trim_start().strip_prefix(','));
    Some(untied.map_or(Cow::Borrowed(line), |rest| Cow::Owned(format!("{{{rest}"))))
}

/// Tells whether a text without an end is what is left of a line that we wrote at this place.
pub(super) fn is_cut_from(text: &[u8], offset: u64) -> bool {
    let opening = format!("{OPENING}{offset:x} ");
    let shared = opening.len().min(text.len());
    shared >= UNMISTAKABLE && text.get(..shared) == opening.as_bytes().get(..shared)
}

/// Reads a number.
fn number(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// A text tells no place, nor that there is none.
struct NoPlace;

/// Reads a place, or none.
fn place(text: &str) -> Result<Option<u64>, NoPlace> {
    match text {
        "-" => Ok(None),
        place => number(place).ok_or(NoPlace).map(Some),
    }
}

/// Reads a list.
fn read_list<T>(text: &str, item: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    if text == "-" {
        return Some(Vec::new());
    }
    text.split(',').map(item).collect()
}

/// Writes a list.
fn write_list<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    if items.is_empty() {
        return f.write_str("-");
    }
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            f.write_str(",")?;
        }
        write(f, item)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(previous: Option<u64>, steering: Places, branches: Vec<Branch>) -> Links {
        Links {
            offset: 0x2f10,
            base: 16,
            series: SeriesNumber(u64::MAX - 1),
            previous,
            verdict: Some(Verdict::Warning),
            evaluations: Evaluations {
                pass: previous,
                ..Evaluations::default()
            },
            steering,
            branches,
        }
    }

    #[test]
    fn links_are_read_as_they_were_written() {
        let branch = |bit, offset| Branch { bit, offset };
        for links in [
            links(None, Places::none(), vec![]),
            links(Some(0x1a2b), Places::TooMany, vec![branch(0, 16)]),
            links(
                Some(16),
                Places::Known(vec![1, 2]),
                vec![branch(3, 0x100), branch(63, 0x200)],
            ),
        ] {
            let line = tie(&links, r#"{"id":"1"}"#);
            assert_eq!(Links::parse(line.as_bytes()), Some(links));
            assert!(line.ends_with(r#"","id":"1"}"#));
        }
    }

    #[test]
    fn links_that_lead_ahead_or_out_of_their_run_are_none() {
        let branch = |offset| vec![Branch { bit: 0, offset }];
        for links in [
            links(Some(0x2f10), Places::none(), vec![]),
            links(Some(15), Places::none(), vec![]),
            links(None, Places::Known(vec![0x3000]), vec![]),
            links(None, Places::none(), branch(2)),
            links(None, Places::none(), branch(0x2f11)),
        ] {
            assert_eq!(Links::parse(tie(&links, "{}").as_bytes()), None);
        }
        for text in [
            "",
            "1 2",
            "1 0 5 - - - - - -",
            "x 0 5 - - - - -",
            "1 0 5 - - - - 40:0",
            "1 0 5 - x - - -",
            "1 0 5 - - 0,0 - -",
            "1 0 5 - - 0,-,1 - -",
        ] {
            let line = format!("{OPENING}{text}\"}}");
            assert_eq!(Links::parse(line.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn links_without_anything_before_them_are_short() {
        let line = format!("{OPENING}1 0 5 - - - - -\"}}");
        let links = Links::parse(line.as_bytes()).unwrap();
        assert_eq!(tie(&links, "{}"), line);
    }

    #[test]
    fn the_most_links_that_a_line_has_fit_into_its_head() {
        let branches = (0..BITS).map(|bit| Branch {
            bit,
            offset: 1 << 40,
        });
        let links = Links {
            offset: u64::MAX,
            base: 0,
            series: SeriesNumber(u64::MAX),
            previous: Some(1 << 40),
            verdict: None,
            evaluations: Evaluations {
                pass: Some(1 << 40),
                warning: Some(1 << 40),
                fail: Some(1 << 40),
            },
            steering: Places::of(vec![1 << 40; MOST_PLACES]),
            branches: branches.collect(),
        };
        let line = tie(&links, "{}");
        assert!(line.len() < HEAD, "{}", line.len());
        assert_eq!(Links::parse(line.as_bytes()), Some(links));
    }
}
