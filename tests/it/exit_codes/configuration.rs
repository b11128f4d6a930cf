//! 78: `tidegate.yaml` or the environment is wrong.

use insta::assert_snapshot;

use crate::harness::{Answer, Gate};

/// Evaluates under a configuration that is not as it should be.
#[track_caller]
fn config(text: &str) -> Answer {
    let gate = Gate::of_value(500.0).file("tidegate.yaml", text);
    gate.refused(78)
}

#[test]
fn a_variable_that_is_not_set_ends_with_78_and_names_its_line() {
    let answer = config("providers:\n  prometheus:\n    url: http://${HOST}:${PORT:-9090}\n");
    assert_snapshot!(answer.stderr(), @r"
    tidegate.yaml:3:10: error: the environment variable `HOST` is not set
      |
    3 |     url: http://${HOST}:${PORT:-9090}
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = hint: set HOST, or give it a default: `${HOST:-value}`
    ");
}

#[test]
fn an_unknown_key_in_the_configuration_ends_with_78() {
    let answer = config("project: a\npolicies:\n  on_nodata: ignore\nfailon: never\n");
    assert_snapshot!(answer.stderr(), @"
    tidegate.yaml:3:3: error: unknown key `on_nodata` in `policies`
      |
    3 |   on_nodata: ignore
      |   ^^^^^^^^^
      = hint: did you mean `on_no_data`?

    tidegate.yaml:4:1: error: unknown key `failon` in tidegate.yaml
      |
    4 | failon: never
      | ^^^^^^
      = hint: did you mean `fail_on`?
    ");
}

#[test]
fn values_that_make_no_sense_in_the_configuration_end_with_78() {
    let answer = config(
        "policies: { on_error: shrug }\nproviders:\n  prometheus: { timeout: long, retry: { attempts: 0 } }\n  other: { url: ':' }\n",
    );
    assert_snapshot!(answer.stderr(), @r"
    tidegate.yaml:1:23: error: `on_error` can't be `shrug`
      |
    1 | policies: { on_error: shrug }
      |                       ^^^^^
      = hint: known are `fail`, `warning`, `ignore`, `inconclusive`, `error`, and `value: N`

    tidegate.yaml:3:3: error: the provider `prometheus` needs a `url`
      |
    3 |   prometheus: { timeout: long, retry: { attempts: 0 } }
      |   ^^^^^^^^^^
      = hint: such as `url: http://localhost:[port]`

    tidegate.yaml:3:26: error: `timeout` must be a duration above 0, not `long`
      |
    3 |   prometheus: { timeout: long, retry: { attempts: 0 } }
      |                          ^^^^
      = hint: write a number and a unit, such as `30s` or `1m30s`

    tidegate.yaml:3:51: error: `attempts` must be a whole number from 1 on, not 0
      |
    3 |   prometheus: { timeout: long, retry: { attempts: 0 } }
      |                                                   ^
      = hint: such as `attempts: 3`

    tidegate.yaml:4:3: error: the provider `other` needs a `type`
      |
    4 |   other: { url: ':' }
      |   ^^^^^
      = hint: `tidegate providers` lists the types
    ");
}

#[test]
fn broken_yaml_in_the_configuration_ends_with_78() {
    assert_snapshot!(config("providers: [\n").stderr(), @r"
    tidegate.yaml:1:12: error: not valid YAML: a bracket is not closed
      |
    1 | providers: [
      |            ^
      = hint: add the closing `]` or `}`
    ");
}

#[test]
fn a_setting_of_the_configuration_that_makes_no_sense_ends_with_78() {
    assert_snapshot!(config("project: a\nfail_on: always\n").stderr(), @"error: tidegate.yaml:2: `fail_on` can't be `always`: known are fail, warning and never");
    assert_snapshot!(config("timeout: soon\n").stderr(), @"error: tidegate.yaml:1: `timeout` can't be `soon`: expected a number and a unit, such as `5m` or `1h30m`");
    assert_snapshot!(config("timeframe: soon\n").stderr(), @r"
    error: tidegate.yaml:1: could not parse provided timeframe: `soon` is not a duration: expected a number and a unit, such as `5m` or `1h30m`
      hint: such as 30m, 1h30m or 2d
    ");
    let output = Gate::of_value(500.0).file("tidegate.yaml", "output: xml\n");
    assert_snapshot!(output.run().code(78).says_nothing().stderr(), @"error: tidegate.yaml:1: `output` can't be `xml`: known are table, json, yaml, markdown, html, junit, tap, csv, openmetrics, sarif, codequality, checkstyle, jenkins-issues, gitlab-annotations, dotenv, nagios, badge, shields, cdevents, in-toto, keptn-event, keptn-events");
}

#[test]
fn a_variable_that_makes_no_sense_ends_with_78() {
    let with = |name: &str, value: &str| Gate::of_value(500.0).env(name, value).refused(78);
    assert_snapshot!(with("TIDEGATE_FAIL_ON", "never ever").stderr(), @"error: TIDEGATE_FAIL_ON can't be `never ever`: known are fail, warning and never");
    assert_snapshot!(with("TIDEGATE_TIMEOUT", "0").stderr(), @"error: TIDEGATE_TIMEOUT can't be `0`: it must be above 0");
    assert_snapshot!(with("TIDEGATE_TIMEFRAME", "10s").stderr(), @r"
    error: TIDEGATE_TIMEFRAME: end date must be at least 1 minute after start date, but the window is [time] to [time]
      hint: the window needs at least a minute: try --timeframe 5m
    ");
    assert_snapshot!(with("TIDEGATE_LABELS", "build").stderr(), @r"
    error: `build` is no label
      hint: write KEY=VALUE, such as --label build=17
    ");
    let output = Gate::of_value(500.0).env("TIDEGATE_OUTPUT", "xml");
    assert_snapshot!(output.run().code(78).says_nothing().stderr(), @"error: TIDEGATE_OUTPUT can't be `xml`: known are table, json, yaml, markdown, html, junit, tap, csv, openmetrics, sarif, codequality, checkstyle, jenkins-issues, gitlab-annotations, dotenv, nagios, badge, shields, cdevents, in-toto, keptn-event, keptn-events");
}

#[test]
fn no_provider_at_all_ends_with_78() {
    let gate = Gate::new()
        .file("slo.yaml", crate::harness::SLO)
        .file("sli.yaml", crate::harness::SLI)
        .args(["evaluate", "--event-log", "memory:"]);
    assert_snapshot!(gate.refused(78).stderr(), @"
    error: no provider is configured to ask for response_time
      hint: set PROMETHEUS_URL (or DT_TENANT and DT_API_TOKEN, or DD_API_KEY and DD_APP_KEY), define a provider in tidegate.yaml (tidegate init writes one), or bring --results or --values
    ");
}

#[test]
fn a_provider_that_is_not_defined_ends_with_78_where_the_configuration_names_it() {
    let gate = Gate::of_server("http://127.0.0.1:1").args(["--provider", "prometheu"]);
    assert_snapshot!(gate.run_with(["--quiet"]).says_nothing().stderr(), @"
    error: --provider: the provider `prometheu` is not defined
      hint: did you mean `prometheus`? Known are `file`, `prometheus`, and `static`
    ");
}

#[test]
fn a_prometheus_url_that_is_none_ends_with_78() {
    let gate = Gate::new()
        .file("slo.yaml", crate::harness::SLO)
        .env("PROMETHEUS_URL", "ftp://prometheus")
        .args(["evaluate", "--event-log", "memory:"]);
    assert_snapshot!(gate.refused(78).stderr(), @r"
    error: PROMETHEUS_URL can't be used: the URL starts with `ftp://`, which is neither `http://` nor `https://`
      hint: such as http://localhost:[port]
    ");
}

#[test]
fn a_credential_file_that_is_missing_ends_with_78() {
    let answer =
        config("providers:\n  prometheus: { url: 'http://a', auth: { bearer_file: token } }\n");
    assert_snapshot!(answer.stderr(), @r"
    tidegate.yaml:2:55: error: `[folder]/token` can't be read: No such file or directory (os error 2)
      |
    2 |   *********** { url: *********** auth: { bearer_file: ***** } }
      |                                                       ^^^^^
      = hint: the file holds the credential and nothing else
    ");
}

#[test]
fn a_log_whose_url_makes_no_sense_ends_with_78() {
    let gate = Gate::of_value(500.0).file("tidegate.yaml", "event_log: history.txt\n");
    assert_eq!(gate.run().code(0).stderr(), "");
    let remote = Gate::new()
        .file("slo.yaml", crate::harness::SLO)
        .file("values.json", r#"{"response_time": 500}"#)
        .args(["evaluate", "--values", "values.json"])
        .args(["--event-log", "postgres://me@db/x?sslmode=maybe"]);
    let answer = remote.refused(78);
    assert_snapshot!(answer.stderr(), @"
    error: the event log `postgres://db/x` can't be used
      because: `sslmode=maybe` is none of disable, prefer, require, verify-ca, verify-full
      hint: docs/event-log.md says how each kind of log is written
    ");
}
