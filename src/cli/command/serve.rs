//! `tidegate serve`: what was typed becomes settings; then the server runs until it is told to stop.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::pin;

use super::World;
use super::query::fail;
use super::target::{Configured, Target, configure};
use crate::cli::args::{MeasureArgs, ServeArgs};
use crate::cli::emission::emit_targets;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::server_parts::server_parts;
use crate::cli::signals::{Goal, stopped};
use crate::config::{Layer, Places, Reality, ServeBlock, Surroundings, find_config, parse_serve};
use crate::report::Format;
use crate::server::{
    AccessSettings, Anonymous, FolderError, LogFormat, Scope, ServeError, ServeSettings,
    TokenDigest, TokenSettings, serve as run, start_log,
};
use crate::spec::{Parsed, ProblemKind, Source};

/// The variable of a token that may do everything.
const TOKEN: &str = "TIDEGATE_SERVE_TOKEN";

/// Runs a server.
pub fn serve(args: &ServeArgs, world: &World<'_>) -> Exit {
    begin(args, world).unwrap_or_else(|failure| fail(&failure, Format::Table, world))
}

/// Reads what is configured, and serves.
fn begin(args: &ServeArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let settings = settings(args, world)?;
    start_log(settings.log, world.environment.get("TIDEGATE_LOG"));
    let parts = server_parts(args, world)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Bug, format!("no runtime: {error}")))?;
    let ended = runtime.block_on(async {
        let (asked, gently) = tokio::sync::oneshot::channel();
        let stop = async {
            if gently.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let mut serving = pin!(run(settings, parts, stop));
        tokio::select! {
            ended = &mut serving => return outcome(ended),
            _first = stopped(None, Goal::Answers) => drop(asked.send(())),
        }
        tokio::select! {
            ended = &mut serving => outcome(ended),
            second = stopped(None, Goal::Answers) => Ok(second.exit),
        }
    });
    runtime.shutdown_background();
    ended
}

/// Puts the settings together: flags before the environment before the file.
fn settings(args: &ServeArgs, world: &World<'_>) -> Result<ServeSettings, Failure> {
    let ServeArgs {
        listen,
        data,
        allow_anonymous,
        config,
        log_format,
        emit,
    } = args;
    let environment = world.environment;
    let given = config.clone();
    let given = given.or_else(|| environment.get("TIDEGATE_CONFIG").map(PathBuf::from));
    let mut places = find_config(Path::new("."), given.as_deref());
    places.config = places.config.map(|path| environment.near(&path));
    let block = block(&places, world)?;
    let listen = match (listen, environment.get("TIDEGATE_LISTEN")) {
        (Some(typed), _) => address("--listen", typed, Exit::Usage)?,
        (None, Some(set)) => address("TIDEGATE_LISTEN", set, Exit::Configuration)?,
        (None, None) => match &block.listen {
            Some(written) => address("`listen` of `serve`", written, Exit::Configuration)?,
            None => ServeSettings::LISTEN,
        },
    };
    let log = match (log_format, environment.get("TIDEGATE_LOG_FORMAT")) {
        (Some(typed), _) => Some(log_words("--log-format", typed, Exit::Usage)?),
        (None, Some(set)) => Some(log_words("TIDEGATE_LOG_FORMAT", set, Exit::Configuration)?),
        (None, None) => block.log,
    };
    let named = data.clone();
    let named = named.or_else(|| environment.get("TIDEGATE_DATA").map(PathBuf::from));
    let data = named
        .or(block.data.clone())
        .unwrap_or_else(|| environment.near(&places.root).join(ServeSettings::DATA));
    let anonymous = if *allow_anonymous {
        Anonymous::Allowed
    } else {
        block.anonymous
    };
    let written = serving(args, world)?.file.emit;
    Ok(ServeSettings {
        listen,
        data,
        access: access(&block, anonymous, environment.get(TOKEN))?,
        limits: block.limits,
        engine: block.engine,
        tls: block.tls,
        log: log.unwrap_or_default(),
        integration_ttl: block.integration_ttl,
        refresh_interval: block.refresh_interval,
        webhook_hosts: block.webhook_hosts,
        emit: emit_targets(emit, environment, &written)?,
        storage: block.storage,
    })
}

/// Reads what the gate inside takes from `tidegate.yaml`.
pub fn serving(args: &ServeArgs, world: &World<'_>) -> Result<Configured, Failure> {
    let measure = MeasureArgs {
        config: args.config.clone(),
        ..MeasureArgs::default()
    };
    let here = Target::one(None);
    configure(&here, &measure, Layer::default(), Reality::Real, world)
}

/// Reads `serve` of `tidegate.yaml`.
fn block(places: &Places, world: &World<'_>) -> Result<ServeBlock, Failure> {
    let Some(path) = &places.config else {
        return Ok(ServeBlock::default());
    };
    let lookup = |name: &str| world.environment.get(name).map(str::to_owned);
    let surroundings = Surroundings {
        lookup: &lookup,
        folder: &places.root,
        reality: Reality::Real,
    };
    let source =
        Source::read(path, Source::MOST_YAML_BYTES).map_err(|problem| match problem.kind {
            ProblemKind::Missing => Failure::of_files(vec![
                problem.with_hint("--config or TIDEGATE_CONFIG names it"),
            ]),
            ProblemKind::Malformed | ProblemKind::Advice => {
                Failure::of_configuration(vec![problem])
            }
        })?;
    let Parsed { value, problems } = parse_serve(&source, &surroundings);
    value.ok_or_else(|| Failure::of_configuration(problems))
}

/// Says who may do what.
fn access(
    block: &ServeBlock,
    anonymous: Anonymous,
    token: Option<&str>,
) -> Result<AccessSettings, Failure> {
    const SHORTEST: usize = 16;
    let mut tokens = block.tokens.clone();
    if let Some(token) = token {
        if token.len() < SHORTEST {
            let message = format!("{TOKEN} is shorter than {SHORTEST} characters");
            let hint = "it would be guessed; make one: openssl rand -hex 24";
            return Err(Failure::new(Exit::Configuration, message).with_hint(hint));
        }
        tokens.push(TokenSettings {
            name: "environment".to_owned(),
            digest: TokenDigest::of(token),
            scopes: [Scope::Admin].into(),
            projects: None,
        });
    }
    let rates = block.rates;
    Ok(AccessSettings {
        tokens,
        anonymous,
        metrics: block.metrics,
        proxies: block.proxies,
        failures_per_second: rates.failures_per_second,
        failure_burst: rates.failure_burst,
        requests_per_second: rates.requests_per_second,
    })
}

/// Reads an address with a port; `localhost` is this machine.
fn address(name: &str, text: &str, exit: Exit) -> Result<SocketAddr, Failure> {
    let local = text.strip_prefix("localhost:").and_then(|port| {
        let port = port.parse().ok()?;
        Some(SocketAddr::new(IpAddr::from([127, 0, 0, 1]), port))
    });
    let address = text.parse().ok().or(local);
    address.ok_or_else(|| {
        let message = format!("{name} must be an address and a port, not `{text}`");
        Failure::new(exit, message).with_hint("such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080")
    })
}

/// Reads how log lines look.
fn log_words(name: &str, text: &str, exit: Exit) -> Result<LogFormat, Failure> {
    text.parse().map_err(|()| {
        Failure::new(exit, format!("{name} can't be `{text}`")).with_hint("text or json")
    })
}

/// Returns how the process ends.
fn outcome(ended: Result<(), ServeError>) -> Result<Exit, Failure> {
    ended.map(|()| Exit::Pass).map_err(|error| failure(&error))
}

/// Says why the server did not start, or did not go on.
fn failure(error: &ServeError) -> Failure {
    let (exit, hint) = match error {
        ServeError::Access(_) => (
            Exit::Configuration,
            "put tokens under `serve` in tidegate.yaml, or one into TIDEGATE_SERVE_TOKEN; to try it out: --allow-anonymous",
        ),
        ServeError::Folder(FolderError::Taken { .. }) => (
            Exit::TryAgain,
            "stop that one first, or choose another folder with --data",
        ),
        ServeError::Folder(FolderError::Unusable { .. }) => (
            Exit::CannotCreate,
            "choose a folder with --data that can be written",
        ),
        ServeError::Certificate(_) => (
            Exit::Configuration,
            "look at `tls` of `serve` in tidegate.yaml",
        ),
        ServeError::Listen { .. } => (
            Exit::Unavailable,
            "choose another with --listen; port 0 takes any that is free",
        ),
        ServeError::Assembly(_) => (
            Exit::Bug,
            "nothing was changed; docs/serve.md says how to look at the data, and how to restore it",
        ),
    };
    Failure::new(exit, error.to_string())
        .with_causes_of(error)
        .with_hint(hint)
}
