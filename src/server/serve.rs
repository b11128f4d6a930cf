//! Runs the server until it is told to stop.

/// What an operator can choose.
#[derive(Clone, Debug)]
pub struct ServeSettings {}

/// The server could not start, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {}

/// Serves until told to stop.
pub async fn serve(_settings: ServeSettings) -> Result<(), ServeError> {
    Ok(())
}
