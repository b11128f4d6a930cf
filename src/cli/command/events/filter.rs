//! What was typed to choose events.

use crate::cli::args::EventFilterArgs;
use crate::cli::clock;
use crate::cli::command::place::{moment, verdict};
use crate::cli::failure::Failure;
use crate::eventlog::{Filter, Kinds};

/// What the types of Keptn begin with; it may be left out.
const PREFIX: &str = "sh.keptn.event.";

/// Returns the filter that was typed.
pub fn filter(args: &EventFilterArgs) -> Result<Filter, Failure> {
    let EventFilterArgs {
        types,
        project,
        stage,
        service,
        context,
        results,
        since,
        until,
    } = args;
    let now = clock::now();
    Ok(Filter {
        project: project.clone(),
        stage: stage.clone(),
        service: service.clone(),
        context: context.clone(),
        kinds: kinds(types),
        results: results.iter().copied().map(verdict).collect(),
        since: moment("--since", since.as_ref(), now)?,
        until: moment("--until", until.as_ref(), now)?,
        ..Filter::default()
    })
}

/// Returns the types that were typed: each as it stands, and as the end of one of Keptn's.
fn kinds(types: &[String]) -> Kinds {
    if types.is_empty() {
        return Kinds::Any;
    }
    let both = types.iter().flat_map(|name| {
        let long = (!name.starts_with("sh.keptn.")).then(|| format!("{PREFIX}{name}"));
        [Some(name.clone()), long]
    });
    Kinds::Types(both.flatten().collect())
}
