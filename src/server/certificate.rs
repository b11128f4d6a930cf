//! The certificate that the server shows, where no proxy does.

#![expect(
    clippy::disallowed_methods,
    reason = "the certificate and its key are files of the operator"
)]

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::settings::ServerCertificate;

/// The certificate can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file can't be read.
    #[error("`{path}` can't be read")]
    Read {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A file holds nothing of use.
    #[error("`{path}` holds no {what} in PEM")]
    Empty {
        /// The file.
        path: String,
        /// What was looked for.
        what: &'static str,
    },
    /// Certificate and key don't go together.
    #[error("the certificate and its key can't be used")]
    Unfit(#[source] rustls::Error),
}

/// Reads the certificate and its key.
pub fn acceptor(files: &ServerCertificate) -> Result<TlsAcceptor, CertificateError> {
    let ServerCertificate { certificate, key } = files;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .filter_map(Result::ok)
        .collect();
    if chain.is_empty() {
        return Err(empty(certificate, "certificate"));
    }
    let Ok(key) = PrivateKeyDer::from_pem_slice(&read(key)?) else {
        return Err(empty(key, "key"));
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(CertificateError::Unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(CertificateError::Unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Reads a file.
fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|cause| CertificateError::Read {
        path: path.display().to_string(),
        cause,
    })
}

/// A file holds nothing of use.
fn empty(path: &Path, what: &'static str) -> CertificateError {
    CertificateError::Empty {
        path: path.display().to_string(),
        what,
    }
}
