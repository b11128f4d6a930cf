//! `tidegate report`: from the log, from a file, and what stdout holds in each format.

use serde_json::Value;

use crate::harness::{Gate, SLO};

/// Every format that is written for programs, and whether it can say that there is no verdict.
const FORMATS: [(&str, bool); 22] = [
    ("table", false),
    ("json", true),
    ("yaml", true),
    ("markdown", true),
    ("html", true),
    ("junit", true),
    ("tap", true),
    ("csv", false),
    ("openmetrics", true),
    ("sarif", true),
    ("codequality", false),
    ("checkstyle", false),
    ("jenkins-issues", false),
    ("gitlab-annotations", false),
    ("dotenv", true),
    ("nagios", true),
    ("badge", true),
    ("shields", true),
    ("cdevents", false),
    ("in-toto", false),
    ("keptn-event", true),
    ("keptn-events", true),
];

/// The formats that are JSON as a whole.
const JSON: [&str; 9] = [
    "json",
    "sarif",
    "codequality",
    "jenkins-issues",
    "gitlab-annotations",
    "shields",
    "in-toto",
    "keptn-event",
    "keptn-events",
];

/// What was built.
const IMAGE: &str = "carts@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Starts with three stored evaluations: a pass, a pass, and a fail.
fn stored() -> Gate {
    let values = |value: f64| format!("{{\"response_time\": {value}}}");
    let mut gate = Gate::new()
        .file("slo.yaml", SLO)
        .env("TIDEGATE_EVENT_LOG", "jsonl:events.jsonl");
    for value in [480.0, 500.0, 9000.0] {
        gate = gate.file("values.json", values(value));
        let args = [
            "evaluate",
            "--values",
            "values.json",
            "--report",
            "json=last.json",
        ];
        let code = i32::from(value > 1000.0);
        gate.run_with(args).code(code);
    }
    gate
}

#[test]
fn a_stored_evaluation_is_reported_in_every_format() {
    let gate = stored();
    for (format, _) in FORMATS {
        let path = format!("{format}=out/{format}.txt");
        let args = ["report", "latest", "--artifact", IMAGE, "--report", &path];
        let answer = gate.run_with(args).code(0);
        assert_eq!(answer.raw_stdout(), "", "{format}");
        let text = gate.read(&format!("out/{format}.txt"));
        assert!(!text.trim().is_empty(), "{format}");
        if JSON.contains(&format) {
            serde_json::from_str::<Value>(&text)
                .unwrap_or_else(|error| panic!("{format}: {error}"));
        }
    }
    let document: Value = serde_json::from_str(&gate.read("out/json.txt")).unwrap();
    assert_eq!(document["result"], "fail");
    assert_eq!(
        document["trend"]["evaluations"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn a_report_from_a_file_is_the_one_from_the_log() {
    let gate = stored();
    gate.run_with(["report", "--report", "json=all.json"])
        .code(0);
    for (format, _) in FORMATS {
        let from_log = ["report", "--artifact", IMAGE, "-o", format];
        let from_file = [
            "report",
            "--from",
            "all.json",
            "--artifact",
            IMAGE,
            "-o",
            format,
        ];
        let (log, file) = (
            gate.run_with(from_log).code(0),
            gate.run_with(from_file).code(0),
        );
        let (log, file) = (log.raw_stdout(), file.raw_stdout());
        let expected = match format {
            // The file knows what was built when it was written: nothing.
            "json" | "yaml" | "cdevents" => file.len(),
            _ => log.len(),
        };
        assert_eq!(file.len(), expected, "{format}");
        if !["json", "yaml", "cdevents"].contains(&format) {
            assert_eq!(file, log, "{format}");
        }
    }
}

#[test]
fn an_older_run_and_an_event_and_stdin_are_taken() {
    let gate = stored();
    let older = gate
        .run_with(["report", "latest~1", "-o", "shields"])
        .code(0);
    assert_eq!(older.json()["message"], "pass 100");
    for format in ["keptn-event", "keptn-events", "json"] {
        let text = gate.run_with(["report", "-o", format]).code(0).raw_stdout();
        let piped = Gate::new().stdin(text);
        let answer = piped
            .run_with(["report", "--from", "-", "-o", "shields"])
            .code(0);
        assert_eq!(answer.json()["message"], "fail 0", "{format}");
    }
}

#[test]
fn a_call_that_would_write_nothing_is_refused() {
    let answer = stored().run_with(["report"]).code(64);
    assert!(
        answer.stderr().contains("--report html=gate.html"),
        "{}",
        answer.stderr()
    );
}

#[test]
fn a_file_that_is_no_evaluation_is_refused_with_its_place() {
    let gate = Gate::new()
        .file("broken.json", "{\n  \"version\": 1,\n}")
        .file("list.json", "[]")
        .file("failure.json", "{\"error\": {\"message\": \"no route\"}}");
    for (file, code, said) in [
        ("broken.json", 65, "broken.json:3:1"),
        ("list.json", 65, "0 evaluations"),
        ("failure.json", 65, "no verdict: no route"),
        ("nowhere.json", 66, "nowhere.json"),
    ] {
        let answer = gate
            .run_with(["report", "--from", file, "-o", "json"])
            .code(code);
        answer.says_its_code("json");
        assert!(answer.stderr().contains(said), "{}", answer.stderr());
    }
}

#[test]
fn a_report_that_cant_be_written_has_its_own_code() {
    let gate = stored().file("taken", "a file");
    gate.run_with(["report", "--report", "json=taken/gate.json"])
        .code(73);
}

#[test]
fn an_attestation_about_nothing_is_refused_before_anything_is_evaluated() {
    let gate = Gate::of_value(500.0);
    let answer = gate.run_with(["--report", "in-toto=out.json"]).code(64);
    assert!(
        answer.stderr().contains("--artifact"),
        "{}",
        answer.stderr()
    );
    assert!(!gate.path("out.json").exists());
    gate.run_with(["--report", "in-toto=out.json", "--artifact", IMAGE])
        .code(0);
    assert!(gate.read("out.json").contains("PASSED"));
    let wrong = gate.run_with(["--artifact", "carts@sha256:00"]).code(64);
    assert!(
        wrong.stderr().contains("64 hexadecimal digits"),
        "{}",
        wrong.stderr()
    );
}

#[test]
fn reports_and_artifacts_can_be_named_by_variables() {
    let gate = Gate::of_value(500.0)
        .env("TIDEGATE_REPORT", "in-toto=out.json, badge={service}.svg")
        .env("TIDEGATE_ARTIFACT", IMAGE);
    gate.run_with(["--service", "carts"]).code(0);
    assert!(gate.read("out.json").contains("carts"));
    assert!(gate.read("carts.svg").contains("pass 100"));
}

#[test]
fn without_a_verdict_stdout_says_so_or_nothing() {
    let gate = Gate::new()
        .file("slo.yaml", "objectives: 7\n")
        .file("values.json", "{}")
        .args([
            "evaluate",
            "--values",
            "values.json",
            "--event-log",
            "memory:",
        ]);
    for (format, can_say_so) in FORMATS {
        let answer = gate.run_with(["--artifact", IMAGE, "-o", format]).code(65);
        let text = answer.raw_stdout();
        assert_eq!(text.is_empty(), !can_say_so, "{format}: {text}");
        if JSON.contains(&format) && !text.is_empty() {
            serde_json::from_str::<Value>(&text)
                .unwrap_or_else(|error| panic!("{format}: {error}"));
        }
        assert!(!text.contains("passed"), "{format}: {text}");
    }
}

#[test]
fn every_document_is_valid_by_the_schema_that_the_program_prints() {
    let schema = Gate::new().args(["schema", "result"]).run().code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let gate = stored();
    let documents = [
        gate.run_with(["report", "-o", "json"]).code(0).json(),
        Gate::of_value(500.0)
            .run_with(["-o", "json"])
            .code(0)
            .json(),
        Gate::of_value(9000.0)
            .run_with(["-o", "json"])
            .code(1)
            .json(),
        Gate::new()
            .args(["evaluate", "-o", "json"])
            .run()
            .code(66)
            .json(),
        Gate::of_value(1.0)
            .file("slo.yaml", "a: [")
            .run_with(["-o", "json"])
            .code(65)
            .json(),
    ];
    for document in documents {
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}: {document}");
    }
}
