//! The headers by which the newest events of a subject are found without reading the others: each message names the
//! messages before it, of any result and of each.

use async_nats::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use crate::eventlog::envelope::Envelope;
use crate::gate::Verdict;

/// The most earlier messages that a message names.
pub(super) const LENGTH: usize = 10;

/// Names the stream that the numbers belong to.
const STREAM: &str = "Tidegate-Stream";
/// Names the messages before this one.
const PREVIOUS: &str = "Tidegate-Previous";
/// Names those that passed.
const PREVIOUS_PASS: &str = "Tidegate-Previous-Pass";
/// Names those with a warning.
const PREVIOUS_WARNING: &str = "Tidegate-Previous-Warning";
/// Names those that failed.
const PREVIOUS_FAIL: &str = "Tidegate-Previous-Fail";
/// Says the newest time up to this message.
const NEWEST: &str = "Tidegate-Newest";
/// Says up to which message the times don't rise.
const UNORDERED: &str = "Tidegate-Unordered";
/// Stands for the message itself.
const HERE: &str = "here";

/// What a message says of the messages of its subject before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trail {
    /// The last few, newest first.
    all: Vec<u64>,
    /// The last few that passed.
    pass: Vec<u64>,
    /// The last few with a warning.
    warning: Vec<u64>,
    /// The last few that failed.
    fail: Vec<u64>,
    /// The newest time, this message included.
    pub newest: Option<Timestamp>,
    /// Where the order of the messages is that of their times.
    pub order: Order,
}

/// Where the order of messages is that of their times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// Everywhere.
    #[default]
    Throughout,
    /// After that message: each later one is newer than all before it.
    After(u64),
    /// Not with this message.
    NotHere,
}

impl Trail {
    /// Returns the trail of the first message of a subject.
    pub(super) fn first(event: &Envelope) -> Self {
        Self {
            newest: event.time,
            ..Self::default()
        }
    }

    /// Returns the trail of a message that follows another one.
    pub(super) fn after(&self, sequence: u64, before: &Envelope, event: &Envelope) -> Self {
        let order_before = match self.order {
            Order::NotHere => Order::After(sequence),
            Order::Throughout | Order::After(_) => self.order,
        };
        let follows = match self.order {
            Order::NotHere => event.time > self.newest,
            Order::Throughout | Order::After(_) => event.order() > before.order(),
        };
        let with = |list: &[u64], result: Option<Verdict>| {
            let new = (result.is_none() || result == before.result).then_some(sequence);
            new.into_iter()
                .chain(list.iter().copied())
                .take(LENGTH)
                .collect()
        };
        Self {
            all: with(&self.all, None),
            pass: with(&self.pass, Some(Verdict::Pass)),
            warning: with(&self.warning, Some(Verdict::Warning)),
            fail: with(&self.fail, Some(Verdict::Fail)),
            newest: self.newest.max(event.time),
            order: if follows {
                order_before
            } else {
                Order::NotHere
            },
        }
    }

    /// Returns the messages with one of these results (none: with any or none at all), newest first, from the newest on
    /// without a gap; and whether there are no others before this message.
    pub(super) fn earlier(&self, results: &[Verdict]) -> (Vec<u64>, bool) {
        let lists: Vec<&[u64]> = if results.is_empty() {
            vec![&self.all]
        } else {
            results.iter().map(|result| self.list(*result)).collect()
        };
        // A list that is full may go on; below its end nothing is known.
        let full = lists.iter().filter(|list| list.len() >= LENGTH);
        let known_down_to = full.filter_map(|list| list.last()).max().copied();
        let mut found: Vec<u64> = lists.into_iter().flatten().copied().collect();
        found.retain(|sequence| known_down_to.is_none_or(|end| *sequence >= end));
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.dedup();
        (found, known_down_to.is_none())
    }

    /// Returns the list of a result.
    fn list(&self, result: Verdict) -> &[u64] {
        match result {
            Verdict::Pass => &self.pass,
            Verdict::Warning => &self.warning,
            Verdict::Fail => &self.fail,
        }
    }

    /// Writes the trail into headers.
    pub(super) fn write(&self, stream: &str, headers: &mut HeaderMap) {
        headers.insert(STREAM, stream);
        for (name, list) in [
            (PREVIOUS, &self.all),
            (PREVIOUS_PASS, &self.pass),
            (PREVIOUS_WARNING, &self.warning),
            (PREVIOUS_FAIL, &self.fail),
        ] {
            let words: Vec<String> = list.iter().map(u64::to_string).collect();
            if !words.is_empty() {
                headers.insert(name, words.join(" "));
            }
        }
        if let Some(newest) = self.newest {
            headers.insert(NEWEST, newest.to_string());
        }
        match self.order {
            Order::Throughout => {}
            Order::After(sequence) => headers.insert(UNORDERED, sequence.to_string()),
            Order::NotHere => headers.insert(UNORDERED, HERE),
        }
    }

    /// Reads the trail of the message with that number. `None` where there is none, or one of another stream, or one that
    /// can't be true.
    pub(super) fn read(headers: &HeaderMap, stream: &str, sequence: u64) -> Option<Self> {
        if headers.get(STREAM)?.as_str() != stream {
            return None;
        }
        let list = |name: &str| {
            let text = headers.get(name).map_or("", |value| value.as_str());
            let numbers: Option<Vec<u64>> = text
                .split(' ')
                .filter(|word| !word.is_empty())
                .take(LENGTH + 1)
                .map(|word| word.parse().ok())
                .collect();
            let numbers = numbers?;
            let falls = std::iter::once(&sequence)
                .chain(&numbers)
                .zip(&numbers)
                .all(|(later, earlier)| later > earlier);
            (falls && numbers.len() <= LENGTH).then_some(numbers)
        };
        let newest = match headers.get(NEWEST) {
            Some(text) => Some(text.as_str().parse().ok()?),
            None => None,
        };
        let order = match headers.get(UNORDERED).map(HeaderValue::as_str) {
            None => Order::Throughout,
            Some(HERE) => Order::NotHere,
            Some(number) => Order::After(number.parse().ok()?),
        };
        Some(Self {
            all: list(PREVIOUS)?,
            pass: list(PREVIOUS_PASS)?,
            warning: list(PREVIOUS_WARNING)?,
            fail: list(PREVIOUS_FAIL)?,
            newest,
            order,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventlog::samples::finished;

    const NAME: &str = "gate 2024";

    /// Returns the envelope of an event with a result at a second.
    fn envelope(second: u8, result: &str) -> Envelope {
        let mut event = finished(
            &second.to_string(),
            &format!("2024-02-01T10:00:{second:02}Z"),
        );
        event.data.set("result", result.into());
        Envelope::of(&event)
    }

    /// Returns the trail after events at these seconds with these results, stored as 10, 20, 30….
    fn trail(events: &[(u8, &str)]) -> Trail {
        let mut envelopes = events
            .iter()
            .map(|(second, result)| envelope(*second, result));
        let mut before = envelopes.next().unwrap();
        let mut trail = Trail::first(&before);
        for (sequence, event) in (1..).zip(envelopes) {
            trail = trail.after(sequence * 10, &before, &event);
            before = event;
        }
        trail
    }

    #[test]
    fn a_trail_names_the_last_of_each_result() {
        let trail = trail(&[
            (1, "pass"),
            (2, "fail"),
            (3, "warning"),
            (4, "pass"),
            (5, "none"),
        ]);
        assert_eq!(trail.earlier(&[]), (vec![40, 30, 20, 10], true));
        assert_eq!(trail.earlier(&[Verdict::Pass]), (vec![40, 10], true));
        assert_eq!(
            trail.earlier(&[Verdict::Pass, Verdict::Warning]),
            (vec![40, 30, 10], true)
        );
        assert_eq!(trail.order, Order::Throughout);
    }

    #[test]
    fn a_full_list_ends_where_nothing_is_known_any_more() {
        let mut events = vec![(0, "pass")];
        events.extend((1..=12).map(|second| (second, "fail")));
        let trail = trail(&events);
        // The pass is the first; of the eleven fails before the last, ten are named.
        assert_eq!(trail.earlier(&[Verdict::Pass]), (vec![10], true));
        let (both, whole) = trail.earlier(&[Verdict::Pass, Verdict::Fail]);
        assert_eq!((both.len(), both.last(), whole), (10, Some(&30), false));
    }

    #[test]
    fn times_that_fall_are_marked_until_they_rise_again() {
        assert_eq!(
            trail(&[(1, "pass"), (5, "pass"), (2, "pass")]).order,
            Order::NotHere
        );
        let after = trail(&[(1, "pass"), (5, "pass"), (2, "pass"), (6, "pass")]);
        assert_eq!(after.order, Order::After(30));
        let still = trail(&[(1, "pass"), (5, "pass"), (2, "pass"), (3, "pass")]);
        assert_eq!(still.order, Order::NotHere);
        assert_eq!(still.newest.unwrap().to_string(), "2024-02-01T10:00:05Z");
    }

    #[test]
    fn headers_are_read_as_they_were_written() {
        for events in [
            &[(1, "pass")][..],
            &[(1, "pass"), (5, "warning"), (2, "fail")],
            &[(1, "pass"), (5, "warning"), (2, "fail"), (6, "pass")],
        ] {
            let trail = trail(events);
            let mut headers = HeaderMap::new();
            trail.write(NAME, &mut headers);
            assert_eq!(Trail::read(&headers, NAME, 1000), Some(trail));
            assert_eq!(Trail::read(&headers, "copy 2024", 1000), None);
        }
        assert_eq!(Trail::read(&HeaderMap::new(), NAME, 1), None);
    }

    #[test]
    fn headers_that_can_not_be_true_are_no_trail() {
        for (name, value) in [
            (PREVIOUS, "7 8"),
            (PREVIOUS, "9"),
            (PREVIOUS, "x"),
            (PREVIOUS_PASS, "-1"),
            (PREVIOUS, "8 7 6 5 4 3 2 1 0 0 0 0"),
            (NEWEST, "yesterday"),
            (UNORDERED, "there"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(STREAM, NAME);
            headers.insert(name, value);
            assert_eq!(Trail::read(&headers, NAME, 9), None, "{name}: {value}");
        }
    }
}
