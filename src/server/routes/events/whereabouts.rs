//! Whether project, stage, service and sequence are there: looked up before anything happens.

use std::sync::Arc;

use crate::gate::event::CloudEvent;
use crate::sequence::Stage;
use crate::server::routes::parameters::quoted;
use crate::server::{Catalogue, CatalogueProject, Problem};

/// The sequence that every stage has, even where it is not written down.
const EVALUATION: &str = "evaluation";

/// What an event is about.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::server::routes) struct Whereabouts {
    /// The project.
    pub project: Arc<CatalogueProject>,
    /// The name of the project.
    pub project_name: String,
    /// The stage.
    pub stage: String,
    /// The service.
    pub service: String,
}

impl Whereabouts {
    /// Looks up what an event names.
    pub(super) fn of(catalogue: &Catalogue, event: &CloudEvent) -> Result<Self, Problem> {
        let [project, stage, service] = ["project", "stage", "service"].map(|key| {
            let text = event.data_text(key);
            if text.is_empty() {
                let missing = format!("the event has no data.{key}; it has to name one");
                return Err(Problem::bad_request(missing));
            }
            Ok(text)
        });
        Self::find(catalogue, &project?, &stage?, &service?)
    }

    /// Looks up project, stage and service.
    pub(in crate::server::routes) fn find(
        catalogue: &Catalogue,
        project_name: &str,
        stage: &str,
        service: &str,
    ) -> Result<Self, Problem> {
        let project = project(catalogue, project_name)?;
        if stage_of(&project, stage).is_none() {
            let names = names(project.shipyard.stages.iter().map(|one| one.name.as_str()));
            return Err(Problem::not_found(format!(
                "the project {} has no stage {}; it has {names}",
                quoted(project_name),
                quoted(stage)
            )));
        }
        if !project.services.contains_key(service) {
            let names = names(project.services.keys().map(String::as_str));
            return Err(Problem::not_found(format!(
                "the project {} has no service {}; it has {names}",
                quoted(project_name),
                quoted(service)
            )));
        }
        Ok(Self {
            project,
            project_name: project_name.to_owned(),
            stage: stage.to_owned(),
            service: service.to_owned(),
        })
    }

    /// Checks that a sequence is there and has something to do.
    pub(super) fn check_sequence(&self, sequence: &str) -> Result<(), Problem> {
        let Some(stage) = stage_of(&self.project, &self.stage) else {
            return Ok(());
        };
        let written = stage.sequences.iter().find(|one| one.name == sequence);
        match written {
            Some(written) if written.tasks.is_empty() => Err(Problem::bad_request(format!(
                "the sequence {} of the stage {} has no tasks; add some to the shipyard",
                quoted(sequence),
                quoted(&self.stage)
            ))),
            None if sequence != EVALUATION => {
                let written = stage.sequences.iter().map(|one| one.name.as_str());
                let names = names(written.chain([EVALUATION]));
                Err(Problem::not_found(format!(
                    "the stage {} of the project {} has no sequence {}; it has {names}",
                    quoted(&self.stage),
                    quoted(&self.project_name),
                    quoted(sequence)
                )))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Looks up a project.
pub(in crate::server::routes) fn project(
    catalogue: &Catalogue,
    name: &str,
) -> Result<Arc<CatalogueProject>, Problem> {
    catalogue.project(name).ok_or_else(|| {
        Problem::not_found(format!(
            "there is no project {}; create it first",
            quoted(name)
        ))
    })
}

/// Returns a stage.
fn stage_of<'p>(project: &'p CatalogueProject, name: &str) -> Option<&'p Stage> {
    let mut stages = project.shipyard.stages.iter();
    stages.find(|stage| stage.name == name)
}

/// Lists names, not all of them where there are many.
fn names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const MOST: usize = 10;
    let mut all: Vec<String> = names.map(quoted).collect();
    all.dedup();
    let more = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    if all.is_empty() {
        return "none".to_owned();
    }
    let listed = all.join(", ");
    if more > 0 {
        format!("{listed} and {more} more")
    } else {
        listed
    }
}
