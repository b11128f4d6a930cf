//! A badge as the endpoint of shields.io takes it. It refuses members that it does not know.

use serde_json::json;

use super::badge::{LABEL, message};
use super::{Account, Unjudged, pretty};
use crate::gate::{Ending, Verdict};

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let colour = match Ending::of(account.record) {
        Ending::Verdict(Verdict::Pass) => "brightgreen",
        Ending::Verdict(Verdict::Warning) => "yellow",
        Ending::Verdict(Verdict::Fail) => "red",
        Ending::Inconclusive => "lightgrey",
    };
    pretty(&json!({
        "schemaVersion": 1,
        "label": LABEL,
        "message": message(account),
        "color": colour,
    }))
}

/// Writes that there is no verdict.
pub(super) fn write_unjudged(_unjudged: &Unjudged<'_>) -> String {
    pretty(&json!({
        "schemaVersion": 1,
        "label": LABEL,
        "message": "no verdict",
        "color": "lightgrey",
        "isError": true,
    }))
}
