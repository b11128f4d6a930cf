//! Golden files: what each format makes of the same evaluations, in `fixtures/reports/CASE/FILE`. Read a difference like
//! code. `UPDATE_GOLDEN=1 cargo test --lib report::` writes them anew.

#![expect(
    clippy::disallowed_methods,
    reason = "golden files are read, and written where that is wanted"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::ci::{CiJob, CiSystem};
use super::samples::{
    HOSTILE_NAME, HOSTILE_TEXT, PLAIN, all, earlier, fail_with_gaps, hostile, hostile_trend,
    inconclusive, not_evaluated, pass_with_failing_objective, record, trend,
};
use super::{Account, Artifact, Detail, Ended, Format, Standing, Unjudged, write, write_unjudged};
use crate::gate::{Record, Trend};

/// An evaluation with everything around it.
pub(super) struct Case {
    /// The folder of its golden files.
    pub(super) name: &'static str,
    /// The evaluation.
    pub(super) record: Record,
    /// The evaluations before it.
    trend: Option<Trend>,
    /// What was said about it since.
    standing: Option<Standing<'static>>,
    /// How the process ends.
    ended: Option<Ended>,
    /// The job.
    job: Option<CiJob>,
    /// What was built.
    artifacts: Vec<Artifact>,
}

impl Case {
    /// Starts with an evaluation of which nothing more is known.
    fn of(name: &'static str, record: Record, ended: (u8, &'static str)) -> Self {
        let (code, name_of_code) = ended;
        Self {
            name,
            record,
            trend: None,
            standing: None,
            ended: Some(Ended {
                code,
                name: name_of_code,
            }),
            job: None,
            artifacts: Vec::new(),
        }
    }

    /// Returns what a report is written from.
    pub(super) fn account(&self) -> Account<'_> {
        Account {
            trend: self.trend.as_ref(),
            stored: Some(true),
            standing: self.standing,
            ended: self.ended,
            job: self.job.as_ref(),
            artifacts: &self.artifacts,
            ..Account::of(&self.record)
        }
    }
}

/// Returns the evaluations.
pub(super) fn cases() -> Vec<Case> {
    let history = [earlier(1, 500.0), earlier(0, 520.0)];
    let image = Artifact {
        name: "registry.example/carts".to_owned(),
        algorithm: "sha256".to_owned(),
        digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
    };
    vec![
        Case::of(
            "pass-without-history",
            record(all(540.25, 0.0), &[]),
            (0, "pass"),
        ),
        Case {
            trend: Some(trend()),
            job: Some(job("https://ci.example/shop/jobs/4711")),
            artifacts: vec![image],
            standing: Some(Standing {
                invalidated: None,
                pinned: Some("the release before the sale"),
            }),
            ..Case::of(
                "warning-with-baseline",
                record(all(640.0, 0.5), &history),
                (3, "warning"),
            )
        },
        Case::of("fail-with-gaps", fail_with_gaps(), (1, "fail")),
        Case::of(
            "pass-with-failing-objective",
            pass_with_failing_objective(),
            (0, "pass"),
        ),
        Case::of("inconclusive", inconclusive(), (4, "inconclusive")),
        Case::of("not-evaluated", not_evaluated(), (1, "fail")),
        Case {
            trend: Some(hostile_trend()),
            job: Some(job("javascript:alert(1)")),
            artifacts: vec![Artifact {
                name: HOSTILE_NAME.to_owned(),
                algorithm: "sha256".to_owned(),
                digest: "00".repeat(32),
            }],
            standing: Some(Standing {
                invalidated: Some(HOSTILE_TEXT),
                pinned: None,
            }),
            ..Case::of("hostile", hostile(), (1, "fail"))
        },
    ]
}

/// Returns a job of GitLab.
fn job(url: &str) -> CiJob {
    CiJob {
        system: CiSystem::Gitlab,
        labels: BTreeMap::from([("joburl".to_owned(), url.to_owned())]),
        repository: Some("acme/shop".to_owned()),
        commit: Some("4f9c1a0e7b6d5c3b2a190817263544536271809f".to_owned()),
        url: Some(url.to_owned()),
    }
}

/// Compares what a format makes of every evaluation with the golden files of this name; what it says where there is no
/// verdict stands in `unjudged` and `unjudged-hostile`.
#[track_caller]
pub(super) fn check(format: Format, file: &str) {
    for case in cases() {
        let text = write(format, &case.account(), Detail::Brief, PLAIN);
        compare(case.name, file, &text);
    }
    let (backend, hostile) = (
        unjudged("https://prometheus.example:9090 can't be reached: connection refused"),
        unjudged(HOSTILE_TEXT),
    );
    for (name, (message, document)) in [("unjudged", backend), ("unjudged-hostile", hostile)] {
        let series = (name == "unjudged").then(|| record(all(1.0, 1.0), &[]).series);
        let unjudged = Unjudged {
            series: series.as_ref(),
            ended: Ended {
                code: 69,
                name: "unavailable",
            },
            message: &message,
            hint: Some("look at `providers` in tidegate.yaml"),
            document: &document,
        };
        if let Some(text) = write_unjudged(format, &unjudged) {
            compare(name, file, &text);
        }
    }
}

/// Returns why there is no verdict, and the document about it.
fn unjudged(why: &str) -> (String, serde_json::Value) {
    let message = format!("no verdict: {why}");
    let document = json!({"error": {
        "code": 69, "name": "unavailable", "message": message,
        "hint": "look at `providers` in tidegate.yaml",
    }});
    (message, document)
}

/// Compares a text with a golden file, or writes it.
#[track_caller]
pub(super) fn compare(case: &str, file: &str, text: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/reports");
    let path = folder.join(case).join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|set| set == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = expected.lines().zip(text.lines()).position(|(a, b)| a != b);
    assert!(
        expected == text,
        "{case}/{file} differs in line {}; UPDATE_GOLDEN=1 writes it anew\n{text}",
        differs.map_or_else(|| "that only one has".to_owned(), |at| (at + 1).to_string()),
    );
}

#[test]
fn the_cases_end_as_they_are_called() {
    let endings = cases().into_iter().map(|case| {
        let ending = crate::gate::Ending::of(&case.record).as_str();
        (case.name, ending)
    });
    let endings: Vec<_> = endings.collect();
    assert_eq!(
        endings,
        [
            ("pass-without-history", "pass"),
            ("warning-with-baseline", "warning"),
            ("fail-with-gaps", "fail"),
            ("pass-with-failing-objective", "pass"),
            ("inconclusive", "inconclusive"),
            ("not-evaluated", "fail"),
            ("hostile", "fail"),
        ]
    );
}
