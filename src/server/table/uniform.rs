//! Integrations, their subscriptions, and what they write down.

use super::endpoint::{Answered, Endpoint, Parameter};
use crate::server::access::ProjectRule;
use crate::server::settings::Scope;

/// The endpoints.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get(
        "/controlPlane/v1/uniform/registration",
        "uniform",
        "Lists integrations.",
    )
    .query(&[
        Parameter::text("name", "Only those of this name."),
        Parameter::text("id", "Only this one."),
        Parameter::text("namespace", "Only those in this namespace."),
        Parameter::text("hostname", "Only those on this host."),
        Parameter::text("project", "Only those that hear of this project."),
        Parameter::text("stage", "Only those that hear of this stage."),
        Parameter::text("service", "Only those that hear of this service."),
    ])
    .answers(&[Answered::json(200, "Integrations")]),
    Endpoint::post(
        "/controlPlane/v1/uniform/registration",
        "uniform",
        "Registers an integration.",
    )
    .scope(Scope::Execute)
    .takes("Integration")
    .answers(&[Answered::json(200, "Id"), Answered::json(201, "Id")])
    .refuses(&[400, 409]),
    Endpoint::put(
        "/controlPlane/v1/uniform/registration/{id}/ping",
        "uniform",
        "Says that an integration is alive.",
    )
    .scope(Scope::Execute)
    .answers(&[Answered::json(200, "Integration")])
    .refuses(&[404]),
    Endpoint::delete(
        "/controlPlane/v1/uniform/registration/{id}",
        "uniform",
        "Forgets an integration.",
    )
    .scope(Scope::Execute)
    .answers(&[Answered::json(200, "Empty")])
    .refuses(&[404, 409]),
    Endpoint::get(
        "/controlPlane/v1/uniform/registration/{id}/subscription",
        "uniform",
        "Lists what an integration wants to hear of.",
    )
    .answers(&[Answered::json(200, "Subscriptions")])
    .refuses(&[404]),
    Endpoint::post(
        "/controlPlane/v1/uniform/registration/{id}/subscription",
        "uniform",
        "Adds what an integration wants to hear of.",
    )
    .scope(Scope::Execute)
    .takes("Subscription")
    .answers(&[Answered::json(201, "Id")])
    .refuses(&[400, 404, 409]),
    Endpoint::get(
        "/controlPlane/v1/uniform/registration/{id}/subscription/{subscription}",
        "uniform",
        "Shows one subscription.",
    )
    .answers(&[Answered::json(200, "Subscription")])
    .refuses(&[404]),
    Endpoint::put(
        "/controlPlane/v1/uniform/registration/{id}/subscription/{subscription}",
        "uniform",
        "Changes a subscription.",
    )
    .scope(Scope::Execute)
    .takes("Subscription")
    .answers(&[Answered::json(201, "Id")])
    .refuses(&[400, 404, 409]),
    Endpoint::delete(
        "/controlPlane/v1/uniform/registration/{id}/subscription/{subscription}",
        "uniform",
        "Removes a subscription.",
    )
    .scope(Scope::Execute)
    .answers(&[Answered::json(200, "Empty")])
    .refuses(&[404]),
    Endpoint::get(
        "/controlPlane/v1/log",
        "log",
        "Lists what integrations wrote down as gone wrong, newest first.",
    )
    .of(ProjectRule::All)
    .query(&[
        Parameter::text("integrationId", "Only of this integration."),
        Parameter::text("fromTime", "Only after this time: RFC 3339."),
        Parameter::text("beforeTime", "Only before this time: RFC 3339."),
        Parameter::number("pageSize", "How many at most; 0: all. Default: 20."),
        Parameter::number("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "LogEntries")])
    .refuses(&[400]),
    Endpoint::post(
        "/controlPlane/v1/log",
        "log",
        "Writes down what went wrong.",
    )
    .scope(Scope::Execute)
    .takes("NewLogEntries")
    .answers(&[Answered::json(200, "Empty")])
    .refuses(&[400]),
];
