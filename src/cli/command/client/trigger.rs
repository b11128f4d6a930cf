//! `tidegate trigger`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::World;
use super::super::query::data_format;
use super::input::{labels, object, read_text, set_values};
use super::session::{Session, converse};
use super::wait::{Triggered, limit, outcome};
use crate::app::{Ready, Undertaking, preflight, submit_once};
use crate::cli::args::{
    ConnectionArgs, DeliveryArgs, RemoteEvaluationArgs, TriggerArgs, TriggerCommand,
    TriggerSequenceArgs, WaitArgs,
};
use crate::cli::clock;
use crate::cli::console::complain;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::Setting;
use crate::gate::WindowRequest;
use crate::gate::event::{CloudEvent, SOURCE, keptn_time};
use crate::sequence::{EventKind, EventName, Stage};

/// What is triggered.
struct Wish<'a> {
    /// The project.
    project: Option<&'a str>,
    /// The stage.
    stage: Option<&'a str>,
    /// The service.
    service: Option<&'a str>,
    /// The sequence.
    sequence: &'a str,
    /// What the event carries besides project, stage and service.
    data: Map<String, Value>,
    /// At which commit files are read.
    commit: Option<&'a str>,
    /// How to wait.
    wait: &'a WaitArgs,
    /// Which control plane.
    connection: &'a ConnectionArgs,
}

/// Triggers a sequence, and waits for its outcome where that was asked for.
pub fn trigger(args: &TriggerArgs, world: &World<'_>) -> Exit {
    let (wish, connection) = match &args.command {
        TriggerCommand::Delivery(args) => (delivery(args), &args.connection),
        TriggerCommand::Evaluation(args) => (evaluation(args, clock::now()), &args.connection),
        TriggerCommand::Sequence(args) => (sequence(args), &args.connection),
    };
    converse(connection, world, async |session: &Session<'_>| {
        let wish = wish?;
        let told = carry_out(&wish, session, world).await?;
        Ok(told)
    })
}

/// Returns a delivery of an image.
fn delivery(args: &DeliveryArgs) -> Result<Wish<'_>, Failure> {
    let mut values = Map::new();
    values.insert("image".to_owned(), args.image.as_str().into());
    set_values(&mut values, &args.values)?;
    let mut data = with_labels(&args.labels)?;
    data.insert("configurationChange".to_owned(), json!({"values": values}));
    Ok(Wish {
        project: args.project.as_deref(),
        stage: args.stage.as_deref(),
        service: args.service.as_deref(),
        sequence: &args.sequence,
        data,
        commit: None,
        wait: &args.wait,
        connection: &args.connection,
    })
}

/// Returns an evaluation.
fn evaluation(args: &RemoteEvaluationArgs, now: Timestamp) -> Result<Wish<'_>, Failure> {
    let request = WindowRequest {
        start: args.start.clone(),
        end: args.end.clone(),
        timeframe: args.timeframe.clone(),
    };
    let window = request.resolve(now)?;
    let (start, end) = (keptn_time(window.start()), keptn_time(window.end()));
    let mut data = with_labels(&args.labels)?;
    data.insert("evaluation".to_owned(), json!({"start": start, "end": end}));
    Ok(Wish {
        project: args.project.as_deref(),
        stage: args.stage.as_deref(),
        service: args.service.as_deref(),
        sequence: Stage::EVALUATION,
        data,
        commit: args.git_commit_id.as_deref(),
        wait: &args.wait,
        connection: &args.connection,
    })
}

/// Returns any sequence.
fn sequence(args: &TriggerSequenceArgs) -> Result<Wish<'_>, Failure> {
    let mut data = Map::new();
    if let Some(path) = &args.data_file {
        data.extend(object(&read_text(path)?, &path.display().to_string())?);
    }
    if let Some(text) = &args.data_json {
        data.extend(object(text, "--data-json")?);
    }
    set_values(&mut data, &args.data)?;
    data.extend(with_labels(&args.labels)?);
    Ok(Wish {
        project: args.project.as_deref(),
        stage: args.stage.as_deref(),
        service: args.service.as_deref(),
        sequence: &args.sequence,
        data,
        commit: None,
        wait: &args.wait,
        connection: &args.connection,
    })
}

/// Returns data with labels, where there are any.
fn with_labels(lists: &[String]) -> Result<Map<String, Value>, Failure> {
    let labels = labels(lists)?;
    let mut data = Map::new();
    if !labels.is_empty() {
        data.insert("labels".to_owned(), labels.into());
    }
    Ok(data)
}

/// Checks, triggers, and waits.
async fn carry_out(
    wish: &Wish<'_>,
    session: &Session<'_>,
    world: &World<'_>,
) -> Result<super::told::Told, Failure> {
    limit(wish.wait, session)?;
    let undertaking = Undertaking {
        project: session.project(wish.project)?,
        stage: match wish.sequence {
            Stage::EVALUATION => Some(session.named(wish.stage, Setting::Stage)?),
            _ => wish.stage,
        },
        service: session.named(wish.service, Setting::Service)?,
        sequence: wish.sequence,
    };
    let ready = preflight(&session.client, undertaking).await?;
    let event = event(wish, undertaking, &ready.stage);
    let context = submit_once(&session.client, &event).await?;
    // Whatever happens from here on, this is how to find it again.
    complain(&format!("context {context}"));
    let Ready { shipyard, stage } = ready;
    let document = json!({
        "keptnContext": context,
        "project": undertaking.project,
        "stage": stage,
        "service": undertaking.service,
        "sequence": undertaking.sequence,
    });
    let triggered = Triggered {
        project: undertaking.project,
        context: &context,
        shipyard: &shipyard,
        document,
    };
    let format = data_format(wish.connection.output, Some(&session.configured), world);
    outcome(triggered, wish.wait, format, session).await
}

/// Returns the event that triggers.
fn event(wish: &Wish<'_>, undertaking: Undertaking<'_>, stage: &str) -> CloudEvent {
    let name = EventName::Sequence {
        stage: stage.to_owned(),
        sequence: undertaking.sequence.to_owned(),
        kind: EventKind::Triggered,
    };
    let mut data = wish.data.clone();
    for (key, value) in [
        ("project", undertaking.project),
        ("stage", stage),
        ("service", undertaking.service),
    ] {
        data.insert(key.to_owned(), value.into());
    }
    let mut extensions = Map::new();
    extensions.insert("contenttype".to_owned(), "application/json".into());
    if let Some(commit) = wish.commit {
        extensions.insert("gitcommitid".to_owned(), commit.into());
    }
    CloudEvent {
        id: clock::id(),
        source: SOURCE.to_owned(),
        specversion: "1.0".to_owned(),
        event_type: name.to_string(),
        time: Some(clock::now()),
        shkeptncontext: Some(clock::context()),
        triggeredid: None,
        data: Value::Object(data).into(),
        extensions,
    }
}
