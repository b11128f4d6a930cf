//! Sources on this machine: a real Prometheus and a real PostgreSQL, a file of SQLite, programs, and an HTTP API of one's own.

use super::{CARTS, expect, row};
use crate::support::misbehaving::{Reply, Server};
use crate::support::postgres::Postgres;
use crate::support::prometheus::{Access, Prometheus};

/// The rows that are expected.
pub(super) const KEYS: [&str; 11] = [
    "prometheus",
    "http",
    "exec protocol",
    "exec number",
    "exec keyvalue",
    "exec nagios",
    "exec prometheus",
    "exec json",
    "sql postgres",
    "sql sqlite",
    "static",
];

/// Three calls within the window, and one that is none of ours.
const CALLS: &str = "insert into calls values (1704067260, 'carts', 10), (1704067320, 'carts', 20), (1704067380, 'carts', 30), (1704067380, 'orders', 99), (1704060000, 'carts', 99);";

#[test]
fn the_example_for_prometheus_asks_a_real_one() {
    let Some(server) = Prometheus::start(Access::Open) else {
        return;
    };
    server.wait_for_samples();
    let gate = row("prometheus")
        .gate()
        .env("PROMETHEUS_URL", server.url())
        .args(["--service", "carts-sockshop-dev-canary"]);
    // Of ten requests one is answered with 500.
    expect("prometheus", &gate, 0.1);
}

#[test]
fn the_example_for_postgresql_asks_a_real_one() {
    let Some(server) = Postgres::start(None) else {
        return;
    };
    server.execute("create table calls (at timestamptz, service text, ms numeric);");
    let calls = CALLS
        .replace("(17", "(to_timestamp(17")
        .replace(", '", "), '");
    server.execute(&calls);
    let gate = row("sql postgres")
        .gate()
        .file(
            "tidegate.yaml",
            "providers: { sql: { url: '${DATABASE}' } }\n",
        )
        .env("DATABASE", server.url())
        .args(CARTS);
    expect("sql postgres", &gate, 20.0);
}

#[test]
fn the_example_for_sqlite_asks_a_file() {
    let gate = row("sql sqlite")
        .gate()
        .file(
            "tidegate.yaml",
            "providers: { sql: { url: 'sqlite:calls.db' } }\n",
        )
        .args(CARTS);
    let connection = rusqlite::Connection::open(gate.path("calls.db")).unwrap();
    let table = "create table calls (at integer, service text, ms real);";
    connection.execute_batch(table).unwrap();
    connection.execute_batch(CALLS).unwrap();
    expect("sql sqlite", &gate, 20.0);
}

#[test]
fn every_example_of_a_program_runs_one() {
    const PLUGIN: &str = "[ \"$1\" = fetch ] || exit 2\ngrep -q '\"query\": *\"ERROR/all\"' || exit 1\necho '{\"apiVersion\": \"tidegate.exec/v1\", \"kind\": \"FetchResponse\", \"results\": [{\"name\": \"error_share\", \"status\": \"ok\", \"value\": 0.25}]}'";
    for (format, script, value) in [
        ("protocol", PLUGIN, 0.25),
        ("number", "echo 17", 17.0),
        ("keyvalue", "echo used_mb 300; echo free_mb 512", 512.0),
        ("nagios", "echo 'HTTP OK | time=0.25s;1;2 size=9B'", 250.0),
        (
            "prometheus",
            "echo 'jobs_total{state=\"failed\"} 3'; echo 'jobs_total{state=\"done\"} 40'",
            3.0,
        ),
        ("json", "echo '{\"jobs\": {\"waiting\": 7}}'", 7.0),
    ] {
        let key = format!("exec {format}");
        let row = row(&key);
        let provider = row.word("provider");
        let config = format!(
            "providers: {{ {provider}: {{ type: exec, command: [./program.sh], format: {format} }} }}\n"
        );
        let gate = row
            .gate()
            .file("program.sh", format!("#!/bin/sh\n{script}\n"))
            .file("tidegate.yaml", config)
            .args(CARTS);
        make_executable(&gate.path("program.sh"));
        expect(&key, &gate, value);
    }
}

/// Lets a file be run.
fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn the_example_for_an_api_of_ones_own_asks_it() {
    let server = Server::start(|request| {
        if request.starts_with("GET /stats?name=open_carts HTTP") {
            Reply::json(200, r#"{"value": 41}"#)
        } else {
            Reply::json(404, "{}")
        }
    });
    let config = "providers:\n  shop:\n    type: http\n    url: ${SHOP_URL}\n    request: { path: /stats, query: { name: '${QUERY}' } }\n    response: { extract: { jsonpath: $.value } }\n";
    let gate = row("http")
        .gate()
        .file("tidegate.yaml", config)
        .env("SHOP_URL", server.url())
        .args(CARTS);
    expect("http", &gate, 41.0);
}

#[test]
fn the_example_of_a_number_needs_nothing() {
    expect("static", &row("static").gate().args(CARTS), 0.0);
}
