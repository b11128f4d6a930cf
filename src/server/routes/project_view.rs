//! Projects as the API shows them: what is known of them, and what was last seen of their services.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::control::{EventContext, ExpandedProject, ExpandedService, ExpandedStage};
use crate::server::catalogue::CatalogueProject;
use crate::server::sightings::ServiceSighting;

/// Shows a project.
#[must_use]
pub fn expand_project(
    name: &str,
    known: &CatalogueProject,
    sightings: &[ServiceSighting],
) -> ExpandedProject {
    let stages = expand_stages(known, sightings);
    ExpandedProject {
        creation_date: nanoseconds(known.created),
        project_name: name.to_owned(),
        shipyard: known.shipyard_text.clone(),
        shipyard_version: known.shipyard.api_version.clone(),
        git_credentials: known.upstream.clone(),
        is_upstream_auto_provisioned: known.upstream.is_none(),
        last_event_context: newest(
            stages
                .iter()
                .filter_map(|stage| stage.last_event_context.as_ref()),
        ),
        stages,
    }
}

/// Shows the stages of a project, in the order of the shipyard.
#[must_use]
pub fn expand_stages(
    known: &CatalogueProject,
    sightings: &[ServiceSighting],
) -> Vec<ExpandedStage> {
    let seen: BTreeMap<(&str, &str), &ServiceSighting> = sightings
        .iter()
        .map(|sighting| {
            (
                (sighting.stage.as_str(), sighting.service.as_str()),
                sighting,
            )
        })
        .collect();
    let stages = known.shipyard.stages.iter().map(|stage| {
        let services: Vec<ExpandedService> = known
            .services
            .iter()
            .map(|(service, created)| {
                let sighting = seen.get(&(stage.name.as_str(), service.as_str()));
                expand_service(service, *created, sighting.copied())
            })
            .collect();
        let contexts = services
            .iter()
            .flat_map(|service| service.last_event_types.values());
        ExpandedStage {
            stage_name: stage.name.clone(),
            parent_stages: known
                .shipyard
                .parents(&stage.name)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            last_event_context: newest(contexts),
            services,
        }
    });
    stages.collect()
}

/// Shows a service.
fn expand_service(
    name: &str,
    created: Timestamp,
    sighting: Option<&ServiceSighting>,
) -> ExpandedService {
    ExpandedService {
        service_name: name.to_owned(),
        creation_date: nanoseconds(created),
        deployed_image: sighting.map(|seen| seen.image.clone()).unwrap_or_default(),
        last_event_types: sighting.map(|seen| seen.types.clone()).unwrap_or_default(),
    }
}

/// Returns the newest of some events.
fn newest<'a>(contexts: impl Iterator<Item = &'a EventContext>) -> Option<EventContext> {
    let time = |context: &&EventContext| context.time.parse::<i128>().unwrap_or_default();
    contexts.max_by_key(time).cloned()
}

/// Returns a moment as Keptn writes it: nanoseconds since 1970.
fn nanoseconds(moment: Timestamp) -> String {
    moment.as_nanosecond().to_string()
}
