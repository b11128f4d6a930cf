//! Asks whoever is at the terminal.

use std::io::BufRead as _;
use std::sync::Arc;

use async_trait::async_trait;

use super::live::Live;
use crate::cli::console::complain;
use crate::executor::{ApprovalQuestion, Decision, Questioner};
use crate::report::printable;

/// How often it is asked again after an answer that is none.
const ATTEMPTS: usize = 3;

/// Asks on stderr, and reads the answer from stdin.
pub struct Question {
    /// What shows the run meanwhile.
    live: Arc<Live>,
}

impl Question {
    /// Asks beside a live view.
    pub fn new(live: &Arc<Live>) -> Self {
        Self {
            live: Arc::clone(live),
        }
    }
}

#[async_trait]
impl Questioner for Question {
    async fn ask(&self, question: &ApprovalQuestion) -> Option<Decision> {
        let ApprovalQuestion {
            project,
            stage,
            service,
            context: _,
            result,
        } = question;
        let text = printable(&format!(
            "? may {service} of {project} go on in {stage}, after the result `{result}`? yes, no, or later:"
        ));
        self.live.pause();
        let asked = tokio::task::spawn_blocking(move || ask(&text)).await;
        self.live.go_on();
        asked.ok().flatten()
    }
}

/// Asks until there is an answer, a few times at most.
fn ask(text: &str) -> Option<Decision> {
    for _ in 0..ATTEMPTS {
        complain(text);
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        if read.is_err() || line.is_empty() {
            return None;
        }
        match understood(&line) {
            Understood::Decided(decision) => return Some(decision),
            Understood::Later => return None,
            Understood::Unclear => {}
        }
    }
    None
}

/// What an answer means.
#[derive(Debug, PartialEq)]
enum Understood {
    /// A decision.
    Decided(Decision),
    /// Somebody decides later.
    Later,
    /// It can't be told. Silence is no consent.
    Unclear,
}

/// Returns what an answer means.
fn understood(line: &str) -> Understood {
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => {
            Understood::Decided(Decision::Approved("approved at the terminal".to_owned()))
        }
        "n" | "no" => {
            Understood::Decided(Decision::Declined("declined at the terminal".to_owned()))
        }
        "l" | "later" => Understood::Later,
        _ => Understood::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_approves() {
        for line in ["y\n", " YES\r\n"] {
            assert!(matches!(
                understood(line),
                Understood::Decided(Decision::Approved(_))
            ));
        }
        assert!(matches!(
            understood("no\n"),
            Understood::Decided(Decision::Declined(_))
        ));
        assert_eq!(understood("later\n"), Understood::Later);
        for line in ["\n", "ok\n", "yes please\n", "1\n"] {
            assert_eq!(understood(line), Understood::Unclear, "{line}");
        }
    }
}
