//! A page by links alone: only lines that may be part of it are read. In doubt there is no page.

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap, HashSet};
use std::io::{Read, Seek};

use jiff::Timestamp;

use super::batch::in_order;
use super::linker::Linker;
use super::links::{Links, Places, SeriesNumber};
use super::reader::{Doubt, Line, Reader};
use crate::eventlog::envelope::SeriesKey;
use crate::eventlog::filter::Filter;
use crate::gate::Verdict;
use crate::gate::event::CloudEvent;

/// The most bytes of a line that are kept until it is its turn; longer ones are read again.
const KEPT: usize = 64 * 1024;

/// Reads a page.
pub(super) fn page<S: Read + Seek>(
    mut reader: Reader<S>,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<CloudEvent>, Doubt> {
    let tail = reader.tail()?;
    let mut linker = Linker::resume(reader, tail.last)?;
    // No id stands twice.
    let limit = limit.min(filter.id.as_ref().map_or(usize::MAX, |_| 1));
    if filter.kinds.are_steering() {
        return steering(&mut linker, filter, limit);
    }
    let mut threads = Threads {
        linker,
        newest: BinaryHeap::new(),
        filter,
    };
    threads.begin()?;
    threads.read(limit)
}

/// Reads the steering events, each of which names the one before.
fn steering<S: Read + Seek>(
    linker: &mut Linker<S>,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<CloudEvent>, Doubt> {
    let mut open = vec![linker.steering()];
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    while let Some(places) = open.pop() {
        let Places::Known(places) = places else {
            return Err(Doubt::Unlinked);
        };
        for offset in places {
            if !seen.insert(offset) {
                return Err(Doubt::Unlinked);
            }
            let line = if linker.has(offset) {
                let (line, links) = linker.line(offset)?;
                open.push(links.steering);
                line
            } else {
                linker.reader.line(offset)?
            };
            if !line.is_steering() && !linker.has(offset) {
                return Err(Doubt::Unlinked);
            }
            if filter.admits(&line.envelope) {
                found.push(Entry::new(offset, line));
            }
        }
    }
    found.sort_unstable_by(|one, other| other.cmp(one));
    found
        .iter()
        .take(limit)
        .map(|entry| entry.event(&mut linker.reader))
        .collect()
}

/// The series that a filter may let through, each followed from its newest event back.
struct Threads<'a, S> {
    /// The links.
    linker: Linker<S>,
    /// The newest event of each series that was not looked at yet.
    newest: BinaryHeap<Entry>,
    /// What to look for.
    filter: &'a Filter,
}

impl<S: Read + Seek> Threads<'_, S> {
    /// Finds the newest event of each series.
    fn begin(&mut self) -> Result<(), Doubt> {
        let Filter {
            project: Some(project),
            stage: Some(stage),
            service: Some(service),
            ..
        } = self.filter
        else {
            // A series that is not in the run may have the newest event of all.
            self.check_whole()?;
            for links in self.linker.newest()? {
                self.begin_series(&links)?;
            }
            return Ok(());
        };
        let series = SeriesNumber::of(&SeriesKey {
            project: project.clone(),
            stage: stage.clone(),
            service: service.clone(),
        });
        match self.linker.find(series)?.found {
            Some(links) => self.begin_series(&links),
            None => Ok(()),
        }
    }

    /// Finds the newest events of a series, given its newest line.
    fn begin_series(&mut self, links: &Links) -> Result<(), Doubt> {
        let Some(verdicts) = self.filter.verdicts() else {
            return self.follow(Thread::All, Some(links.offset), None);
        };
        let newest = links.newest_evaluations();
        let verdicts: BTreeSet<_> = verdicts.iter().copied().collect();
        for verdict in verdicts {
            self.follow(Thread::Verdict(verdict), newest.newest(verdict), None)?;
        }
        Ok(())
    }

    /// Reads the newest events, at most so many.
    fn read(&mut self, limit: usize) -> Result<Vec<CloudEvent>, Doubt> {
        let mut events = Vec::new();
        while events.len() < limit {
            let Some(entry) = self.newest.pop() else {
                // What stands before the run is older than all of its series in the run.
                self.check_whole()?;
                break;
            };
            if self
                .filter
                .since
                .is_some_and(|since| entry.time < Some(since))
            {
                break;
            }
            if entry.is_admitted {
                events.push(entry.event(&mut self.linker.reader)?);
                if events.len() == limit {
                    break;
                }
            }
            self.follow(entry.thread, entry.previous, entry.time)?;
        }
        Ok(events)
    }

    /// Reads the next event of a thread, which must be older than the one after it.
    fn follow(
        &mut self,
        thread: Thread,
        next: Option<u64>,
        later: Option<Timestamp>,
    ) -> Result<(), Doubt> {
        let Some(offset) = next else {
            return Ok(());
        };
        let (line, links) = self.linker.line(offset)?;
        in_order(&line, later)?;
        let previous = match thread {
            Thread::All => links.previous,
            Thread::Verdict(verdict) if links.verdict == Some(verdict) => {
                links.evaluations.newest(verdict)
            }
            Thread::Verdict(_) => return Err(Doubt::Unlinked),
        };
        if self.filter.admits_series(&line.envelope.series) {
            let is_admitted = self.filter.admits(&line.envelope);
            self.newest.push(Entry {
                is_admitted,
                thread,
                previous,
                ..Entry::new(offset, line)
            });
        }
        Ok(())
    }

    /// Makes sure that nothing of what is looked for can stand before the run.
    fn check_whole(&self) -> Result<(), Doubt> {
        if self.linker.is_whole() {
            Ok(())
        } else {
            Err(Doubt::Unlinked)
        }
    }
}

/// Events of a series that are followed from one to the one before.
#[derive(Clone, Copy, Debug)]
enum Thread {
    /// All.
    All,
    /// The evaluations with a verdict.
    Verdict(Verdict),
}

/// An event that may be part of the page.
struct Entry {
    /// Its time.
    time: Option<Timestamp>,
    /// Its id.
    id: String,
    /// Whether the filter lets it through.
    is_admitted: bool,
    /// Where it stands.
    offset: u64,
    /// What it was found by.
    thread: Thread,
    /// Where the one before it in its thread stands.
    previous: Option<u64>,
    /// The line, unless it is long.
    line: Option<Line>,
}

impl Entry {
    /// Makes an entry of a line that the filter lets through.
    fn new(offset: u64, line: Line) -> Self {
        Self {
            time: line.envelope.time,
            id: line.envelope.id.clone(),
            is_admitted: true,
            offset,
            thread: Thread::All,
            previous: None,
            line: (line.text.len() <= KEPT).then_some(line),
        }
    }

    /// Returns the event.
    fn event<S: Read + Seek>(&self, reader: &mut Reader<S>) -> Result<CloudEvent, Doubt> {
        match &self.line {
            Some(line) => line.event(),
            None => reader.line(self.offset)?.event(),
        }
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.time, &self.id).cmp(&(other.time, &other.id))
    }
}
