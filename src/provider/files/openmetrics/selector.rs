//! Which series are meant: `name{label="x",other=~"a|b"}`, as in `PromQL`.

use std::fmt;
use std::str::FromStr;

use regex::{Regex, RegexBuilder};

use super::labels::Scanner;
use super::sample::Sample;

/// The most bytes that a compiled expression may take.
const EXPRESSION_LIMIT: usize = 1 << 20;

/// The most levels that an expression may be nested.
const EXPRESSION_LEVELS: u32 = 64;

/// The most matchers of one selector.
const MOST_MATCHERS: usize = 64;

/// A name and conditions on labels.
#[derive(Clone, Debug)]
pub struct Selector {
    /// How it was written.
    text: String,
    /// The name of the metric, where one is given.
    name: Option<String>,
    /// The conditions; all of them hold.
    matchers: Vec<Matcher>,
}

/// A condition on one label.
#[derive(Clone, Debug)]
struct Matcher {
    /// The label.
    label: String,
    /// What holds of its value.
    condition: Condition,
}

/// What holds of a label's value. An absent label is empty.
#[derive(Clone, Debug)]
enum Condition {
    /// It is this.
    Is(String),
    /// It is not this.
    IsNot(String),
    /// The whole of it matches.
    Matches(Regex),
    /// The whole of it does not match.
    MatchesNot(Regex),
}

/// A selector that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the selector `{text}`: {problem}; write it as `name{{label=\"value\"}}`")]
pub struct SelectorError {
    /// The selector.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Selector {
    /// Tells whether a sample is meant.
    pub fn selects(&self, sample: &Sample<'_>) -> bool {
        self.selects_named(sample, &sample.name)
    }

    /// Tells whether a sample is meant if `name` is taken for its metric's.
    pub fn selects_named(&self, sample: &Sample<'_>, name: &str) -> bool {
        let is_name = self.name.as_deref().is_none_or(|own| own == name);
        is_name && self.matchers.iter().all(|matcher| matcher.holds(sample))
    }

    /// Returns the name of the metric, where one is given.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Selector {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |problem| SelectorError {
            text: text.chars().take(200).collect(),
            problem,
        };
        let (name, matchers) = parse(text.trim()).map_err(error)?;
        Ok(Self {
            text: text.trim().to_owned(),
            name,
            matchers,
        })
    }
}

/// Reads a selector.
fn parse(text: &str) -> Result<(Option<String>, Vec<Matcher>), String> {
    let mut scanner = Scanner::new(text);
    let mut name = scanner.take_name().map(str::to_owned);
    let mut matchers = Vec::new();
    scanner.skip_blanks();
    if scanner.take("{") {
        parse_matchers(&mut scanner, &mut name, &mut matchers)?;
        scanner.skip_blanks();
    }
    if !scanner.rest().is_empty() {
        let rest: String = scanner.rest().chars().take(40).collect();
        return Err(format!("`{rest}` is left over"));
    }
    if name.is_none() && matchers.is_empty() {
        return Err("it names no metric and no label".to_owned());
    }
    Ok((name, matchers))
}

/// Reads up to the closing brace.
fn parse_matchers(
    scanner: &mut Scanner<'_>,
    name: &mut Option<String>,
    matchers: &mut Vec<Matcher>,
) -> Result<(), String> {
    loop {
        scanner.skip_blanks();
        if scanner.take("}") {
            return Ok(());
        }
        let quoted = scanner.take_quoted('"')?;
        let is_quoted = quoted.is_some();
        let label = quoted.map(std::borrow::Cow::into_owned);
        let label = label.or_else(|| scanner.take_name().map(str::to_owned));
        let label = label.ok_or("a label's name or `}` is missing")?;
        scanner.skip_blanks();
        match Condition::parse(scanner)? {
            Some(condition) => matchers.push(Matcher { label, condition }),
            None if is_quoted && name.is_none() => *name = Some(label),
            None => {
                return Err(format!(
                    "after `{label}` comes none of `=`, `!=`, `=~`, `!~`"
                ));
            }
        }
        scanner.skip_blanks();
        if !scanner.take(",") && !scanner.rest().starts_with('}') {
            return Err("`,` or `}` is missing".to_owned());
        }
        if matchers.len() > MOST_MATCHERS {
            return Err(format!("it has more than {MOST_MATCHERS} conditions"));
        }
    }
}

impl Matcher {
    /// Tells whether the condition holds.
    fn holds(&self, sample: &Sample<'_>) -> bool {
        let value = sample.label(&self.label);
        match &self.condition {
            Condition::Is(text) => value == text,
            Condition::IsNot(text) => value != text,
            Condition::Matches(expression) => expression.is_match(value),
            Condition::MatchesNot(expression) => !expression.is_match(value),
        }
    }
}

impl Condition {
    /// Reads an operator and a value, if an operator comes next.
    fn parse(scanner: &mut Scanner<'_>) -> Result<Option<Self>, String> {
        let operators = ["=~", "!~", "!=", "="];
        let Some(operator) = operators.into_iter().find(|text| scanner.take(text)) else {
            return Ok(None);
        };
        scanner.skip_blanks();
        let double = scanner.take_quoted('"')?;
        let quoted = match double {
            Some(text) => Some(text),
            None => scanner.take_quoted('\'')?,
        };
        let value = quoted.ok_or_else(|| format!("after `{operator}` comes no text in quotes"))?;
        Ok(Some(match operator {
            "=~" => Self::Matches(whole(&value)?),
            "!~" => Self::MatchesNot(whole(&value)?),
            "!=" => Self::IsNot(value.into_owned()),
            _ => Self::Is(value.into_owned()),
        }))
    }
}

/// Compiles an expression that matches the whole of a value, as in Prometheus.
fn whole(expression: &str) -> Result<Regex, String> {
    // Compiled alone first, so that `a)|(b` cannot escape from the group.
    build(expression)?;
    build(&format!("^(?s:{expression})$"))
}

/// Compiles an expression within limits.
fn build(expression: &str) -> Result<Regex, String> {
    RegexBuilder::new(expression)
        .size_limit(EXPRESSION_LIMIT)
        .dfa_size_limit(EXPRESSION_LIMIT)
        .nest_limit(EXPRESSION_LEVELS)
        .build()
        .map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ");
            let expression: String = expression.chars().take(80).collect();
            format!("the expression `{expression}` is wrong: {reason}")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells which of some series a selector selects.
    fn selected(selector: &str) -> Vec<usize> {
        let lines = [
            r#"http_total{code="200",path="/a"} 1"#,
            r#"http_total{code="500",path="/a"} 1"#,
            r#"http_total{code="503"} 1"#,
            r#"other{code="500"} 1"#,
            r#"{"my.metric","the.label"="x"} 1"#,
        ];
        let selector: Selector = selector.parse().unwrap();
        let samples = lines.map(|line| Sample::parse(line, 1).unwrap());
        let places = samples.iter().enumerate();
        let selected = places.filter(|(_, sample)| selector.selects(sample));
        selected.map(|(place, _)| place).collect()
    }

    #[test]
    fn the_four_operators_mean_what_they_mean_in_promql() {
        assert_eq!(selected("http_total"), [0, 1, 2]);
        assert_eq!(selected(r#"http_total{code="500"}"#), [1]);
        assert_eq!(selected(r#"http_total{code!="500"}"#), [0, 2]);
        assert_eq!(selected(r#"http_total{code=~"5.."}"#), [1, 2]);
        assert_eq!(selected(r#"http_total{code!~"5..",}"#), [0]);
        assert_eq!(selected(r#"{code="500"}"#), [1, 3]);
        assert_eq!(selected(r#"{__name__=~"http.*", code='503'}"#), [2]);
        assert_eq!(selected(r#"{"my.metric", "the.label"="x"}"#), [4]);
    }

    #[test]
    fn an_absent_label_is_empty() {
        assert_eq!(selected(r#"http_total{path=""}"#), [2]);
        assert_eq!(selected(r#"http_total{path!=""}"#), [0, 1]);
        assert_eq!(selected(r#"http_total{path=~".*"}"#), [0, 1, 2]);
    }

    #[test]
    fn an_expression_matches_the_whole_value_only() {
        assert_eq!(selected(r#"http_total{code=~"50"}"#), [] as [usize; 0]);
        assert_eq!(selected(r#"http_total{code=~"200|50"}"#), [0]);
    }

    #[test]
    fn a_selector_that_cannot_be_read_says_why() {
        let error = |text: &str| text.parse::<Selector>().unwrap_err().problem;
        assert_eq!(error(""), "it names no metric and no label");
        assert_eq!(error("a b"), "`b` is left over");
        assert_eq!(
            error("a{b}"),
            "after `b` comes none of `=`, `!=`, `=~`, `!~`"
        );
        assert_eq!(error("a{b=c}"), "after `=` comes no text in quotes");
        assert!(error("a{b=~\"(\"}").starts_with("the expression `(` is wrong: unclosed group"));
        assert!(error("a{b=~\"x)|(y\"}").contains("is wrong"));
    }

    #[test]
    fn an_expression_that_would_take_much_memory_is_refused() {
        let bomb = r#"a{b=~"((a{100}){100}){100}"}"#;
        let error = bomb.parse::<Selector>().unwrap_err().problem;
        assert!(error.contains("is wrong"), "{error}");
    }
}
