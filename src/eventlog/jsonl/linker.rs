//! Follows links, and makes those of new lines.
//!
//! The newest lines of all series are the leaves of a tree that is told apart by the bits of their numbers. A new line
//! names the branches that it leaves on its way down, so each line is the root of the tree as it was then, no
//! line is ever changed, and a series is found in as many steps as tell it from the others.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};

use super::links::{Branch, Links, Places, SeriesNumber};
use super::reader::{Doubt, Line, Reader};
use crate::eventlog::envelope::Envelope;
use crate::gate::Verdict;
use crate::gate::event::EventType;

/// Knows the last line of a file, and finds others from there.
#[derive(Debug)]
pub(super) struct Linker<S> {
    /// The file.
    pub reader: Reader<S>,
    /// Links that were read, or made for lines that are still to be written.
    known: HashMap<u64, Links>,
    /// The last line.
    last: Option<Last>,
    /// Where the run begins.
    base: u64,
    /// Where steering events before the run stand.
    before: Places,
}

/// The last line of a run.
#[derive(Clone, Debug)]
struct Last {
    /// Its links.
    links: Links,
    /// Whether it holds a steering event.
    is_steering: bool,
}

/// The way from the last line to a series.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    /// The newest line of the series.
    pub found: Option<Links>,
    /// The branches left aside.
    branches: Vec<Branch>,
}

impl<S: Read + Seek> Linker<S> {
    /// Begins a run. What stands before it is not linked, but for the steering events.
    pub(super) fn begin(reader: Reader<S>, base: u64, before: Places) -> Self {
        Self {
            reader,
            known: HashMap::new(),
            last: None,
            base,
            before,
        }
    }

    /// Goes on from the last line of a file.
    pub(super) fn resume(mut reader: Reader<S>, last: u64) -> Result<Self, Doubt> {
        // Most files that were not written by us say so in the head of a line.
        reader.links(last)?;
        let (line, links) = reader.linked_line(last)?;
        check(&line, &links)?;
        let mut linker = Self::begin(reader, links.base, Places::none());
        let is_steering = line.is_steering();
        linker.last = Some(Last { links, is_steering });
        Ok(linker)
    }

    /// Tells whether everything before the run is known, because there is nothing.
    pub(super) fn is_whole(&self) -> bool {
        self.base == 0
    }

    /// Returns the links of the line at a place, which a later line of the run named.
    pub(super) fn links(&mut self, offset: u64) -> Result<Links, Doubt> {
        if let Some(links) = self.known.get(&offset) {
            return Ok(links.clone());
        }
        let links = self.reader.links(offset)?;
        if links.base != self.base {
            return Err(Doubt::Unlinked);
        }
        self.known.insert(offset, links.clone());
        Ok(links)
    }

    /// Reads the line at a place, which a later line of the run named.
    pub(super) fn line(&mut self, offset: u64) -> Result<(Line, Links), Doubt> {
        let (line, links) = self.reader.linked_line(offset)?;
        if links.base != self.base {
            return Err(Doubt::Unlinked);
        }
        check(&line, &links)?;
        Ok((line, links))
    }

    /// Finds the newest line of a series.
    pub(super) fn find(&mut self, series: SeriesNumber) -> Result<Way, Doubt> {
        let mut way = Way::default();
        let Some(last) = &self.last else {
            return Ok(way);
        };
        let mut links = last.links.clone();
        let mut depth = 0;
        loop {
            let Some(bit) = links.series.first_difference(series) else {
                way.leave(&links, depth, u32::MAX);
                way.found = Some(links);
                return Ok(way);
            };
            if bit < depth {
                return Err(Doubt::Unlinked);
            }
            way.leave(&links, depth, bit);
            let offset = links.offset;
            way.branches.push(Branch { bit, offset });
            let Some(next) = links.branch(bit) else {
                return Ok(way);
            };
            links = self.links(next)?;
            depth = bit + 1;
        }
    }

    /// Finds the newest lines of all series of the run.
    pub(super) fn newest(&mut self) -> Result<Vec<Links>, Doubt> {
        let mut open: Vec<(Links, u32)> = Vec::new();
        open.extend(self.last.iter().map(|last| (last.links.clone(), 0)));
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        while let Some((links, depth)) = open.pop() {
            if !seen.insert(links.offset) {
                return Err(Doubt::Unlinked);
            }
            for branch in links.branches.iter().filter(|branch| branch.bit >= depth) {
                let next = self.links(branch.offset)?;
                if links.series.first_difference(next.series) != Some(branch.bit) {
                    return Err(Doubt::Unlinked);
                }
                open.push((next, branch.bit + 1));
            }
            found.push(links);
        }
        Ok(found)
    }

    /// Returns where the newest steering events stand.
    pub(super) fn steering(&self) -> Places {
        let Some(Last { links, is_steering }) = &self.last else {
            return self.before.clone();
        };
        // What stood before the run is named by its first line alone.
        if *is_steering || (links.is_base() && links.steering != Places::none()) {
            return Places::Known(vec![links.offset]);
        }
        links.steering.clone()
    }

    /// Tells whether a place is in the run.
    pub(super) fn has(&self, offset: u64) -> bool {
        offset >= self.base
    }

    /// Makes the links of a line that is to stand at the end.
    pub(super) fn extend(&mut self, offset: u64, envelope: &Envelope) -> Result<Links, Doubt> {
        let series = SeriesNumber::of(&envelope.series);
        let Way { found, branches } = self.find(series)?;
        if let Some(newest) = &found {
            self.known.remove(&newest.offset);
        }
        let links = Links {
            offset,
            base: self.base,
            series,
            previous: found.as_ref().map(|newest| newest.offset),
            verdict: verdict(envelope),
            evaluations: found
                .map(|newest| newest.newest_evaluations())
                .unwrap_or_default(),
            steering: self.steering(),
            branches,
        };
        self.known.insert(offset, links.clone());
        self.last = Some(Last {
            links: links.clone(),
            is_steering: EventType::is_steering(&envelope.event_type),
        });
        Ok(links)
    }
}

impl Way {
    /// Takes the branches of a line between two bits.
    fn leave(&mut self, links: &Links, from: u32, to: u32) {
        let between = |branch: &&Branch| (from..to).contains(&branch.bit);
        self.branches.extend(links.branches.iter().filter(between));
    }
}

/// Returns the verdict of an evaluation; `None` for any other event.
fn verdict(envelope: &Envelope) -> Option<Verdict> {
    let is_finished = envelope.event_type == EventType::FINISHED;
    envelope.result.filter(|_| is_finished)
}

/// Checks that a line is what its links say it is.
fn check(line: &Line, links: &Links) -> Result<(), Doubt> {
    if SeriesNumber::of(&line.envelope.series) == links.series
        && verdict(&line.envelope) == links.verdict
    {
        Ok(())
    } else {
        Err(Doubt::Unlinked)
    }
}
