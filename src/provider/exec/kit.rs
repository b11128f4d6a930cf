//! The conformance kit: what a plug-in must do, tried out with the plug-in itself (`tidegate plugin test`).

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Exec;
use super::answer::{OUTPUT_BYTES, understand};
use super::document::API_VERSION;
use super::process::Ended;
use super::said::{Failing, Said};
use super::settings::ExecSettings;
use crate::gate::{FailureKind, IndicatorName, ProviderName};
use crate::provider::answered::Found;
use crate::provider::{Check, CheckOutcome};

/// The name of the indicator that is known, and of the one that is not.
const KNOWN: &str = "tidegate_known";
/// A query that no plug-in knows.
const NONSENSE: &str = "tidegate: no plug-in knows this query";
/// What must not be repeated by a plug-in.
const CANARY: &str = "tidegate-canary-3f9a7c";
/// A version that no plug-in knows.
const FUTURE: &str = "tidegate.exec/v999";

/// Tries a plug-in out; `query` is one that it can answer.
pub async fn plugin_checks(settings: &ExecSettings, query: Option<&str>) -> Vec<Check> {
    let Ok(name) = ProviderName::new("plugin") else {
        return Vec::new();
    };
    let mut kit = Kit {
        exec: Exec::open(&name, settings),
        limit: settings.timeout,
        slowest: Duration::ZERO,
        unclean: None,
        told: false,
    };
    let mut checks = Vec::new();
    let mut add = |name: &str, outcome: CheckOutcome| {
        checks.push(Check {
            name: name.to_owned(),
            outcome,
        });
    };
    let (described, default) = kit.describe().await;
    add("describe", described);
    add("empty batch", kit.empty_batch().await);
    let query = query.map(str::to_owned).or(default);
    add("known indicator", kit.known(query.as_deref()).await);
    add("unknown indicator", kit.unknown().await);
    add("malformed request", kit.malformed().await);
    add("unsupported version", kit.future().await);
    add("environment", kit.environment().await);
    add("secrets", kit.secrets());
    add("stdout", kit.stdout());
    add("deadline", kit.deadline());
    checks
}

/// A plug-in that is tried out.
struct Kit {
    /// Runs it.
    exec: Exec,
    /// How long a run may take.
    limit: Duration,
    /// How long the slowest run took.
    slowest: Duration,
    /// What was printed beside a document.
    unclean: Option<String>,
    /// The canary was repeated.
    told: bool,
}

impl Kit {
    /// Runs the plug-in, and watches how it does.
    async fn run(&mut self, verb: &str, stdin: Vec<u8>) -> Result<Ended, Failing> {
        let start = Instant::now();
        let ended = self.exec.run(verb, stdin, self.limit).await;
        self.slowest = self.slowest.max(start.elapsed());
        let ended = ended?;
        let stderr = ended.stderr.shown(&self.exec.redactor);
        let stdout = String::from_utf8_lossy(&ended.stdout);
        self.told = self.told || stdout.contains(CANARY) || stderr.contains(CANARY);
        let is_document =
            serde_json::from_slice::<Value>(&ended.stdout).is_ok_and(|d| d.is_object());
        if ended.status.success() && !is_document && self.unclean.is_none() {
            self.unclean = Some(self.exec.redactor.excerpt(&ended.stdout, OUTPUT_BYTES));
        }
        Ok(ended)
    }

    /// Asks for indicators in a version.
    async fn fetch(&mut self, version: &str, indicators: &Value) -> Result<Ended, Failing> {
        let document = json!({
            "apiVersion": version,
            "kind": "FetchRequest",
            "requestId": "conformance",
            "provider": {"name": "plugin", "config": self.config()},
            "window": {"start": "2025-01-01T10:00:00Z", "end": "2025-01-01T10:05:00Z", "startUnixMs": 1_735_725_600_000_i64, "endUnixMs": 1_735_725_900_000_i64, "durationSeconds": 300},
            "context": {"project": "p", "stage": "s", "service": "svc", "deployment": "primary", "labels": {"build": "42"}, "filters": []},
            "indicators": indicators,
            "deadline": "2025-01-01T10:06:30Z",
            "capabilities": ["partialResults", "samples"],
            "aFieldThatNobodyKnows": {"must": "be ignored"},
        });
        self.run("fetch", document.to_string().into_bytes()).await
    }

    /// Returns the plug-in's configuration, with the canary in it.
    fn config(&self) -> Value {
        match self.exec.settings.config.expose() {
            Value::Object(members) => {
                let mut members = members.clone();
                members.insert("tidegateCanary".to_owned(), CANARY.into());
                Value::Object(members)
            }
            Value::Null => json!({"tidegateCanary": CANARY}),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                self.exec.settings.config.expose().clone()
            }
        }
    }

    /// Asks for one indicator.
    async fn one(&mut self, query: &str) -> Result<Said, Failing> {
        let indicators = json!([{"name": KNOWN, "query": query, "options": {}}]);
        let ended = self.fetch(API_VERSION, &indicators).await?;
        if !ended.status.success() {
            return Err(self.exec.failing(&ended));
        }
        let name = IndicatorName::new(KNOWN)
            .map_err(|error| Failing::once(FailureKind::BadAnswer, error.to_string()))?;
        let understood = understand(&ended.stdout, &[&name], &self.exec.redactor)?;
        let unasked = understood.warnings.into_iter().next();
        if let Some(warning) = unasked {
            return Err(Failing::once(FailureKind::BadAnswer, warning));
        }
        let said = understood.results.into_values().next();
        Ok(said.unwrap_or_else(|| Said::missing(KNOWN)))
    }

    /// Checks `describe`, and returns a query that the plug-in says it knows.
    async fn describe(&mut self) -> (CheckOutcome, Option<String>) {
        let ended = match self.run("describe", Vec::new()).await {
            Ok(ended) => ended,
            Err(failing) => {
                return (
                    bad(
                        failing.failure.message,
                        "let it answer within a moment, or end with exit code 2",
                    ),
                    None,
                );
            }
        };
        if !ended.status.success() {
            let text = "it does not describe itself, which it need not".to_owned();
            return (CheckOutcome::Skipped(text), None);
        }
        let document: Value = serde_json::from_slice(&ended.stdout).unwrap_or_default();
        let is = |name: &str, text: &str| document.get(name).and_then(Value::as_str) == Some(text);
        let has = |name: &str| document.get(name).is_some_and(Value::is_string);
        let defaults = document.get("defaultIndicators").and_then(Value::as_object);
        let query = defaults
            .and_then(|all| all.values().find_map(Value::as_str))
            .map(str::to_owned);
        if is("apiVersion", API_VERSION)
            && is("kind", "Description")
            && has("name")
            && has("version")
        {
            (good("name and version are there"), query)
        } else {
            let shown = self.exec.redactor.excerpt(&ended.stdout, OUTPUT_BYTES);
            let hint = "print {\"apiVersion\": \"tidegate.exec/v1\", \"kind\": \"Description\", \"name\": …, \"version\": …}, or end with exit code 2";
            (bad(format!("it printed: {shown}"), hint), query)
        }
    }

    /// Asks for nothing.
    async fn empty_batch(&mut self) -> CheckOutcome {
        let hint = "answer a request without indicators with `\"results\": []` and exit code 0";
        match self.fetch(API_VERSION, &json!([])).await {
            Err(failing) => bad(failing.failure.message, hint),
            Ok(ended) if !ended.status.success() => {
                bad(self.exec.failing(&ended).failure.message, hint)
            }
            Ok(ended) => match understand(&ended.stdout, &[], &self.exec.redactor) {
                Err(failing) => bad(failing.failure.message, hint),
                Ok(understood) => match understood.warnings.into_iter().next() {
                    Some(warning) => bad(warning, hint),
                    None => good("no result for no indicator"),
                },
            },
        }
    }

    /// Asks for what the plug-in knows.
    async fn known(&mut self, query: Option<&str>) -> CheckOutcome {
        let Some(query) = query else {
            let text = "no query is known; name one with --query".to_owned();
            return CheckOutcome::Skipped(text);
        };
        let hint = "answer with one result of that name, its status ok or no_data";
        match self.one(query).await.map(|said| said.found) {
            Err(failing) => bad(failing.failure.message, hint),
            Ok(Found::Numbers(numbers)) => {
                let value = numbers.first().map_or(f64::NAN, |number| number.value);
                good(&format!("`{query}` is {value}"))
            }
            Ok(Found::Nothing(reason)) => good(&format!("`{query}` has no data: {reason}")),
            Ok(Found::Failed(failure)) => bad(failure.message, hint),
        }
    }

    /// Asks for what no plug-in knows.
    async fn unknown(&mut self) -> CheckOutcome {
        let hint = "answer with status error (kind bad_query) or no_data for that indicator, and exit code 0";
        match self.one(NONSENSE).await.map(|said| said.found) {
            Err(failing) => bad(failing.failure.message, hint),
            Ok(Found::Numbers(_)) => bad("it has a value for a query that nobody knows", hint),
            Ok(Found::Nothing(_)) => good("it says no_data"),
            Ok(Found::Failed(failure)) if failure.message.starts_with("the plug-in") => {
                bad(failure.message, hint)
            }
            Ok(Found::Failed(failure)) => good(&format!("it says: {}", failure.message)),
        }
    }

    /// Sends what is no request.
    async fn malformed(&mut self) -> CheckOutcome {
        let hint = "end with an exit code other than 0, and say on stderr what is wrong";
        match self
            .run("fetch", b"{\"apiVersion\": \"tidegate".to_vec())
            .await
        {
            Err(failing) => bad(failing.failure.message, hint),
            Ok(ended) if ended.status.success() => bad("it ended with exit code 0", hint),
            Ok(ended) => match ended.stderr.shown(&self.exec.redactor) {
                said if said.is_empty() => bad("it says nothing on stderr", hint),
                _ => good("it says what is wrong"),
            },
        }
    }

    /// Asks in a version that nobody knows.
    async fn future(&mut self) -> CheckOutcome {
        let hint = "print {\"kind\": \"VersionUnsupported\", \"supported\": [\"tidegate.exec/v1\"]}, with exit code 0";
        let indicators = json!([{"name": KNOWN, "query": NONSENSE, "options": {}}]);
        let ended = match self.fetch(FUTURE, &indicators).await {
            Ok(ended) if ended.status.success() => ended,
            Ok(ended) => return bad(self.exec.failing(&ended).failure.message, hint),
            Err(failing) => return bad(failing.failure.message, hint),
        };
        let document: Value = serde_json::from_slice(&ended.stdout).unwrap_or_default();
        let kind = document.get("kind").and_then(Value::as_str);
        let supported = document.get("supported").and_then(Value::as_array);
        let is_named = supported.is_some_and(|all| all.contains(&API_VERSION.into()));
        if kind == Some("VersionUnsupported") && is_named {
            good("it says which versions it knows")
        } else {
            bad(
                format!("it takes {FUTURE} for a version that it knows"),
                hint,
            )
        }
    }

    /// Asks with next to nothing in the environment.
    async fn environment(&mut self) -> CheckOutcome {
        let whole = self.exec.settings.environment.clone();
        for name in ["HOME", "LANG", "TMPDIR"] {
            self.exec.settings.environment.remove(name);
        }
        let outcome = self.one(NONSENSE).await;
        self.exec.settings.environment = whole;
        let hint = "do without HOME, LANG, and TMPDIR: build servers often lack them";
        match outcome {
            Ok(_) => good("PATH is enough, besides what is allowed"),
            Err(failing) => bad(failing.failure.message, hint),
        }
    }

    /// Says whether what the plug-in was told in confidence came back.
    fn secrets(&self) -> CheckOutcome {
        if self.told {
            bad(
                "it repeats a value of its configuration",
                "never print the request or `config`: they may hold tokens",
            )
        } else {
            good("nothing of its configuration came back")
        }
    }

    /// Says whether stdout held documents only.
    fn stdout(&self) -> CheckOutcome {
        match &self.unclean {
            None => good("one JSON document each time"),
            Some(shown) => bad(
                format!("it printed: {shown}"),
                "print one JSON object and nothing else; talk on stderr",
            ),
        }
    }

    /// Says whether every run ended in time.
    fn deadline(&self) -> CheckOutcome {
        if self.slowest < self.limit {
            good(&format!(
                "the slowest run took {} ms",
                self.slowest.as_millis()
            ))
        } else {
            bad(
                format!("a run did not end within {:?}", self.limit),
                "keep to `deadline` of the request; tidegate stops what is late",
            )
        }
    }
}

/// It is as it should be.
fn good(detail: &str) -> CheckOutcome {
    CheckOutcome::Good(detail.to_owned())
}

/// It is not, and what to do.
fn bad(detail: impl Into<String>, hint: &str) -> CheckOutcome {
    CheckOutcome::Bad {
        kind: FailureKind::BadAnswer,
        detail: detail.into(),
        hint: hint.to_owned(),
    }
}
