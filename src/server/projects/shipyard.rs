//! The shipyard of a project, as the API takes it.

use crate::sequence::Shipyard;
use crate::spec::{self, Source, Style};

/// The name under which problems are told.
const NAME: &str = "shipyard.yaml";

/// Reads a shipyard; says every problem that it has.
pub fn read(text: &str) -> Result<Shipyard, String> {
    let parsed = spec::parse_shipyard(&Source::new(NAME, text));
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
