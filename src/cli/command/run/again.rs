//! How to go on with a run that has stopped.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::start::Setup;
use crate::cli::args::RunArgs;
use crate::eventlog::LogUrl;

/// What is typed to go on with a run.
pub struct Again {
    /// The command; `None` where the log keeps nothing.
    command: Option<String>,
}

impl Again {
    /// Returns how to go on with a run from the folder where it was begun.
    pub fn of(context: &str, args: &RunArgs, setup: &Setup) -> Self {
        if setup.configured.log.url == LogUrl::Memory {
            return Self { command: None };
        }
        let mut command = format!("tidegate run --resume {}", Self::quoted(context));
        let mut add = |flag: &str, value: &str| {
            command = format!("{command} {flag} {}", Self::quoted(value));
        };
        let found = setup.configured.places.config.as_deref();
        let config = args.log.config.as_deref();
        match (config, &args.shipyard) {
            (Some(config), _) => add("--config", &config.display().to_string()),
            (None, Some(shipyard)) => match found {
                Some(config) => add("--config", &config.display().to_string()),
                None => add("--shipyard", &shipyard.display().to_string()),
            },
            (None, None) => {}
        }
        if let Some(typed) = &args.log.event_log {
            let shown = setup.configured.log.url.to_string();
            // What was typed may hold a password.
            add(
                "--event-log",
                if typed.contains('@') { &shown } else { typed },
            );
        }
        if let Some(project) = &args.project {
            add("--project", project);
        }
        Self {
            command: Some(command),
        }
    }

    /// Returns the command, with more flags.
    pub fn command(&self, more: &str) -> Option<String> {
        let command = self.command.as_ref()?;
        Some(format!("{command}{more}"))
    }

    /// Returns what to do after something went wrong.
    pub fn hint(&self, is_stored: &AtomicBool) -> Option<String> {
        match &self.command {
            None => Some("the event log `memory:` keeps nothing: begin again".to_owned()),
            Some(_) if !is_stored.load(Ordering::Relaxed) => None,
            Some(command) => Some(format!("what is done is stored; go on with {command}")),
        }
    }

    /// Returns a text as a shell takes it for one word.
    pub fn quoted(text: &str) -> Cow<'_, str> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
        if !text.is_empty() && text.chars().all(is_plain) {
            return text.into();
        }
        format!("'{}'", text.replace('\'', "'\\''")).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        for (text, quoted) in [
            ("01a2-b", "01a2-b"),
            ("../a b", "'../a b'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
        ] {
            assert_eq!(Again::quoted(text), quoted);
        }
    }

    #[test]
    fn only_what_is_stored_can_be_gone_on_with() {
        let kept = Again {
            command: Some("tidegate run --resume x".to_owned()),
        };
        assert_eq!(kept.hint(&AtomicBool::new(false)), None);
        assert!(
            kept.hint(&AtomicBool::new(true))
                .unwrap()
                .contains("--resume x")
        );
        let lost = Again { command: None };
        assert!(
            !lost
                .hint(&AtomicBool::new(true))
                .unwrap()
                .contains("--resume")
        );
    }
}
