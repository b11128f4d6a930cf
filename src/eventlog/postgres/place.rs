//! Where the log is: what the URL says, and libpq's variables for what it leaves open.

use crate::eventlog::{EventLogSettings, Variables};
use crate::net::{
    PostgresHost, PostgresParts, PostgresServer, PostgresUrlError, Redactor, SslMode, TlsSettings,
    TlsSetupError,
};

use super::password_file::{LookUp, look_up};

/// The schema, where nobody says.
const SCHEMA: &str = "tidegate";
/// The longest name that PostgreSQL keeps whole, in bytes.
const LONGEST_NAME: usize = 63;

/// Where a log is, and how to get in.
pub(super) struct Place {
    /// The server.
    pub server: PostgresServer,
    /// The schema that holds the tables.
    pub schema: String,
    /// The log as it is called in messages: without credentials.
    pub name: String,
    /// Takes the password out of what is shown.
    pub redactor: Redactor,
    /// What is wrong with the password file.
    pub warning: Option<String>,
}

/// The settings of a log name none.
#[derive(Debug, thiserror::Error)]
pub(in crate::eventlog) enum PlaceError {
    /// The URL, or a variable, is wrong.
    #[error(transparent)]
    Url(#[from] PostgresUrlError),
    /// It has a parameter that is not known.
    #[error(
        "the URL has the parameter `{name}`, and only host, port, user, password, sslmode, sslrootcert, sslcert, sslkey, application_name, and schema are known"
    )]
    Unknown {
        /// The parameter.
        name: String,
    },
    /// A schema has no name, or one that PostgreSQL would cut.
    #[error("`schema` must be a name of 1 to {LONGEST_NAME} bytes that does not begin with `pg_`")]
    Schema,
    /// TLS can't be set up.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
}

impl Place {
    /// Reads the settings of a log.
    pub(super) fn of(settings: &EventLogSettings, text: &str) -> Result<Self, PlaceError> {
        let variables = &settings.variables;
        let mut parts = PostgresParts::parse(text)?;
        let mut schema = SCHEMA.to_owned();
        let mut tls = settings.tls.clone();
        let own = |value: String| Some(value).filter(|value| !value.is_empty());
        for (name, value) in std::mem::take(&mut parts.others) {
            match name.as_str() {
                "schema" => schema = value,
                "sslrootcert" => tls.ca_file = tls.ca_file.or(own(value).map(Into::into)),
                "sslcert" => tls.cert_file = tls.cert_file.or(own(value).map(Into::into)),
                "sslkey" => tls.key_file = tls.key_file.or(own(value).map(Into::into)),
                _ => return Err(PlaceError::Unknown { name }),
            }
        }
        if schema.is_empty()
            || schema.len() > LONGEST_NAME
            || schema.starts_with("pg_")
            || schema.contains('\0')
        {
            return Err(PlaceError::Schema);
        }
        parts.password = parts.password.or_else(|| settings.token.clone());
        complete(&mut parts, variables)?;
        complete_tls(&mut tls, variables);
        let mut url = parts.complete()?;
        let mut warning = None;
        if url.password.is_none() {
            LookUp {
                password: url.password,
                warning,
            } = look_up(&url, variables);
        }
        Ok(Self {
            redactor: Redactor::new(&url.password),
            name: name_of(&url.endpoint(), &schema),
            server: PostgresServer::new(url, &tls)?,
            schema,
            warning,
        })
    }

    /// Returns the schema as SQL names it.
    pub(super) fn quoted_schema(&self) -> String {
        format!("\"{}\"", self.schema.replace('"', "\"\""))
    }
}

/// Fills in what the URL leaves open, as libpq does.
fn complete(parts: &mut PostgresParts, variables: &Variables) -> Result<(), PostgresUrlError> {
    if let (None, Some(host)) = (&parts.host, variables.get("PGHOST")) {
        parts.host = Some(PostgresHost::parse(host)?);
    }
    if let (None, Some(port)) = (parts.port, variables.get("PGPORT")) {
        parts.port = Some(PostgresParts::port(port)?);
    }
    if let (None, Some(mode)) = (parts.mode, variables.get("PGSSLMODE")) {
        parts.mode = Some(SslMode::parse(mode)?);
    }
    let text = |own: &mut Option<String>, names: &[&str]| {
        if own.is_none() {
            *own = names
                .iter()
                .find_map(|name| variables.get(name))
                .map(str::to_owned);
        }
    };
    // libpq takes the user of the operating system last; the variables say who that is.
    text(&mut parts.user, &["PGUSER", "USER", "LOGNAME", "USERNAME"]);
    text(&mut parts.database, &["PGDATABASE"]);
    text(&mut parts.application, &["PGAPPNAME"]);
    if parts.password.is_none() {
        parts.password = variables.get("PGPASSWORD").map(crate::net::Secret::new);
    }
    Ok(())
}

/// Fills in the files of TLS. The certificates of the system are trusted in any case, which is what `system` asks for.
fn complete_tls(tls: &mut TlsSettings, variables: &Variables) {
    let authorities = variables.get("PGSSLROOTCERT");
    let authorities = authorities.filter(|path| *path != "system");
    tls.ca_file = tls.ca_file.take().or(authorities.map(Into::into));
    if tls.cert_file.is_none() && tls.key_file.is_none() {
        tls.cert_file = variables.get("PGSSLCERT").map(Into::into);
        tls.key_file = match tls.cert_file {
            Some(_) => variables.get("PGSSLKEY").map(Into::into),
            None => None,
        };
    }
}

/// Names a log by its server and its schema.
fn name_of(endpoint: &str, schema: &str) -> String {
    if schema == SCHEMA {
        return endpoint.to_owned();
    }
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{joint}schema={schema}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventlog::LogUrl;
    use crate::net::Secret;

    fn place(url: &str, variables: &[(&str, &str)]) -> Result<Place, PlaceError> {
        let mut settings = EventLogSettings::new(url.parse::<LogUrl>().unwrap());
        settings.variables = variables.iter().copied().collect();
        Place::of(&settings, url)
    }

    #[test]
    fn the_variables_of_libpq_fill_what_the_url_leaves_open() {
        let variables = [
            ("PGHOST", "db"),
            ("PGPORT", "6432"),
            ("PGUSER", "ann"),
            ("PGPASSWORD", "hunter2"),
            ("PGDATABASE", "gate"),
            ("PGSSLMODE", "disable"),
            ("USER", "root"),
        ];
        let found = place("postgres://", &variables).unwrap();
        let url = found.server.url();
        assert_eq!(url.endpoint(), "postgres://db:6432/gate");
        assert_eq!((url.user.as_str(), url.mode), ("ann", SslMode::Disable));
        assert_eq!(url.password.as_ref().unwrap().expose(), "hunter2");

        let own = "postgres://eve:own@other:1/x?sslmode=prefer&schema=history";
        let found = place(own, &variables).unwrap();
        let url = found.server.url();
        assert_eq!(found.name, "postgres://other:1/x?schema=history");
        assert_eq!((url.user.as_str(), url.mode), ("eve", SslMode::Prefer));
        assert_eq!(url.password.as_ref().unwrap().expose(), "own");

        let found = place("postgres://localhost/x", &[("USER", "joe")]).unwrap();
        assert_eq!(found.server.url().user, "joe");
    }

    #[test]
    fn the_token_is_the_password_where_the_url_has_none() {
        let with_token = |url: &str| {
            let mut settings = EventLogSettings::new(url.parse::<LogUrl>().unwrap());
            settings.token = Some(Secret::new("token"));
            settings.variables = [("PGPASSWORD", "hunter2")].into_iter().collect();
            let place = Place::of(&settings, url).unwrap();
            let password = place.server.url().password.as_ref();
            password.unwrap().expose().to_owned()
        };
        assert_eq!(with_token("postgres://ann@db/gate"), "token");
        assert_eq!(with_token("postgres://ann:own@db/gate"), "own");
    }

    #[test]
    fn settings_that_name_no_log_are_refused_without_showing_them() {
        let long = format!("postgres://a:hunter2@db/x?schema={}", "x".repeat(64));
        for url in [
            "postgres://a:hunter2@/x",
            "postgres://a:hunter2@db/x?schema=",
            "postgres://a:hunter2@db/x?schema=pg_catalog",
            &long,
            "postgres://a:hunter2@db/x?target=primary",
            "postgres://a:hunter2@db/x?sslrootcert=/nowhere/ca.pem",
            "postgres://:hunter2@db/x",
        ] {
            let error = place(url, &[]).err().unwrap().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(place("postgres://a@db/x", &[("PGPORT", "many")]).is_err());
    }
}
