//! The shipyard of a project, as the API takes it.

use crate::sequence::Shipyard;
use crate::spec::{self, Parsed, Source, Style};

/// The name under which problems are told.
const NAME: &str = "shipyard.yaml";

/// Reads a shipyard that somebody gave; what is probably not meant in it goes into the log of the server.
pub fn take(project: &str, text: &str) -> Result<Shipyard, String> {
    let parsed = spec::parse_shipyard(&Source::new(NAME, text));
    if parsed.value.is_some() && !parsed.problems.is_empty() {
        let advice = spec::render(&parsed.problems, Style::Plain);
        tracing::warn!(
            project,
            advice = advice.trim(),
            "the shipyard is taken; look at it again"
        );
    }
    settle(parsed)
}

/// Reads a stored shipyard; says every problem that it has.
pub fn read(text: &str) -> Result<Shipyard, String> {
    settle(spec::parse_shipyard(&Source::new(NAME, text)))
}

/// Returns the shipyard, or its errors in words.
fn settle(parsed: Parsed<Shipyard>) -> Result<Shipyard, String> {
    let refused = |problems: &[spec::Problem]| {
        let errors: Vec<spec::Problem> = problems
            .iter()
            .filter(|problem| problem.is_error())
            .cloned()
            .collect();
        let told = spec::render(&errors, Style::Plain);
        format!("the shipyard is not valid: {}", told.trim())
    };
    parsed.value.ok_or_else(|| refused(&parsed.problems))
}
