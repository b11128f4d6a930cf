//! What a backend is asked over HTTP, and what its answer means: plain data, built by whoever reads definitions.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use serde_json_path::JsonPath;

use super::template::Template;
use crate::gate::Escape;
use crate::net::Method;

/// A backend as it is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// What it is, in a few words.
    pub about: String,
    /// What the provider's entry says besides the address: `org`, `bucket`, `tenant`.
    pub variables: BTreeMap<String, Parameter>,
    /// What an SLI may say in `params`; `None` where it may say anything.
    pub parameters: Option<BTreeMap<String, Parameter>>,
    /// What makes values from outside harmless in queries.
    pub escape: Escape,
    /// How long after the end of the window the backend has all data.
    pub delay: Duration,
    /// The queries for indicators that no file defines, placeholders not yet filled.
    pub defaults: BTreeMap<String, String>,
    /// The request of each query.
    pub request: RequestTemplate,
    /// What its answer means.
    pub response: ResponseRules,
    /// How the result is fetched where the first answer has none.
    pub polling: Option<Polling>,
    /// How further pages are fetched.
    pub paging: Option<Paging>,
    /// A cheap request that shows whether the backend lets us in.
    pub probe: Option<RequestTemplate>,
}

/// A value that users give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// What it is.
    pub about: String,
    /// The value where nobody gives one.
    pub default: Option<String>,
    /// Whether somebody must give one.
    pub need: Need,
}

/// Whether a value must be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Need {
    /// It may be left out; what holds nothing else is left out, too.
    #[default]
    Optional,
    /// It must be given.
    Required,
}

/// A request with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestTemplate {
    /// The method.
    pub method: Method,
    /// The path below the base URL.
    pub path: Template,
    /// Parameters of the URL.
    pub query: Vec<(String, Template)>,
    /// Headers, besides those of the connection.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: BodyTemplate,
}

/// A body with placeholders.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum BodyTemplate {
    /// There is none.
    #[default]
    None,
    /// JSON; every text in it is a template, which was checked when it was read.
    Json(JsonTemplate),
    /// A form.
    Form(Vec<(String, Template)>),
    /// Anything; each placeholder names a filter.
    Raw {
        /// What it is.
        content_type: String,
        /// The text.
        text: Template,
    },
}

/// JSON with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonTemplate {
    /// A value without any.
    Constant(Value),
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<Self>),
    /// An object; the names are as they are.
    Object(Vec<(String, Self)>),
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseRules {
    /// The statuses of an answer that can be used; empty: 200 to 299.
    pub statuses: Vec<u16>,
    /// What must hold of an answer that can be used.
    pub expectations: Vec<Expectation>,
    /// Where the server's own words are, in the order in which they are looked for.
    pub error_messages: Vec<JsonPath>,
    /// Where the numbers are.
    pub extract: Extract,
    /// What it means that there is none.
    pub on_empty: Absence,
    /// What it means that one is null.
    pub on_null: Absence,
    /// Whether a text that holds a number is one.
    pub texts: Texts,
    /// Where the number of samples is.
    pub samples: Option<JsonPath>,
    /// Where the unit is.
    pub unit: Option<JsonPath>,
    /// What is worth knowing although there is an answer.
    pub warnings: Option<JsonPath>,
}

/// Something that must hold of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Where to look.
    pub path: JsonPath,
    /// What must be there.
    pub demand: Demand,
}

/// What must be at a place of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Demand {
    /// One of these.
    OneOf(Vec<Value>),
    /// One of these, or nothing at all.
    OneOfOrNothing(Vec<Value>),
    /// Nothing.
    Nothing,
}

/// Where the numbers of an answer are.
#[derive(Clone, Debug, PartialEq)]
pub enum Extract {
    /// At the nodes of a `JSONPath`.
    JsonPath(Template),
    /// What a `JMESPath` yields: a number, or a list of them.
    JmesPath(Template),
    /// In group 1 of each match of a regular expression.
    Regex(Template),
    /// In a header.
    Header(String),
    /// The whole body is the number.
    Text,
    /// In a column of CSV.
    Csv {
        /// The name of the column.
        column: Template,
    },
}

/// What it means that something is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absence {
    /// The backend has no data.
    #[default]
    NoData,
    /// The answer is not understood.
    Error,
}

/// Whether a text that holds a number is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Texts {
    /// It is: many APIs write numbers so.
    #[default]
    Parsed,
    /// It is an error.
    Refused,
}

/// How the result is fetched where the first answer has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Polling {
    /// Where the first answer names the query; where it does not, it is the result.
    pub token: JsonPath,
    /// What asks whether the result is there.
    pub poll: RequestTemplate,
    /// How long to wait between two polls.
    pub interval: Duration,
    /// How long to wait in all.
    pub max: Duration,
    /// What an answer with the result says.
    pub done_when: Condition,
    /// What an answer says that ends it without a result.
    pub fail_when: Option<Condition>,
    /// What fetches the result where the last poll does not hold it.
    pub result: Option<RequestTemplate>,
    /// What stops the query when nobody waits any longer.
    pub cancel: Option<RequestTemplate>,
}

/// Something that an answer says.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Where to look.
    pub path: JsonPath,
    /// What is there: one of these.
    pub values: Vec<Value>,
}

/// How further pages are fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct Paging {
    /// Where an answer says what comes next; nothing, null or an empty text: it was the last.
    pub next: JsonPath,
    /// What is done with it.
    pub target: NextPage,
    /// How many pages there may be.
    pub max_pages: usize,
    /// What becomes of the parameters of the first request.
    pub others: OtherParameters,
}

/// What is done with the name of the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextPage {
    /// It is the value of a parameter of the URL.
    Parameter(String),
    /// It is the value of a field of the JSON body or the form.
    Field(String),
    /// It is the URL of the page, on the same server.
    Link,
}

/// What becomes of the parameters of the first request on further pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtherParameters {
    /// They stay.
    #[default]
    Kept,
    /// They go.
    Dropped,
}

impl Definition {
    /// Tells whether the request has a placeholder of this name.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        self.request.uses(name)
    }
}

impl RequestTemplate {
    /// Makes a GET without anything but a path.
    #[must_use]
    pub fn get(path: Template) -> Self {
        Self {
            method: Method::GET,
            path,
            query: Vec::new(),
            headers: Vec::new(),
            body: BodyTemplate::None,
        }
    }

    /// Tells whether a placeholder of this name stands anywhere in the request.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        let holds = |template: &Template| template.names().any(|found| found == name);
        let any = |pairs: &[(String, Template)]| pairs.iter().any(|(_, template)| holds(template));
        holds(&self.path)
            || any(&self.query)
            || any(&self.headers)
            || match &self.body {
                BodyTemplate::None => false,
                BodyTemplate::Json(tree) => tree.holds(&holds),
                BodyTemplate::Form(fields) => any(fields),
                BodyTemplate::Raw { text, .. } => holds(text),
            }
    }
}

impl JsonTemplate {
    /// Tells whether any text in it is of a kind.
    fn holds(&self, is: &dyn Fn(&Template) -> bool) -> bool {
        match self {
            Self::Constant(_) => false,
            Self::Text(template) => is(template),
            Self::List(elements) => elements.iter().any(|element| element.holds(is)),
            Self::Object(members) => members.iter().any(|(_, member)| member.holds(is)),
        }
    }
}

impl Extract {
    /// Returns the template of the expression, where there is one.
    #[must_use]
    pub fn expression(&self) -> Option<&Template> {
        match self {
            Self::JsonPath(template) | Self::JmesPath(template) | Self::Regex(template) => {
                Some(template)
            }
            Self::Csv { column } => Some(column),
            Self::Header(_) | Self::Text => None,
        }
    }
}
