//! The filter expression of the event history: `data.project:p AND data.result:pass,warning`.

use std::fmt;

/// A filter expression that means what it says. Keptn drops a clause with more than one colon without a word, and takes
/// a value apart at commas and at ` AND `: such a value makes no expression, and is to be filtered by whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expression(Vec<String>);

impl Expression {
    /// Starts with the project, without which Keptn accepts no expression. `None` where the name can't be said.
    #[must_use]
    pub fn of_project(project: &str) -> Option<Self> {
        Self::default().and("data.project", project)
    }

    /// Adds a condition. `None` where the value can't be said.
    #[must_use]
    pub fn and(self, path: &str, value: &str) -> Option<Self> {
        self.and_any(path, [value])
    }

    /// Adds a condition that one of several values meets. `None` where one of them can't be said.
    #[must_use]
    pub fn and_any<'v>(
        mut self,
        path: &str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Option<Self> {
        let values: Vec<&str> = values.into_iter().collect();
        if values.is_empty() || !values.iter().all(|value| can_be_said(value)) {
            return None;
        }
        self.0.push(format!("{path}:{}", values.join(",")));
        Some(self)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" AND "))
    }
}

/// Tells whether a value stays whole, and the same, on its way.
fn can_be_said(value: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '/');
    !value.is_empty() && value.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_written_as_keptn_reads_it() {
        let expression = Expression::of_project("sockshop")
            .and_then(|e| e.and("data.stage", "dev"))
            .and_then(|e| e.and_any("data.result", ["pass", "warning"]));
        assert_eq!(
            expression.unwrap().to_string(),
            "data.project:sockshop AND data.stage:dev AND data.result:pass,warning"
        );
    }

    #[test]
    fn what_keptn_would_take_apart_or_drop_makes_no_expression() {
        for value in ["", "a:b", "a,b", "a AND data.stage:b", "a b", "$x", "a\n"] {
            assert_eq!(Expression::of_project(value), None, "{value}");
        }
        let project = Expression::of_project("p").unwrap();
        assert_eq!(project.and_any("data.result", []), None);
    }
}
