//! `tidegate add-resource` and `tidegate send event`.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads the file that is stored elsewhere"
)]

use std::io::Read as _;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::super::World;
use super::input::{object, read_text};
use super::session::{Session, converse};
use super::told::Told;
use crate::app::{known_project, submit_once};
use crate::cli::args::{AddResourceArgs, SendArgs, SendCommand, SendEventArgs};
use crate::cli::clock;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::control::ResourcePlace;
use crate::gate::event::CloudEvent;
use crate::report::printable;

/// The most bytes of a resource.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Stores a file as a resource.
pub fn add_resource(args: &AddResourceArgs, world: &World<'_>) -> Exit {
    converse(&args.connection, world, async |session: &Session<'_>| {
        add(args, session).await
    })
}

/// Stores a file in every place that is meant.
async fn add(args: &AddResourceArgs, session: &Session<'_>) -> Result<Told, Failure> {
    if args.service.is_some() && args.stage.is_none() && !args.all_stages {
        return Err(
            Failure::new(Exit::Usage, "a service is in a stage, and none is named")
                .with_hint("add --stage NAME, or --all-stages"),
        );
    }
    let content = read(&args.resource)?;
    let uri = uri(args)?;
    let project = known_project(&session.client, session.project(args.project.as_deref())?).await?;
    let name = &project.project_name;
    let stages: Vec<Option<String>> = if args.all_stages {
        let stages = project.stages.iter();
        stages.map(|stage| Some(stage.stage_name.clone())).collect()
    } else {
        vec![args.stage.clone()]
    };
    let mut stored = Vec::new();
    for stage in stages {
        let place = ResourcePlace {
            project: name.clone(),
            stage,
            service: args.service.clone(),
        };
        session
            .client
            .store_resource(&place, &uri, &content)
            .await?;
        stored.push(json!({"stage": place.stage, "service": place.service}));
    }
    let text = format!(
        "{} is stored in {} {} of {}",
        printable(&uri),
        stored.len(),
        if stored.len() == 1 { "place" } else { "places" },
        printable(name)
    );
    let document = json!({"project": name, "resourceURI": uri, "storedIn": stored});
    Ok(Told::new(document, text))
}

/// Returns the path under which a file is stored.
fn uri(args: &AddResourceArgs) -> Result<String, Failure> {
    let uri = match &args.resource_uri {
        Some(uri) => uri.clone(),
        None => args.resource.to_string_lossy().replace('\\', "/"),
    };
    let uri = uri
        .trim_start_matches("./")
        .trim_start_matches('/')
        .to_owned();
    let climbs = uri.split('/').any(|part| part == "..");
    if climbs || uri.is_empty() || uri.contains('~') {
        let message = format!("`{uri}` can't be the path of a resource");
        return Err(
            Failure::new(Exit::Usage, message).with_hint("name another one with --resource-uri")
        );
    }
    Ok(uri)
}

/// Reads the file.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut content));
    let shown = path.display();
    read.map_err(|error| Failure::new(Exit::Missing, format!("{shown} can't be read: {error}")))?;
    if content.len() as u64 > MOST_BYTES {
        let message = format!("{shown} is larger than {MOST_BYTES} bytes");
        return Err(Failure::new(Exit::Malformed, message));
    }
    Ok(content)
}

/// Sends something.
pub fn send(args: &SendArgs, world: &World<'_>) -> Exit {
    let SendCommand::Event(args) = &args.command;
    converse(&args.connection, world, async |session: &Session<'_>| {
        send_event(args, session).await
    })
}

/// Sends the event of a file.
async fn send_event(args: &SendEventArgs, session: &Session<'_>) -> Result<Told, Failure> {
    let place = args.file.display().to_string();
    let mut members: Map<String, Value> = object(&read_text(&args.file)?, &place)?;
    for name in ["type", "source", "data"] {
        if !members.contains_key(name) {
            let message = format!("the event in {place} has no `{name}`");
            return Err(Failure::new(Exit::Malformed, message)
                .with_hint("an event needs type, source and data"));
        }
    }
    // What is not said is chosen here, so that a lost answer can be looked for.
    let text = |value: String| Value::from(value);
    members.entry("id").or_insert_with(|| text(clock::id()));
    members.entry("specversion").or_insert_with(|| "1.0".into());
    let context = members.entry("shkeptncontext");
    context.or_insert_with(|| text(clock::context()));
    let event: CloudEvent = serde_json::from_value(Value::Object(members)).map_err(|error| {
        Failure::new(Exit::Malformed, format!("{place} holds no event: {error}"))
    })?;
    let context = submit_once(&session.client, &event).await?;
    let document = json!({"keptnContext": context, "type": event.event_type});
    Ok(Told::new(document, context))
}
