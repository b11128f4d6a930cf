//! Settings of a Prometheus.

use crate::net::ConnectionSettings;

/// The parameters that are ours to set.
const RESERVED: [&str; 6] = ["query", "time", "timeout", "start", "end", "step"];

/// How to ask a Prometheus, or whatever speaks its HTTP API.
#[derive(Clone, Debug, PartialEq)]
pub struct PrometheusSettings {
    /// How to reach it. The path of the URL is kept: `/prometheus`, `/api/prom`, `/select/0/prometheus`.
    pub connection: ConnectionSettings,
    /// Further parameters of every query, such as `dedup` of Thanos.
    pub query_parameters: Vec<QueryParameter>,
}

impl PrometheusSettings {
    /// Takes a connection, and no further parameters.
    #[must_use]
    pub fn new(connection: ConnectionSettings) -> Self {
        Self {
            connection,
            query_parameters: Vec::new(),
        }
    }
}

/// A parameter of every query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryParameter {
    /// Its name.
    name: String,
    /// Its value.
    value: String,
}

impl QueryParameter {
    /// Makes a parameter, unless its name is one that is ours to set.
    pub fn new(name: &str, value: impl Into<String>) -> Result<Self, ParameterError> {
        if name.is_empty() {
            return Err(ParameterError::Empty);
        }
        if RESERVED.contains(&name) {
            return Err(ParameterError::Reserved {
                name: name.to_owned(),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.into(),
        })
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// A query parameter was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// It has no name.
    #[error("a query parameter needs a name")]
    Empty,
    /// It would change what is asked.
    #[error("query parameter `{name}` is set by tidegate itself")]
    Reserved {
        /// The name.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_would_change_the_question_is_refused() {
        for name in RESERVED {
            let error = QueryParameter::new(name, "1").unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("query parameter `{name}` is set by tidegate itself")
            );
        }
        assert_eq!(QueryParameter::new("", "1"), Err(ParameterError::Empty));
        let dedup = QueryParameter::new("dedup", "true").unwrap();
        assert_eq!((dedup.name(), dedup.value()), ("dedup", "true"));
    }
}
