//! Brings to the CI system what is said in its language. Nothing that goes wrong here changes an exit code.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the place that adds to the files of a CI job"
)]

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::insights::{proxy, send};
use crate::cli::command::World;
use crate::cli::console::{command, complain};
use crate::cli::failure::Failure;
use crate::config::absolute;
use crate::gate::{Ending, Series, Verdict};
use crate::report::ci::{
    Addition, Call, CiJob, Fold, Request, Utterance, Weight, speak, speak_unjudged,
};
use crate::report::{Account, Format, Unjudged, printable};

/// Speaks to the CI system.
pub struct Speaker<'a> {
    /// The surroundings.
    world: &'a World<'a>,
    /// The format on stdout, which tells where commands go.
    format: Format,
    /// Whether reports are folded.
    fold: Fold,
    /// The worst outcome so far, which the outputs of the job tell.
    worst: Option<u8>,
}

/// What is still to be said, after the report.
#[must_use]
pub struct Rest {
    /// Lines.
    after: Vec<String>,
    /// What is sent.
    pub requests: Vec<Request>,
}

impl<'a> Speaker<'a> {
    /// Starts with nothing said.
    pub fn new(world: &'a World<'a>, format: Format, targets: usize) -> Self {
        Self {
            world,
            format,
            fold: if targets > 1 {
                Fold::Folded
            } else {
                Fold::Open
            },
            worst: None,
        }
    }

    /// Says what comes before a report, and returns what comes after it.
    pub fn begin(
        &mut self,
        account: &Account<'_>,
        reports: &[Result<(Format, PathBuf), Failure>],
    ) -> Rest {
        let Some(job) = account.job else {
            return Rest {
                after: Vec::new(),
                requests: Vec::new(),
            };
        };
        let record = account.record;
        let folder = &self.world.environment.folder;
        let written = reports.iter().flatten();
        let reports: Vec<(Format, String)> = written
            .map(|(format, path)| (*format, folder.join(path).display().to_string()))
            .collect();
        let slo = self.place_of_slo(job, &record.slo_file.path);
        let rank = match Ending::of(record) {
            Ending::Verdict(Verdict::Pass) => 0,
            Ending::Verdict(Verdict::Warning) => 1,
            Ending::Inconclusive => 2,
            Ending::Verdict(Verdict::Fail) => 3,
        };
        let call = Call {
            job,
            reports: &reports,
            slo: slo.as_deref(),
            fold: self.fold,
            weight: self.weight(rank),
        };
        let Utterance {
            before,
            after,
            additions,
            requests,
        } = speak(account, &call);
        self.say(&before);
        self.add_all(&additions);
        Rest { after, requests }
    }

    /// Says what comes after a report.
    pub fn end(&self, rest: &Rest) {
        self.say(&rest.after);
    }

    /// Sends what the system shows.
    pub async fn send(&self, requests: &[Request]) {
        if requests.is_empty() {
            return;
        }
        if let Err(reason) = send(requests, proxy(self.world.environment)).await {
            let reason = printable(&reason);
            complain(&format!("warning: no report on the commit: {reason}"));
        }
    }

    /// Says that there is no verdict; returns what is to be sent.
    pub fn unjudged(
        &mut self,
        failure: &Failure,
        job: Option<&CiJob>,
        series: Option<&Series>,
    ) -> Vec<Request> {
        let Some(job) = job else {
            return Vec::new();
        };
        let unjudged = Unjudged {
            series,
            ended: failure.exit.ended(),
            message: &failure.in_short(),
            hint: failure.hint.as_deref(),
            document: &failure.document(),
        };
        let call = Call {
            job,
            reports: &[],
            slo: None,
            fold: self.fold,
            weight: self.weight(4),
        };
        let utterance = speak_unjudged(&unjudged, &call);
        self.say(&utterance.after);
        self.add_all(&utterance.additions);
        utterance.requests
    }

    /// Tells whether an outcome is the worst so far.
    fn weight(&mut self, rank: u8) -> Weight {
        if self.worst.is_some_and(|worst| worst >= rank) {
            return Weight::Follows;
        }
        self.worst = Some(rank);
        Weight::Decides
    }

    /// Says lines. A reader that went away is no error, and neither is one that never was.
    fn say(&self, lines: &[String]) {
        if let Err(error) = command(lines, self.format) {
            complain(&format!("warning: the CI system was not told: {error}"));
        }
    }

    /// Adds to files; what can't be added to is said.
    fn add_all(&self, additions: &[Addition]) {
        for addition in additions {
            let Some(path) = self.world.environment.get(addition.variable) else {
                continue;
            };
            if let Err(error) = add(Path::new(path), addition) {
                let variable = addition.variable;
                complain(&format!(
                    "warning: nothing was added to the file that {variable} names: {error}"
                ));
            }
        }
    }

    /// Returns where the SLO lies in the repository, if it does.
    fn place_of_slo(&self, job: &CiJob, path: &str) -> Option<String> {
        let environment = self.world.environment;
        let mut variables = job.system.checkout().iter();
        let checkout = variables.find_map(|name| environment.get(name));
        let checkout = checkout.map_or(environment.folder.as_path(), Path::new);
        let file = absolute(&environment.folder.join(path));
        let below = file.strip_prefix(absolute(checkout)).ok()?;
        let names: Vec<&str> = below.iter().filter_map(|name| name.to_str()).collect();
        (!names.is_empty()).then(|| names.join("/"))
    }
}

/// Adds to the end of a file.
fn add(path: &Path, addition: &Addition) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let text = match &addition.limit {
        Some((most, short)) => {
            let length = file.metadata()?.len();
            let grown = length.saturating_add(u64::try_from(addition.text.len()).unwrap_or(*most));
            if grown > *most { short } else { &addition.text }
        }
        None => &addition.text,
    };
    file.write_all(text.as_bytes())
}
