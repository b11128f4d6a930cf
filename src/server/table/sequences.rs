//! Sequences: how they stand, and what steers them.

use super::endpoint::{Answered, Endpoint, Parameter};
use crate::server::access::ProjectRule;
use crate::server::settings::Scope;

/// The endpoints.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/controlPlane/v1/project/{project}/stage/{stage}/service/{service}/evaluation",
        "sequences",
        "Triggers an evaluation.",
    )
    .scope(Scope::Trigger)
    .of(ProjectRule::Path)
    .takes("NewEvaluation")
    .answers(&[Answered::json(200, "EventContextId")])
    .refuses(&[400, 404]),
    Endpoint::get(
        "/controlPlane/v1/sequence/{project}",
        "sequences",
        "Lists how the contexts of a project stand, newest first.",
    )
    .of(ProjectRule::Path)
    .query(&[
        Parameter::text("name", "Only sequences of this name."),
        Parameter::text("state", "Only in this state."),
        Parameter::text("fromTime", "Only from this time on: RFC 3339."),
        Parameter::text("beforeTime", "Only before this time: RFC 3339."),
        Parameter::text("keptnContext", "Only these, with commas between them."),
        Parameter::number("pageSize", "How many at most; 0: all. Default: 20."),
        Parameter::number("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "SequenceStates")])
    .refuses(&[400]),
    Endpoint::post(
        "/controlPlane/v1/sequence/{project}/{context}/control",
        "sequences",
        "Pauses, resumes or aborts.",
    )
    .scope(Scope::Trigger)
    .of(ProjectRule::Path)
    .takes("NewControl")
    .answers(&[Answered::json(200, "Empty")])
    .refuses(&[400, 404, 409]),
    Endpoint::get(
        "/controlPlane/v1/sequence-execution",
        "sequences",
        "Lists runs of sequences, newest first.",
    )
    .of(ProjectRule::Query)
    .query(&[
        Parameter::text("project", "The project.").required(),
        Parameter::text("stage", "Only of this stage."),
        Parameter::text("service", "Only of this service."),
        Parameter::text("name", "Only of this sequence."),
        Parameter::text("status", "Only in this state."),
        Parameter::text("keptnContext", "Only of this context."),
        Parameter::number("pageSize", "How many at most; 0: all. Default: 20."),
        Parameter::number("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "SequenceExecutions")])
    .refuses(&[400, 404]),
    Endpoint::get(
        "/x/v1/context/{context}/verdict",
        "sequences",
        "Tells what a delivery came to, over all its sequences.",
    )
    .of(ProjectRule::Query)
    .query(&[Parameter::text("project", "The project.")])
    .answers(&[Answered::json(200, "Anything")])
    .refuses(&[400, 404]),
];
