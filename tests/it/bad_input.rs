//! What bad input gets: an error of a kind for the SLI concerned, nothing for the others, and memory with a bound. The
//! bound is the system's: a program that wants more is ended, and has no exit code that a test here expects.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::Gate;

mod labels;
mod programs;

/// What k6 wrote.
const K6: &str = include_str!("../../fixtures/results/k6/handle-summary.json");
/// What `JMeter` wrote.
const JTL: &str = include_str!("../../fixtures/results/jmeter/default.jtl");

/// How much memory the program may write to, in KiB: 200 MiB.
const MEMORY: u32 = 200 * 1024;

/// Two objectives: one of a source that is bad, and one of a source that is fine. Either alone is worth a warning.
const SLO: &str = "spec_version: '1.0'\nobjectives:\n  - {sli: bad, pass: [{criteria: ['<600']}]}\n  - {sli: good, pass: [{criteria: ['<600']}]}\ntotal_score: {pass: '90%', warning: '10%'}\n";

/// Makes a gate with a bad source and a good one.
fn gate(provider: &Value, indicator: &Value) -> Gate {
    let mut indicator = indicator.clone();
    indicator["provider"] = json!("bad");
    let sli =
        json!({"indicators": {"bad": indicator, "good": {"query": "one", "provider": "fine"}}});
    let fine = json!({"type": "exec", "command": ["echo", "1"], "format": "number"});
    let config = json!({"event_log": "memory:", "providers": {"bad": provider, "fine": fine}});
    Gate::new()
        .file("slo.yaml", SLO)
        .file("sli.yaml", sli.to_string())
        .file("tidegate.yaml", config.to_string())
        .args(["evaluate", "-o", "json"])
}

/// Runs within the bound of memory, checks that only the bad source has no value, and that it says why.
#[track_caller]
fn harms_nobody_else(what: &str, gate: &Gate, outcome: &str, reason: &str) {
    let answer = gate
        .run_in_shell(&format!("ulimit -d {MEMORY}; exec \"$@\""))
        .code(3);
    let document = answer.json();
    let objectives = document["objectives"].as_array().unwrap();
    let [bad, good] = objectives.as_slice() else {
        panic!("{what}: {document}");
    };
    assert_eq!(bad["reading"]["outcome"], outcome, "{what}: {bad}");
    assert_eq!(bad["status"], "fail", "{what}: {bad}");
    let message = bad["message"].as_str().unwrap();
    assert!(message.contains(reason), "{what}: {message}");
    assert_eq!(
        (&good["status"], &good["value"]),
        (&json!("pass"), &json!(1)),
        "{what}: {good}"
    );
}

/// Makes a gate over a file of results called `in`.
fn over_file(text: impl AsRef<[u8]>) -> Gate {
    let indicator = json!({"metric": "response_time_p95"});
    gate(&json!({"type": "file", "path": "in"}), &indicator).file("in", text)
}

#[test]
fn a_file_that_is_damaged_harms_only_its_own_sli() {
    let utf16: Vec<u8> = K6.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xFF\xFE".as_slice(), &utf16].concat();
    let binary = b"\0\x01\x02\xFF".repeat(100);
    for (what, bytes, outcome, reason) in [
        (
            "half of k6",
            &K6.as_bytes()[..K6.len() / 2],
            "failed",
            "is cut off after line",
        ),
        ("nothing", b"", "failed", "the file is empty"),
        ("white space", b" \n\n", "failed", "the file is empty"),
        ("UTF-16", &marked, "failed", "UTF-16"),
        ("bytes", &binary, "failed", "binary"),
        (
            "two formats",
            format!("{JTL}{K6}").as_bytes(),
            "failed",
            "columns instead of",
        ),
        (
            "two more",
            format!("{K6}{JTL}").as_bytes(),
            "failed",
            "cannot tell the format",
        ),
        (
            "a header only",
            JTL.lines().next().unwrap().as_bytes(),
            "no_data",
            "no samples",
        ),
    ] {
        harms_nobody_else(what, &over_file(bytes), outcome, reason);
    }
}

#[test]
fn a_byte_order_mark_changes_nothing_in_any_format() {
    for text in [K6, JTL] {
        let gate = over_file(format!("\u{feff}{text}"));
        let plain = over_file(text).run().code(0).json();
        let marked = gate.run().code(0).json();
        assert_eq!(
            plain["objectives"][0]["value"],
            marked["objectives"][0]["value"]
        );
    }
}

#[test]
fn a_file_of_any_size_has_its_bound() {
    let zeros = |path: &std::path::Path| {
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(3 << 30).unwrap();
    };
    let gate = over_file("{\"metrics\": {");
    zeros(&gate.path("in"));
    harms_nobody_else("3 GB", &gate, "failed", "binary");
    let json = json!({"query": "$.a", "format": "json"});
    let gate = self::gate(&json!({"type": "file", "path": "in"}), &json).file("in", "{\"a\": ");
    zeros(&gate.path("in"));
    harms_nobody_else(
        "3 GB of JSON",
        &gate,
        "failed",
        "has more than 67108864 bytes",
    );
}

#[test]
fn a_bomb_of_json_is_defused() {
    let mut wide = "{\"metrics\":{\"a\":{}".to_owned();
    for number in 0..1_000_000 {
        write!(wide, ",\"m{number}\":{{\"a\":1}}").unwrap();
    }
    wide.push_str("}}");
    let ones = format!("[{}1]", "1,".repeat(10_000_000));
    for (what, text) in [
        ("arrays", "[".repeat(3_000_000)),
        ("objects", "{\"a\":".repeat(1_000_000)),
        ("keys", wide),
    ] {
        harms_nobody_else(what, &over_file(text), "failed", "");
    }
    let all = json!({"query": "$[*]", "format": "json", "reduce": "max"});
    let gate = gate(&json!({"type": "file", "path": "in"}), &all).file("in", ones);
    harms_nobody_else(
        "values",
        &gate,
        "failed",
        "more values than a file with results has",
    );
}

#[test]
fn what_is_no_file_is_not_read() {
    let indicator = json!({"metric": "response_time_p95"});
    let over = |path: &str| gate(&json!({"type": "file", "path": path}), &indicator);
    let shell = |gate: &Gate, line: &str| {
        let status = Command::new("sh")
            .args(["-c", line])
            .current_dir(gate.path("."))
            .status();
        assert!(status.unwrap().success(), "{line}");
    };
    harms_nobody_else("zeros", &over("/dev/zero"), "failed", "no regular file");
    for (line, outcome, reason) in [
        ("mkdir in", "no_data", "no file matches"),
        ("mkfifo in", "failed", "no regular file"),
        ("ln -s b in; ln -s in b", "failed", "symbolic links"),
        ("ln -s /dev/zero in", "failed", "no regular file"),
    ] {
        let gate = over("in");
        shell(&gate, line);
        harms_nobody_else(line, &gate, outcome, reason);
    }
}

/// Does harm on a connection, once a request is there.
type Harm = fn(&mut TcpStream) -> std::io::Result<()>;

/// Starts a server that does harm.
fn harmful(harm: Harm) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                drop(stream.read(&mut vec![0; 65536]));
                drop(harm(&mut stream));
            });
        }
    });
    url
}

/// Answers with a body.
fn answer(stream: &mut TcpStream, headers: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)
}

/// What a server may do.
const HARMS: [(&str, Harm, &str); 7] = [
    (
        "an endless answer",
        |stream| {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":\"")?;
            loop {
                stream.write_all(&[b'a'; 65536])?;
            }
        },
        "is larger than",
    ),
    (
        "endless headers",
        |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            loop {
                stream.write_all(b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")?;
            }
        },
        "broke off",
    ),
    (
        "ten MiB of zeros in ten KiB",
        |stream| {
            let zeros = include_bytes!("../../fixtures/net/ten-mebibytes-of-zeros.gz");
            answer(stream, "Content-Encoding: gzip\r\n", zeros)
        },
        "",
    ),
    (
        "a deep answer",
        |stream| answer(stream, "", &b"[".repeat(3_000_000)),
        "",
    ),
    (
        "a wide answer",
        |stream| {
            answer(
                stream,
                "",
                format!("[{}1]", "1,".repeat(3_000_000)).as_bytes(),
            )
        },
        "",
    ),
    (
        "half an answer",
        |stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"v\":1}"),
        "broke off",
    ),
    (
        "silence",
        |stream| stream.read(&mut [0]).map(drop),
        "no complete answer",
    ),
];

#[test]
fn a_server_that_does_harm_harms_only_its_own_sli() {
    for (what, harm, reason) in HARMS {
        let url = harmful(harm);
        let query = json!({"query": "up"});
        let providers = [
            (json!({"type": "prometheus"}), query.clone()),
            (
                json!({"type": "http", "request": {"path": "/q"}, "response": {"extract": {"jsonpath": "$..v"}}}),
                query,
            ),
            (
                json!({"type": "datadog", "api_key": "key-of-api", "app_key": "key-of-app", "delay": "0s"}),
                json!({"query": "avg:a{*}"}),
            ),
            (
                json!({"type": "dynatrace", "api_token": "dt0c01.token", "delay": "0s"}),
                json!({"query": "metricSelector=a"}),
            ),
            (
                json!({"type": "dynatrace", "platform_url": url, "platform_token": "dt0s16.token", "delay": "0s"}),
                json!({"query": "DQL;a"}),
            ),
        ];
        for (mut provider, indicator) in providers {
            let what = format!("{what} of {}", provider["type"]);
            provider["url"] = json!(url);
            provider["timeout"] = json!(if reason.starts_with("no complete") {
                "300ms"
            } else {
                "20s"
            });
            provider["retry"] = json!({"attempts": 1});
            harms_nobody_else(&what, &gate(&provider, &indicator), "failed", reason);
        }
    }
}

#[test]
fn a_database_that_says_nothing_harms_only_its_own_sli() {
    let silent = harmful(|stream| stream.read(&mut [0]).map(drop)).replace("http://", "");
    let url = format!("postgres://ann@{silent}/x?sslmode=disable");
    let provider = json!({"type": "sql", "url": url, "timeout": "300ms", "retry": {"attempts": 1}});
    harms_nobody_else(
        "silence",
        &gate(&provider, &json!({"query": "select 1"})),
        "failed",
        "",
    );
}

#[test]
fn nothing_makes_a_pass() {
    let lcov = "TN:\nSF:a\nLF:0\nLH:0\nend_of_record\n";
    let suite = "<testsuite name=\"x\" tests=\"0\"/>";
    let skipped = "<testsuite tests=\"1\"><testcase name=\"a\"><skipped/></testcase></testsuite>";
    let k6 = r#"{"metrics":{"http_req_duration":{"type":"trend","contains":"time","values":{"avg":0,"max":0,"p(95)":0}},"http_req_failed":{"type":"rate","contains":"default","values":{"rate":0,"passes":0,"fails":0}}}}"#;
    let hey = "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n0.01,0,0,0,0.01,0,200,0\n";
    let empty = "# TYPE h histogram\nh_bucket{le=\"1\"} 0\nh_bucket{le=\"+Inf\"} 0\nh_count 0\nh_sum 0\n# EOF\n";
    for (text, indicator) in [
        (lcov, json!({"metric": "coverage"})),
        (suite, json!({"metric": "tests_failed"})),
        (skipped, json!({"metric": "test_pass_rate"})),
        (k6, json!({"metric": "response_time_p95"})),
        (k6, json!({"metric": "error_rate"})),
        (hey, json!({"metric": "error_rate"})),
        (empty, json!({"query": "h", "histogram_quantile": 0.95})),
        (
            "{\"a\":[]}",
            json!({"query": "$.a[*]", "format": "json", "reduce": "sum"}),
        ),
        (
            "{\"a\":[]}",
            json!({"query": "$.a[*]", "format": "json", "reduce": "count"}),
        ),
        ("{\"a\":null}", json!({"query": "$.a", "format": "json"})),
        (
            "v\n",
            json!({"column": "v", "format": "csv", "aggregate": "count"}),
        ),
    ] {
        let gate = gate(&json!({"type": "file", "path": "in"}), &indicator).file("in", text);
        harms_nobody_else(&format!("{indicator} of {text}"), &gate, "no_data", "");
    }
    for reduce in ["max", "last", "sum", "p95", "count"] {
        let provider = json!({"type": "exec", "command": ["printf", "up=5\\nup=inf\\n"], "format": "keyvalue"});
        let gate = gate(&provider, &json!({"query": "up", "reduce": reduce}));
        harms_nobody_else(reduce, &gate, "no_data", "+Inf");
    }
}

#[test]
fn numbers_in_a_file_are_no_answer_of_a_backend_that_is_down() {
    let down = json!({"type": "prometheus", "url": "http://127.0.0.1:1", "retry": {"attempts": 1}});
    let sli = json!({"indicators": {
        "bad": {"query": "up", "provider": "down"},
        "good": {"value": 1, "provider": "fine"},
    }});
    let config =
        json!({"event_log": "memory:", "providers": {"down": down, "fine": {"type": "static"}}});
    let gate = Gate::new()
        .file(
            "slo.yaml",
            SLO.replace("pass: '90%'", "pass: '10%'")
                .replace("warning: '10%'", "warning: '5%'"),
        )
        .file("sli.yaml", sli.to_string())
        .file("tidegate.yaml", config.to_string())
        .args(["evaluate"]);
    gate.run().code(69);
}
