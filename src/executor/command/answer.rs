//! What the end of a command means.

use serde_json::{Map, Value};

use super::child::End;
use super::ears::Kept;
use super::printed::Printed;
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
    /// What it printed.
    pub(super) stdout: Kept,
    /// The last lines of what it said on stderr.
    pub(super) stderr: String,
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
        match Printed::of(&self.stdout, self.task) {
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

/// Reads an answer.
fn read(mut answer: Map<String, Value>, redactor: &Redactor) -> Result<Finish, String> {
    let inner = match answer.remove("data") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(inner)) => inner,
        Some(_) => return Err("`data` of its answer must be an object".to_owned()),
    };
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
    let result = match (result, inner_result) {
        (Some(one), Some(other)) => worse(one, other),
        (one, other) => one.or(other).unwrap_or(Verdict::Pass),
    };
    let is_errored = [outer_status, inner_status].contains(&Some(TaskStatus::Errored));
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
