//! The formats for programs and for merge requests: golden files, and what a parser makes of the worst texts.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other event or format is treated alike"
)]

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

use super::golden::{cases, check};
use super::samples::{PLAIN, all, hostile, hostile_trend, record};
use super::{Account, Artifact, Detail, Ended, Format, Standing, Unjudged, write, write_unjudged};
use crate::gate::{IndicatorName, Record, Trend};

#[test]
fn golden_files() {
    check(Format::Json, "result.json");
    check(Format::Sarif, "gate.sarif");
    check(Format::CodeQuality, "codequality.json");
    check(Format::JenkinsIssues, "jenkins-issues.json");
    check(Format::GitlabAnnotations, "gitlab-annotations.json");
    check(Format::CdEvents, "cdevents.jsonl");
    check(Format::InToto, "in-toto.json");
    check(Format::Badge, "badge.svg");
    check(Format::Shields, "shields.json");
    check(Format::Markdown, "gate.md");
    check(Format::KeptnEvents, "keptn-events.json");
}

/// The formats that are looked at here.
const OURS: [Format; 10] = [
    Format::Json,
    Format::KeptnEvents,
    Format::Markdown,
    Format::Sarif,
    Format::CodeQuality,
    Format::JenkinsIssues,
    Format::GitlabAnnotations,
    Format::CdEvents,
    Format::InToto,
    Format::Badge,
];

/// Makes texts of everything that means something somewhere, up to 10 kB long.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        Just("|".to_owned()),
        Just("\\".to_owned()),
        Just("`".to_owned()),
        Just("``` ".to_owned()),
        Just("-->".to_owned()),
        Just("</code></details><script>".to_owned()),
        Just("&#124;&lt;".to_owned()),
        Just("[a](https://x.y)![b](c)<https://x.y>".to_owned()),
        Just("https://x.y www.x.y @all a@b.c #1".to_owned()),
        Just("]]>\u{202e}\r\n\n# x\n| a |\n".to_owned()),
        Just("**_~~".to_owned()),
        Just("x".repeat(2500)),
    ];
    prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

/// Makes evaluations in which a text stands wherever one from outside can.
fn record_with_texts() -> impl Strategy<Value = Record> {
    (text(), text()).prop_map(|(one, other)| {
        let mut record = hostile();
        let name = |text: &str| {
            let printable: String = text.chars().filter(|c| !c.is_control()).collect();
            IndicatorName::new(printable).ok()
        };
        record.ids.finished.clone_from(&one);
        record.slo_file.path.clone_from(&other);
        record.slo_file.content.clone_from(&one);
        record.evaluation.message.clone_from(&one);
        record.producer.clone_from(&other);
        record.labels.insert(one.clone(), other.clone());
        for (at, objective) in record
            .evaluation
            .objectives
            .iter_mut()
            .flatten()
            .enumerate()
        {
            let text = if at % 2 == 0 { &one } else { &other };
            objective.display_name.clone_from(text);
            objective.unit = Some(text.clone());
            if let Some(name) = name(text) {
                objective.indicator = name;
            }
            if let Some(value) = &mut objective.value {
                value.message.clone_from(text);
            }
            for target in &mut objective.pass_targets {
                target.criteria.clone_from(text);
            }
        }
        record
    })
}

/// Returns everything there is to tell of an evaluation.
fn account<'a>(record: &'a Record, trend: &'a Trend, built: &'a [Artifact]) -> Account<'a> {
    Account {
        trend: Some(trend),
        standing: Some(Standing {
            invalidated: Some(&record.evaluation.message),
            pinned: None,
        }),
        artifacts: built,
        ..Account::of(record)
    }
}

/// Fails unless Markdown is what it should be: all rows have seven cells or four, nothing links, and the only HTML is ours.
fn check_markdown(markdown: &str) {
    const OURS: [&str; 6] = [
        "<code>",
        "</code>",
        "<br>",
        "<sub>",
        "</sub>",
        "</details>\n",
    ];
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let (mut cells, mut headings) = (0, 0);
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::TableRow | Tag::TableHead) => cells = 0,
            Event::Start(Tag::TableCell) => cells += 1,
            Event::End(pulldown_cmark::TagEnd::TableRow) => {
                assert!(cells == 7 || cells == 4, "{cells} cells: {markdown}");
            }
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(
                Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::Strikethrough,
            ) => {
                panic!("{event:?}: {markdown}")
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let is_ours = OURS.contains(&html.as_ref())
                    || html.starts_with("<!-- tidegate:")
                        && html.trim_end().ends_with("-->")
                        && html.matches("-->").count() == 1
                    || html.starts_with("<details><summary>") && html.matches('<').count() == 3;
                assert!(is_ours, "{html:?}: {markdown}");
            }
            _ => {}
        }
    }
    assert!(headings <= 2, "{markdown}");
    assert!(markdown.len() <= 1 << 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_format_stays_valid(record in record_with_texts(), image in text()) {
        let trend = hostile_trend();
        let built = [Artifact { name: image, algorithm: "sha256".to_owned(), digest: "00".repeat(32) }];
        let account = account(&record, &trend, &built);
        for format in OURS {
            let text = write(format, &account, Detail::Brief, PLAIN);
            match format {
                Format::CdEvents => {
                    for line in text.lines() {
                        prop_assert!(serde_json::from_str::<Value>(line).is_ok());
                    }
                }
                Format::Badge => {
                    let mut reader = quick_xml::Reader::from_str(&text);
                    while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
                }
                Format::Markdown => check_markdown(&text),
                _ => {
                    prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", format.name());
                }
            }
        }
        let decoded = super::decode(&write(Format::Json, &account, Detail::Brief, PLAIN)).unwrap();
        prop_assert_eq!(&decoded.record, &record);
    }

    #[test]
    fn what_says_that_there_is_no_verdict_stays_valid(message in text()) {
        let document = serde_json::json!({"error": {"message": message}});
        let series = hostile().series;
        let unjudged = Unjudged {
            series: Some(&series),
            ended: Ended { code: 69, name: "unavailable" },
            message: &message,
            hint: Some(&message),
            document: &document,
        };
        check_markdown(&write_unjudged(Format::Markdown, &unjudged).unwrap());
        let sarif = write_unjudged(Format::Sarif, &unjudged).unwrap();
        let sarif: Value = serde_json::from_str(&sarif).unwrap();
        prop_assert_eq!(&sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
    }
}

#[test]
fn markdown_is_cut_before_it_is_too_large_and_says_so() {
    let mut record = record(all(640.0, 0.5), &[]);
    let objective = record.evaluation.objectives()[0].clone();
    let mut objectives = vec![objective; 1500];
    for objective in &mut objectives {
        objective.display_name = "|`@".repeat(300);
    }
    record.evaluation.objectives = Some(objectives);
    let left_out = "is no reference: ".repeat(9000);
    record.labels.insert(left_out.clone(), left_out);
    let text = write(
        Format::Markdown,
        &Account::of(&record),
        Detail::Brief,
        PLAIN,
    );
    check_markdown(&text);
    assert!(
        text.contains("more objectives are left out here"),
        "{}",
        text.len()
    );
    assert!(text.starts_with("<!-- tidegate:sockshop/staging/carts -->\n## "));
}

#[test]
fn a_format_for_issues_blames_the_verdict_exactly_where_it_is_no_pass() {
    for case in cases() {
        let account = case.account();
        let text = write(Format::JenkinsIssues, &account, Detail::Brief, PLAIN);
        let issues: Value = serde_json::from_str(&text).unwrap();
        let count = |severity: &str| {
            let issues = issues["issues"].as_array().unwrap().iter();
            issues.filter(|issue| issue["severity"] == severity).count()
        };
        let expected = match crate::gate::Ending::of(&case.record).as_str() {
            "pass" => (0, 0),
            "warning" => (0, 1),
            _ => (1, 0),
        };
        assert_eq!((count("ERROR"), count("NORMAL")), expected, "{}", case.name);
    }
}

#[test]
fn fingerprints_stay_from_run_to_run_and_tell_objectives_apart() {
    let prints = |value: f64| -> Vec<String> {
        let record = record(all(value, 2.0), &[]);
        let text = write(
            Format::CodeQuality,
            &Account::of(&record),
            Detail::Brief,
            PLAIN,
        );
        let items: Vec<Value> = serde_json::from_str(&text).unwrap();
        let print = |item: &Value| item["fingerprint"].as_str().unwrap().to_owned();
        items.iter().map(print).collect()
    };
    let (first, second) = (prints(900.0), prints(950.0));
    assert_eq!(first, second);
    let distinct: std::collections::BTreeSet<&String> = first.iter().collect();
    assert_eq!((first.len(), distinct.len()), (3, 3));
}

#[test]
fn events_of_one_evaluation_have_ids_of_their_own_that_stay() {
    let record = record(all(640.0, 0.5), &[]);
    let text = || {
        write(
            Format::CdEvents,
            &Account::of(&record),
            Detail::Brief,
            PLAIN,
        )
    };
    let ids = |text: &str| -> std::collections::BTreeSet<String> {
        let id = |line: &str| {
            let event: Value = serde_json::from_str(line).unwrap();
            event["context"]["id"].as_str().unwrap().to_owned()
        };
        text.lines().map(id).collect()
    };
    assert_eq!(ids(&text()).len(), text().lines().count());
    assert_eq!(ids(&text()), ids(&text()));
    assert!(text().contains("\"reason\":\"warning: "));
}
