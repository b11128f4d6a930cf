//! A known token in the configuration of every provider, and a server, a program, and a database that tell whatever
//! they hear: no run of any command shows it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::entries::{Places, VARIABLES, all};
use super::token::{TOKENS, USER, clean, forms, in_url};
use crate::harness::{Gate, MACHINE_FORMATS};
use crate::support::misbehaving::{Reply, Server, nobody};

/// A window that is over long since, so that nothing waits.
const WINDOW: [&str; 4] = [
    "--start",
    "2024-01-01T00:00:00Z",
    "--end",
    "2024-01-01T00:10:00Z",
];

/// A program that notes its own command line, and tells everything it knows.
const TELL: &str = r#"tr '\0' ' ' < /proc/$$/cmdline >> argv
cat > heard
env; cat heard forms; env >&2; cat heard forms >&2
case $1 in
    protocol) exec cat protocol.json ;;
    number) exit 1 ;;
    keyvalue) exec sed 's/ /_/g; s/$/ 1/' forms ;;
    nagios) while read -r form; do echo "OK | '$form'=1"; done < forms ;;
    prometheus) while read -r form; do echo "up{a=\"$form\"} $form"; done < forms ;;
esac
"#;

/// Makes a folder in which every provider has one SLI.
fn folder(token: &str, places: &Places, log: &str) -> Gate {
    let entries = all(token, places);
    let mut objectives = Vec::new();
    let mut indicators = serde_json::Map::new();
    let mut providers = serde_json::Map::new();
    for (name, entry, mut indicator) in entries {
        let sli = format!("sli-{name}");
        indicator["provider"] = json!(name);
        objectives.push(json!({"sli": sli, "pass": [{"criteria": ["<600"]}]}));
        indicators.insert(sli, indicator);
        providers.insert(name, entry);
    }
    let results: Vec<Value> = indicators.keys().map(|name| json!({"name": name, "status": "ok", "value": 1, "query": token, "unit": token, "warnings": forms(token)})).collect();
    let protocol =
        json!({"apiVersion": "tidegate.exec/v1", "kind": "FetchResponse", "results": results});
    let mut gate = Gate::new()
        .file("slo.yaml", json!({"spec_version": "1.0", "objectives": objectives, "total_score": {"pass": "90%", "warning": "50%"}}).to_string())
        .file("sli.yaml", json!({"spec_version": "1.0", "indicators": indicators}).to_string())
        .file("tidegate.yaml", serde_json::to_string_pretty(&json!({"event_log": log, "providers": providers})).unwrap())
        .file("secret", format!("{token}\n"))
        .file("forms", forms(token).join("\n"))
        .file("protocol.json", protocol.to_string())
        .file("tell.sh", TELL)
        .env("AZURE_CLIENT_ID", USER)
        .env("AWS_ACCESS_KEY_ID", "AKID")
        .env("OPENSEARCH_USER", USER);
    for variable in VARIABLES {
        gate = gate.env(variable, token);
    }
    gate
}

/// Runs every command in every format, and looks at everything that comes out.
fn all_clean(token: &str, what: &str, gate: &Gate) {
    let look = |args: &[&str]| {
        let answer = gate.run_with(args);
        let what = format!("{what}: {}", args.join(" "));
        clean(
            token,
            &format!("stdout of {what}"),
            answer.raw_stdout().as_bytes(),
        );
        clean(
            token,
            &format!("stderr of {what}"),
            answer.raw_stderr().as_bytes(),
        );
    };
    let over = |args: &[&'static str]| -> Vec<&'static str> { [args, &WINDOW].concat() };
    look(&over(&[
        "evaluate",
        "--explain",
        "--verbose",
        "--report",
        "json=report.json",
    ]));
    for format in MACHINE_FORMATS {
        look(&over(&["evaluate", "--verbose", "-o", format]));
    }
    look(&over(&["query", "--verbose"]));
    look(&over(&["query", "-o", "json"]));
    look(&["doctor", "--verbose"]);
    look(&["doctor", "-o", "json"]);
    for file in ["report.json", "log", "log-wal", "argv"] {
        if let Ok(bytes) = std::fs::read(gate.path(file)) {
            clean(token, &format!("{what}: {file}"), &bytes);
        }
    }
}

/// Says in one text all that a request held, and the token in every form.
fn echo(token: &str, request: &str) -> String {
    format!(
        "{request}\n{}\n{}",
        forms(token).join("\n"),
        STANDARD.encode(request)
    )
}

/// Makes an answer of what a request said.
type Tell = fn(&str, &str) -> Reply;

/// The ways in which a server may tell what it heard.
const TELLING: [(&str, Tell); 8] = [
    ("a page", |token, request| {
        Reply::html(500, echo(token, request))
    }),
    ("a page that is fine", |token, request| {
        Reply::html(200, echo(token, request))
    }),
    ("a message", |token, request| {
        let said = echo(token, request);
        let error = json!({"code": 400, "message": said, "reason": said});
        Reply::json(
            400,
            json!({"error": error, "errors": [said], "message": said, "status": "error"})
                .to_string(),
        )
    }),
    ("a message of Prometheus", |token, request| {
        Reply::bad_query(&echo(token, request))
    }),
    ("another place", |token, _| {
        Reply::html(302, "").header(
            "Location",
            &format!("http://elsewhere.invalid/{0}?t={0}#{0}", in_url(token)),
        )
    }),
    ("headers", |token, request| {
        let line = forms(token).join(" ");
        let refused = Reply::json(401, json!({"message": echo(token, request)}).to_string());
        refused
            .header("WWW-Authenticate", &line)
            .header("Retry-After", &line)
            .header("Date", &line)
            .header("Content-Type", &line)
    }),
    ("series", |token, request| {
        let said = echo(token, request);
        let metric = json!({"__name__": token, "job": said});
        let result = [
            json!({"metric": metric, "value": [1, token]}),
            json!({"metric": {"a": token}, "value": [1, "1"]}),
        ];
        let body = json!({"status": "success", "data": {"resultType": "vector", "result": result, "version": said}, "warnings": [said], "infos": forms(token), "v": token});
        Reply::json(200, body.to_string())
    }),
    ("a token", |token, request| {
        if request.starts_with("POST /token") {
            return Reply::json(
                200,
                json!({"access_token": token, "token_type": "Bearer", "expires_in": 300})
                    .to_string(),
            );
        }
        let result = [json!({"metric": {}, "value": [1, "1"]})];
        let body = json!({"status": "success", "data": {"resultType": "vector", "result": result}, "warnings": [echo(token, request)], "v": 1});
        Reply::json(200, body.to_string())
    }),
];

/// Starts a database that asks for a password in plain, and then tells what it heard.
fn database(token: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut heard = [0; 4096];
                drop(stream.read(&mut heard));
                drop(stream.write_all(b"R\0\0\0\x08\0\0\0\x03"));
                drop(stream.read(&mut heard));
                let said = forms(token).join("\n");
                let fields = format!("SFATAL\0VFATAL\0C28P01\0M{said}\0D{said}\0H{said}\0\0");
                let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
                drop(stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat()));
            });
        }
    });
    address
}

#[test]
fn a_token_in_any_configuration_comes_out_nowhere() {
    for token in TOKENS {
        for (number, (how, tell)) in TELLING.into_iter().enumerate() {
            let server = Server::start(move |request| tell(token, request));
            let places = Places {
                url: server.url(),
                database: database(token),
            };
            let log = ["jsonl:log", "sqlite:log"][number % 2];
            let gate = folder(token, &places, log);
            all_clean(token, how, &gate);
            assert!(!server.received().is_empty());
            assert!(gate.read("argv").contains("tell.sh"));
        }
    }
}

#[test]
fn nothing_comes_out_where_nobody_answers_or_nobody_is_asked() {
    for token in TOKENS {
        let url = nobody();
        let database = url.replace("http://", "");
        let gate = folder(token, &Places { url, database }, "memory:");
        all_clean(token, "nobody", &gate);
        for args in [
            &["evaluate", "--dry-run", "--verbose"][..],
            &["evaluate", "--dry-run", "-o", "json"],
            &["providers"],
        ] {
            let answer = gate.run_with(args);
            clean(token, "a dry run", answer.raw_stdout().as_bytes());
            clean(token, "a dry run", answer.raw_stderr().as_bytes());
        }
    }
}

/// What may be wrong beside a secret.
const SLIPS: [fn(&mut Value); 4] = [
    |entry| entry["urk"] = json!("a"),
    |entry| entry["url"] = json!("ftp://a"),
    |entry| entry["timeout"] = json!("soon"),
    |entry| {
        for inner in entry.as_object_mut().unwrap().values_mut() {
            if let Some(inner) = inner.as_object_mut() {
                inner.insert("typo".to_owned(), json!("a"));
                for deeper in inner.values_mut().filter_map(Value::as_object_mut) {
                    deeper.insert("typo".to_owned(), json!("a"));
                }
            }
        }
    },
];

#[test]
fn a_mistake_beside_a_token_does_not_show_it() {
    for token in TOKENS {
        let places = Places {
            url: "http://127.0.0.1:9".to_owned(),
            database: "127.0.0.1:9".to_owned(),
        };
        for slip in SLIPS {
            let mut providers = serde_json::Map::new();
            for (name, mut entry, _) in all(token, &places) {
                slip(&mut entry);
                providers.insert(name, entry);
            }
            let config = json!({"event_log": "memory:", "providers": providers});
            for text in [
                config.to_string(),
                serde_json::to_string_pretty(&config).unwrap(),
                serde_json::to_string_pretty(&config)
                    .unwrap()
                    .replacen("\": ", "\" ", 40),
            ] {
                let gate = folder(token, &places, "memory:").file("tidegate.yaml", text);
                for args in [
                    &["evaluate", "--verbose"][..],
                    &["evaluate", "-o", "json"],
                    &["query"],
                    &["doctor"],
                    &["providers"],
                ] {
                    let answer = gate.run_with(args);
                    clean(
                        token,
                        "a mistake, on stdout",
                        answer.raw_stdout().as_bytes(),
                    );
                    clean(
                        token,
                        "a mistake, on stderr",
                        answer.raw_stderr().as_bytes(),
                    );
                }
            }
        }
    }
}
