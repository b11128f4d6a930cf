//! The page as a whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::arithmetic::arithmetic;
use super::banner::banner;
use super::card::cards;
use super::comparison::comparison;
use super::facts::facts;
use super::heatmap::heatmap;
use super::markup::{Element, Markup, el};
use super::missed::{missed, title as title_of_missed};
use super::notes::notes;
use super::objectives::{objectives, ordered};
use super::runs::Runs;
use super::source::source;
use super::tone::Tone;
use crate::gate::{Conclusion, Ending, Record};
use crate::report::Account;
use crate::report::change::score;

/// How the page looks.
pub(super) const STYLE: &str = include_str!("report.css");
/// What makes it handier: to sort, to filter, to walk through cells with the arrow keys, to copy.
pub(super) const SCRIPT: &str = include_str!("report.js");

/// Writes an evaluation.
pub(in crate::report) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let runs = Runs::of(account);
    let ordered = ordered(record.evaluation.objectives());
    let sections: Vec<(&str, &str, Element)> = [
        ("missed", title_of_missed(&ordered), missed(&ordered)),
        ("notes", "What to know", notes(record)),
        ("objectives", "Objectives", objectives(&ordered, &runs)),
        (
            "runs",
            "Last evaluations",
            Some(heatmap(account, &ordered, &runs)),
        ),
        ("slis", "Each SLI", cards(record, &ordered, &runs)),
        ("comparison", "Comparison", comparison(account)),
        ("arithmetic", "Score", arithmetic(record)),
        ("slo", "SLO", Some(source(record))),
    ]
    .into_iter()
    .filter_map(|(id, name, section)| Some((id, name, section?)))
    .collect();
    let contents: Vec<(&str, &str)> = sections.iter().map(|(id, name, _)| (*id, *name)).collect();
    let main = el("main")
        .set("id", "main")
        .add(facts(account))
        .all(sections.into_iter().map(|(_, _, section)| section));
    let tone = Tone::of_ending(Ending::of(record));
    let body = Markup::from(
        el("a")
            .class("skip")
            .set("href", "#main")
            .text("Skip to the report"),
    )
    .and(banner(account, &runs))
    .and(navigation(&contents))
    .and(main)
    .and(footer(record));
    document(&title(record, tone), body)
}

/// Puts a body into a document with its policy, its style, and its script.
pub(super) fn document(title: &str, body: Markup) -> String {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT),
    );
    let meta = |name, content| el("meta").set("name", name).set("content", content);
    let head = el("head")
        .add(el("meta").set("charset", "utf-8"))
        .add(
            el("meta")
                .set("http-equiv", "Content-Security-Policy")
                .set("content", &policy),
        )
        .add(meta("viewport", "width=device-width, initial-scale=1"))
        .add(meta("color-scheme", "light dark"))
        .add(meta("referrer", "no-referrer"))
        .add(el("title").text(title))
        .add(el("style").code(STYLE));
    let body = el("body").add(body).add(el("script").code(SCRIPT));
    let html = el("html").set("lang", "en").add(head).add(body);
    Markup::from(html).into_document()
}

/// Returns the digest of our own style or script, as a policy names it.
pub(super) fn hash(code: &str) -> String {
    STANDARD.encode(digest(&SHA256, code.as_bytes()))
}

/// Returns the title: the verdict first, because tabs are narrow.
fn title(record: &Record, tone: Tone) -> String {
    let scored = match record.evaluation.conclusion {
        Conclusion::Scored => format!(" {}", score(record.evaluation.score)),
        Conclusion::Inconclusive(_)
        | Conclusion::RetrievalErrored
        | Conclusion::NotSucceeded(_) => String::new(),
    };
    format!(
        "{} {}{scored} · {}",
        tone.sign(),
        tone.title(),
        record.series
    )
}

/// Writes the way to each section.
fn navigation(contents: &[(&str, &str)]) -> Element {
    let each = contents.iter().map(|(id, name)| {
        let link = el("a").set("href", &format!("#{id}")).text(name);
        el("li").add(link)
    });
    el("nav")
        .set("aria-label", "Sections")
        .add(el("ul").all(each))
}

/// Writes the end of the page.
fn footer(record: &Record) -> Element {
    el("footer").add(
        el("p")
            .text("Written by ")
            .name(&record.producer)
            .text(". This page is complete: it loads nothing and sends nothing."),
    )
}
