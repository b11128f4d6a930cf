//! Queries of user sessions: `USQL;TYPE;DIMENSION;QUERY`.

use serde_json::Value;

use super::query::problem;
use crate::gate::{FailureKind, QueryProblem};
use crate::provider::answered::Found;

/// A query of user sessions, and where its number stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SessionQuery {
    /// The shape of the result.
    pub shape: Shape,
    /// The text of the query.
    pub query: String,
}

/// The shape of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One row with one column.
    Single,
    /// A row per dimension, whose second column counts: a pie, column, or line chart.
    Chart {
        /// What the first column must be.
        dimension: String,
    },
    /// A row per dimension, whose last column counts.
    Table {
        /// What the first column must be.
        dimension: String,
    },
}

/// What to write.
const HINT: &str = "write `USQL;SINGLE_VALUE;;SELECT …`, or `USQL;TYPE;DIMENSION;SELECT …` with PIE_CHART, COLUMN_CHART, LINE_CHART, or TABLE";

impl SessionQuery {
    /// Understands what stands behind `USQL;`. The query itself may have a `;` in it.
    pub(super) fn parse(text: &str) -> Result<Self, QueryProblem> {
        let mut pieces = text.splitn(3, ';').map(str::trim);
        let (Some(name), Some(dimension), Some(query)) =
            (pieces.next(), pieces.next(), pieces.next())
        else {
            return Err(problem(
                "`USQL;` needs a type, a dimension, and a query",
                HINT,
            ));
        };
        if query.is_empty() {
            return Err(problem("`USQL;` has no query", HINT));
        }
        let dimension = dimension.to_owned();
        let shape = match (name, dimension.is_empty()) {
            ("SINGLE_VALUE", true) => Shape::Single,
            ("SINGLE_VALUE", false) => {
                let message =
                    format!("SINGLE_VALUE takes no dimension, but there is `{dimension}`");
                return Err(problem(message, HINT));
            }
            ("PIE_CHART" | "COLUMN_CHART" | "LINE_CHART" | "TABLE", true) => {
                return Err(problem(format!("{name} needs a dimension"), HINT));
            }
            ("PIE_CHART" | "COLUMN_CHART" | "LINE_CHART", false) => Shape::Chart { dimension },
            ("TABLE", false) => Shape::Table { dimension },
            _ => {
                return Err(problem(
                    format!("`{name}` is no type of a USQL query"),
                    HINT,
                ));
            }
        };
        Ok(Self {
            shape,
            query: query.to_owned(),
        })
    }

    /// Finds the number in the table that came back; `None` where it is no such table.
    pub(super) fn find(&self, answer: &Value) -> Option<Found> {
        let columns = answer.get("columnNames")?.as_array()?;
        let rows = answer.get("values")?.as_array()?;
        let rows: Vec<&Vec<Value>> = rows
            .iter()
            .map(Value::as_array)
            .collect::<Option<Vec<_>>>()?;
        Some(match &self.shape {
            Shape::Single => single(columns.len(), &rows),
            Shape::Chart { dimension } => by_dimension(dimension, &rows, |row| row.get(1)),
            Shape::Table { dimension } => by_dimension(dimension, &rows, <[Value]>::last),
        })
    }
}

/// Takes the only value there is.
fn single(columns: usize, rows: &[&Vec<Value>]) -> Found {
    match rows {
        [] => Found::Nothing("USQL returned no row".to_owned()),
        [row] if columns == 1 => match row.as_slice() {
            [cell] => number(cell),
            _ => odd(format!("USQL returned a row with {} cells", row.len())),
        },
        _ => odd(format!(
            "USQL returned {} rows and {columns} columns, but SINGLE_VALUE is one of each; use TABLE with a dimension",
            rows.len()
        )),
    }
}

/// Takes a value of the row whose first cell is the dimension.
fn by_dimension(
    dimension: &str,
    rows: &[&Vec<Value>],
    pick: impl Fn(&[Value]) -> Option<&Value>,
) -> Found {
    let mut seen = Vec::new();
    for row in rows {
        if row.len() < 2 {
            return odd(
                "USQL returned fewer than two columns; select the dimension first, then the number"
                    .to_owned(),
            );
        }
        let Some(first) = row.first().and_then(Value::as_str) else {
            return odd(
                "the first column of what USQL returned is no text; select the dimension first"
                    .to_owned(),
            );
        };
        if first == dimension {
            return pick(row).map_or_else(|| odd("the row has no number".to_owned()), number);
        }
        seen.push(first);
    }
    seen.truncate(3);
    let seen = match seen.as_slice() {
        [] => "it returned no row at all".to_owned(),
        some => format!("there are rows for {}", some.join(", ")),
    };
    Found::Nothing(format!("USQL returned no row for `{dimension}`; {seen}"))
}

/// Reads the number in a cell.
fn number(cell: &Value) -> Found {
    match (cell, cell.as_f64()) {
        (_, Some(value)) => Found::number(value),
        (Value::Null, None) => Found::Nothing("USQL returned 'null' as value".to_owned()),
        (_, None) => odd("the value that USQL returned is no number".to_owned()),
    }
}

/// Says that the query does not yield what it says.
fn odd(message: String) -> Found {
    Found::failed(FailureKind::BadQuery, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(text: &str) -> Result<SessionQuery, String> {
        SessionQuery::parse(text).map_err(|problem| problem.message)
    }

    fn find(query: &str, columns: &[&str], values: impl Into<Value>) -> String {
        let values: Value = values.into();
        let answer = json!({"columnNames": columns, "values": values});
        match parse(query).unwrap().find(&answer).unwrap() {
            Found::Numbers(numbers) => format!("{}", numbers[0].value),
            Found::Nothing(reason) => reason,
            Found::Failed(failure) => format!("{:?}: {}", failure.kind, failure.message),
        }
    }

    #[test]
    fn a_query_may_have_a_semicolon_in_it() {
        let query = parse("TABLE;a;SELECT x FROM y WHERE z = \";\"").unwrap();
        assert_eq!(query.query, "SELECT x FROM y WHERE z = \";\"");
    }

    #[test]
    fn every_shape_takes_its_own_column() {
        assert_eq!(find("SINGLE_VALUE;;S", &["n"], json!([[42]])), "42");
        let rows = json!([["iOS", 1, 10], ["Android", 2.5, 20]]);
        for (shape, expected) in [
            ("PIE_CHART", "2.5"),
            ("COLUMN_CHART", "2.5"),
            ("LINE_CHART", "2.5"),
            ("TABLE", "20"),
        ] {
            let query = format!("{shape};Android;S");
            assert_eq!(find(&query, &["os", "n", "m"], rows.clone()), expected);
        }
    }

    #[test]
    fn what_is_missing_or_odd_is_said() {
        let single = |columns: &[&str], values| find("SINGLE_VALUE;;S", columns, values);
        let table = |values| find("TABLE;iOS;S", &["os", "n"], values);
        assert_eq!(single(&["n"], json!([])), "USQL returned no row");
        assert_eq!(
            single(&["n"], json!([[null]])),
            "USQL returned 'null' as value"
        );
        insta::assert_snapshot!(single(&["n", "m"], json!([[1, 2]])), @"BadQuery: USQL returned 1 rows and 2 columns, but SINGLE_VALUE is one of each; use TABLE with a dimension");
        insta::assert_snapshot!(single(&["n"], json!([["many"]])), @"BadQuery: the value that USQL returned is no number");
        insta::assert_snapshot!(table(json!([["Android", 1]])), @"USQL returned no row for `iOS`; there are rows for Android");
        insta::assert_snapshot!(table(json!([])), @"USQL returned no row for `iOS`; it returned no row at all");
        insta::assert_snapshot!(table(json!([[7, 1]])), @"BadQuery: the first column of what USQL returned is no text; select the dimension first");
        insta::assert_snapshot!(table(json!([["iOS"]])), @"BadQuery: USQL returned fewer than two columns; select the dimension first, then the number");
    }

    #[test]
    fn the_type_decides_whether_there_is_a_dimension() {
        for (text, message) in [
            (
                "SINGLE_VALUE;iOS;S",
                "SINGLE_VALUE takes no dimension, but there is `iOS`",
            ),
            ("TABLE;;S", "TABLE needs a dimension"),
            ("FUNNEL;a;S", "`FUNNEL` is no type of a USQL query"),
            ("TABLE;a", "`USQL;` needs a type, a dimension, and a query"),
            ("TABLE;a;", "`USQL;` has no query"),
        ] {
            assert_eq!(parse(text), Err(message.to_owned()));
        }
    }

    #[test]
    fn what_is_no_table_is_none() {
        let query = parse("SINGLE_VALUE;;S").unwrap();
        for other in [
            json!({}),
            json!([]),
            json!({"columnNames": [], "values": [1]}),
        ] {
            assert_eq!(query.find(&other), None);
        }
    }
}
