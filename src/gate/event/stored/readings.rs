//! `data.tidegate.readings`: where each value came from.

use std::time::Duration;

use super::member::{Member, RecordError, shown};
use crate::gate::event::additions::{failure_kind, value_of_objective};
use crate::gate::judge::ObjectiveResult;
use crate::gate::name::IndicatorName;
use crate::gate::number::Finite;
use crate::gate::reading::{FetchFailure, Outcome, Reading, Reported};

/// Reads every reading. One whose value nobody stored is left out, and `warnings` says so.
pub(super) fn readings(
    list: &Member<'_>,
    objectives: &[ObjectiveResult],
    warnings: &mut Vec<String>,
) -> Result<Vec<Reading>, RecordError> {
    let mut readings = Vec::new();
    for element in list.elements()?.unwrap_or_default() {
        let name = element.get("sli")?;
        let indicator = name.required(name.parsed(IndicatorName::new)?)?;
        match outcome(&element, &indicator, objectives)? {
            Some(outcome) => readings.push(reading(&element, indicator, outcome)?),
            None => warnings.push(format!(
                "The reading of SLI `{}`, which no objective uses, was stored without its value, and is not shown.",
                shown(indicator.as_str())
            )),
        }
    }
    Ok(readings)
}

/// Reads one reading.
fn reading(
    element: &Member<'_>,
    indicator: IndicatorName,
    outcome: Outcome,
) -> Result<Reading, RecordError> {
    let attempts = element.get("attempts")?;
    let attempts = u32::try_from(attempts.count()?.unwrap_or_default())
        .map_err(|_too_many| attempts.unreadable("it is too large"))?;
    Ok(Reading {
        indicator,
        outcome,
        reported: reported(&element.get("reported")?)?,
        provider: element.get("provider")?.owned_text()?,
        query: element.get("query")?.owned_text()?,
        endpoint: element.get("endpoint")?.owned_text()?,
        samples: element.get("samples")?.count()?,
        reduced: element.get("reduced")?.owned_text()?,
        unit: element.get("unit")?.owned_text()?,
        warnings: element.get("warnings")?.texts()?,
        attempts,
        elapsed: elapsed(&element.get("elapsedMs")?)?,
    })
}

/// Reads what a query came to; `None` where it was a value that stands nowhere.
fn outcome(
    element: &Member<'_>,
    indicator: &IndicatorName,
    objectives: &[ObjectiveResult],
) -> Result<Option<Outcome>, RecordError> {
    let word = element.get("outcome")?;
    let reason = element.get("reason")?.text_or_empty()?;
    match word.required(word.text()?)? {
        "value" => {
            let own = element.get("value")?.number()?;
            let value = own.or_else(|| value_of_objective(objectives, indicator));
            Ok(value.and_then(Finite::new).map(Outcome::Value))
        }
        "no-data" => Ok(Some(Outcome::NoData(reason))),
        other => {
            let unknown = || word.unreadable(format!("`{}` is no outcome", shown(other)));
            Ok(Some(Outcome::Failed(FetchFailure {
                kind: failure_kind(other).ok_or_else(unknown)?,
                message: reason,
            })))
        }
    }
}

/// Reads the numbers that came along with a failed SLI.
fn reported(reported: &Member<'_>) -> Result<Option<Reported>, RecordError> {
    if !reported.is_present() {
        return Ok(None);
    }
    let (value, compared_value) = (reported.get("value")?, reported.get("comparedValue")?);
    Ok(Some(Reported {
        value: value.required(value.number()?)?,
        compared_value: compared_value.required(compared_value.number()?)?,
    }))
}

/// Reads a length of time in milliseconds.
fn elapsed(milliseconds: &Member<'_>) -> Result<Option<Duration>, RecordError> {
    let Some(number) = milliseconds.number()? else {
        return Ok(None);
    };
    Duration::try_from_secs_f64(number / 1e3)
        .map(Some)
        .map_err(|error| milliseconds.unreadable(error.to_string()))
}
