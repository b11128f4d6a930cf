//! What went wrong between us and the server, and what it means to whoever reads or appends.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Error;
use tokio_postgres::error::Severity;

use super::place::Place;
use crate::eventlog::failure::{AppendError, ReadError, RemoteFailure, Trouble};
use crate::net::{PostgresBreak, PostgresConnectError, PostgresWords};

/// What went wrong.
#[derive(Debug)]
pub(super) enum Fault {
    /// There is no connection.
    Connect(PostgresConnectError),
    /// A statement failed, or its answer was lost.
    Asked(Error),
    /// The answer took too long.
    TimedOut,
    /// The answer was larger than any event.
    TooMuch,
    /// An event can't be stored anywhere.
    Event(AppendError),
    /// A later version of tidegate wrote the log.
    Newer(i64),
    /// The schema holds something else.
    Foreign(&'static str),
    /// The event with this id is stored, and can't be read.
    Unreadable(String),
    /// Another process removed what stood in the way a moment ago.
    Overtaken,
    /// The transaction may be done or not.
    InDoubt(Box<Self>),
}

/// A value of a row could not be taken.
impl From<Error> for Fault {
    fn from(_wrong_type: Error) -> Self {
        Self::Foreign("a column of its tables has another type")
    }
}

impl Fault {
    /// Sorts what came of a commit: an error that the server says by itself undoes the transaction, and anything else
    /// leaves open whether it was done before.
    pub(super) fn of_commit(self) -> Self {
        match self.severity() {
            Some(Severity::Error) => self,
            Some(_) | None => self.into_doubt(),
        }
    }

    /// Says that the transaction may be done all the same.
    pub(super) fn into_doubt(self) -> Self {
        if matches!(self, Self::InDoubt(_)) {
            return self;
        }
        Self::InDoubt(Box::new(self))
    }

    /// Sorts what came of reading: nothing is in doubt there.
    pub(super) fn of_read(self) -> Self {
        if let Self::InDoubt(fault) = self {
            return *fault;
        }
        self
    }

    /// Tells whether others were in the way, and the same may go well in a moment.
    pub(super) fn is_conflict(&self) -> bool {
        // Two writers that create the same tables at once are told so by the names, where they don't wait for each other.
        const CONFLICTS: [&str; 5] = ["40001", "40P01", "42P06", "42P07", "23505"];
        let is_named = |code| CONFLICTS.contains(&code);
        matches!(self, Self::Overtaken) || self.code().is_some_and(is_named)
    }

    /// Tells whether a new connection may go well: the old one was lost.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::Asked(error) => match error.as_db_error() {
                Some(said) => said.parsed_severity() != Some(Severity::Error),
                None => true,
            },
            Self::InDoubt(fault) => fault.is_lost(),
            Self::Connect(_)
            | Self::TimedOut
            | Self::TooMuch
            | Self::Event(_)
            | Self::Newer(_)
            | Self::Foreign(_)
            | Self::Unreadable(_)
            | Self::Overtaken => false,
        }
    }

    /// Tells whether the server may be back in a moment.
    pub(super) fn may_pass(&self) -> bool {
        let is_unreachable = matches!(self, Self::Connect(PostgresConnectError::Unreachable(_)));
        let code = self.code().unwrap_or_default();
        let is_away = ["57P", "08", "533"]
            .iter()
            .any(|kind| code.starts_with(kind));
        // Whoever logs in while a server goes down may just be cut off.
        let is_cut = matches!(self, Self::Connect(PostgresConnectError::LogIn(error)) if error.as_db_error().is_none());
        is_unreachable || is_away || is_cut || self.is_lost()
    }

    /// Returns what the server said.
    fn error(&self) -> Option<&Error> {
        match self {
            Self::Asked(error) | Self::Connect(PostgresConnectError::LogIn(error)) => Some(error),
            Self::InDoubt(fault) => fault.error(),
            Self::Connect(_)
            | Self::TimedOut
            | Self::TooMuch
            | Self::Event(_)
            | Self::Newer(_)
            | Self::Foreign(_)
            | Self::Unreadable(_)
            | Self::Overtaken => None,
        }
    }

    /// Returns the SQLSTATE.
    pub(super) fn code(&self) -> Option<&str> {
        let said = self.error()?.as_db_error()?;
        Some(said.code().code())
    }

    /// Returns how bad it is for the connection.
    fn severity(&self) -> Option<Severity> {
        self.error()?.as_db_error()?.parsed_severity()
    }
}

/// What is known when something goes wrong.
pub(super) struct Circumstances<'a> {
    /// Where the log is.
    pub place: &'a Place,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How long others may be in the way.
    pub lock_timeout: Duration,
}

impl Circumstances<'_> {
    /// Says why the log can't be read.
    pub(super) fn reading(&self, fault: &Fault) -> ReadError {
        if let Fault::Newer(found) = *fault {
            return ReadError::Newer {
                path: PathBuf::from(&self.place.name),
                found,
                known: super::schema::current(),
            };
        }
        ReadError::Remote(self.remote(fault))
    }

    /// Says why nothing was appended.
    pub(super) fn writing(&self, fault: Fault) -> AppendError {
        if let Fault::Event(error) = fault {
            return error;
        }
        self.reading(&fault).into()
    }

    /// Says what is wrong with the server.
    fn remote(&self, fault: &Fault) -> RemoteFailure {
        let (trouble, text) = self.told(fault);
        let text = match (&self.place.warning, trouble) {
            (Some(warning), Trouble::NotAuthorised) => format!("{text}; {warning}"),
            (Some(_) | None, _) => text,
        };
        RemoteFailure::new(&self.place.name, trouble, text)
    }

    /// Sorts a fault, and says it in words.
    fn told(&self, fault: &Fault) -> (Trouble, String) {
        let words = self.words();
        let (timeout, lock_timeout) = (self.timeout, self.lock_timeout);
        match fault {
            Fault::InDoubt(cause) => (Trouble::InDoubt, self.told(cause).1),
            Fault::Connect(PostgresConnectError::Unreachable(error)) => {
                (Trouble::Unavailable, error.to_string().to_lowercase())
            }
            Fault::Connect(PostgresConnectError::LogIn(error)) | Fault::Asked(error) => {
                match error.as_db_error() {
                    Some(said) => self.of_server(said.code().code(), &words.of_server(said)),
                    None => of_break(words.of_break(error)),
                }
            }
            Fault::TimedOut => (
                Trouble::Unavailable,
                format!(
                    "no answer within {timeout:?}; is the server overloaded, or the way to it cut?"
                ),
            ),
            Fault::TooMuch => (
                Trouble::BadAnswer,
                "one row is larger than any event; did someone else write to the table?".to_owned(),
            ),
            Fault::Foreign(found) => (
                Trouble::BadAnswer,
                format!("{found}; choose another schema with `?schema=NAME` in the URL"),
            ),
            Fault::Unreadable(id) => (
                Trouble::BadAnswer,
                format!(
                    "the event `{id}` is stored already, and what is stored is unreadable; repair or delete that row"
                ),
            ),
            Fault::Overtaken => (
                Trouble::Throttled,
                format!("other writers stayed in the way for {lock_timeout:?}; try again"),
            ),
            // These two have errors of their own.
            Fault::Event(error) => (Trouble::Unsupported, error.to_string()),
            Fault::Newer(version) => (Trouble::BadAnswer, format!("it has version {version}")),
        }
    }

    /// Sorts what the server said by its SQLSTATE.
    fn of_server(&self, code: &str, words: &str) -> (Trouble, String) {
        let schema = self.place.quoted_schema();
        let (trouble, advice) = match code {
            "25006" => (
                Trouble::Unsupported,
                "here one can only read; name the primary server, and a user who may write".to_owned(),
            ),
            "3D000" => (
                Trouble::Unavailable,
                "create the database, or correct its name in the URL".to_owned(),
            ),
            "40001" | "40P01" | "55P03" => (
                Trouble::Throttled,
                "other writers stayed in the way for too long; try again".to_owned(),
            ),
            "42501" => (
                Trouble::NotAuthorised,
                format!("reading needs `grant usage on schema {schema}` and `grant select on all tables in schema {schema}`, appending also `insert`, pruning `delete`, and the first append the right to create the schema"),
            ),
            "42P01" | "42703" | "42883" | "3F000" => (
                Trouble::BadAnswer,
                format!("the schema {schema} is no event log, or someone changed its tables"),
            ),
            "53100" => (Trouble::Unavailable, "the server's disk is full".to_owned()),
            "53300" => (Trouble::Throttled, "the server has too many connections; try again later".to_owned()),
            "54000" => (
                Trouble::Unsupported,
                "the id or a name of an event is longer than an index of PostgreSQL takes, about 2,600 bytes".to_owned(),
            ),
            "22021" | "22P05" => (
                Trouble::Unsupported,
                "the database can't hold this text; create one with `encoding 'UTF8'`".to_owned(),
            ),
            "57014" => (
                Trouble::Unavailable,
                format!("the server did not answer within {:?}", self.timeout),
            ),
            _ => return (of_class(code), words.to_owned()),
        };
        (trouble, format!("{words}; {advice}"))
    }

    /// Puts what is said into words.
    fn words(&self) -> PostgresWords<'_> {
        PostgresWords {
            text: "",
            redactor: &self.place.redactor,
        }
    }
}

/// Sorts an error by the class of its SQLSTATE.
fn of_class(code: &str) -> Trouble {
    match code.get(..2).unwrap_or_default() {
        "28" => Trouble::NotAuthorised,
        "08" | "53" | "55" | "57" | "58" | "XX" => Trouble::Unavailable,
        _ => Trouble::BadAnswer,
    }
}

/// Sorts a break, and says it in words.
fn of_break(broken: PostgresBreak) -> (Trouble, String) {
    match broken {
        PostgresBreak::Tls(advice) => (
            Trouble::Unavailable,
            format!("no secure connection: {advice}"),
        ),
        PostgresBreak::Handshake(cause) => (
            Trouble::Unavailable,
            format!(
                "no secure connection: {cause}; `sslmode=disable` in the URL does without, where you trust the network"
            ),
        ),
        PostgresBreak::Credentials(cause) => (
            Trouble::NotAuthorised,
            format!(
                "the server asks for credentials: {cause}; set PGPASSWORD, or add a line to ~/.pgpass"
            ),
        ),
        PostgresBreak::Lost(cause) => (
            Trouble::Unavailable,
            format!("the exchange broke off: {cause}"),
        ),
    }
}
