//! Each recipe's script, for every way in which a gate can end.

use super::script::{SYSTEMS, System};
use super::tools::is_there;
use super::workshop::{Ended, VERSION, Workshop};

/// Checks how a script ended.
#[track_caller]
fn ends(system: System, ended: &Ended, code: i32) {
    assert_eq!(ended.code, Some(code), "{system:?}: {}", ended.said);
}

/// Returns the report for programs.
fn report(workshop: &Workshop) -> serde_json::Value {
    let text = std::fs::read_to_string(workshop.path("tidegate-report/report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_verdict_ends_with_the_code_that_the_system_can_show_and_leaves_reports() {
    if !is_there("curl") {
        return;
    }
    for system in SYSTEMS {
        let cases = [
            (500.0, 0, "pass"),
            (700.0, system.warning(), "warning"),
            (900.0, 1, "fail"),
        ];
        for (value, code, verdict) in cases {
            let workshop = Workshop::of_value(value);
            ends(system, &workshop.run(system, &[]), code);
            assert_eq!(report(&workshop)["result"], verdict, "{system:?}");
            for path in [
                system.junit(),
                "tidegate-report/report.html",
                "tidegate-report/report.md",
            ] {
                let length = std::fs::metadata(workshop.path(path)).unwrap().len();
                assert!(length > 0, "{system:?}: {path}");
            }
        }
    }
}

#[test]
fn gitlab_gets_the_reports_that_its_template_names() {
    if !is_there("curl") {
        return;
    }
    let (_, job) = super::script::component();
    let job = &super::script::yaml(&job)["$[[ inputs.job-name ]]"];
    let reports = job["artifacts"]["reports"].as_object().unwrap();
    let workshop = Workshop::of_value(900.0);
    ends(System::Gitlab, &workshop.run(System::Gitlab, &[]), 1);
    assert_eq!(reports.len(), 5);
    for (kind, path) in reports {
        let path = workshop.path(path.as_str().unwrap());
        assert!(path.is_file(), "{kind}: {}", path.display());
    }
}

#[test]
fn without_a_verdict_the_code_is_a_hard_error_whatever_failed() {
    if !is_there("curl") {
        return;
    }
    for system in SYSTEMS {
        let workshop = Workshop::of_value(500.0);
        let nobody = "providers: {prometheus: {url: 'http://127.0.0.1:1', retry: {attempts: 1}}}\n";
        std::fs::write(workshop.path("tidegate.yaml"), nobody).unwrap();
        std::fs::write(workshop.path("carts/sli.yaml"), crate::harness::SLI).unwrap();
        ends(system, &workshop.run(system, &[("GATE_VALUES", "")]), 69);
        std::fs::write(workshop.path("values.json"), "no json").unwrap();
        ends(system, &workshop.run(system, &[]), 65);
        ends(
            system,
            &workshop.run(system, &[("GATE_FOLDER", "nowhere")]),
            66,
        );
    }
}

#[test]
fn a_download_that_fails_is_never_taken_for_a_verdict_and_nothing_old_is_left() {
    if !is_there("curl") {
        return;
    }
    for system in SYSTEMS {
        let workshop = Workshop::of_value(500.0);
        ends(system, &workshop.run(system, &[]), 0);
        let elsewhere = format!("{}/elsewhere", workshop.url());
        let wrong = workshop.sha256().replace(|c: char| c.is_ascii_digit(), "0");
        let cases: [(&[(&str, &str)], i32); 6] = [
            (&[("TIDEGATE_SHA256", &wrong)], 65),
            (&[("TIDEGATE_SHA256", "")], 78),
            (&[("TIDEGATE_DOWNLOAD_URL", "")], 78),
            (&[("TIDEGATE_DOWNLOAD_URL", &elsewhere)], 69),
            // curl itself ends with 3, which is a warning of tidegate's, where a URL is malformed.
            (&[("TIDEGATE_DOWNLOAD_URL", "http://[")], 69),
            (&[("TIDEGATE_VERSION", "0.0.0")], 69),
        ];
        for (given, code) in cases {
            ends(system, &workshop.run(system, given), code);
            for path in ["tidegate-report/report.json", system.junit()] {
                assert!(!workshop.path(path).exists(), "{system:?}: {given:?}");
            }
        }
    }
}

#[test]
fn an_image_that_has_tidegate_needs_no_download_and_one_that_has_none_is_told() {
    for system in SYSTEMS {
        let workshop = Workshop::of_value(500.0);
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_tidegate"));
        let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
        let nothing = ("TIDEGATE_VERSION", "");
        let url = ("TIDEGATE_DOWNLOAD_URL", "");
        ends(
            system,
            &workshop.run(system, &[nothing, url, ("PATH", &path)]),
            0,
        );
        let ended = workshop.run(system, &[nothing, url, ("PATH", "/usr/bin:/bin")]);
        ends(system, &ended, 78);
        assert!(
            ended.said.contains("set TIDEGATE_VERSION"),
            "{}",
            ended.said
        );
    }
}

#[test]
fn the_history_that_a_recipe_keeps_is_compared_with() {
    if !is_there("curl") {
        return;
    }
    for system in SYSTEMS {
        let Some(history) = system.history() else {
            continue;
        };
        let workshop = Workshop::of_value(500.0);
        let first = workshop.run(system, &[]);
        assert!(
            first.said.contains("Compared with no earlier evaluation"),
            "{}",
            first.said
        );
        // What is kept is one complete file.
        let log = workshop.path(history);
        let kept: Vec<_> = std::fs::read_dir(log.parent().unwrap()).unwrap().collect();
        assert_eq!(kept.len(), 1, "{system:?}: {kept:?}");
        assert!(log.is_file(), "{system:?}");
        let second = workshop.run(system, &[]);
        assert!(
            !second.said.contains("Compared with no earlier evaluation"),
            "{}",
            second.said
        );
        // A server of the user's wins.
        let own = workshop.run(system, &[("TIDEGATE_EVENT_LOG", "memory:")]);
        assert!(
            own.said.contains("Compared with no earlier evaluation"),
            "{}",
            own.said
        );
    }
}

#[test]
fn bitbucket_says_that_it_keeps_no_history() {
    if !is_there("curl") {
        return;
    }
    let workshop = Workshop::of_value(500.0);
    let ended = workshop.run(System::Bitbucket, &[]);
    assert!(
        ended.said.contains("note: TIDEGATE_EVENT_LOG is not set"),
        "{}",
        ended.said
    );
    let ended = workshop.run(System::Bitbucket, &[("TIDEGATE_EVENT_LOG", "memory:")]);
    assert!(!ended.said.contains("note: "), "{}", ended.said);
}

#[test]
fn no_input_is_ever_run_as_shell_or_read_as_a_flag() {
    if !is_there("curl") {
        return;
    }
    let hostile = [
        "carts; touch owned #",
        "$(touch owned)",
        "`touch owned`",
        "' ; touch owned; '",
        "--help",
    ];
    for system in SYSTEMS {
        let workshop = Workshop::of_value(500.0);
        for text in hostile {
            for name in [
                "GATE_FOLDER",
                "GATE_VALUES",
                "GATE_START",
                "GATE_END",
                "TIDEGATE_TIMEFRAME",
            ] {
                let ended = workshop.run(system, &[(name, text)]);
                assert!(
                    ended.code.is_some_and(|code| code >= 64),
                    "{system:?}: {name}={text}: {}",
                    ended.said
                );
                assert!(
                    !workshop.path("owned").exists(),
                    "{system:?}: {name}={text}"
                );
            }
        }
    }
}

#[test]
fn github_learns_whether_there_is_a_history_to_keep() {
    if !is_there("curl") {
        return;
    }
    let outputs =
        |workshop: &Workshop| std::fs::read_to_string(workshop.path("github-output")).unwrap();
    let workshop = Workshop::of_value(900.0);
    ends(System::Github, &workshop.run(System::Github, &[]), 1);
    let said = outputs(&workshop);
    assert!(
        said.starts_with("result=error\n") && said.ends_with("stored=true\n"),
        "{said}"
    );
    let workshop = Workshop::of_value(500.0);
    let unreachable = [("TIDEGATE_DOWNLOAD_URL", "http://127.0.0.1:1")];
    ends(
        System::Github,
        &workshop.run(System::Github, &unreachable),
        69,
    );
    assert_eq!(outputs(&workshop), "result=error\n");
}

#[test]
fn buildkite_shows_the_report_on_the_page_of_the_build() {
    if !is_there("curl") {
        return;
    }
    // The agent's own program only speaks to Buildkite: this one keeps what it is told.
    let cases = [
        (500.0, 0, "success"),
        (700.0, 3, "warning"),
        (900.0, 1, "error"),
    ];
    for (value, code, style) in cases {
        let workshop = Workshop::of_value(value);
        std::fs::write(
            workshop.path("buildkite-agent"),
            "echo \"$*\" >told; cat >>told\n",
        )
        .unwrap();
        super::tools::succeed(
            std::process::Command::new("chmod")
                .arg("+x")
                .arg(workshop.path("buildkite-agent")),
        );
        let path = format!(
            "{}:{}",
            workshop.path("").display(),
            std::env::var("PATH").unwrap()
        );
        ends(
            System::Buildkite,
            &workshop.run(System::Buildkite, &[("PATH", &path)]),
            code,
        );
        let told = std::fs::read_to_string(workshop.path("told")).unwrap();
        let report = std::fs::read_to_string(workshop.path("tidegate-report/report.md")).unwrap();
        assert_eq!(
            told,
            format!("annotate --style {style} --context tidegate-gate\n{report}")
        );
    }
}

#[test]
fn buildkite_keeps_branches_of_like_names_apart_and_wants_a_place_for_them() {
    if !is_there("curl") {
        return;
    }
    let workshop = Workshop::of_value(500.0);
    for branch in ["feature/x", "feature_x"] {
        let ended = workshop.run(System::Buildkite, &[("BUILDKITE_BRANCH", branch)]);
        ends(System::Buildkite, &ended, 0);
    }
    let kept = std::fs::read_dir(workshop.path("home/.tidegate/shop")).unwrap();
    assert_eq!(kept.count(), 2);
    let homeless = workshop.run(System::Buildkite, &[("HOME", "")]);
    ends(System::Buildkite, &homeless, 78);
    assert!(
        homeless.said.contains("HOME is not set"),
        "{}",
        homeless.said
    );
}

#[test]
fn the_recipes_name_this_version() {
    for system in SYSTEMS {
        let script = system.script();
        let environment = script.environment(&[]);
        let fallback = format!("TIDEGATE_VERSION=\"${{TIDEGATE_VERSION-{VERSION}}}\"");
        let named = environment.get("TIDEGATE_VERSION").map(String::as_str);
        assert!(
            named == Some(VERSION) || script.text.contains(&fallback),
            "{system:?}: {named:?}"
        );
    }
}
