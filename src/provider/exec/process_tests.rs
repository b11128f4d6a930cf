//! Real programs: honest ones, and ones that hang, flood, lie, and leave children behind.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    reason = "writes programs into a folder of its own, and reads what they wrote"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Batch, Exec, ExecFormat, ExecSettings, Pin, PluginConfig, UnitSuffix};
use crate::gate::{FailureKind, FetchFailure, Outcome, ProviderName, Reading};
use crate::net::{RetrySettings, Secret};
use crate::provider::contract::{self, Heard};
use crate::provider::{CheckOutcome, Provider as _};

/// A plug-in that answers every indicator: 7 to the query `good`, no data to any other.
const HONEST: &str = r#"
[ "$1" = fetch ] || exit 2
request=$(cat)
names() { printf '%s' "$request" | grep -o '"name":"sli_[0-9]*","query":"[^"]*"'; }
printf '{"apiVersion":"tidegate.exec/v1","kind":"FetchResponse","results":['
names | sed 's/"query":"good"/"status":"ok","value":7/; s/"query":"[^"]*"/"status":"no_data","message":"nothing"/; s/^/{/; s/$/}/; $!s/$/,/'
printf ']}'
"#;

/// The answer of one indicator with a value.
const SEVEN: &str = r#"{"apiVersion":"tidegate.exec/v1","kind":"FetchResponse","results":[{"name":"sli_0","status":"ok","value":7}]}"#;

/// A folder with a script that is the program.
struct Plugin {
    folder: tempfile::TempDir,
    settings: ExecSettings,
}

impl Plugin {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plugin.sh"), script).unwrap();
        let command = ["/bin/sh", "plugin.sh"].map(str::to_owned).to_vec();
        let mut settings = ExecSettings::new(command, folder.path().to_owned());
        let path = Secret::new(std::env::var("PATH").unwrap());
        settings.environment.insert("PATH".to_owned(), path);
        settings.retry = RetrySettings {
            attempts: 3,
            base: Duration::from_millis(1),
            max: Duration::from_millis(2),
            seed: 7,
        };
        Self { folder, settings }
    }

    fn format(script: &str, format: ExecFormat) -> Self {
        let mut plugin = Self::new(script);
        plugin.settings.format = format;
        plugin
    }

    fn open(&self) -> Exec {
        Exec::open(&ProviderName::new("plugin").unwrap(), &self.settings)
    }

    async fn fetch(&self, queries: &[&str]) -> Vec<Reading> {
        contract::fetch(&self.open(), &contract::context(), queries).await
    }

    /// Asks one query.
    async fn ask(&self) -> Reading {
        self.fetch(&["good"]).await.remove(0)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

fn failure(reading: &Reading) -> &FetchFailure {
    match &reading.outcome {
        Outcome::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn value(reading: &Reading) -> f64 {
    match &reading.outcome {
        Outcome::Value(value) => value.get(),
        other => panic!("{other:?}"),
    }
}

/// Waits until a process is gone.
fn wait_until_gone(pid: &str) {
    let path = format!("/proc/{}/stat", pid.trim());
    let start = Instant::now();
    while let Ok(text) = std::fs::read_to_string(&path) {
        // A process that ended and that nobody has waited for yet is gone, too.
        if text.contains(") Z ") {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{text}");
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn an_honest_plug_in_keeps_the_contract() {
    let mut plugin = Plugin::new(HONEST);
    contract::check(&plugin.open(), &contract::context(), "good", "bad").await;
    plugin.settings.batch = Batch::Single;
    let readings = plugin.fetch(&["good", "bad", "good"]).await;
    assert_eq!(value(&readings[2]), 7.0);
    assert!(matches!(readings[1].outcome, Outcome::NoData(_)));
    assert_eq!(readings[0].endpoint.as_deref(), Some("/bin/sh plugin.sh"));
}

#[tokio::test]
async fn the_request_comes_on_stdin_with_the_verb_as_the_last_argument() {
    let script = format!("cat > request; echo \"$@\" > args; printf '%s' '{SEVEN}'");
    let mut plugin = Plugin::new(&script);
    plugin.settings.config = PluginConfig::new(json!({"token": "t0ken-1234"}));
    assert_eq!(value(&plugin.ask().await), 7.0);
    let request: Value = serde_json::from_str(&plugin.read("request")).unwrap();
    assert_eq!(request["provider"]["config"]["token"], "t0ken-1234");
    assert_eq!(request["indicators"][0]["query"], "good");
    assert_eq!(plugin.read("args"), "fetch\n");
}

#[tokio::test]
async fn the_program_sees_no_variable_that_it_is_not_allowed() {
    let script = format!("env > environment; printf '%s' '{SEVEN}'");
    let mut plugin = Plugin::new(&script);
    let secret = Secret::new("allowed");
    plugin
        .settings
        .environment
        .insert("MINE".to_owned(), secret);
    plugin.ask().await;
    let text = plugin.read("environment");
    let mut names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split('=').next())
        .collect();
    names.retain(|name| !matches!(*name, "PWD" | "OLDPWD" | "SHLVL" | "_"));
    names.sort_unstable();
    assert_eq!(names, ["MINE", "PATH"]);
}

#[tokio::test]
async fn a_program_that_hangs_is_stopped_with_all_that_it_started() {
    let script = "sleep 600 & echo $! > child; trap 'echo asked > asked; exit 0' TERM; echo waiting >&2; wait";
    let mut plugin = Plugin::new(script);
    plugin.settings.timeout = Duration::from_millis(500);
    let start = Instant::now();
    let reading = plugin.ask().await;
    assert!(start.elapsed() < Duration::from_secs(4));
    let failure = failure(&reading);
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert_eq!(
        failure.message,
        "`/bin/sh plugin.sh`: it did not end within 500ms, and was stopped; it had said: waiting; set a longer `timeout`, or see what it waits for"
    );
    wait_until_gone(&plugin.read("child"));
    assert_eq!(plugin.read("asked"), "asked\n");
    assert_eq!(reading.attempts, 1);
}

#[tokio::test]
async fn a_program_that_ignores_the_request_to_end_is_killed_after_five_seconds() {
    let script =
        "trap '' TERM; sh -c \"trap '' TERM; echo \\$\\$ > child; while :; do sleep 1; done\"";
    let mut plugin = Plugin::new(script);
    plugin.settings.timeout = Duration::from_millis(300);
    let start = Instant::now();
    let reading = plugin.ask().await;
    let took = start.elapsed();
    assert!(
        took > Duration::from_secs(5) && took < Duration::from_secs(15),
        "{took:?}"
    );
    assert_eq!(failure(&reading).kind, FailureKind::Unavailable);
    wait_until_gone(&plugin.read("child"));
}

#[tokio::test]
async fn children_end_when_nobody_waits_for_the_answer_any_more() {
    let plugin = Plugin::new("sleep 600 & echo $! > child.new; mv child.new child; wait");
    let exec = plugin.open();
    let (context, requests, heard) = (
        contract::context(),
        contract::requests(&["good"]),
        Heard::default(),
    );
    let child = plugin.path("child");
    tokio::select! {
        _ = crate::provider::Provider::fetch(&exec, &context, &requests, &heard) => panic!("it ended"),
        () = until_there(&child) => {}
    }
    wait_until_gone(&plugin.read("child"));
}

/// Waits until a file is there.
async fn until_there(path: &Path) {
    while !path.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_flood_on_stdout_ends_the_program() {
    let mut plugin = Plugin::new("echo $$ > child; exec yes");
    plugin.settings.max_output = 100_000;
    let reading = plugin.ask().await;
    let failure = failure(&reading);
    assert_eq!(failure.kind, FailureKind::BadAnswer);
    assert_eq!(
        failure.message,
        "`/bin/sh plugin.sh`: it printed more than 100000 bytes, and was stopped; set `max_output` if it must print that much"
    );
    wait_until_gone(&plugin.read("child"));
}

#[tokio::test]
async fn a_flood_on_stderr_stops_nobody() {
    let script = format!("head -c 20000000 /dev/zero >&2; printf '%s' '{SEVEN}'");
    assert_eq!(value(&Plugin::new(&script).ask().await), 7.0);
}

#[tokio::test]
async fn stdin_need_not_be_read() {
    let mut plugin = Plugin::new(&format!("exec <&-; printf '%s' '{SEVEN}'"));
    plugin.settings.config = PluginConfig::new(Value::from("x".repeat(1_000_000)));
    assert_eq!(value(&plugin.ask().await), 7.0);
}

#[tokio::test]
async fn a_program_that_fails_fails_its_batch_and_shows_the_end_of_stderr_without_secrets() {
    let mut plugin =
        Plugin::new("echo out; seq 1 100000 >&2; echo \"the token is $TOKEN\" >&2; exit 3");
    let token = Secret::new("t0ken-1234");
    plugin
        .settings
        .environment
        .insert("TOKEN".to_owned(), token.clone());
    plugin.settings.secrets = vec![token];
    let readings = plugin.fetch(&["good", "other"]).await;
    for reading in &readings {
        let failure = failure(reading);
        assert_eq!(failure.kind, FailureKind::Unavailable);
        let message = &failure.message;
        assert!(
            message.starts_with("`/bin/sh plugin.sh`: it failed with exit code 3: …"),
            "{message}"
        );
        assert!(
            message.ends_with("99999 100000 the token is ***"),
            "{message}"
        );
        assert!(message.len() > 4000);
        assert!(failure.message.len() < 4300);
        assert_eq!(reading.attempts, 1);
    }
}

#[tokio::test]
async fn codes_tell_what_kind_of_failure_it_is() {
    for (code, kind, attempts) in [
        (1, FailureKind::Unavailable, 1),
        (64, FailureKind::BadQuery, 1),
        (75, FailureKind::Throttled, 3),
        (77, FailureKind::NotAuthorised, 1),
    ] {
        let reading = Plugin::new(&format!("exit {code}")).ask().await;
        let failure = failure(&reading);
        assert_eq!((failure.kind, reading.attempts), (kind, attempts));
        let expected =
            format!("`/bin/sh plugin.sh`: it failed with exit code {code}: it said nothing");
        assert_eq!(failure.message, expected);
    }
    let reading = Plugin::new("kill -9 $$").ask().await;
    assert!(failure(&reading).message.contains("signal: 9"));
}

#[tokio::test]
async fn only_what_may_pass_is_asked_again() {
    let script = r#"
request=$(cat); echo run >> runs
case $(wc -l < runs) in
1) printf '{"apiVersion":"tidegate.exec/v1","kind":"FetchResponse","results":[{"name":"sli_0","status":"ok","value":1},{"name":"sli_1","status":"error","retryable":true,"message":"busy"},{"name":"sli_2","status":"error","message":"no"}]}' ;;
*) printf '%s' "$request" > second
   printf '{"apiVersion":"tidegate.exec/v1","kind":"FetchResponse","results":[{"name":"sli_1","status":"ok","value":2}]}' ;;
esac"#;
    let plugin = Plugin::new(script);
    let readings = plugin.fetch(&["a", "b", "c"]).await;
    assert_eq!((value(&readings[0]), readings[0].attempts), (1.0, 1));
    assert_eq!((value(&readings[1]), readings[1].attempts), (2.0, 2));
    assert_eq!(failure(&readings[2]).message, "no");
    let second: Value = serde_json::from_str(&plugin.read("second")).unwrap();
    assert_eq!(second["indicators"].as_array().unwrap().len(), 1);
    assert_eq!(plugin.read("runs"), "run\nrun\n");
}

#[tokio::test]
async fn a_result_that_is_missing_harms_its_own_indicator_only() {
    let plugin = Plugin::new(&format!("printf '%s' '{SEVEN}'"));
    let readings = plugin.fetch(&["a", "b"]).await;
    assert_eq!(value(&readings[0]), 7.0);
    assert!(
        failure(&readings[1])
            .message
            .contains("no result for `sli_1`")
    );
}

#[tokio::test]
async fn a_program_that_is_not_there_says_how_to_get_it() {
    let mut plugin = Plugin::new("");
    plugin.settings.command = vec!["./missing".to_owned()];
    plugin.settings.install_hint = Some("pip install it".to_owned());
    let reading = plugin.ask().await;
    let message = &failure(&reading).message;
    assert!(
        message.contains("there is no program")
            && message.ends_with("to install it: pip install it"),
        "{message}"
    );
    plugin.settings.command = vec!["./plugin.sh".to_owned()];
    let reading = plugin.ask().await;
    assert!(failure(&reading).message.contains("chmod +x"));
}

#[tokio::test]
async fn a_program_that_is_not_the_pinned_one_is_not_run() {
    let mut plugin = Plugin::new(&format!("touch ran; printf '%s' '{SEVEN}'"));
    plugin.settings.pin = Some(Pin::of(Path::new("/bin/sh")).unwrap());
    assert_eq!(value(&plugin.ask().await), 7.0);
    std::fs::remove_file(plugin.path("ran")).unwrap();
    plugin.settings.pin = Pin::parse(&"ab".repeat(32));
    let reading = plugin.ask().await;
    let message = &failure(&reading).message;
    assert!(
        message.contains("is not the program that is pinned"),
        "{message}"
    );
    assert!(!plugin.path("ran").exists());
}

#[tokio::test]
async fn at_most_as_many_programs_run_at_once_as_allowed() {
    let script = "mkdir -p running; touch running/$$; ls running | wc -l >> most; sleep 0.1; rm running/$$; echo 1";
    let mut plugin = Plugin::format(script, ExecFormat::Number(UnitSuffix::Refused));
    plugin.settings.parallel = std::num::NonZeroUsize::new(2).unwrap();
    let readings = plugin.fetch(&["a", "b", "c", "d", "e", "f"]).await;
    assert!(readings.iter().all(|reading| value(reading) == 1.0));
    let counts: Vec<u32> = plugin
        .read("most")
        .lines()
        .map(|line| line.trim().parse().unwrap())
        .collect();
    assert_eq!((counts.len(), counts.iter().max()), (6, Some(&2)));
}

#[tokio::test]
async fn one_number_a_query_which_is_an_argument_or_a_variable() {
    let mut plugin = Plugin::format(
        "echo \"$1\" | wc -c; cat",
        ExecFormat::Number(UnitSuffix::Refused),
    );
    plugin.settings.command.push("{query}".to_owned());
    let readings = plugin.fetch(&["abc", "a; echo $HOME `id`", "abc"]).await;
    assert_eq!(value(&readings[0]), 4.0);
    assert_eq!(value(&readings[1]), 19.0);
    let plugin = Plugin::format(
        "echo \"${#TIDEGATE_QUERY}\"",
        ExecFormat::Number(UnitSuffix::Refused),
    );
    assert_eq!(value(&plugin.fetch(&["four"]).await[0]), 4.0);
}

#[tokio::test]
async fn one_run_answers_every_name() {
    let plugin = Plugin::format(
        "echo run >> runs; printf 'p95 12\\nrate=0.5\\n'",
        ExecFormat::KeyValue(UnitSuffix::Refused),
    );
    contract::check(&plugin.open(), &contract::context(), "p95", "absent").await;
    assert_eq!(plugin.read("runs").lines().count(), 2);
}

#[tokio::test]
async fn the_code_of_a_check_is_no_failure_unless_it_is_unknown() {
    for code in [0, 1, 2] {
        let script = format!("echo \"X | 'a b'=0.5s;1;2\"; exit {code}");
        let reading = Plugin::format(&script, ExecFormat::Nagios)
            .fetch(&["a b"])
            .await
            .remove(0);
        assert_eq!(value(&reading), 500.0);
    }
    let plugin = Plugin::format(
        "echo 'UNKNOWN - no route | a=1'; exit 3",
        ExecFormat::Nagios,
    );
    let reading = plugin.fetch(&["a"]).await.remove(0);
    assert_eq!(
        failure(&reading).message,
        "`/bin/sh plugin.sh`: the check says UNKNOWN (exit code 3): UNKNOWN - no route | a=1"
    );
}

#[tokio::test]
async fn a_path_finds_a_number_in_json() {
    let plugin = Plugin::format("echo '{\"a\": {\"b\": 4}}'", ExecFormat::Json(None));
    let readings = plugin.fetch(&["$.a.b", "$.a.c"]).await;
    assert_eq!(value(&readings[0]), 4.0);
    assert!(matches!(readings[1].outcome, Outcome::NoData(_)));
}

#[tokio::test]
async fn a_number_from_a_program_that_failed_does_not_count() {
    let plugin = Plugin::format("echo 5; exit 1", ExecFormat::Number(UnitSuffix::Refused));
    assert_eq!(failure(&plugin.ask().await).kind, FailureKind::Unavailable);
}

#[tokio::test]
async fn a_doctor_hears_what_a_plug_in_says_of_itself() {
    let describe = r#"[ "$1" = describe ] && printf '{"apiVersion":"tidegate.exec/v1","kind":"Description","name":"demo","version":"1.2"}'"#;
    let last = |checks: Vec<crate::provider::Check>| checks.into_iter().last().unwrap().outcome;
    let outcome = last(Plugin::new(describe).open().probe().await);
    assert_eq!(
        outcome,
        CheckOutcome::Good("demo 1.2, tidegate.exec/v1".to_owned())
    );
    let outcome = last(Plugin::new("exit 2").open().probe().await);
    assert!(matches!(outcome, CheckOutcome::Skipped(_)));
    let outcome = last(Plugin::new("echo hello").open().probe().await);
    assert!(matches!(outcome, CheckOutcome::Odd { .. }));
    let mut plugin = Plugin::new("");
    plugin.settings.command = vec!["./missing".to_owned()];
    let outcome = last(plugin.open().probe().await);
    assert!(matches!(outcome, CheckOutcome::Bad { .. }));
}
