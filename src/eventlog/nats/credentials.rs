//! Who asks a NATS server: from the URL, the settings, the variables of the `nats` program, or one of its contexts.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the files of credentials that variables and contexts name"
)]

use std::fs;
use std::path::{Path, PathBuf};

use async_nats::ConnectOptions;

use super::fault::Fault;
use super::place::{Place, UrlUser};
use crate::eventlog::failure::Trouble;
use crate::eventlog::variables::Variables;
use crate::net::{Secret, TlsSettings};

/// The most bytes that a file of credentials may have.
const LONGEST_FILE: u64 = 256 * 1024;

/// Who asks, and what else a context of the `nats` program says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Credentials {
    /// What proves who is asking.
    pub proof: Option<Proof>,
    /// The servers, where the URL names none.
    pub servers: Vec<String>,
    /// The domain of `JetStream`, where the URL names none.
    pub domain: Option<String>,
    /// What of TLS a context says.
    pub tls: TlsSettings,
}

/// What proves who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// A name and a password.
    Password(String, Secret),
    /// One word.
    Token(Secret),
    /// The text of a `.creds` file.
    Signed(Secret),
    /// The seed of an nkey.
    Seed(Secret),
}

impl Credentials {
    /// Looks for credentials: in the URL, then the settings, then variables, then a context.
    pub(super) fn find(
        place: &Place,
        token: Option<&Secret>,
        variables: &Variables,
    ) -> Result<Self, Fault> {
        let mut found = match context_of(place, variables)? {
            Some(context) => context.read(variables)?,
            None => Self::default(),
        };
        let said = match (&place.user, token) {
            (Some(UrlUser::Named(name, password)), _) => {
                Some(Proof::Password(name.clone(), password.clone()))
            }
            (Some(UrlUser::Token(token)), _) | (None, Some(token)) => {
                Some(Proof::Token(token.clone()))
            }
            (None, None) => of_variables(variables)?,
        };
        if said.is_some() {
            found.proof = said;
        }
        Ok(found)
    }
}

impl Proof {
    /// Hands the proof to a connection.
    pub(super) fn apply(self, options: ConnectOptions) -> Result<ConnectOptions, Fault> {
        match self {
            Self::Password(name, password) => {
                Ok(options.user_and_password(name, password.expose().to_owned()))
            }
            Self::Token(token) => Ok(options.token(token.expose().to_owned())),
            Self::Seed(seed) => Ok(options.nkey(seed.expose().to_owned())),
            Self::Signed(text) => options
                .credentials(text.expose())
                .map_err(|error| Fault::new(Trouble::NotAuthorised, error.to_string())),
        }
    }
}

/// Takes what the variables say.
fn of_variables(variables: &Variables) -> Result<Option<Proof>, Fault> {
    if let Some(user) = variables.get("NATS_USER") {
        let Some(password) = variables.get("NATS_PASSWORD") else {
            // As the `nats` program has it: a user without a password is a token.
            return Ok(Some(Proof::Token(Secret::new(user))));
        };
        return Ok(Some(Proof::Password(
            user.to_owned(),
            Secret::new(password),
        )));
    }
    if let Some(token) = variables.get("NATS_TOKEN") {
        return Ok(Some(Proof::Token(Secret::new(token))));
    }
    if let Some(path) = variables.get("NATS_CREDS") {
        let text = read("NATS_CREDS", &expand(path, variables))?;
        return Ok(Some(Proof::Signed(Secret::new(text))));
    }
    if let Some(path) = variables.get("NATS_NKEY") {
        return seed(&read("NATS_NKEY", &expand(path, variables))?).map(Some);
    }
    Ok(None)
}

/// Finds the seed in the text of a file.
fn seed(text: &str) -> Result<Proof, Fault> {
    let seed = text
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with('S'));
    seed.map(|seed| Proof::Seed(Secret::new(seed)))
        .ok_or_else(|| {
            Fault::new(
                Trouble::NotAuthorised,
                "the nkey file holds no seed: a line that begins with `S`",
            )
        })
}

/// A context of the `nats` program.
struct Context {
    /// Its file.
    path: PathBuf,
    /// What is in it.
    written: WrittenContext,
}

/// A context as it stands in its file.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct WrittenContext {
    /// The servers, with commas.
    url: String,
    /// A name.
    user: String,
    /// Its password.
    password: String,
    /// One word.
    token: String,
    /// The path of a `.creds` file.
    creds: String,
    /// The path of a file with a seed.
    nkey: String,
    /// Whom to trust.
    ca: String,
    /// The client's certificate.
    cert: String,
    /// Its key.
    key: String,
    /// The domain.
    jetstream_domain: String,
}

/// Finds the context: the one that `NATS_CONTEXT` names, or the selected one, if that is for the same server.
fn context_of(place: &Place, variables: &Variables) -> Result<Option<Context>, Fault> {
    let Some(folder) = config_folder(variables) else {
        return Ok(None);
    };
    if let Some(name) = variables.get("NATS_CONTEXT") {
        return Context::load(&folder, name).map(Some);
    }
    let Ok(selected) = fs::read_to_string(folder.join("context.txt")) else {
        return Ok(None);
    };
    let name = selected.trim();
    if name.is_empty() {
        return Ok(None);
    }
    if place.servers.is_empty() {
        return Context::load(&folder, name).map(Some);
    }
    // The selected context belongs to one server: its password must not go to another, and a broken one harms nobody.
    let context = Context::load(&folder, name).ok();
    Ok(context.filter(|context| context.is_for(&place.servers)))
}

impl Context {
    /// Reads a context.
    fn load(folder: &Path, name: &str) -> Result<Self, Fault> {
        if name.contains(['/', '\\']) {
            let said = format!("`{name}` is no name of a context of the `nats` program");
            return Err(Fault::new(Trouble::NotAuthorised, said));
        }
        let path = folder.join("context").join(format!("{name}.json"));
        let text = read("the context of the `nats` program", &path)?;
        let written = serde_json::from_str(&text).map_err(|_may_show_a_secret| {
            let said = format!("{} is no context of the `nats` program", path.display());
            Fault::new(Trouble::NotAuthorised, said)
        })?;
        Ok(Self { path, written })
    }

    /// Returns its servers.
    fn servers(&self) -> Vec<String> {
        let urls = self.written.url.split(',').map(str::trim);
        urls.filter_map(|url| Place::parse(url).ok())
            .flat_map(|place| place.servers)
            .collect()
    }

    /// Tells whether all of these servers are its own.
    fn is_for(&self, servers: &[String]) -> bool {
        let with_port = |server: &String| {
            let has_port = server
                .rsplit(']')
                .next()
                .is_some_and(|end| end.contains(':'));
            let port = if has_port { "" } else { ":4222" };
            format!("{server}{port}").to_ascii_lowercase()
        };
        let own: Vec<_> = self.servers().iter().map(with_port).collect();
        servers
            .iter()
            .all(|server| own.contains(&with_port(server)))
    }

    /// Reads what it points at.
    fn read(self, variables: &Variables) -> Result<Credentials, Fault> {
        let servers = self.servers();
        let Self { path, written } = self;
        let name = path.display().to_string();
        let proof = if !written.creds.is_empty() {
            let text = read(&name, &expand(&written.creds, variables))?;
            Some(Proof::Signed(Secret::new(text)))
        } else if !written.nkey.is_empty() {
            Some(seed(&read(&name, &expand(&written.nkey, variables))?)?)
        } else if !written.token.is_empty() {
            Some(Proof::Token(Secret::new(written.token)))
        } else if !written.user.is_empty() {
            Some(Proof::Password(written.user, Secret::new(written.password)))
        } else {
            let in_url = written.url.split(',').next();
            in_url
                .and_then(|url| Place::parse(url).ok()?.user)
                .map(|user| match user {
                    UrlUser::Named(name, password) => Proof::Password(name, password),
                    UrlUser::Token(token) => Proof::Token(token),
                })
        };
        let file = |path: String| (!path.is_empty()).then(|| expand(&path, variables));
        Ok(Credentials {
            proof,
            servers,
            domain: Some(written.jetstream_domain).filter(|domain| !domain.is_empty()),
            tls: TlsSettings {
                ca_file: file(written.ca),
                cert_file: file(written.cert),
                key_file: file(written.key),
                insecure_skip_verify: false,
            },
        })
    }
}

/// Returns the folder in which the `nats` program keeps its contexts.
fn config_folder(variables: &Variables) -> Option<PathBuf> {
    let config = variables.get("XDG_CONFIG_HOME").map(PathBuf::from);
    let config = config.or_else(|| Some(variables.home()?.join(".config")))?;
    Some(config.join("nats"))
}

/// Puts the home folder in place of `~`.
fn expand(path: &str, variables: &Variables) -> PathBuf {
    match (path.strip_prefix("~/"), variables.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Reads a file that something names.
fn read(named_by: &str, path: &Path) -> Result<String, Fault> {
    use std::io::Read as _;

    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(LONGEST_FILE).read_to_string(&mut text))
        .map_err(|error| {
            let said = format!("{named_by}: {} can't be read: {error}", path.display());
            Fault::new(Trouble::NotAuthorised, said)
        })?;
    Ok(text)
}
