//! From a plan to a verdict: history and queries at the same time, then the rules. Then, apart, into the log.

use std::time::Duration;

use super::ask_again::measure_patiently;
use super::history::{Comparing, History, HistoryError, baseline};
use super::measure::OpenProviders;
use super::prepare::{Asked, Prepared};
use super::wait::{Audience, Beginning, Lateness, Wait, wait_for_data};
use crate::eventlog::{AppendError, EventLog, Times};
use crate::gate::event::{finished_event, triggered_event};
use crate::gate::{
    NoVerdict, Reading, Readings, Record, RecordIds, TimeWindow, evaluate as judge,
    nothing_answered, required_value,
};
use futures_util::future::join;

/// The outside world, borrowed.
pub struct Services<'a> {
    /// The providers that the plan names.
    pub providers: &'a OpenProviders,
    /// The event log.
    pub log: &'a dyn EventLog,
    /// How the evaluation is to be compared.
    pub comparing: &'a Comparing,
    /// Whoever wants to hear of readings and waits.
    pub watch: &'a dyn Audience,
    /// What to do where data come late.
    pub lateness: Lateness,
    /// How long to ask again for what has no data.
    pub patience: Duration,
}

/// What makes an evaluation this one.
pub struct Stamp {
    /// When the run began.
    pub began: Beginning,
    /// The ids of its events.
    pub ids: RecordIds,
    /// Which program: `tidegate 0.1.0`.
    pub producer: String,
}

/// An evaluation that ended with a verdict, or inconclusive.
#[derive(Debug)]
pub struct Evaluated {
    /// The evaluation, stamped as it was stored.
    pub record: Record,
    /// Why it is not in the log. The verdict stands all the same, and is reported first.
    pub unstored: Option<AppendError>,
}

/// There is no verdict. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// There is nothing to compare with, and nobody said that this does not matter.
    #[error("the history of earlier evaluations can't be read")]
    History {
        /// Why.
        #[source]
        cause: HistoryError,
        /// What was measured all the same; criteria that are relative to the history count as not met. Not stored.
        record: Box<Record>,
    },
    /// The backends gave too little.
    #[error("{}", explain(.cause))]
    NoVerdict {
        /// Why.
        cause: NoVerdict,
        /// Every reading, for the report.
        readings: Vec<Reading>,
        /// The window that was asked for.
        window: TimeWindow,
    },
}

/// Says why there is no verdict.
fn explain(cause: &NoVerdict) -> String {
    match cause {
        NoVerdict::NothingAnswered { .. } => "not one query could be answered".to_owned(),
        NoVerdict::Required {
            indicator, reason, ..
        } => {
            format!(
                "SLI `{indicator}` has no value, and a policy allows no verdict without it: {reason}"
            )
        }
    }
}

/// Evaluates what was prepared. It may be dropped at any time: nothing is stored yet.
pub async fn evaluate(
    services: Services<'_>,
    prepared: Prepared,
    stamp: Stamp,
) -> Result<Record, EvaluateError> {
    let late = wait(&services, &prepared, stamp.began).await;
    let (history, readings) = join(
        baseline(
            services.log,
            &prepared.context.series,
            &prepared.slo.comparison,
            &services.comparing.wanted,
        ),
        readings(&services, &prepared),
    )
    .await;
    let readings = readings?;
    let (history, unread) = services.comparing.settle(history);
    let History {
        baseline,
        mut warnings,
    } = history;
    warnings.extend(late);
    let mut evaluation = judge(&prepared.slo, &readings, &baseline);
    if let Some(cause) = &unread {
        evaluation = evaluation.inconclusive(cause.in_short());
    }
    if let Some(cause) = required_value(&evaluation, &readings.readings) {
        return Err(EvaluateError::NoVerdict {
            cause,
            readings: readings.readings,
            window: prepared.context.window,
        });
    }
    let Prepared {
        context, slo_file, ..
    } = prepared;
    let record = Record {
        ids: stamp.ids,
        time: stamp.began.time,
        producer: stamp.producer,
        series: context.series,
        deployment: context.deployment,
        labels: context.labels,
        window: Some(context.window),
        slo_file,
        evaluation,
        warnings,
        readings: readings.readings,
    };
    match unread {
        None => Ok(record),
        Some(cause) => Err(EvaluateError::History {
            cause,
            record: Box::new(record),
        }),
    }
}

/// Waits until the backends have all data; returns what is to be said where that is not wanted.
async fn wait(services: &Services<'_>, prepared: &Prepared, began: Beginning) -> Option<String> {
    let wait = match &prepared.asked {
        Asked::Nobody(_) => None,
        Asked::Providers(queries) => Wait::of(queries, &prepared.context.window, began.time),
    };
    wait_for_data(wait, services.lateness, began, services.watch).await
}

/// Returns the readings: those that were brought along, or those that the providers give.
async fn readings(services: &Services<'_>, prepared: &Prepared) -> Result<Readings, EvaluateError> {
    match &prepared.asked {
        Asked::Nobody(readings) => Ok(readings.clone()),
        Asked::Providers(queries) => {
            let readings = measure_patiently(
                services.providers,
                queries,
                &prepared.context,
                services.patience,
                services.watch,
            )
            .await;
            // Numbers that stand in a file answer whatever is down.
            let is_asked = |reading: &&Reading| {
                let name = reading.provider.as_deref().unwrap_or_default();
                let provider = services
                    .providers
                    .iter()
                    .find(|(known, _)| known.as_str() == name);
                provider.is_none_or(|(_, provider)| provider.is_backend())
            };
            let asked = readings.readings.iter().filter(is_asked);
            match nothing_answered(asked) {
                Some(cause) => Err(EvaluateError::NoVerdict {
                    cause,
                    readings: readings.readings,
                    window: prepared.context.window,
                }),
                None => Ok(readings),
            }
        }
    }
}

/// Appends the two events of an evaluation, before anything is said of it, and takes over the time that the log gave it.
///
/// To be awaited to its end: whoever drops it does not know whether the evaluation is stored.
pub async fn store(log: &dyn EventLog, mut record: Record) -> Evaluated {
    let events = vec![triggered_event(&record), finished_event(&record)];
    match log.append(events, Times::Stamped).await {
        Ok(stored) => {
            record.time = stored
                .last()
                .and_then(|event| event.time)
                .unwrap_or(record.time);
            Evaluated {
                record,
                unstored: None,
            }
        }
        Err(error) => Evaluated {
            record,
            unstored: Some(error),
        },
    }
}
