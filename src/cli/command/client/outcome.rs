//! What a delivery came to, as a document, as tables, and as an exit code.

use serde_json::{Value, json};

use super::told::rows;
use crate::app::{Attended, Delivery, EndedSequence, SequenceOutcome, learn};
use crate::cli::args::FailOn;
use crate::cli::exit::Exit;
use crate::gate::event::{CloudEvent, EventType, decode_record};
use crate::report::{self, Account, Detail, Format, TextStyle};

/// Returns how the process ends because of a delivery.
pub fn exit_of(outcome: Option<SequenceOutcome>, fail_on: Option<FailOn>) -> Exit {
    let Some(outcome) = outcome else {
        return Exit::Unavailable;
    };
    match (outcome, fail_on) {
        (SequenceOutcome::Pass, _) => Exit::Pass,
        (SequenceOutcome::Warning, None) => Exit::Warning,
        (SequenceOutcome::Warning, Some(FailOn::Warning)) => Exit::Fail,
        (SequenceOutcome::Warning, Some(FailOn::Fail | FailOn::Never)) => Exit::Pass,
        (SequenceOutcome::Fail, Some(FailOn::Never)) => Exit::Pass,
        (SequenceOutcome::Fail, None | Some(FailOn::Fail | FailOn::Warning)) => Exit::Fail,
        (SequenceOutcome::TimedOut, _) => Exit::TimedOut,
        (SequenceOutcome::Aborted, _) => Exit::Interrupted,
        (SequenceOutcome::Errored, _) => Exit::Unavailable,
    }
}

/// Adds to a document what a delivery came to. Its shape is always the same.
pub fn add(document: &mut Value, attended: Option<&Attended>, outcome: Option<SequenceOutcome>) {
    let nothing = Attended::default();
    let Attended {
        delivery,
        events,
        behind: _,
    } = attended.unwrap_or(&nothing);
    let sequences: Vec<Value> = delivery.ended.iter().map(sequence).collect();
    let evaluations: Vec<Value> = evaluations(events).map(evaluation).collect();
    document["outcome"] = outcome.map(SequenceOutcome::as_str).into();
    document["state"] = match attended {
        Some(_) => delivery.state.as_str().into(),
        None => Value::Null,
    };
    document["sequences"] = sequences.into();
    document["open"] = delivery.open.clone().into();
    document["missing"] = delivery.expected.clone().into();
    document["evaluations"] = evaluations.into();
}

/// Returns a sequence for programs.
fn sequence(ended: &EndedSequence) -> Value {
    let EndedSequence {
        stage,
        sequence,
        outcome,
        result,
        worst_result,
        status,
        message,
    } = ended;
    json!({
        "stage": stage,
        "sequence": sequence,
        "outcome": outcome.as_str(),
        "result": result,
        "worstResult": Some(worst_result).filter(|worst| !worst.is_empty()),
        "status": status,
        "message": message,
    })
}

/// Returns how a sequence ended, with a warning that a later task, such as an approval, has covered.
fn ending(ended: &EndedSequence) -> String {
    let outcome = ended.outcome.as_str();
    if ended.worst_result == ended.result || ended.worst_result.is_empty() {
        return outcome.to_owned();
    }
    format!("{outcome} (a task: {})", ended.worst_result)
}

/// Returns an evaluation for programs, without the file that it was made from.
fn evaluation(event: &CloudEvent) -> Value {
    let data = event.data.value();
    let mut evaluation = data.get("evaluation").cloned().unwrap_or_default();
    if let Some(members) = evaluation.as_object_mut() {
        members.remove("sloFileContent");
    }
    json!({
        "id": event.id,
        "stage": event.data_text("stage"),
        "service": event.data_text("service"),
        "result": event.data_text("result"),
        "evaluation": evaluation,
    })
}

/// Returns the evaluations among events.
fn evaluations(events: &[CloudEvent]) -> impl Iterator<Item = &CloudEvent> {
    let events = events.iter();
    events.filter(|event| event.event_type == EventType::FINISHED)
}

/// Returns what people read: the evaluations, then the sequences.
pub fn table(attended: &Attended, style: TextStyle) -> String {
    let Attended {
        delivery,
        events,
        behind,
    } = attended;
    let mut text = String::new();
    for event in evaluations(events) {
        // What holds no objectives, such as that of a gate without an SLO, has nothing to show.
        let Ok(mut record) = decode_record(event, None) else {
            continue;
        };
        learn(&mut record);
        let account = Account::of(&record);
        text.push_str(&report::write(
            Format::Table,
            &account,
            Detail::Brief,
            style,
        ));
        text.push('\n');
    }
    text + &sequences(delivery, behind.as_deref())
}

/// Returns the sequences for people.
fn sequences(delivery: &Delivery, behind: Option<&str>) -> String {
    let ended = delivery.ended.iter().map(|ended| {
        vec![
            ended.stage.clone(),
            ended.sequence.clone(),
            ending(ended),
            ended.message.clone(),
        ]
    });
    let with = |names: &[String], word: &str, message: &str| -> Vec<Vec<String>> {
        let names = names.iter();
        names
            .map(|name| {
                let (stage, sequence) = name.split_once('.').unwrap_or((name, ""));
                vec![
                    stage.to_owned(),
                    sequence.to_owned(),
                    word.to_owned(),
                    message.to_owned(),
                ]
            })
            .collect()
    };
    let mut all: Vec<Vec<String>> = ended.collect();
    let (word, message) = match (delivery.state.as_str(), behind) {
        ("waiting", Some(context)) => ("waiting", format!("behind the context {context}")),
        ("waiting", None) => ("waiting", "another sequence is under way".to_owned()),
        _ => ("open", String::new()),
    };
    all.extend(with(&delivery.open, word, &message));
    all.extend(with(&delivery.expected, "never triggered", ""));
    rows(&["STAGE", "SEQUENCE", "OUTCOME", "MESSAGE"], &all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_that_a_later_task_has_covered_is_shown() {
        let ended = |worst: &str| EndedSequence {
            stage: "dev".to_owned(),
            sequence: "delivery".to_owned(),
            outcome: SequenceOutcome::Pass,
            result: "pass".to_owned(),
            worst_result: worst.to_owned(),
            status: "succeeded".to_owned(),
            message: String::new(),
        };
        let shown = ["warning", "pass", ""].map(|worst| ending(&ended(worst)));
        assert_eq!(shown, ["pass (a task: warning)", "pass", "pass"]);
        assert_eq!(sequence(&ended("warning"))["worstResult"], "warning");
        assert_eq!(sequence(&ended(""))["worstResult"], Value::Null);
    }

    #[test]
    fn what_waits_in_line_says_so() {
        let shown = |state: &str, behind| {
            let delivery = Delivery {
                state: state.to_owned(),
                open: vec!["dev.delivery".to_owned()],
                ..Delivery::default()
            };
            let table = sequences(&delivery, behind);
            table.lines().nth(1).unwrap().to_owned()
        };
        insta::assert_snapshot!(shown("waiting", Some("C1")), @"dev    delivery  waiting  behind the context C1");
        insta::assert_snapshot!(shown("waiting", None), @"dev    delivery  waiting  another sequence is under way");
        insta::assert_snapshot!(shown("started", None), @"dev    delivery  open");
    }

    #[test]
    fn every_outcome_has_its_exit_code() {
        let codes = |fail_on| {
            [
                SequenceOutcome::Pass,
                SequenceOutcome::Warning,
                SequenceOutcome::TimedOut,
                SequenceOutcome::Aborted,
                SequenceOutcome::Fail,
                SequenceOutcome::Errored,
            ]
            .map(|outcome| exit_of(Some(outcome), fail_on).code())
        };
        assert_eq!(codes(None), [0, 3, 124, 130, 1, 69]);
        assert_eq!(codes(Some(FailOn::Fail)), [0, 0, 124, 130, 1, 69]);
        assert_eq!(codes(Some(FailOn::Warning)), [0, 1, 124, 130, 1, 69]);
        assert_eq!(codes(Some(FailOn::Never)), [0, 0, 124, 130, 0, 69]);
        assert_eq!(exit_of(None, Some(FailOn::Never)).code(), 69);
    }
}
