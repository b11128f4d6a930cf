//! What the fuzz target `lines` calls: any bytes as a file of lines, read by links.

use std::io::Cursor;

use super::append::by_links;
use super::reader::Reader;
use super::walk;
use crate::eventlog::Times;
use crate::eventlog::envelope::Envelope;
use crate::eventlog::filter::{Filter, Kinds};
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, EventType};

/// How many events a page has.
const LIMIT: usize = 5;

/// Reads pages of bytes, appends an event to them, and checks what holds of every page.
///
/// # Panics
/// Where something does not hold: that is what the fuzzer looks for.
pub fn read_lines(input: &[u8]) {
    let carts = Filter {
        project: Some("sockshop".to_owned()),
        stage: Some("staging".to_owned()),
        service: Some("carts".to_owned()),
        ..Filter::default()
    };
    let passed = Filter {
        kinds: Kinds::only(EventType::FINISHED),
        results: vec![Verdict::Pass, Verdict::Fail],
        ..carts.clone()
    };
    let steering = Filter {
        kinds: Kinds::Steering,
        ..Filter::default()
    };
    for filter in [Filter::default(), carts, passed, steering] {
        read_page(input, &filter);
    }
    let event = CloudEvent {
        id: "new".to_owned(),
        event_type: EventType::FINISHED.to_owned(),
        ..CloudEvent::default()
    };
    let end = input.len() as u64;
    let reader = Reader::new(Cursor::new(input), end);
    if let Ok((_, lines)) = by_links(reader, end, &[event], Times::Stamped) {
        assert!(lines.is_empty() || lines.ends_with("}\n"));
    }
}

/// Reads a page.
fn read_page(input: &[u8], filter: &Filter) {
    let reader = Reader::new(Cursor::new(input), input.len() as u64);
    let Ok(events) = walk::page(reader, filter, LIMIT) else {
        return;
    };
    assert!(events.len() <= LIMIT);
    let envelopes: Vec<_> = events.iter().map(Envelope::of).collect();
    assert!(envelopes.iter().all(|envelope| filter.admits(envelope)));
    assert!(envelopes.is_sorted_by(|newer, older| newer.order() >= older.order()));
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests: read the corpus")]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_corpus_of_the_fuzzer_is_replayed() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/lines");
        let entries: Vec<_> = std::fs::read_dir(corpus).unwrap().collect();
        for entry in &entries {
            let path = entry.as_ref().unwrap().path();
            read_lines(&std::fs::read(path).unwrap());
        }
        assert!(entries.len() > 2);
    }
}
