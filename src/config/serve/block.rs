//! The block itself.

use std::path::PathBuf;
use std::time::Duration;

use super::{KEY, engine, limits, tokens};
use crate::config::conceal::conceal;
use crate::config::provider_block::path_plugin::PathPlugins;
use crate::config::reader::{Reader, Reality, Surroundings};
use crate::gate::parse_duration;
use crate::sequence::EngineSettings;
use crate::server::{
    AllowedTarget, Anonymous, Limits, LogFormat, MetricsAccess, Proxies, ServeSettings,
    ServerCertificate, Storage, TokenSettings,
};
use crate::spec::reading::{Field, Fields, Findings};
use crate::spec::{Parsed, ProblemKind, Source};

/// The keys.
const KEYS: [&str; 14] = [
    "listen",
    "data",
    "tokens",
    "allow_anonymous",
    "metrics",
    "trust_proxy",
    "limits",
    "engine",
    "integration_ttl",
    "refresh_interval",
    "log_format",
    "webhook_hosts",
    "storage",
    "tls",
];
/// The keys of `tls`.
const TLS_KEYS: [&str; 2] = ["cert_file", "key_file"];

/// What `serve` says; `None`: nothing, so that flags, variables and defaults decide.
#[derive(Clone, Debug)]
pub struct ServeBlock {
    /// Where to listen, and the line that says so.
    pub listen: Option<String>,
    /// The folder of the data.
    pub data: Option<PathBuf>,
    /// The tokens.
    pub tokens: Vec<TokenSettings>,
    /// Whether a token is needed at all.
    pub anonymous: Anonymous,
    /// Whether metrics need a token.
    pub metrics: MetricsAccess,
    /// Whether the headers of a proxy count.
    pub proxies: Proxies,
    /// How much is too much.
    pub limits: Limits,
    /// How often is too often.
    pub rates: Rates,
    /// How sequences behave.
    pub engine: EngineSettings,
    /// How long an integration is remembered that says nothing.
    pub integration_ttl: Duration,
    /// How often upstream repositories are looked at; `None`: never.
    pub refresh_interval: Option<Duration>,
    /// How log lines look.
    pub log: Option<LogFormat>,
    /// Private hosts that webhooks may go to.
    pub webhook_hosts: Vec<AllowedTarget>,
    /// How the files of projects without an upstream repository are kept.
    pub storage: Storage,
    /// The certificate.
    pub tls: Option<ServerCertificate>,
}

/// How often is too often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Wrong tokens of one client in a second.
    pub failures_per_second: f64,
    /// Wrong tokens of one client at once.
    pub failure_burst: f64,
    /// Requests of one token in a second; `None`: any number.
    pub requests_per_second: Option<f64>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            failures_per_second: 1.0,
            failure_burst: 2.0,
            requests_per_second: None,
        }
    }
}

impl Default for ServeBlock {
    fn default() -> Self {
        Self {
            listen: None,
            data: None,
            tokens: Vec::new(),
            anonymous: Anonymous::default(),
            metrics: MetricsAccess::default(),
            proxies: Proxies::default(),
            limits: Limits::default(),
            rates: Rates::default(),
            engine: EngineSettings::default(),
            integration_ttl: ServeSettings::INTEGRATION_TTL,
            refresh_interval: Some(ServeSettings::REFRESH_INTERVAL),
            log: None,
            webhook_hosts: Vec::new(),
            storage: Storage::default(),
            tls: None,
        }
    }
}

/// Reads the `serve` of a `tidegate.yaml`, and nothing else of it. No problem shows a token.
pub fn parse_serve(source: &Source, surroundings: &Surroundings<'_>) -> Parsed<ServeBlock> {
    let mut findings = Findings::new(source);
    let is_empty = |line: &str| line.trim().is_empty() || line.trim().starts_with('#');
    if source.text().lines().all(is_empty) {
        return findings.finish(Some(ServeBlock::default()));
    }
    let Some(root) = findings.document("configuration") else {
        return findings.finish(None);
    };
    let Some(mut fields) = Fields::open(&mut findings, &root, "tidegate.yaml") else {
        return findings.finish(None);
    };
    let mut reader = Reader {
        findings: &mut findings,
        surroundings,
        reality: Reality::Real,
        path_plugins: PathPlugins::default(),
    };
    let block = match reader.open(&mut fields, KEY) {
        Some((_, inner)) => read(&mut reader, inner),
        None => ServeBlock::default(),
    };
    let Parsed { value, problems } = findings.finish(Some(block));
    let keys = [
        &KEYS[..],
        &TLS_KEYS,
        &tokens::KEYS,
        &limits::KEYS,
        &engine::KEYS,
        &[KEY],
    ]
    .concat();
    Parsed {
        value,
        problems: conceal(source, problems, &keys),
    }
}

/// Checks that `serve` is well formed; what it names need not be set where nobody serves.
pub(in crate::config) fn check(
    findings: &mut Findings<'_>,
    fields: &mut Fields<'_>,
    surroundings: &Surroundings<'_>,
) {
    let mut own = Findings::new(findings.source());
    let mut reader = Reader {
        findings: &mut own,
        surroundings,
        reality: Reality::DryRun,
        path_plugins: PathPlugins::default(),
    };
    if let Some((_, inner)) = reader.open(fields, KEY) {
        read(&mut reader, inner);
    }
    for problem in own.finish(Some(())).problems {
        if problem.kind != ProblemKind::Advice {
            findings.push(problem);
        }
    }
}

/// Reads the block.
fn read(reader: &mut Reader<'_, '_>, mut fields: Fields<'_>) -> ServeBlock {
    let (limits, rates) = limits::read(reader, &mut fields);
    let is_set = |choice: Option<bool>| choice == Some(true);
    let anonymous = is_set(boolean(reader, &mut fields, "allow_anonymous"));
    let trusted = is_set(boolean(reader, &mut fields, "trust_proxy"));
    let metrics = reader.word::<MetricsAccess>(&mut fields, "metrics", &MetricsAccess::NAMES);
    let ttl = duration(reader, &mut fields, "integration_ttl");
    let block = ServeBlock {
        listen: reader
            .text(&mut fields, "listen")
            .filter(|text| !text.is_empty()),
        data: reader.path(&mut fields, "data"),
        tokens: tokens::read(reader, &mut fields),
        anonymous: if anonymous {
            Anonymous::Allowed
        } else {
            Anonymous::Refused
        },
        metrics: metrics.unwrap_or_default(),
        proxies: if trusted {
            Proxies::Trusted
        } else {
            Proxies::Distrusted
        },
        limits,
        rates,
        engine: engine::read(reader, &mut fields),
        integration_ttl: ttl.unwrap_or(ServeSettings::INTEGRATION_TTL),
        refresh_interval: refresh_interval(reader, &mut fields),
        log: reader.word::<LogFormat>(&mut fields, "log_format", &LogFormat::NAMES),
        webhook_hosts: targets(reader, &mut fields),
        storage: storage(reader, &mut fields),
        tls: tls(reader, &mut fields),
    };
    reader.refuse_rest(fields, "`serve`", &KEYS);
    block
}

/// Reads how often upstream repositories are looked at: 0 is never.
fn refresh_interval(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<Duration> {
    let usual = Some(ServeSettings::REFRESH_INTERVAL);
    let Some(field) = fields.take_set("refresh_interval") else {
        return usual;
    };
    match reader.field_text(&field).as_deref().map(str::trim) {
        Some("0" | "0s") => None,
        _ => positive_duration(reader, &field).or(usual),
    }
}

/// Reads `tls`: both files, or none.
fn tls(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<ServerCertificate> {
    let (field, mut inner) = reader.open(fields, "tls")?;
    if !TLS_KEYS.iter().all(|key| inner.has(key)) {
        let hint =
            "both are files with PEM: `tls: { cert_file: server.crt, key_file: server.key }`";
        let message = "`tls` needs `cert_file` and `key_file`";
        reader.findings.error(field.span(), message, hint);
    }
    let certificate = reader.path(&mut inner, "cert_file");
    let key = reader.path(&mut inner, "key_file");
    reader.refuse_rest(inner, "`tls`", &TLS_KEYS);
    Some(ServerCertificate {
        certificate: certificate?,
        key: key?,
    })
}

/// Reads the private hosts and networks that webhooks may go to.
fn targets(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<AllowedTarget> {
    const KEY: &str = "webhook_hosts";
    let Some(field) = fields.take_set(KEY) else {
        return Vec::new();
    };
    let texts: Vec<String> = match field.value.elements() {
        None => reader.field_text(&field).into_iter().collect(),
        Some(elements) => {
            let texts = elements.iter().filter_map(|element| {
                let text = reader.findings.text(element, KEY)?;
                reader.fill_text(&field, &text)
            });
            texts.collect()
        }
    };
    let mut targets = Vec::new();
    for text in texts {
        match text.parse::<AllowedTarget>() {
            Ok(target) => targets.push(target),
            Err(error) => {
                let message = format!("`{KEY}` can't have `{text}`: {error}");
                let hint = "hosts, domains and networks, such as hooks.example.org, *.example.org, and 10.1.0.0/16";
                reader.findings.error(field.span(), message, hint);
            }
        }
    }
    targets
}

/// Reads how the files of projects are kept.
fn storage(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Storage {
    let words = [("plain", Storage::Plain), ("git", Storage::Git)];
    engine::choice(reader, fields, "storage", &words).unwrap_or_default()
}

/// Reads a truth value.
fn boolean(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>, name: &str) -> Option<bool> {
    let field = fields.take_set(name)?;
    reader.findings.boolean(field.value, name)
}

/// Reads a list of texts, or one.
pub(super) fn texts(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Vec<String> {
    let Some(field) = fields.take_set(name) else {
        return Vec::new();
    };
    let Some(elements) = field.value.elements() else {
        return reader.field_text(&field).into_iter().collect();
    };
    let texts = elements.iter().filter_map(|element| {
        let text = reader.findings.text(element, name)?;
        reader.fill_text(&field, &text)
    });
    texts.collect()
}

/// Reads a duration above 0.
pub(super) fn duration(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Option<Duration> {
    let field = fields.take_set(name)?;
    positive_duration(reader, &field)
}

/// Reads the duration of a field.
fn positive_duration(reader: &mut Reader<'_, '_>, field: &Field<'_>) -> Option<Duration> {
    let text = reader.field_text(field)?;
    let duration = parse_duration(&text)
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero());
    if duration.is_none() {
        let name = &field.name;
        let message = format!("`{name}` must be a duration above 0, not `{text}`");
        let hint = format!("such as `{name}: 10s`");
        reader.findings.error(field.span(), message, hint);
    }
    duration
}
