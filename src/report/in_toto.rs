//! An in-toto statement (v1) with the test-result predicate (v0.1), unsigned: what to hand to `cosign attest`.

use serde_json::{Value, json};

use super::account::Artifact;
use super::ci::CiJob;
use super::headline::shown_score;
use super::slo_lines::slo_path;
use super::{Account, fingerprint, pretty};
use crate::gate::{Ending, ObjectiveResult, Status, Verdict};

/// The type of the statement.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The type of what it says.
const PREDICATE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// Tells whether there is anything that a statement could be about.
#[must_use]
pub fn has_subject(artifacts: &[Artifact], job: Option<&CiJob>) -> bool {
    !subjects(artifacts, job).is_empty()
}

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let ending = Ending::of(record);
    let result = match ending {
        Ending::Verdict(Verdict::Pass) => "PASSED",
        Ending::Verdict(Verdict::Warning) => "WARNED",
        Ending::Verdict(Verdict::Fail) | Ending::Inconclusive => "FAILED",
    };
    let slo = json!({
        "name": slo_path(record),
        "digest": {"sha256": fingerprint::sha256(&record.slo_file.content)},
        "annotations": {
            "tidegate.result": ending.as_str(),
            "tidegate.score": shown_score(record),
            "tidegate.evaluation": record.ids.finished,
            "tidegate.series": record.series.to_string(),
            "tidegate.window.start": record.window.map(|window| window.start().to_string()),
            "tidegate.window.end": record.window.map(|window| window.end().to_string()),
        },
    });
    let names = |wanted: Status| -> Vec<&str> {
        let objectives = record.evaluation.objectives().iter();
        let objectives = objectives.filter(|objective| objective.status == wanted);
        objectives.map(ObjectiveResult::shown_name).collect()
    };
    let mut predicate = json!({
        "result": result,
        "configuration": [slo],
        "passedTests": names(Status::Pass),
        "warnedTests": names(Status::Warning),
        "failedTests": names(Status::Fail),
    });
    let url = account.job.and_then(|job| job.url.as_deref());
    if let (Some(url), Some(members)) = (url, predicate.as_object_mut()) {
        members.insert("url".to_owned(), url.into());
    }
    pretty(&json!({
        "_type": STATEMENT,
        "subject": subjects(account.artifacts, account.job),
        "predicateType": PREDICATE,
        "predicate": predicate,
    }))
}

/// Returns what the statement is about: what was built, else the commit of the job.
fn subjects(artifacts: &[Artifact], job: Option<&CiJob>) -> Vec<Value> {
    let built: Vec<Value> = artifacts
        .iter()
        .map(|artifact| {
            let algorithm = artifact.algorithm.as_str();
            json!({"name": artifact.name, "digest": {algorithm: artifact.digest}})
        })
        .collect();
    if !built.is_empty() {
        return built;
    }
    let commit = job.and_then(|job| {
        let commit = job.commit.as_deref()?;
        let repository = job.repository.as_deref().unwrap_or("repository");
        Some(json!({"name": repository, "digest": {"gitCommit": commit}}))
    });
    commit.into_iter().collect()
}
