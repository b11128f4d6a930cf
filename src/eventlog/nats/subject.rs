//! Where in a stream an event is filed: `PREFIX.PROJECT.STAGE.SERVICE.KIND.TYPE…`, each name one safe word.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

use crate::eventlog::envelope::Envelope;
use crate::eventlog::filter::{Filter, Kinds};
use crate::gate::event::EventType;

/// The most bytes of a name that stand in a subject as they are; NATS bounds the whole line.
const LONGEST: usize = 120;

/// The subjects of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subjects {
    /// The first word of each.
    prefix: String,
}

impl Subjects {
    /// Returns the subjects of the stream of that name.
    pub(super) fn of_stream(stream: &str) -> Self {
        Self {
            prefix: word(&stream.to_lowercase()),
        }
    }

    /// Returns the pattern of them all.
    pub(super) fn all(&self) -> String {
        format!("{}.>", self.prefix)
    }

    /// Returns the subject of an event.
    pub(super) fn of(&self, event: &Envelope) -> String {
        format!(
            "{}.{}.{}",
            self.series(
                &event.series.project,
                &event.series.stage,
                &event.series.service
            ),
            kind_of(&event.event_type),
            words(&event.event_type),
        )
    }

    /// Returns the pattern of the subjects of the series of an event.
    pub(super) fn of_series(&self, event: &Envelope) -> String {
        let series = &event.series;
        let names = self.series(&series.project, &series.stage, &series.service);
        format!("{names}.>")
    }

    /// Returns the narrowest pattern that lets through what a filter does.
    pub(super) fn of_filter(&self, filter: &Filter) -> String {
        let name = |name: &Option<String>| name.as_deref().map_or_else(|| "*".to_owned(), word);
        let names = format!(
            "{}.{}.{}.{}",
            self.prefix,
            name(&filter.project),
            name(&filter.stage),
            name(&filter.service)
        );
        match &filter.kinds {
            Kinds::Any => format!("{names}.>"),
            Kinds::Steering => format!("{names}.{STEERING}.>"),
            Kinds::Types(types) => match types.as_slice() {
                [one] => format!("{names}.*.{}", words(one)),
                _ => format!("{names}.>"),
            },
        }
    }

    /// Tells whether events on a subject, one that the pattern of the filter lets through, can have a type that the filter
    /// lets through.
    pub(super) fn admits(filter: &Filter, subject: &str) -> bool {
        match &filter.kinds {
            Kinds::Any | Kinds::Steering => true,
            Kinds::Types(types) => {
                let written = subject.splitn(6, '.').nth(5).unwrap_or_default();
                types.iter().any(|one| words(one) == written)
            }
        }
    }

    /// Returns the first words, up to the service.
    fn series(&self, project: &str, stage: &str, service: &str) -> String {
        format!(
            "{}.{}.{}.{}",
            self.prefix,
            word(project),
            word(stage),
            word(service)
        )
    }
}

/// Stands before the types that say something about stored evaluations.
const STEERING: &str = "s";

/// Returns the word before the type. Wildcards can't tell types by their end, so that this word must.
fn kind_of(event_type: &str) -> &'static str {
    if EventType::is_steering(event_type) {
        STEERING
    } else {
        "e"
    }
}

/// Writes a type as words with dots between them. Different types have different words.
fn words(event_type: &str) -> String {
    if event_type.len() > LONGEST {
        return word(event_type);
    }
    let words: Vec<String> = event_type.split('.').map(word).collect();
    words.join(".")
}

/// Writes a name as one word of a subject: letters, digits, `-` and `_` stay, anything else becomes `%` and two digits,
/// nothing at all becomes `%`. Different names have different words; of a long one the end is its digest.
pub(super) fn word(name: &str) -> String {
    if name.is_empty() {
        return "%".to_owned();
    }
    let (shown, digested) = if name.len() > LONGEST {
        (40, Some(digest(&SHA256, name.as_bytes())))
    } else {
        (LONGEST, None)
    };
    let mut word = String::new();
    for byte in name.bytes().take(shown) {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            word.push(char::from(byte));
        } else {
            push_hex(&mut word, "%", byte);
        }
    }
    if let Some(sum) = digested {
        word.push_str("%%");
        for byte in sum.as_ref() {
            push_hex(&mut word, "", *byte);
        }
    }
    word
}

/// Writes a byte as two digits.
fn push_hex(text: &mut String, before: &str, byte: u8) {
    // Writing to a text can't fail.
    let _infallible = write!(text, "{before}{byte:02X}");
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::eventlog::samples::{carts, finished, invalidation};

    fn subjects() -> Subjects {
        Subjects::of_stream("GATE")
    }

    fn subject_of(event: &crate::gate::event::CloudEvent) -> String {
        subjects().of(&Envelope::of(event))
    }

    #[test]
    fn a_subject_reads_like_what_it_files() {
        assert_eq!(
            subject_of(&finished("1", "")),
            "gate.sockshop.staging.carts.e.sh.keptn.event.evaluation.finished"
        );
        assert!(
            subject_of(&invalidation("1", "")).starts_with("gate.sockshop.staging.carts.s.sh.")
        );
    }

    #[test]
    fn different_names_have_different_words_and_each_is_safe() {
        let long = "x".repeat(5000);
        let names = [
            "", "%", "a.b", "a", "A", "*", ">", "a b", "a\r\nb", "ø", "%25", "$JS", &long, "🛒",
        ];
        let mut seen = HashMap::new();
        for name in names.into_iter().chain([format!("{long}y").as_str()]) {
            let word = word(name);
            assert!(!word.is_empty() && word.len() < 400, "{word}");
            assert!(
                word.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_%".contains(&b)),
                "{word}"
            );
            if let Some(other) = seen.insert(word, name.to_owned()) {
                panic!("{other} and {name} have the same word");
            }
        }
    }

    #[test]
    fn types_keep_their_dots_and_stay_different() {
        let types = ["a.b", "a..b", "a.b.", "", ".", "a%2Eb"];
        let written: std::collections::HashSet<_> = types.iter().map(|t| words(t)).collect();
        assert_eq!(written.len(), types.len());
        assert_eq!(words("a..b"), "a.%.b");
    }

    #[test]
    fn a_pattern_is_as_narrow_as_its_filter() {
        let all = Filter::default();
        let series = Filter {
            kinds: Kinds::only("a.b"),
            ..Filter::of_series(&carts())
        };
        let steering = Filter {
            project: Some("p.q".to_owned()),
            kinds: Kinds::Steering,
            ..Filter::default()
        };
        for (filter, pattern) in [
            (&all, "gate.*.*.*.>"),
            (&series, "gate.sockshop.staging.carts.*.a.b"),
            (&steering, "gate.p%2Eq.*.*.s.>"),
        ] {
            assert_eq!(subjects().of_filter(filter), pattern);
        }
        assert!(Subjects::admits(
            &series,
            "gate.sockshop.staging.carts.e.a.b"
        ));
        let two = Filter {
            kinds: Kinds::Types(vec!["x".to_owned(), "a.b".to_owned()]),
            ..Filter::default()
        };
        assert!(Subjects::admits(&two, "gate.p.s.s.s.a.b"));
        assert!(!Subjects::admits(&two, "gate.p.s.s.s.a.b.c"));
    }
}
