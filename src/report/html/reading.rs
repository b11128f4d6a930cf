//! Where a number comes from: who was asked, what, and how that went.

use super::link::Link;
use super::markup::{Element, Markup, el, isolated};
use super::quantity::count;
use crate::gate::{Outcome, Reading};
use crate::report::advice::advice;
use crate::report::change::number;
use crate::report::json::milliseconds;

/// Writes how a reading was made, folded up.
pub(super) fn reading(reading: &Reading) -> Element {
    let provider = reading.provider.as_deref();
    let summary = match provider {
        Some(provider) => el("summary").text("Asked of ").name(provider),
        None => el("summary").text("Where the number comes from"),
    };
    let summary = summary.text(&in_short(reading));
    el("details").add(summary).add(el("dl").add(facts(reading)))
}

/// Says in a few words how it went.
fn in_short(reading: &Reading) -> String {
    let samples = reading.samples.map(|samples| {
        count(
            usize::try_from(samples).unwrap_or(usize::MAX),
            "sample",
            "samples",
        )
    });
    let warnings = Some(reading.warnings.len()).filter(|warnings| *warnings > 0);
    let warnings = warnings.map(|number| count(number, "warning", "warnings"));
    let facts = [Some(String::new()), samples, elapsed(reading), warnings];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    facts.join(" · ")
}

/// Returns how long it took.
fn elapsed(reading: &Reading) -> Option<String> {
    milliseconds(reading).map(|elapsed| format!("{elapsed:.1} ms"))
}

/// Writes all that is known.
fn facts(reading: &Reading) -> Markup {
    let attempts = (reading.attempts > 0).then(|| reading.attempts.to_string());
    let endpoint = reading.endpoint.as_deref().map(|endpoint| {
        Link::parse(endpoint).map_or_else(
            || isolated(endpoint).into(),
            |link| Markup::from(el("a").link(&link).name(endpoint)),
        )
    });
    let query = reading.query.as_deref().map(|query| {
        let query = Markup::preformatted(query.trim_end());
        Markup::from(el("pre").set("tabindex", "0").add(el("code").add(query)))
    });
    let warnings = reading
        .warnings
        .iter()
        .map(|warning| isolated(warning).into());
    let hint = advice(&reading.outcome).map(Markup::text);
    let plain = |text: Option<String>| text.map(|text| isolated(&text).into());
    let facts = [
        ("Answer", Some(outcome(reading))),
        ("What to try", hint),
        ("Endpoint", endpoint),
        ("Query", query),
        (
            "Samples",
            plain(reading.samples.map(|samples| samples.to_string())),
        ),
        ("Reduced", plain(reading.reduced.clone())),
        ("Attempts", plain(attempts)),
        ("Took", plain(elapsed(reading))),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(name, fact)| Some((name, fact?)));
    facts
        .chain(warnings.map(|warning| ("Warning", warning)))
        .map(|(name, fact)| el("div").add(el("dt").text(name)).add(el("dd").add(fact)))
        .collect()
}

/// Says what came back.
fn outcome(reading: &Reading) -> Markup {
    let unit = reading.unit.as_deref();
    match &reading.outcome {
        Outcome::Value(value) => super::quantity::quantity(&number(value.get(), &[]), unit),
        Outcome::NoData(reason) => Markup::text("no data: ").and(isolated(reason)),
        Outcome::Failed(failure) => Markup::text("failed: ").and(isolated(&failure.message)),
    }
}
