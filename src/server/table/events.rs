//! Events: in, open, and stored.

use super::endpoint::{Answered, Endpoint, Need, Parameter};
use crate::server::access::ProjectRule;

/// The endpoints.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/event",
        "events",
        "Takes an event in; answered once it is stored.",
    )
    .needs(Need::ByEvent)
    .of(ProjectRule::Body("/data/project"))
    .takes("Event")
    .answers(&[Answered::json(200, "EventContextId")])
    .refuses(&[400, 404, 409]),
    Endpoint::get(
        "/controlPlane/v1/event/triggered/{type}",
        "events",
        "Lists the open tasks of a type, for whoever carries them out.",
    )
    .of(ProjectRule::Query)
    .query(&[
        Parameter::text("project", "Only of this project."),
        Parameter::text("stage", "Only of this stage."),
        Parameter::text("service", "Only of this service."),
        Parameter::text("eventID", "Only this one."),
        Parameter::number("pageSize", "How many at most. Default: 20."),
        Parameter::text("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "Events")])
    .refuses(&[400, 404]),
    Endpoint::get(
        "/mongodb-datastore/event",
        "events",
        "Lists stored events, newest first.",
    )
    .of(ProjectRule::Query)
    .query(&[
        Parameter::text("keptnContext", "Only of this context."),
        Parameter::text("type", "Only of this type."),
        Parameter::text("fromTime", "Only after this time: RFC 3339."),
        Parameter::text("beforeTime", "Only before this time: RFC 3339."),
        Parameter::text(
            "root",
            "Only the first event of each context, whatever this says.",
        ),
        Parameter::text("project", "Only of this project."),
        Parameter::text("stage", "Only of this stage."),
        Parameter::text("service", "Only of this service."),
        Parameter::text("eventID", "Only this one."),
        Parameter::text("source", "Only from this source."),
        Parameter::number("pageSize", "How many at most, 1 to 100. Default: 20."),
        Parameter::text("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "Events")])
    .refuses(&[400]),
    Endpoint::get(
        "/x/v1/events/stream",
        "events",
        "Sends events as they are stored, as server-sent events.",
    )
    .of(ProjectRule::Query)
    .query(&[
        Parameter::text("project", "Only of this project."),
        Parameter::text("keptnContext", "Only of this context."),
        Parameter::text("type", "Only of this type."),
    ])
    .answers(&[Answered::empty(200)])
    .refuses(&[400, 404]),
    Endpoint::get(
        "/mongodb-datastore/event/type/{type}",
        "events",
        "Lists stored events of a type, newest first.",
    )
    .of(ProjectRule::Filter)
    .query(&[
        Parameter::text("filter", "data.project:NAME AND data.stage:NAME and so on.").required(),
        Parameter::text("excludeInvalidated", "true or false."),
        Parameter::text("fromTime", "Only after this time: RFC 3339."),
        Parameter::number("limit", "How many at most, 1 to 100. Default: 20."),
    ])
    .answers(&[Answered::json(200, "Events")])
    .refuses(&[400]),
];
