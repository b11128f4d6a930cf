//! How the score came about, step by step.

use super::markup::{Element, el};
use crate::gate::{Conclusion, Record};
use crate::report::explain;

/// Writes the section; nothing where nothing was scored.
pub(super) fn arithmetic(record: &Record) -> Option<Element> {
    let evaluation = &record.evaluation;
    if evaluation.conclusion != Conclusion::Scored || evaluation.objectives.is_none() {
        return None;
    }
    let steps = explain::arithmetic(record);
    let steps = steps.lines().skip(1);
    let steps = steps.map(|step| el("li").name(step.trim()));
    Some(
        el("section")
            .set("aria-labelledby", "arithmetic")
            .add(
                el("h2")
                    .set("id", "arithmetic")
                    .text("How the score came about"),
            )
            .add(el("ol").class("steps").all(steps)),
    )
}
