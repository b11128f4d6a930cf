//! What the server says of itself.

use super::endpoint::{Answered, Endpoint, Need, Parameter};
use crate::server::access::ProjectRule;
use crate::server::settings::Scope;

/// The endpoints.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("/v1/auth", "api", "Tells whether a token is good.")
        .answers(&[Answered::empty(200)]),
    Endpoint::get("/v1/metadata", "api", "Tells which server this is.")
        .answers(&[Answered::json(200, "Metadata")]),
    Endpoint::post(
        "/v1/import",
        "api",
        "Left out: import packages are a preview of Keptn; send their parts one by one.",
    )
    .scope(Scope::Admin)
    .of(ProjectRule::Query)
    .query(&[Parameter::text("project", "The project.")])
    .refuses(&[501]),
    Endpoint::get("/health", "server", "Tells whether the process is alive.")
        .needs(Need::Nothing)
        .answers(&[Answered::json(200, "Health")]),
    Endpoint::get("/healthz", "server", "The same as /health.")
        .needs(Need::Nothing)
        .answers(&[Answered::json(200, "Health")]),
    Endpoint::get(
        "/ready",
        "server",
        "Tells whether events can be taken in and stored.",
    )
    .needs(Need::Nothing)
    .answers(&[Answered::json(200, "Health")])
    .refuses(&[503]),
    Endpoint::get(
        "/metrics",
        "server",
        "Figures in the text format of Prometheus.",
    )
    .needs(Need::MetricsToken)
    .of(ProjectRule::All)
    .answers(&[Answered::empty(200)]),
    Endpoint::get("/openapi.json", "server", "This document.")
        .needs(Need::Nothing)
        .answers(&[Answered::json(200, "Anything")]),
    Endpoint::get(
        "/statistics/v1/statistics",
        "statistics",
        "Counts the events of a time by project, service and type.",
    )
    .query(&[
        Parameter::number("from", "Seconds since 1970.").required(),
        Parameter::number("to", "Seconds since 1970.").required(),
    ])
    .answers(&[Answered::json(200, "Statistics")])
    .refuses(&[400, 404]),
];
