//! The names of events: which task or sequence an event type speaks of (controlplane.md 3.2).

use std::fmt;

/// What every type begins with.
const PREFIX: &str = "sh.keptn.event.";

/// An event type, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventName {
    /// `sh.keptn.event.TASK.KIND`
    Task {
        /// The task.
        task: String,
        /// What it says of the task.
        kind: EventKind,
    },
    /// `sh.keptn.event.STAGE.SEQUENCE.KIND`
    Sequence {
        /// The stage.
        stage: String,
        /// The sequence.
        sequence: String,
        /// What it says of the sequence.
        kind: EventKind,
    },
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Somebody wants it done.
    Triggered,
    /// An executor is at it.
    Started,
    /// An executor says how far it is: `status.changed`, ours to understand; the six parts of Keptn's grammar hide it.
    StatusChanged,
    /// An executor is done.
    Finished,
    /// It no longer counts.
    Invalidated,
    /// Anything else.
    Other(String),
}

impl EventName {
    /// Takes a type apart; `None` where it is of another family, or a part is empty.
    #[must_use]
    pub fn parse(event_type: &str) -> Option<Self> {
        let rest = event_type.strip_prefix(PREFIX)?;
        let parts: Vec<&str> = rest.split('.').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return None;
        }
        match parts[..] {
            [task, "status", "changed"] => Some(Self::Task {
                task: task.to_owned(),
                kind: EventKind::StatusChanged,
            }),
            [task, kind] => Some(Self::Task {
                task: task.to_owned(),
                kind: EventKind::of(kind),
            }),
            [stage, sequence, kind] => Some(Self::Sequence {
                stage: stage.to_owned(),
                sequence: sequence.to_owned(),
                kind: EventKind::of(kind),
            }),
            _ => None,
        }
    }
}

impl EventKind {
    /// Takes the last part of a type.
    fn of(word: &str) -> Self {
        match word {
            "triggered" => Self::Triggered,
            "started" => Self::Started,
            "finished" => Self::Finished,
            "invalidated" => Self::Invalidated,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Triggered => "triggered",
            Self::Started => "started",
            Self::StatusChanged => "status.changed",
            Self::Finished => "finished",
            Self::Invalidated => "invalidated",
            Self::Other(word) => word,
        })
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task { task, kind } => write!(f, "{PREFIX}{task}.{kind}"),
            Self::Sequence {
                stage,
                sequence,
                kind,
            } => write!(f, "{PREFIX}{stage}.{sequence}.{kind}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_says_what_it_speaks_of() {
        for text in [
            "sh.keptn.event.deployment.triggered",
            "sh.keptn.event.dev.delivery.finished",
            "sh.keptn.event.test.status.changed",
            "sh.keptn.event.evaluation.invalidated",
            "sh.keptn.event.monitoring.configure",
        ] {
            assert_eq!(EventName::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "sh.keptn.events.problem",
            "sh.keptn.event.a",
            "sh.keptn.event..triggered",
            "sh.keptn.event.a.b.c.d",
            "",
        ] {
            assert_eq!(EventName::parse(text), None, "{text}");
        }
    }
}
