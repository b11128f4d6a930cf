//! The course of one objective as a drawing: its values on an axis of their own, its limits, and its baseline.

use std::ops::Range;

use super::limit::{Limit, Purpose};
use super::markup::{Element, Markup, el};
use super::quantity::{judged, quantity_text};
use super::runs::Runs;
use super::scale::{Scale, apart, place};
use super::tone::Tone;
use super::trace::trace;
use crate::gate::{ObjectiveResult, Operator, Status, TrendValue};
use crate::report::change::rounded;

/// Where the values are drawn, from left to right.
const ACROSS: Range<f64> = 46.0..252.0;
/// Where the values are drawn, from top to bottom.
const DOWN: Range<f64> = 8.0..108.0;
/// How far apart labels are.
const LINE: f64 = 11.5;
/// From so many evaluations on a pass gets no dot.
const MANY: usize = 30;
/// A limit that lies further from the values than so many times their span is named at the edge, not drawn.
const FAR: f64 = 4.0;

/// The drawing of one objective.
pub(super) struct Chart<'a> {
    /// The objective.
    objective: &'a ObjectiveResult,
    /// What it was in each evaluation, the oldest first.
    course: Vec<Option<TrendValue>>,
    /// Its limits that have a number.
    limits: Vec<(Limit<'a>, f64)>,
    /// The numbers that are drawn.
    extent: Range<f64>,
    /// From numbers to heights.
    heights: Scale,
}

impl<'a> Chart<'a> {
    /// Lays out an objective; `None` where it never had a value.
    pub(super) fn of(objective: &'a ObjectiveResult, runs: &Runs) -> Option<Self> {
        let course = runs.course(objective.indicator.as_str());
        let limits: Vec<(Limit<'a>, f64)> = Limit::of(objective)
            .filter_map(|limit| Some((limit, limit.number()?)))
            .collect();
        let values = course.iter().flatten().filter_map(|value| value.value);
        let drawn: Vec<f64> = values.clone().chain(objective.baseline).collect();
        values.clone().next()?;
        let extent = extent(&drawn, limits.iter().map(|(_, number)| *number));
        Some(Self {
            objective,
            course,
            limits,
            heights: Scale::new(extent.clone(), DOWN.end..DOWN.start),
            extent,
        })
    }

    /// Draws it.
    pub(super) fn draw(&self) -> Element {
        el("svg")
            .class("chart")
            .set("width", "340")
            .set("height", "116")
            .set("viewBox", "0 0 340 116")
            .set("role", "img")
            .set("aria-label", &self.summary())
            .set("font-size", "10")
            .set("fill", "currentColor")
            .all(self.bands())
            .add(
                el("g")
                    .set("fill", "none")
                    .set("stroke", "currentColor")
                    .add(line("M46 108H252").set("stroke-opacity", ".3"))
                    .all(self.rules())
                    .add(self.values()),
            )
            .all(self.labels())
    }

    /// Says what is drawn.
    pub(super) fn summary(&self) -> String {
        let unit = self.objective.unit.as_deref();
        let known = || self.known().map(|(_, value, _)| value);
        let lowest = known().fold(f64::INFINITY, f64::min);
        let highest = known().fold(f64::NEG_INFINITY, f64::max);
        let now = judged(self.objective).map_or_else(
            || "no value".to_owned(),
            |shown| quantity_text(&shown, unit),
        );
        format!(
            "Lowest {}, highest {}, now {now}.",
            rounded(lowest, 6),
            rounded(highest, 6)
        )
    }

    /// Returns the places from left to right.
    fn widths(&self) -> Scale {
        let last = f64::from(u32::try_from(self.course.len().saturating_sub(1)).unwrap_or(0));
        if last == 0.0 {
            return Scale::new(0.0..0.0, ACROSS.end..ACROSS.end);
        }
        Scale::new(0.0..last, ACROSS)
    }

    /// Returns every value with its place from left to right, and what it came to.
    fn known(&self) -> impl Iterator<Item = (f64, f64, Status)> {
        let widths = self.widths();
        let indexed = (0_u32..).zip(&self.course);
        indexed.filter_map(move |(index, value)| {
            let value = (*value)?;
            Some((widths.place(f64::from(index)), value.value?, value.status))
        })
    }

    /// Shades where values are beyond every limit: those to pass by, then those to be a warning by. Which criteria are
    /// alternatives is not known here; what lies beyond all of them misses them either way.
    fn bands(&self) -> Vec<Element> {
        let Some((pass, is_upper)) = self.bound(Purpose::Pass) else {
            return Vec::new();
        };
        let edge = if is_upper { DOWN.start } else { DOWN.end };
        let pass = self.heights.place(pass);
        let warning = self
            .bound(Purpose::Warning)
            .filter(|(_, same)| *same == is_upper)
            .map(|(warning, _)| self.heights.place(warning))
            .filter(|warning| (*warning - edge).abs() < (pass - edge).abs());
        let middle = warning.unwrap_or(pass);
        [(pass, middle, Tone::Warning), (middle, edge, Tone::Fail)]
            .into_iter()
            .filter(|(from, to, _)| (from - to).abs() > 0.05)
            .map(|(from, to, tone)| band(from, to, tone))
            .collect()
    }

    /// Returns the loosest limit of a purpose, and whether values must stay below it; `None` where some must stay below
    /// and some above.
    fn bound(&self, purpose: Purpose) -> Option<(f64, bool)> {
        let of_purpose = self
            .limits
            .iter()
            .filter(|(limit, _)| limit.purpose == purpose);
        let bounds: Option<Vec<(f64, bool)>> = of_purpose
            .map(|(limit, number)| match limit.criterion?.operator {
                Operator::Less | Operator::LessOrEqual => Some((*number, true)),
                Operator::Greater | Operator::GreaterOrEqual => Some((*number, false)),
                Operator::Equal => None,
            })
            .collect();
        let bounds = bounds?;
        let (_, is_upper) = *bounds.first()?;
        let numbers = bounds.iter().map(|(number, _)| *number);
        let loosest = if is_upper {
            numbers.fold(f64::NEG_INFINITY, f64::max)
        } else {
            numbers.fold(f64::INFINITY, f64::min)
        };
        bounds
            .iter()
            .all(|(_, same)| *same == is_upper)
            .then_some((loosest, is_upper))
    }

    /// Draws the baseline and the limits.
    fn rules(&self) -> Vec<Element> {
        let rule = |number: f64| line(&format!("M46 {}H252", place(self.heights.place(number))));
        let baseline = self
            .objective
            .baseline
            .map(|baseline| rule(baseline).set("stroke-opacity", ".45"));
        let inside = self
            .limits
            .iter()
            .filter(|(_, number)| self.is_inside(*number));
        let limits = inside.map(|(limit, number)| match limit.purpose {
            Purpose::Pass => rule(*number).set("stroke-dasharray", "5 3"),
            Purpose::Warning => rule(*number)
                .class("s w")
                .set("stroke", Tone::Warning.colour())
                .set("stroke-width", "1.5")
                .set("stroke-dasharray", "1.5 3"),
        });
        baseline.into_iter().chain(limits).collect()
    }

    /// Tells whether a number lies within what is drawn.
    fn is_inside(&self, number: f64) -> bool {
        self.extent.start <= number && number <= self.extent.end
    }

    /// Draws the values: a line with gaps where there is none, a sign for each outcome, and the newest in a ring.
    fn values(&self) -> Markup {
        let values: Vec<Option<f64>> = self.course.iter().map(|v| v.as_ref()?.value).collect();
        let course = line(&trace(&values, self.widths(), self.heights))
            .set("stroke-width", "1.5")
            .set("stroke-opacity", ".6");
        let signs = [Status::Pass, Status::Info, Status::Warning, Status::Fail];
        let signs = signs.map(|status| self.signs(status));
        let this = self.course.last().copied().flatten();
        let ring = this.and_then(|this| Some(self.ring(this.value?, this.status)));
        Markup::from(course)
            .and(signs.into_iter().flatten().collect::<Markup>())
            .and(ring)
    }

    /// Draws the values with one outcome: dots, squares or crosses.
    fn signs(&self, status: Status) -> Option<Element> {
        // Where there are many the line tells enough of those that are fine.
        if status == Status::Pass && self.course.len() > MANY {
            return None;
        }
        let tone = Tone::of_status(status);
        let sign = |x: f64, y: f64| match status {
            Status::Fail => format!("M{} {}l5 5m0-5l-5 5", place(x - 2.5), place(y - 2.5)),
            Status::Pass | Status::Warning | Status::Info => {
                format!("M{} {}h0", place(x), place(y))
            }
        };
        let signs: String = self
            .known()
            .filter(|(_, _, own)| *own == status)
            .map(|(x, value, _)| sign(x, self.heights.place(value)))
            .collect();
        let (cap, width) = match status {
            Status::Pass | Status::Info => ("round", "3.5"),
            Status::Warning => ("square", "4.5"),
            Status::Fail => ("", "1.8"),
        };
        let drawn = line(&signs)
            .set("class", &format!("s {}", tone.class()))
            .set("stroke", tone.colour())
            .set("stroke-width", width);
        let drawn = if cap.is_empty() {
            drawn
        } else {
            drawn.set("stroke-linecap", cap)
        };
        (!signs.is_empty()).then_some(drawn)
    }

    /// Draws the ring around the newest value.
    fn ring(&self, value: f64, status: Status) -> Element {
        let tone = Tone::of_status(status);
        el("circle")
            .set("class", &format!("s {}", tone.class()))
            .set("cx", &place(ACROSS.end))
            .set("cy", &place(self.heights.place(value)))
            .set("r", "5.5")
            .set("stroke", tone.colour())
            .set("stroke-width", "2")
    }

    /// Names the lowest and the highest value on the left, limits, baseline and the newest value on the right.
    fn labels(&self) -> Vec<Element> {
        let values = || self.known().map(|(_, value, _)| value);
        let lowest = values().fold(f64::INFINITY, f64::min);
        let highest = values().fold(f64::NEG_INFINITY, f64::max);
        let mut left = vec![(lowest, rounded(lowest, 4))];
        if rounded(highest, 4) != rounded(lowest, 4) {
            left.push((highest, rounded(highest, 4)));
        }
        let limits = self.limits.iter().filter_map(|(limit, number)| {
            let word = match limit.purpose {
                Purpose::Pass => "pass",
                Purpose::Warning => "warn",
            };
            let arrow = match number {
                number if *number > self.extent.end => "↑ ",
                number if *number < self.extent.start => "↓ ",
                _ => "",
            };
            Some((*number, format!("{arrow}{word} {}", limit.short()?)))
        });
        let baseline = self.objective.baseline;
        let baseline = baseline.map(|number| (number, format!("base {}", rounded(number, 5))));
        let mut right: Vec<(f64, String)> = limits.chain(baseline).collect();
        right.dedup();
        let mut labels = self.column(&left, ACROSS.start - 8.0, "end");
        labels.extend(self.column(&right, ACROSS.end + 12.0, "start"));
        labels
    }

    /// Writes labels below each other, each as near to its number as possible.
    fn column(&self, labels: &[(f64, String)], x: f64, anchor: &str) -> Vec<Element> {
        let heights = labels
            .iter()
            .map(|(number, _)| self.heights.place(*number) + 3.5);
        let heights = apart(&heights.collect::<Vec<_>>(), LINE, DOWN.end + 3.5);
        let each = labels.iter().zip(heights);
        each.map(|((_, text), y)| {
            let label = el("text")
                .set("x", &place(x))
                .set("y", &place(y))
                .text(text);
            if anchor == "start" {
                label
            } else {
                label.set("text-anchor", anchor)
            }
        })
        .collect()
    }
}

/// Returns the numbers to draw: the values, and the limits that are not far from them, with some air.
pub(super) fn extent(values: &[f64], limits: impl Iterator<Item = f64>) -> Range<f64> {
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let size = lowest.abs().max(highest.abs());
    let span = (highest - lowest).max(size / 4.0);
    let near =
        |limit: &f64| span == 0.0 || (lowest - FAR * span..=highest + FAR * span).contains(limit);
    let (low, high) = limits
        .filter(near)
        .fold((lowest, highest), |(low, high), limit| {
            (low.min(limit), high.max(limit))
        });
    let air = match high - low {
        0.0 if size == 0.0 => 1.0,
        0.0 => size / 10.0,
        span => span / 10.0,
    };
    (low - air).max(f64::MIN)..(high + air).min(f64::MAX)
}

/// Starts a line.
pub(super) fn line(path: &str) -> Element {
    el("path").set("d", path)
}

/// Shades a part of the drawing.
fn band(from: f64, to: f64, tone: Tone) -> Element {
    el("rect")
        .set("class", &format!("band {}", tone.class()))
        .set("x", &place(ACROSS.start))
        .set("y", &place(from.min(to)))
        .set("width", &place(ACROSS.end - ACROSS.start))
        .set("height", &place((from - to).abs()))
        .set("fill", tone.colour())
        .set("fill-opacity", ".1")
}
