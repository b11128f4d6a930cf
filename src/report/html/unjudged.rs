//! The page that says that there is no verdict, so that nobody takes an older one for it.

use super::markup::{Markup, el, isolated};
use super::page::document;
use crate::report::Unjudged;

/// Writes that there is no verdict, why, and what to do.
pub(in crate::report) fn write(unjudged: &Unjudged<'_>) -> String {
    let series = unjudged.series.map(ToString::to_string);
    let series = series.unwrap_or_default();
    let sign = el("span").set("aria-hidden", "true").text("?");
    let verdict = el("span").class("verdict").add(sign).text(" No verdict");
    let title = el("h1")
        .add(verdict)
        .text(" ")
        .add(isolated(&series).class("series"));
    let lead = "Nothing was evaluated. This is neither a pass nor a fail.";
    let words = el("div")
        .class("words")
        .add(title)
        .add(el("p").class("lead").text(lead));
    let banner = el("header").class("banner u").add(words);
    let hint = unjudged.hint.map(|hint| {
        el("section")
            .set("aria-labelledby", "next")
            .add(el("h2").set("id", "next").text("What to do next"))
            .add(el("p").name(hint))
    });
    let ended = format!("{} ({})", unjudged.ended.code, unjudged.ended.name);
    let details = el("details")
        .add(el("summary").text("Everything about it, for programs"))
        .add(
            el("pre")
                .set("tabindex", "0")
                .add(el("code").add(Markup::preformatted(&format!("{:#}", unjudged.document)))),
        );
    let what = el("section")
        .set("aria-labelledby", "what")
        .add(el("h2").set("id", "what").text("What happened"))
        .add(el("p").name(unjudged.message))
        .add(
            el("p")
                .class("aside")
                .text(&format!("The process ended with exit code {ended}.")),
        );
    let main = el("main")
        .set("id", "main")
        .add(what)
        .add(hint)
        .add(details);
    let name = if series.is_empty() {
        "tidegate"
    } else {
        &series
    };
    document(
        &format!("? No verdict · {name}"),
        Markup::from(banner).and(main),
    )
}
