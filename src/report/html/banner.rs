//! The head of the page: the verdict, the score on its scale, and why, in words.

use super::markup::{Element, Markup, el, isolated};
use super::quantity::count;
use super::runs::Runs;
use super::scale::{Scale, place};
use super::tone::Tone;
use crate::gate::{Conclusion, Ending, Evaluation, Status, TotalScore};
use crate::report::change::{number, score};
use crate::report::explain;
use crate::report::{Account, Standing};

/// How wide the scale of the score is.
const WIDTH: f64 = 320.0;

/// Writes the head.
pub(super) fn banner(account: &Account<'_>, runs: &Runs) -> Element {
    let record = account.record;
    let tone = Tone::of_ending(Ending::of(record));
    let sign = el("span").set("aria-hidden", "true").text(tone.sign());
    let verdict = el("span")
        .class("verdict")
        .add(sign)
        .text(" ")
        .text(tone.title());
    let series = isolated(&record.series.to_string()).class("series");
    let title = el("h1").add(verdict).text(" ").add(series);
    let words = el("div")
        .class("words")
        .add(title)
        .add(reason(account, runs))
        .all(account.standing.iter().flat_map(standing));
    el("header")
        .set("class", &format!("banner {}", tone.class()))
        .add(words)
        .add(scored(&record.evaluation, tone))
}

/// Says why, in a few sentences.
fn reason(account: &Account<'_>, runs: &Runs) -> Markup {
    let evaluation = &account.record.evaluation;
    let mut sentences = match &evaluation.conclusion {
        Conclusion::Scored => explain::decision(account.record),
        Conclusion::Inconclusive(_) => vec!["There is no verdict: the data allow none.".to_owned()],
        Conclusion::RetrievalErrored => vec!["Nothing was scored.".to_owned()],
        Conclusion::NotSucceeded(_) => vec![
            "Another program stored it, and did not bring it to an end: nothing was scored."
                .to_owned(),
        ],
    };
    sentences.extend(tally(evaluation));
    sentences.extend(runs.sentence());
    let lead = el("p").class("lead").name(&sentences.join(" "));
    let message = el("p").class("message").name(&evaluation.message);
    let status = match &evaluation.conclusion {
        Conclusion::NotSucceeded(status) => {
            let text = el("p").class("message").text("Its status is ");
            Some(text.name(status).text("."))
        }
        Conclusion::Scored | Conclusion::Inconclusive(_) | Conclusion::RetrievalErrored => None,
    };
    let message = decides(evaluation).then_some(message);
    Markup::from(lead).and(message).and(status)
}

/// Tells whether the message says more than the score: where that alone did not decide.
pub(super) fn decides(evaluation: &Evaluation) -> bool {
    let by_score = evaluation.conclusion == Conclusion::Scored;
    let agrees = evaluation.verdict == evaluation.scored;
    !(evaluation.message.is_empty() || by_score && agrees)
}

/// Counts the objectives by what they came to.
fn tally(evaluation: &Evaluation) -> Option<String> {
    let of = |status: Status| {
        let objectives = evaluation.objectives().iter();
        objectives.filter(|o| o.status == status).count()
    };
    let all = evaluation.objectives().len();
    let told = [
        (of(Status::Fail), "failed"),
        (of(Status::Warning), "a warning"),
        (of(Status::Pass), "passed"),
        (of(Status::Info), "informational"),
    ];
    let told: Vec<String> = told
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(number, word)| match (*number, *word) {
            (number, "a warning") => count(number, "warning", "warnings"),
            (number, word) => format!("{number} {word}"),
        })
        .collect();
    let objectives = count(all, "objective", "objectives");
    (!told.is_empty()).then(|| format!("Of {objectives}: {}.", told.join(", ")))
}

/// Says what was said about it since.
fn standing(standing: &Standing<'_>) -> Vec<Element> {
    let said = |text: &str, reason: &str| {
        let strong = el("strong").text(text);
        let said = el("p").class("standing").add(strong);
        if reason.is_empty() {
            said
        } else {
            said.text(" ").name(reason)
        }
    };
    let invalidated = standing.invalidated.map(|reason| {
        said(
            "This evaluation was invalidated: later ones are not compared with it.",
            reason,
        )
    });
    let pinned = standing.pinned.map(|reason| {
        said(
            "This evaluation is pinned: later ones are compared with it.",
            reason,
        )
    });
    invalidated.into_iter().chain(pinned).collect()
}

/// Writes the score; nothing where nothing was scored.
fn scored(evaluation: &Evaluation, tone: Tone) -> Option<Element> {
    if evaluation.conclusion != Conclusion::Scored {
        return None;
    }
    let number = el("p")
        .class("score")
        .add(el("b").text(&score(evaluation.score)))
        .text(" ")
        .add(el("span").text("of 100"));
    let needed = evaluation
        .total_score
        .map_or_else(|| "Which score was needed is not known.".to_owned(), needed);
    Some(
        el("div")
            .class("scored")
            .add(number)
            .add(gauge(evaluation, tone))
            .add(el("p").class("needed").text(&needed)),
    )
}

/// Says which scores were needed.
fn needed(total_score: TotalScore) -> String {
    let pass = number(total_score.pass(), &[]);
    match total_score.warning() {
        Some(warning) => format!("{pass} to pass, {} for a warning", number(warning, &[])),
        None => format!("{pass} to pass; the SLO has no score for a warning"),
    }
}

/// Draws the score on its scale, with what was needed.
fn gauge(evaluation: &Evaluation, tone: Tone) -> Element {
    let scale = Scale::new(0.0..100.0, 0.0..WIDTH);
    let reached = place(scale.place(evaluation.score));
    let track = el("rect")
        .class("track")
        .set("y", "20")
        .set("width", &place(WIDTH))
        .set("height", "8")
        .set("rx", "4")
        .set("fill", "currentColor")
        .set("fill-opacity", "0.15");
    let fill = el("rect")
        .set("class", &format!("fill {}", tone.class()))
        .set("y", "20")
        .set("width", &reached)
        .set("height", "8")
        .set("rx", "4")
        .set("fill", tone.colour());
    let limits = evaluation.total_score.iter().flat_map(|needed| {
        let warning = needed.warning().map(|limit| (limit, "warning", "41"));
        let all = [Some((needed.pass(), "pass", "13")), warning];
        all.into_iter().flatten()
    });
    let limits = limits.map(|(limit, word, y)| tick(scale.place(limit), limit, word, y));
    el("svg")
        .class("gauge")
        .set("width", &place(WIDTH))
        .set("height", "44")
        .set("viewBox", "0 0 320 44")
        .set("aria-hidden", "true")
        .set("font-size", "11")
        .set("fill", "currentColor")
        .add(track)
        .add(fill)
        .all(limits)
}

/// Draws one score that was needed.
fn tick(x: f64, limit: f64, word: &str, y: &str) -> Markup {
    let line = el("path")
        .set("d", &format!("M{} 16v16", place(x)))
        .set("stroke", "currentColor")
        .set("stroke-width", "1.5");
    let anchor = match x {
        x if x > WIDTH * 0.8 => "end",
        x if x < WIDTH * 0.2 => "start",
        _ => "middle",
    };
    let text = el("text")
        .set("x", &place(x))
        .set("y", y)
        .set("text-anchor", anchor)
        .text(&format!("{word} {}", number(limit, &[])));
    Markup::from(line).and(text)
}
