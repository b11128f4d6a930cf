//! Samples of real tools, damaged at random: no reader panics, and what is read holds together.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests read what real tools wrote"
)]

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::format::Format;
use super::options::ReadOptions;
use super::read::{Reading, Said, read_stream};
use super::results::Group;

/// What real tools wrote.
const WRITTEN: [(Format, &str); 12] = [
    (Format::JmeterCsv, "jmeter/parent.jtl"),
    (Format::JmeterCsv, "jmeter/no-header.jtl"),
    (Format::JmeterCsv, "jmeter/counts.jtl"),
    (Format::JmeterXml, "jmeter/xml-nested.jtl"),
    (Format::K6, "k6/summary-export.json"),
    (Format::K6, "k6/handle-summary.json"),
    (Format::K6, "k6/machine-readable-export.json"),
    (Format::K6Ndjson, "k6/short-points.json"),
    (Format::HeyCsv, "hey/flaky.csv"),
    (Format::OhaCsv, "oha/flaky.csv"),
    (Format::VegetaNdjson, "vegeta/shop.ndjson"),
    (Format::LocustJson, "locust/shop.json"),
];

/// How a file is damaged.
#[derive(Clone, Debug)]
enum Damage {
    /// It ends early.
    Cut(prop::sample::Index),
    /// A byte is another.
    Byte(prop::sample::Index, u8),
    /// A piece is missing.
    Hole(prop::sample::Index, usize),
    /// A piece comes from elsewhere.
    Copy(prop::sample::Index, prop::sample::Index, usize),
    /// A text stands in the middle.
    Text(prop::sample::Index, &'static str),
}

/// Makes damage.
fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    let texts = [
        "\"",
        "\n",
        ",",
        "<",
        "]]",
        "{",
        "null",
        "-1",
        "1e308",
        "99999999999999999999",
        "\u{feff}",
        "\r",
        "\0",
    ];
    prop_oneof![
        index().prop_map(Damage::Cut),
        (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        (index(), 1_usize..200).prop_map(|(at, length)| Damage::Hole(at, length)),
        (index(), index(), 1_usize..200)
            .prop_map(|(at, from, length)| Damage::Copy(at, from, length)),
        (index(), prop::sample::select(texts.to_vec()))
            .prop_map(|(at, text)| Damage::Text(at, text)),
    ]
}

impl Damage {
    /// Damages a text.
    fn apply(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let length = text.len();
        match self {
            Self::Cut(at) => text.truncate(at.index(length)),
            Self::Byte(at, byte) => text[at.index(length)] = *byte,
            Self::Hole(at, size) => {
                let at = at.index(length);
                text.drain(at..(at + size).min(length));
            }
            Self::Copy(at, from, size) => {
                let (at, from) = (at.index(length), from.index(length));
                let piece = text[from..(from + size).min(length)].to_vec();
                text.splice(at..at, piece);
            }
            Self::Text(at, new) => {
                let at = at.index(length);
                text.splice(at..at, new.bytes());
            }
        }
    }
}

/// Checks that the figures of a part hold together.
fn check(group: &Group) -> Result<(), TestCaseError> {
    let value = |name: &str| group.figures.get(name).map(|figure| figure.value);
    let at_most = |less: Option<f64>, more: Option<f64>| match (less, more) {
        (Some(less), Some(more)) => less.is_nan() || more.is_nan() || less <= more,
        (None, _) | (_, None) => true,
    };
    prop_assert!(at_most(value("error_rate"), Some(1.0)));
    if group.times.is_some() {
        prop_assert!(at_most(
            value("response_time_p50"),
            value("response_time_p95")
        ));
        prop_assert!(at_most(
            value("response_time_p95"),
            value("response_time_p99")
        ));
        prop_assert!(at_most(value("failure_count"), value("request_count")));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_damaged_file_is_an_error_in_one_line_or_has_figures_that_hold_together(
        (format, name) in prop::sample::select(WRITTEN.to_vec()),
        damages in prop::collection::vec(damage(), 0..4),
        detected in any::<bool>(),
    ) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/results");
        let mut text = std::fs::read(folder.join(name)).unwrap();
        for damage in &damages {
            damage.apply(&mut text);
        }
        let reading = Reading {
            formats: if detected { Vec::new() } else { vec![format] },
            options: ReadOptions::default(),
            stop: Arc::default(),
        };
        match read_stream(text.as_slice(), &reading) {
            Ok((_, Said::Figures(results))) => {
                check(&results.total)?;
                for group in results.groups.values() {
                    check(group)?;
                }
                if damages.is_empty() {
                    prop_assert!(results.total.figures["request_count"].value > 0.0);
                }
            }
            Ok((_, Said::Document(_))) => {}
            Err(error) => {
                prop_assert!(!damages.is_empty(), "{}", error);
                let text = error.to_string();
                prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
                prop_assert!(text.len() < 1000, "{}", text);
            }
        }
    }
}
