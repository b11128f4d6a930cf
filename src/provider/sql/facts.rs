//! What is known of a database without asking it.

use std::time::Duration;

use super::parameter::{self, ALWAYS, PARAMS, ParameterError};
use super::settings::{Database, SqlSettings};
use super::statement::{Dialect, Statement, StatementError};
use super::task::COLUMN;
use crate::gate::{Context, Escape, IndicatorName, ProviderFacts, Query, QueryPart, QueryProblem};
use crate::provider::ProviderKind;
use crate::provider::facts::unknown_options;

/// What is known of a database without asking it.
pub(in crate::provider) struct SqlFacts {
    /// Whose SQL is spoken; `None` in a dry run without settings.
    dialect: Option<Dialect>,
}

impl SqlFacts {
    /// Looks at the settings, where there are some.
    pub(in crate::provider) fn of(settings: Option<&SqlSettings>) -> Self {
        let dialect = settings.map(|settings| match settings.database {
            Database::Sqlite(_) => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        });
        Self { dialect }
    }
}

impl ProviderFacts for SqlFacts {
    fn default_query(&self, _indicator: &IndicatorName, _context: &Context) -> Option<String> {
        None
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        match part {
            QueryPart::Text => Escape::Forbid,
            // Values are bound, so that they may be anything.
            QueryPart::Option(PARAMS) => Escape::Plain,
            QueryPart::Option(_) => Escape::Refuse,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        let mut problems = unknown_options(query, ProviderKind::Sql.as_str(), &[PARAMS, COLUMN]);
        if query
            .options
            .get(COLUMN)
            .is_some_and(|name| !name.is_string())
        {
            problems.push(QueryProblem {
                option: Some(COLUMN.to_owned()),
                message: format!("`{COLUMN}` must be the name of a column"),
                hint: "such as `column: p95`".to_owned(),
            });
        }
        let Some(dialect) = self.dialect else {
            return problems;
        };
        match Statement::parse(&query.text, dialect) {
            Ok(statement) => {
                let checked = parameter::check(&statement, &query.options);
                problems.extend(checked.err().as_ref().map(of_parameter));
            }
            Err(error) => problems.push(of_statement(&error)),
        }
        problems
    }

    fn delay(&self, _query: &Query) -> Duration {
        Duration::ZERO
    }
}

/// Says what to do about a text.
fn of_statement(error: &StatementError) -> QueryProblem {
    let hint = match error {
        StatementError::Empty => {
            "write a query: `query: \"select avg(ms) from calls where at between :start and :end\"`"
        }
        StatementError::Several => {
            "keep one; several steps fit into one with `with … as (…) select …`"
        }
        StatementError::Unclosed { .. } => "close it",
        StatementError::Numbered { .. } => {
            "such as `where service = :svc`, and `params: {svc: $SERVICE}`"
        }
    };
    QueryProblem {
        option: None,
        message: error.to_string(),
        hint: hint.to_owned(),
    }
}

/// Says what to do about a value to bind.
fn of_parameter(error: &ParameterError) -> QueryProblem {
    let always: Vec<String> = ALWAYS.iter().map(|name| format!(":{name}")).collect();
    let (option, hint) = match error {
        ParameterError::Unknown { name } => (
            None,
            format!(
                "give it a value, `params: {{{name}: …}}`; always there are {}",
                always.join(", ")
            ),
        ),
        ParameterError::Compound { .. } => (
            Some(PARAMS),
            "bind each value by a name of its own".to_owned(),
        ),
        ParameterError::NoMapping => (Some(PARAMS), "such as `params: {svc: $SERVICE}`".to_owned()),
        ParameterError::Reserved { .. } => (Some(PARAMS), "choose another name".to_owned()),
    };
    QueryProblem {
        option: option.map(str::to_owned),
        message: error.to_string(),
        hint,
    }
}
