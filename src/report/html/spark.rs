//! The course of one objective, as small as a row of a table is high.

use super::chart::{extent, line};
use super::markup::{Element, el};
use super::runs::Runs;
use super::scale::{Scale, place};
use super::tone::Tone;
use super::trace::trace;
use crate::gate::ObjectiveResult;

/// Draws the course of an objective; nothing where there are no two values.
pub(super) fn sparkline(objective: &ObjectiveResult, runs: &Runs) -> Option<Element> {
    let course = runs.course(objective.indicator.as_str());
    let values: Vec<Option<f64>> = course.iter().map(|value| value.as_ref()?.value).collect();
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    if known.len() < 2 {
        return None;
    }
    let heights = Scale::new(extent(&known, std::iter::empty()), 20.0..2.0);
    let last = f64::from(u32::try_from(values.len().saturating_sub(1)).unwrap_or(0));
    let widths = Scale::new(0.0..last, 2.0..84.0);
    let path = trace(&values, widths, heights);
    let tone = Tone::of_status(objective.status);
    let newest = values.last().copied().flatten().map(|value| {
        el("circle")
            .set("class", &format!("fill {}", tone.class()))
            .set("cx", "84")
            .set("cy", &place(heights.place(value)))
            .set("r", "2.5")
            .set("fill", tone.colour())
    });
    Some(
        el("svg")
            .class("spark")
            .set("width", "88")
            .set("height", "22")
            .set("viewBox", "0 0 88 22")
            .set("aria-hidden", "true")
            .add(
                line(&path)
                    .set("fill", "none")
                    .set("stroke", "currentColor")
                    .set("stroke-opacity", ".55"),
            )
            .add(newest),
    )
}
