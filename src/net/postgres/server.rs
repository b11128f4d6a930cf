//! A PostgreSQL server: the way there, and logging in.

use std::io;

use rustls::ClientConfig;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Error, NoTls, config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::socket::{Bounded, PostgresBudget};
use super::url::{PostgresHost, PostgresUrl, SslMode};
use crate::net::{TlsSettings, TlsSetupError, tls_config};

/// A server, and how to log in there.
pub struct PostgresServer {
    /// Where it is, and who logs in.
    url: PostgresUrl,
    /// How to speak TLS; `None` where it is not spoken.
    tls: Option<ClientConfig>,
}

/// A connection that is logged in. It works in the background for as long as its client lives.
pub struct PostgresConnection {
    /// Sends.
    pub client: Client,
    /// How much may still come.
    pub budget: PostgresBudget,
}

/// There is no connection.
#[derive(Debug, thiserror::Error)]
pub enum PostgresConnectError {
    /// Nobody is there.
    #[error("nobody is there")]
    Unreachable(#[source] io::Error),
    /// The server, or the way to it, did not let us in.
    #[error("not let in")]
    LogIn(#[source] Error),
}

impl PostgresServer {
    /// Makes a server known. Nothing is sent yet.
    pub fn new(url: PostgresUrl, tls: &TlsSettings) -> Result<Self, TlsSetupError> {
        let tls = match url.mode {
            SslMode::Disable => None,
            SslMode::Prefer => Some(tls_config(&TlsSettings {
                insecure_skip_verify: true,
                ..tls.clone()
            })?),
            SslMode::VerifyFull => Some(tls_config(tls)?),
        };
        Ok(Self { url, tls })
    }

    /// Returns where the server is, and who logs in.
    #[must_use]
    pub fn url(&self) -> &PostgresUrl {
        &self.url
    }

    /// Connects and logs in; so many bytes may come back, until the budget is filled again.
    pub async fn connect(
        &self,
        most_bytes: usize,
    ) -> Result<PostgresConnection, PostgresConnectError> {
        let budget = PostgresBudget::new(most_bytes);
        let PostgresUrl { host, port, .. } = &self.url;
        let stream = Bounded::connect(host, *port, budget.clone()).await;
        let stream = stream.map_err(PostgresConnectError::Unreachable)?;
        let client = self.log_in(stream).await;
        let client = client.map_err(PostgresConnectError::LogIn)?;
        Ok(PostgresConnection { client, budget })
    }

    /// Logs in on a stream.
    async fn log_in(&self, stream: Bounded) -> Result<Client, Error> {
        let config = self.config();
        let name = match &self.url.host {
            PostgresHost::Name(name) => name.as_str(),
            PostgresHost::Folder(_) => "localhost",
        };
        let Some(tls) = &self.tls else {
            let (client, connection) = config.connect_raw(stream, NoTls).await?;
            tokio::spawn(connection);
            return Ok(client);
        };
        let mut maker = MakeRustlsConnect::new(tls.clone());
        let Ok(tls) = MakeTlsConnect::<Bounded>::make_tls_connect(&mut maker, name);
        let (client, connection) = config.connect_raw(stream, tls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Returns what the server is told at the beginning.
    fn config(&self) -> Config {
        let PostgresUrl {
            host: _,
            port: _,
            user,
            password,
            database,
            application,
            mode,
        } = &self.url;
        let mut config = Config::new();
        config.user(user).application_name(application);
        if let Some(password) = password {
            config.password(password.expose());
        }
        if let Some(database) = database {
            config.dbname(database);
        }
        config.ssl_mode(match mode {
            SslMode::Disable => config::SslMode::Disable,
            SslMode::Prefer => config::SslMode::Prefer,
            SslMode::VerifyFull => config::SslMode::Require,
        });
        config
    }
}
