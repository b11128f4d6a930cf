//! The window of a task, as its event tells it (lighthouse.md 7.2).

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::gate::event::parse_time;
use crate::gate::{TimeWindow, WindowError, WindowRequest};

/// The window that an event asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskWindow {
    /// The window, as it is written.
    pub(super) request: WindowRequest,
    /// What is to be said of it.
    pub(super) warning: Option<String>,
}

/// Why there is no window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoWindow {
    /// The event says nothing of it.
    #[error(
        "the event says neither `evaluation.timeframe`, nor `evaluation.start` and `.end`, nor when a test ran; give \
         the task `properties: {{ timeframe: 5m }}` in the shipyard, or set `timeframe` in tidegate.yaml"
    )]
    Unsaid,
    /// What it says can't be used.
    #[error("the window of the evaluation can't be used: {0}")]
    Unusable(#[from] WindowError),
}

impl TaskWindow {
    /// Reads what the data of an event say, in Keptn's order; `fallback` is the timeframe where they say nothing.
    pub(super) fn of(data: &Value, fallback: Option<&str>) -> Result<Self, NoWindow> {
        let text = |member: &str, key: &str| {
            let text = data.get(member)?.get(key)?.as_str()?;
            Some(text.to_owned()).filter(|text| !text.is_empty())
        };
        let own = WindowRequest {
            start: text("evaluation", "start"),
            end: text("evaluation", "end"),
            timeframe: text("evaluation", "timeframe"),
        };
        if own.timeframe.is_some() || (own.start.is_some() && own.end.is_some()) {
            return Ok(own.into());
        }
        if let (Some(start), Some(end)) = (text("test", "start"), text("test", "end")) {
            return Ok(of_test(start, end));
        }
        if own.start.is_some() {
            return Err(WindowError::StartAlone.into());
        }
        if own.end.is_some() {
            return Err(WindowError::EndAlone.into());
        }
        let timeframe = fallback.ok_or(NoWindow::Unsaid)?.to_owned();
        Ok(WindowRequest {
            timeframe: Some(timeframe),
            ..WindowRequest::default()
        }
        .into())
    }

    /// Returns the window.
    pub(super) fn resolve(&self, now: Timestamp) -> Result<TimeWindow, NoWindow> {
        Ok(self.request.resolve(now)?)
    }
}

impl From<WindowRequest> for TaskWindow {
    fn from(request: WindowRequest) -> Self {
        Self {
            request,
            warning: None,
        }
    }
}

/// Returns the window of a test. One that took less than the shortest window gets the rest of it, too: Keptn takes any
/// length, and most backends then have no data.
fn of_test(start: String, end: String) -> TaskWindow {
    let shortest = TimeWindow::SHORTEST;
    let rest = |start: Timestamp, end: Timestamp| {
        let took = end.duration_since(start);
        (took >= SignedDuration::ZERO && took < shortest)
            .then(|| start.checked_add(shortest).ok())
            .flatten()
    };
    let longer = parse_time(&start)
        .zip(parse_time(&end))
        .and_then(|(start, end)| rest(start, end));
    let warning = longer.map(|_| {
        "the test took less than a minute, so the window is the minute from its start on".to_owned()
    });
    TaskWindow {
        request: WindowRequest {
            start: Some(start),
            end: Some(longer.map_or(end, |end| end.to_string())),
            timeframe: None,
        },
        warning,
    }
}

/// Returns the moment that a timeframe ends at: when the task was triggered, so that a second attempt looks at the same
/// window; to the millisecond, which is as fine as Keptn's windows are.
pub(super) fn moment(triggered: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let moment = triggered.map_or(now, |time| time.min(now));
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns the window of data, at ten o'clock.
    fn window(data: &Value, fallback: Option<&str>) -> String {
        let now = "2024-02-01T10:00:00Z".parse().unwrap();
        let found = TaskWindow::of(data, fallback).and_then(|found| {
            let window = found.resolve(now)?;
            Ok((found, window))
        });
        match found {
            Ok((found, window)) => format!(
                "{} to {}{}",
                window.start(),
                window.end(),
                found.warning.map_or("", |_| ", longer")
            ),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_order_is_that_of_keptn() {
        let (start, end) = ("2024-02-01T09:00:00Z", "2024-02-01T09:10:00Z");
        let test = json!({"start": "2024-02-01T08:00:00.000Z", "end": "2024-02-01T08:30:00.000Z"});
        let table = [
            json!({"evaluation": {"timeframe": "5m"}, "test": test}),
            json!({"evaluation": {"start": start, "end": end, "timeframe": ""}, "test": test}),
            json!({"evaluation": {"start": start, "timeframe": "2m"}}),
            json!({"evaluation": {"start": start}, "test": test}),
            json!({"evaluation": {"start": "", "end": "", "timeframe": ""}, "test": test}),
            json!({"test": {"start": start, "end": "2024-02-01T09:00:12Z"}}),
            json!({"evaluation": {"start": start}}),
            json!({"evaluation": {"end": end}}),
            json!({"evaluation": {"start": start, "end": end, "timeframe": "5m"}}),
            json!({"evaluation": {"timeframe": 5}, "test": "no"}),
            json!({"test": {"start": end, "end": start}}),
            json!(null),
        ];
        let shown: Vec<String> = table.iter().map(|data| window(data, None)).collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        2024-02-01T09:55:00Z to 2024-02-01T10:00:00Z
        2024-02-01T09:00:00Z to 2024-02-01T09:10:00Z
        2024-02-01T09:00:00Z to 2024-02-01T09:02:00Z
        2024-02-01T08:00:00Z to 2024-02-01T08:30:00Z
        2024-02-01T08:00:00Z to 2024-02-01T08:30:00Z
        2024-02-01T09:00:00Z to 2024-02-01T09:01:00Z, longer
        the window of the evaluation can't be used: no timeframe or end date provided beside the start date
        the window of the evaluation can't be used: start date is required when using an end date
        the window of the evaluation can't be used: 'end' and 'timeframe' are mutually exclusive
        the event says neither `evaluation.timeframe`, nor `evaluation.start` and `.end`, nor when a test ran; give the task `properties: { timeframe: 5m }` in the shipyard, or set `timeframe` in tidegate.yaml
        the window of the evaluation can't be used: end date must be at least 1 minute after start date, but the window is 2024-02-01T09:10:00Z to 2024-02-01T09:00:00Z
        the event says neither `evaluation.timeframe`, nor `evaluation.start` and `.end`, nor when a test ran; give the task `properties: { timeframe: 5m }` in the shipyard, or set `timeframe` in tidegate.yaml
        ");
        let fallen = window(&json!({}), Some("1m"));
        assert_eq!(fallen, "2024-02-01T09:59:00Z to 2024-02-01T10:00:00Z");
    }

    #[test]
    fn a_second_attempt_looks_at_the_same_window() {
        let now: Timestamp = "2024-02-01T10:00:00Z".parse().unwrap();
        let triggered: Timestamp = "2024-02-01T09:00:00.123456789Z".parse().unwrap();
        let expected: Timestamp = "2024-02-01T09:00:00.123Z".parse().unwrap();
        assert_eq!(moment(Some(triggered), now), expected);
        assert_eq!(moment(None, now), now);
        // A clock that runs ahead elsewhere does not make the window end in the future.
        assert_eq!(moment(Some(now), expected), expected);
    }
}
