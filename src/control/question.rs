//! What to ask of the event history.

use jiff::{SignedDuration, Timestamp};

use crate::gate::event::keptn_time;

/// Which events to ask for; all that is said must be met. The answer may hold a few more around the times: Keptn
/// compares them as text, which is right for whole seconds only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuestion {
    /// Of this project. Without one Keptn looks where the context belongs, else only at events without a project.
    pub project: Option<String>,
    /// Of this stage.
    pub stage: Option<String>,
    /// Of this service.
    pub service: Option<String>,
    /// Of this type.
    pub event_type: Option<String>,
    /// Of this Keptn context.
    pub context: Option<String>,
    /// With this id of Keptn's.
    pub id: Option<String>,
    /// At or after this instant.
    pub since: Option<Timestamp>,
    /// At or before this instant.
    pub until: Option<Timestamp>,
}

impl EventQuestion {
    /// Returns the parameters that say it. What is "" can't be asked for: Keptn would look for that very text.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let Self {
            project,
            stage,
            service,
            event_type,
            context,
            id,
            since,
            until,
        } = self;
        let since = since.as_ref().map(|since| before_second_of(*since));
        let until = until.as_ref().map(|until| after_second_of(*until));
        let named = [
            ("project", project),
            ("stage", stage),
            ("service", service),
            ("type", event_type),
            ("keptnContext", context),
            ("eventID", id),
            ("fromTime", &since),
            ("beforeTime", &until),
        ];
        named
            .into_iter()
            .filter_map(|(name, value)| {
                let value = value.as_ref().filter(|value| !value.is_empty())?;
                Some((name.to_owned(), value.clone()))
            })
            .collect()
    }
}

/// Returns a text that sorts before that of every instant of the same second, and after those of the second before
/// but one, whatever digits they have.
pub(super) fn before_second_of(time: Timestamp) -> String {
    let second = floor(time).checked_sub(SignedDuration::from_millis(1));
    keptn_time(second.unwrap_or(Timestamp::MIN))
}

/// Returns a text that sorts after that of every instant of the same second.
fn after_second_of(time: Timestamp) -> String {
    let next = floor(time).checked_add(SignedDuration::from_secs(1));
    keptn_time(next.unwrap_or(Timestamp::MAX))
}

/// Returns the whole second at or before an instant.
fn floor(time: Timestamp) -> Timestamp {
    let below = i64::from(time.subsec_nanosecond() < 0);
    Timestamp::from_second(time.as_second().saturating_sub(below)).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_widened_to_whole_seconds_because_keptn_compares_text() {
        let time: Timestamp = "2024-02-01T10:00:00.5Z".parse().unwrap();
        let (from, before) = (before_second_of(time), after_second_of(time));
        assert_eq!(from, "2024-02-01T09:59:59.999Z");
        assert_eq!(before, "2024-02-01T10:00:01.000Z");
        for text in [
            "2024-02-01T10:00:00Z",
            "2024-02-01T10:00:00.5Z",
            "2024-02-01T10:00:00.123456789Z",
            "2024-02-01T10:00:00.999Z",
        ] {
            assert!(text > from.as_str() && text < before.as_str(), "{text}");
        }
        assert!("2024-02-01T10:00:01Z" > before.as_str());
        let old: Timestamp = "1969-12-31T23:59:58.5Z".parse().unwrap();
        assert_eq!(before_second_of(old), "1969-12-31T23:59:57.999Z");
    }

    #[test]
    fn what_is_not_said_or_empty_is_not_sent() {
        let question = EventQuestion {
            project: Some("a b".to_owned()),
            stage: Some(String::new()),
            ..EventQuestion::default()
        };
        assert_eq!(
            question.parameters(),
            [("project".to_owned(), "a b".to_owned())]
        );
    }
}
