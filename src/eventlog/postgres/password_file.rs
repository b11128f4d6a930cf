//! The password file of libpq (`~/.pgpass`, `PGPASSFILE`), by libpq's rules.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the file that holds the password, when the log is opened"
)]

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::eventlog::Variables;
use crate::net::{PostgresHost, PostgresUrl, Secret};

/// The most that is read of a password file.
const MOST_BYTES: u64 = 1024 * 1024;
/// The folders where servers have their sockets by default: libpq calls them `localhost`.
const SOCKET_FOLDERS: [&str; 3] = ["/tmp", "/run/postgresql", "/var/run/postgresql"];

/// What came of looking into a password file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct LookUp {
    /// The password.
    pub password: Option<Secret>,
    /// Why the file was left out.
    pub warning: Option<String>,
}

/// Looks up the password for a server. No file is no problem.
pub(super) fn look_up(url: &PostgresUrl, variables: &Variables) -> LookUp {
    let path = match variables.get("PGPASSFILE") {
        Some(path) => Some(path.into()),
        None if cfg!(windows) => variables
            .get("APPDATA")
            .map(|folder| Path::new(folder).join(r"postgresql\pgpass.conf")),
        None => variables.home().map(|home| home.join(".pgpass")),
    };
    let Some(path) = path else {
        return LookUp::default();
    };
    match read(&path) {
        Ok(text) => LookUp {
            password: find(&text, url),
            warning: None,
        },
        Err(None) => LookUp::default(),
        Err(Some(problem)) => LookUp {
            password: None,
            warning: Some(format!(
                "the password file `{}` is left out: {problem}",
                path.display()
            )),
        },
    }
}

/// Reads a file that none but its owner may read. `Err(None)`: there is none.
fn read(path: &Path) -> Result<String, Option<String>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(None),
        Err(error) => return Err(Some(error.to_string().to_lowercase())),
    };
    let facts = file.metadata();
    let facts = facts.map_err(|error| Some(error.to_string().to_lowercase()))?;
    if !facts.is_file() {
        return Err(Some("it is no plain file".to_owned()));
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o077 != 0 {
        let problem = "others than its owner may use it; `chmod 600` it";
        return Err(Some(problem.to_owned()));
    }
    let mut text = String::new();
    let read = file.by_ref().take(MOST_BYTES).read_to_string(&mut text);
    read.map_err(|error| Some(error.to_string().to_lowercase()))?;
    Ok(text)
}

/// Returns the password of the first line that fits.
fn find(text: &str, url: &PostgresUrl) -> Option<Secret> {
    let (host, is_default_folder) = match &url.host {
        PostgresHost::Name(name) => (name.clone(), false),
        PostgresHost::Folder(folder) => {
            let folder = folder.display().to_string();
            let is_default = SOCKET_FOLDERS.contains(&folder.as_str());
            (folder, is_default)
        }
    };
    let port = url.port.to_string();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let mut fields = fields(line).into_iter();
        let mut is = |wanted: &[&str]| {
            let field = fields.next();
            field.is_some_and(|Field { text, is_any }| is_any || wanted.contains(&text.as_str()))
        };
        let hosts = [
            host.as_str(),
            if is_default_folder {
                "localhost"
            } else {
                &host
            },
        ];
        if is(&hosts) && is(&[&port]) && is(&[url.database_name()]) && is(&[&url.user]) {
            return fields.next().map(|field| Secret::new(field.text));
        }
    }
    None
}

/// One field of a line.
struct Field {
    /// What it says.
    text: String,
    /// It stands for anything.
    is_any: bool,
}

/// Splits a line at its colons; a backslash takes the next letter as it is.
fn fields(line: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    let (mut text, mut is_plain) = (String::new(), true);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ':' => {
                let is_any = is_plain && text == "*";
                fields.push(Field { text, is_any });
                (text, is_plain) = (String::new(), true);
            }
            '\\' => {
                is_plain = false;
                text.push(letters.next().unwrap_or('\\'));
            }
            other => text.push(other),
        }
    }
    fields.push(Field {
        text,
        is_any: false,
    });
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::PostgresParts;

    fn found(text: &str, url: &str) -> Option<String> {
        let url = PostgresParts::parse(url).unwrap().complete().unwrap();
        find(text, &url).map(|password| password.expose().to_owned())
    }

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let text = "# db:5432:gate:ann:comment\n\
            db:5432:gate:ann:one\n\
            *:*:*:ann:two\n\
            we\\:ird:*:*:b\\\\ob:th\\:re\\\\e\n\
            \\*:*:*:*:never\n\
            localhost:5432:*:eve:socket\n\
            /srv/pg:5432:*:eve:folder\n\
            short:5432\n";
        for (url, password) in [
            ("postgres://ann@db/gate", Some("one")),
            ("postgres://ann@db:6000/gate", Some("two")),
            ("postgres://ann@db/other", Some("two")),
            ("postgres://b%5Cob@x/y?host=we%3Aird", Some("th:re\\e")),
            ("postgres://joe@db/gate", None),
            ("postgres://joe@short/gate", None),
            (
                "postgres:///x?host=/run/postgresql&user=eve",
                Some("socket"),
            ),
            ("postgres:///x?host=/srv/pg&user=eve", Some("folder")),
            ("postgres:///x?host=/srv/other&user=eve", None),
        ] {
            assert_eq!(found(text, url).as_deref(), password, "{url}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_left_out() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".pgpass");
        let url = PostgresParts::parse("postgres://ann@db/gate").unwrap();
        let url = url.complete().unwrap();
        let variables = [("HOME", folder.path().to_str().unwrap())];
        let variables: Variables = variables.into_iter().collect();
        assert_eq!(look_up(&url, &variables), LookUp::default());
        std::fs::write(&path, "*:*:*:*:hunter2\n").unwrap();
        for (mode, is_read) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let LookUp { password, warning } = look_up(&url, &variables);
            assert_eq!(
                (password.is_some(), warning.is_none()),
                (is_read, is_read),
                "{mode:o}"
            );
            assert!(warning.is_none_or(|warning| warning.contains("chmod 600")));
        }
    }
}
