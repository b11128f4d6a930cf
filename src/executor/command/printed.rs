//! What a command printed: its answer, which is the last thing on stdout, or only talk.

use std::fmt;
use std::sync::LazyLock;

use regex::bytes::Regex;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::ears::Kept;

/// What a command printed.
#[derive(Debug)]
pub(super) enum Printed {
    /// Nothing that is an answer.
    Talk,
    /// An answer.
    Answer(Map<String, Value>),
    /// Something that was to be an answer, and is none.
    Broken(String),
}

/// A bad result that stands in an output, whoever wrote it how: to overlook it could turn a fail into a pass.
static ANSWER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let result = r#""result"\s*:\s*(?:"?(?:pass|warning|failed|fail|errored)\b)"#;
    let status = r#""status"\s*:\s*"?errored\b"#;
    Regex::new(&format!("(?i-u){result}|{status}")).ok()
});
/// How much of an output may stand before the word of an [`ANSWER`] that was found.
pub(super) const LONGEST_ANSWER_START: usize = 256;
/// What a UTF-8 text may begin with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Printed {
    /// Finds the answer. It is the one JSON object that ends the output, from the start of a line on, where it has one
    /// of the members of an answer; what stands before it is talk.
    pub(super) fn of(kept: &Kept, task: &str) -> Self {
        let text = kept.bytes.trim_ascii();
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let text = text.trim_ascii();
        let Some(found) = last_object(text) else {
            return Self::without_answer(kept, text);
        };
        match members(found) {
            // An answer that states no result does not take back what was stated before it.
            Ok(answer)
                if !states_result(&answer) && looks_like_answer_before(kept, text, found) =>
            {
                Self::without_answer(kept, text)
            }
            Ok(answer) if is_answer(&answer, task) => Self::Answer(answer),
            Ok(_) => Self::without_answer(kept, text),
            Err(error) if looks_like_answer(found) => {
                Self::Broken(format!("it printed an answer that can't be read ({error})"))
            }
            Err(_) => Self::without_answer(kept, text),
        }
    }

    /// Judges an output without an answer at its end.
    fn without_answer(kept: &Kept, text: &[u8]) -> Self {
        if kept.had_answer || looks_like_answer(text) {
            let why = "it printed something like an answer that is not one JSON object at the end of stdout, from the \
                       start of a line on; print the answer last, or print it to stderr if it is none";
            return Self::Broken(why.to_owned());
        }
        Self::Talk
    }
}

/// Tells whether a text holds what could be the result of an answer.
pub(super) fn looks_like_answer(text: &[u8]) -> bool {
    ANSWER.as_ref().is_some_and(|answer| answer.is_match(text))
}

/// Tells whether something like an answer stands before the object at the end.
fn looks_like_answer_before(kept: &Kept, text: &[u8], found: &[u8]) -> bool {
    let before = text.len().saturating_sub(found.len());
    kept.had_answer || text.get(..before).is_some_and(looks_like_answer)
}

/// Tells whether an object states a result, or that there is none.
fn states_result(answer: &Map<String, Value>) -> bool {
    let inner = answer.get("data").and_then(Value::as_object);
    let mut all = inner.into_iter().chain([answer]);
    all.any(|members| members.contains_key("result") || members.contains_key("status"))
}

/// Returns the object that a text ends with, where it begins at the start of a line.
fn last_object(text: &[u8]) -> Option<&[u8]> {
    if text.last() != Some(&b'}') {
        return None;
    }
    let line_starts = memchr::memchr_iter(b'\n', text).map(|at| at + 1);
    let mut starts = [0].into_iter().chain(line_starts);
    starts.find_map(|at| {
        let rest = text.get(at..)?.trim_ascii_start();
        let is_object = rest.first() == Some(&b'{');
        let is_whole = is_object && serde_json::from_slice::<IgnoredAny>(rest).is_ok();
        is_whole.then_some(rest)
    })
}

/// Tells whether an object is an answer: it has one of the members of one.
fn is_answer(answer: &Map<String, Value>, task: &str) -> bool {
    let is_text = |name: &str| answer.get(name).is_some_and(|value| !value.is_object());
    is_text("result") || is_text("status") || answer.contains_key(task)
}

/// Reads the members of an object. None may stand there twice: one of two results would be overlooked.
fn members(text: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    let Once(raw) = serde_json::from_slice(text)?;
    let mut members = Map::new();
    for (name, value) in raw {
        let known = ["result", "status", "message", "data", "labels"];
        if let Some(meant) = known.iter().find(|one| name.eq_ignore_ascii_case(one))
            && name != **meant
        {
            let message = format!("the member `{name}` has to be written `{meant}`");
            return Err(serde_json::Error::custom(message));
        }
        let value = if name == "data" && value.get().starts_with('{') {
            let Once(inner) = serde_json::from_str(value.get())?;
            let inner = inner.into_iter().map(read);
            Value::Object(inner.collect::<Result<_, _>>()?)
        } else {
            serde_json::from_str(value.get())?
        };
        members.insert(name, value);
    }
    Ok(members)
}

/// Reads the value of a member.
fn read((name, value): (String, Box<RawValue>)) -> Result<(String, Value), serde_json::Error> {
    Ok((name, serde_json::from_str(value.get())?))
}

/// The members of an object, each of which stands there once.
struct Once(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// Reads [`Once`].
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Once;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
        let mut seen = std::collections::BTreeSet::new();
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom(format!(
                    "the member `{name}` stands there twice"
                )));
            }
            members.push((name, value));
        }
        Ok(Once(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Judges an output that was kept as a whole.
    fn printed(text: &[u8]) -> Printed {
        let kept = Kept {
            bytes: text.to_vec(),
            had_answer: false,
        };
        Printed::of(&kept, "deployment")
    }

    #[test]
    fn the_answer_is_what_the_output_ends_with() {
        for text in [
            "{\"result\": \"fail\"}",
            "\u{feff}{\"result\": \"fail\"}\n",
            "log: hello\n{\"result\": \"fail\"}\n\n",
            "hi\r\n{\r\n  \"result\": \"fail\",\r\n  \"data\": {\r\n    \"a\": [\n{}\n]\n}\r\n}\r\n",
            "{\"level\": \"info\"}\n{\"level\": \"info\"}\n{\"result\": \"fail\"}",
            "{\"result\": \"pass\"}\n{\"result\": \"fail\"}",
        ] {
            let Printed::Answer(answer) = printed(text.as_bytes()) else {
                panic!("{text}");
            };
            assert_eq!(answer["result"], "fail", "{text}");
        }
    }

    #[test]
    fn what_looks_like_an_answer_is_never_talk() {
        for text in [
            "hi {\"result\": \"fail\"}",
            "[{\"result\": \"fail\"}]",
            "{\"Result\": \"fail\"}",
            "{\"result\": \"fail\", \"result\": \"pass\"}",
            "{\"result\": \"pass\", \"data\": {\"result\": \"fail\", \"result\": \"pass\"}}",
            "{\"result\": \"pass\", \"RESULT\": \"fail\"}",
            "{\"result\": \"fail\"}\ndone",
            "{\"result\": \"fail\"",
            "{\"result\": fail}",
            "{\"status\":\n\"errored\"} x",
            "{\"result\": \"fail\"}\n{\"deployment\": {}}",
            "{\"result\": \"fail\"}\n{\"level\": \"info\"}",
        ] {
            let found = printed(text.as_bytes());
            assert!(matches!(found, Printed::Broken(_)), "{text}: {found:?}");
        }
    }

    #[test]
    fn what_other_programs_print_is_talk() {
        for text in [
            "",
            "deployed",
            "{\"kind\": \"Pod\", \"status\": {\"phase\": \"Running\"}}",
            "{\"result\": {\"fail\": 1}}",
            "{\"status\": \"deployed\"} {",
            "{\"level\": \"info\", \"msg\": \"{\\\"result\\\": \\\"fail\\\"}\"}",
            "[1]",
        ] {
            let found = printed(text.as_bytes());
            assert!(matches!(found, Printed::Talk), "{text}: {found:?}");
        }
    }

    proptest! {
        #[test]
        fn a_fail_in_an_output_is_never_overlooked(before in "[ -~\\n{}\"]{0,40}", after in "[ -~\\n{}\"]{0,40}") {
            let text = format!("{before}{{\"result\": \"fail\"}}{after}");
            match printed(text.as_bytes()) {
                Printed::Talk => prop_assert!(false, "{text}"),
                Printed::Broken(_) => {}
                // The answer is another one, which comes after it, or holds it.
                Printed::Answer(answer) => prop_assert!(answer["result"] == "fail" || after.contains('}'), "{text}"),
            }
        }
    }
}
