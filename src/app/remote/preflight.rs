//! Looks whether what is to be triggered can be: the token, the names, and the sequence.

use crate::control::{CallError, ExpandedProject, KeptnClient, ResourcePlace, shipyard_of_text};
use crate::sequence::{Shipyard, Stage};
use crate::spec::nearest;

/// What is to be triggered.
#[derive(Clone, Copy, Debug)]
pub struct Undertaking<'a> {
    /// The project.
    pub project: &'a str,
    /// The stage; `None`: the first one.
    pub stage: Option<&'a str>,
    /// The service.
    pub service: &'a str,
    /// The sequence.
    pub sequence: &'a str,
}

/// It can be triggered.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The shipyard.
    pub shipyard: Shipyard,
    /// The stage.
    pub stage: String,
}

/// It can't be triggered.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// The server could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Something that is named is not there.
    #[error("there is no {kind} `{name}`{place}")]
    Unknown {
        /// What it would be.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Where it would be; empty, or beginning with a space.
        place: String,
        /// What is there instead.
        known: Vec<String>,
        /// The one that is most like it.
        nearest: Option<String>,
    },
    /// The shipyard of a project can't be read, so nobody knows which sequences there are.
    #[error("the shipyard of the project `{project}` can't be read")]
    NoShipyard {
        /// The project.
        project: String,
    },
}

impl PreflightError {
    /// Says that something is not there, and what is most like it.
    fn unknown(kind: &'static str, name: &str, place: String, known: &[&str]) -> Self {
        Self::Unknown {
            kind,
            name: name.to_owned(),
            place,
            known: known.iter().map(|name| (*name).to_owned()).collect(),
            nearest: nearest(name, known).map(str::to_owned),
        }
    }
}

/// Returns a project that must be there.
pub async fn known_project(
    client: &KeptnClient,
    name: &str,
) -> Result<ExpandedProject, PreflightError> {
    if let Some(project) = client.project(name).await? {
        return Ok(project);
    }
    let known = client.projects().await?;
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Err(PreflightError::unknown(
        "project",
        name,
        String::new(),
        &known,
    ))
}

/// Looks whether something can be triggered.
pub async fn preflight(
    client: &KeptnClient,
    wanted: Undertaking<'_>,
) -> Result<Ready, PreflightError> {
    client.check_token().await?;
    let project = known_project(client, wanted.project).await?;
    let shipyard = shipyard_of(client, &project).await?;
    let stage = stage(&shipyard, wanted)?;
    check_service(&project, &stage.name, wanted.service)?;
    if stage.sequence(wanted.sequence).is_none() {
        let sequences = stage.sequences.iter().map(|one| one.name.as_str());
        let mut known: Vec<&str> = sequences.collect();
        if !known.contains(&Stage::EVALUATION) {
            known.push(Stage::EVALUATION);
        }
        let place = format!(" in the stage `{}` of `{}`", stage.name, wanted.project);
        return Err(PreflightError::unknown(
            "sequence",
            wanted.sequence,
            place,
            &known,
        ));
    }
    let stage = stage.name.clone();
    Ok(Ready { shipyard, stage })
}

/// Returns the stage that is meant.
fn stage<'s>(shipyard: &'s Shipyard, wanted: Undertaking<'_>) -> Result<&'s Stage, PreflightError> {
    let found = match wanted.stage {
        Some(name) => shipyard.stage(name),
        None => shipyard.stages.first(),
    };
    found.ok_or_else(|| {
        let known: Vec<&str> = shipyard
            .stages
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        let place = format!(" in the project `{}`", wanted.project);
        PreflightError::unknown("stage", wanted.stage.unwrap_or_default(), place, &known)
    })
}

/// Looks whether a stage has a service.
fn check_service(
    project: &ExpandedProject,
    stage: &str,
    service: &str,
) -> Result<(), PreflightError> {
    let mut stages = project.stages.iter();
    let found = stages.find(|one| one.stage_name == stage);
    let services = found.iter().flat_map(|stage| &stage.services);
    let known: Vec<&str> = services.map(|one| one.service_name.as_str()).collect();
    if known.contains(&service) {
        return Ok(());
    }
    let place = format!(" in the stage `{stage}` of `{}`", project.project_name);
    Err(PreflightError::unknown("service", service, place, &known))
}

/// Returns the shipyard of a project: as the project says, else its file.
async fn shipyard_of(
    client: &KeptnClient,
    project: &ExpandedProject,
) -> Result<Shipyard, PreflightError> {
    if let Some(shipyard) = shipyard_of_text(&project.shipyard) {
        return Ok(shipyard);
    }
    let place = ResourcePlace {
        project: project.project_name.clone(),
        ..ResourcePlace::default()
    };
    let file = client.resource(&place, "shipyard.yaml").await?;
    let text = file.and_then(|content| String::from_utf8(content).ok());
    let shipyard = text.as_deref().and_then(shipyard_of_text);
    shipyard.ok_or_else(|| PreflightError::NoShipyard {
        project: project.project_name.clone(),
    })
}
