//! What a program gets that hangs, floods, or lies.

use serde_json::json;

use super::{gate, harms_nobody_else};
use crate::harness::Gate;

/// Makes a gate over a program.
fn over_program(format: &str, script: &str, timeout: &str) -> Gate {
    let provider = json!({"type": "exec", "command": ["sh", "program"], "format": format, "timeout": timeout, "retry": {"attempts": 1}});
    gate(&provider, &json!({"query": "up"})).file("program", script)
}

#[test]
fn a_program_that_hangs_or_floods_harms_only_its_own_sli() {
    for (script, timeout, reason) in [
        ("exec sleep 600", "300ms", "did not end within"),
        ("sleep 600 & echo 1", "300ms", "did not end within"),
        ("(sleep 600 >&2) & echo 1", "300ms", "did not end within"),
        ("exec yes 1", "60s", "printed more than"),
        ("exec yes >&2", "300ms", "did not end within"),
    ] {
        let gate = over_program("number", script, timeout);
        harms_nobody_else(script, &gate, "failed", reason);
    }
}

#[test]
fn a_program_that_prints_too_many_values_has_no_sum_of_some() {
    let all = json!({"query": "up", "reduce": "sum"});
    for (count, format, reason) in [
        (3_000_000, "json", "more than 1000000 values"),
        (3_000_000, "protocol", "more than 1000000 values"),
        (100_001, "json", "selects 100001 values"),
    ] {
        let mut provider =
            json!({"type": "exec", "command": ["sh", "-c", "cat printed"], "format": format});
        if format == "json" {
            provider["jsonpath"] = json!("$[*]");
        }
        let printed = format!("[{}0]", "0,".repeat(count - 1));
        let gate = gate(&provider, &all).file("printed", printed);
        harms_nobody_else(format, &gate, "failed", reason);
    }
}

#[test]
fn a_program_that_lies_harms_only_its_own_sli() {
    for (results, outcome) in [
        (r"", "failed"),
        (r#"{"name": "other", "status": "ok", "value": 1}"#, "failed"),
        (
            r#"{"name": "bad", "status": "ok", "value": 1}, {"name": "bad", "status": "ok", "value": 2}"#,
            "failed",
        ),
        (
            r#"{"name": "bad", "status": "ok", "value": "NaN"}"#,
            "failed",
        ),
        (
            r#"{"name": "bad", "status": "ok", "value": null}"#,
            "failed",
        ),
        (r#"{"name": "bad", "status": "ok"}"#, "failed"),
        (
            r#"{"name": "bad", "status": "error", "value": 1}"#,
            "failed",
        ),
        (r#"{"name": "bad", "status": "fine", "value": 1}"#, "failed"),
        (
            r#"{"name": "bad", "status": "ok", "good": 0, "total": 0}"#,
            "no_data",
        ),
    ] {
        let document = format!(
            r#"{{"apiVersion": "tidegate.exec/v1", "kind": "FetchResponse", "results": [{results}]}}"#
        );
        let gate =
            over_program("protocol", "cat > heard; cat document", "60s").file("document", document);
        harms_nobody_else(results, &gate, outcome, "");
    }
    for (script, outcome) in [
        ("exit 0", "no_data"),
        ("echo NaN", "no_data"),
        ("echo 1e999", "no_data"),
        ("echo 1; exit 3", "failed"),
        ("echo 1; kill -9 $$", "failed"),
        ("echo 1 2", "failed"),
    ] {
        harms_nobody_else(script, &over_program("number", script, "60s"), outcome, "");
    }
}
