//! PostgreSQL: a few connections, and on each one query after the other, in transactions that can only read.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use rustls::ClientConfig;
use tokio::time::timeout;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, NoTls, config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::cell::refusal;
use super::fault::Circumstances;
use super::settings::{PostgresHost, PostgresUrl, SqlSettings, SslMode};
use super::socket::{Bounded, Budget};
use super::table::{Cell, Column, MOST_ROWS, choose};
use super::task::{Said, Task};
use crate::gate::FailureKind;
use crate::net::{Redactor, TlsSettings, TlsSetupError, tls_config};

/// A server.
pub(super) struct Postgres {
    /// Where it is, and how to log in.
    url: PostgresUrl,
    /// How to speak TLS; `None` where it is not spoken.
    tls: Option<ClientConfig>,
    /// How many bytes it may answer to one query.
    most_bytes: usize,
    /// Takes the password out of what is shown.
    redactor: Redactor,
    /// Connections that wait for the next query.
    idle: Mutex<Vec<Connected>>,
}

/// A connection.
struct Connected {
    /// Sends.
    client: Client,
    /// How much may still come.
    budget: Budget,
}

/// What became of a query that the server understood.
enum Ran {
    /// It was read to its end: the connection can be used again.
    Whole(Said),
    /// It was not.
    Broken(Said),
}

impl Postgres {
    /// Makes a server known. Nothing is sent yet.
    pub(super) fn open(url: &PostgresUrl, settings: &SqlSettings) -> Result<Self, TlsSetupError> {
        let tls = match url.mode {
            SslMode::Disable => None,
            SslMode::Prefer => Some(tls_config(&TlsSettings {
                insecure_skip_verify: true,
                ..settings.tls.clone()
            })?),
            SslMode::VerifyFull => Some(tls_config(&settings.tls)?),
        };
        Ok(Self {
            url: url.clone(),
            tls,
            most_bytes: settings.max_response_bytes,
            redactor: Redactor::new(&url.password),
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Asks a query, on a connection that waits or on a new one.
    pub(super) async fn ask(&self, task: &Task) -> Said {
        let limit = task.limit;
        match timeout(limit, self.attempt(task)).await {
            Ok(said) => said,
            Err(_elapsed) => {
                let text = format!(
                    "no complete answer from {} within {limit:?}; set a longer `timeout`, or ask for less",
                    self.url.endpoint()
                );
                // To ask again would only put the same load on the server once more.
                Said::failed(FailureKind::Unavailable, text).for_good()
            }
        }
    }

    /// Asks a query.
    async fn attempt(&self, task: &Task) -> Said {
        let endpoint = self.url.endpoint();
        let circumstances = Circumstances {
            endpoint: &endpoint,
            text: &task.statement.text,
            limit: task.limit,
            redactor: &self.redactor,
        };
        let mut connected = match self.take() {
            Some(connected) => connected,
            None => match self.connect(&circumstances).await {
                Ok(connected) => connected,
                Err(said) => return said,
            },
        };
        connected.budget.refill(self.most_bytes);
        match run(&mut connected.client, task).await {
            Ok(Ran::Whole(said)) => {
                self.give_back(connected);
                said
            }
            Ok(Ran::Broken(said)) => said,
            Err(_) if connected.budget.is_spent() => self.too_large(),
            Err(error) => {
                let said = circumstances.said(&error);
                if error.as_db_error().is_some() {
                    self.give_back(connected);
                }
                said
            }
        }
    }

    /// Says that the answer is too large.
    fn too_large(&self) -> Said {
        let text = format!(
            "the answer of {} is larger than {} bytes; aggregate in the query, or set `max_response_bytes`",
            self.url.endpoint(),
            self.most_bytes
        );
        Said::failed(FailureKind::BadAnswer, text)
    }

    /// Takes a connection that waits and still stands.
    fn take(&self) -> Option<Connected> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connected) = idle.pop() {
            if !connected.client.is_closed() {
                return Some(connected);
            }
        }
        None
    }

    /// Keeps a connection for the next query.
    fn give_back(&self, connected: Connected) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connected);
    }

    /// Connects and logs in.
    async fn connect(&self, circumstances: &Circumstances<'_>) -> Result<Connected, Said> {
        let budget = Budget::new(self.most_bytes);
        let PostgresUrl { host, port, .. } = &self.url;
        let stream = Bounded::connect(host, *port, budget.clone()).await;
        let stream = stream.map_err(|error| {
            let text = format!(
                "cannot connect to {}: {}; is the server running, and does a firewall let you in?",
                circumstances.endpoint,
                error.to_string().to_lowercase()
            );
            Said::failed(FailureKind::Unavailable, text)
        })?;
        let client = self.log_in(stream).await;
        let client = client.map_err(|error| circumstances.said(&error))?;
        Ok(Connected { client, budget })
    }

    /// Logs in on a stream, and lets the connection work in the background for as long as its client lives.
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

/// Runs a query in a transaction that can only read, and reads one column.
async fn run(client: &mut Client, task: &Task) -> Result<Ran, Error> {
    let transaction = client.build_transaction().read_only(true).start().await?;
    let patience = server_limit(task.limit);
    transaction
        .batch_execute(&format!("set local statement_timeout = {patience}"))
        .await?;
    let prepared = transaction.prepare(&task.statement.text).await?;
    let columns = prepared.columns();
    let names: Vec<&str> = columns.iter().map(tokio_postgres::Column::name).collect();
    let place = match choose(&names, task.column.as_deref()) {
        Ok(place) => place,
        Err(found) => return Ok(Ran::Broken(Said::of(found))),
    };
    let mut column = Column {
        name: names
            .get(place)
            .map_or_else(String::new, |name| (*name).to_owned()),
        ..Column::default()
    };
    let kind = columns.get(place).map(tokio_postgres::Column::type_);
    if let Some(other) = kind.and_then(refusal) {
        column.cells.push(other);
        return Ok(Ran::Broken(Said::column(column)));
    }
    let parameters = task.parameters.iter();
    let parameters = parameters.map(|parameter| -> &(dyn ToSql + Sync) { parameter });
    let rows = transaction
        .query_raw(&prepared, parameters.collect::<Vec<_>>())
        .await?;
    tokio::pin!(rows);
    while let Some(row) = rows.try_next().await? {
        if column.cells.len() >= MOST_ROWS {
            column.is_cut = true;
            return Ok(Ran::Broken(Said::column(column)));
        }
        column.cells.push(row.try_get::<_, Cell>(place)?);
    }
    transaction.rollback().await?;
    Ok(Ran::Whole(Said::column(column)))
}

/// Returns the time, in milliseconds, after which the server is to give up: a little before we do, so that it can still
/// say why.
fn server_limit(limit: Duration) -> i32 {
    let margin = (limit / 10).min(Duration::from_secs(1));
    let limit = limit.saturating_sub(margin).as_millis();
    i32::try_from(limit).unwrap_or(i32::MAX).max(1)
}
