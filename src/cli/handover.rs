//! Hands a mark to later steps of a CI job, in the systems that have a way to do so.

#![expect(
    clippy::disallowed_methods,
    reason = "GitHub takes values in files, which are appended to here"
)]

use std::fs::OpenOptions;
use std::io::{self, Write as _};

use super::command::World;
use super::console::command;
use super::environment::Environment;
use super::marks::MarkName;
use crate::report::Format;
use crate::report::ci::{CiJob, CiSystem};

/// How values reach later steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Not at all.
    None,
    /// Lines in these files, which GitHub names.
    Github(Vec<String>),
    /// A logging command of Azure Pipelines.
    Azure,
}

impl Channel {
    /// Finds the channel of the CI system that runs this.
    pub fn of(job: Option<&CiJob>, environment: &Environment) -> Self {
        match job.map(|job| job.system) {
            Some(CiSystem::Github | CiSystem::Gitea) => {
                let files = ["GITHUB_OUTPUT", "GITHUB_ENV"];
                let files = files.iter().filter_map(|name| environment.get(name));
                Self::Github(files.map(str::to_owned).collect())
            }
            Some(CiSystem::Azure) => Self::Azure,
            Some(_) | None => Self::None,
        }
    }

    /// Hands over a mark. Where that fails the mark is kept all the same, and the user is told.
    pub fn tell(&self, name: &MarkName, instant: &str, world: &World<'_>) {
        let variable = variable(name);
        match self {
            Self::None => {}
            Self::Github(files) => {
                for file in files {
                    if let Err(error) = append(file, &format!("{variable}={instant}\n")) {
                        let what = format!("warning: {file} can't be written: {error}");
                        world.console.say(&what);
                    }
                }
            }
            // Data stay alone on stdout; Azure hears commands on both streams.
            Self::Azure => {
                let set = |properties: &str| {
                    format!("##vso[task.setvariable variable={variable}{properties}]{instant}")
                };
                drop(command(&[set(""), set(";isOutput=true")], Format::Json));
            }
        }
    }
}

/// Returns the variable of a mark. Its prefix keeps it apart from the settings.
fn variable(name: &MarkName) -> String {
    let name = name.as_str().to_ascii_uppercase();
    format!("TIDEGATE_MARK_{}", name.replace(['.', '-'], "_"))
}

/// Adds a line to a file that the CI system made.
fn append(file: &str, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    file.write_all(line.as_bytes())
}
