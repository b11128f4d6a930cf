//! One query, ready to be sent, and what came of it.

use std::time::Duration;

use super::parameter::{self, Parameter};
use super::statement::{Dialect, Statement};
use super::table::Column;
use crate::gate::{Context, FailureKind, FetchFailure};
use crate::provider::Request;
use crate::provider::answered::Found;

/// The option that names the column.
pub(super) const COLUMN: &str = "column";

/// One query, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    /// The text.
    pub statement: Statement,
    /// The values of its names.
    pub parameters: Vec<Parameter>,
    /// The column that holds the numbers, where one is named.
    pub column: Option<String>,
    /// How long it may take.
    pub limit: Duration,
}

impl Task {
    /// Makes a query of a request.
    pub(super) fn new(
        request: &Request,
        context: &Context,
        dialect: Dialect,
        limit: Duration,
    ) -> Result<Self, Found> {
        let failed = |text: String| Found::failed(FailureKind::BadQuery, text);
        let statement =
            Statement::parse(&request.query, dialect).map_err(|error| failed(error.to_string()))?;
        let parameters = parameter::bound(&statement, &request.options, context)
            .map_err(|error| failed(error.to_string()))?;
        let column = request.options.get(COLUMN).and_then(|name| name.as_str());
        Ok(Self {
            statement,
            parameters,
            column: column.map(str::to_owned),
            limit,
        })
    }

    /// Makes the query that any database answers.
    pub(super) fn probe(limit: Duration) -> Self {
        let statement = Statement {
            text: "select 1".to_owned(),
            names: Vec::new(),
        };
        Self {
            statement,
            parameters: Vec::new(),
            column: None,
            limit,
        }
    }
}

/// What came of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    /// The numbers, or why there are none.
    pub found: Found,
    /// How many rows there were.
    pub rows: Option<u64>,
    /// What the user should know.
    pub warning: Option<String>,
    /// Asking again may help.
    pub may_pass: bool,
}

impl Said {
    /// Starts with nothing but what was found.
    pub(super) fn of(found: Found) -> Self {
        Self {
            found,
            rows: None,
            warning: None,
            may_pass: false,
        }
    }

    /// Takes a failure; the unavailable may be there in a moment.
    pub(super) fn failed(kind: FailureKind, message: impl Into<String>) -> Self {
        let failure = FetchFailure {
            kind,
            message: message.into(),
        };
        Self {
            may_pass: matches!(kind, FailureKind::Unavailable | FailureKind::Throttled),
            ..Self::of(Found::Failed(failure))
        }
    }

    /// Takes the cells of a column.
    pub(super) fn column(column: Column) -> Self {
        let (found, warning) = column.found();
        Self {
            warning,
            ..Self::of(found)
        }
    }

    /// Says that asking again does not help.
    pub(super) fn for_good(self) -> Self {
        Self {
            may_pass: false,
            ..self
        }
    }
}
