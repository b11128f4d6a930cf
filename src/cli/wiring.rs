//! Builds the adapters. The only place that does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::clock;
use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;
use crate::config::{EventLogOptions, FilledControlPlane, ProviderDefinition, Setting, Settings};
use crate::control::{KeptnClient, connection};
use crate::eventlog::{self, EventLog, EventLogSettings, LogUrl};
use crate::gate::{ProviderName, Query};
use crate::net::{HeaderText, RetrySettings, Secret};
use crate::provider::{self, Memory, Provider};

/// Where evaluations are stored when nobody says.
const DEFAULT_LOG: &str = "sqlite:.tidegate/events.db";

/// Reads which log is meant, and what it needs. The token of a file goes to the log of that file only. A relative path of a flag or a variable starts at the working folder, any other at the root.
pub fn log_settings(
    settings: &Settings,
    options: &EventLogOptions,
    root: &Path,
    environment: &Environment,
) -> Result<EventLogSettings, Failure> {
    use crate::config::Origin;
    let url = settings.read(Setting::EventLog, str::parse::<LogUrl>)?;
    let folder = match settings.origin(Setting::EventLog) {
        Origin::Flag(_) | Origin::Environment(_) => PathBuf::new(),
        Origin::File { .. } | Origin::Default => environment.near(root),
    };
    let url = match url {
        Some(url) => url,
        None => DEFAULT_LOG
            .parse()
            .map_err(|error| Failure::new(Exit::Bug, format!("{error}")))?,
    };
    if let (LogUrl::Remote(remote), Origin::Flag(flag)) = (&url, settings.origin(Setting::EventLog))
        && remote.has_password()
    {
        return Err(password_on_argv(&flag));
    }
    let plain = EventLogSettings {
        variables: environment.variables(),
        ..EventLogSettings::new(url.relative_to(&folder))
    };
    let is_of_the_file = matches!(settings.origin(Setting::EventLog), Origin::File { .. });
    if options.belongs_to_url && !is_of_the_file {
        return Ok(plain);
    }
    let EventLogOptions {
        token,
        tls,
        timeout,
        lock_timeout,
        belongs_to_url: _,
    } = options.clone();
    Ok(EventLogSettings {
        token,
        tls,
        timeout: timeout.unwrap_or(plain.timeout),
        lock_timeout: lock_timeout.unwrap_or(plain.lock_timeout),
        ..plain
    })
}

/// Refuses a password that every process of the machine can read.
pub fn password_on_argv(argument: &str) -> Failure {
    let message = format!(
        "{argument} holds a password, and everybody on this machine can read what is typed"
    );
    Failure::new(Exit::Usage, message).with_hint(
        "put the URL into the variable TIDEGATE_EVENT_LOG or into tidegate.yaml, or leave the password to the usual \
         places of the server, such as PGPASSWORD",
    )
}

/// Opens the log.
pub fn open_log(settings: EventLogSettings) -> Result<Box<dyn EventLog>, Failure> {
    Ok(eventlog::open(settings)?)
}

/// Opens the providers that the queries name.
pub fn open_providers(
    definitions: &BTreeMap<ProviderName, ProviderDefinition>,
    queries: &[Query],
) -> Result<BTreeMap<ProviderName, Box<dyn Provider>>, Failure> {
    let mut open = BTreeMap::new();
    for query in queries {
        if open.contains_key(&query.provider) {
            continue;
        }
        let opened = match definitions.get(&query.provider) {
            Some(definition) => open_provider(&query.provider, definition)?,
            None => None,
        };
        open.extend(opened.map(|provider| (query.provider.clone(), provider)));
    }
    Ok(open)
}

/// Lets providers answer from a memory what it knows.
pub fn remember(
    providers: BTreeMap<ProviderName, Box<dyn Provider>>,
    definitions: &BTreeMap<ProviderName, ProviderDefinition>,
    memory: &Memory,
) -> BTreeMap<ProviderName, Box<dyn Provider>> {
    let remembering = |(name, provider): (ProviderName, Box<dyn Provider>)| {
        if !provider.is_backend() {
            return (name, provider);
        }
        let definition = definitions.get(&name);
        let settings = definition.and_then(|definition| definition.settings.clone());
        let remembering: Box<dyn Provider> = Box::new(memory.before(provider, settings));
        (name, remembering)
    };
    providers.into_iter().map(remembering).collect()
}

/// Opens a provider; `None` where its settings are not known, as in a dry run.
pub fn open_provider(
    name: &ProviderName,
    definition: &ProviderDefinition,
) -> Result<Option<Box<dyn Provider>>, Failure> {
    let Some(settings) = &definition.settings else {
        return Ok(None);
    };
    let settings = settings.clone().with_seed(clock::seed());
    Ok(Some(provider::open(name, &settings)?))
}

/// How patient to be with a control plane: it counts failed tokens by the second.
const CONTROL_PLANE_RETRY: RetrySettings = RetrySettings {
    attempts: 3,
    base: std::time::Duration::from_secs(1),
    max: std::time::Duration::from_secs(15),
    seed: 0,
};
/// How large an answer of a control plane may be: a page of events as large as it takes them, and some room.
const CONTROL_PLANE_BYTES: usize = 128 * 1024 * 1024;

/// Opens a control plane. Nothing is sent yet.
pub fn open_control_plane(
    endpoint: &str,
    token: Option<Secret>,
    file: &FilledControlPlane,
) -> Result<KeptnClient, Failure> {
    let refused = |text: String| {
        Failure::new(Exit::Configuration, text).with_hint("look at --endpoint and the token")
    };
    let mut connection = connection(endpoint).map_err(|error| refused(error.to_string()))?;
    connection.headers = token
        .map(|token| ("x-token".to_owned(), HeaderText::Secret(token)))
        .into_iter()
        .collect();
    connection.tls = file.tls.clone();
    connection.timeout = file.timeout.unwrap_or(connection.timeout);
    connection.retry = RetrySettings {
        seed: clock::seed(),
        ..CONTROL_PLANE_RETRY
    };
    connection.max_response_bytes = CONTROL_PLANE_BYTES;
    KeptnClient::new(&connection).map_err(|error| refused(error.to_string()))
}
