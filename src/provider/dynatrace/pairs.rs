//! The parts of a query in Keptn's form: `key=value&key=value`.
//!
//! Every `&` separates, and the first `=` of a part ends its key. Nothing is decoded: selectors are written as they
//! are. An `&` inside of a selector can't be expressed; the options of the longer form can.

use std::collections::BTreeMap;

use super::query::problem;
use crate::gate::QueryProblem;

/// Values by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pairs(BTreeMap<String, String>);

impl Pairs {
    /// Reads pairs whose keys are known.
    pub(super) fn parse(text: &str, known: &[&str]) -> Result<Self, QueryProblem> {
        let hint = format!("write {}=…, joined by `&`", known.join("=…, "));
        let mut pairs = BTreeMap::new();
        for part in text.trim().split('&') {
            let Some((key, value)) = part.split_once('=') else {
                let message = if part.trim().is_empty() {
                    "a part of the query is empty".to_owned()
                } else {
                    format!("`{part}` is no `key=value`")
                };
                return Err(problem(message, &hint));
            };
            if !known.contains(&key) {
                return Err(problem(format!("`{key}` is no key of this query"), &hint));
            }
            if value.is_empty() {
                return Err(problem(format!("`{key}` has no value"), &hint));
            }
            if pairs.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(problem(
                    format!("`{key}` stands there twice"),
                    "keep one of them",
                ));
            }
        }
        Ok(Self(pairs))
    }

    /// Takes a value.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        self.0.remove(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, String> {
        Pairs::parse(text, &["a", "b"])
            .map(|pairs| pairs.0.into_iter().collect())
            .map_err(|problem| problem.message)
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn an_equals_sign_inside_of_a_selector_survives() {
        assert_eq!(
            read("a=x:filter(eq(k,v=w))&b=tag(env=dev)"),
            Ok(vec![
                pair("a", "x:filter(eq(k,v=w))"),
                pair("b", "tag(env=dev)")
            ])
        );
        assert_eq!(read("a=100%25 + é"), Ok(vec![pair("a", "100%25 + é")]));
    }

    #[test]
    fn every_slip_is_named() {
        for (text, message) in [
            ("a=1&a=2", "`a` stands there twice"),
            ("a=1&c=2", "`c` is no key of this query"),
            ("a=", "`a` has no value"),
            ("=1", "`` is no key of this query"),
            ("a=1&", "a part of the query is empty"),
            ("a=1&x", "`x` is no `key=value`"),
            ("", "a part of the query is empty"),
            ("A=1", "`A` is no key of this query"),
        ] {
            assert_eq!(read(text), Err(message.to_owned()), "{text}");
        }
    }
}
