//! One endpoint.

use crate::server::access::ProjectRule;
use crate::server::settings::Scope;

/// One method of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// The path, as the router knows it.
    pub path: &'static str,
    /// The family, for readers of the document.
    pub family: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// What it takes.
    pub need: Need,
    /// Where the project is named.
    pub project: ProjectRule,
    /// The parameters of the query.
    pub query: &'static [Parameter],
    /// The schema of the body; `None`: it takes none.
    pub body: Option<&'static str>,
    /// What it answers when all is well.
    pub answers: &'static [Answered],
    /// The statuses of its refusals, besides those that any endpoint has.
    pub refusals: &'static [u16],
}

/// What a request has to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// A token with the scope `read`, unless the operator makes metrics public.
    MetricsToken,
    /// A token with a scope.
    Token(Scope),
    /// A token with the scope that the event in the body takes.
    ByEvent,
}

/// A parameter of the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name.
    pub name: &'static str,
    /// The JSON type.
    pub kind: &'static str,
    /// Whether it has to be there.
    pub need: ParameterNeed,
    /// What it means.
    pub meaning: &'static str,
}

/// Whether a parameter has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterNeed {
    /// It may be left out.
    Optional,
    /// It has to be there.
    Required,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The schema of the body; `None`: the body is empty, or no JSON.
    pub schema: Option<&'static str>,
}

impl Endpoint {
    /// Makes an endpoint that takes a token with the scope `read`.
    pub const fn new(
        method: &'static str,
        path: &'static str,
        family: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            family,
            summary,
            need: Need::Token(Scope::Read),
            project: ProjectRule::Open,
            query: &[],
            body: None,
            answers: &[],
            refusals: &[],
        }
    }

    /// Makes an endpoint that reads.
    pub const fn get(path: &'static str, family: &'static str, summary: &'static str) -> Self {
        Self::new("GET", path, family, summary)
    }

    /// Makes an endpoint that makes something, or sets something off.
    pub const fn post(path: &'static str, family: &'static str, summary: &'static str) -> Self {
        Self::new("POST", path, family, summary)
    }

    /// Makes an endpoint that changes something.
    pub const fn put(path: &'static str, family: &'static str, summary: &'static str) -> Self {
        Self::new("PUT", path, family, summary)
    }

    /// Makes an endpoint that removes something.
    pub const fn delete(path: &'static str, family: &'static str, summary: &'static str) -> Self {
        Self::new("DELETE", path, family, summary)
    }

    /// Says what it takes.
    pub const fn needs(mut self, need: Need) -> Self {
        self.need = need;
        self
    }

    /// Says which scope it takes.
    pub const fn scope(self, scope: Scope) -> Self {
        self.needs(Need::Token(scope))
    }

    /// Says where the project is named.
    pub const fn of(mut self, project: ProjectRule) -> Self {
        self.project = project;
        self
    }

    /// Says which parameters it has.
    pub const fn query(mut self, query: &'static [Parameter]) -> Self {
        self.query = query;
        self
    }

    /// Tells whether it is only there to say that it is left out.
    pub const fn is_left_out(&self) -> bool {
        self.answers.is_empty()
    }

    /// Says what body it takes.
    pub const fn takes(mut self, schema: &'static str) -> Self {
        self.body = Some(schema);
        self
    }

    /// Says what it answers.
    pub const fn answers(mut self, answers: &'static [Answered]) -> Self {
        self.answers = answers;
        self
    }

    /// Says how it refuses.
    pub const fn refuses(mut self, refusals: &'static [u16]) -> Self {
        self.refusals = refusals;
        self
    }
}

impl Parameter {
    /// Makes a text that may be left out.
    pub const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            kind: "string",
            need: ParameterNeed::Optional,
            meaning,
        }
    }

    /// Makes a whole number that may be left out.
    pub const fn number(name: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            kind: "integer",
            need: ParameterNeed::Optional,
            meaning,
        }
    }

    /// Says that it has to be there.
    pub const fn required(mut self) -> Self {
        self.need = ParameterNeed::Required;
        self
    }
}

impl Answered {
    /// Makes an answer with a JSON body.
    pub const fn json(status: u16, schema: &'static str) -> Self {
        Self {
            status,
            schema: Some(schema),
        }
    }

    /// Makes an answer without a JSON body.
    pub const fn empty(status: u16) -> Self {
        Self {
            status,
            schema: None,
        }
    }
}
