//! Answers of plug-ins, honest and not.

use serde_json::{Value, json};

use super::answer::{Understood, understand};
use super::said::{Failing, Said};
use crate::gate::{FailureKind, IndicatorName};
use crate::net::{Redactor, Secret};
use crate::provider::answered::Found;

fn understood(stdout: &str) -> Result<Understood, Failing> {
    let names = ["a", "b"].map(|name| IndicatorName::new(name).unwrap());
    let redactor = Redactor::new([&Secret::new("hunter22")]);
    understand(stdout.as_bytes(), &names.each_ref(), &redactor)
}

fn with_results(results: &Value) -> Understood {
    let document =
        json!({"apiVersion": "tidegate.exec/v1", "kind": "FetchResponse", "results": results});
    understood(&document.to_string()).unwrap()
}

fn one(mut result: Value) -> Said {
    result["name"] = "a".into();
    with_results(&json!([result])).results.remove("a").unwrap()
}

fn message(found: &Found) -> &str {
    match found {
        Found::Failed(failure) => &failure.message,
        Found::Nothing(reason) => reason,
        Found::Numbers(numbers) => panic!("{numbers:?}"),
    }
}

#[test]
fn a_value_comes_with_all_that_is_said_of_it() {
    let said = one(
        json!({"status": "ok", "value": 182.4, "unit": "ms", "samples": 10432,
        "query": "SELECT hunter22", "warnings": ["slow\n\u{1b}[1m"], "link": "https://a", "unknown": 1}),
    );
    let expected = Said {
        found: Found::number(182.4),
        samples: Some(10432),
        unit: Some("ms".to_owned()),
        query: Some("SELECT ***".to_owned()),
        warnings: vec!["slow \\u{1b}[1m".to_owned()],
        may_pass: false,
    };
    assert_eq!(said, expected);
}

#[test]
fn no_data_and_errors_keep_their_words() {
    let said = one(json!({"status": "no_data", "message": "no transactions for hunter22"}));
    assert_eq!(
        said.found,
        Found::Nothing("no transactions for ***".to_owned())
    );
    for (word, kind) in [
        ("auth", FailureKind::NotAuthorised),
        ("rate_limited", FailureKind::Throttled),
        ("bad_query", FailureKind::BadQuery),
        ("unavailable", FailureKind::Unavailable),
        ("bad_response", FailureKind::BadAnswer),
        ("something new", FailureKind::BadAnswer),
    ] {
        let said = one(json!({"status": "error", "kind": word, "message": "401"}));
        assert_eq!(said.found, Found::failed(kind, "401"), "{word}");
        assert!(!said.may_pass);
    }
    assert!(one(json!({"status": "error", "retryable": true})).may_pass);
    assert!(!one(json!({"status": "error", "retryable": "true"})).may_pass);
}

#[test]
fn counts_make_a_ratio_and_none_at_all_are_no_data() {
    let ratio = |good: Value, total: Value| {
        one(json!({"status": "ok", "good": good, "total": total})).found
    };
    assert_eq!(ratio(3.into(), 4.into()), Found::number(0.75));
    assert!(matches!(ratio(0.into(), 0.into()), Found::Nothing(_)));
    for (good, total) in [
        (json!(5), json!(4)),
        (json!(-1), json!(4)),
        (json!("3"), json!(4)),
        (json!(3), Value::Null),
        (Value::Null, json!(4)),
    ] {
        assert!(matches!(ratio(good, total), Found::Failed(_)));
    }
}

#[test]
fn a_result_that_contradicts_itself_is_an_error_and_never_a_value() {
    for (result, part) in [
        (json!({"status": "ok"}), "no `value`"),
        (json!({"status": "ok", "value": null}), "no `value`"),
        (json!({"status": "ok", "value": "12"}), "that is text"),
        (json!({"status": "ok", "value": "NaN"}), "that is text"),
        (json!({"status": "ok", "value": true}), "no number"),
        (json!({"status": "ok", "value": [1]}), "no number"),
        (
            json!({"status": "ok", "value": 1, "good": 1, "total": 1}),
            "one or the other",
        ),
        (
            json!({"status": "no_data", "value": 0}),
            "`no_data` and a `value`",
        ),
        (
            json!({"status": "error", "value": 0}),
            "`error` and a `value`",
        ),
        (json!({"status": "fine", "value": 0}), "no `status`"),
        (json!({"value": 0}), "no `status`"),
        (json!({"status": 5, "value": 0}), "no `status`"),
    ] {
        let said = one(result.clone());
        let Found::Failed(failure) = said.found else {
            panic!("{result}");
        };
        assert_eq!(failure.kind, FailureKind::BadAnswer);
        assert!(failure.message.contains(part), "{}", failure.message);
    }
    let said = one(json!({"status": "ok", "value": 1, "samples": -5}));
    assert_eq!((said.samples, said.warnings.len()), (None, 1));
}

#[test]
fn missing_double_and_unasked_results_harm_only_themselves() {
    let mut understood = with_results(&json!([
        {"name": "b", "status": "ok", "value": 1},
        {"name": "b", "status": "ok", "value": 2},
        {"name": "c", "status": "ok", "value": 3},
    ]));
    assert_eq!(understood.results.len(), 1);
    let twice = understood.results.remove("b").unwrap();
    assert!(message(&twice.found).contains("several results for `b`"));
    assert_eq!(
        understood.warnings,
        ["the plug-in also answered `c`, which nobody asked for"]
    );
}

#[test]
fn thousands_of_unasked_results_are_one_short_warning() {
    let many: Vec<Value> = (0..5000)
        .map(|number| json!({"name": format!("x{number}"), "status": "ok", "value": 1}))
        .collect();
    let understood = with_results(&many.into());
    assert_eq!(
        understood.warnings,
        ["the plug-in also answered `x0`, `x1`, `x2` and 4997 more, which nobody asked for"]
    );
}

#[test]
fn what_is_no_answer_is_shown_from_its_beginning() {
    let said = |stdout: &str| understood(stdout).unwrap_err().failure.message;
    assert_eq!(
        said("Traceback: hunter22\n"),
        "the plug-in must print one JSON document and nothing else, and it printed: Traceback: *** (line 1, column 1)"
    );
    assert!(said(&"x".repeat(100_000)).len() < 400);
    assert_eq!(
        said(" \n"),
        "the plug-in printed nothing; it must print one JSON document"
    );
    assert!(said("{\"value\": NaN}").contains("JSON has no NaN"));
    assert!(said("{} {}").contains("and nothing else"));
    assert!(said(&"[".repeat(900_000)).contains("must print one JSON document"));
}

#[test]
fn an_answer_in_another_version_is_refused() {
    let said = |document: Value| {
        understood(&document.to_string())
            .unwrap_err()
            .failure
            .message
    };
    assert_eq!(
        said(json!({"apiVersion": "tidegate.exec/v2", "kind": "FetchResponse", "results": []})),
        "the plug-in answered with `apiVersion` \"tidegate.exec/v2\", and it was asked in tidegate.exec/v1; both must be the same"
    );
    assert_eq!(
        said(json!({"kind": "VersionUnsupported", "supported": ["tidegate.exec/v2"]})),
        "the plug-in does not know tidegate.exec/v1, but [\"tidegate.exec/v2\"]; get a version of the plug-in that does"
    );
    assert!(
        said(json!({"apiVersion": "tidegate.exec/v1", "kind": "Description"}))
            .contains("`\"kind\": \"FetchResponse\"`")
    );
    assert!(
        said(json!({"apiVersion": "tidegate.exec/v1", "kind": "FetchResponse"}))
            .contains("no list `results`")
    );
    assert!(
        said(json!({"apiVersion": "tidegate.exec/v1", "kind": "FetchResponse", "results": [5]}))
            .contains("no object")
    );
}
