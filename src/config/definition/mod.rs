//! Definitions of HTTP backends, read from YAML: in `tidegate.yaml` under `type: http`, or in a file of their own.
//!
//! Everything in them may hold the placeholders of `provider`, so no variable of the environment is filled in here.

mod backend;
mod blueprint;
mod entry;
mod listing;
mod parameters;
mod polling;
mod request;
mod response;

pub(super) use backend::read;
use backend::{Wrong, is_missing, raw_text};
pub(super) use entry::{Named, find, names, read as read_entry};
pub use listing::{ListedDefinition, definitions};
pub(super) use parameters::{declared, given};

/// The keys of a definition.
pub(super) const KEYS: [&str; 11] = [
    "about",
    "vars",
    "params",
    "escape",
    "defaults",
    "request",
    "response",
    "async",
    "paginate",
    "shared_response",
    "probe",
];

/// The keys inside a definition.
pub(super) const INNER_KEYS: [&str; 51] = [
    "method",
    "path",
    "query",
    "headers",
    "body",
    "json",
    "form",
    "raw",
    "content_type",
    "success_when",
    "status",
    "jsonpath",
    "equals",
    "in",
    "absent",
    "optional",
    "all",
    "error_message",
    "extract",
    "jmespath",
    "regex",
    "header",
    "text",
    "csv",
    "column",
    "empty_means",
    "null_means",
    "parse_strings",
    "samples",
    "unit_at",
    "warnings",
    "token",
    "poll",
    "then",
    "interval",
    "done_when",
    "fail_when",
    "result",
    "cancel",
    "next",
    "param",
    "field",
    "link",
    "max_pages",
    "drop_other_params",
    "required",
    "default",
    "url",
    "auth",
    "reduce",
    "scale",
];
