//! Programs, databases, and numbers in files, as a user configures them; the example plug-ins; the kit for authors.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::harness::{Gate, SLO};

/// Set where a missing interpreter must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";
/// A secret that looks different in every encoding.
const SECRET: &str = "T0k/n+S3cr3t==&x";
/// The same, as it stands in a URL.
const IN_URL: &str = "T0k%2Fn%2BS3cr3t%3D%3D%26x";

/// Returns the path of an example.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("sli-providers/examples")
        .join(name)
}

/// Tells whether every one of these programs is there.
fn has(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| {
        let search = format!("command -v {program}");
        let found = Command::new("sh").args(["-c", &search]).output().unwrap();
        !found.status.success()
    });
    let Some(missing) = missing else {
        return true;
    };
    assert!(
        std::env::var_os(REQUIRE).is_none(),
        "{missing} is not on PATH, and {REQUIRE} is set"
    );
    eprintln!("SKIPPED: {missing} not on PATH");
    false
}

/// An SLO for one SLI with one criterion.
fn slo(criterion: &str) -> String {
    format!(
        "objectives:\n  - sli: value\n    pass: [{{criteria: ['{criterion}']}}]\ntotal_score: {{pass: '90%'}}\n"
    )
}

/// A gate with one provider, whose SLI has a query, and which passes for one criterion.
fn gate(provider: &str, indicator: &str, criterion: &str) -> Gate {
    Gate::new()
        .file("slo.yaml", slo(criterion))
        .file("sli.yaml", format!("indicators: {{value: {indicator}}}\n"))
        .file(
            "tidegate.yaml",
            format!("providers: {{mine: {provider}}}\n"),
        )
        .args(["evaluate", "--event-log", "memory:"])
}

/// Evaluates an example, and tries it out with the kit.
#[track_caller]
fn run_example(command: &str, data: (&str, &str), query: &str, criterion: &str) {
    let (file, text) = data;
    let provider = format!("{{type: exec, command: ['{command}'], config: {{file: '{file}'}}}}");
    let gate = gate(&provider, &format!("{{query: '{query}'}}"), criterion).file(file, text);
    gate.run().code(0);
    let config = format!("{{\"file\": \"{file}\"}}");
    let kit = Gate::new()
        .file(file, text)
        .args([
            "plugin", "test", "--query", query, "--config", &config, "-o", "json", command,
        ])
        .run();
    let document = kit.json();
    let states = document["checks"].as_array().unwrap();
    assert!(states.len() >= 10, "{document}");
    assert!(
        states.iter().all(|check| check["state"] != "failed"),
        "{document}"
    );
    kit.code(0);
}

#[test]
fn the_example_in_bash_counts_lines_by_level() {
    if has(&["bash", "jq", "awk"]) {
        let log = "10:00 INFO a\n10:01 ERROR b\n10:02 INFO c\n10:03 WARN d\n";
        let command = example("log-levels.sh").display().to_string();
        run_example(&command, ("service.log", log), "ERROR/all", "=0.25");
    }
}

#[test]
fn the_example_in_python_reads_a_column() {
    if has(&["python3"]) {
        let csv = "ms,path\n10,/a\n,/b\n30,/a\n20,/c\n";
        let command = example("csv_column.py").display().to_string();
        run_example(&command, ("samples.csv", csv), "p95(ms)", "=30");
    }
}

#[test]
fn the_example_in_go_reads_an_access_log() {
    if has(&["go"]) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("access-log");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(example("access_log.go"))
            .env("GOCACHE", folder.path().join("cache"))
            .env("GO111MODULE", "off")
            .output()
            .unwrap();
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        let line = |status: u32| format!("::1 - - [x] \"GET /api/cart HTTP/1.1\" {status} 5\n");
        let log = [line(200), line(503), line(200), line(404)].concat();
        run_example(
            &program.display().to_string(),
            ("access.log", &log),
            "/api",
            "=0.25",
        );
    }
}

#[test]
fn every_example_is_short() {
    for name in ["log-levels.sh", "csv_column.py", "access_log.go"] {
        let text = std::fs::read_to_string(example(name)).unwrap();
        assert!(text.lines().count() <= 40, "{name}");
    }
}

#[test]
fn the_kit_finds_what_a_plug_in_does_wrong() {
    let lying = "#!/bin/sh\ncat\n";
    let gate = Gate::new()
        .file("echo.sh", lying)
        .args(["plugin", "test", "-o", "json", "/bin/sh", "echo.sh"]);
    let answer = gate.run().code(5);
    let document = answer.json();
    let failed = |name: &str| {
        let mut checks = document["checks"].as_array().unwrap().iter();
        let found = checks.find(|check| check["check"] == name).unwrap();
        found["state"] == "failed"
    };
    for name in [
        "describe",
        "empty batch",
        "unknown indicator",
        "malformed request",
        "unsupported version",
        "secrets",
        "stdout",
    ] {
        assert!(failed(name), "{name}: {document}");
    }
    assert!(!failed("deadline"));
    let text = gate.run_with(["extra"]).code(5);
    assert!(
        text.stdout().contains("end with exit code 2"),
        "{}",
        text.stdout()
    );
}

#[test]
fn the_kit_says_when_there_is_nothing_to_try_out() {
    let test = |args: &[&str]| Gate::new().args(["plugin", "test"]).args(args).run();
    test(&["./missing"]).code(66);
    test(&[]).code(64);
    test(&["--config", "{", "/bin/sh"]).code(64);
    test(&["--timeout", "soon", "/bin/sh"]).code(64);
    test(&["--env-allow", "NOT_SET_ANYWHERE", "/bin/sh"]).code(64);
}

#[test]
fn a_program_a_file_and_a_number_pass_a_gate() {
    let gates = [
        (
            "{type: exec, command: [sh, -c, 'echo 5'], format: number}",
            "''",
            "=5",
        ),
        (
            "{type: exec, command: [echo, '12ms'], format: number, parse_units: true}",
            "''",
            "=12",
        ),
        (
            "{type: exec, command: [echo, '{query}'], format: number}",
            "'7'",
            "=7",
        ),
        (
            "{type: exec, command: [printf, 'a 1\\nb=2\\n'], format: keyvalue}",
            "b",
            "=2",
        ),
        (
            "{type: exec, command: [echo, 'OK | t=0.5s'], format: nagios}",
            "t",
            "=500",
        ),
        (
            "{type: exec, command: [printf, 'up{a=\"b\"} 3\\n'], format: prometheus}",
            "'up{a=\"b\"}'",
            "=3",
        ),
        (
            "{type: exec, command: [echo, '{\"a\": [1, 4]}'], format: json}",
            "'$.a[1]'",
            "=4",
        ),
        ("{type: static}", "'0.5'", "=0.5"),
        ("{type: static}", "{value: 3}", "=3"),
    ];
    for (provider, indicator, criterion) in gates {
        let indicator = if indicator == "''" {
            "{query: any}"
        } else {
            indicator
        };
        gate(provider, indicator, criterion).run().code(0);
    }
}

#[test]
fn a_file_of_sqlite_passes_a_gate_and_placeholders_in_its_text_are_refused() {
    let provider = "{type: sql, url: 'sqlite:calls.db'}";
    let indicator =
        "{query: \"select avg(ms) from calls where service = :svc\", params: {svc: $SERVICE}}";
    let gate_with = |indicator: &str| {
        let gate = gate(provider, indicator, "=20").args(["--service", "it's"]);
        let connection = rusqlite::Connection::open(gate.path("calls.db")).unwrap();
        let setup = "create table calls (service text, ms real); insert into calls values ('it''s', 10), ('it''s', 30), ('b', 99)";
        connection.execute_batch(setup).unwrap();
        gate
    };
    gate_with(indicator).run().code(0);
    let text = "{query: \"select avg(ms) from calls where service = '$SERVICE'\"}";
    let refused = gate_with(text).run().code(65);
    assert!(
        refused.stderr().contains("whose values are bound"),
        "{}",
        refused.stderr()
    );
    let unknown = gate_with("{query: \"select :svc\"}").run().code(65);
    assert!(
        unknown.stderr().contains("`:svc` stands for nothing"),
        "{}",
        unknown.stderr()
    );
}

#[test]
fn what_is_wrong_in_the_configuration_is_said_at_once() {
    let wrong = [
        ("{type: exec}", "needs a `command`"),
        (
            "{type: exec, command: ['./p', '${TOKEN}']}",
            "list of processes",
        ),
        ("{type: exec, command: ./p}", "must be a list"),
        (
            "{type: exec, command: [p], sha256: abc}",
            "64 hexadecimal digits",
        ),
        (
            "{type: exec, command: [p], format: xml}",
            "`format` can't be `xml`",
        ),
        (
            "{type: exec, command: [p], max_output: lots}",
            "`max_output` can't be `lots`",
        ),
        (
            "{type: exec, command: [p], env_allow: ['A*']}",
            "no patterns",
        ),
        (
            "{type: exec, command: [p], comand: [p]}",
            "unknown key `comand`",
        ),
        ("{type: sql, url: 'mysql://a@b/c'}", "postgres://"),
        ("{type: sql}", "needs a `url`"),
        ("{type: static, value: many}", "`value` must be a number"),
    ];
    for (provider, part) in wrong {
        let answer = gate(provider, "{query: x}", "=1")
            .env("TOKEN", SECRET)
            .run()
            .code(78);
        assert!(
            answer.stderr().contains(part),
            "{provider}: {}",
            answer.stderr()
        );
    }
}

/// Returns every form in which the secret must not appear; beginnings too, because excerpts are cut.
fn forms() -> [String; 3] {
    [
        SECRET[..9].to_owned(),
        IN_URL[..11].to_owned(),
        STANDARD.encode(SECRET)[..10].to_owned(),
    ]
}

#[test]
fn a_program_that_tells_all_it_knows_reveals_no_secret() {
    let telling = "env; cat; echo \"$0 $*\"; env >&2; printf '%s' \"$TOKEN\" | base64 >&2; printf '%s' \"$TOKEN\" | sed 's,/,%2F,g; s,+,%2B,g; s,=,%3D,g; s,&,%26,g' >&2; tr '\\0' ' ' < /proc/$$/cmdline > argv";
    let ways = [
        "env_allow: [TOKEN]",
        "env: {TOKEN: '${TOKEN}'}",
        "env: {TOKEN: 'T0k/n+S3cr3t==&x'}",
        "config: {a: ['${TOKEN}']}, env: {TOKEN: '${TOKEN}'}",
        "config: {apiToken: 'T0k/n+S3cr3t==&x'}",
        "env_allow: [PROXY], env: {TOKEN: 'T0k/n+S3cr3t==&x'}",
    ];
    for way in ways {
        for (format, end) in [
            ("protocol", "exit 1"),
            ("protocol", "exit 0"),
            ("number", "exit 0"),
        ] {
            let provider = format!(
                "{{type: exec, command: [sh, tell.sh], format: {format}, {way}, retry: {{attempts: 1}}}}"
            );
            let gate = gate(&provider, "{query: $$.a}", "=1")
                .file("tell.sh", format!("{telling}\n{end}\n"))
                .env("TOKEN", SECRET)
                .env("PROXY", format!("http://ann:{IN_URL}@proxy"));
            for args in [
                &["--verbose"][..],
                &["--explain", "-o", "json"],
                &["--dry-run", "--verbose"],
            ] {
                let answer = gate.run_with(args);
                for form in forms() {
                    let said = format!("{}{}", answer.raw_stdout(), answer.raw_stderr());
                    assert!(!said.contains(&form), "{way} {format}: {said}");
                }
            }
            let argv = gate.read("argv");
            assert!(forms().iter().all(|form| !argv.contains(form)), "{argv}");
        }
    }
}

#[test]
fn the_password_of_a_database_is_never_shown() {
    for entry in [
        format!("url: 'postgres://ann:{IN_URL}@127.0.0.1:1/x'"),
        "url: 'postgres://ann:${PASSWORD}@127.0.0.1:1/x'".to_owned(),
        "url: 'postgres://ann@127.0.0.1:1/x', password: '${TOKEN}'".to_owned(),
        "url: 'postgres://ann@127.0.0.1:1/x', password_file: secret".to_owned(),
        format!("url: 'postgres://ann:{IN_URL}@127.0.0.1:1/x?sslmode=never'"),
        format!("url: 'postgres://ann:{IN_URL}@[::/x'"),
    ] {
        let provider = format!("{{type: sql, {entry}, retry: {{attempts: 1}}}}");
        let gate = gate(&provider, "{query: select 1}", "=1")
            .file("secret", SECRET)
            .env("TOKEN", SECRET)
            .env("PASSWORD", IN_URL);
        for args in [
            &["--verbose"][..],
            &["--explain", "-o", "json"],
            &["--dry-run", "--verbose"],
        ] {
            let answer = gate.run_with(args);
            for form in forms() {
                let said = format!("{}{}", answer.raw_stdout(), answer.raw_stderr());
                assert!(!said.contains(&form), "{entry}: {said}");
            }
        }
    }
}

#[test]
fn a_program_that_hangs_harms_only_its_own_slis() {
    let gate = Gate::new()
        .file("slo.yaml", format!("{}  - sli: value\n    pass: [{{criteria: ['=1']}}]\n", SLO.replace("total_score", "x-total").replace("x-total: { pass: \"90%\", warning: \"50%\" }\n", "")) + "total_score: { pass: \"40%\" }\n")
        .file("sli.yaml", "indicators: {response_time: {query: any, provider: slow}, value: {query: any, provider: quick}}\n")
        .file("tidegate.yaml", "providers: {slow: {type: exec, command: [sleep, '600'], format: number, timeout: 300ms}, quick: {type: exec, command: [echo, '1'], format: number}}\n")
        .args(["evaluate", "--event-log", "memory:"]);
    let answer = gate.run_with(["-o", "json"]).code(0);
    let text = answer.raw_stdout();
    assert!(text.contains("did not end within 300ms"), "{text}");
}
