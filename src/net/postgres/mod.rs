//! The way to a PostgreSQL: its URL, TLS, logging in, and a limit on what may come back.
//!
//! What is asked there, and what an answer means, is left to the caller.

mod server;
mod socket;
mod url;
mod words;

pub use server::{PostgresConnectError, PostgresConnection, PostgresServer};

pub use url::{PostgresHost, PostgresParts, PostgresUrl, PostgresUrlError, SslMode};
pub use words::{PostgresBreak, PostgresWords, postgres_server_limit};
