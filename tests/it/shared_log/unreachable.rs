//! The server of a log does not answer: the report is printed all the same, and the code says whose fault it is.

use std::net::TcpListener;

use super::{SLO, compared, evaluate};
use crate::harness::Gate;

/// Every kind of server, where nobody listens, and what it needs to be asked.
const AWAY: [(&str, &[(&str, &str)]); 6] = [
    ("http://127.0.0.1:PORT/api", &[("KEPTN_API_TOKEN", "t")]),
    (
        "postgres://ann@127.0.0.1:PORT/gate?sslmode=disable",
        &[("PGPASSWORD", "s3cret")],
    ),
    ("nats://127.0.0.1:PORT/GATE", &[]),
    (
        "s3://bucket/gate?endpoint=http://127.0.0.1:PORT",
        &[
            ("AWS_ACCESS_KEY_ID", "AK"),
            ("AWS_SECRET_ACCESS_KEY", "s3cret"),
        ],
    ),
    (
        "az://bucket/gate?account=ann&endpoint=http://127.0.0.1:PORT/ann",
        &[("AZURE_STORAGE_KEY", "czNjcmV0")],
    ),
    (
        "gs://bucket/gate",
        &[("STORAGE_EMULATOR_HOST", "127.0.0.1:PORT")],
    ),
];

/// Makes a gate whose log does not answer.
fn gate(url: &str, variables: &[(&str, &str)]) -> Gate {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let place = |text: &str| text.replace("PORT", &port);
    let config = "project: sockshop\nstage: staging\nservice: carts\nevent_log: {url: '${THE_LOG}', timeout: 2s}\n";
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("tidegate.yaml", config)
        .env("THE_LOG", place(url));
    let variables = variables.iter();
    variables.fold(gate, |gate, (name, value)| gate.env(name, place(value)))
}

#[test]
fn a_report_is_printed_though_the_log_does_not_answer() {
    for (url, variables) in AWAY {
        let gate = gate(url, variables);
        let answer = evaluate(&gate, 500, &[]).code(69);
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
        assert!(said.contains("error: "), "{said}");
        assert!(
            !said.contains("s3cret") && !said.contains("czNjcmV0"),
            "{said}"
        );
    }
}

#[test]
fn a_verdict_stands_without_a_log_where_that_is_wanted_and_says_so() {
    for (url, variables) in AWAY {
        let gate = gate(url, variables);
        let answer = evaluate(&gate, 500, &["--event-log-required", "false"]).code(0);
        let report = answer.json();
        assert_eq!(report["result"], "pass", "{url}");
        assert_eq!(report["stored"], false, "{url}");
        assert_eq!(compared(&report).1, Vec::<String>::new(), "{url}");
        let said = answer.stderr();
        assert!(said.contains("the verdict stands without it"), "{said}");
        assert!(said.contains("count as met"), "{said}");
    }
}

#[test]
fn a_log_that_does_not_answer_is_no_empty_history() {
    for (url, variables) in AWAY {
        let gate = gate(url, variables);
        for command in [
            &["history"][..],
            &["show", "latest"],
            &["invalidate", "latest", "--reason", "x"],
            &["pin", "latest"],
            &["events", "list"],
            &["events", "export"],
            &["log", "copy", "@THE_LOG", "copy.db"],
        ] {
            let answer = gate.run_with(command).code(69).says_nothing();
            assert!(answer.stderr().starts_with("error: "), "{url} {command:?}");
        }
    }
}
