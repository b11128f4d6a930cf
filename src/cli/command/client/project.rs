//! Projects that are created or changed, with their repositories.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::credential::read_value;
use super::manage::done;
use super::session::Session;
use super::told::Told;
use crate::app::known_project;
use crate::cli::args::{GitArgs, ProjectArgs, UpdateProjectArgs};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::control::NewProject;
use crate::spec::{Source, parse_shipyard, render};

/// Creates a project.
pub async fn create(args: &ProjectArgs, session: &Session<'_>) -> Result<Told, Failure> {
    let credentials = credentials(&args.git, session)?;
    if credentials.is_none() {
        let metadata = session.client.metadata().await?;
        if metadata.automaticprovisioning == Some(false) {
            let message = "the control plane makes no repositories, so the project needs one";
            return Err(Failure::new(Exit::Usage, message).with_hint(
                "add --git-remote-url URL, --git-user NAME and --git-token-env VARIABLE",
            ));
        }
    }
    let project = NewProject {
        name: args.name.clone(),
        shipyard: Some(shipyard_text(&args.shipyard, session)?),
        git_credentials: credentials,
    };
    session.client.create_project(&project).await?;
    Ok(done("project", &args.name, "created", json!({})))
}

/// Changes a project.
pub async fn update(args: &UpdateProjectArgs, session: &Session<'_>) -> Result<Told, Failure> {
    let git_credentials = credentials(&args.git, session)?;
    let shipyard = args.shipyard.as_deref();
    let shipyard = shipyard
        .map(|path| shipyard_text(path, session))
        .transpose()?;
    if git_credentials.is_none() && shipyard.is_none() {
        return Err(Failure::new(Exit::Usage, "nothing says what to change")
            .with_hint("add --shipyard FILE, or --git-remote-url URL and what goes with it"));
    }
    known_project(&session.client, &args.name).await?;
    let project = NewProject {
        name: args.name.clone(),
        shipyard,
        git_credentials,
    };
    session.client.update_project(&project).await?;
    Ok(done("project", &args.name, "changed", json!({})))
}

/// Reads a shipyard, tells what is worth knowing of it, and refuses what is none with every problem that it has.
fn shipyard_text(path: &Path, session: &Session<'_>) -> Result<String, Failure> {
    let source = Source::read(path, Source::MOST_YAML_BYTES)
        .map_err(|problem| Failure::of_files(vec![problem]))?;
    let parsed = parse_shipyard(&source);
    if parsed.value.is_none() {
        return Err(Failure::of_files(parsed.problems));
    }
    let console = &session.world.console;
    for problem in parsed.problems {
        let style = console.problem_style();
        console.say(render(&[problem], style).trim_end());
    }
    Ok(source.text().to_owned())
}

/// Returns where the repository is, as Keptn writes it; `None` where nothing is said. Half of it is refused: Keptn would
/// drop it and report success.
fn credentials(git: &GitArgs, session: &Session<'_>) -> Result<Option<Value>, Failure> {
    let GitArgs {
        git_remote_url,
        git_user,
        git_token_env,
        git_private_key,
        git_private_key_pass_env,
        git_pem_certificate,
    } = git;
    let refuse =
        |message: &str, hint: &str| Err(Failure::new(Exit::Usage, message).with_hint(hint));
    let Some(url) = git_remote_url else {
        let is_silent = git_user.is_none()
            && git_token_env.is_none()
            && git_private_key.is_none()
            && git_pem_certificate.is_none();
        if is_silent {
            return Ok(None);
        }
        return refuse(
            "credentials of a repository need its URL",
            "add --git-remote-url URL",
        );
    };
    let user = git_user.clone().unwrap_or_default();
    let (kind, credential) = match (git_token_env, git_private_key) {
        (Some(name), None) => {
            let certificate = git_pem_certificate.as_deref();
            ("https", token(name, certificate, session)?)
        }
        (None, Some(path)) => {
            let passphrase = git_private_key_pass_env.as_deref();
            ("ssh", private_key(path, passphrase, session)?)
        }
        (Some(_), Some(_)) | (None, None) => {
            return refuse(
                "a repository needs either a token or a private key",
                "add --git-token-env VARIABLE for https, or --git-private-key FILE for ssh",
            );
        }
    };
    let mut document = Map::from_iter([
        ("remoteURL".to_owned(), url.as_str().into()),
        ("user".to_owned(), user.into()),
    ]);
    document.insert(kind.to_owned(), credential.into());
    Ok(Some(document.into()))
}

/// Returns a token, with the certificate of the server, as Keptn writes them.
fn token(
    name: &str,
    certificate: Option<&Path>,
    session: &Session<'_>,
) -> Result<Map<String, Value>, Failure> {
    let mut written = Map::from_iter([
        ("token".to_owned(), secret(name, session)?.into()),
        ("insecureSkipTLS".to_owned(), false.into()),
    ]);
    if let Some(path) = certificate {
        let certificate = STANDARD.encode(read_value(path)?);
        written.insert("certificate".to_owned(), certificate.into());
    }
    Ok(written)
}

/// Returns a private key, with its passphrase, as Keptn writes them.
fn private_key(
    path: &Path,
    passphrase: Option<&str>,
    session: &Session<'_>,
) -> Result<Map<String, Value>, Failure> {
    let key = STANDARD.encode(read_value(path)?);
    let mut written = Map::from_iter([("privateKey".to_owned(), key.into())]);
    if let Some(name) = passphrase {
        let passphrase = secret(name, session)?;
        written.insert("privateKeyPass".to_owned(), passphrase.into());
    }
    Ok(written)
}

/// Returns what a variable holds.
fn secret(name: &str, session: &Session<'_>) -> Result<String, Failure> {
    let value = session.world.environment.get(name);
    value.map(str::to_owned).ok_or_else(|| {
        Failure::new(
            Exit::Configuration,
            format!("the environment variable `{name}` is not set"),
        )
    })
}
