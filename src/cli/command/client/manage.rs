//! `tidegate create`, `tidegate update` and `tidegate delete`.

use serde_json::{Value, json};

use super::super::World;
use super::session::{Session, converse};
use super::told::Told;
use super::{project, secret};
use crate::cli::args::{
    CreateArgs, CreateCommand, DeleteArgs, DeleteCommand, DeleteResourceArgs, ServiceNameArgs,
    UpdateArgs, UpdateCommand,
};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::control::ResourcePlace;
use crate::report::printable;

/// Creates something.
pub fn create(args: &CreateArgs, world: &World<'_>) -> Exit {
    match &args.command {
        CreateCommand::Project(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                project::create(args, session).await
            })
        }
        CreateCommand::Service(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                let project = session.project(args.project.as_deref())?;
                session.client.create_service(project, &args.name).await?;
                Ok(service(args, project, "created"))
            })
        }
        CreateCommand::Secret(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                secret::create(args, session).await
            })
        }
    }
}

/// Changes something.
pub fn update(args: &UpdateArgs, world: &World<'_>) -> Exit {
    match &args.command {
        UpdateCommand::Project(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                project::update(args, session).await
            })
        }
        UpdateCommand::Secret(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                secret::update(args, session).await
            })
        }
    }
}

/// Deletes something.
pub fn delete(args: &DeleteArgs, world: &World<'_>) -> Exit {
    match &args.command {
        DeleteCommand::Project(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                let message = session.client.delete_project(&args.name).await?;
                if !message.is_empty() {
                    world.console.say(&printable(&message));
                }
                Ok(done("project", &args.name, "deleted", json!({})))
            })
        }
        DeleteCommand::Service(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                let project = session.project(args.project.as_deref())?;
                session.client.delete_service(project, &args.name).await?;
                Ok(service(args, project, "deleted"))
            })
        }
        DeleteCommand::Secret(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                session
                    .client
                    .delete_secret(&args.name, &args.scope)
                    .await?;
                let of = json!({"scope": args.scope});
                Ok(done("secret", &args.name, "deleted", of))
            })
        }
        DeleteCommand::Resource(args) => {
            converse(&args.connection, world, async |session: &Session<'_>| {
                delete_resource(args, session).await
            })
        }
    }
}

/// Deletes a resource.
async fn delete_resource(
    args: &DeleteResourceArgs,
    session: &Session<'_>,
) -> Result<Told, Failure> {
    let place = ResourcePlace {
        project: session.project(args.project.as_deref())?.to_owned(),
        stage: args.stage.clone(),
        service: args.service.clone(),
    };
    session.client.delete_resource(&place, &args.uri).await?;
    let of = json!({"project": place.project, "stage": place.stage, "service": place.service});
    Ok(done("resource", &args.uri, "deleted", of))
}

/// Tells what was done with a service.
fn service(args: &ServiceNameArgs, project: &str, word: &str) -> Told {
    done("service", &args.name, word, json!({"project": project}))
}

/// Tells what was done.
pub fn done(kind: &str, name: &str, word: &str, mut document: Value) -> Told {
    if let Some(members) = document.as_object_mut() {
        let said = [("kind", kind), ("name", name), ("done", word)];
        members.extend(said.map(|(key, text)| (key.to_owned(), Value::from(text))));
    }
    Told::new(
        document,
        format!("the {kind} {} is {word}", printable(name)),
    )
}
