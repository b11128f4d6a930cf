//! Stored evaluations for the commands that report them.

use super::place::Place;
use super::target::series;
use crate::app::{Recalled, recall};
use crate::cli::failure::Failure;
use crate::gate::EvaluationName;
use crate::report::{Account, Standing};

/// Reads the evaluation that was named.
pub async fn recalled(place: &Place, run: &str) -> Result<Recalled, Failure> {
    let series = series(&place.target, &place.configured)?;
    let name: EvaluationName = run.parse().unwrap_or_else(|never| match never {});
    let recalled = recall(place.log.as_ref(), &series, &name).await;
    recalled.map_err(|error| Failure::of_recall(&error, run))
}

/// Returns what a report is written from.
pub fn account(recalled: &Recalled) -> Account<'_> {
    Account {
        stored: Some(true),
        standing: Some(Standing {
            invalidated: recalled.invalidated.as_deref(),
            pinned: recalled.pinned.as_deref(),
        }),
        ..Account::of(&recalled.record)
    }
}
