//! Which CI system is spoken to: the setting `ci`.

use crate::cli::environment::Environment;
use crate::cli::failure::Failure;
use crate::config::{Setting, Settings};
use crate::report::ci::{CiJob, CiSystem, job_of};
use crate::spec::nearest;

/// Returns the job that the settings choose; `None` where there is none, or none is wanted.
pub fn of_settings(
    settings: &Settings,
    environment: &Environment,
) -> Result<Option<CiJob>, Failure> {
    let chosen = settings.read(Setting::Ci, |text| chosen(Some(text), environment))?;
    Ok(chosen.unwrap_or_else(|| environment.ci_job()))
}

/// Returns the job that a word chooses: `auto`, `none`, or the name of a system.
pub fn chosen(word: Option<&str>, environment: &Environment) -> Result<Option<CiJob>, String> {
    match word {
        None | Some("auto") => Ok(environment.ci_job()),
        Some("none") => Ok(None),
        Some(name) => {
            let system: CiSystem = name.parse().map_err(|_unknown| unknown(name))?;
            let lookup = |variable: &str| environment.get(variable).map(str::to_owned);
            Ok(Some(job_of(system, &lookup)))
        }
    }
}

/// Says which words are known.
fn unknown(name: &str) -> String {
    let names = CiSystem::ALL.into_iter().map(CiSystem::name);
    let known: Vec<&str> = ["auto", "none"].into_iter().chain(names).collect();
    match nearest(name, &known) {
        Some(nearest) => format!("that is no CI system: did you mean `{nearest}`?"),
        None => format!("that is no CI system: known are {}", known.join(", ")),
    }
}
