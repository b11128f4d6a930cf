//! Where settings come from: flag, environment, file, default, in this order. Each is seen in a dry run.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Gate, SLI, SLO};

/// Every variable that help mentions; each has a test here or under `exit_codes`.
pub(crate) const VARIABLES: [&str; 28] = [
    "TIDEGATE_CONFIG",
    "TIDEGATE_EVENT_LOG",
    "TIDEGATE_PROJECT",
    "TIDEGATE_STAGE",
    "TIDEGATE_SERVICE",
    "TIDEGATE_DEPLOYMENT",
    "TIDEGATE_LABELS",
    "TIDEGATE_TIMEFRAME",
    "TIDEGATE_PROVIDER",
    "TIDEGATE_TIMEOUT",
    "TIDEGATE_FAIL_ON",
    "TIDEGATE_ON_FAIL",
    "TIDEGATE_ON_WARNING",
    "TIDEGATE_WAIT_FOR_DATA",
    "TIDEGATE_OUTPUT",
    "TIDEGATE_BASELINE",
    "TIDEGATE_REQUIRE_BASELINE",
    "TIDEGATE_EVENT_LOG_REQUIRED",
    "TIDEGATE_CI",
    "TIDEGATE_REPORT",
    "TIDEGATE_ARTIFACT",
    "TIDEGATE_NOTIFY",
    "TIDEGATE_LISTEN",
    "TIDEGATE_DATA",
    "TIDEGATE_LOG_FORMAT",
    "TIDEGATE_EMIT",
    "TIDEGATE_ENDPOINT",
    "TIDEGATE_TOKEN_FILE",
];

/// A folder with an SLO whose query shows the deployment and the length of the window.
fn gate() -> Gate {
    Gate::new()
        .file("work/slo.yaml", SLO)
        .file(
            "work/sli.yaml",
            "indicators:\n  response_time: up{d=\"$DEPLOYMENT\"}[$DURATION_SECONDS]\n",
        )
        .args(["evaluate", "work", "--dry-run", "--output", "json"])
}

/// Returns what a dry run says under a pointer.
fn seen(gate: &Gate, pointer: &str) -> Value {
    let document = gate.run().code(0).json();
    document.pointer(pointer).unwrap().clone()
}

/// A setting, by the key in the file, with how it is seen.
struct Case {
    key: &'static str,
    pointer: &'static str,
    default: &'static str,
    /// How a value shows, `{}` being the value.
    shown: &'static str,
    /// What the file, the environment and the flag say.
    values: [&'static str; 3],
}

/// The settings that are one text.
fn cases() -> [Case; 6] {
    let names = ["from-file", "from-environment", "from-flag"];
    let query = "/queries/0/query";
    [
        Case {
            key: "stage",
            pointer: "/stage",
            default: "default",
            shown: "{}",
            values: names,
        },
        Case {
            key: "service",
            pointer: "/service",
            default: "work",
            shown: "{}",
            values: names,
        },
        Case {
            key: "deployment",
            pointer: query,
            default: "up{d=\"primary\"}[300s]",
            shown: "up{d=\"{}\"}[300s]",
            values: names,
        },
        Case {
            key: "timeframe",
            pointer: query,
            default: "up{d=\"primary\"}[300s]",
            shown: "up{d=\"primary\"}[{}]",
            values: ["61s", "62s", "63s"],
        },
        Case {
            key: "event_log",
            pointer: "/event_log",
            default: "",
            shown: "{}",
            values: ["jsonl:/a", "jsonl:/b", "jsonl:/c"],
        },
        Case {
            key: "project",
            pointer: "/project",
            default: "",
            shown: "{}",
            values: names,
        },
    ]
}

#[test]
fn a_flag_wins_over_the_environment_over_the_file_over_the_default() {
    for case in cases() {
        let shown = |value: &str| Value::from(case.shown.replace("{}", value));
        let [file, environment, flag] = case.values;
        let variable = format!("TIDEGATE_{}", case.key.to_uppercase());
        if !case.default.is_empty() {
            assert_eq!(seen(&gate(), case.pointer), case.default, "{}", case.key);
        }
        let gate = gate().file("tidegate.yaml", format!("{}: '{file}'\n", case.key));
        assert_eq!(seen(&gate, case.pointer), shown(file), "{}", case.key);
        let gate = gate.env(&variable, environment);
        assert_eq!(
            seen(&gate, case.pointer),
            shown(environment),
            "{}",
            case.key
        );
        let gate = gate.args([format!("--{}", case.key.replace('_', "-")), flag.to_owned()]);
        assert_eq!(seen(&gate, case.pointer), shown(flag), "{}", case.key);
    }
}

#[test]
fn project_and_paths_start_at_the_configuration_else_at_the_repository() {
    let bare = gate();
    let log = |gate: &Gate| seen(gate, "/event_log").as_str().unwrap().to_owned();
    assert_eq!(seen(&bare, "/project"), "work");
    assert_eq!(log(&bare), "sqlite:work/.tidegate/events.db");
    let repository = Gate::new()
        .file("shop/.git/HEAD", "")
        .file("shop/gates/carts/slo.yaml", SLO)
        .file("shop/gates/carts/sli.yaml", SLI)
        .args([
            "evaluate",
            "shop/gates/carts",
            "--dry-run",
            "--output",
            "json",
        ]);
    assert_eq!(seen(&repository, "/project"), "shop");
    assert_eq!(seen(&repository, "/service"), "carts");
    assert_eq!(log(&repository), "sqlite:shop/.tidegate/events.db");
    let configured = repository.file("shop/gates/tidegate.yaml", "event_log: a.jsonl\n");
    assert_eq!(seen(&configured, "/project"), "gates");
    assert_eq!(log(&configured), "jsonl:shop/gates/a.jsonl");
    let above = configured.file("tidegate.yaml", "stage: of-someone-else\n");
    assert_eq!(seen(&above, "/stage"), "default");
}

#[test]
fn a_relative_log_of_a_flag_starts_at_the_working_folder_and_one_of_the_file_at_the_file() {
    let gate = gate().file("work/tidegate.yaml", "event_log: a.jsonl\n");
    let log = seen(&gate, "/event_log").as_str().unwrap().to_owned();
    assert!(log.ends_with("work/a.jsonl"), "{log}");
    let gate = gate.args(["--event-log", "a.jsonl"]);
    assert_eq!(seen(&gate, "/event_log"), "jsonl:a.jsonl");
}

#[test]
fn verbose_tells_where_each_setting_comes_from() {
    let gate = Gate::of_value(500.0)
        .file("tidegate.yaml", "project: sockshop\nstage: dev\n")
        .env("TIDEGATE_STAGE", "staging")
        .args(["--service", "carts", "--verbose"]);
    assert_snapshot!(gate.run().code(0).stderr(), @"
    configuration: tidegate.yaml
    project = sockshop  (tidegate.yaml:1)
    stage = staging  (TIDEGATE_STAGE)
    service = carts  (--service)
    event_log = memory:  (--event-log)
    ");
    gate.args(["--quiet"]).refused(64);
}

#[test]
fn the_configuration_can_be_named_by_flag_or_environment() {
    let gate = gate()
        .file("tidegate.yaml", "stage: found\n")
        .file("a.yaml", "stage: of-environment\n")
        .file("b.yaml", "stage: of-flag\n");
    assert_eq!(seen(&gate, "/stage"), "found");
    let gate = gate.env("TIDEGATE_CONFIG", "a.yaml");
    assert_eq!(seen(&gate, "/stage"), "of-environment");
    let gate = gate.args(["--config", "b.yaml"]);
    assert_eq!(seen(&gate, "/stage"), "of-flag");
}

#[test]
fn labels_of_all_origins_are_joined_and_the_nearer_one_wins() {
    let gate = gate()
        .file(
            "tidegate.yaml",
            "labels: { a: file, b: file, c: file, d: file, e: 5 }\n",
        )
        .env(
            "TIDEGATE_LABELS",
            "b=environment,c=environment,d=environment",
        )
        .args(["--labels", "c=labels,d=labels", "--label", "d=x=y"]);
    let expected = json!({"a": "file", "b": "environment", "c": "labels", "d": "x=y", "e": "5"});
    assert_eq!(seen(&gate, "/labels"), expected);
}

#[test]
fn the_provider_can_be_named_by_flag_environment_or_file() {
    let providers = "a: { type: prometheus, url: 'http://a' }, b: { type: prometheus, url: 'http://b' }, c: { type: prometheus, url: 'http://c' }";
    let gate = gate().file(
        "tidegate.yaml",
        format!("provider: a\nproviders: {{ {providers} }}\n"),
    );
    let provider = "/queries/0/provider";
    assert_eq!(seen(&gate, provider), "a");
    let gate = gate.env("TIDEGATE_PROVIDER", "b");
    assert_eq!(seen(&gate, provider), "b");
    let gate = gate.args(["--provider", "c"]);
    assert_eq!(seen(&gate, provider), "c");
}

#[test]
fn the_format_can_be_named_by_flag_environment_or_file() {
    let gate = Gate::of_value(500.0).file("tidegate.yaml", "output: yaml\n");
    gate.run().code(0).document("yaml");
    let gate = gate.env("TIDEGATE_OUTPUT", "keptn-event");
    assert_eq!(gate.run().code(0).json()["data"]["result"], "pass");
    let gate = gate.args(["--output", "json"]);
    assert_eq!(gate.run().code(0).json()["result"], "pass");
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let gate = VARIABLES
        .iter()
        .fold(gate(), |gate, name| gate.env(name, ""));
    assert_eq!(seen(&gate, "/stage"), "default");
}

#[test]
fn a_flag_wins_for_reports_too() {
    let gate = Gate::of_value(500.0).file("tidegate.yaml", "report: tap=file.tap\n");
    gate.run().code(0);
    assert!(gate.path("file.tap").exists());
    let gate = gate.env("TIDEGATE_REPORT", "tap=environment.tap,csv=environment.csv");
    gate.run().code(0);
    assert!(gate.path("environment.tap").exists() && gate.path("environment.csv").exists());
    std::fs::remove_file(gate.path("environment.tap")).unwrap();
    gate.run_with(["--report", "tap=flag.tap"]).code(0);
    assert!(gate.path("flag.tap").exists() && !gate.path("environment.tap").exists());
}

#[test]
fn a_window_is_written_in_any_form_of_keptn() {
    let window = |args: &[&str]| seen(&gate().args(args), "/window");
    let day = "2024-02-01T10:00:00.000Z";
    for start in [
        "2024-02-01T10:00:00Z",
        "2024-02-01T11:00:00+01:00",
        "2024-02-01T10:00:00",
        "1706781600",
    ] {
        let found = window(&["--start", start, "--timeframe", "5m"]);
        assert_eq!(
            found,
            json!({"start": day, "end": "2024-02-01T10:05:00.000Z"}),
            "{start}"
        );
    }
    for args in [
        &["--start", "660", "--end", "60"][..],
        &["--start", "-11m", "--end", "-1m"],
        &["--start=-11m", "--end=now"],
    ] {
        window(args);
    }
}

#[test]
fn a_typed_window_wins_over_a_configured_timeframe() {
    let gate = gate().env("TIDEGATE_TIMEFRAME", "30m").args([
        "--start",
        "2024-02-01T10:00:00Z",
        "--end",
        "2024-02-01T10:01:00Z",
    ]);
    assert_eq!(seen(&gate, "/window/end"), "2024-02-01T10:01:00.000Z");
}
