use super::*;
use crate::gate::{FailureKind, Outcome, Reported, Retrieval};
use crate::spec::{Style, render};

/// Reads a text that has no error.
fn values(text: &str) -> Values {
    let parsed = parse_values(&Source::new("values.json", text));
    parsed
        .value
        .unwrap_or_else(|| panic!("{:?}", parsed.problems))
}

/// Renders the problems of a text.
fn said(text: &str) -> String {
    render(
        &parse_values(&Source::new("values.json", text)).problems,
        Style::Plain,
    )
}

/// Returns names and outcomes in short.
fn short(values: &Values) -> Vec<String> {
    let reading = |reading: &Reading| match &reading.outcome {
        Outcome::Value(value) => format!("{}={}", reading.indicator, value.get()),
        Outcome::NoData(_) => format!("{}: no data", reading.indicator),
        Outcome::Failed(failure) => {
            assert_eq!(failure.kind, FailureKind::Reported);
            format!("{}: failed {:?}", reading.indicator, failure.message)
        }
    };
    values.readings.readings.iter().map(reading).collect()
}

#[test]
fn an_array_is_read_as_by_keptn_but_no_data_is_never_0() {
    let values = values(
        r#"[{"metric":"a","value":1.5,"success":true},
            {"METRIC":"b","Value":2,"message":"no","success":false,"comparedValue":7,"other":[1]},
            {"metric":"c","success":true},
            {"metric":"d","value":3},
            {"metric":null,"value":3,"success":true},
            {"metric":"a","value":9,"success":true}]"#,
    );
    assert_eq!(
        short(&values),
        [
            "a=1.5",
            "b: failed \"no\"",
            "c: no data",
            "d: failed \"\"",
            "a=9"
        ]
    );
    let reported = values.readings.readings[1].reported;
    assert_eq!(
        reported,
        Some(Reported {
            value: 2.0,
            compared_value: 7.0
        })
    );
    assert_eq!(values.readings.readings[0].reported, None);
}

#[test]
fn numbers_by_name_are_read_and_null_is_no_data() {
    assert_eq!(
        short(&values(r#"{"a": 1, "b": null, "c": -2.5e3}"#)),
        ["a=1", "b: no data", "c=-2500"]
    );
    assert_eq!(short(&values("{}")), Vec::<String>::new());
}

#[test]
fn an_event_and_its_data_say_the_same() {
    let data = r#"{"project":"p","labels":{"build":"7"},"status":"succeeded","result":"fail","message":"m",
        "get-sli":{"start":"s","end":"e","indicatorValues":[{"metric":"a","value":1,"success":true}]}}"#;
    let event = format!(
        r#"{{"specversion":"1.0","type":"sh.keptn.event.get-sli.finished","data":{data}}}"#
    );
    let read = values(&event);
    assert_eq!(read, values(data));
    assert_eq!(read.readings.retrieval, Retrieval::Failed("m".to_owned()));
    assert_eq!(read.labels["build"], "7");
    assert_eq!(
        (read.start.as_deref(), read.end.as_deref()),
        (Some("s"), Some("e"))
    );
    let status = |status: &str| {
        values(&format!(
            r#"{{"status":"{status}","message":"m","get-sli":null}}"#
        ))
        .readings
        .retrieval
    };
    assert_eq!(status("errored"), Retrieval::Errored("m".to_owned()));
    assert_eq!(status("aborted"), Retrieval::Aborted);
    assert_eq!(status("succeeded"), Retrieval::Succeeded);
}

#[test]
fn wrong_types_are_refused_all_at_once() {
    insta::assert_snapshot!(said("[\n {\"metric\": \"a\", \"value\": \"5\", \"success\": 1},\n null,\n {\"metric\": \"b\", \"value\": 1e400, \"success\": true}\n]\n"), @r#"
    values.json:2:27: error: `value` must be a number, not the text `5`
      |
    2 |  {"metric": "a", "value": "5", "success": 1},
      |                           ^^^
      = hint: write it without quotes: `5`

    values.json:2:43: error: `success` must be `true` or `false`, not `1`
      |
    2 |  {"metric": "a", "value": "5", "success": 1},
      |                                           ^

    values.json:3:2: error: a value must be an object with `metric`, `value`, and `success`, not null
      |
    3 |  null,
      |  ^^^^

    values.json:4:27: error: `value` must be a number, not `1e400`
      |
    4 |  {"metric": "b", "value": 1e400, "success": true}
      |                           ^^^^^
      = note: it is larger than any number that can be computed with
    "#);
    insta::assert_snapshot!(said("{\"a\": 1, \"a\": 2, \"b\": \"x\", \"c\": true}\n"), @r#"
    values.json:1:10: error: `a` is given twice
      |
    1 | {"a": 1, "a": 2, "b": "x", "c": true}
      |          ^^^
      = hint: remove one of them

    values.json:1:23: error: `b` must be a number, not the text `x`
      |
    1 | {"a": 1, "a": 2, "b": "x", "c": true}
      |                       ^^^

    values.json:1:33: error: `c` must be a number, not `true`
      |
    1 | {"a": 1, "a": 2, "b": "x", "c": true}
      |                                 ^^^^
    "#);
}

#[test]
fn what_is_not_json_and_other_events_are_refused() {
    insta::assert_snapshot!(said("{\"a\": NaN}\n"), @r#"
    values.json:1:7: error: not valid JSON: expected value
      |
    1 | {"a": NaN}
      |       ^
      = hint: values are JSON: an array as in Keptn's `indicatorValues`, a `get-sli.finished` event, or `{"name": 1.5}`
    "#);
    insta::assert_snapshot!(said("{\"specversion\": \"1.0\", \"type\": \"sh.keptn.event.evaluation.finished\", \"data\": {}}\n"), @r#"
    values.json:1:32: error: this is an event of type `sh.keptn.event.evaluation.finished`
      |
    1 | {"specversion": "1.0", "type": "sh.keptn.event.evaluation.finished", "data": {}}
      |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = hint: values come in an event of type `sh.keptn.event.get-sli.finished`
    "#);
    for text in [
        "5",
        "\"a\"",
        "null",
        "",
        "{a: 1}",
        "[[]]",
        "{\"get-sli\": []}",
        "{\"labels\": {\"a\": 1}, \"get-sli\": {}}",
        "{\"get-sli\": {\"indicatorValues\": {}}}",
        "{\"a\": \"\\ud800\"}",
    ] {
        let parsed = parse_values(&Source::new("values.json", text));
        assert!(parsed.value.is_none(), "{text}");
    }
}

#[test]
fn what_is_ignored_is_warned_of() {
    insta::assert_snapshot!(said("[{\"metric\": \"\", \"success\": true},\n {\"metric\": \"a\", \"value\": 1},\n {\"metric\": \"a\", \"value\": 1, \"success\": true}]\n"), @r#"
    values.json:1:13: warning: a value without a `metric` belongs to no SLI; it is ignored
      |
    1 | [{"metric": "", "success": true},
      |             ^^
      = hint: name the SLI in `metric`

    values.json:2:2: warning: `success` is missing: the value counts as failed, as in Keptn
      |
    2 |  {"metric": "a", "value": 1},
      |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = hint: add `"success": true`

    values.json:3:2: warning: `a` is given more than once; the first value counts
      |
    3 |  {"metric": "a", "value": 1, "success": true}]
      |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = hint: remove the others
    "#);
}
