//! Which control plane is meant, and how to speak to it.

use std::path::Path;
use std::time::Duration;

use super::super::World;
use super::super::query::{data_format, fail, wait_for, written};
use super::super::target::{Configured, Target, configure};
use super::credential::{read_token, refuse_typed_token};
use super::told::Told;
use crate::cli::args::{ConnectionArgs, MeasureArgs};
use crate::cli::control_planes::ControlPlanes;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::keptn_files::installations;
use crate::cli::wiring::open_control_plane;
use crate::config::{FilledControlPlane, Layer, Reality, Setting};
use crate::control::{KeptnClient, connection};
use crate::net::Secret;

/// A control plane that is spoken to.
pub struct Session<'w> {
    /// Speaks to it.
    pub client: KeptnClient,
    /// Its URL, without credentials.
    pub url: String,
    /// The settings of the working folder.
    pub configured: Configured,
    /// The surroundings.
    pub world: &'w World<'w>,
}

/// Where a control plane is, who says so, and what proves who asks.
pub struct Whereabouts {
    /// The URL.
    pub endpoint: String,
    /// Who says so.
    pub origin: String,
    /// The token.
    pub token: Option<Secret>,
    /// Who gave the token.
    pub token_origin: String,
}

impl<'w> Session<'w> {
    /// Finds the control plane. Nothing is sent yet.
    pub fn open(args: &ConnectionArgs, world: &'w World<'w>) -> Result<Self, Failure> {
        let configured = configured(args, world)?;
        let file = filled(&configured, world.environment)?;
        let Some(found) = whereabouts(args, &file, world.environment)? else {
            return Err(nowhere());
        };
        Self::of(found, &file, configured, world)
    }

    /// Makes a session of what was found.
    pub fn of(
        found: Whereabouts,
        file: &FilledControlPlane,
        configured: Configured,
        world: &'w World<'w>,
    ) -> Result<Self, Failure> {
        let Whereabouts {
            endpoint,
            origin,
            token,
            token_origin,
        } = found;
        let url = shown(&endpoint, &origin)?;
        world.console.mention(&format!(
            "control plane: {url} ({origin}), token: {token_origin}"
        ));
        let is_of_file = belongs(file, &endpoint);
        let file = if is_of_file {
            file.clone()
        } else {
            FilledControlPlane::default()
        };
        let client = open_control_plane(&endpoint, token, &file)?;
        Ok(Self {
            client,
            url,
            configured,
            world,
        })
    }

    /// Returns the project that is meant.
    pub fn project<'a>(&'a self, typed: Option<&'a str>) -> Result<&'a str, Failure> {
        self.named(typed, Setting::Project)
    }

    /// Returns a name that somebody has to say.
    pub fn named<'a>(
        &'a self,
        typed: Option<&'a str>,
        setting: Setting,
    ) -> Result<&'a str, Failure> {
        let name = typed.or_else(|| self.configured.settings.get(setting));
        name.filter(|name| !name.is_empty()).ok_or_else(|| {
            let (key, flag) = (setting.key(), setting.flag());
            let message = format!("nothing says which {key} is meant");
            let hint = format!(
                "add {flag} NAME, set {}, or write `{key}: NAME` into tidegate.yaml",
                setting.variable()
            );
            Failure::new(Exit::Usage, message).with_hint(hint)
        })
    }

    /// Returns how long to wait; `None` where nobody says.
    pub fn timeout(&self) -> Option<Duration> {
        self.configured.timeout
    }
}

/// Speaks to a control plane, and tells what comes of it.
pub fn converse<'w>(
    args: &ConnectionArgs,
    world: &'w World<'w>,
    work: impl AsyncFnOnce(&Session<'w>) -> Result<Told, Failure>,
) -> Exit {
    let told = Session::open(args, world).and_then(|session| {
        let format = data_format(args.output, Some(&session.configured), world);
        let told = wait_for(None, work(&session))??;
        Ok((told, format))
    });
    match told {
        Ok((told, format)) => written(&told.text(format), told.exit),
        Err(failure) => fail(&failure, data_format(args.output, None, world), world),
    }
}

/// Reads the settings of the working folder.
pub fn configured(args: &ConnectionArgs, world: &World<'_>) -> Result<Configured, Failure> {
    refuse_typed_token(args)?;
    let measure = MeasureArgs {
        config: args.config.clone(),
        ..MeasureArgs::default()
    };
    // Nothing but the control plane is spoken to, so that no other credential is needed.
    configure(
        &Target::one(None),
        &measure,
        Layer::default(),
        Reality::DryRun,
        world,
    )
}

/// Returns what `tidegate.yaml` says of the control plane.
pub fn filled(
    configured: &Configured,
    environment: &Environment,
) -> Result<FilledControlPlane, Failure> {
    let lookup = |name: &str| environment.get(name).map(str::to_owned);
    let filled = configured.file.control_plane.filled(&lookup);
    filled.map_err(|reason| Failure::new(Exit::Configuration, reason))
}

/// Finds the control plane; `None` where nobody names one.
pub fn whereabouts(
    args: &ConnectionArgs,
    file: &FilledControlPlane,
    environment: &Environment,
) -> Result<Option<Whereabouts>, Failure> {
    let planes = ControlPlanes::read(environment)?;
    let Some(found) = endpoint(args, file, &planes, environment)? else {
        return Ok(None);
    };
    let (endpoint, origin) = found;
    let (token, token_origin) = match typed_token(args, environment)? {
        Some((token, origin)) => (Some(token), origin),
        None => known_token(&endpoint, args, file, &planes, environment)?,
    };
    Ok(Some(Whereabouts {
        endpoint,
        origin,
        token,
        token_origin,
    }))
}

/// Finds the URL: flag, environment, `tidegate.yaml`, the user's file, Keptn's files.
fn endpoint(
    args: &ConnectionArgs,
    file: &FilledControlPlane,
    planes: &ControlPlanes,
    environment: &Environment,
) -> Result<Option<(String, String)>, Failure> {
    if let Some(typed) = &args.endpoint {
        return Ok(Some((typed.clone(), "--endpoint".to_owned())));
    }
    if let Some(name) = &args.control_plane {
        let Some(stored) = planes.control_planes.get(name) else {
            let known: Vec<&str> = planes.control_planes.keys().map(String::as_str).collect();
            let message = format!("no control plane is stored under the name `{name}`");
            let hint = format!("stored are: {}; see tidegate auth --list", known.join(", "));
            return Err(Failure::new(Exit::Missing, message).with_hint(hint));
        };
        return Ok(Some((
            stored.endpoint.clone(),
            "--control-plane".to_owned(),
        )));
    }
    for name in ["TIDEGATE_ENDPOINT", "KEPTN_ENDPOINT"] {
        if let Some(url) = environment.get(name) {
            return Ok(Some((url.to_owned(), name.to_owned())));
        }
    }
    if let Some(url) = &file.endpoint {
        return Ok(Some((url.clone(), file.place.clone())));
    }
    if let Some(stored) = planes.control_planes.get(&planes.current) {
        let origin = format!("tidegate auth, {}", planes.current);
        return Ok(Some((stored.endpoint.clone(), origin)));
    }
    of_keptn(args, environment)
}

/// Finds the URL in what Keptn's own command line stored.
fn of_keptn(
    args: &ConnectionArgs,
    environment: &Environment,
) -> Result<Option<(String, String)>, Failure> {
    let found = installations(args.namespace.as_deref(), environment);
    let Some(first) = found.first() else {
        return Ok(None);
    };
    if let Some(other) = found
        .iter()
        .find(|other| !is_same(&other.endpoint, &first.endpoint))
    {
        let message = format!(
            "Keptn's command line knows several installations, such as {} and {}",
            first.endpoint, other.endpoint
        );
        return Err(Failure::new(Exit::Usage, message)
            .with_hint("name one: --endpoint URL, or --namespace NAME"));
    }
    let origin = first.place.display().to_string();
    Ok(Some((first.endpoint.clone(), origin)))
}

/// Returns the token that goes to whatever control plane is named.
fn typed_token(
    args: &ConnectionArgs,
    environment: &Environment,
) -> Result<Option<(Secret, String)>, Failure> {
    if let Some(path) = &args.token_file {
        return Ok(Some((read_token(path)?, "--token-file".to_owned())));
    }
    // A variable that is set to nothing says nothing.
    let of = |name: &str| {
        let value = environment.get(name)?.trim();
        (!value.is_empty()).then(|| (value.to_owned(), name.to_owned()))
    };
    if let Some((token, name)) = of("TIDEGATE_TOKEN") {
        return Ok(Some((Secret::new(token), name)));
    }
    if let Some((path, name)) = of("TIDEGATE_TOKEN_FILE") {
        return Ok(Some((read_token(Path::new(&path))?, name)));
    }
    Ok(of("KEPTN_API_TOKEN").map(|(token, name)| (Secret::new(token), name)))
}

/// Returns the token that belongs to a control plane, and to no other.
fn known_token(
    endpoint: &str,
    args: &ConnectionArgs,
    file: &FilledControlPlane,
    planes: &ControlPlanes,
    environment: &Environment,
) -> Result<(Option<Secret>, String), Failure> {
    if belongs(file, endpoint) {
        if let Some(token) = &file.token {
            return Ok((Some(token.clone()), "tidegate.yaml".to_owned()));
        }
        if let Some(path) = &file.token_file {
            return Ok((Some(read_token(path)?), path.display().to_string()));
        }
    }
    let mut stored = planes.control_planes.values();
    let stored = stored.find(|stored| is_same(&stored.endpoint, endpoint));
    if let Some(stored) = stored.filter(|stored| !stored.token.is_empty()) {
        return Ok((Some(Secret::new(&stored.token)), "tidegate auth".to_owned()));
    }
    let mut found = installations(args.namespace.as_deref(), environment).into_iter();
    let found = found.find(|one| is_same(&one.endpoint, endpoint) && !one.token.is_empty());
    Ok(match found {
        Some(found) => {
            let origin = found.place.display().to_string();
            (Some(Secret::new(found.token)), origin)
        }
        None => (None, "none".to_owned()),
    })
}

/// Tells whether what `tidegate.yaml` says besides the URL is for this control plane.
fn belongs(file: &FilledControlPlane, endpoint: &str) -> bool {
    let of_file = file.endpoint.as_deref();
    of_file.is_none_or(|of_file| is_same(of_file, endpoint))
}

/// Tells whether two URLs name the same control plane.
fn is_same(one: &str, other: &str) -> bool {
    let url = |text: &str| connection(text).ok().map(|found| found.redacted_url());
    url(one).is_some_and(|one| url(other) == Some(one))
}

/// Returns a URL as it may be shown.
fn shown(endpoint: &str, origin: &str) -> Result<String, Failure> {
    let exit = if origin.starts_with("--") {
        Exit::Usage
    } else {
        Exit::Configuration
    };
    let parsed = connection(endpoint)
        .map_err(|error| Failure::new(exit, format!("{origin}: the URL can't be used: {error}")))?;
    Ok(parsed.redacted_url())
}

/// Says that nobody names a control plane.
pub fn nowhere() -> Failure {
    Failure::new(Exit::Usage, "nothing says which control plane is meant").with_hint(
        "add --endpoint URL, set TIDEGATE_ENDPOINT, write `control_plane: {endpoint: URL}` into tidegate.yaml, or store one: tidegate auth",
    )
}
