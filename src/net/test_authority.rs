//! A certificate authority for tests, which issues certificates to servers and clients.
#![expect(
    clippy::disallowed_methods,
    reason = "writes the certificates that the settings name"
)]

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

use super::tls::choose_cryptography;

/// An authority, and the folder with its certificate.
pub(super) struct Authority {
    /// The authority.
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The folder.
    folder: tempfile::TempDir,
}

impl Authority {
    /// Makes an authority that nobody trusts yet.
    pub(super) fn new() -> Self {
        choose_cryptography();
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(parameters, key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    /// Returns the path of a file in the folder; `ca.pem` is there.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Issues a certificate for a name; returns it with its key.
    pub(super) fn issue(&self, parameters: &CertificateParams) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        (certificate, key)
    }

    /// Returns how a server shows itself, and whom it lets in.
    pub(super) fn server_config(
        &self,
        parameters: &CertificateParams,
        client: Client,
    ) -> ServerConfig {
        let (certificate, key) = self.issue(parameters);
        let chain = vec![certificate.der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let builder = ServerConfig::builder();
        let builder = match client {
            Client::Anyone => builder.with_no_client_auth(),
            Client::WithCertificate => {
                let mut roots = rustls::RootCertStore::empty();
                let root: CertificateDer<'_> = self.issuer.der().clone();
                roots.add(root).unwrap();
                let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build();
                builder.with_client_cert_verifier(verifier.unwrap())
            }
        };
        builder.with_single_cert(chain, key).unwrap()
    }
}

/// Whom a test server lets in.
#[derive(Clone, Copy)]
pub(super) enum Client {
    /// Anyone.
    Anyone,
    /// Those with a certificate of the authority.
    WithCertificate,
}

/// Returns what a certificate says that is for one name.
pub(super) fn named(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}
