//! The whole record: the envelope, what was evaluated, the SLO file, and what it came to.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

use super::evaluation::StoredEvaluation;
use super::member::{Member, RecordError, shown};
use super::readings::readings;
use crate::gate::event::additions::VERSION;
use crate::gate::event::{CloudEvent, EventType, parse_time};
use crate::gate::name::{ProjectName, Series, ServiceName, StageName};
use crate::gate::record::{Record, RecordIds, SloFile};
use crate::gate::window::TimeWindow;

/// Reads an `evaluation.finished` event back as the record of its evaluation.
///
/// An event that tidegate wrote (`data.tidegate`, version 1) comes back exactly as it was, whether `triggered` is at hand
/// or not. Of an event that Keptn wrote the record holds what the event tells:
///
/// - the score, the verdict, and every result as they were stored; the points are the sum of those of the objectives;
/// - the points that could be earned, as far as Keptn's arithmetic gives them away, else `None`;
/// - no readings, no policies, no units, no path of the SLO file; the scores that were needed and the rules of the
///   comparison are `None`: [`Record::learn_from`] takes them from the SLO, whose text is there;
/// - a baseline only where it is not 0, because Keptn writes 0 for none, too;
/// - a window only where both of its ends can be read;
/// - the deployment, where `triggered` is the event that this one answers.
///
/// The verdict is the exact word of `data.result`, and a status other than `succeeded` is kept as
/// [`NotSucceeded`](crate::gate::Conclusion::NotSucceeded). Members nobody knows are passed over.
///
/// # Errors
/// [`RecordError`] names the member that is missing, of a wrong type, or can't be read.
pub fn decode_record(
    event: &CloudEvent,
    triggered: Option<&CloudEvent>,
) -> Result<Record, RecordError> {
    if event.event_type != EventType::FINISHED {
        return Err(RecordError::OtherType(shown(&event.event_type)));
    }
    let payload = payload(event, "data")?;
    let data = Member::root("data", &payload);
    let evaluation = data.get("evaluation")?;
    evaluation.required(evaluation.is_present().then_some(()))?;
    let mut warnings = Vec::new();
    let additions = additions(&data, &mut warnings)?;
    let added = |key: &str| match &additions {
        Some(additions) => additions.get(key),
        None => Ok(Member::root(key, &Value::Null)),
    };
    let stored = StoredEvaluation {
        data: data.clone(),
        evaluation: evaluation.clone(),
        additions: additions.clone(),
    };
    let outcome = stored.decode(&mut warnings)?;
    let readings = readings(&added("readings")?, outcome.objectives(), &mut warnings)?;
    let deployment = match added("deployment")?.owned_text()? {
        Some(deployment) => Some(deployment),
        None => deployment(event, triggered)?,
    };
    let window = window(&evaluation, &added("window")?, &mut warnings)?;
    let mut told = added("warnings")?.texts()?;
    told.append(&mut warnings);
    Ok(Record {
        ids: ids(event),
        time: event
            .time
            .ok_or_else(|| RecordError::Missing("time".to_owned()))?,
        producer: added("producer")?
            .owned_text()?
            .unwrap_or_else(|| event.source.clone()),
        series: series(&data)?,
        deployment,
        labels: labels(&data.get("labels")?)?,
        window,
        slo_file: SloFile {
            path: added("slo")?.text_or_empty()?,
            content: slo_content(&evaluation, &added("sloFileContent")?)?,
        },
        evaluation: outcome,
        readings,
        warnings: told,
    })
}

/// Returns the payload as a tree.
fn payload(event: &CloudEvent, member: &str) -> Result<Value, RecordError> {
    event.data.tree().ok_or_else(|| RecordError::Unreadable {
        member: member.to_owned(),
        reason: "it is nested too deeply, or holds a number that is too large".to_owned(),
    })
}

/// Returns `data.tidegate`, where it is of the version that we know.
fn additions<'a>(
    data: &Member<'a>,
    warnings: &mut Vec<String>,
) -> Result<Option<Member<'a>>, RecordError> {
    let additions = data.get("tidegate")?;
    if !additions.is_present() {
        return Ok(None);
    }
    let version = additions.get("version")?;
    let version = version.required(version.count()?)?;
    if version == u64::from(VERSION) {
        return Ok(Some(additions));
    }
    warnings.push(format!(
        "This evaluation was stored by a newer tidegate (version {version} of its form): only what Keptn's form holds is shown."
    ));
    Ok(None)
}

/// Returns the ids of the events.
fn ids(event: &CloudEvent) -> RecordIds {
    RecordIds {
        finished: event.id.clone(),
        triggered: event.triggeredid.clone().unwrap_or_default(),
        context: event.shkeptncontext.clone().unwrap_or_default(),
    }
}

/// Reads what was evaluated.
fn series(data: &Member<'_>) -> Result<Series, RecordError> {
    let (project, stage, service) = (
        data.get("project")?,
        data.get("stage")?,
        data.get("service")?,
    );
    Ok(Series {
        project: project.required(project.parsed(ProjectName::new)?)?,
        stage: stage.required(stage.parsed(StageName::new)?)?,
        service: service.required(service.parsed(ServiceName::new)?)?,
    })
}

/// Reads the labels.
fn labels(labels: &Member<'_>) -> Result<BTreeMap<String, String>, RecordError> {
    let entries = labels.entries()?.into_iter();
    let label = |(key, value): (&str, Member<'_>)| {
        Ok((key.to_owned(), value.required(value.owned_text()?)?))
    };
    entries.map(label).collect()
}

/// Reads the deployment off the event that asked for the evaluation; another event says nothing of it.
fn deployment(
    event: &CloudEvent,
    triggered: Option<&CloudEvent>,
) -> Result<Option<String>, RecordError> {
    let asked = triggered.filter(|triggered| event.triggeredid.as_ref() == Some(&triggered.id));
    let Some(asked) = asked else {
        return Ok(None);
    };
    let payload = payload(asked, "triggered.data")?;
    let names = Member::root("triggered.data", &payload)
        .get("deployment")?
        .get("deploymentNames")?
        .texts()?;
    Ok(names.into_iter().next().filter(|name| !name.is_empty()))
}

/// Reads the window: exactly, where the milliseconds of Keptn's form lose something.
fn window(
    evaluation: &Member<'_>,
    exact: &Member<'_>,
    warnings: &mut Vec<String>,
) -> Result<Option<TimeWindow>, RecordError> {
    let (start, end) = if exact.is_present() {
        (exact.get("start")?, exact.get("end")?)
    } else {
        (evaluation.get("timeStart")?, evaluation.get("timeEnd")?)
    };
    let (start, end) = (
        start.text()?.unwrap_or_default(),
        end.text()?.unwrap_or_default(),
    );
    let window = instants(start, end).and_then(|(start, end)| TimeWindow::stored(start, end));
    if window.is_none() && !(start.is_empty() && end.is_empty()) {
        warnings.push(format!(
            "The window of the stored evaluation can't be read: `{}` to `{}`.",
            shown(start),
            shown(end)
        ));
    }
    Ok(window)
}

/// Reads two instants.
fn instants(start: &str, end: &str) -> Option<(Timestamp, Timestamp)> {
    Some((parse_time(start)?, parse_time(end)?))
}

/// Reads the SLO file, which stands among our additions where Keptn's form leaves it empty.
fn slo_content(evaluation: &Member<'_>, added: &Member<'_>) -> Result<String, RecordError> {
    let keptn = evaluation.get("sloFileContent")?;
    let is_empty = keptn.text()?.is_none_or(str::is_empty);
    let content = if is_empty { added } else { &keptn };
    let read = |text: &str| {
        let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    };
    Ok(content.parsed(read)?.unwrap_or_default())
}
