//! What any program is told: the document of `--output json`; without a verdict, that of the error and of what was to be
//! evaluated.

use serde_json::{Value, json};

use super::notice::{Notice, What};
use crate::report::account::Unjudged;
use crate::report::json::document;

/// Returns the document.
pub(super) fn payload(notice: &Notice<'_>) -> Value {
    match notice.what {
        What::Judged { account, .. } => document(account),
        What::Unjudged(unjudged) => error(unjudged),
    }
}

/// Says that there is no verdict.
fn error(unjudged: &Unjudged<'_>) -> Value {
    let series = unjudged.series;
    let mut document = json!({
        "version": 1,
        "project": series.map(|series| series.project.as_str()),
        "stage": series.map(|series| series.stage.as_str()),
        "service": series.map(|series| series.service.as_str()),
    });
    if let (Some(members), Value::Object(error)) =
        (document.as_object_mut(), unjudged.document.clone())
    {
        members.extend(error);
    }
    document
}
