//! What was evaluated, when, and by whom.

use super::banner::decides;
use super::link::Link;
use super::markup::{Element, Markup, el, isolated};
use crate::gate::{Record, spoken};
use crate::report::Account;
use crate::report::table::minute;

/// The label with the address of the job.
const JOB_URL: &str = "joburl";
/// The label with the name of the job.
const JOB_NAME: &str = "jobname";
/// The label with the commit.
const COMMIT: &str = "commit";

/// Writes the facts as a list of names and values.
pub(super) fn facts(account: &Account<'_>) -> Element {
    let record = account.record;
    let mut list = vec![
        ("Window", window(record)),
        ("Evaluated", Markup::text(&minute(record.time))),
    ];
    if let Some(deployment) = &record.deployment {
        list.push(("Deployment", isolated(deployment).into()));
    }
    list.extend(job(account).map(|job| ("Job", job)));
    list.extend(commit(account).map(|commit| ("Commit", commit)));
    if !record.slo_file.path.is_empty() {
        list.push(("SLO", isolated(&record.slo_file.path).into()));
    }
    if let Some(ended) = account.ended {
        let text = format!("{} ({})", ended.code, ended.name);
        list.push(("Exit code", Markup::text(&text)));
    }
    let id = el("code").text(&record.ids.finished);
    list.push(("Evaluation", Markup::from(id).then(stored(account.stored))));
    list.push(("Made by", isolated(&record.producer).into()));
    let artifacts = account.artifacts.iter().map(|artifact| {
        let digest = format!("{}:{}", artifact.algorithm, artifact.digest);
        let name = Markup::from(isolated(&artifact.name)).then(" ");
        ("Artifact", name.and(el("code").text(&digest)))
    });
    list.extend(artifacts);
    let entries = list.into_iter().map(|(name, value)| entry(name, value));
    el("dl")
        .class("facts")
        .all(entries)
        .add(labels(account))
        .add(message(record))
}

/// Repeats what the evaluation says of itself, where the head of the page does not.
fn message(record: &Record) -> Option<Element> {
    let evaluation = &record.evaluation;
    let is_told = evaluation.message.is_empty() || decides(evaluation);
    (!is_told).then(|| entry("Message", isolated(&evaluation.message)).class("wide"))
}

/// Writes one fact.
fn entry(name: &str, value: impl Into<Markup>) -> Element {
    el("div").add(el("dt").text(name)).add(el("dd").add(value))
}

/// Says which span of time was looked at.
fn window(record: &Record) -> Markup {
    let Some(window) = record.window else {
        return Markup::text("not known: the stored evaluation does not tell");
    };
    let length = window.end().duration_since(window.start()).unsigned_abs();
    let length = format!("({})", spoken(length));
    let whole = |text: String| el("span").class("whole").text(&text);
    Markup::from(whole(minute(window.start())))
        .then(" ")
        .and(whole(format!("to {}", minute(window.end()))))
        .then(" ")
        .and(el("span").class("aside").text(&length))
}

/// Says where the job can be seen, where that is known.
fn job(account: &Account<'_>) -> Option<Markup> {
    let of_job = account.job.and_then(|job| job.url.as_deref());
    let of_label = account.record.labels.get(JOB_URL).map(String::as_str);
    let url = Link::parse(of_job.or(of_label)?)?;
    let name = account.record.labels.get(JOB_NAME);
    let text = name.map_or(url.address(), String::as_str);
    Some(el("a").link(&url).name(text).into())
}

/// Returns the commit, where it is known.
fn commit(account: &Account<'_>) -> Option<Markup> {
    let of_job = account.job.and_then(|job| job.commit.as_deref());
    let of_label = account.record.labels.get(COMMIT).map(String::as_str);
    let commit = of_job.or(of_label)?;
    Some(el("code").text(commit).into())
}

/// Says that an evaluation is not kept, where that is so.
fn stored(stored: Option<bool>) -> &'static str {
    match stored {
        Some(false) => " (not stored: later evaluations are not compared with it)",
        Some(true) | None => "",
    }
}

/// Writes the labels that are not told above; nothing where there are none.
fn labels(account: &Account<'_>) -> Option<Element> {
    let told = |key: &str| match key {
        JOB_URL | JOB_NAME => job(account).is_some(),
        COMMIT => true,
        _ => false,
    };
    let labels = account.record.labels.iter();
    let labels: Vec<_> = labels.filter(|(key, _)| !told(key)).collect();
    let each = labels.iter().map(|(key, value)| {
        let shown = match Link::parse(value) {
            Some(link) => el("a").link(&link).name(value),
            None => isolated(value),
        };
        let key = el("span").class("aside").name(key);
        el("li").add(key).text(" ").add(shown)
    });
    let list = el("ul").class("labels").all(each);
    (!labels.is_empty()).then(|| entry("Labels", list).class("wide"))
}
