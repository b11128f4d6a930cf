//! Snapshots of the table and of the arithmetic. Read a difference like code.

use super::samples::{PLAIN, all, earlier, record, value};
use super::{Account, Charset, Colour, Detail, Format, TextStyle, write};
use unicode_width::UnicodeWidthStr as _;

use crate::gate::{
    Ending, FailureKind, FetchFailure, Finite, IndicatorName, Outcome, Policies, Reading, Readings,
    Record, Retrieval, Status, Trend, TrendPoint, TrendValue, Verdict,
};

/// Writes the table.
fn table(record: &Record, detail: Detail, style: TextStyle) -> String {
    write(Format::Table, &Account::of(record), detail, style)
}

#[test]
fn a_pass_without_history() {
    insta::assert_snapshot!(table(&record(all(540.25, 0.0), &[]), Detail::Brief, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

              SLI                         Value   Passes if      Points
    ────────────────────────────────────────────────────────────────────
     ✓ pass   Response time p95          540.25   <=+10%, <600      2/2
     ✓ pass   error_rate (key)                0   <1                1/1
     i info   throughput          87.1235 req/s

    Compared with no earlier evaluation; relative criteria are met.

    ✓ PASS  score 100 of 100 (90 to pass, 50 for a warning)
    ");
}

#[test]
fn a_warning_against_two_evaluations_explained() {
    let history = [earlier(1, 500.0), earlier(0, 520.0)];
    let record = record(all(640.0, 0.5), &history);
    insta::assert_snapshot!(table(&record, Detail::Explained, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

                 SLI                         Value   Baseline    Change   Passes if            Points
    ──────────────────────────────────────────────────────────────────────────────────────────────────
     ! warning   Response time p95             640        510   +25.5 %   <=+10% (561), <600      1/2
     ✓ pass      error_rate (key)              0.5                        <1                      1/1
     i info      throughput          87.1235 req/s

    ! warning Response time p95 is 640 and misses <=+10% (which is <= 561 here, with a baseline of 510) and <600; its warning criteria are met

    Compared with the avg of 2 earlier evaluations:
      earlier-1 of 2024-01-31 10:00:00Z
      earlier-0 of 2024-01-30 10:00:00Z

    How the score came about:
      Response time p95: is 640 and misses <=+10% (which is <= 561 here, with a baseline of 510) and <600; its warning criteria are met, 1 of 2 points, half of its weight.
      error_rate: all pass criteria are met, 1 of 1 points.
      throughput: informational, 0 of 0 points.
      2 of 3 points: 100 x 2 / 3 = 66.66.
      No key SLI failed.
      66.66 is below the 90 needed to pass.
      It reaches the 50 needed for a warning.

    ! WARNING  score 66.66 of 100 (90 to pass, 50 for a warning)
    Evaluation returned a warning: the calculated score of 66.66666666666666 is close to the warning target value of 50
    ");
}

#[test]
fn a_fail_of_a_key_objective_on_a_narrow_terminal_without_unicode() {
    let style = TextStyle {
        charset: Charset::Ascii,
        width: 60,
        ..PLAIN
    };
    let record = record(all(540.0, 3.0), &[earlier(0, 540.1)]);
    insta::assert_snapshot!(table(&record, Detail::Brief, style), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

            SLI                    Value   Passes if     Points
    ------------------------------------------------------------
     pass   Response                 540   <=+10% (594      2/2
            time p95                       .11), <600
     fail   error_rate                 3   <1               0/1
            (key)
     info   throughput     87.1235 req/s

    fail error_rate is 3 and misses <1

    Compared with 1 earlier evaluation: earlier-0 of 2024-01-30 10:00:00Z

    FAIL  score 66.66 of 100 (90 to pass, 50 for a warning)
    Evaluation failed due to key_sli objective 'error_rate': 3 violates <1
    ");
}

#[test]
fn a_relative_criterion_whose_indicator_is_new() {
    let history = [serde_json::from_value(serde_json::json!({
        "id": "earlier", "type": "sh.keptn.event.evaluation.finished", "time": "2024-01-31T10:00:00Z",
        "data": {"status": "succeeded", "result": "pass", "evaluation": {"indicatorResults": [
            {"value": {"metric": "error_rate", "value": 0, "success": true}},
        ]}},
    }))
    .unwrap()];
    let text = table(&record(all(540.25, 0.0), &history), Detail::Brief, PLAIN);
    assert!(
        text.contains(
            "No earlier evaluation has a value of Response time p95; relative criteria are met."
        ),
        "{text}"
    );
}

#[test]
fn a_name_with_control_characters_is_harmless_wherever_it_is_printed() {
    let mut record = record(all(540.25, 3.0), &[]);
    for objective in record.evaluation.objectives.iter_mut().flatten() {
        objective.display_name = "\u{1b}[2Jgone".to_owned();
    }
    let text = table(&record, Detail::Explained, PLAIN);
    assert!(text.contains("Key SLIs that failed"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn missing_values_and_what_policies_made_of_them() {
    let name = |name: &str| IndicatorName::new(name).unwrap();
    let no_data = Reading::new(
        name("response_time_p95"),
        Outcome::NoData("the query found nothing".to_owned()),
    );
    let mut readings = Readings::new(vec![no_data, value("error_rate", 0.0)]);
    let policies = Policies {
        on_no_data: "ignore".parse().unwrap(),
        ..Policies::default()
    };
    readings
        .policies
        .insert(name("response_time_p95"), policies);
    insta::assert_snapshot!(table(&record(readings.clone(), &[]), Detail::Brief, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

              SLI                    Value   Passes if      Points
    ───────────────────────────────────────────────────────────────
     i info   Response time p95   no value   <=+10%, <600
     ✓ pass   error_rate (key)           0   <1                1/1
     i info   throughput          no value

    Compared with no earlier evaluation; relative criteria are met.

    Policy: Response time p95 is left out of the score (on_no_data: ignore), because the query found nothing.

    ✓ PASS  score 100 of 100 (90 to pass, 50 for a warning), by policy: not every objective had a value
    Without a value, decided by policy: 'Response time p95' (on_no_data: ignore)
    ");
    let policies = Policies {
        on_no_data: "inconclusive".parse().unwrap(),
        ..Policies::default()
    };
    readings
        .policies
        .insert(name("response_time_p95"), policies);
    insta::assert_snapshot!(table(&record(readings, &[]), Detail::Brief, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

              SLI                    Value   Passes if      Points
    ───────────────────────────────────────────────────────────────
     ✗ fail   Response time p95   no value   <=+10%, <600      0/2
     ✓ pass   error_rate (key)           0   <1                1/1
     i info   throughput          no value

    ✗ fail Response time p95 has no value: the query found nothing

    Compared with no earlier evaluation.

    Policy: Response time p95 allows no verdict (on_no_data: inconclusive), because the query found nothing.

    ? INCONCLUSIVE  no verdict
    Evaluation is inconclusive: 'Response time p95' has no value: the query found nothing. Without a value, decided by policy: 'Response time p95' (on_no_data: inconclusive)
    ");
}

#[test]
fn values_that_were_handed_over_as_failed() {
    let readings = Readings {
        retrieval: Retrieval::Errored("no credentials".to_owned()),
        ..all(1.0, 0.0)
    };
    insta::assert_snapshot!(table(&record(readings, &[]), Detail::Brief, PLAIN), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

    ✗ FAIL  score 0 of 100 (90 to pass, 50 for a warning)
    Nothing was evaluated: fetching the SLIs ended in an error: no credentials
    ");
}

#[test]
fn colours_add_nothing_but_colours() {
    let record = record(all(640.0, 0.5), &[]);
    let coloured = table(
        &record,
        Detail::Brief,
        TextStyle {
            colour: Colour::On,
            ..PLAIN
        },
    );
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_ne!(coloured, stripped);
    assert_eq!(stripped, table(&record, Detail::Brief, PLAIN));
}

#[test]
fn nothing_from_outside_can_steer_the_terminal() {
    let mut record = record(all(640.0, 0.5), &[]);
    record
        .labels
        .insert("evil".to_owned(), "\u{1b}[2J\u{202e}".to_owned());
    record.evaluation.message = "a\rb\u{1b}]0;x\u{7}".to_owned();
    let text = table(&record, Detail::Explained, PLAIN);
    assert!(!text.contains(['\u{1b}', '\r', '\u{7}', '\u{202e}']));
}

/// Returns a reading as a provider makes it.
fn asked(name: &str, outcome: Outcome) -> Reading {
    Reading {
        provider: Some("prod".to_owned()),
        query: Some(format!("sum(\n  {name}\n)\n")),
        endpoint: Some("http://prom:9090/api/v1/query".to_owned()),
        samples: Some(12),
        attempts: 2,
        elapsed: Some(std::time::Duration::from_micros(2540)),
        ..Reading::new(IndicatorName::new(name).unwrap(), outcome)
    }
}

#[test]
fn only_what_has_no_value_shows_how_it_was_asked_for() {
    let failure = FetchFailure {
        kind: FailureKind::BadQuery,
        message: "parse error".to_owned(),
    };
    let readings = Readings::new(vec![
        asked("response_time_p95", Outcome::Failed(failure)),
        asked("error_rate", Outcome::Value(Finite::new(0.0).unwrap())),
        asked("throughput", Outcome::NoData("nothing matched".to_owned())),
    ]);
    let table = table(&record(readings, &[]), Detail::Brief, PLAIN);
    let (_, below) = table.split_once("no value: parse error").unwrap();
    let (shown, _) = below.split_once("\nCompared").unwrap();
    insta::assert_snapshot!(shown, @"


    response_time_p95 was asked of prod at http://prom:9090/api/v1/query, for 2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z: 2.5 ms, 2 attempts, 12 samples
        sum(
          response_time_p95
        )
      hint: correct the query: tidegate query --expr QUERY tries one that stands in no file
    throughput was asked of prod at http://prom:9090/api/v1/query, for 2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z: 2.5 ms, 2 attempts, 12 samples
        sum(
          throughput
        )
      hint: look whether there are data in this window: tidegate query --range 1d shows when there were, and `on_no_data` says what their absence means
    ");
}

#[test]
fn a_value_that_a_policy_put_in_is_no_answer() {
    let mut readings = Readings::new(vec![asked(
        "error_rate",
        Outcome::NoData("nothing matched".to_owned()),
    )]);
    let policies = Policies {
        on_no_data: "value: 0".parse().unwrap(),
        ..Policies::default()
    };
    let name = IndicatorName::new("error_rate").unwrap();
    readings.policies.insert(name, policies);
    let table = table(&record(readings, &[]), Detail::Brief, PLAIN);
    assert!(table.contains("error_rate was asked of prod"), "{table}");
}

/// Returns the evaluations before, newest first.
fn trend(values: &[f64]) -> Trend {
    let point = |(at, value): (usize, &f64)| TrendPoint {
        id: format!("earlier-{at}"),
        time: None,
        labels: std::collections::BTreeMap::new(),
        ending: Ending::Verdict(Verdict::Pass),
        score: Some(100.0),
        invalidated: None,
        values: [(
            "response_time_p95".to_owned(),
            TrendValue {
                status: Status::Pass,
                value: Some(*value),
            },
        )]
        .into(),
    };
    Trend {
        points: values.iter().enumerate().map(point).collect(),
    }
}

#[test]
fn a_wide_terminal_shows_what_warns_and_the_trend() {
    let record = record(all(640.0, 0.5), &[earlier(1, 500.0), earlier(0, 520.0)]);
    let trend = trend(&[500.0, 520.0, 480.0, 450.0, 470.0, 440.0]);
    let account = Account {
        trend: Some(&trend),
        ..Account::of(&record)
    };
    let style = TextStyle {
        width: 200,
        ..PLAIN
    };
    insta::assert_snapshot!(write(Format::Table, &account, Detail::Brief, style), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

                 SLI                         Value   Baseline    Change   Passes if            Warns if   Points   Trend
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     ! warning   Response time p95             640        510   +25.5 %   <=+10% (561), <600   <=800         1/2   ▁▂▁▂▄▃█
     ✓ pass      error_rate (key)              0.5                        <1                                 1/1   ······▅
     i info      throughput          87.1235 req/s                                                                 ······▅

    ! warning Response time p95 is 640 and misses <=+10% (which is <= 561 here, with a baseline of 510) and <600; its warning criteria are met

    Compared with the avg of 2 earlier evaluations:
      earlier-1 of 2024-01-31 10:00:00Z
      earlier-0 of 2024-01-30 10:00:00Z

    ! WARNING  score 66.66 of 100 (90 to pass, 50 for a warning)
    Evaluation returned a warning: the calculated score of 66.66666666666666 is close to the warning target value of 50
    ");
}

#[test]
fn a_warning_at_80_columns() {
    let record = record(all(640.0, 0.5), &[earlier(1, 500.0), earlier(0, 520.0)]);
    let style = TextStyle { width: 80, ..PLAIN };
    insta::assert_snapshot!(table(&record, Detail::Brief, style), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

                 SLI                       Value    Change   Passes if       Points
    ────────────────────────────────────────────────────────────────────────────────
     ! warning   Response time               640   +25.5 %   <=+10% (561),      1/2
                 p95                                         <600
     ✓ pass      error_rate                  0.5             <1                 1/1
                 (key)
     i info      throughput        87.1235 req/s

    ! warning Response time p95 is 640 and misses <=+10% (which is <= 561 here, with a baseline of 510) and <600; its warning criteria are met

    Compared with the avg of 2 earlier evaluations:
      earlier-1 of 2024-01-31 10:00:00Z
      earlier-0 of 2024-01-30 10:00:00Z

    ! WARNING  score 66.66 of 100 (90 to pass, 50 for a warning)
    Evaluation returned a warning: the calculated score of 66.66666666666666 is close to the warning target value of 50
    ");
}

#[test]
fn wide_characters_stand_in_line() {
    let draw = |third: &str| {
        let mut record = record(all(540.25, 0.2), &[earlier(0, 500.0)]);
        let names = ["応答時間 p95", "🦀 errors", third];
        let objectives = record.evaluation.objectives.iter_mut().flatten();
        for (objective, name) in objectives.zip(names) {
            objective.display_name = name.to_owned();
        }
        table(&record, Detail::Brief, PLAIN)
    };
    let combining = "de\u{301}bit";
    assert_eq!(
        draw(combining).replace(combining, "d\u{e9}bit"),
        draw("d\u{e9}bit")
    );
    insta::assert_snapshot!(draw("d\u{e9}bit"), @"
    sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z
    labels: build=17

              SLI                       Value   Baseline   Change   Passes if            Points
    ────────────────────────────────────────────────────────────────────────────────────────────
     ✓ pass   応答時間 p95             540.25        500   +8.1 %   <=+10% (550), <600      2/2
     ✓ pass   🦀 errors (key)             0.2                       <1                      1/1
     i info   débit             87.1235 req/s

    Compared with 1 earlier evaluation: earlier-0 of 2024-01-30 10:00:00Z

    ✓ PASS  score 100 of 100 (90 to pass, 50 for a warning)
    ");
}

#[test]
fn thirty_objectives_keep_their_numbers_whole_at_80_columns() {
    let mut record = record(all(123_456.789, 0.2), &[earlier(0, 98_765.432_1)]);
    let objectives = record.evaluation.objectives.as_mut().unwrap();
    let mut one = objectives[0].clone();
    one.unit = Some("milliseconds".to_owned());
    let named = (0..30).map(|number| {
        let mut one = one.clone();
        one.display_name = format!("response_time_of_the_service_behind_the_service_{number}");
        one
    });
    *objectives = named.collect();
    for width in [80, 100, 200] {
        let style = TextStyle { width, ..PLAIN };
        let text = table(&record, Detail::Brief, style);
        let (rows, _) = text.split_once("✗ fail response").unwrap();
        assert_eq!(rows.matches("123457 milliseconds").count(), 30, "{text}");
        let baselines = rows.matches(" 98765.4 ").count();
        assert_eq!(baselines, if width < 200 { 0 } else { 30 }, "{text}");
        assert_eq!(rows.matches("<=+10% (108642)").count(), 30, "{text}");
        for line in rows.lines().skip(2) {
            assert!(line.width() <= usize::from(width), "{line}");
        }
    }
}
