//! What the end of a command means.

use serde_json::{Map, Value};

use super::child::End;
use super::ears::Heard;
use super::object::Once;
use crate::executor::Finish;
use crate::gate::Verdict;
use crate::net::Redactor;
use crate::sequence::TaskStatus;

/// The most bytes of an answer: as much as an event may have.
pub(super) const MOST: usize = 1024 * 1024;
/// How much of what was said is repeated in a message.
const SHOWN: usize = 2 * 1024;
/// The exit code of a warning.
const WARNING: i32 = 3;
/// From this exit code on, a program could not do its work.
const TROUBLE: i32 = 64;

/// What a command did.
pub(super) struct Said<'a> {
    /// The task.
    pub(super) task: &'a str,
    /// The command, as the user wrote it.
    pub(super) command: &'a str,
    /// How it ended.
    pub(super) end: End,
    /// What it printed: the last [`MOST`] bytes of it.
    pub(super) stdout: Heard,
    /// The last lines of what it said on stderr.
    pub(super) stderr: String,
}

/// What a command printed.
enum Printed {
    /// Nothing that is an answer.
    Talk,
    /// An answer.
    Answer(Map<String, Value>),
    /// Something that was to be an answer, and is none.
    Broken(String),
}

impl Said<'_> {
    /// Returns what the task came to: the worse of what the answer and what the exit code says.
    pub(super) fn finish(self, redactor: &Redactor) -> Finish {
        let code = match &self.end {
            End::NotStarted(why) => return self.errored(redactor, why),
            End::TimedOut => {
                let why = "it did not end in time, and was stopped; set a longer `timeout`, or see what it waits for";
                return self.errored(redactor, why);
            }
            End::Exited(status) => match status.code() {
                None => {
                    return self
                        .errored(redactor, &format!("it was ended from outside ({status})"));
                }
                Some(code) if code >= TROUBLE => {
                    return self.errored(
                        redactor,
                        &format!("it could not do its work (exit code {code})"),
                    );
                }
                Some(code) => code,
            },
        };
        let by_code = match code {
            0 => Verdict::Pass,
            WARNING => Verdict::Warning,
            _ => Verdict::Fail,
        };
        match printed(&self.stdout, self.task) {
            Printed::Talk => Finish {
                result: by_code,
                message: self.ended_with(code, redactor),
                ..Finish::pass()
            },
            Printed::Broken(why) => self.errored(redactor, &why),
            Printed::Answer(answer) => match read(answer, redactor) {
                Ok(finish) => Finish {
                    result: worse(finish.result, by_code),
                    message: if finish.message.is_empty() {
                        self.ended_with(code, redactor)
                    } else {
                        finish.message
                    },
                    ..finish
                },
                Err(why) => self.errored(redactor, &why),
            },
        }
    }

    /// Says how it ended; "" where it ended well.
    fn ended_with(&self, code: i32, redactor: &Redactor) -> String {
        if code == 0 {
            return String::new();
        }
        redactor.redact(&format!(
            "`{}` ended with exit code {code}{}",
            self.command,
            self.last_words()
        ))
    }

    /// Says that the work could not be done.
    fn errored(&self, redactor: &Redactor, why: &str) -> Finish {
        Finish::errored(redactor.redact(&format!("`{}`: {why}{}", self.command, self.last_words())))
    }

    /// Returns what it said last.
    fn last_words(&self) -> String {
        if self.stderr.is_empty() {
            String::new()
        } else {
            format!(": {}", self.stderr)
        }
    }
}

/// What an answer is, for whoever printed something else.
const EXPECTED: &str = "an answer is one JSON object as the last thing on stdout, begun on a line of its own, such as {\"result\": \"fail\"}; print logs to stderr";

/// Tells what was printed. The answer is the object that ends the output; what stands on the lines before it are logs.
/// What only looks like an answer must not be passed over, or a fail could be.
fn printed(stdout: &Heard, task: &str) -> Printed {
    let traces = &stdout.traces;
    let text = stdout.end.trim_ascii_end();
    let (at, answer) = match last_object(text, stdout.dropped) {
        Ending::Object(at, answer) => (at, answer),
        Ending::Twice(why) => {
            return Printed::Broken(format!("of its answer {why}; {EXPECTED}"));
        }
        Ending::Other => {
            let is_cut = stdout.dropped > 0 && stdout.begins_with_brace && text.ends_with(b"}");
            if traces.any.is_none() && traces.fail.is_none() && !is_cut {
                return Printed::Talk;
            }
            let size = if stdout.dropped > 0 {
                format!(" (of which no more than {MOST} bytes are read)")
            } else {
                String::new()
            };
            return Printed::Broken(format!(
                "it printed something like an answer that is none{size}; {EXPECTED}"
            ));
        }
    };
    let start = stdout.dropped.saturating_add(at as u64);
    let is_before = |found: Option<u64>| found.is_some_and(|found| found < start);
    if is_before(traces.fail) {
        return Printed::Broken(format!(
            "it printed a result `fail` before its last object; {EXPECTED}"
        ));
    }
    if is_answer(&answer, task) {
        return Printed::Answer(answer);
    }
    if is_before(traces.any) {
        return Printed::Broken(format!(
            "it printed something like an answer before its last object; {EXPECTED}"
        ));
    }
    if let Some(why) = hidden(&answer) {
        return Printed::Broken(why);
    }
    Printed::Talk
}

/// What an output ends with.
enum Ending {
    /// An object, and where it begins.
    Object(usize, Map<String, Value>),
    /// An object that says something twice.
    Twice(String),
    /// Anything else.
    Other,
}

/// Finds the object that ends a text: all of it, or all from the beginning of a line on. No line within an object can be
/// such a beginning, for something would be left over; and objects within objects end the search for each of them soon.
fn last_object(text: &[u8], dropped: u64) -> Ending {
    if text.last() != Some(&b'}') {
        return Ending::Other;
    }
    let after_lines = memchr::memrchr_iter(b'\n', text).map(|at| at.saturating_add(1));
    let first = (dropped == 0).then(|| {
        let body = text.trim_ascii_start();
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        text.len().saturating_sub(body.trim_ascii_start().len())
    });
    for at in after_lines.chain(first) {
        let rest = text.get(at..).unwrap_or_default();
        if rest.first() != Some(&b'{') {
            continue;
        }
        match serde_json::from_slice::<Once>(rest) {
            Ok(Once(Value::Object(object))) => return Ending::Object(at, object),
            Ok(_) => {}
            Err(error) if error.is_data() => return Ending::Twice(error.to_string()),
            Err(_no_json) => {}
        }
    }
    Ending::Other
}

/// Returns whether a member has this name, in whatever case, and is no object.
fn has(object: &Map<String, Value>, name: &str) -> bool {
    let mut members = object.iter();
    members.any(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_object())
}

/// Returns whether an object is an answer.
fn is_answer(object: &Map<String, Value>, task: &str) -> bool {
    let says = |object: &Map<String, Value>| has(object, "result") || has(object, "status");
    let inner = object.get("data").and_then(Value::as_object);
    says(object) || object.contains_key(task) || inner.is_some_and(says)
}

/// Says why an object that has no result of its own can't be taken for a pass: something in it has a bad one.
fn hidden(object: &Map<String, Value>) -> Option<String> {
    let is_bad = object.iter().any(|(name, value)| is_bad(name, value));
    is_bad.then(|| {
        "a part of what it printed has a result that is no pass, and the whole has none; say `result` at the top of the answer".to_owned()
    })
}

/// Returns whether a member, or one within it, is a result that is no pass. It is as deep as the parser allows.
fn is_bad(name: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let is = |words: &[&str]| {
                words
                    .iter()
                    .any(|word| text.trim().eq_ignore_ascii_case(word))
            };
            let name = name.trim();
            (name.eq_ignore_ascii_case("result") || name.eq_ignore_ascii_case("status"))
                && is(&["fail", "failed", "errored", "warning"])
        }
        Value::Array(elements) => elements.iter().any(|element| is_bad(name, element)),
        Value::Object(inner) => inner.iter().any(|(name, value)| is_bad(name, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Refuses names that differ from those of an answer by their case only.
fn refuse_case(object: &Map<String, Value>, names: &[&str]) -> Result<(), String> {
    for key in object.keys() {
        let like = names.iter().find(|name| key.eq_ignore_ascii_case(name));
        if let Some(name) = like
            && key != name
        {
            return Err(format!("`{key}` of its answer must be written `{name}`"));
        }
    }
    Ok(())
}

/// Reads an answer.
fn read(mut answer: Map<String, Value>, redactor: &Redactor) -> Result<Finish, String> {
    refuse_case(&answer, &["result", "status", "message", "data"])?;
    let inner = match answer.remove("data") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(inner)) => inner,
        Some(_) => return Err("`data` of its answer must be an object".to_owned()),
    };
    refuse_case(&inner, &["result", "status", "message"])?;
    let result = answer
        .remove("result")
        .map(|value| verdict(&value))
        .transpose()?;
    let inner_result = inner.get("result").map(verdict).transpose()?;
    let outer_status = answer
        .remove("status")
        .map(|value| status(&value))
        .transpose()?;
    let inner_status = inner.get("status").map(status).transpose()?;
    let is_open = result.is_none() && inner_result.is_none();
    let is_errored = [outer_status, inner_status].contains(&Some(TaskStatus::Errored));
    if is_open
        && !is_errored
        && let Some(why) = hidden(&inner).or_else(|| hidden(&answer))
    {
        return Err(why);
    }
    let result = match (result, inner_result) {
        (Some(one), Some(other)) => worse(one, other),
        (one, other) => one.or(other).unwrap_or(Verdict::Pass),
    };
    let message = match answer.remove("message") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => redactor.excerpt(text.as_bytes(), SHOWN),
        Some(_) => return Err("`message` of its answer must be a text".to_owned()),
    };
    let labels = match answer.remove("labels") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(labels)) => labels,
        Some(_) => return Err("`labels` of its answer must be an object".to_owned()),
    };
    let mut data = inner;
    data.extend(answer);
    data.retain(|name, _| !["result", "status", "message"].contains(&name.as_str()));
    Ok(Finish {
        status: if is_errored {
            TaskStatus::Errored
        } else {
            TaskStatus::Succeeded
        },
        result: if is_errored { Verdict::Fail } else { result },
        message,
        data: members(data, redactor),
        labels: members(labels, redactor),
    })
}

/// Reads a result.
fn verdict(value: &Value) -> Result<Verdict, String> {
    match value.as_str() {
        Some("pass") => Ok(Verdict::Pass),
        Some("warning") => Ok(Verdict::Warning),
        Some("fail" | "failed") => Ok(Verdict::Fail),
        Some(_) | None => Err("`result` of its answer must be pass, warning, or fail".to_owned()),
    }
}

/// Reads a status.
fn status(value: &Value) -> Result<TaskStatus, String> {
    match value.as_str() {
        Some("succeeded") => Ok(TaskStatus::Succeeded),
        Some("errored") => Ok(TaskStatus::Errored),
        Some(_) | None => Err("`status` of its answer must be succeeded or errored".to_owned()),
    }
}

/// Returns the worse of two results.
fn worse(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Fail, _) | (_, Verdict::Fail) => Verdict::Fail,
        (Verdict::Warning, _) | (_, Verdict::Warning) => Verdict::Warning,
        (Verdict::Pass, Verdict::Pass) => Verdict::Pass,
    }
}

/// Takes secrets out of members.
fn members(members: Map<String, Value>, redactor: &Redactor) -> Map<String, Value> {
    let each = members.into_iter();
    each.map(|(name, value)| (redactor.redact(&name), safe(value, redactor)))
        .collect()
}

/// Takes secrets out of a value; it is as deep as the parser allows.
fn safe(value: Value, redactor: &Redactor) -> Value {
    match value {
        Value::String(text) => redactor.redact(&text).into(),
        Value::Array(elements) => elements
            .into_iter()
            .map(|element| safe(element, redactor))
            .collect(),
        Value::Object(inner) => members(inner, redactor).into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use proptest::prelude::*;

    use super::*;
    use crate::executor::Voice;
    use crate::executor::command::ears::Ears;

    /// Hears nothing.
    struct Deaf;

    impl Voice for Deaf {
        fn line(&self, _text: &str) {}
    }

    /// Returns what a command comes to that prints this, and exits with 0.
    fn finish(text: &str) -> Finish {
        let redactor = Redactor::new([]);
        let mut ears = Ears::new(&Deaf, &redactor, MOST);
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime
            .unwrap()
            .block_on(ears.listen(Some(text.as_bytes())));
        let said = Said {
            task: "test",
            command: "test.sh",
            end: End::Exited(ExitStatus::from_raw(0)),
            stdout: ears.into_heard(),
            stderr: String::new(),
        };
        said.finish(&redactor)
    }

    /// Returns parts of outputs: text, JSON, halves of JSON, and what breaks it.
    fn noise() -> impl Strategy<Value = String> {
        let known = prop::sample::select(vec![
            "\n",
            " ",
            "{",
            "}",
            "[",
            "]",
            ",",
            "\"",
            "'",
            "\\",
            "\u{feff}",
            "\0",
            "hi",
            "\r\n",
            "{\"result\":\"pass\"}",
            "{\"level\":\"info\"}",
            "\"a\":",
            "{\n",
            "\n}",
            "\"test\":",
            "\"result",
            "\u{1b}[0m",
            "{\"status\":\"succeeded\"}",
        ]);
        let part = prop_oneof![3 => known.prop_map(str::to_owned), 1 => any::<String>()];
        prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn no_fail_is_ever_a_pass(
            before in noise(),
            after in noise(),
            object in prop::sample::select(vec![
                "{\"result\": \"fail\"}",
                "{\n  \"result\": \"fail\"\n}",
                "{\"result\":\"failed\",\"message\":\"x\"}",
                "{\"a\": {}, \"result\"\n:\n\"fail\"}",
            ]),
        ) {
            let text = format!("{before}{object}{after}");
            let finish = finish(&text);
            prop_assert_ne!(finish.result, Verdict::Pass, "{:?}", text);
        }
    }

    #[test]
    fn many_beginnings_take_no_long_time() {
        for part in ["{\n", "{\"a\":\n", "{\"a\":1}\n", "{\"a\":[\n", "{},\n"] {
            let text = format!("{}}}", part.repeat(200_000 / part.len()));
            assert_eq!(finish(&text).result, Verdict::Pass);
        }
    }
}
