//! Whatever texts come from outside, every format of lines stays one: read back by strict parsers, with the right counts.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use regex::Regex;
use serde_json::Value;

use super::junit_consumers_tests::parse;
use super::samples::{HOSTILE_TEXT, PLAIN, record_of, value};
use super::{Account, Detail, Ended, Format, Unjudged, write, write_unjudged};
use crate::gate::{
    FailureKind, FetchFailure, IndicatorName, Outcome, ProjectName, Reading, Readings, Record,
    ServiceName,
};

/// Texts as an attacker or a broken backend would send them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\x00-\\x1f\\x7f-\\x9f\u{200e}\u{202a}-\u{202e}\u{2028}\u{2029}\u{feff}\u{fffd}-\u{ffff}<>&\"'#\\\\|=,;\\]\\[-]{0,40}",
        Just(HOSTILE_TEXT.to_owned()),
        Just("é\n".repeat(5000)),
    ]
}

/// Names hold no control characters, and are not empty.
fn name() -> impl Strategy<Value = String> {
    text().prop_map(|text| {
        let name: String = text.chars().filter(|c| !c.is_control()).collect();
        if name.is_empty() {
            "x".to_owned()
        } else {
            name
        }
    })
}

/// Makes an evaluation in which these texts stand everywhere.
fn evaluation(names: &[String], text: &str) -> Record {
    let unique: BTreeSet<String> = names.iter().cloned().collect();
    let slo = "objectives: [{sli: a, pass: [{criteria: ['<1']}]}, {sli: b, pass: [{criteria: ['<1']}]}, {sli: c}]\ntotal_score: {pass: '90%'}";
    let failed = Outcome::Failed(FetchFailure {
        kind: FailureKind::BadAnswer,
        message: text.to_owned(),
    });
    let readings = vec![
        Reading {
            unit: Some(text.to_owned()),
            provider: Some(text.to_owned()),
            query: Some(text.to_owned()),
            ..value("a", 2.0)
        },
        Reading::new(IndicatorName::new("b").unwrap(), failed),
        value("c", 1e-9),
    ];
    let mut record = record_of(slo, Readings::new(readings), &[]);
    let objectives = record.evaluation.objectives.as_mut().unwrap();
    for (objective, name) in objectives.iter_mut().zip(&unique) {
        objective.indicator = IndicatorName::new(name.clone()).unwrap();
        objective.display_name = names[0].clone();
    }
    record.series.project = ProjectName::new(names[0].clone()).unwrap();
    record.series.service = ServiceName::new(names[0].clone()).unwrap();
    record.labels = BTreeMap::from([(text.to_owned(), text.to_owned())]);
    record.slo_file.path = text.to_owned();
    record.evaluation.message = text.to_owned();
    record.ids.finished = text.to_owned();
    record
}

/// Writes a format.
fn written(format: Format, record: &Record) -> String {
    let ended = Some(Ended {
        code: 1,
        name: "fail",
    });
    let account = Account {
        ended,
        ..Account::of(record)
    };
    write(format, &account, Detail::Brief, PLAIN)
}

/// Writes that there is no verdict.
fn unjudged(format: Format, text: &str) -> String {
    let unjudged = Unjudged {
        series: None,
        ended: Ended {
            code: 69,
            name: "unavailable",
        },
        message: text,
        hint: Some(text),
        document: &Value::Null,
    };
    write_unjudged(format, &unjudged).unwrap()
}

/// Returns the lines; nothing but `\n` may end one, for readers that know more line breaks than that.
fn lines(text: &str) -> Vec<&str> {
    let tears = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    assert!(!text.contains(tears), "{text:?}");
    assert!(text.ends_with('\n'));
    text.lines().collect()
}

/// Counts the tests of TAP, and reads each block as YAML.
fn tap(text: &str) -> (usize, usize) {
    let lines = lines(text);
    assert_eq!(lines[0], "TAP version 14");
    let (mut tests, mut failed, mut block) = (0, 0, None::<String>);
    for line in &lines[2..] {
        match (&mut block, *line) {
            (None, "  ---") => block = Some(String::new()),
            (Some(yaml), "  ...") => {
                let read: Value = serde_saphyr::from_str(yaml).unwrap();
                assert!(read["message"].is_string(), "{yaml}");
                block = None;
            }
            (Some(yaml), line) => {
                yaml.push_str(line.strip_prefix("  ").unwrap());
                yaml.push('\n');
            }
            (None, line) => {
                tests += 1;
                failed += usize::from(line.starts_with("not ok "));
                assert!(line.contains(&format!("ok {tests} - ")), "{line}");
            }
        }
    }
    assert_eq!(lines[1], format!("1..{tests}"));
    (tests, failed)
}

/// Reads metrics strictly, and returns how many samples there are.
fn metrics(text: &str) -> usize {
    let sample = Regex::new(
        r#"^tidegate_[a-z_]+(\{[a-z]+="([^"\\]|\\["\\])*"(,[a-z]+="([^"\\]|\\["\\])*")*\})? -?[0-9.]+(e-?[0-9]+)?$"#,
    )
    .unwrap();
    let lines = lines(text);
    let (last, lines) = lines.split_last().unwrap();
    assert_eq!(*last, "# EOF");
    let samples: Vec<_> = lines
        .iter()
        .filter(|line| !line.starts_with("# "))
        .collect();
    for line in &samples {
        assert!(sample.is_match(line), "{line}");
    }
    let series: BTreeSet<_> = samples
        .iter()
        .map(|line| line.rsplit_once(' ').unwrap().0)
        .collect();
    assert_eq!(series.len(), samples.len());
    samples.len()
}

/// Reads the line of a plug-in, and returns how many values there are.
fn nagios(text: &str) -> usize {
    let lines = lines(text);
    assert_eq!(lines.len(), 1);
    let (shown, data) = lines[0].split_once(" | ").unwrap_or((lines[0], ""));
    assert!(
        shown.chars().count() <= 80 && !shown.contains('|'),
        "{shown}"
    );
    let value =
        Regex::new(r"^(score|'[^'=|]*')=-?[0-9.]+[A-Za-z%]*(;[-~:0-9.]*){0,4}( |$)").unwrap();
    let (mut rest, mut values) = (data, 0);
    while let Some(found) = value.find(rest) {
        rest = &rest[found.end()..];
        values += 1;
    }
    assert_eq!(rest, "");
    values
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_format_stays_what_it_is(names in prop::collection::vec(name(), 3), text in text()) {
        let record = evaluation(&names, &text);
        let objectives = record.evaluation.objectives().len();

        let document = parse(&written(Format::Junit, &record));
        let mut cases = Vec::new();
        document.all("testcase", &mut cases);
        let unique: BTreeSet<_> = cases.iter().map(|case| case.attribute("name")).collect();
        prop_assert_eq!(unique.len(), objectives + 1);
        prop_assert_eq!(document.attribute("failures"), Some("2"));
        prop_assert_eq!(document.attribute("errors"), Some("1"));

        let document = parse(&written(Format::Checkstyle, &record));
        let mut found = Vec::new();
        document.all("error", &mut found);
        prop_assert_eq!(found.len(), 3);

        prop_assert_eq!(tap(&written(Format::Tap, &record)), (objectives + 1, 3));
        prop_assert_eq!(nagios(&written(Format::Nagios, &record)), 3);
        prop_assert!(metrics(&written(Format::OpenMetrics, &record)) >= 10);

        let csv = written(Format::Csv, &record);
        let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), objectives);
        for cell in rows.iter().flat_map(|row| row.iter()) {
            let formula = cell.trim_start().starts_with(['=', '+', '-', '@']);
            prop_assert!(!formula || cell.parse::<f64>().is_ok(), "{}", cell);
        }

        let variables = written(Format::Dotenv, &record);
        let variable = Regex::new(r"^TIDEGATE_[A-Z_]+=[A-Za-z0-9._:+-]+$").unwrap();
        let lines = lines(&variables);
        prop_assert!(lines.iter().all(|line| variable.is_match(line)), "{}", variables);
        prop_assert!(lines.len() <= 20 && variables.len() <= 5000);
    }

    #[test]
    fn that_there_is_no_verdict_can_be_read(text in text()) {
        let document = parse(&unjudged(Format::Junit, &text));
        prop_assert_eq!(document.attribute("errors"), Some("1"));
        let tap = unjudged(Format::Tap, &text);
        let tap = lines(&tap);
        prop_assert!(tap.len() == 2 && tap[1].starts_with("Bail out! "));
        prop_assert_eq!(metrics(&unjudged(Format::OpenMetrics, &text)), 5);
        prop_assert_eq!(nagios(&unjudged(Format::Nagios, &text)), 0);
        prop_assert_eq!(lines(&unjudged(Format::Dotenv, &text)).len(), 3);
    }
}
