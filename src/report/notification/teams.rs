//! A message for a webhook of Teams' Workflows: an Adaptive Card, version 1.4.
//!
//! Everything from outside stands in text runs, which no reader takes for Markdown, so that no name can become a link.

use serde_json::{Value, json};

use super::message::{Message, Missed, Tone};
use super::notice::Notice;

/// How large a message may be, with some room to 28 KB.
const LARGEST: usize = 26_000;
/// How many objectives are named at most.
const MOST_MISSED: usize = 20;

/// Returns the message, with as many objectives named as there is room for.
pub(super) fn payload(notice: &Notice<'_>) -> Value {
    let message = Message::of(notice);
    let mut named = message.missed.len().min(MOST_MISSED);
    loop {
        let payload = card(&message, named, notice.page());
        if named == 0 || payload.to_string().len() <= LARGEST {
            return payload;
        }
        named -= 1;
    }
}

/// Returns the card.
fn card(message: &Message, named: usize, page: Option<&str>) -> Value {
    let colour = match message.tone {
        Tone::Good => "Good",
        Tone::Warning => "Warning",
        Tone::Bad => "Attention",
    };
    let verdict = json!({
        "type": "TextRun", "text": message.verdict, "size": "Large", "weight": "Bolder", "color": colour,
    });
    let series = json!({
        "type": "TextRun", "text": format!("  {}", message.series), "size": "Large", "weight": "Bolder",
    });
    let mut body = vec![lines(&[verdict, series]), lines(&[run(&message.headline)])];
    body.extend(message.missed.iter().take(named).map(missed));
    match message.missed.len() - named {
        0 => {}
        more => body.push(lines(&[run(&format!("and {more} more"))])),
    }
    body.extend(message.facts.iter().map(|(name, fact)| {
        let name = json!({"type": "TextRun", "text": format!("{name}: "), "isSubtle": true});
        lines(&[name, run(fact)])
    }));
    let mut content = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": message.in_short(),
        "msteams": {"width": "Full"},
        "body": body,
    });
    if let (Some(page), Some(members)) = (page, content.as_object_mut()) {
        let action = json!({"type": "Action.OpenUrl", "title": "Read more", "url": page});
        members.insert("actions".to_owned(), json!([action]));
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": content,
        }],
    })
}

/// Names an objective that lost points.
fn missed(missed: &Missed) -> Value {
    let name = json!({
        "type": "TextRun", "text": format!("{} {} ", missed.sign, missed.name), "weight": "Bolder",
    });
    lines(&[name, run(&missed.reason)])
}

/// Returns a paragraph.
fn lines(runs: &[Value]) -> Value {
    json!({"type": "RichTextBlock", "inlines": runs})
}

/// Returns text that is shown as it is.
fn run(text: &str) -> Value {
    json!({"type": "TextRun", "text": text})
}
