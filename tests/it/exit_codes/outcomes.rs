//! What a verdict ends as: `--fail-on`, `--on-fail`, and `--on-warning`, typed, in the environment, and in the file.

use insta::assert_snapshot;

use crate::harness::Gate;

/// A value for each verdict, and how it ends where nobody says anything.
const VERDICTS: [(f64, &str, i32); 3] = [
    (500.0, "pass", 0),
    (700.0, "warning", 3),
    (900.0, "fail", 1),
];

/// What `pass`, `warning` and `fail` end as.
fn code_of(word: &str) -> i32 {
    match word {
        "pass" => 0,
        "warning" => 3,
        "fail" => 1,
        _ => panic!("{word}"),
    }
}

#[test]
fn each_verdict_ends_as_is_said_and_the_report_shows_it_as_it_is() {
    for (value, verdict, usual) in VERDICTS {
        for setting in ["on_fail", "on_warning"] {
            for word in ["pass", "warning", "fail"] {
                let is_meant = setting.ends_with(verdict);
                let code = if is_meant { code_of(word) } else { usual };
                let flag = format!("--{}", setting.replace('_', "-"));
                let variable = format!("TIDEGATE_{}", setting.to_uppercase());
                let gate = || Gate::of_value(value).args(["-o", "json"]);
                for gate in [
                    gate().args([flag.as_str(), word]),
                    gate().env(&variable, word),
                    gate().file("tidegate.yaml", format!("{setting}: {word}\n")),
                    gate()
                        .file("tidegate.yaml", format!("{setting}: fail\n"))
                        .env(&variable, word),
                    gate().env(&variable, "fail").args([flag.as_str(), word]),
                ] {
                    let document = gate.run().code(code).json();
                    assert_eq!(document["result"], verdict);
                }
            }
        }
    }
}

#[test]
fn fail_on_yields_to_what_is_said_of_one_verdict_in_the_same_way() {
    for (value, file, code) in [
        (700.0, "fail_on: never\non_warning: fail\n", 1),
        (900.0, "fail_on: never\non_warning: fail\n", 0),
        (900.0, "fail_on: fail\non_fail: warning\n", 3),
    ] {
        Gate::of_value(value)
            .file("tidegate.yaml", file)
            .run()
            .code(code);
    }
}

#[test]
fn fail_on_that_is_typed_wins_over_what_a_file_says_of_one_verdict() {
    let gate = |value: f64| {
        Gate::of_value(value).file("tidegate.yaml", "on_fail: pass\non_warning: pass\n")
    };
    gate(700.0).run().code(0);
    gate(700.0).args(["--fail-on", "warning"]).run().code(1);
    gate(900.0).env("TIDEGATE_FAIL_ON", "fail").run().code(1);
    gate(900.0)
        .env("TIDEGATE_FAIL_ON", "fail")
        .args(["--on-fail", "warning"])
        .run()
        .code(3);
}

#[test]
fn no_word_hides_that_there_is_no_verdict() {
    for word in ["pass", "warning"] {
        let words = ["--on-fail", word, "--on-warning", "pass"];
        Gate::of_value(500.0)
            .file("slo.yaml", "objectives: 7\n")
            .args(words)
            .refused(65);
    }
}

#[test]
fn a_word_that_means_nothing_is_refused_where_it_stands() {
    Gate::of_value(500.0)
        .args(["--on-fail", "never"])
        .run()
        .code(64);
    Gate::of_value(500.0)
        .args(["--on-fail", "pass", "--fail-on", "never"])
        .run()
        .code(64);
    let gate = Gate::of_value(500.0).env("TIDEGATE_ON_WARNING", "orange");
    assert_snapshot!(gate.run().code(78).stderr(), @"error: TIDEGATE_ON_WARNING can't be `orange`: known are pass, warning and fail");
}
