//! What is done with an evaluation once there is a verdict: it is stored, written into files, told, and sent to those who
//! want to hear of it.

use jiff::Timestamp;
use serde_json::Value;

use super::World;
use super::evaluate::Judged;
use super::outcome::Outcomes;
use super::target::{Configured, Target, series};
use super::teller::{Teller, Told};
use crate::app::{Beginning, Evaluated, LogNeed, store, trend};
use crate::cli::artifacts::{artifacts, refuse_without_subject};
use crate::cli::console::complain;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::log_failure::unstored as unstored_as;
use crate::cli::notify::Notifier;
use crate::cli::report_files::ReportFiles;
use crate::eventlog::{EventLog, LogUrl};
use crate::gate::{Record, Series, Trend};
use crate::report::{Account, Artifact, Format, Unjudged};

/// Where the evaluation of one target goes.
pub struct Desk {
    /// The settings of the target.
    pub configured: Configured,
    /// The files.
    pub reports: ReportFiles,
    /// What was built.
    artifacts: Vec<Artifact>,
    /// What the verdict ends as.
    outcomes: Outcomes,
    /// Who is told of it.
    notifier: Notifier,
    /// What is evaluated.
    series: Series,
}

impl Desk {
    /// Reads where the evaluation of a target goes.
    pub fn of(target: &Target, configured: Configured, world: &World<'_>) -> Result<Self, Failure> {
        let series = series(target, &configured)?;
        let desk = Self {
            reports: ReportFiles::of(&configured, &series, world.environment)?,
            artifacts: artifacts(&configured)?,
            outcomes: Outcomes::of(&configured)?,
            notifier: Notifier::of(&configured, world)?,
            configured,
            series,
        };
        let formats = desk.reports.formats().chain([desk.configured.format()?]);
        refuse_without_subject(formats, &desk.artifacts, desk.configured.job.as_ref())?;
        Ok(desk)
    }

    /// Stores an evaluation, writes its reports, and tells it; returns how the process ends because of it.
    pub async fn publish(
        &self,
        judged: Judged,
        teller: &mut Teller<'_>,
        began: Beginning,
        world: &World<'_>,
    ) -> Exit {
        let Judged { record, log, need } = judged;
        let evaluated = store(log.as_ref(), record).await;
        let Evaluated { record, unstored } = &evaluated;
        let verdict = self.outcomes.exit(record);
        let ended = match unstored {
            Some(error) if need == LogNeed::Required => verdict.or_worse(unstored_as(error).exit),
            Some(_) | None => verdict,
        };
        let wants_trend =
            self.reports.formats().any(Format::shows_trend) || self.notifier.looks_back();
        let trend = if wants_trend {
            self.trend(log.as_ref(), record, world).await
        } else {
            None
        };
        let url = &self.configured.log.url;
        let account = Account {
            trend: trend.as_ref(),
            stored: Some(unstored.is_none() && *url != LogUrl::Memory),
            ended: Some(ended.ended()),
            job: self.configured.job.as_ref(),
            artifacts: &self.artifacts,
            ..Account::of(record)
        };
        // An evaluation that counts only once it is stored is none for whoever reads a report.
        let not_counting = unstored
            .as_ref()
            .filter(|_| ended != verdict)
            .map(unstored_as);
        let reports = match &not_counting {
            Some(failure) => {
                self.disown(failure, record.time);
                Vec::new()
            }
            None => self.reports.write(&account),
        };
        let exit = teller.evaluated(&Told {
            account,
            verdict,
            unstored: unstored.as_ref(),
            need,
            log: url,
            reports,
        });
        if let Some(failure) = &not_counting {
            teller.no_verdict(failure, account.job, Some(&self.series));
        }
        teller.send().await;
        if let Some(failure) = &not_counting {
            self.tell_failure(failure, began, world).await;
            return exit;
        }
        let mut earlier = trend.iter().flat_map(|trend| &trend.points);
        let previous = earlier.find(|point| point.invalidated.is_none());
        let previous = previous.map(|point| point.ending);
        let notifier = &self.notifier;
        notifier.evaluated(&account, previous, began, world).await;
        exit
    }

    /// Reads the evaluations before one. A report without them is better than none.
    async fn trend(&self, log: &dyn EventLog, record: &Record, world: &World<'_>) -> Option<Trend> {
        match trend(log, record).await {
            Ok(trend) => Some(trend),
            Err(error) => {
                let text = format!("warning: reports show no earlier evaluations: {error}");
                world.console.say(&text);
                None
            }
        }
    }

    /// Says in every report that there is no verdict.
    pub fn disown(&self, failure: &Failure, now: Timestamp) {
        disown(&self.reports, Some(&self.series), failure, now);
    }

    /// Says in every report, and to the CI system, that there is no verdict, and says that too.
    pub async fn report_failure(
        &self,
        failure: &Failure,
        now: Timestamp,
        teller: &mut Teller<'_>,
        world: &World<'_>,
    ) {
        self.disown(failure, now);
        if !self.reports.is_empty() {
            world
                .console
                .say("the reports say that there is no verdict");
        }
        teller.no_verdict(failure, self.configured.job.as_ref(), Some(&self.series));
        // Who ends the process waits for nothing more.
        let is_ended_from_outside = matches!(
            failure.exit,
            Exit::Interrupted | Exit::HungUp | Exit::Terminated | Exit::TimedOut
        );
        if !is_ended_from_outside {
            teller.send().await;
        }
    }

    /// Tells those who want to hear of it that there is no verdict.
    pub async fn tell_failure(&self, failure: &Failure, began: Beginning, world: &World<'_>) {
        let (message, document) = (failure.in_short(), failure.document());
        let unjudged = unjudged(Some(&self.series), failure, &message, &document);
        let notifier = &self.notifier;
        notifier
            .unjudged(&unjudged, failure.exit, began, world)
            .await;
    }
}

/// Says in every report that there is no verdict, or takes an older one away; what can't be written is told.
pub fn disown(reports: &ReportFiles, series: Option<&Series>, failure: &Failure, now: Timestamp) {
    let (message, document) = (failure.in_short(), failure.document());
    let unjudged = unjudged(series, failure, &message, &document);
    for failure in reports.write_unjudged(&unjudged, now) {
        complain(&failure.text());
    }
}

/// Returns what there is to tell of a failure.
fn unjudged<'a>(
    series: Option<&'a Series>,
    failure: &'a Failure,
    message: &'a str,
    document: &'a Value,
) -> Unjudged<'a> {
    Unjudged {
        series,
        ended: failure.exit.ended(),
        message,
        hint: failure.hint.as_deref(),
        document,
    }
}
