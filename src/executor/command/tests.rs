//! Real programs as tasks.

#![expect(clippy::disallowed_methods, reason = "writes programs to run")]

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::{CommandExecutor, CommandSettings};
use crate::executor::{Answer, Assignment, Attempt, Executor as _, Finish, Voice};
use crate::gate::Verdict;
use crate::gate::event::CloudEvent;
use crate::net::Secret;
use crate::sequence::TaskStatus;

/// Remembers the lines.
#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl Voice for Lines {
    fn line(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

/// A task of a kind.
fn assignment() -> Assignment {
    let data = json!({
        "project": "shop", "stage": "dev", "service": "carts",
        "configurationChange": {"values": {"image": "carts:1; rm -rf /"}},
    });
    Assignment {
        task: "deployment".to_owned(),
        event: CloudEvent {
            id: "t1".to_owned(),
            specversion: "1.0".to_owned(),
            event_type: "sh.keptn.event.deployment.triggered".to_owned(),
            data: data.into(),
            ..CloudEvent::default()
        },
        deadline: None,
        attempt: Attempt::First,
    }
}

/// A folder for programs and files.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Settings for a script of `sh`.
    fn script(&self, script: &str) -> CommandSettings {
        let file = self.path().join("task.sh");
        std::fs::write(&file, script).unwrap();
        let mut settings = CommandSettings::new(
            vec!["sh".to_owned(), "task.sh".to_owned()],
            self.path().into(),
        );
        let path = "/usr/local/bin:/usr/bin:/bin";
        settings
            .environment
            .insert("PATH".to_owned(), Secret::new(path));
        settings.timeout = Duration::from_secs(60);
        settings
    }

    /// Runs a command; returns what it came to, and what it said.
    async fn run(&self, settings: CommandSettings) -> (Finish, Vec<String>) {
        let lines = Lines::default();
        let scratch = self.path().join("scratch");
        std::fs::create_dir_all(&scratch).unwrap();
        let executor = CommandExecutor::new(settings, scratch.clone());
        let Answer::Finished(finish) = executor.execute(&assignment(), &lines).await else {
            panic!("a command always finishes");
        };
        assert_eq!(std::fs::read_dir(scratch).unwrap().count(), 0);
        (finish, lines.0.into_inner().unwrap())
    }

    /// Runs a script; returns status, result, message, and data.
    async fn say(&self, script: &str) -> String {
        let (finish, _) = self.run(self.script(script)).await;
        let Finish {
            status,
            result,
            message,
            data,
            labels,
        } = finish;
        format!(
            "{} {} {:?} {} {}",
            status.as_str(),
            result.as_str(),
            message,
            json!(data),
            json!(labels)
        )
    }
}

#[tokio::test]
async fn the_exit_code_says_what_came_of_it() {
    let bench = Bench::new();
    let mut said = Vec::new();
    for code in [0, 1, 2, 3, 63, 64, 127] {
        said.push(bench.say(&format!("echo busy >&2; exit {code}")).await);
    }
    said.push(bench.say("kill -9 $$").await);
    insta::assert_snapshot!(said.join("\n"), @r#"
    succeeded pass "" {} {}
    succeeded fail "`sh task.sh` ended with exit code 1: busy" {} {}
    succeeded fail "`sh task.sh` ended with exit code 2: busy" {} {}
    succeeded warning "`sh task.sh` ended with exit code 3: busy" {} {}
    succeeded fail "`sh task.sh` ended with exit code 63: busy" {} {}
    errored fail "`sh task.sh`: it could not do its work (exit code 64): busy" {} {}
    errored fail "`sh task.sh`: it could not do its work (exit code 127): busy" {} {}
    errored fail "`sh task.sh`: it was ended from outside (signal: 9 (SIGKILL))" {} {}
    "#);
}

#[tokio::test]
async fn an_answer_in_json_says_more_and_the_worse_of_both_counts() {
    let bench = Bench::new();
    let mut said = Vec::new();
    for (answer, code) in [
        (
            r#"{"result":"pass","message":"ok","deployment":{"url":"u"},"labels":{"a":"b"}}"#,
            0,
        ),
        (r#"{"result":"warning","data":{"test":{"n":1}}}"#, 0),
        (r#"{"deployment":{"url":"u"}}"#, 0),
        (r#"{"result":"pass"}"#, 1),
        (r#"{"result":"pass"}"#, 3),
        (r#"{"result":"fail"}"#, 0),
        (r#"{"result":"pass","data":{"result":"fail"}}"#, 0),
        (r#"{"status":"errored","message":"no cluster"}"#, 0),
        (r#"{"result":"pass"}"#, 70),
        (r#"{"result":"good"}"#, 0),
        (r#"{"result":"pass","data":[]}"#, 0),
        (r#"{"result":"fail""#, 0),
        (r#"{"kind":"Pod","status":{"phase":"Running"}}"#, 0),
        (r#"{"level":"info"}"#, 0),
        ("[1]", 0),
        ("log: hello\n{\"result\": \"fail\"}", 0),
        ("hi\n{\n  \"result\": \"fail\"\n}", 0),
        ("hi {\"result\": \"fail\"}", 0),
        ("\u{feff}{\"result\": \"fail\"}", 0),
        (r#"[{"result": "fail"}]"#, 0),
        (r#"{"Result": "fail"}"#, 0),
        (r#"{"result": "fail", "result": "pass"}"#, 0),
        ("{\"result\": \"fail\"}\n{\"result\": \"pass\"}", 0),
        ("{\"result\": \"fail\"}\ndone", 0),
        (
            "{\"level\":\"info\",\"status\":200}\n{\"result\": \"pass\"}",
            0,
        ),
        (r#"{"deployment":{"result":"fail"}}"#, 0),
        (r#"{"data":{"result":"fail"}}"#, 0),
        (
            r#"{"result":"pass","deployment":{"checks":[{"result":"fail"}]}}"#,
            0,
        ),
        ("the result: fail is only text", 0),
    ] {
        let script = format!("cat <<'END'\n{answer}\nEND\nexit {code}");
        said.push(format!("{answer} {code}\n  {}", bench.say(&script).await));
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
    {"result":"pass","message":"ok","deployment":{"url":"u"},"labels":{"a":"b"}} 0
      succeeded pass "ok" {"deployment":{"url":"u"}} {"a":"b"}
    {"result":"warning","data":{"test":{"n":1}}} 0
      succeeded warning "" {"test":{"n":1}} {}
    {"deployment":{"url":"u"}} 0
      succeeded pass "" {"deployment":{"url":"u"}} {}
    {"result":"pass"} 1
      succeeded fail "`sh task.sh` ended with exit code 1" {} {}
    {"result":"pass"} 3
      succeeded warning "`sh task.sh` ended with exit code 3" {} {}
    {"result":"fail"} 0
      succeeded fail "" {} {}
    {"result":"pass","data":{"result":"fail"}} 0
      succeeded fail "" {} {}
    {"status":"errored","message":"no cluster"} 0
      errored fail "no cluster" {} {}
    {"result":"pass"} 70
      errored fail "`sh task.sh`: it could not do its work (exit code 70)" {} {}
    {"result":"good"} 0
      errored fail "`sh task.sh`: `result` of its answer must be pass, warning, or fail" {} {}
    {"result":"pass","data":[]} 0
      errored fail "`sh task.sh`: `data` of its answer must be an object" {} {}
    {"result":"fail" 0
      errored fail "`sh task.sh`: it printed something like an answer that is none; an answer is one JSON object as the last thing on stdout, begun on a line of its own, such as {\"result\": \"fail\"}; print logs to stderr" {} {}
    {"kind":"Pod","status":{"phase":"Running"}} 0
      succeeded pass "" {} {}
    {"level":"info"} 0
      succeeded pass "" {} {}
    [1] 0
      succeeded pass "" {} {}
    log: hello
    {"result": "fail"} 0
      succeeded fail "" {} {}
    hi
    {
      "result": "fail"
    } 0
      succeeded fail "" {} {}
    hi {"result": "fail"} 0
      errored fail "`sh task.sh`: it printed something like an answer that is none; an answer is one JSON object as the last thing on stdout, begun on a line of its own, such as {\"result\": \"fail\"}; print logs to stderr" {} {}
    ﻿{"result": "fail"} 0
      succeeded fail "" {} {}
    [{"result": "fail"}] 0
      errored fail "`sh task.sh`: it printed something like an answer that is none; an answer is one JSON object as the last thing on stdout, begun on a line of its own, such as {\"result\": \"fail\"}; print logs to stderr" {} {}
    {"Result": "fail"} 0
      errored fail "`sh task.sh`: `Result` of its answer must be written `result`" {} {}
    {"result": "fail", "result": "pass"} 0
      errored fail "`sh task.sh`: of its answer the key `result` is there twice at line 1 column 36; an answer is one JSON object as the last thing on stdout, begun on a line of its own, such as {\"result\": \"fail\"}; print logs to stderr" {} {}
    {"result": "fail"}
    {"result": "pass"} 0
      errored fail "`sh task.sh`: it printed a result `fail` before its last object; an answer is one JSON object as the last thing on stdout, begun on a line of its own, such as {\"result\": \"fail\"}; print logs to stderr" {} {}
    {"result": "fail"}
    done 0
      errored fail "`sh task.sh`: it printed something like an answer that is none; an answer is one JSON object as the last thing on stdout, begun on a line of its own, such as {\"result\": \"fail\"}; print logs to stderr" {} {}
    {"level":"info","status":200}
    {"result": "pass"} 0
      succeeded pass "" {} {}
    {"deployment":{"result":"fail"}} 0
      errored fail "`sh task.sh`: a part of what it printed has a result that is no pass, and the whole has none; say `result` at the top of the answer" {} {}
    {"data":{"result":"fail"}} 0
      succeeded fail "" {} {}
    {"result":"pass","deployment":{"checks":[{"result":"fail"}]}} 0
      succeeded pass "" {"deployment":{"checks":[{"result":"fail"}]}} {}
    the result: fail is only text 0
      succeeded pass "" {} {}
    "#);
}

#[tokio::test]
async fn the_event_comes_on_stdin_and_in_a_file_and_its_text_is_no_command() {
    let bench = Bench::new();
    let script = r#"
        test "$TIDEGATE_IMAGE" = 'carts:1; rm -rf /' || exit 1
        cat > stdin.json; cmp stdin.json "$TIDEGATE_EVENT_FILE" || exit 2
        echo "$TIDEGATE_TASK in $TIDEGATE_STAGE"
    "#;
    let (finish, lines) = bench.run(bench.script(script)).await;
    assert_eq!(
        (finish.result, lines),
        (Verdict::Pass, vec!["deployment in dev".to_owned()])
    );
    let stdin = std::fs::read(bench.path().join("stdin.json")).unwrap();
    let event: CloudEvent = serde_json::from_slice(&stdin).unwrap();
    assert_eq!(event, assignment().event);
}

#[tokio::test]
async fn a_command_sees_its_own_environment_and_nothing_of_ours() {
    let bench = Bench::new();
    let mut settings =
        bench.script("env | cut -d= -f1 | grep -v '^\\(_\\|PWD\\|OLDPWD\\|SHLVL\\)$' | sort");
    settings
        .environment
        .insert("EXTRA".to_owned(), Secret::new("x"));
    let (_, lines) = bench.run(settings).await;
    insta::assert_snapshot!(lines.join(" "), @"EXTRA PATH TIDEGATE_ATTEMPT TIDEGATE_CONTEXT TIDEGATE_EVENT_FILE TIDEGATE_GIT_COMMIT TIDEGATE_IMAGE TIDEGATE_PROJECT TIDEGATE_RESULT TIDEGATE_SERVICE TIDEGATE_STAGE TIDEGATE_STATUS TIDEGATE_TASK TIDEGATE_TRIGGERED_ID");
}

#[tokio::test]
async fn secrets_are_masked_wherever_they_turn_up() {
    let bench = Bench::new();
    let mut settings = bench.script(
        r#"echo "token $TOKEN" >&2; printf '{"result":"fail","message":"with %s","deployment":{"%s":["%s"]}}' "$TOKEN" "$TOKEN" "$TOKEN""#,
    );
    let secret = Secret::new("hunter2hunter2");
    settings
        .environment
        .insert("TOKEN".to_owned(), secret.clone());
    settings.secrets.push(secret);
    let (finish, lines) = bench.run(settings).await;
    let shown = format!("{finish:?} {lines:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(lines, ["token ***"]);
}

#[tokio::test]
async fn what_takes_too_long_is_ended_with_all_that_it_started() {
    let bench = Bench::new();
    let mut settings =
        bench.script("sh -c 'sleep 300; echo late > late.txt' & echo $! > pid; wait");
    settings.timeout = Duration::from_millis(300);
    let (finish, _) = bench.run(settings).await;
    assert_eq!(finish.status, TaskStatus::Errored);
    insta::assert_snapshot!(finish.message, @"`sh task.sh`: it did not end in time, and was stopped; set a longer `timeout`, or see what it waits for");
    #[cfg(target_os = "linux")]
    {
        let pid = std::fs::read_to_string(bench.path().join("pid")).unwrap();
        wait_until_gone(pid.trim()).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_command_that_nobody_waits_for_any_more_is_ended() {
    let bench = Bench::new();
    let settings = bench.script("echo $$ > pid.new; mv pid.new pid; sleep 300");
    let pid_file = bench.path().join("pid");
    let run = async {
        bench.run(settings).await;
    };
    let begun = async {
        while !pid_file.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = run => panic!("it can't end by itself"),
        () = begun => {}
    }
    let pid = std::fs::read_to_string(&pid_file).unwrap();
    wait_until_gone(pid.trim()).await;
}

/// Waits until a process is gone, or only waits to be buried.
#[cfg(target_os = "linux")]
async fn wait_until_gone(pid: &str) {
    for _ in 0..2000 {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
        if status.is_err() || status.is_ok_and(|text| text.contains("State:\tZ")) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the process {pid} is still there");
}

#[tokio::test]
async fn what_a_command_leaves_running_goes_on_and_holds_nobody_up() {
    let bench = Bench::new();
    let said = bench.say("sleep 2 & echo deployed").await;
    assert!(said.starts_with("succeeded pass"), "{said}");
}

#[tokio::test]
async fn what_can_t_be_started_says_why() {
    let bench = Bench::new();
    let mut said = Vec::new();
    for word in ["no-such-program", "./missing.sh", "./plain.txt"] {
        std::fs::write(bench.path().join("plain.txt"), "x").unwrap();
        let settings = CommandSettings {
            command: vec![word.to_owned()],
            ..bench.script("")
        };
        said.push(bench.run(settings).await.0.message);
    }
    let settings = CommandSettings {
        working_directory: bench.path().join("nowhere"),
        ..bench.script("")
    };
    said.push(bench.run(settings).await.0.message);
    let folder = bench.path().display().to_string();
    insta::assert_snapshot!(said.join("\n").replace(&folder, "FOLDER"), @"
    `no-such-program`: there is no program `no-such-program` on PATH; install it, or write where it is
    `./missing.sh`: there is no program `FOLDER/missing.sh`; a relative path starts at the folder of tidegate.yaml
    `./plain.txt`: `FOLDER/plain.txt` may not be run: make it executable with `chmod +x`
    `sh task.sh`: there is no folder `FOLDER/nowhere` to run it in; see `working_directory`
    ");
}

#[tokio::test]
async fn a_flood_is_bounded_and_is_no_failure() {
    let bench = Bench::new();
    let said = bench
        .say("head -c 5000000 /dev/zero | tr '\\0' x; echo; exit 0")
        .await;
    assert!(said.starts_with("succeeded pass"), "{said}");
    let said = bench
        .say("printf '{\"result\":\"pass\",\"x\":\"'; head -c 2000000 /dev/zero | tr '\\0' x; echo '\"}'")
        .await;
    assert!(
        said.starts_with("errored fail"),
        "{}",
        &said[..200.min(said.len())]
    );
    let said = bench
        .say("head -c 5000000 /dev/zero | tr '\\0' x; echo; echo '{\"result\":\"fail\"}'")
        .await;
    assert!(said.starts_with("succeeded fail"), "{said}");
}
