//! What was broken in a log, in few enough lines to be read.

use std::fmt;

use crate::gate::event::CloudEvent;

/// The most warnings that are spelled out.
const SPELLED_OUT: usize = 20;

/// Collects warnings; of many it keeps the first few and counts the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Warnings {
    /// The first few.
    lines: Vec<String>,
    /// How many more there were.
    more: usize,
}

impl Warnings {
    /// Adds what is wrong at a place.
    pub(super) fn add(&mut self, place: impl fmt::Display, problem: impl fmt::Display) {
        if self.lines.len() < SPELLED_OUT {
            self.lines.push(format!("{place}: {problem}"));
        } else {
            self.more += 1;
        }
    }

    /// Adds that an event has no time, if it has none.
    pub(super) fn check_time(&mut self, place: impl fmt::Display, event: &CloudEvent) {
        if event.time.is_none() {
            self.add(
                place,
                format_args!(
                    "the event `{}` has no readable time and counts as the oldest",
                    event.id
                ),
            );
        }
    }

    /// Adds to the number of those that are not spelled out.
    pub(super) fn add_more(&mut self, more: usize) {
        self.more += more;
    }

    /// Adds those of another part of the log.
    pub(super) fn join(&mut self, other: Self) {
        let Self { lines, more } = other;
        for line in lines {
            if self.lines.len() < SPELLED_OUT {
                self.lines.push(line);
            } else {
                self.more += 1;
            }
        }
        self.more += more;
    }

    /// Returns the warnings, and how many are not spelled out.
    pub(super) fn into_lines(self) -> Vec<String> {
        let Self { mut lines, more } = self;
        if more > 0 {
            lines.push(format!("and {more} more warnings of this log"));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_warnings_the_first_few_are_spelled_out() {
        let mut warnings = Warnings::default();
        for line in 1..=25 {
            warnings.add(format_args!("a.jsonl:{line}"), "broken");
        }
        let lines = warnings.into_lines();
        assert_eq!(lines.len(), 21);
        assert_eq!(lines[19], "a.jsonl:20: broken");
        assert_eq!(lines[20], "and 5 more warnings of this log");
    }
}
