//! Where the numbers of an answer are: `JSONPath`, `JMESPath`, a regular expression, a header, a column, or all of it.

use regex::Regex;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::definition::Extract;
use super::document::{self, BodyError};
use crate::net::Answer;

/// How many numbers are taken from one answer.
const MOST_NODES: usize = 1_000_000;

/// Something that an expression found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Where it is.
    pub place: String,
    /// What it is.
    pub value: Value,
}

/// Nothing can be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExtractError {
    /// The expression is none.
    #[error("the {language} `{expression}` cannot be read: {cause}")]
    Expression {
        /// `JSONPath`, `JMESPath`, regular expression.
        language: &'static str,
        /// The expression.
        expression: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The body cannot be read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The CSV cannot be read.
    #[error("the answer is no CSV that can be read: {cause}")]
    Csv {
        /// What is wrong.
        cause: String,
    },
    /// There is no such column.
    #[error("the answer has no column `{column}`; it has {}", columns.join(", "))]
    Column {
        /// The column.
        column: String,
        /// Those that are there.
        columns: Vec<String>,
    },
    /// The server tells of an error in the CSV itself.
    #[error("the server says: {message}")]
    Said {
        /// What it says.
        message: String,
    },
    /// There are too many.
    #[error("`{expression}` finds more than {MOST_NODES} numbers")]
    TooMany {
        /// The expression.
        expression: String,
    },
}

impl Extract {
    /// Returns what is wrong with the expression, where it is known before anyone is asked.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let expression = self.expression()?.constant()?;
        check(self, expression).err().map(|error| error.to_string())
    }
}

/// Checks an expression without an answer.
pub(super) fn check(extract: &Extract, expression: &str) -> Result<(), ExtractError> {
    match extract {
        Extract::JsonPath(_) => json_path(expression).map(drop),
        Extract::JmesPath(_) => jmes_path(expression).map(drop),
        Extract::Regex(_) => regex(expression).map(drop),
        Extract::Header(_) | Extract::Text | Extract::Csv { .. } => Ok(()),
    }
}

/// Finds what an expression names in an answer.
pub(super) fn nodes(
    extract: &Extract,
    expression: &str,
    answer: &Answer,
) -> Result<Vec<Node>, ExtractError> {
    let nodes = match extract {
        Extract::JsonPath(_) => by_json_path(expression, answer)?,
        Extract::JmesPath(_) => by_jmes_path(expression, answer)?,
        Extract::Regex(_) => by_regex(expression, answer)?,
        Extract::Header(name) => {
            let value = answer.header(name).map(|value| vec![text(name, value)]);
            value.unwrap_or_default()
        }
        Extract::Text => {
            let body = String::from_utf8_lossy(&answer.body);
            let body = body.trim_start_matches('\u{feff}').trim();
            let node = (!body.is_empty()).then(|| text("the answer", body));
            node.into_iter().collect()
        }
        Extract::Csv { .. } => by_column(expression, &answer.body)?,
    };
    if nodes.len() > MOST_NODES {
        return Err(ExtractError::TooMany {
            expression: expression.to_owned(),
        });
    }
    Ok(nodes)
}

/// Makes a node of a text.
fn text(place: &str, text: &str) -> Node {
    Node {
        place: place.to_owned(),
        value: Value::from(text),
    }
}

/// Reads a `JSONPath`.
fn json_path(expression: &str) -> Result<JsonPath, ExtractError> {
    JsonPath::parse(expression).map_err(|error| ExtractError::Expression {
        language: "JSONPath",
        expression: expression.to_owned(),
        cause: error.to_string(),
    })
}

/// Reads a `JMESPath`.
fn jmes_path(expression: &str) -> Result<jmespath::Expression<'static>, ExtractError> {
    jmespath::compile(expression).map_err(|error| ExtractError::Expression {
        language: "JMESPath",
        expression: expression.to_owned(),
        cause: error.reason.to_string(),
    })
}

/// Reads a regular expression, which needs a group.
fn regex(expression: &str) -> Result<Regex, ExtractError> {
    let refused = |cause: String| ExtractError::Expression {
        language: "regular expression",
        expression: expression.to_owned(),
        cause,
    };
    let regex = Regex::new(expression).map_err(|error| refused(one_line(&error.to_string())))?;
    if regex.captures_len() < 2 {
        return Err(refused("it has no group, such as `([0-9.]+)`".to_owned()));
    }
    Ok(regex)
}

/// Puts a text of several lines into one.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Finds the nodes of a `JSONPath`.
fn by_json_path(expression: &str, answer: &Answer) -> Result<Vec<Node>, ExtractError> {
    let path = json_path(expression)?;
    let document = document::json(&answer.body)?;
    let nodes = path.query_located(&document).into_iter();
    let nodes = nodes.take(MOST_NODES + 1).map(|node| Node {
        place: node.location().to_string(),
        value: node.node().clone(),
    });
    Ok(nodes.collect())
}

/// Finds what a `JMESPath` yields; null is nothing.
fn by_jmes_path(expression: &str, answer: &Answer) -> Result<Vec<Node>, ExtractError> {
    let path = jmes_path(expression)?;
    let document = document::json(&answer.body)?;
    let refused = |cause: String| ExtractError::Expression {
        language: "JMESPath",
        expression: expression.to_owned(),
        cause,
    };
    let found = path
        .search(document)
        .map_err(|error| refused(error.reason.to_string()))?;
    let found = serde_json::to_value(&*found).map_err(|error| refused(error.to_string()))?;
    let node = |(number, value)| Node {
        place: format!("[{number}]"),
        value,
    };
    Ok(match found {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements.into_iter().enumerate().map(node).collect(),
        value @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![Node {
                place: expression.to_owned(),
                value,
            }]
        }
    })
}

/// Finds group 1 of each match.
fn by_regex(expression: &str, answer: &Answer) -> Result<Vec<Node>, ExtractError> {
    let regex = regex(expression)?;
    let body = String::from_utf8_lossy(&answer.body);
    let groups = regex.captures_iter(&body).take(MOST_NODES + 1);
    let groups = groups.filter_map(|captures| captures.get(1));
    let found = groups.enumerate();
    Ok(found
        .map(|(number, group)| text(&format!("match {}", number + 1), group.as_str()))
        .collect())
}

/// Finds the values of a column. The answer may hold several tables, each with a head of its own behind an empty line,
/// and lines of annotations that begin with `#`, as `InfluxDB` writes them.
fn by_column(column: &str, body: &[u8]) -> Result<Vec<Node>, ExtractError> {
    let body = String::from_utf8_lossy(body).replace("\r\n", "\n");
    let body = body.trim_start_matches('\u{feff}');
    let mut nodes = Vec::new();
    for table in body.split("\n\n") {
        read_table(column, table, &mut nodes)?;
    }
    Ok(nodes)
}

/// Adds the values of a column of one table.
fn read_table(column: &str, table: &str, nodes: &mut Vec<Node>) -> Result<(), ExtractError> {
    let malformed = |error: csv::Error| ExtractError::Csv {
        cause: error.to_string(),
    };
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(table.as_bytes());
    let head = reader.headers().map_err(malformed)?.clone();
    if head.iter().all(|name| name.trim().is_empty()) {
        return Ok(());
    }
    let place = |wanted: &str| head.iter().position(|name| name.trim() == wanted);
    let Some(at) = place(column) else {
        if let Some(error) = place("error") {
            let message = reader.records().next().and_then(Result::ok);
            let message = message.and_then(|row| row.get(error).map(one_line));
            return Err(ExtractError::Said {
                message: message.unwrap_or_default(),
            });
        }
        return Err(ExtractError::Column {
            column: column.to_owned(),
            columns: head.iter().map(str::to_owned).collect(),
        });
    };
    for row in reader.records() {
        let row = row.map_err(malformed)?;
        let value = row.get(at).unwrap_or_default().trim();
        if nodes.len() > MOST_NODES {
            return Ok(());
        }
        nodes.push(Node {
            place: format!("row {} of `{column}`", nodes.len() + 1),
            value: match value {
                "" => Value::Null,
                value => Value::from(value),
            },
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::provider::http::template::Template;

    fn answer(body: &str) -> Answer {
        Answer {
            status: 200,
            content_type: None,
            date: None,
            headers: BTreeMap::from([("x-total".to_owned(), "7".to_owned())]),
            body: body.as_bytes().to_vec(),
            attempts: 1,
            elapsed: Duration::ZERO,
        }
    }

    fn found(extract: &Extract, expression: &str, body: &str) -> Vec<Value> {
        let nodes = nodes(extract, expression, &answer(body)).unwrap();
        nodes.into_iter().map(|node| node.value).collect()
    }

    fn template() -> Template {
        Template::default()
    }

    #[test]
    fn each_way_to_find_numbers_finds_them() {
        let body = r#"{"a": [{"b": 1}, {"b": "2"}], "c": null}"#;
        let json = Extract::JsonPath(template());
        assert_eq!(found(&json, "$.a[*].b", body), [Value::from(1), "2".into()]);
        assert_eq!(found(&json, "$.nothing", body), [] as [Value; 0]);
        let jmes = Extract::JmesPath(template());
        assert_eq!(found(&jmes, "a[].b", body), [Value::from(1), "2".into()]);
        assert_eq!(found(&jmes, "length(a)", body), [Value::from(2.0)]);
        assert_eq!(found(&jmes, "c", body), [] as [Value; 0]);
        let regex = Extract::Regex(template());
        assert_eq!(
            found(&regex, r"p95=([0-9.]+)", "p95=1.5 p95=2"),
            ["1.5", "2"]
        );
        assert_eq!(found(&Extract::Header("X-Total".to_owned()), "", ""), ["7"]);
        assert_eq!(found(&Extract::Text, "", " 4.5\n"), ["4.5"]);
        assert_eq!(found(&Extract::Text, "", "\n"), [] as [Value; 0]);
    }

    #[test]
    fn the_tables_of_influx_are_read_and_its_errors_heard() {
        let csv = Extract::Csv { column: template() };
        let body = "#datatype,string,long,double\r\n,result,table,_value\r\n,_result,0,1.5\r\n,_result,1,\r\n\r\n,result,table,_value,host\r\n,_result,2,3,a\r\n\r\n";
        assert_eq!(
            found(&csv, "_value", body),
            [Value::from("1.5"), Value::Null, "3".into()]
        );
        assert_eq!(found(&csv, "_value", "\r\n"), [] as [Value; 0]);
        let error = "error,reference\r\nFailed to parse query,897\r\n";
        let error = nodes(&csv, "_value", &answer(error)).unwrap_err();
        assert_eq!(error.to_string(), "the server says: Failed to parse query");
        let error = nodes(&csv, "value", &answer(body)).unwrap_err();
        assert!(matches!(error, ExtractError::Column { .. }));
    }

    #[test]
    fn an_expression_that_is_none_is_told() {
        for (extract, expression) in [
            (Extract::JsonPath(template()), "a.b"),
            (Extract::JmesPath(template()), "a["),
            (Extract::Regex(template()), "(a"),
            (Extract::Regex(template()), "no group"),
        ] {
            let error = check(&extract, expression).unwrap_err().to_string();
            assert!(
                error.contains(expression) && !error.contains('\n'),
                "{error}"
            );
        }
    }
}
