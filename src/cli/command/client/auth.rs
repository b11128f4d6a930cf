//! `tidegate auth` and `tidegate status`.

use serde_json::{Value, json};

use super::super::World;
use super::super::query::{data_format, fail, wait_for, written};
use super::credential::{ask, read_stdin};
use super::session::{Session, configured, converse, filled, nowhere, whereabouts};
use super::told::{Told, rows};
use crate::cli::args::{AuthArgs, StatusArgs};
use crate::cli::control_planes::{ControlPlanes, StoredControlPlane};
use crate::cli::environment::Stream;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::wiring::open_control_plane;
use crate::control::{KeptnClient, connection};
use crate::net::Secret;
use crate::report::printable;

/// Checks a token, and stores it.
pub fn auth(args: &AuthArgs, world: &World<'_>) -> Exit {
    let told = if args.list {
        list(world)
    } else if let Some(name) = &args.forget {
        forget(name, world)
    } else {
        store(args, world)
    };
    let format = data_format(args.connection.output, None, world);
    match told {
        Ok(told) => written(&told.text(format), told.exit),
        Err(failure) => fail(&failure, format, world),
    }
}

/// Asks whether the control plane is there and the token is accepted.
pub fn status(args: &StatusArgs, world: &World<'_>) -> Exit {
    converse(&args.connection, world, async |session: &Session<'_>| {
        greeted(&session.client, &session.url).await
    })
}

/// Asks whether the token is accepted, and what the control plane says of itself.
async fn greeted(client: &KeptnClient, url: &str) -> Result<Told, Failure> {
    client.check_token().await?;
    let metadata = client.metadata().await?;
    let (version, own) = (metadata.keptnversion, metadata.tidegateversion);
    let provisioning = metadata.automaticprovisioning;
    let document = json!({
        "endpoint": url,
        "authenticated": true,
        "version": version,
        "tidegateVersion": own,
        "automaticProvisioning": provisioning,
    });
    let shown = match (own, version.as_str()) {
        (Some(own), _) => format!("tidegate {}", printable(&own)),
        (None, "" | "N/A") => "version unknown".to_owned(),
        (None, version) => format!("version {}", printable(version)),
    };
    let table = format!("{url} accepts the token; {shown}");
    Ok(Told::new(document, table))
}

/// Checks what was given, and stores it.
fn store(args: &AuthArgs, world: &World<'_>) -> Result<Told, Failure> {
    let AuthArgs {
        connection: args,
        name,
        list: _,
        forget: _,
    } = args;
    let configured = configured(args, world)?;
    let file = filled(&configured, world.environment)?;
    let Some(found) = whereabouts(args, &file, world.environment)? else {
        return Err(nowhere());
    };
    let is_given = args.token_file.is_some()
        || ["TIDEGATE_TOKEN", "TIDEGATE_TOKEN_FILE", "KEPTN_API_TOKEN"]
            .iter()
            .filter_map(|name| world.environment.get(name))
            .any(|value| !value.trim().is_empty());
    let token = match found.token {
        Some(token) if is_given => token,
        known => given(known, world)?,
    };
    let address = connection(&found.endpoint)
        .map_err(|error| Failure::new(Exit::Usage, format!("the URL can't be used: {error}")))?;
    let url = address.redacted_url();
    let name = name.clone().unwrap_or_else(|| address.host());
    let client = open_control_plane(&found.endpoint, Some(token.clone()), &file)?;
    let told = wait_for(None, greeted(&client, &url))??;
    let mut planes = ControlPlanes::read(world.environment)?;
    let stored = StoredControlPlane {
        endpoint: url,
        token: token.expose().to_owned(),
    };
    planes.control_planes.insert(name.clone(), stored);
    planes.current.clone_from(&name);
    let path = planes.write(world.environment)?;
    let name = printable(&name);
    world
        .console
        .say(&format!("stored as {name} in {}", path.display()));
    Ok(told)
}

/// Returns a token that is piped in, or typed on a terminal; else what is known already.
fn given(known: Option<Secret>, world: &World<'_>) -> Result<Secret, Failure> {
    if world.environment.can_be_asked() {
        return ask(world.environment, "token (it is not shown):");
    }
    let piped = if world.environment.stdin == Stream::Terminal {
        String::new()
    } else {
        read_stdin()?
    };
    let piped = piped.trim();
    if !piped.is_empty() {
        return Ok(Secret::new(piped));
    }
    known.ok_or_else(|| {
        Failure::new(Exit::Usage, "there is no token")
            .with_hint("set TIDEGATE_TOKEN, name a file with --token-file, or pipe it in")
    })
}

/// Lists what is stored.
fn list(world: &World<'_>) -> Result<Told, Failure> {
    let planes = ControlPlanes::read(world.environment)?;
    let entries = planes.control_planes.iter();
    let document: Vec<Value> = entries
        .clone()
        .map(|(name, stored)| {
            let is_current = *name == planes.current;
            json!({"name": name, "endpoint": stored.endpoint, "current": is_current})
        })
        .collect();
    let table: Vec<Vec<String>> = entries
        .map(|(name, stored)| {
            let mark = if *name == planes.current { "*" } else { "" };
            vec![mark.to_owned(), name.clone(), stored.endpoint.clone()]
        })
        .collect();
    if table.is_empty() {
        world.console.say("nothing is stored");
    }
    let table = rows(&["", "NAME", "ENDPOINT"], &table);
    Ok(Told::new(json!({"controlPlanes": document}), table))
}

/// Forgets what is stored under a name.
fn forget(name: &str, world: &World<'_>) -> Result<Told, Failure> {
    let mut planes = ControlPlanes::read(world.environment)?;
    if planes.control_planes.remove(name).is_none() {
        let message = format!("no control plane is stored under the name `{name}`");
        return Err(
            Failure::new(Exit::Missing, message).with_hint("tidegate auth --list lists them")
        );
    }
    if planes.current == name {
        let next = planes.control_planes.keys().next();
        planes.current = next.cloned().unwrap_or_default();
    }
    planes.write(world.environment)?;
    let text = format!("{} is forgotten", printable(name));
    Ok(Told::new(json!({"forgotten": name}), text))
}
