//! `tidegate ci show`: which CI system this is, what it says about the job, and what an evaluation does in it.

use std::path::Path;

use serde_json::{Value, json};

use super::World;
use super::query::{data_format, fail, written};
use super::target::{Target, configure};
use crate::cli::args::{CiShowArgs, MeasureArgs};
use crate::cli::console::machine_text;
use crate::cli::exit::Exit;
use crate::config::{Layer, Reality, Setting};
use crate::report::ci::CiJob;
use crate::report::printable;

/// Shows which CI system this is.
pub fn ci_show(args: &CiShowArgs, world: &World<'_>) -> Exit {
    let CiShowArgs { ci, output } = args;
    let format = data_format(*output, None, world);
    let target = Target::one(None::<&Path>);
    let mut flags = Layer::default();
    flags.set_from_flag(Setting::Ci, ci.clone());
    let measure = MeasureArgs::default();
    let configured = match configure(&target, &measure, flags, Reality::LogOnly, world) {
        Ok(configured) => configured,
        Err(failure) => return fail(&failure, format, world),
    };
    let origin = configured.settings.origin(Setting::Ci).to_string();
    let setting = configured.settings.get(Setting::Ci).unwrap_or("auto");
    let job = configured.job.as_ref();
    let text = machine_text(format, &document(job, setting, &origin))
        .unwrap_or_else(|| table(job, setting, &origin));
    written(&text, Exit::Pass)
}

/// Writes it for programs.
fn document(job: Option<&CiJob>, setting: &str, origin: &str) -> Value {
    json!({
        "version": 1,
        "ci": setting,
        "from": origin,
        "system": job.map(|job| job.system.name()),
        "title": job.map(|job| job.system.title()),
        "labels": job.map(|job| &job.labels),
        "repository": job.and_then(|job| job.repository.as_deref()),
        "change": job.and_then(CiJob::change),
        "does": job.map(|job| job.system.habits()),
    })
}

/// Writes it for people.
fn table(job: Option<&CiJob>, setting: &str, origin: &str) -> String {
    let setting = printable(&format!("ci is {setting} ({origin})"));
    let Some(job) = job else {
        return format!(
            "{setting}: no CI system is spoken to, and no labels are filled in\n\
             CI=false, --ci none, or an environment without a sign of a CI system lead to this\n"
        );
    };
    let name = job.system.name();
    let mut lines = vec![
        format!("{setting}: this is {} ({name})", job.system.title()),
        String::new(),
        "Labels of every evaluation, where neither a file nor a flag says otherwise:".to_owned(),
    ];
    let labels = job.labels.iter();
    lines.extend(labels.map(|(name, value)| format!("  {name}={}", printable(value))));
    if job.labels.is_empty() {
        lines.push("  none: its variables are not set here".to_owned());
    }
    lines.push(String::new());
    let habits = job.system.habits();
    lines.push("What `tidegate evaluate` does besides:".to_owned());
    lines.extend(habits.iter().map(|habit| format!("  {habit}")));
    if habits.is_empty() {
        lines.push("  nothing".to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}
