//! Runs the server until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::assembly::{AssemblyError, ServerParts, assemble};
use super::certificate::{CertificateError, acceptor};
use super::folder::{DataFolder, FolderError};
use super::front::{Listening, Reception, accept};
use super::settings::{Anonymous, ServeSettings};

/// The server could not start, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nobody could come in, or anybody.
    #[error("{0}")]
    Access(&'static str),
    /// The folder of the data can't be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The certificate can't be shown.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Nobody can connect.
    #[error("can't listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// What was stored can't be used.
    #[error(transparent)]
    Assembly(#[from] AssemblyError),
}

/// Serves until told to stop; then finishes what is under way.
pub async fn serve(
    settings: ServeSettings,
    parts: ServerParts,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    refuse_open_doors(&settings)?;
    let tls = settings.tls.as_ref().map(acceptor).transpose()?;
    let folder = DataFolder::open(&settings.data)?;
    let address = settings.listen;
    let listening = TcpListener::bind(address).await;
    let listener = listening.map_err(|cause| ServeError::Listen { address, cause })?;
    let address = listener.local_addr().unwrap_or(address);
    let assembled = assemble(&settings, parts, folder.path()).await?;
    let patience = settings.limits.answer_timeout;
    let reception = Reception::new(
        assembled.router.clone(),
        Arc::clone(&assembled.metrics),
        patience,
    );
    let scheme = if tls.is_some() { "https" } else { "http" };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        "listening on {scheme}://{address}/api"
    );
    let (tell, told) = watch::channel(false);
    let accepting = accept(
        Listening {
            listener,
            tls,
            limits: settings.limits,
            stop: told,
        },
        reception,
    );
    let stopping = async {
        stop.await;
        tracing::info!("stopping: requests that are under way are finished");
        // Who listens may have gone.
        tell.send(true).ok();
    };
    tokio::join!(accepting, stopping);
    assembled.stop().await;
    tracing::info!("stopped");
    drop(folder);
    Ok(())
}

/// Refuses to be open to everybody, or to nobody.
fn refuse_open_doors(settings: &ServeSettings) -> Result<(), ServeError> {
    let access = &settings.access;
    match access.anonymous {
        Anonymous::Refused if access.tokens.is_empty() => Err(ServeError::Access(
            "there is no token: nobody could use the server",
        )),
        Anonymous::Allowed if !settings.listen.ip().is_loopback() => Err(ServeError::Access(
            "without tokens the server listens on the loopback interface only",
        )),
        Anonymous::Refused | Anonymous::Allowed => Ok(()),
    }
}
