//! A message for an incoming webhook of Slack: blocks, and a line of text for notifications that pop up.
//!
//! `&`, `<` and `>` are what mentions and links are made of, so they are escaped everywhere; `verbatim` keeps Slack from
//! finding links by itself.

use serde_json::{Value, json};

use super::message::{Message, Missed};
use super::notice::Notice;

/// How long a header may be.
const HEADER: usize = 150;
/// How long the text of a section may be.
const SECTION: usize = 3000;
/// How many objectives are named.
const MOST_MISSED: usize = 15;

/// Returns the message.
pub(super) fn payload(notice: &Notice<'_>) -> Value {
    let message = Message::of(notice);
    let header = format!("{} {}", message.verdict, message.series);
    let mut blocks = vec![
        json!({"type": "header", "text": plain(&escaped(&header, HEADER))}),
        json!({"type": "section", "text": plain(&escaped(&capitalized(&message.headline), SECTION))}),
    ];
    if !message.missed.is_empty() {
        blocks.push(json!({"type": "section", "text": marked_up(&missed(&message.missed))}));
    }
    let facts = message.facts.iter();
    let facts = facts.map(|(name, fact)| format!("{name}: {fact}"));
    let facts = facts.map(|fact| plain(&escaped(&fact, SECTION)));
    blocks.push(json!({"type": "context", "elements": facts.collect::<Vec<_>>()}));
    if let Some(page) = notice.page() {
        let button = json!({"type": "button", "text": plain("Read more"), "url": page});
        blocks.push(json!({"type": "actions", "elements": [button]}));
    }
    json!({"text": escaped(&message.in_short(), SECTION), "blocks": blocks})
}

/// Names the objectives that lost points, as many as there is room for.
fn missed(missed: &[Missed]) -> String {
    let mut lines = String::new();
    let mut named = 0;
    for one in missed.iter().take(MOST_MISSED) {
        let name = escaped(&one.name.replace('`', "'"), SECTION);
        let reason = escaped(&one.reason.replace(['`', '*', '~'], " "), SECTION);
        let line = format!("{} `{name}` {reason}\n", one.sign);
        // Enough is left to say how many more there are.
        if length(&lines) + length(&line) + 40 > SECTION {
            break;
        }
        lines.push_str(&line);
        named += 1;
    }
    match missed.len() - named {
        0 => {}
        more => lines = format!("{lines}and {more} more"),
    }
    lines.trim_end().to_owned()
}

/// Returns text that is shown as it is.
fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

/// Returns text with the marks of Slack in it.
fn marked_up(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text, "verbatim": true})
}

/// Begins a sentence.
fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => "No more is known.".to_owned(),
    }
}

/// Escapes what Slack reads as more than text, and cuts it, between characters, where it is longer.
fn escaped(text: &str, longest: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for character in text.chars() {
        let mut buffer = [0; 4];
        let piece = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            other => &*other.encode_utf8(&mut buffer),
        };
        used += length(piece);
        if used >= longest {
            out.push('…');
            break;
        }
        out.push_str(piece);
    }
    out
}

/// Returns how long Slack takes a text to be: in the units of UTF-16, which are never fewer than its characters.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
