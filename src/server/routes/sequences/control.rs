//! `POST /controlPlane/v1/sequence/{project}/{context}/control` (controlplane.md 1.5).

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sequence::{Control, ControlAction};
use crate::server::Problem;
use crate::server::routes::events::{EventParts, project};
use crate::server::routes::parameters::{quoted, unread, unstored};

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewControl {
    /// `pause`, `resume` or `abort`.
    state: String,
    /// The stage; "": all of them.
    stage: String,
}

/// Pauses, resumes or aborts.
pub(super) async fn steer(
    State(parts): State<EventParts>,
    Path((name, context)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let wanted: NewControl = serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request(format!("the body says no control: {error}")))?;
    if wanted.state.is_empty() {
        let missing = "the body has no `state`; it has to be pause, resume or abort";
        return Err(Problem::bad_request(missing));
    }
    let action: ControlAction = wanted.state.parse().map_err(|_unknown| {
        let word = quoted(&wanted.state);
        Problem::bad_request(format!(
            "`state` is none of pause, resume and abort: {word}"
        ))
    })?;
    let known = project(&parts.catalogue, &name)?;
    let stage = Some(wanted.stage).filter(|stage| !stage.is_empty());
    if let Some(stage) = &stage
        && !known.shipyard.stages.iter().any(|one| one.name == *stage)
    {
        return Err(Problem::not_found(format!(
            "the project {} has no stage {}",
            quoted(&name),
            quoted(stage)
        )));
    }
    let stored = parts.store.context(Some(name.clone()), context.clone());
    match stored.await.map_err(|error| unread(&error))? {
        None => {
            return Err(Problem::not_found(format!(
                "nothing was triggered in the project {} with the context {}",
                quoted(&name),
                quoted(&context)
            )));
        }
        Some(stored) if stored.is_over => return Err(over(&context, &stored.state)),
        Some(_) => {}
    }
    let control = Control {
        project: name,
        context: context.clone(),
        stage,
        action,
    };
    let accepted = parts.conductor.control(control).await;
    match accepted.map_err(|error| unstored(&error))?.ignored {
        Some(_) => Err(over(&context, "over")),
        None => Ok(Json(json!({}))),
    }
}

/// Says that nothing is under way.
fn over(context: &str, state: &str) -> Problem {
    Problem::conflict(format!(
        "nothing of the context {} is under way any more: it is {state}",
        quoted(context)
    ))
}
