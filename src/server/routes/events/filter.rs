//! The filter expressions of the event history: `data.project:p AND data.result:pass,warning` (controlplane.md 1.8).

use crate::server::Problem;
use crate::server::routes::parameters::quoted;
use crate::server::store::{EventSearch, Member};

/// The most clauses of an expression.
const CLAUSES: usize = 20;
/// The most values of a clause.
const VALUES: usize = 100;

/// Reads an expression into a search.
pub(super) fn read(expression: &str) -> Result<EventSearch, Problem> {
    let mut search = EventSearch::default();
    let clauses: Vec<&str> = expression.split(" AND ").map(str::trim).collect();
    if clauses.len() > CLAUSES {
        let many = format!("the filter has more than {CLAUSES} clauses");
        return Err(Problem::bad_request(many));
    }
    for clause in clauses.into_iter().filter(|clause| !clause.is_empty()) {
        let (path, values) = clause_of(clause)?;
        put(&mut search, path, values);
    }
    if search.project.is_none() && search.context.is_none() {
        return Err(Problem::bad_request(
            "the filter has to name a project or a context: data.project:NAME or shkeptncontext:ID",
        ));
    }
    Ok(search)
}

/// Reads a clause: the path, and the values.
fn clause_of(clause: &str) -> Result<(Vec<String>, Vec<String>), Problem> {
    let problem = |why: &str| {
        let text = format!("the clause {} of the filter {why}", quoted(clause));
        Problem::bad_request(text)
    };
    let Some((path, values)) = clause.split_once(':') else {
        return Err(problem("has no `:`; it has to be PATH:VALUE"));
    };
    if values.contains(':') {
        return Err(problem(
            "has more than one `:`; a value can't have one (for times take fromTime)",
        ));
    }
    let path: Vec<String> = path.trim().split('.').map(str::to_owned).collect();
    if path
        .iter()
        .any(|name| name.is_empty() || name.contains('"'))
    {
        return Err(problem("has no path such as data.project"));
    }
    let values: Vec<String> = values.split(',').map(|one| one.trim().to_owned()).collect();
    if values.len() > VALUES {
        return Err(problem(&format!("has more than {VALUES} values")));
    }
    Ok((path, values))
}

/// Puts a clause into a search: at its own place, where an index knows of it.
fn put(search: &mut EventSearch, path: Vec<String>, mut values: Vec<String>) {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let place = match names[..] {
        ["data", "project"] => Some(&mut search.project),
        ["data", "stage"] => Some(&mut search.stage),
        ["data", "service"] => Some(&mut search.service),
        ["shkeptncontext"] => Some(&mut search.context),
        ["source"] => Some(&mut search.source),
        ["id"] => Some(&mut search.id),
        _ => None,
    };
    match (place, values.as_slice()) {
        (Some(place @ None), [_one]) => *place = values.pop(),
        _ => search.members.push(Member { path, values }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_expression_is_read_clause_by_clause() {
        let text = "data.project:podtato AND data.stage:dev AND data.result:pass,warning AND source:lighthouse-service";
        let search = read(text).unwrap();
        assert_eq!(search.project.as_deref(), Some("podtato"));
        assert_eq!(search.stage.as_deref(), Some("dev"));
        assert_eq!(search.source.as_deref(), Some("lighthouse-service"));
        let member = Member {
            path: vec!["data".to_owned(), "result".to_owned()],
            values: vec!["pass".to_owned(), "warning".to_owned()],
        };
        assert_eq!(search.members, [member]);
    }

    #[test]
    fn two_values_of_one_place_must_both_be_met() {
        let search = read("data.project:a AND data.project:b").unwrap();
        assert_eq!(search.project.as_deref(), Some("a"));
        assert_eq!(search.members.len(), 1);
    }

    #[test]
    fn what_can_not_be_meant_is_refused() {
        for text in [
            "",
            "data.stage:dev",
            "data.project",
            "data.project:a AND time:2024-02-01T10:00:00Z",
            "data.project:a AND .:x",
            "data.project:a AND data.\"x:1",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            if let Ok(search) = read(&text) {
                prop_assert!(search.project.is_some() || search.context.is_some());
            }
        }
    }
}
