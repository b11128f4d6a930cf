//! A run on a terminal of its own: what it shows, and what it makes of an answer, of Ctrl-C, and of no answer.

use super::{CONFIG, finished, shop};
use crate::harness::Gate;

/// What the question ends with.
const QUESTION: &str = "yes, no, or later:";

/// A run on a terminal.
struct Seen {
    /// Its folder.
    gate: Gate,
    /// What the terminal showed.
    shown: String,
    /// How it ended.
    code: i32,
}

/// Runs a delivery that asks on a terminal; types keys, as `printf` writes them, each when the question is there again.
fn typed(keys: &[&str]) -> Seen {
    let gate = shop()
        .file(
            "tidegate.yaml",
            CONFIG.replace("approval: later", "approval: prompt"),
        )
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .args(["run", "delivery", "--image", "carts:1"]);
    let mut typing = String::new();
    for (index, key) in keys.iter().enumerate() {
        let line = format!("asked {}; printf '{key}'; ", index + 1);
        typing.push_str(&line);
    }
    // The terminal stays open until the program has ended.
    let script = format!(
        "printf '\"%s\" ' \"$@\" > call
asked() {{
    tries=0
    until [ \"$(grep -o '{QUESTION}' shown 2> /dev/null | wc -l)\" -ge \"$1\" ]; do
        tries=$((tries + 1)); [ $tries -lt 1200 ] || exit 1; sleep 0.05
    done
}}
ended() {{
    tries=0
    until [ -s code ]; do tries=$((tries + 1)); [ $tries -lt 1200 ] || exit 1; sleep 0.05; done
}}
: > shown
{{ {typing}ended; }} | {{ script -qefc \"$(cat call)\" /dev/null > shown; echo $? > code.new; mv code.new code; }}"
    );
    gate.run_in_shell(&script);
    let code = gate.read("code").trim().parse().unwrap();
    Seen {
        shown: gate.read("shown"),
        gate,
        code,
    }
}

impl Seen {
    /// Checks the exit code.
    #[track_caller]
    fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.shown);
        self
    }

    /// Checks that the run waits, goes on when it is approved, and does everything once.
    #[track_caller]
    fn can_go_on(&self) {
        assert_eq!(finished(&self.gate).get("prod deployment"), None);
        let words = ["--output", "json", "--resume", "--approve"];
        let gate = shop().file("events.jsonl", self.gate.read("events.jsonl"));
        let resumed = gate.run_with(["run"].iter().chain(&words)).code(0);
        assert_eq!(resumed.json()["outcome"], "pass");
        let counts = finished(&gate);
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
        assert_eq!(counts.get("prod deployment"), Some(&1));
    }
}

#[test]
fn yes_at_the_terminal_deploys() {
    for key in ["y\\n", "YES\\n"] {
        let seen = typed(&[key]).code(0);
        assert!(
            seen.shown
                .contains("may carts of shop go on in prod, after the result `pass`?"),
            "{}",
            seen.shown
        );
        assert!(
            seen.shown.contains("approved at the terminal"),
            "{}",
            seen.shown
        );
        assert_eq!(finished(&seen.gate).get("prod deployment"), Some(&1));
    }
}

#[test]
fn no_at_the_terminal_deploys_nothing() {
    let seen = typed(&["n\\n"]).code(1);
    assert!(
        seen.shown.contains("declined at the terminal"),
        "{}",
        seen.shown
    );
    assert_eq!(finished(&seen.gate).get("prod deployment"), None);
    assert_eq!(finished(&seen.gate).get("prod approval"), Some(&1));
}

#[test]
fn later_and_the_end_of_what_is_typed_leave_it_to_others() {
    for key in ["later\\n", "\\004"] {
        let seen = typed(&[key]).code(75);
        assert!(seen.shown.contains("--approve"), "{}", seen.shown);
        seen.can_go_on();
    }
}

#[test]
fn what_is_no_answer_is_asked_again_and_never_taken_for_a_yes() {
    let seen = typed(&["\\n", "sure\\n", "y\\n"]).code(0);
    assert_eq!(seen.shown.matches(QUESTION).count(), 3, "{}", seen.shown);
    let seen = typed(&["\\n", "sure\\n", "ok\\n"]).code(75);
    seen.can_go_on();
}

#[test]
fn ctrl_c_at_the_question_ends_it_and_it_can_go_on() {
    let seen = typed(&["\\003"]).code(130);
    assert!(
        seen.shown.contains("tidegate run --resume"),
        "{}",
        seen.shown
    );
    seen.can_go_on();
}

#[test]
fn the_live_view_shows_what_is_under_way_and_what_is_done() {
    let seen = typed(&["y\\n"]).code(0);
    for part in ["✔", "dev deployment", "dev evaluation", "prod.delivery"] {
        assert!(seen.shown.contains(part), "{part} in {}", seen.shown);
    }
    assert!(seen.shown.contains("\u{1b}["), "{}", seen.shown);
    // The table stands below it.
    assert!(seen.shown.contains("STAGE"), "{}", seen.shown);
}

#[test]
fn nobody_is_asked_where_there_is_no_terminal() {
    let gate = shop()
        .file(
            "tidegate.yaml",
            CONFIG.replace("approval: later", "approval: prompt"),
        )
        .stdin("y\n")
        .args(["run", "delivery"]);
    let told = gate.run().code(75).raw_stderr();
    assert!(!told.contains(QUESTION), "{told}");
    // A terminal to show things on is not one to ask at.
    let gate = shop()
        .file(
            "tidegate.yaml",
            CONFIG.replace("approval: later", "approval: prompt"),
        )
        .env("TERM", "xterm-256color")
        .args(["run", "delivery"]);
    let answer = gate.run_in_shell(
        "printf '\"%s\" ' \"$@\" > call; echo y > typed; script -qefc \"$(cat call) < typed\" /dev/null < /dev/null",
    );
    let answer = answer.code(75);
    assert!(
        !answer.raw_stdout().contains(QUESTION),
        "{}",
        answer.raw_stdout()
    );
    assert_eq!(finished(&gate).get("prod deployment"), None);
}
