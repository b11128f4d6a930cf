//! TLS for what is not HTTP: the same settings, the same trust, as a configuration of rustls.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

use super::settings::TlsSettings;
use super::tls::{TlsSetupError, read};

/// Makes a configuration that trusts the operating system, and whomever the settings name.
pub fn tls_config(settings: &TlsSettings) -> Result<ClientConfig, TlsSetupError> {
    let TlsSettings {
        ca_file,
        cert_file,
        key_file,
        insecure_skip_verify,
    } = settings;
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = if *insecure_skip_verify {
        Arc::new(AnyCertificate(provider.signature_verification_algorithms))
    } else {
        let authorities = match ca_file {
            Some(path) => certificates(path)?,
            None => Vec::new(),
        };
        let verifier = Verifier::new_with_extra_roots(authorities, Arc::clone(&provider));
        Arc::new(verifier.map_err(|source| TlsSetupError::Trust { source })?)
    };
    let builder = builder(provider)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let Some(path) = cert_file else {
        return match key_file {
            Some(_) => Err(TlsSetupError::KeyAlone),
            None => Ok(builder.with_no_client_auth()),
        };
    };
    let key_path = key_file.as_ref().unwrap_or(path);
    let unusable = || TlsSetupError::Content {
        path: key_path.clone(),
        wanted: "pair of certificate and private key",
    };
    // The errors of the library are dropped: they name neither the file nor what is wrong with it.
    let key = PrivateKeyDer::from_pem_slice(&read(key_path)?).map_err(|_no_key| unusable())?;
    builder
        .with_client_auth_cert(certificates(path)?, key)
        .map_err(|_no_pair| unusable())
}

/// Starts a configuration.
fn builder(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, TlsSetupError> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|source| TlsSetupError::Trust { source })
}

/// Reads the certificates of a file.
fn certificates(path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, TlsSetupError> {
    let pem = read(path)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    certificates
        .ok()
        .filter(|certificates| !certificates.is_empty())
        .ok_or_else(|| TlsSetupError::Content {
            path: path.to_owned(),
            wanted: "certificate",
        })
}

/// Accepts any certificate, where the user says so; that the server has its key is checked all the same.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
