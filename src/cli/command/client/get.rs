//! `tidegate get`.

use serde_json::Value;

use super::super::World;
use super::session::{Session, converse};
use super::standing;
use super::told::{Told, rows};
use crate::app::{known_project, open_approvals};
use crate::cli::args::{GetArgs, GetCommand, GetEventsArgs, GetListArgs, GetSequencesArgs};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::control::{EventQuestion, ExpandedProject, ResourcePlace, SequenceQuestion};
use crate::gate::event::CloudEvent;
use crate::report::EventList;

/// What most types begin with.
const PREFIX: &str = "sh.keptn.event.";

/// What was found: a list for programs, and the same for people.
struct Found {
    /// What it is a list of.
    noun: &'static str,
    /// For programs.
    list: Vec<Value>,
    /// For people.
    table: String,
}

/// What an empty list is.
enum Emptiness {
    /// An answer like any other.
    Answer,
    /// A failure: --require says so.
    Failure,
}

impl From<bool> for Emptiness {
    fn from(is_required: bool) -> Self {
        if is_required {
            Self::Failure
        } else {
            Self::Answer
        }
    }
}

/// Lists what a control plane knows.
pub fn get(args: &GetArgs, world: &World<'_>) -> Exit {
    match &args.command {
        GetCommand::Sequences(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                told(sequences(args, session).await?, &args.require.into(), world)
            })
        }
        GetCommand::Events(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                told(events(args, session).await?, &args.require.into(), world)
            })
        }
        GetCommand::Projects(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                told(projects(args, session).await?, &args.require.into(), world)
            })
        }
        GetCommand::Stages(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                told(stages(args, session).await?, &args.require.into(), world)
            })
        }
        GetCommand::Services(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                told(services(args, session).await?, &args.require.into(), world)
            })
        }
        GetCommand::Approvals(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                told(approvals(args, session).await?, &args.require.into(), world)
            })
        }
        GetCommand::Resources(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                told(resources(args, session).await?, &args.require.into(), world)
            })
        }
        GetCommand::Secrets(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                told(secrets(args, session).await?, &args.require.into(), world)
            })
        }
    }
}

/// Tells what was found.
fn told(found: Found, emptiness: &Emptiness, world: &World<'_>) -> Result<Told, Failure> {
    let Found { noun, list, table } = found;
    if list.is_empty() {
        let message = format!("there are no such {noun}");
        match emptiness {
            Emptiness::Failure => return Err(Failure::new(Exit::Missing, message)),
            Emptiness::Answer => world.console.say(&message),
        }
    }
    let mut document = serde_json::Map::new();
    document.insert(noun.to_owned(), list.into());
    Ok(Told::new(Value::Object(document), table))
}

/// Says that something that is named is not there.
fn missing(kind: &str, name: &str, place: &str) -> Failure {
    Failure::new(Exit::Missing, format!("there is no {kind} `{name}`{place}"))
}

/// Returns a value for programs.
fn document(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Lists projects.
async fn projects(args: &GetListArgs, session: &Session<'_>) -> Result<Found, Failure> {
    let projects = match &args.name {
        Some(name) => vec![known_project(&session.client, name).await?],
        None => session.client.expanded_projects().await?,
    };
    let row = |project: &ExpandedProject| {
        let stages = project.stages.iter().map(|stage| stage.stage_name.as_str());
        vec![
            project.project_name.clone(),
            moment(&project.creation_date),
            project.shipyard_version.clone(),
            stages.collect::<Vec<_>>().join(","),
        ]
    };
    let table: Vec<Vec<String>> = projects.iter().map(row).collect();
    Ok(Found {
        noun: "projects",
        list: projects.iter().map(document).collect(),
        table: rows(&["NAME", "CREATED", "SHIPYARD VERSION", "STAGES"], &table),
    })
}

/// Lists the stages of a project.
async fn stages(args: &GetListArgs, session: &Session<'_>) -> Result<Found, Failure> {
    let project = session.project(args.project.as_deref())?;
    let project = known_project(&session.client, project).await?;
    let mut stages = project.stages;
    if let Some(name) = &args.name {
        stages.retain(|stage| stage.stage_name == *name);
        if stages.is_empty() {
            let place = format!(" in the project `{}`", project.project_name);
            return Err(missing("stage", name, &place));
        }
    }
    let table: Vec<Vec<String>> = stages
        .iter()
        .map(|stage| {
            let services = stage.services.iter();
            let services = services.map(|service| service.service_name.as_str());
            vec![
                stage.stage_name.clone(),
                stage.parent_stages.join(","),
                services.collect::<Vec<_>>().join(","),
            ]
        })
        .collect();
    Ok(Found {
        noun: "stages",
        list: stages.iter().map(document).collect(),
        table: rows(&["NAME", "AFTER", "SERVICES"], &table),
    })
}

/// Lists the services of one project, or of all.
async fn services(args: &GetListArgs, session: &Session<'_>) -> Result<Found, Failure> {
    let named = session.project(args.project.as_deref()).ok();
    let projects = match named {
        Some(name) => vec![known_project(&session.client, name).await?],
        None => session.client.expanded_projects().await?,
    };
    let (mut list, mut table) = (Vec::new(), Vec::new());
    let is_meant =
        |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
    for project in &projects {
        let stages = project.stages.iter();
        for stage in stages.filter(|stage| is_meant(&args.stage, &stage.stage_name)) {
            let services = stage.services.iter();
            for service in services.filter(|service| is_meant(&args.name, &service.service_name)) {
                let mut entry = document(service);
                if let Some(members) = entry.as_object_mut() {
                    members.insert("project".to_owned(), project.project_name.as_str().into());
                    members.insert("stage".to_owned(), stage.stage_name.as_str().into());
                }
                list.push(entry);
                table.push(vec![
                    service.service_name.clone(),
                    project.project_name.clone(),
                    stage.stage_name.clone(),
                    service.deployed_image.clone(),
                ]);
            }
        }
    }
    if let Some(name) = args.name.as_ref().filter(|_| list.is_empty()) {
        return Err(missing("service", name, ""));
    }
    Ok(Found {
        noun: "services",
        list,
        table: rows(&["NAME", "PROJECT", "STAGE", "IMAGE"], &table),
    })
}

/// Lists how sequences stand.
async fn sequences(args: &GetSequencesArgs, session: &Session<'_>) -> Result<Found, Failure> {
    let project = session.project(args.project.as_deref())?;
    known_project(&session.client, project).await?;
    let question = SequenceQuestion {
        name: args.name.clone(),
        state: args.state.clone(),
        context: args.context.clone(),
    };
    let listed = session.client.sequences(project, &question, args.limit);
    let listed = listed.await?;
    if let Some(context) = args.context.as_ref().filter(|_| listed.is_empty()) {
        let place = format!(" in the project `{project}`");
        return Err(missing("context", context, &place));
    }
    let table: Vec<Vec<String>> = listed
        .iter()
        .map(|state| {
            let stages = state.stages.iter();
            let stages = stages.map(standing::stage);
            vec![
                state.name.clone(),
                state.state.clone(),
                standing::result(state),
                state.service.clone(),
                state.time.clone(),
                state.shkeptncontext.clone(),
                stages.collect::<Vec<_>>().join(" "),
            ]
        })
        .collect();
    Ok(Found {
        noun: "sequences",
        list: listed.iter().map(document).collect(),
        table: rows(
            &[
                "NAME", "STATE", "RESULT", "SERVICE", "TIME", "CONTEXT", "STAGES",
            ],
            &table,
        ),
    })
}

/// Lists events.
async fn events(args: &GetEventsArgs, session: &Session<'_>) -> Result<Found, Failure> {
    let project = match &args.context {
        // A context knows its project.
        Some(_) => session.project(args.project.as_deref()).ok(),
        None => Some(session.project(args.project.as_deref())?),
    };
    if let Some(project) = project {
        known_project(&session.client, project).await?;
    }
    let full = |name: &String| {
        if name.starts_with("sh.keptn.") {
            name.clone()
        } else {
            format!("{PREFIX}{name}")
        }
    };
    let question = EventQuestion {
        project: project.map(str::to_owned),
        stage: args.stage.clone(),
        service: args.service.clone(),
        event_type: args.event_type.as_ref().map(full),
        context: args.context.clone(),
        ..EventQuestion::default()
    };
    let events = session.client.history(&question, args.limit).await?;
    Ok(found_events("events", &events, session))
}

/// Returns events as they are told.
fn found_events(noun: &'static str, events: &[CloudEvent], session: &Session<'_>) -> Found {
    let lines = EventList::of(events, session.world.console.stdout);
    Found {
        noun,
        list: events.iter().map(document).collect(),
        table: events.iter().map(|event| lines.line(event)).collect(),
    }
}

/// Lists the approvals that wait.
async fn approvals(args: &GetListArgs, session: &Session<'_>) -> Result<Found, Failure> {
    let project = session.project(args.project.as_deref()).ok();
    if let Some(project) = project {
        known_project(&session.client, project).await?;
    }
    let question = EventQuestion {
        project: project.map(str::to_owned),
        stage: args.stage.clone(),
        service: args.service.clone(),
        context: args.context.clone(),
        id: args.name.clone(),
        ..EventQuestion::default()
    };
    let open = open_approvals(&session.client, &question).await?;
    if let Some(id) = args.name.as_ref().filter(|_| open.is_empty()) {
        return Err(missing("open approval", id, ""));
    }
    Ok(Found {
        noun: "approvals",
        list: open.iter().map(document).collect(),
        table: super::approve::table(&open),
    })
}

/// Lists the resources of one place.
async fn resources(args: &GetListArgs, session: &Session<'_>) -> Result<Found, Failure> {
    if args.service.is_some() && args.stage.is_none() {
        let message = "a service is in a stage, and none is named";
        return Err(Failure::new(Exit::Usage, message).with_hint("add --stage NAME"));
    }
    let place = ResourcePlace {
        project: session.project(args.project.as_deref())?.to_owned(),
        stage: args.stage.clone(),
        service: args.service.clone(),
    };
    let mut resources = session.client.resources(&place).await?;
    if let Some(name) = &args.name {
        resources.retain(|one| one.uri.trim_start_matches('/') == name.trim_start_matches('/'));
        if resources.is_empty() {
            return Err(missing("resource", name, ""));
        }
    }
    let table: Vec<Vec<String>> = resources.iter().map(|one| vec![one.uri.clone()]).collect();
    Ok(Found {
        noun: "resources",
        list: resources.iter().map(document).collect(),
        table: rows(&["URI"], &table),
    })
}

/// Lists secrets.
async fn secrets(args: &GetListArgs, session: &Session<'_>) -> Result<Found, Failure> {
    let mut secrets = session.client.secrets().await?;
    if let Some(name) = &args.name {
        secrets.retain(|secret| secret.name == *name);
        if secrets.is_empty() {
            return Err(missing("secret", name, ""));
        }
    }
    let table: Vec<Vec<String>> = secrets
        .iter()
        .map(|secret| {
            vec![
                secret.name.clone(),
                secret.scope.clone(),
                secret.keys.join(","),
            ]
        })
        .collect();
    Ok(Found {
        noun: "secrets",
        list: secrets.iter().map(document).collect(),
        table: rows(&["NAME", "SCOPE", "KEYS"], &table),
    })
}

/// Returns a moment that is written in nanoseconds since 1970, as people read it.
fn moment(nanoseconds: &str) -> String {
    let nanoseconds = nanoseconds.parse::<i128>().ok();
    let time = nanoseconds.and_then(|time| jiff::Timestamp::from_nanosecond(time).ok());
    time.map_or_else(String::new, |time| {
        time.strftime("%Y-%m-%d %H:%M").to_string()
    })
}
