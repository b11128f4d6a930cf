//! Any JSON: the indicator says where the number is, in `JSONPath` (RFC 9535) or `JMESPath`.

use serde::Deserialize;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::failure::{FileError, Place};
use super::format::Format;
use super::found::{Found, QueryError};
use super::json_document::parse_any;
use super::quantity;
use super::results::Unit;
use super::text;

/// The longest query, in bytes. Both languages are read by recursion.
const LONGEST_QUERY: usize = 1000;

/// The most signs of a query behind which another step or level begins.
const MOST_STEPS: usize = 64;

/// The most filters and parentheses of a query: `JSONPath` is read in time that doubles with each level.
const MOST_FILTERS: usize = 6;

/// The most `..` of a query: each goes through the whole document again for every place it is at.
const MOST_DESCENTS: usize = 2;

/// The longest run of digits in a query; `JMESPath` counts in 32 bits.
const MOST_DIGITS: usize = 9;

/// The most numbers that a query may find.
const MOST_FOUND: usize = 1_000_000;

/// Where a number is in any JSON, and how it is read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the file"
)]
pub struct JsonSpec {
    /// The query: a `JSONPath` that begins with `$`, or a `JMESPath`, which may begin with `jmespath:`.
    pub query: String,
    /// Whether the file has one document a line.
    #[serde(default)]
    pub lines: bool,
    /// Whether texts that hold a number count as numbers.
    #[serde(default)]
    pub parse_strings: bool,
    /// Whether texts that hold a number with its unit count as numbers: `12ms`.
    #[serde(default)]
    pub parse_units: bool,
    /// Whether true counts as 1 and false as 0.
    #[serde(default)]
    pub booleans: bool,
}

/// A query that was read.
enum Path {
    /// `JSONPath`.
    Json(Box<JsonPath>),
    /// `JMESPath`.
    Jmes(Box<jmespath::Expression<'static>>),
}

/// Numbers that are being collected.
struct Collected<'a> {
    /// How values are read.
    spec: &'a JsonSpec,
    /// The numbers.
    values: Vec<f64>,
    /// The unit of all of them, once one is known.
    unit: Option<Unit>,
    /// How many values were null.
    nulls: usize,
}

/// Checks that a query can be read, without a file.
pub(super) fn check(spec: &JsonSpec) -> Result<(), QueryError> {
    Path::parse(&spec.query).map(|_| ())
}

/// Asks a file. No value found, or nothing but null, is "no data".
pub(super) fn query(input: &[u8], spec: &JsonSpec) -> Result<Found, QueryError> {
    let path = Path::parse(&spec.query)?;
    let text = text::decode(input)?;
    let mut collected = Collected {
        spec,
        values: Vec::new(),
        unit: None,
        nulls: 0,
    };
    if spec.lines {
        for (line, number) in text.lines().zip(1..) {
            if line.trim().is_empty() {
                continue;
            }
            let document = parse_any(line, Format::Json);
            let document = document.map_err(|error| at_line(error, number))?;
            collected.add_from(&path, document)?;
        }
    } else {
        collected.add_from(&path, parse_any(text, Format::Json)?)?;
    }
    Ok(collected.into_found())
}

/// Puts the line of the file in place of line 1 of the document.
fn at_line(error: FileError, line: u64) -> FileError {
    let moved = |place| match place {
        Place::Column(_, column) => Place::Column(line, column),
        Place::Line(_) | Place::Byte(_) => Place::Line(line),
    };
    let mut error = error;
    if let FileError::Malformed { place, .. } | FileError::Truncated { place, .. } = &mut error {
        *place = moved(*place);
    }
    error
}

impl Path {
    /// Reads a query.
    fn parse(query: &str) -> Result<Self, QueryError> {
        check_size(query)?;
        let shown: String = query.chars().take(200).collect();
        if query.starts_with('$') {
            let path = JsonPath::parse(query).map_err(|error| {
                QueryError::wrong(format!("cannot read the JSONPath `{shown}`: {error}"))
            })?;
            return Ok(Self::Json(Box::new(path)));
        }
        let expression = query.strip_prefix("jmespath:").unwrap_or(query).trim();
        let compiled = jmespath::compile(expression).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().next().unwrap_or_default();
            QueryError::wrong(format!(
                "cannot read the JMESPath `{shown}`: {reason}; a JSONPath begins with `$`"
            ))
        })?;
        Ok(Self::Jmes(Box::new(compiled)))
    }
}

/// Refuses queries whose reading or answering could take very long or very deep.
fn check_size(query: &str) -> Result<(), QueryError> {
    let is_step = |letter: &char| ".[({!&|*-".contains(*letter);
    let steps = query.chars().filter(is_step).count();
    let filters = query
        .chars()
        .filter(|letter| "?(".contains(*letter))
        .count();
    let descents = query.matches("..").count();
    let mut runs = query.split(|c: char| !c.is_ascii_digit());
    let problem = if query.len() > LONGEST_QUERY {
        format!(
            "has {} bytes; {LONGEST_QUERY} at most are read",
            query.len()
        )
    } else if steps > MOST_STEPS {
        format!("goes {steps} steps deep; {MOST_STEPS} at most are read")
    } else if filters > MOST_FILTERS {
        format!("has {filters} `?` and `(`; {MOST_FILTERS} at most are read")
    } else if descents > MOST_DESCENTS {
        format!(
            "has `..` {descents} times; {MOST_DESCENTS} at most are read: name the keys on the way"
        )
    } else if runs.any(|run| run.len() > MOST_DIGITS) {
        format!("has a number of more than {MOST_DIGITS} digits")
    } else {
        return Ok(());
    };
    let shown: String = query.chars().take(80).collect();
    Err(QueryError::wrong(format!("the query `{shown}` {problem}")))
}

impl Collected<'_> {
    /// Adds what a query finds in a document.
    fn add_from(&mut self, path: &Path, document: Value) -> Result<(), QueryError> {
        match path {
            Path::Json(path) => {
                for node in path.query_located(&document) {
                    self.add(node.node(), &|| node.location().to_string())?;
                }
            }
            Path::Jmes(expression) => {
                let found = expression.search(document).map_err(|error| {
                    let reason = error.to_string();
                    let reason = reason.lines().next().unwrap_or_default();
                    QueryError::wrong(format!("cannot answer `{}`: {reason}", self.spec.query))
                })?;
                let place = || format!("what `{}` finds", self.spec.query);
                match found.as_array() {
                    Some(values) => {
                        for value in values {
                            self.add_variable(value, &place)?;
                        }
                    }
                    None => self.add_variable(&found, &place)?,
                }
            }
        }
        Ok(())
    }

    /// Adds one value of a `JMESPath`.
    fn add_variable(
        &mut self,
        value: &jmespath::Variable,
        place: &dyn Fn() -> String,
    ) -> Result<(), QueryError> {
        let found = if value.is_array() {
            "an array".to_owned()
        } else if value.is_object() || value.is_expref() {
            "an object".to_owned()
        } else {
            let scalar = serde_json::to_value(value).unwrap_or(Value::Null);
            return self.add(&scalar, place);
        };
        Err(no_number(place, found, "go on to a number in it"))
    }

    /// Adds one value.
    fn add(&mut self, value: &Value, place: &dyn Fn() -> String) -> Result<(), QueryError> {
        let (number, unit) = match value {
            Value::Null => {
                self.nulls += 1;
                return Ok(());
            }
            Value::Number(number) => (number.as_f64().unwrap_or(f64::NAN), Unit::Unknown),
            Value::Bool(is_true) if self.spec.booleans => {
                (f64::from(u8::from(*is_true)), Unit::Unknown)
            }
            Value::String(text) if self.spec.parse_units => {
                quantity::parse(text).ok_or_else(|| {
                    no_number(
                        place,
                        quoted(text),
                        "`parse_units` knows ns to d, %, and bytes",
                    )
                })?
            }
            Value::String(text) if self.spec.parse_strings => {
                let number = text.trim().parse().map_err(|_error| {
                    no_number(
                        place,
                        quoted(text),
                        "`parse_units: true` reads `12ms` and `3%`",
                    )
                })?;
                (number, Unit::Unknown)
            }
            Value::String(text) => {
                let advice = "`parse_strings: true` reads texts as numbers";
                return Err(no_number(place, quoted(text), advice));
            }
            Value::Bool(is_true) => {
                let advice = "`booleans: true` reads true as 1 and false as 0";
                return Err(no_number(place, is_true.to_string(), advice));
            }
            Value::Array(_) => {
                let advice = "`[*]` at the end of the query selects its elements";
                return Err(no_number(place, "an array".to_owned(), advice));
            }
            Value::Object(_) => {
                let advice = "go on to a number in it";
                return Err(no_number(place, "an object".to_owned(), advice));
            }
        };
        if *self.unit.get_or_insert(unit) != unit {
            let found = "in another unit than those before".to_owned();
            return Err(no_number(place, found, "select values of one unit"));
        }
        if self.values.len() >= MOST_FOUND {
            return Err(QueryError::wrong(format!(
                "`{}` finds more than {MOST_FOUND} numbers: narrow it down",
                self.spec.query
            )));
        }
        self.values.push(number);
        Ok(())
    }

    /// Returns what was found.
    fn into_found(self) -> Found {
        let Self {
            values,
            unit,
            nulls,
            spec: _,
        } = self;
        let mut warnings = Vec::new();
        if nulls > 0 {
            let total = nulls + values.len();
            warnings.push(format!(
                "{nulls} of {total} values are null, and do not count"
            ));
        }
        let count = values.len();
        let mut found = Found::new(values).of_samples(count).with_warnings(warnings);
        found.unit = unit.unwrap_or(Unit::Unknown);
        found
    }
}

/// Shows a text of the document, cut.
fn quoted(text: &str) -> String {
    let text: String = text.chars().take(60).collect();
    format!("the text {text:?}")
}

/// Says that what was found is no number.
fn no_number(place: &dyn Fn() -> String, found: String, advice: &str) -> QueryError {
    QueryError::NotANumber {
        place: place().chars().take(200).collect(),
        found,
        advice: advice.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"summary": {"p95": 12.5, "p99": null, "text": "7.5", "took": "250us", "ok": true},
        "metrics": [{"name": "a", "value": 1}, {"name": "b", "value": 3}], "none": []}"#;

    fn spec(query: &str) -> JsonSpec {
        serde_json::from_value(serde_json::json!({ "query": query })).unwrap()
    }

    fn ask(text: &str) -> Result<Found, QueryError> {
        query(DOCUMENT.as_bytes(), &spec(text))
    }

    #[test]
    fn jsonpath_and_jmespath_find_numbers() {
        assert_eq!(ask("$.summary.p95").unwrap().values, [12.5]);
        assert_eq!(
            ask("$.metrics[?@.name == 'b'].value").unwrap().values,
            [3.0]
        );
        assert_eq!(ask("$..value").unwrap().values, [1.0, 3.0]);
        assert_eq!(ask("summary.p95").unwrap().values, [12.5]);
        assert_eq!(
            ask("metrics[?name=='b'].value | [0]").unwrap().values,
            [3.0]
        );
        assert_eq!(ask("jmespath: sum(metrics[].value)").unwrap().values, [4.0]);
        assert_eq!(ask("metrics[].value").unwrap().values, [1.0, 3.0]);
    }

    #[test]
    fn nothing_and_null_are_no_data() {
        for query in [
            "$.absent",
            "$.summary.p99",
            "absent",
            "summary.p99",
            "none[*].x",
        ] {
            assert_eq!(ask(query).unwrap().values, [] as [f64; 0], "{query}");
        }
        assert_eq!(
            ask("$.summary['p95', 'p99']").unwrap().warnings,
            ["1 of 2 values are null, and do not count"]
        );
    }

    #[test]
    fn texts_units_and_booleans_are_read_on_request_only() {
        let asked = |text: &str, change: fn(&mut JsonSpec)| {
            let mut spec = spec(text);
            change(&mut spec);
            query(DOCUMENT.as_bytes(), &spec)
        };
        let found = asked("$.summary.text", |spec| spec.parse_strings = true).unwrap();
        assert_eq!(found.values, [7.5]);
        let found = asked("$.summary.took", |spec| spec.parse_units = true).unwrap();
        assert_eq!((found.values, found.unit), (vec![0.25], Unit::Milliseconds));
        let found = asked("summary.ok", |spec| spec.booleans = true).unwrap();
        assert_eq!(found.values, [1.0]);
        let mixed = asked("$.summary['took', 'p95']", |spec| spec.parse_units = true);
        assert!(mixed.unwrap_err().to_string().contains("another unit"));
    }

    #[test]
    fn what_is_no_number_is_told_with_its_place_and_advice() {
        let error = |query: &str| ask(query).unwrap_err().to_string();
        assert_eq!(
            error("$.summary.text"),
            "$['summary']['text'] is the text \"7.5\", not a number; `parse_strings: true` reads texts as numbers"
        );
        assert!(error("summary.ok").contains("is true, not a number; `booleans: true`"));
        assert!(error("$.metrics").contains("`[*]` at the end of the query"));
        assert!(error("summary").contains("an object"));
        assert!(error("$.summary[").starts_with("cannot read the JSONPath `$.summary[`: "));
        assert!(error("a b").starts_with("cannot read the JMESPath `a b`: "));
    }

    #[test]
    fn one_document_a_line_is_asked_line_by_line() {
        let mut spec = spec("$.value");
        spec.lines = true;
        let found = query(b"{\"value\":1}\r\n\n{\"other\":2}\n{\"value\":3}", &spec).unwrap();
        assert_eq!(found.values, [1.0, 3.0]);
        let cut = query(b"{\"value\":1}\n{\"val", &spec).unwrap_err();
        assert!(cut.to_string().contains("cut off after line 2"), "{cut}");
    }

    #[test]
    fn queries_that_could_take_for_ever_are_refused() {
        let shapes = [
            "!", "(", "[", "[?", "a.", "a|", "a||", "-", "..*", "$[?", "[*]", "{a:", "&", "a[?",
            "@.", "[][", "*.", "$[?@", "a[0]", "!(", "a<", "a==",
        ];
        for shape in shapes {
            for start in ["", "$", "$[?", "a"] {
                let query = format!("{start}{}", shape.repeat(2000 / shape.len()));
                assert!(ask(&query).is_err(), "{shape}");
                for count in [5, 20, 60] {
                    let query = format!("{start}{}", shape.repeat(count));
                    // Read or refused, but neither endless nor too deep.
                    drop(ask(query.trim_end_matches(['.', '|', '['])));
                }
            }
        }
        assert!(ask("metrics[::2147483647]").is_err());
    }

    #[test]
    fn names_can_be_chained_as_far_as_steps_go() {
        let query = format!("a{}", ".a".repeat(MOST_STEPS));
        assert_eq!(ask(&query).unwrap().values, [] as [f64; 0]);
        let query = format!("${}", ".a".repeat(MOST_STEPS));
        assert_eq!(ask(&query).unwrap().values, [] as [f64; 0]);
    }
}
