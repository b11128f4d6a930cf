//! Conditions on the cells of a table: `>=500`, `!=OK`, `200`.

use serde::Deserialize;

/// A condition on a cell.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Scalar")]
pub struct Condition {
    /// How the cell and the operand relate.
    relation: Relation,
    /// What the cell is compared with.
    operand: String,
}

/// How a cell and an operand relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// They are the same number, or the same text.
    Is,
    /// They are neither the same number nor the same text.
    IsNot,
    /// The cell is less.
    Less,
    /// The cell is at most that.
    AtMost,
    /// The cell is more.
    More,
    /// The cell is at least that.
    AtLeast,
}

/// How a condition may be written in a file.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    /// A text, perhaps with an operator before it.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
}

impl From<Scalar> for Condition {
    fn from(scalar: Scalar) -> Self {
        let is = |operand| Self {
            relation: Relation::Is,
            operand,
        };
        match scalar {
            Scalar::Text(text) => Self::parse(&text),
            Scalar::Number(number) => is(number.to_string()),
            Scalar::Flag(flag) => is(flag.to_string()),
        }
    }
}

impl Condition {
    /// Reads a condition. One without an operator means "is". An order needs a number; before a text its sign is text.
    fn parse(text: &str) -> Self {
        let operators = [
            (">=", Relation::AtLeast),
            ("<=", Relation::AtMost),
            ("!=", Relation::IsNot),
            ("==", Relation::Is),
            (">", Relation::More),
            ("<", Relation::Less),
            ("=", Relation::Is),
        ];
        for (sign, relation) in operators {
            let Some(operand) = text.trim().strip_prefix(sign) else {
                continue;
            };
            let is_equality = matches!(relation, Relation::Is | Relation::IsNot);
            if is_equality || operand.trim().parse::<f64>().is_ok_and(f64::is_finite) {
                let operand = operand.trim().to_owned();
                return Self { relation, operand };
            }
        }
        Self {
            relation: Relation::Is,
            operand: text.trim().to_owned(),
        }
    }

    /// Tells whether the condition holds for a text; none where the text has to be a number.
    pub(super) fn holds_for_text(&self, text: &str) -> Option<bool> {
        match self.relation {
            Relation::Is => Some(self.is_same(text)),
            Relation::IsNot => Some(!self.is_same(text)),
            Relation::Less | Relation::AtMost | Relation::More | Relation::AtLeast => None,
        }
    }

    /// Tells whether the condition holds for a number.
    pub(super) fn holds_for_number(&self, number: f64) -> bool {
        let Ok(operand) = self.operand.parse::<f64>() else {
            return false;
        };
        match self.relation {
            Relation::Is => number.total_cmp(&operand).is_eq(),
            Relation::IsNot => number.total_cmp(&operand).is_ne(),
            Relation::Less => number < operand,
            Relation::AtMost => number <= operand,
            Relation::More => number > operand,
            Relation::AtLeast => number >= operand,
        }
    }

    /// Tells whether a text is the operand, as text or as a number: `200` and `200.0`.
    fn is_same(&self, text: &str) -> bool {
        let numbers = || Some((text.parse::<f64>().ok()?, self.operand.parse::<f64>().ok()?));
        text == self.operand || numbers().is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_compare_numbers_or_texts() {
        let holds = |condition: &str, text: &str| {
            let condition = Condition::parse(condition);
            let as_text = condition.holds_for_text(text);
            as_text.unwrap_or_else(|| condition.holds_for_number(text.parse().unwrap()))
        };
        assert!(holds(">=500", "500") && !holds(">500", "500"));
        assert!(holds("< 3", "2.5") && holds("<=3", "3"));
        assert!(holds("200", "200.0") && holds("=OK", "OK") && !holds("OK", "KO"));
        assert!(holds("!=200", "timeout") && !holds("!= 200", "200"));
        assert!(holds(">a", ">a"));
    }
}
