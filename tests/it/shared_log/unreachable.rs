//! The server of a log does not answer: the report is printed all the same, and the code says whose fault it is.

use std::thread;

use super::{SLO, compared, evaluate};
use crate::harness::Gate;

/// Every kind of server, on a port where nobody listens, and what it needs to be asked.
const AWAY: [(&str, &[(&str, &str)]); 6] = [
    ("http://127.0.0.1:1/api", &[("KEPTN_API_TOKEN", "t")]),
    (
        "postgres://ann@127.0.0.1:1/gate?sslmode=disable",
        &[("PGPASSWORD", "s3cret")],
    ),
    ("nats://127.0.0.1:1/GATE", &[]),
    (
        "s3://bucket/gate?endpoint=http://127.0.0.1:1",
        &[
            ("AWS_ACCESS_KEY_ID", "AK"),
            ("AWS_SECRET_ACCESS_KEY", "s3cret"),
        ],
    ),
    (
        "az://bucket/gate?account=ann&endpoint=http://127.0.0.1:1/ann",
        &[("AZURE_STORAGE_KEY", "czNjcmV0")],
    ),
    (
        "gs://bucket/gate",
        &[("STORAGE_EMULATOR_HOST", "127.0.0.1:1")],
    ),
];

/// Makes a gate whose log does not answer.
fn gate(url: &str, variables: &[(&str, &str)]) -> Gate {
    let config = "project: sockshop\nstage: staging\nservice: carts\nevent_log: {url: '${THE_LOG}', timeout: 2s}\n";
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("tidegate.yaml", config)
        .env("THE_LOG", url);
    let variables = variables.iter();
    variables.fold(gate, |gate, (name, value)| gate.env(name, *value))
}

/// Does something with each kind of server, all at once: some are asked again after a while.
fn each(act: impl Fn(&Gate, &str) + Sync) {
    let act = &act;
    thread::scope(|scope| {
        for (url, variables) in AWAY {
            scope.spawn(move || act(&gate(url, variables), url));
        }
    });
}

#[test]
fn a_report_is_printed_though_the_log_does_not_answer() {
    each(|gate, url| {
        let answer = evaluate(gate, 500, &[]).code(69);
        let report = answer.json();
        assert_eq!(report["result"], "inconclusive", "{url}");
        assert_eq!(report["stored"], false, "{url}");
        assert_eq!(report["error"]["code"], 69, "{url}");
        assert_eq!(report["objectives"][0]["value"], 500, "{url}");
        let table = gate
            .run_with(["evaluate", "--values", "values.json"])
            .code(69);
        assert!(table.raw_stdout().contains("500"), "{url}");
        let said = table.stderr();
        assert_eq!(said.matches("firewall").count(), 1, "{said}");
        assert!(!said.contains("s3cret"), "{said}");
        assert!(!said.contains("czNjcmV0"), "{said}");
    });
}

#[test]
fn a_verdict_stands_without_a_log_where_that_is_wanted_and_says_so() {
    each(|gate, url| {
        let answer = evaluate(gate, 500, &["--event-log-required", "false"]).code(0);
        let report = answer.json();
        assert_eq!(report["result"], "pass", "{url}");
        assert_eq!(report["stored"], false, "{url}");
        assert_eq!(compared(&report).1, Vec::<String>::new(), "{url}");
        let said = answer.stderr();
        assert!(said.contains("the verdict stands without it"), "{said}");
        assert!(said.contains("count as met"), "{said}");
    });
}

#[test]
fn a_log_that_does_not_answer_is_no_empty_history() {
    let commands = [
        &["history"][..],
        &["show", "latest"],
        &["invalidate", "latest", "--reason", "x"],
        &["pin", "latest"],
        &["events", "list"],
        &["events", "export"],
        &["log", "copy", "@THE_LOG", "copy.db"],
    ];
    each(|gate, url| {
        let running: Vec<_> = commands.map(|args| gate.start_with(args)).into();
        for (running, args) in running.into_iter().zip(commands) {
            let said = running.wait().code(69).says_nothing().stderr();
            assert!(said.starts_with("error: "), "{url} {args:?}: {said}");
        }
    });
}
