//! Runs that are killed, and go on.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{CONFIG, SHIPYARD, finished, shop};
use crate::harness::Gate;

/// Scripts that note what they do, and stop where they are told to.
const SCRIPT: &str = "echo \"$TIDEGATE_STAGE.$TIDEGATE_TASK $TIDEGATE_ATTEMPT\" >> ledger.txt
if [ -f \"hold.$TIDEGATE_STAGE.$TIDEGATE_TASK\" ]; then
    rm \"hold.$TIDEGATE_STAGE.$TIDEGATE_TASK\"
    echo $$ > held.new; mv held.new held
    exec sleep 300
fi
echo '{\"value\": VALUE}' > value.json
";

/// A delivery whose every task is a command, but for the gate.
fn delivery(value: u32) -> Gate {
    let script = SCRIPT.replace("VALUE", &value.to_string());
    shop()
        .file("deploy.sh", &script)
        .file("undo.sh", &script)
        .file("approve.sh", script)
        .file(
            "tidegate.yaml",
            CONFIG.replace("approval: later", "approval: { command: [sh, approve.sh] }"),
        )
}

/// Waits until something is true.
fn until(what: &str, is_true: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns what a run came to: stage, sequence, result, and its tasks with theirs.
fn essence(document: &Value) -> Vec<String> {
    let sequences = document["sequences"].as_array().unwrap().iter();
    sequences
        .map(|one| {
            let tasks = one["tasks"].as_array().unwrap().iter();
            let tasks = tasks.map(|task| format!("{} {}", task["name"], task["result"]));
            let tasks: Vec<String> = tasks.collect();
            format!(
                "{} {} {}: {}",
                one["stage"],
                one["sequence"],
                one["result"],
                tasks.join(", ")
            )
        })
        .collect()
}

/// Returns what a run comes to that nobody disturbs.
fn undisturbed(value: u32, code: i32) -> Vec<String> {
    let gate = delivery(value);
    let answer = gate
        .run_with(["run", "delivery", "--output", "json"])
        .code(code);
    essence(&answer.json())
}

#[test]
fn a_run_that_is_killed_in_any_task_comes_to_the_same_end() {
    for (value, code, places) in [
        (
            500,
            0,
            vec!["dev.deployment", "prod.approval", "prod.deployment"],
        ),
        (900, 1, vec!["dev.undo"]),
    ] {
        let expected = undisturbed(value, code);
        for place in places {
            let gate = delivery(value).file(&format!("hold.{place}"), "");
            let running = gate.start_with(["run", "delivery"]);
            until(place, || gate.exists("held"));
            running.signal("KILL").wait();
            // What it left behind is an orphan; nobody waits for it.
            let orphan = gate.read("held");
            drop(
                std::process::Command::new("kill")
                    .arg(orphan.trim())
                    .status(),
            );
            let resumed = gate
                .run_with(["run", "--resume", "--output", "json"])
                .code(code);
            assert_eq!(essence(&resumed.json()), expected, "{place}");
            let counts = finished(&gate);
            assert!(
                counts.values().all(|count| *count == 1),
                "{place}: {counts:?}"
            );
            let ledger = gate.read("ledger.txt");
            assert!(ledger.contains(&format!("{place} again")), "{ledger}");
            assert_eq!(ledger.matches(" again").count(), 1, "{ledger}");
        }
    }
}

#[test]
fn a_run_that_is_killed_at_any_step_comes_to_the_same_end() {
    let expected = undisturbed(500, 0);
    for step in 1..14 {
        let gate = delivery(500);
        let mut running = gate.start_with(["run", "delivery"]);
        let lines = running.stderr_lines();
        for _ in 0..step {
            lines.wait_for("");
        }
        running.signal("KILL").wait();
        let resumed = gate.run_with(["run", "--resume", "--output", "json"]);
        let code = resumed.exit_code();
        if code == 66 {
            // It was over before it could be killed, or nothing was stored yet.
            assert!(step > 10 || step == 1, "{step}: {}", resumed.stderr());
            continue;
        }
        assert_eq!(code, 0, "{step}: {}", resumed.stderr());
        assert_eq!(essence(&resumed.json()), expected, "{step}");
        let counts = finished(&gate);
        assert!(
            counts.values().all(|count| *count == 1),
            "{step}: {counts:?}"
        );
    }
}

#[test]
fn ctrl_c_says_how_to_go_on_and_two_processes_never_share_a_run() {
    let gate = delivery(500).file("hold.dev.deployment", "");
    let running = gate.start_with(["run", "delivery"]);
    until("held", || gate.exists("held"));
    let log = gate.read("events.jsonl");
    let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    let context = first["shkeptncontext"].as_str().unwrap();
    let second = gate.run_with(["run", "--resume", context]).code(75);
    assert!(
        second
            .stderr()
            .contains("another process carries out the run"),
        "{}",
        second.stderr()
    );
    let orphan = gate.read("held");
    let ended = running.signal("INT").wait().code(130);
    assert!(
        ended
            .raw_stderr()
            .contains(&format!("tidegate run --resume {context}")),
        "{}",
        ended.raw_stderr()
    );
    let is_gone = || !std::path::Path::new(&format!("/proc/{}", orphan.trim())).exists();
    until("the command is gone", is_gone);
    gate.run_with(["run", "--resume", context]).code(0);
}

#[test]
fn a_closed_terminal_ends_the_command_too() {
    let gate = delivery(500).file("hold.dev.deployment", "");
    let running = gate.start_with(["run", "delivery", "--output", "json"]);
    until("held", || gate.exists("held"));
    let orphan = gate.read("held");
    let ended = running.signal("HUP").wait().code(129);
    assert!(
        ended.raw_stderr().contains("tidegate run --resume"),
        "{}",
        ended.raw_stderr()
    );
    let log = gate.read("events.jsonl");
    let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(ended.json()["error"]["context"], first["shkeptncontext"]);
    let is_gone = || !std::path::Path::new(&format!("/proc/{}", orphan.trim())).exists();
    until("the command is gone", is_gone);
}

#[test]
fn the_hint_works_where_it_is_printed() {
    let gate = shop();
    let there = gate.path("tidegate.yaml").display().to_string();
    let away = Gate::new();
    let waits = away
        .run_with(
            ["run", "delivery", "--config", &there, "--shipyard"]
                .into_iter()
                .chain([gate.path("shipyard.yaml").display().to_string().as_str()]),
        )
        .code(75);
    let said = waits.raw_stderr();
    let hint = said.split("tidegate run --resume ").nth(1).unwrap();
    let words: Vec<&str> = hint.split(',').next().unwrap().split_whitespace().collect();
    let argv = ["run", "--resume"].iter().chain(&words);
    away.run_with(argv).code(0);
}

#[test]
fn a_decision_for_a_run_of_another_process_is_hinted() {
    let gate = shop();
    let mut running = gate.start_with(["run", "delivery", "--wait", "--timeout", "60s"]);
    running.stderr_lines().wait_for("waiting for a decision");
    let second = gate.run_with(["run", "--resume", "--approve"]).code(75);
    assert!(
        second.stderr().contains("tidegate approve --context"),
        "{}",
        second.stderr()
    );
    gate.run_with(["approve"]).code(0);
    running.wait().code(0);
}

#[test]
fn a_run_goes_on_by_the_shipyard_that_it_began_with() {
    let gate = shop();
    gate.run_with(["run", "delivery"]).code(75);
    let gate = gate.file(
        "shipyard.yaml",
        SHIPYARD.replace("name: approval", "name: other"),
    );
    let answer = gate.run_with(["run", "--resume", "--approve"]).code(0);
    assert!(
        answer
            .stderr()
            .contains("the shipyard has changed since this run began"),
        "{}",
        answer.stderr()
    );
    std::fs::remove_file(gate.path("shipyard.yaml")).unwrap();
    gate.run_with(["run", "--resume"]).code(66);
}

#[test]
fn a_run_that_waits_sees_what_others_decide() {
    let gate = shop();
    let mut running = gate.start_with(["run", "delivery", "--wait", "--timeout", "60s"]);
    let lines = running.stderr_lines();
    lines.wait_for("waiting for a decision");
    let log = gate.read("events.jsonl");
    let mut events = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let task = events
        .rfind(|event| event["type"] == "sh.keptn.event.approval.triggered")
        .unwrap();
    let answer = serde_json::json!({
        "id": "decision-1", "source": "somebody", "specversion": "1.0",
        "type": "sh.keptn.event.approval.finished", "time": "2099-01-01T00:00:00Z",
        "shkeptncontext": task["shkeptncontext"], "triggeredid": task["id"],
        "data": {
            "project": "shop", "stage": "prod", "service": "carts",
            "status": "succeeded", "result": "pass", "message": "by somebody else",
        },
    });
    let gate = gate.file("decision.json", answer.to_string());
    gate.run_with(["events", "import", "decision.json"]).code(0);
    lines.wait_for("prod.delivery ends: pass");
    running.wait().code(0);
}
