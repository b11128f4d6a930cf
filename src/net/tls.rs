//! TLS: whom to trust, what to show, and no work at all where a URL needs none.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the certificates that the settings name"
)]

use std::path::{Path, PathBuf};

use reqwest::{Certificate, ClientBuilder, Identity};

use super::settings::TlsSettings;

/// TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsSetupError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file holds no certificate, or no key.
    #[error("{} holds no usable {wanted} in PEM format", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        wanted: &'static str,
    },
    /// The certificates of the operating system can't be used.
    #[error("the certificates of the operating system can't be used")]
    Trust {
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// A key has no certificate.
    #[error("`key_file` is set, but `cert_file` is not")]
    KeyAlone,
}

/// Chooses `ring` for the whole process, unless the program has chosen already.
pub(super) fn choose_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Losing a race against another thread is fine: then there is a choice.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}

/// Sets up a client that never speaks TLS. Reading the system's certificates would take longer than a whole query.
pub(super) fn without(builder: ClientBuilder) -> ClientBuilder {
    builder.tls_certs_only([])
}

/// Sets up a client that trusts the operating system, and whomever the settings name.
pub(super) fn with(
    mut builder: ClientBuilder,
    settings: &TlsSettings,
) -> Result<ClientBuilder, TlsSetupError> {
    let TlsSettings {
        ca_file,
        cert_file,
        key_file,
        insecure_skip_verify,
    } = settings;
    if let Some(path) = ca_file {
        builder = builder.tls_certs_merge(authorities(path)?);
    }
    if let Some(identity) = identity(cert_file.as_deref(), key_file.as_deref())? {
        builder = builder.identity(identity);
    }
    Ok(builder
        .tls_info(true)
        .tls_danger_accept_invalid_certs(*insecure_skip_verify))
}

/// Reads certificates of authorities.
fn authorities(path: &Path) -> Result<Vec<Certificate>, TlsSetupError> {
    let pem = read(path)?;
    Certificate::from_pem_bundle(&pem)
        .ok()
        .filter(|certificates| !certificates.is_empty())
        .ok_or_else(|| TlsSetupError::Content {
            path: path.to_owned(),
            wanted: "certificate",
        })
}

/// Reads what the client shows of itself.
fn identity(
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<Identity>, TlsSetupError> {
    let Some(path) = certificate else {
        return match key {
            Some(_) => Err(TlsSetupError::KeyAlone),
            None => Ok(None),
        };
    };
    let mut pem = read(path)?;
    if let Some(key) = key {
        pem.push(b'\n');
        pem.extend(read(key)?);
    }
    // The error of the library is dropped: it names neither the file nor what is wrong with it.
    let identity = Identity::from_pem(&pem).ok();
    identity.map(Some).ok_or_else(|| TlsSetupError::Content {
        path: key.unwrap_or(path).to_owned(),
        wanted: "pair of certificate and private key",
    })
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, TlsSetupError> {
    std::fs::read(path).map_err(|source| TlsSetupError::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;
    use crate::net::test_authority::{Authority, Client, named};
    use crate::net::test_server::{Reply, TestServer};
    use crate::net::{
        Answer, Auth, ClientCredentials, ConnectionSettings, HttpClient, Method, Outgoing,
        Patience, Repeat, Secret, SendError, SendFailure, TlsTrouble, TokenUrl,
    };

    async fn get(server: &TestServer, tls: TlsSettings) -> Result<Answer, SendError> {
        let mut settings = ConnectionSettings::parse(&server.url()).unwrap();
        settings.tls = tls;
        let client = HttpClient::new(&settings).unwrap();
        let outgoing = Outgoing::new(Method::GET, "");
        client
            .request(Repeat::Freely, Patience::default(), &outgoing)
            .await
    }

    async fn start(config: ServerConfig) -> TestServer {
        TestServer::start_tls(config, |_, _| Reply::new(200, "text/plain", "safe")).await
    }

    fn trouble(result: Result<Answer, SendError>) -> TlsTrouble {
        let error = result.unwrap_err();
        assert_eq!(error.attempts, 1);
        let SendFailure::Tls { trouble, .. } = error.failure else {
            panic!("{error:?}");
        };
        trouble
    }

    #[tokio::test]
    async fn an_authority_of_ones_own_is_refused_until_it_is_named() {
        let authority = Authority::new();
        let server = start(authority.server_config(&named("127.0.0.1"), Client::Anyone)).await;
        let error = get(&server, TlsSettings::default()).await;
        assert_eq!(trouble(error), TlsTrouble::UnknownIssuer);
        let tls = TlsSettings {
            ca_file: Some(authority.file("ca.pem")),
            ..TlsSettings::default()
        };
        assert_eq!(get(&server, tls).await.unwrap().body, b"safe");
    }

    #[tokio::test]
    async fn a_certificate_for_another_name_and_an_old_one_are_refused() {
        let authority = Authority::new();
        let tls = TlsSettings {
            ca_file: Some(authority.file("ca.pem")),
            ..TlsSettings::default()
        };
        let server = start(authority.server_config(&named("example.org"), Client::Anyone)).await;
        let result = get(&server, tls.clone()).await;
        assert_eq!(trouble(result), TlsTrouble::WrongName);
        let mut old = named("127.0.0.1");
        old.not_after = rcgen::date_time_ymd(2001, 1, 1);
        old.not_before = rcgen::date_time_ymd(2000, 1, 1);
        let server = start(authority.server_config(&old, Client::Anyone)).await;
        assert_eq!(trouble(get(&server, tls).await), TlsTrouble::Expired);
    }

    #[tokio::test]
    async fn any_certificate_will_do_where_the_user_says_so() {
        let authority = Authority::new();
        let server = start(authority.server_config(&named("example.org"), Client::Anyone)).await;
        let tls = TlsSettings {
            insecure_skip_verify: true,
            ..TlsSettings::default()
        };
        assert_eq!(get(&server, tls).await.unwrap().body, b"safe");
    }

    #[tokio::test]
    async fn a_server_that_wants_to_know_its_clients_gets_a_certificate() {
        let authority = Authority::new();
        let config = authority.server_config(&named("127.0.0.1"), Client::WithCertificate);
        let server = start(config).await;
        let mut tls = TlsSettings {
            ca_file: Some(authority.file("ca.pem")),
            ..TlsSettings::default()
        };
        let result = get(&server, tls.clone()).await;
        assert_eq!(trouble(result), TlsTrouble::ClientCertificate);

        let (certificate, key) = authority.issue(&named("client"));
        std::fs::write(authority.file("client.pem"), certificate.pem()).unwrap();
        std::fs::write(authority.file("client.key"), key.serialize_pem()).unwrap();
        tls.cert_file = Some(authority.file("client.pem"));
        tls.key_file = Some(authority.file("client.key"));
        assert_eq!(get(&server, tls).await.unwrap().body, b"safe");
    }

    #[tokio::test]
    async fn a_server_without_tls_is_told_from_a_broken_one() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let refusal = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            stream.write_all(refusal).await.unwrap();
            std::future::pending::<()>().await;
        });
        let settings = ConnectionSettings::parse(&url).unwrap();
        let client = HttpClient::new(&settings).unwrap();
        let outgoing = Outgoing::new(Method::GET, "");
        let result = client
            .request(Repeat::Freely, Patience::default(), &outgoing)
            .await;
        assert_eq!(trouble(result), TlsTrouble::NoTls);
    }

    #[tokio::test]
    async fn whoever_gives_out_tokens_is_checked_the_same_way() {
        let authority = Authority::new();
        let config = authority.server_config(&named("127.0.0.1"), Client::Anyone);
        let issuer = TestServer::start_tls(config, |_, _| {
            Reply::json(200, r#"{"access_token": "token-1234"}"#)
        })
        .await;
        let server = TestServer::start(|_, _| Reply::new(200, "text/plain", "safe")).await;
        let url = TokenUrl::parse(&issuer.url()).unwrap();
        let credentials = ClientCredentials::new(url, "me", Secret::new("hush"));
        let mut settings = ConnectionSettings::parse(&server.url()).unwrap();
        settings.auth = Auth::OAuth2(Box::new(credentials));
        let ask = async |settings: &ConnectionSettings| {
            let client = HttpClient::new(settings).unwrap();
            let outgoing = Outgoing::new(Method::GET, "/x");
            let result = client.request(Repeat::Freely, Patience::default(), &outgoing);
            result.await
        };
        let error = ask(&settings).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "cannot get a token from {host}: no secure connection to {host}: its certificate is signed by an unknown authority",
                host = issuer.address()
            )
        );
        assert_eq!(error.attempts, 1);
        settings.tls.ca_file = Some(authority.file("ca.pem"));
        assert_eq!(ask(&settings).await.unwrap().body, b"safe");
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "nothing").unwrap();
        let build = |tls| {
            let mut settings = ConnectionSettings::parse("https://h").unwrap();
            settings.tls = tls;
            HttpClient::new(&settings).unwrap_err().to_string()
        };
        let missing = folder.path().join("missing.pem");
        let message = build(TlsSettings {
            ca_file: Some(missing.clone()),
            ..TlsSettings::default()
        });
        assert_eq!(message, format!("cannot read {}", missing.display()));
        let message = build(TlsSettings {
            ca_file: Some(empty.clone()),
            ..TlsSettings::default()
        });
        let expected = format!(
            "{} holds no usable certificate in PEM format",
            empty.display()
        );
        assert_eq!(message, expected);
        let message = build(TlsSettings {
            cert_file: Some(empty.clone()),
            ..TlsSettings::default()
        });
        assert!(
            message.contains("pair of certificate and private key"),
            "{message}"
        );
        let message = build(TlsSettings {
            key_file: Some(empty),
            ..TlsSettings::default()
        });
        assert_eq!(message, "`key_file` is set, but `cert_file` is not");
    }
}
