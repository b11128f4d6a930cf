//! `JUnit` XML by the rules of those who read it. Each of them is written down here as its sources have it: which element
//! decides, and which text is shown.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "any other event is a bug of the test"
)]

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::golden::cases;
use super::samples::PLAIN;
use super::{Account, Detail, Ended, Format, write};

/// What a consumer takes a test for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Passed,
    Skipped,
    Failed,
}

/// An element of a document.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
    pub(super) text: String,
}

impl Node {
    fn of(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap();
            (attribute.key.as_ref().to_owned(), value.into_owned())
        });
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let (_, value) = attributes.find(|(found, _)| found == name)?;
        Some(value)
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Collects all elements of a name.
    pub(super) fn all<'a>(&'a self, name: &str, found: &mut Vec<&'a Self>) {
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            child.all(name, found);
        }
    }
}

/// Reads a document; every tag must be closed, every entity known, and every character allowed.
pub(super) fn parse(text: &str) -> Node {
    let forbidden = |c: char| matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(!text.contains(forbidden));
    let mut reader = Reader::from_str(text);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open.push(Node::of(&start)),
            Event::Empty(start) => open.last_mut().unwrap().children.push(Node::of(&start)),
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text),
            Event::GeneralRef(entity) => {
                let known = match &*entity {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    "apos" => '\'',
                    other => panic!("unknown entity {other}"),
                };
                open.last_mut().unwrap().text.push(known);
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!(open.len(), 1, "an element is not closed");
    open.pop().unwrap().children.pop().unwrap()
}

/// Jenkins: skipped wins, then error, then failure; the message is the attribute, or the text where there is none.
fn jenkins(case: &Node) -> (Seen, String) {
    if let Some(skipped) = case.child("skipped") {
        return (
            Seen::Skipped,
            skipped.attribute("message").unwrap_or_default().to_owned(),
        );
    }
    match case.child("error").or_else(|| case.child("failure")) {
        Some(failed) => (
            Seen::Failed,
            failed
                .attribute("message")
                .unwrap_or(&failed.text)
                .to_owned(),
        ),
        None => (Seen::Passed, String::new()),
    }
}

/// GitLab: failure, then error, then skipped; only the text is shown.
fn gitlab(case: &Node) -> (Seen, String) {
    if let Some(failed) = case.child("failure").or_else(|| case.child("error")) {
        return (Seen::Failed, failed.text.clone());
    }
    match case.child("skipped") {
        Some(skipped) => (Seen::Skipped, skipped.text.clone()),
        None => (Seen::Passed, String::new()),
    }
}

/// Azure Pipelines: failure, then error, then skipped; the attribute is the message, the text the stack trace.
fn azure(case: &Node) -> (Seen, String) {
    let message = |node: &Node| node.attribute("message").unwrap_or_default().to_owned();
    if let Some(failed) = case.child("failure").or_else(|| case.child("error")) {
        return (Seen::Failed, message(failed));
    }
    match case.child("skipped") {
        Some(skipped) => (Seen::Skipped, message(skipped)),
        None => (Seen::Passed, String::new()),
    }
}

/// Returns what every consumer makes of each test; all of them must agree, and show the same first line.
fn seen(account: &Account<'_>) -> Vec<(String, Seen)> {
    let document = parse(&write(Format::Junit, account, Detail::Brief, PLAIN));
    let mut cases = Vec::new();
    document.all("testcase", &mut cases);
    let each = cases.into_iter().map(|case| {
        let (verdict, message) = jenkins(case);
        for (other, shown) in [gitlab(case), azure(case)] {
            assert_eq!(other, verdict);
            assert_eq!(shown.lines().next(), message.lines().next());
        }
        assert!(verdict == Seen::Passed || !message.is_empty());
        (case.attribute("name").unwrap().to_owned(), verdict)
    });
    each.collect()
}

/// Returns how often each of the three is seen: passed, skipped, failed.
fn counted(seen: &[(String, Seen)]) -> [usize; 3] {
    let count = |wanted| seen.iter().filter(|(_, seen)| *seen == wanted).count();
    [Seen::Passed, Seen::Skipped, Seen::Failed].map(count)
}

#[test]
fn all_consumers_see_the_same_and_no_one_takes_anything_but_a_pass_for_one() {
    let all: Vec<(&str, Seen, [usize; 3])> = cases()
        .iter()
        .map(|case| {
            let seen = seen(&case.account());
            assert_eq!(seen[0].0, "total score");
            (case.name, seen[0].1, counted(&seen))
        })
        .collect();
    assert_eq!(
        all,
        [
            ("pass-without-history", Seen::Passed, [4, 0, 0]),
            ("warning-with-baseline", Seen::Passed, [4, 0, 0]),
            ("fail-with-gaps", Seen::Failed, [1, 3, 4]),
            ("pass-with-failing-objective", Seen::Passed, [3, 0, 0]),
            ("inconclusive", Seen::Failed, [2, 0, 2]),
            ("not-evaluated", Seen::Failed, [0, 0, 1]),
            ("hostile", Seen::Failed, [2, 0, 3]),
        ]
    );
}

#[test]
fn the_exit_code_and_the_tests_never_disagree() {
    for case in cases() {
        for code in [0, 1, 3, 4, 73, 78] {
            let ended = Some(Ended { code, name: "x" });
            let seen = seen(&Account {
                ended,
                ..case.account()
            });
            let red = counted(&seen)[2] > 0;
            let stops = code == 1 || code >= 64 || case.name == "inconclusive";
            assert_eq!(red, stops, "{} with code {code}", case.name);
        }
    }
}

#[test]
fn an_excused_fail_is_neither_a_pass_nor_a_fail() {
    let case = cases()
        .into_iter()
        .find(|case| case.name == "fail-with-gaps")
        .unwrap();
    let ended = Some(Ended {
        code: 0,
        name: "pass",
    });
    let seen = seen(&Account {
        ended,
        ..case.account()
    });
    assert_eq!(seen[0].1, Seen::Skipped);
    assert_eq!(counted(&seen), [1, 7, 0]);
}

#[test]
fn no_text_attaches_a_file_of_the_runner() {
    let hostile = cases()
        .into_iter()
        .find(|case| case.name == "hostile")
        .unwrap();
    let document = parse(&write(
        Format::Junit,
        &hostile.account(),
        Detail::Brief,
        PLAIN,
    ));
    for name in ["system-out", "failure", "error", "skipped"] {
        let mut found = Vec::new();
        document.all(name, &mut found);
        assert!(
            found
                .iter()
                .all(|node| !node.text.contains("[[ATTACHMENT|"))
        );
    }
}
