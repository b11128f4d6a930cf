//! JSON over several lines, with every number, every escape and the order of keys as they were.

/// Lays JSON out over several lines. Only white space between its parts changes.
#[must_use]
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut is_quoted = false;
    let mut is_escaped = false;
    let mut characters = json.chars().peekable();
    while let Some(character) = characters.next() {
        if is_quoted {
            out.push(character);
            is_quoted = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            continue;
        }
        match character {
            '"' => {
                out.push(character);
                is_quoted = true;
            }
            '{' | '[' => {
                out.push(character);
                while characters.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(character);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            blank if blank.is_ascii_whitespace() => {}
            other => out.push(other),
        }
    }
    out.push('\n');
    out
}

/// Starts a line.
fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn numbers_and_escapes_stay_as_they_were_written() {
        let json = r#"{"b":1.50,"a":[ ],"c":{"d":"\u0041\"{,","e":[1e400,{ }]} }"#;
        insta::assert_snapshot!(indented(json), @r#"
        {
          "b": 1.50,
          "a": [],
          "c": {
            "d": "\u0041\"{,",
            "e": [
              1e400,
              {}
            ]
          }
        }
        "#);
    }

    proptest! {
        #[test]
        fn it_says_the_same_and_looks_as_serde_would_write_it(text in "\\PC{0,20}", number: f64) {
            let value = json!({"x": [text, {"y": number, "z": []}], "é": {}, "\"": null});
            let laid_out = indented(&value.to_string());
            prop_assert_eq!(&laid_out, &format!("{value:#}\n"));
            prop_assert_eq!(serde_json::from_str::<Value>(&laid_out).unwrap(), value);
        }
    }
}
