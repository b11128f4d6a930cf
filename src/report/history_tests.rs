//! What a history looks like at several widths.

use std::collections::BTreeMap;

use insta::assert_snapshot;

use super::samples::{PLAIN, all, earlier, record};
use super::{Charset, History, TextStyle, standing};
use crate::gate::event::RecordError;
use crate::gate::{ChronicleEntry, Conclusion, Record, Reference, Series};

/// Lists a record.
fn entry(id: &str, minute: u8, mut record: Record, change: Option<f64>) -> ChronicleEntry {
    let time = format!("2024-02-01T10:{minute:02}:30Z").parse().unwrap();
    record.ids.finished = id.to_owned();
    let Series {
        project,
        stage,
        service,
    } = &record.series;
    ChronicleEntry {
        id: id.to_owned(),
        time: Some(time),
        place: [project.to_string(), stage.to_string(), service.to_string()],
        record: Ok(Box::new(record)),
        invalidated: None,
        pinned: None,
        change,
    }
}

/// Returns one of everything.
fn entries() -> Vec<ChronicleEntry> {
    let past = [earlier(1, 400.0), earlier(2, 410.0)];
    let mut labelled = record(all(500.0, 0.2), &past);
    labelled.labels = BTreeMap::from(
        [
            ("branch", "feature/a-very-long-name-of-a-branch"),
            ("build", "1234"),
            ("commit", "0a1b2c3d"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    let mut pinned = record(all(400.0, 0.2), &past);
    pinned.evaluation.reference = Reference::Pinned {
        evaluation: "earlier-1".to_owned(),
        reason: String::new(),
    };
    let mut inconclusive = record(all(400.0, 0.2), &[]);
    inconclusive.evaluation.conclusion = Conclusion::Inconclusive("no data".to_owned());
    let mut list = vec![
        entry(
            "0194f1c2-3d5e-7a1b-8c2d-000000000005",
            5,
            labelled,
            Some(-25.0),
        ),
        entry("0194f1c2-3d4e-7a1b-8c2d-000000000004", 4, pinned, Some(0.0)),
        entry(
            "0194f1c2-3d00-7a1b-8c2d-000000000003",
            3,
            inconclusive,
            None,
        ),
        entry(
            "0194f1c2-3c00-7a1b-8c2d-000000000002",
            2,
            record(all(900.0, 2.0), &past),
            Some(33.333),
        ),
        entry(
            "0194f1c2-3b00-7a1b-8c2d-000000000001",
            1,
            record(all(400.0, 0.2), &past),
            None,
        ),
    ];
    list[1].pinned = Some("release 5".to_owned());
    list[3].invalidated = Some("wrong\u{1b}[2J load".to_owned());
    list[4].record = Err(RecordError::Missing("data.evaluation".to_owned()));
    list
}

/// Writes the history of a service, or of all.
fn write(series: Option<&Series>, width: u16, charset: Charset) -> String {
    let history = History {
        entries: &entries(),
        series,
        has_more: true,
    };
    history.text(TextStyle {
        charset,
        width,
        ..PLAIN
    })
}

#[test]
fn a_history_reads_at_80_columns() {
    let series = record(all(400.0, 0.2), &[]).series;
    let text = write(Some(&series), 80, Charset::Unicode);
    assert!(text.lines().all(|line| line.chars().count() <= 80));
    assert_snapshot!(text, @r"
    sockshop/staging/carts  ·▁·█▆  score 0 to 100

    ID             Stored (UTC)      Verdict         Score  Change  Labels
    ────────────────────────────────────────────────────────────────────────────────
    0194f1c2-3d5e  2024-02-01 10:05  ! WARNING       66.66     -25  branch=feature/…
    0194f1c2-3d4e  2024-02-01 10:04  ✓ PASS            100      ±0  build=17
        pinned as the reference: release 5
    0194f1c2-3d00  2024-02-01 10:03  ? INCONCLUSIVE                 build=17
    0194f1c2-3c00  2024-02-01 10:02  ✗ FAIL              0  +33.33  build=17
        invalidated: wrong\u{1b}[2J load
    0194f1c2-3b00  2024-02-01 10:01  ? unreadable
        can't be read: `data.evaluation` is missing

    Not shown at this width: compared with. See --output json.
    ");
}

#[test]
fn a_history_reads_at_200_columns() {
    let series = record(all(400.0, 0.2), &[]).series;
    assert_snapshot!(write(Some(&series), 200, Charset::Unicode), @r"
    sockshop/staging/carts  ·▁·█▆  score 0 to 100

    ID             Stored (UTC)      Verdict         Score  Change  Labels                                                                    Compared with
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    0194f1c2-3d5e  2024-02-01 10:05  ! WARNING       66.66     -25  branch=feature/a-very-long-name-of-a-branch, build=1234, commit=0a1b2c3d  earlier-1, earlier-2
    0194f1c2-3d4e  2024-02-01 10:04  ✓ PASS            100      ±0  build=17                                                                  pinned earlier-1, earlier-2
        pinned as the reference: release 5
    0194f1c2-3d00  2024-02-01 10:03  ? INCONCLUSIVE                 build=17                                                                  none
    0194f1c2-3c00  2024-02-01 10:02  ✗ FAIL              0  +33.33  build=17                                                                  earlier-1, earlier-2
        invalidated: wrong\u{1b}[2J load
    0194f1c2-3b00  2024-02-01 10:01  ? unreadable
        can't be read: `data.evaluation` is missing
    ");
}

#[test]
fn a_history_of_all_services_names_each() {
    assert_snapshot!(write(None, 80, Charset::Ascii), @r"
    all services

    ID             Stored (UTC)      Service             Verdict       Score  Change
    --------------------------------------------------------------------------------
    0194f1c2-3d5e  2024-02-01 10:05  sockshop/stagin...  WARNING       66.66     -25
    0194f1c2-3d4e  2024-02-01 10:04  sockshop/stagin...  PASS            100       0
        pinned as the reference: release 5
    0194f1c2-3d00  2024-02-01 10:03  sockshop/stagin...  INCONCLUSIVE
    0194f1c2-3c00  2024-02-01 10:02  sockshop/stagin...  FAIL              0  +33.33
        invalidated: wrong\u{1b}[2J load
    0194f1c2-3b00  2024-02-01 10:01  sockshop/stagin...  unreadable
        can't be read: `data.evaluation` is missing

    Not shown at this width: labels, compared with. See --output json.
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "the document is the test")]
fn programs_get_everything() {
    let entries = entries();
    let history = History {
        entries: &entries,
        series: None,
        has_more: true,
    };
    let document = history.document();
    assert_eq!(document["version"], 1);
    assert_eq!(document["before"], entries[4].id);
    insta::assert_json_snapshot!(document["evaluations"][1], @r#"
    {
      "id": "0194f1c2-3d4e-7a1b-8c2d-000000000004",
      "time": "2024-02-01T10:04:30Z",
      "project": "sockshop",
      "stage": "staging",
      "service": "carts",
      "result": "pass",
      "score": 100,
      "change": 0,
      "labels": {
        "build": "17"
      },
      "window": {
        "start": "2024-02-01T10:00:00.000Z",
        "end": "2024-02-01T10:05:00.000Z"
      },
      "compared": {
        "by": "pin",
        "reference": "earlier-1",
        "evaluations": [
          {
            "id": "earlier-1",
            "time": "2024-01-31T10:00:00Z",
            "result": "pass"
          },
          {
            "id": "earlier-2",
            "time": null,
            "result": "pass"
          }
        ]
      },
      "slis": [
        {
          "name": "response_time_p95",
          "status": "pass",
          "value": 400,
          "unit": null
        },
        {
          "name": "error_rate",
          "status": "pass",
          "value": 0.2,
          "unit": null
        },
        {
          "name": "throughput",
          "status": "info",
          "value": 87.123456789,
          "unit": "req/s"
        }
      ],
      "invalidated": null,
      "pinned": {
        "reason": "release 5"
      },
      "error": null
    }
    "#);
    let lines = history.lines();
    assert_eq!(lines.lines().count(), 5);
    let last: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(last["error"], "`data.evaluation` is missing");
    assert_eq!(last["version"], 1);
}

#[test]
fn what_was_said_since_is_a_sentence_each() {
    assert_eq!(standing(None, None), "");
    assert_snapshot!(standing(Some("wrong load"), Some("")), @"
    Invalidated since: no evaluation is compared with it any more: wrong load
    Pinned: later evaluations of its service are compared with it
    ");
}
