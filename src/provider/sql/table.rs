//! From rows to numbers: one column, and one row unless `reduce` says how to make one number of several.

use crate::gate::FailureKind;
use crate::provider::answered::{Found, Number};

/// How many rows are read at most.
pub(super) const MOST_ROWS: usize = 10_000;

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// NULL.
    Null,
    /// A number; may be NaN.
    Number(f64),
    /// Something else: its type, and what to do about it.
    Other {
        /// The type.
        kind: String,
        /// What to do.
        hint: &'static str,
    },
}

/// What a query gave: the cells of one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// There were more rows than are read.
    pub is_cut: bool,
}

/// Chooses a column by its name, or the only one.
pub(super) fn choose(names: &[&str], wanted: Option<&str>) -> Result<usize, Found> {
    let failed = |text: String| Err(Found::failed(FailureKind::BadQuery, text));
    let listed = || {
        let listed: Vec<String> = names
            .iter()
            .take(10)
            .map(|name| format!("`{name}`"))
            .collect();
        listed.join(", ")
    };
    match (names, wanted) {
        ([], _) => failed("the statement returns no column; write a query: `select …`".to_owned()),
        ([_], None) => Ok(0),
        (_, None) => failed(format!(
            "the query returns {} columns: {}; select one, or name it: `column: …`",
            names.len(),
            listed()
        )),
        (_, Some(wanted)) => {
            let mut places = names
                .iter()
                .enumerate()
                .filter(|(_, name)| **name == wanted);
            match (places.next(), places.next()) {
                (Some((place, _)), None) => Ok(place),
                (Some(_), Some(_)) => failed(format!(
                    "the query returns several columns `{wanted}`; give each its own name with `as`"
                )),
                (None, _) => failed(format!(
                    "the query returns no column `{wanted}`; it returns {}",
                    listed()
                )),
            }
        }
    }
}

impl Column {
    /// Returns the numbers, and what to say of cells without one.
    pub(super) fn found(self) -> (Found, Option<String>) {
        let Self {
            name,
            cells,
            is_cut,
        } = self;
        if is_cut {
            let text = format!(
                "the query returns more than {MOST_ROWS} rows; aggregate in the query: `select percentile_cont(…)`, `avg(…)`"
            );
            return (Found::failed(FailureKind::BadQuery, text), None);
        }
        if cells.is_empty() {
            return (Found::Nothing("the query returned no row".to_owned()), None);
        }
        let count = cells.len();
        let mut numbers = Vec::new();
        for (row, cell) in cells.into_iter().enumerate() {
            match cell {
                Cell::Null => {}
                Cell::Number(value) => numbers.push(Number {
                    value,
                    name: if count > 1 {
                        format!("row {}", row + 1)
                    } else {
                        String::new()
                    },
                }),
                Cell::Other { kind, hint } => {
                    let text = format!(
                        "the column `{name}` is of type {kind}, which is no number; {hint}"
                    );
                    return (Found::failed(FailureKind::BadQuery, text), None);
                }
            }
        }
        if numbers.is_empty() {
            let text = if count == 1 {
                format!("`{name}` is NULL: nothing matched in the window?")
            } else {
                format!("`{name}` is NULL in all {count} rows")
            };
            return (Found::Nothing(text), None);
        }
        let empty = count - numbers.len();
        let warning =
            (empty > 0).then(|| format!("{empty} of {count} rows are NULL and were left out"));
        (Found::Numbers(numbers), warning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: Vec<Cell>) -> Column {
        Column {
            name: "p95".to_owned(),
            cells,
            is_cut: false,
        }
    }

    #[test]
    fn no_row_and_null_are_no_data_and_never_0() {
        assert!(matches!(column(vec![]).found().0, Found::Nothing(_)));
        assert!(matches!(
            column(vec![Cell::Null]).found().0,
            Found::Nothing(_)
        ));
        assert!(matches!(
            column(vec![Cell::Null; 3]).found().0,
            Found::Nothing(_)
        ));
    }

    #[test]
    fn null_among_numbers_is_left_out_and_said() {
        let (found, warning) =
            column(vec![Cell::Number(1.0), Cell::Null, Cell::Number(3.0)]).found();
        let Found::Numbers(numbers) = found else {
            panic!();
        };
        assert_eq!(numbers.len(), 2);
        assert_eq!((numbers[1].value, numbers[1].name.as_str()), (3.0, "row 3"));
        assert_eq!(warning.unwrap(), "1 of 3 rows are NULL and were left out");
    }

    #[test]
    fn what_is_no_number_is_an_error_with_a_way_out() {
        let other = Cell::Other {
            kind: "boolean".to_owned(),
            hint: "count them",
        };
        let (found, _) = column(vec![Cell::Number(1.0), other]).found();
        let expected = "the column `p95` is of type boolean, which is no number; count them";
        assert_eq!(found, Found::failed(FailureKind::BadQuery, expected));
        let cut = Column {
            is_cut: true,
            ..column(vec![Cell::Number(1.0)])
        };
        assert!(matches!(cut.found().0, Found::Failed(_)));
    }

    #[test]
    fn one_column_is_chosen_and_never_by_chance() {
        assert_eq!(choose(&["a"], None), Ok(0));
        assert_eq!(choose(&["a", "b"], Some("b")), Ok(1));
        for (names, wanted) in [
            (&[][..], None),
            (&["a", "b"], None),
            (&["a", "b"], Some("c")),
            (&["a", "a"], Some("a")),
            (&["a"], Some("A")),
        ] {
            assert!(choose(names, wanted).is_err(), "{names:?} {wanted:?}");
        }
    }
}
