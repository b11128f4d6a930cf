//! What `tidegate doctor` wants to know of a server: how far a request gets, step by step.

use std::net::SocketAddr;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::time::Instant;
use url::{Host, Url};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::answer::Arrived;
use super::client::HttpClient;
use super::clock;
use super::failure::{SendFailure, root_cause};
use super::outgoing::Outgoing;
use super::redact::Redactor;
use super::settings::{Checks, host_and_port, is_loopback};

/// How many addresses of a name are shown.
const SHOWN_ADDRESSES: usize = 5;
/// How much the clocks may differ.
const MOST_SKEW: Duration = Duration::from_secs(30);
/// How many days before its end a certificate is worth a warning.
const SOON_DAYS: i64 = 14;
/// How much of an error page is shown.
const SHOWN_BYTES: usize = 200;

/// Why there is no TLS.
const PLAIN: &str = "the URL starts with `http://`";
/// What is known of a certificate at least.
const ACCEPTED: &str = "the certificate was accepted";

/// One step on the way to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeStep {
    /// What was tried: `proxy`, `DNS`, `TCP`, `token`, `TLS`, `HTTP` or `clock`.
    pub name: &'static str,
    /// What came of it.
    pub outcome: ProbeOutcome,
    /// What was found, or why it was not tried. No secrets.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
    /// How long it took, where that means something.
    pub elapsed: Option<Duration>,
    /// The status of the answer, where there is one.
    pub status: Option<u16>,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// All is well.
    Ok,
    /// It works, but something is wrong with it.
    Warning,
    /// It does not work.
    Failed,
    /// It was not tried.
    Skipped,
}

impl ProbeStep {
    /// Makes a step that takes no time worth telling.
    fn new(name: &'static str, outcome: ProbeOutcome, detail: impl Into<String>) -> Self {
        Self {
            name,
            outcome,
            detail: detail.into(),
            hint: None,
            elapsed: None,
            status: None,
        }
    }

    /// Makes a step that was not tried.
    fn skipped(name: &'static str, why: &str) -> Self {
        Self::new(name, ProbeOutcome::Skipped, why)
    }

    /// Makes a step that does not work.
    fn failed(name: &'static str, failure: &SendFailure) -> Self {
        Self {
            hint: failure.hint(),
            ..Self::new(name, ProbeOutcome::Failed, failure.to_string())
        }
    }

    /// Says how long it took.
    fn since(mut self, start: Instant) -> Self {
        self.elapsed = Some(start.elapsed());
        self
    }
}

/// Tries how far a request gets: it is sent once, with the credentials. What comes behind a step that failed is not
/// tried. Every step has the time of one attempt.
pub async fn probe(client: &HttpClient, outgoing: &Outgoing) -> Vec<ProbeStep> {
    probe_through(&Matcher::from_system(), client, outgoing).await
}

/// Tries a request, given the proxies that the HTTP library would use.
async fn probe_through(
    proxies: &Matcher,
    client: &HttpClient,
    outgoing: &Outgoing,
) -> Vec<ProbeStep> {
    let base = client.base();
    let mut steps = match proxy(proxies, base) {
        Some(proxy) => through_proxy(&proxy),
        None => reach(base, client.timeout()).await,
    };
    if steps
        .iter()
        .any(|step| step.outcome == ProbeOutcome::Failed)
    {
        steps.extend(["TLS", "HTTP", "clock"].map(not_reached));
        return steps;
    }
    let start = Instant::now();
    match client.observe(outgoing).await {
        Ok(arrived) => {
            let now = clock::now();
            steps.extend(client.uses_token().then(token));
            steps.push(tls(base, &arrived, client.checks(), now));
            steps.push(http(&arrived, client.redactor()).since(start));
            steps.push(clock_skew(arrived.answer.date, now));
        }
        Err(failure) => steps.extend(unanswered(base, client, &failure)),
    }
    steps
}

/// Says that a step before has failed.
fn not_reached(name: &'static str) -> ProbeStep {
    ProbeStep::skipped(name, "not tried: a step before it failed")
}

/// Returns `host:port` of the proxy for a URL. As for every request, there is none on the way to this machine.
fn proxy(proxies: &Matcher, url: &Url) -> Option<String> {
    if is_loopback(url) {
        return None;
    }
    let proxy = proxies.intercept(&url.as_str().parse().ok()?)?;
    let authority = proxy.uri().authority()?;
    let (host, port) = (authority.host(), authority.port_u16());
    Some(match port {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Says that a proxy is in between, which finds the server and connects to it.
fn through_proxy(proxy: &str) -> Vec<ProbeStep> {
    let why = "not tried: the proxy does it";
    vec![
        ProbeStep::new(
            "proxy",
            ProbeOutcome::Ok,
            format!("requests go through {proxy}"),
        ),
        ProbeStep::skipped("DNS", why),
        ProbeStep::skipped("TCP", why),
    ]
}

/// Finds the server and connects to it.
async fn reach(base: &Url, timeout: Duration) -> Vec<ProbeStep> {
    let start = Instant::now();
    let addresses = match addresses(base, timeout).await {
        Ok(addresses) => addresses,
        Err(failure) => {
            let dns = ProbeStep::failed("DNS", &failure).since(start);
            return vec![dns, not_reached("TCP")];
        }
    };
    let mut shown: Vec<String> = addresses
        .iter()
        .map(|found| found.ip().to_string())
        .collect();
    shown.dedup();
    shown.truncate(SHOWN_ADDRESSES);
    let dns = ProbeStep::new("DNS", ProbeOutcome::Ok, shown.join(", ")).since(start);
    let start = Instant::now();
    let tcp = match connect(base, &addresses, timeout).await {
        Ok(address) => ProbeStep::new("TCP", ProbeOutcome::Ok, format!("connected to {address}")),
        Err(failure) => ProbeStep::failed("TCP", &failure),
    };
    vec![dns, tcp.since(start)]
}

/// Returns the addresses of a server.
async fn addresses(base: &Url, timeout: Duration) -> Result<Vec<SocketAddr>, SendFailure> {
    let port = base.port_or_known_default().unwrap_or_default();
    let name = match base.host() {
        Some(Host::Ipv4(address)) => return Ok(vec![SocketAddr::from((address, port))]),
        Some(Host::Ipv6(address)) => return Ok(vec![SocketAddr::from((address, port))]),
        Some(Host::Domain(name)) => name,
        None => "",
    };
    let host = host_and_port(base);
    let Ok(found) = tokio::time::timeout(timeout, tokio::net::lookup_host((name, port))).await
    else {
        let cause = format!("no answer within {timeout:?}");
        return Err(SendFailure::Dns { host, cause });
    };
    match found.map(Iterator::collect::<Vec<_>>) {
        Ok(addresses) if !addresses.is_empty() => Ok(addresses),
        Ok(_) => Err(SendFailure::Dns {
            host,
            cause: "the name has none".to_owned(),
        }),
        Err(error) => Err(SendFailure::Dns {
            host,
            cause: root_cause(&error),
        }),
    }
}

/// Connects to the first address that answers.
async fn connect(
    base: &Url,
    addresses: &[SocketAddr],
    timeout: Duration,
) -> Result<SocketAddr, SendFailure> {
    let host = host_and_port(base);
    let mut cause = String::new();
    let all = async {
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(_) => return Some(*address),
                Err(error) => cause = root_cause(&error),
            }
        }
        None
    };
    match tokio::time::timeout(timeout, all).await {
        Ok(Some(address)) => Ok(address),
        Ok(None) => Err(SendFailure::Connect { host, cause }),
        Err(_) => Err(SendFailure::Timeout {
            host,
            limit: timeout,
        }),
    }
}

/// Says what is known of the secure connection.
fn tls(base: &Url, arrived: &Arrived, checks: Checks, now: Timestamp) -> ProbeStep {
    if base.scheme() == "http" {
        return ProbeStep::skipped("TLS", PLAIN);
    }
    let end = arrived.certificate.as_deref().and_then(end_of_certificate);
    let days = end.map(|end| end.duration_since(now).as_hours().div_euclid(24));
    let end = match days {
        Some(days) if days < 0 => "the certificate has expired".to_owned(),
        Some(days) => format!("the certificate is good for {days} more days"),
        None => ACCEPTED.to_owned(),
    };
    match checks {
        Checks::Skipped => ProbeStep {
            hint: Some("name the authority in `ca_file` instead of `insecure_skip_verify`"),
            ..ProbeStep::new(
                "TLS",
                ProbeOutcome::Warning,
                format!("nobody checks whose certificate it is; {end}"),
            )
        },
        Checks::Done if days.is_some_and(|days| days < SOON_DAYS) => ProbeStep {
            hint: Some("renew the server's certificate"),
            ..ProbeStep::new("TLS", ProbeOutcome::Warning, end)
        },
        Checks::Done => ProbeStep::new("TLS", ProbeOutcome::Ok, end),
    }
}

/// Returns the time after which a certificate is not valid any more.
fn end_of_certificate(der: &[u8]) -> Option<Timestamp> {
    let certificate = Certificate::from_der(der).ok()?;
    let end = certificate.tbs_certificate.validity.not_after;
    let seconds = i64::try_from(end.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}

/// Says that there is a token.
fn token() -> ProbeStep {
    ProbeStep::new("token", ProbeOutcome::Ok, "a token was given out")
}

/// Says what a status means.
fn http(arrived: &Arrived, redactor: &Redactor) -> ProbeStep {
    let answer = &arrived.answer;
    let (outcome, hint) = match answer.status {
        200..=299 => (ProbeOutcome::Ok, None),
        401 | 403 | 407 => (
            ProbeOutcome::Failed,
            Some("are the credentials right, and what may they do?"),
        ),
        404 | 405 => (
            ProbeOutcome::Warning,
            Some("is the path in the URL right, and is it that kind of server?"),
        ),
        429 => (
            ProbeOutcome::Warning,
            Some("ask again later, or less often"),
        ),
        500.. => (
            ProbeOutcome::Failed,
            Some("look into the logs of the server"),
        ),
        _ => (ProbeOutcome::Warning, Some("is the URL right?")),
    };
    let mut detail = format!("{:?} {}", arrived.version, answer.status);
    if outcome != ProbeOutcome::Ok && !answer.body.is_empty() {
        detail.push_str(": ");
        detail.push_str(&redactor.excerpt(&answer.body, SHOWN_BYTES));
    }
    ProbeStep {
        hint,
        status: Some(answer.status),
        ..ProbeStep::new("HTTP", outcome, detail)
    }
}

/// Compares the clock of the server with ours.
fn clock_skew(date: Option<Timestamp>, now: Timestamp) -> ProbeStep {
    let Some(date) = date else {
        return ProbeStep::skipped("clock", "the server does not say what time it is");
    };
    let (skew, direction) = match Duration::try_from(date.duration_since(now)) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(_) => (now.duration_since(date).unsigned_abs(), "behind"),
    };
    if skew <= MOST_SKEW {
        return ProbeStep::new("clock", ProbeOutcome::Ok, "as ours, give or take 30 s");
    }
    let detail = format!(
        "the server's clock is {} s {direction} ours",
        skew.as_secs()
    );
    ProbeStep {
        hint: Some("set the clocks: a window is asked for by its times"),
        ..ProbeStep::new("clock", ProbeOutcome::Warning, detail)
    }
}

/// Says what there is to say of a request without an answer.
fn unanswered(base: &Url, client: &HttpClient, failure: &SendFailure) -> Vec<ProbeStep> {
    let mut steps = Vec::new();
    if client.uses_token() {
        steps.push(match failure {
            SendFailure::Token { .. } => ProbeStep::failed("token", failure),
            SendFailure::Unsendable { .. } => ProbeStep::skipped("token", "nothing was sent"),
            SendFailure::Request { .. } => ProbeStep::skipped("token", "nothing was sent"),
            SendFailure::Dns { .. }
            | SendFailure::Denied { .. }
            | SendFailure::Connect { .. }
            | SendFailure::Tls { .. }
            | SendFailure::Timeout { .. }
            | SendFailure::Broken { .. }
            | SendFailure::TooLarge { .. }
            | SendFailure::Redirected { .. } => token(),
        });
    }
    let is_plain = base.scheme() == "http";
    steps.push(match failure {
        _ if is_plain => ProbeStep::skipped("TLS", PLAIN),
        SendFailure::Tls { .. } => ProbeStep::failed("TLS", failure),
        SendFailure::TooLarge { .. } | SendFailure::Redirected { .. } => {
            ProbeStep::new("TLS", ProbeOutcome::Ok, ACCEPTED)
        }
        SendFailure::Dns { .. } | SendFailure::Connect { .. } => not_reached("TLS"),
        SendFailure::Timeout { .. } | SendFailure::Broken { .. } => {
            ProbeStep::skipped("TLS", "it is not known how far the request got")
        }
        SendFailure::Token { .. } | SendFailure::Unsendable { .. } => not_reached("TLS"),
        SendFailure::Request { .. } | SendFailure::Denied { .. } => not_reached("TLS"),
    });
    let is_told = matches!(failure, SendFailure::Tls { .. } | SendFailure::Token { .. });
    steps.push(if is_told {
        not_reached("HTTP")
    } else {
        ProbeStep::failed("HTTP", failure)
    });
    steps.push(not_reached("clock"));
    steps
}

#[cfg(test)]
mod tests {
    use jiff::fmt::rfc2822::DateTimePrinter;
    use reqwest::Method;

    use super::*;
    use crate::net::ProbeOutcome::{Failed, Ok, Skipped, Warning};
    use crate::net::test_authority::{Authority, Client, named};
    use crate::net::test_server::{Reply, TestServer};
    use crate::net::{
        Auth, ClientCredentials, ConnectionSettings, ProbeStep, Secret, TlsSettings, TokenUrl,
        probe,
    };

    async fn run(settings: &ConnectionSettings) -> Vec<ProbeStep> {
        let client = HttpClient::new(settings).unwrap();
        let steps = probe(&client, &Outgoing::new(Method::GET, "/ready")).await;
        assert!(!format!("{steps:?}").contains("hush"), "{steps:?}");
        steps
    }

    fn settings(server: &TestServer) -> ConnectionSettings {
        let mut settings = ConnectionSettings::parse(&server.url()).unwrap();
        settings.auth = Auth::Bearer(Secret::new("hush/1234"));
        settings
    }

    /// Returns what came of the steps.
    fn outcomes(steps: &[ProbeStep]) -> Vec<(&str, ProbeOutcome)> {
        steps.iter().map(|step| (step.name, step.outcome)).collect()
    }

    fn step<'s>(steps: &'s [ProbeStep], name: &str) -> &'s ProbeStep {
        steps.iter().find(|step| step.name == name).unwrap()
    }

    /// Returns a time as `Date` has it.
    fn date(time: Timestamp) -> String {
        DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&time)
            .unwrap()
    }

    #[tokio::test]
    async fn a_server_that_answers_passes_every_step() {
        let server = TestServer::start(|_, _| {
            Reply::new(200, "text/plain", "").header("Date", &date(clock::now()))
        })
        .await;
        let steps = run(&settings(&server)).await;
        assert_eq!(
            outcomes(&steps),
            [
                ("DNS", Ok),
                ("TCP", Ok),
                ("TLS", Skipped),
                ("HTTP", Ok),
                ("clock", Ok)
            ]
        );
        assert_eq!(step(&steps, "DNS").detail, "127.0.0.1");
        let expected = format!("connected to {}", server.address());
        assert_eq!(step(&steps, "TCP").detail, expected);
        assert_eq!(step(&steps, "HTTP").detail, "HTTP/1.1 200");
        let received = server.received();
        assert_eq!((received.len(), received[0].path.as_str()), (1, "/ready"));
        assert!(received[0].header("authorization").is_some());
    }

    #[tokio::test]
    async fn what_comes_behind_a_failed_step_is_not_tried() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let steps = run(&ConnectionSettings::parse(&url).unwrap()).await;
        assert_eq!(
            outcomes(&steps),
            [
                ("DNS", Ok),
                ("TCP", Failed),
                ("TLS", Skipped),
                ("HTTP", Skipped),
                ("clock", Skipped)
            ]
        );
        let detail = &step(&steps, "TCP").detail;
        assert!(detail.ends_with("connection refused"), "{detail}");
        assert!(step(&steps, "TCP").hint.is_some());
        // A label of more than 63 letters has no address, and no resolver needs to be asked.
        let url = format!("http://{}.localhost", "a".repeat(64));
        let steps = run(&ConnectionSettings::parse(&url).unwrap()).await;
        assert_eq!(outcomes(&steps[..2]), [("DNS", Failed), ("TCP", Skipped)]);
        assert!(step(&steps, "DNS").hint.is_some());
    }

    #[tokio::test]
    async fn a_status_is_judged_and_the_page_shown_without_secrets() {
        for (status, outcome) in [
            (204, Ok),
            (401, Failed),
            (403, Failed),
            (404, Warning),
            (429, Warning),
            (503, Failed),
        ] {
            let server = TestServer::start(move |_, _| {
                Reply::new(status, "text/plain", "no, hush/1234\nis wrong")
            })
            .await;
            let steps = run(&settings(&server)).await;
            let http = step(&steps, "HTTP");
            assert_eq!(http.outcome, outcome, "{status}");
            assert_eq!(http.hint.is_some(), outcome != Ok);
            let page = match outcome {
                Ok => String::new(),
                Warning | Failed | Skipped => ": no, *** is wrong".to_owned(),
            };
            assert_eq!(http.detail, format!("HTTP/1.1 {status}{page}"));
            assert_eq!(server.received().len(), 1, "{status} is not asked again");
        }
    }

    #[tokio::test]
    async fn a_server_that_hangs_ends_with_the_time_of_one_attempt() {
        let server = TestServer::start(|_, _| Reply::Hang).await;
        let mut settings = settings(&server);
        settings.timeout = Duration::from_millis(30);
        let steps = run(&settings).await;
        let expected = format!("no complete answer from {} within 30ms", server.address());
        assert_eq!(step(&steps, "HTTP").detail, expected);
        assert_eq!(step(&steps, "clock").outcome, Skipped);
    }

    #[test]
    fn clocks_may_differ_by_half_a_minute() {
        let now: Timestamp = "2025-01-01T00:00:00Z".parse().unwrap();
        for (date, outcome, detail) in [
            (
                Some("2025-01-01T00:00:30Z"),
                Ok,
                "as ours, give or take 30 s",
            ),
            (
                Some("2024-12-31T23:59:30Z"),
                Ok,
                "as ours, give or take 30 s",
            ),
            (
                Some("2025-01-01T00:00:31Z"),
                Warning,
                "the server's clock is 31 s ahead of ours",
            ),
            (
                Some("2024-12-31T23:00:00Z"),
                Warning,
                "the server's clock is 3600 s behind ours",
            ),
            (None, Skipped, "the server does not say what time it is"),
        ] {
            let step = clock_skew(date.map(|date| date.parse().unwrap()), now);
            assert_eq!((step.outcome, step.detail.as_str()), (outcome, detail));
            assert_eq!(step.hint.is_some(), outcome == Warning);
        }
    }

    #[tokio::test]
    async fn the_end_of_a_certificate_is_announced() {
        let authority = Authority::new();
        let day = i64::from(24 * 60 * 60);
        for (days, outcome) in [(400, Ok), (3, Warning)] {
            let mut parameters = named("127.0.0.1");
            let end = clock::now().as_second() + days * day + 60;
            parameters.not_after =
                rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(end).unwrap());
            let config = authority.server_config(&parameters, Client::Anyone);
            let server =
                TestServer::start_tls(config, |_, _| Reply::new(200, "text/plain", "")).await;
            let mut settings = settings(&server);
            settings.tls.ca_file = Some(authority.file("ca.pem"));
            let steps = run(&settings).await;
            let tls = step(&steps, "TLS");
            let expected = format!("the certificate is good for {days} more days");
            assert_eq!(
                (tls.outcome, tls.detail.as_str()),
                (outcome, expected.as_str())
            );
        }
    }

    #[tokio::test]
    async fn a_certificate_that_nobody_vouches_for_is_a_failed_step_or_a_warning() {
        let authority = Authority::new();
        let config = authority.server_config(&named("127.0.0.1"), Client::Anyone);
        let server = TestServer::start_tls(config, |_, _| Reply::new(200, "text/plain", "")).await;
        let mut settings = settings(&server);
        let steps = run(&settings).await;
        assert_eq!(
            outcomes(&steps[2..]),
            [("TLS", Failed), ("HTTP", Skipped), ("clock", Skipped)]
        );
        assert!(
            step(&steps, "TLS")
                .hint
                .is_some_and(|hint| hint.contains("ca_file"))
        );
        settings.tls = TlsSettings {
            insecure_skip_verify: true,
            ..TlsSettings::default()
        };
        let steps = run(&settings).await;
        assert_eq!(outcomes(&steps[2..4]), [("TLS", Warning), ("HTTP", Ok)]);
        let detail = &step(&steps, "TLS").detail;
        assert!(detail.starts_with("nobody checks whose certificate it is"));
    }

    #[tokio::test]
    async fn a_token_is_a_step_of_its_own() {
        let server = TestServer::start(|_, _| Reply::new(200, "text/plain", "")).await;
        let issuer = TestServer::start(|number, _| match number {
            0 => Reply::json(200, r#"{"access_token": "token-1234"}"#),
            _ => Reply::json(401, r#"{"error": "invalid_client hush/1234"}"#),
        })
        .await;
        let mut settings = settings(&server);
        let url = TokenUrl::parse(&issuer.url()).unwrap();
        let credentials = ClientCredentials::new(url, "me", Secret::new("hush/1234"));
        settings.auth = Auth::OAuth2(Box::new(credentials));
        let steps = run(&settings).await;
        assert_eq!(outcomes(&steps[2..4]), [("token", Ok), ("TLS", Skipped)]);
        let steps = run(&settings).await;
        assert_eq!(
            outcomes(&steps[2..]),
            [
                ("token", Failed),
                ("TLS", Skipped),
                ("HTTP", Skipped),
                ("clock", Skipped)
            ]
        );
        let detail = &step(&steps, "token").detail;
        assert!(
            detail.ends_with("it answered 401: invalid_client ***"),
            "{detail}"
        );
        assert_eq!(server.received().len(), 1);
    }

    #[test]
    fn a_proxy_is_named_without_its_password_and_never_stands_before_this_machine() {
        let proxies = Matcher::builder()
            .all("http://ann:hush@proxy.example:3128")
            .no("direct.example")
            .build();
        let find = |url: &str| proxy(&proxies, &Url::parse(url).unwrap());
        let expected = Some("proxy.example:3128".to_owned());
        assert_eq!(find("http://h.example/x"), expected);
        assert_eq!(find("https://h.example/x"), expected);
        assert_eq!(find("https://direct.example/x"), None);
        assert_eq!(find("http://127.0.0.1:9090/x"), None);
        let steps = through_proxy("proxy.example:3128");
        assert_eq!(
            outcomes(&steps),
            [("proxy", Ok), ("DNS", Skipped), ("TCP", Skipped)]
        );
        assert_eq!(steps[0].detail, "requests go through proxy.example:3128");
    }
}
