//! What the server writes on stderr: one line for each request, and for whatever an operator has to know. Never a body,
//! a token, or the value of a query.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use super::settings::LogFormat;

/// What is told when nobody says.
const DEFAULT: &str = "info";

/// Starts to write; whoever writes already goes on.
pub fn start(format: LogFormat, filter: Option<&str>) {
    let filter = EnvFilter::builder().parse_lossy(filter.unwrap_or(DEFAULT));
    let lines = fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("log lines are written already");
    }
}
