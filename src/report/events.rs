//! What `tidegate events list` shows: a line or two for each event.

use anstyle::{AnsiColor, Effects, Style};

use super::table::minute;
use super::text::{TextStyle, paint, printable};
use crate::gate::event::CloudEvent;

/// What most types begin with.
const PREFIX: &str = "sh.keptn.event.";
/// From this width on an event takes one line.
const WIDE: u16 = 140;
/// How wide types are, where none is wider: `evaluation.invalidated`.
const TYPE: usize = 22;
/// How wide services are, where none is wider.
const SERVICE: usize = 28;

/// How the lines of a list are laid out. Events that come later don't change it.
#[derive(Clone, Copy, Debug)]
pub struct EventList {
    /// How text is drawn.
    style: TextStyle,
    /// How wide the types are.
    types: usize,
    /// How wide the services are.
    services: usize,
}

impl EventList {
    /// Looks at the first events.
    #[must_use]
    pub fn of(events: &[CloudEvent], style: TextStyle) -> Self {
        let widest = |text: fn(&CloudEvent) -> String| {
            let widths = events.iter().map(|event| text(event).chars().count());
            widths.max().unwrap_or_default()
        };
        Self {
            style,
            types: widest(short_type).clamp(TYPE, 2 * TYPE),
            services: widest(place).clamp(1, SERVICE),
        }
    }

    /// Writes one event.
    #[must_use]
    pub fn line(&self, event: &CloudEvent) -> String {
        let Self {
            style,
            types,
            services,
        } = *self;
        let time = event
            .time
            .map_or_else(|| "at an unknown time".to_owned(), minute);
        let (kind, place) = (short_type(event), place(event));
        let result = format!("{:<7}", printable(&event.data_text("result")));
        let result = match result.trim_end() {
            "pass" => paint(&result, AnsiColor::Green.on_default(), style),
            "warning" => paint(&result, AnsiColor::Yellow.on_default(), style),
            "fail" => paint(&result, AnsiColor::Red.on_default(), style),
            _ => result,
        };
        let line = format!("{time:<20}  {kind:<types$}  {result}  {place:<services$}");
        let id = printable(&event.id);
        if style.width >= WIDE {
            return format!("{line}  {id}\n");
        }
        let dim = Style::new().effects(Effects::DIMMED);
        format!("{}\n    {}\n", line.trim_end(), paint(&id, dim, style))
    }
}

/// Returns the type without what most types begin with.
fn short_type(event: &CloudEvent) -> String {
    let name = event.event_type.as_str();
    printable(name.strip_prefix(PREFIX).unwrap_or(name))
}

/// Returns the series.
fn place(event: &CloudEvent) -> String {
    let names = ["project", "stage", "service"].map(|name| event.data_text(name));
    if names.iter().all(String::is_empty) {
        return "-".to_owned();
    }
    printable(&names.join("/"))
}

/// Writes one event as it is stored, on one line.
#[must_use]
pub fn event_line(event: &CloudEvent) -> String {
    // A payload is kept as it came, and JSON has line breaks only between its parts.
    let json = serde_json::to_string(event).unwrap_or_default();
    format!("{}\n", json.replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::PLAIN;

    #[test]
    fn an_event_takes_one_line_where_there_is_room_and_two_elsewhere() {
        let events: Vec<CloudEvent> = [
            r#"{"id":"a\u001b[2J","type":"sh.keptn.event.evaluation.finished","time":"2024-02-01T10:00:00Z",
                "data":{"project":"shop","stage":"staging","service":"carts","result":"pass"}}"#,
            r#"{"id":"b","type":"com.example.other"}"#,
        ]
        .map(|json| serde_json::from_str(json).unwrap())
        .into();
        let write = |width| {
            let style = TextStyle { width, ..PLAIN };
            let list = EventList::of(&events, style);
            events
                .iter()
                .map(|event| list.line(event))
                .collect::<String>()
        };
        insta::assert_snapshot!(write(80), @r"
        2024-02-01 10:00:00Z  evaluation.finished     pass     shop/staging/carts
            a\u{1b}[2J
        at an unknown time    com.example.other                -
            b
        ");
        insta::assert_snapshot!(write(200), @r"
        2024-02-01 10:00:00Z  evaluation.finished     pass     shop/staging/carts  a\u{1b}[2J
        at an unknown time    com.example.other                -                   b
        ");
    }
}
