//! Projects, their resources, and secrets.

use super::endpoint::{Answered, Endpoint, Parameter};
use crate::server::access::ProjectRule;
use crate::server::settings::Scope;

/// The endpoints of projects, stages and services.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get(
        "/controlPlane/v1/project",
        "projects",
        "Lists projects by name.",
    )
    .query(&[
        Parameter::number("pageSize", "How many at most. Default: 20."),
        Parameter::text("nextPageKey", "Where the page before ended."),
        Parameter::text("disableUpstreamSync", "Taken, and not looked at."),
    ])
    .answers(&[Answered::json(200, "Projects")])
    .refuses(&[400]),
    Endpoint::post("/controlPlane/v1/project", "projects", "Creates a project.")
        .scope(Scope::Admin)
        .of(ProjectRule::Body("/name"))
        .takes("NewProject")
        .answers(&[Answered::empty(201)])
        .refuses(&[400, 409, 422, 424]),
    Endpoint::put(
        "/controlPlane/v1/project",
        "projects",
        "Changes a project: its shipyard, or where its upstream is.",
    )
    .scope(Scope::Admin)
    .of(ProjectRule::Body("/name"))
    .takes("NewProject")
    .answers(&[Answered::empty(201)])
    .refuses(&[400, 404, 422, 424]),
    Endpoint::get(
        "/controlPlane/v1/project/{project}",
        "projects",
        "Shows a project.",
    )
    .of(ProjectRule::Path)
    .answers(&[Answered::json(200, "ExpandedProject")])
    .refuses(&[404]),
    Endpoint::delete(
        "/controlPlane/v1/project/{project}",
        "projects",
        "Deletes a project; its upstream stays.",
    )
    .scope(Scope::Admin)
    .of(ProjectRule::Path)
    .answers(&[Answered::json(200, "Message")])
    .refuses(&[404]),
    Endpoint::get(
        "/controlPlane/v1/project/{project}/stage",
        "projects",
        "Lists stages in the order of the shipyard.",
    )
    .of(ProjectRule::Path)
    .query(&[
        Parameter::number("pageSize", "How many at most. Default: 20."),
        Parameter::text("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "Stages")])
    .refuses(&[400, 404]),
    Endpoint::get(
        "/controlPlane/v1/project/{project}/stage/{stage}",
        "projects",
        "Shows a stage.",
    )
    .of(ProjectRule::Path)
    .answers(&[Answered::json(200, "ExpandedStage")])
    .refuses(&[404]),
    Endpoint::get(
        "/controlPlane/v1/project/{project}/stage/{stage}/service",
        "projects",
        "Lists services by name.",
    )
    .of(ProjectRule::Path)
    .query(&[
        Parameter::number("pageSize", "How many at most. Default: 20."),
        Parameter::text("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "Services")])
    .refuses(&[400, 404]),
    Endpoint::get(
        "/controlPlane/v1/project/{project}/stage/{stage}/service/{service}",
        "projects",
        "Shows a service.",
    )
    .of(ProjectRule::Path)
    .answers(&[Answered::json(200, "ExpandedService")])
    .refuses(&[404]),
    Endpoint::post(
        "/controlPlane/v1/project/{project}/service",
        "projects",
        "Creates a service in every stage.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewService")
    .answers(&[Answered::json(200, "Message")])
    .refuses(&[400, 404, 409]),
    Endpoint::delete(
        "/controlPlane/v1/project/{project}/service/{service}",
        "projects",
        "Deletes a service from every stage.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .answers(&[Answered::json(200, "Message")])
    .refuses(&[404]),
];

/// The endpoints of resources.
pub(super) const RESOURCES: &[Endpoint] = &[
    Endpoint::get(
        "/resource-service/v1/project/{project}/resource",
        "resources",
        "Lists the resources of a project.",
    )
    .of(ProjectRule::Path)
    .query(&[
        Parameter::text("gitCommitID", "The commit. Default: the newest."),
        Parameter::number("pageSize", "How many at most. Default: 20."),
        Parameter::text("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "Resources")])
    .refuses(&[400, 404]),
    Endpoint::post(
        "/resource-service/v1/project/{project}/resource",
        "resources",
        "Writes resources of a project.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewResources")
    .answers(&[Answered::json(201, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::put(
        "/resource-service/v1/project/{project}/resource",
        "resources",
        "Writes resources of a project.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewResources")
    .answers(&[Answered::json(200, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::get(
        "/resource-service/v1/project/{project}/resource/{uri}",
        "resources",
        "Reads a resource of a project.",
    )
    .of(ProjectRule::Path)
    .query(&[Parameter::text(
        "gitCommitID",
        "The commit. Default: the newest.",
    )])
    .answers(&[Answered::json(200, "Resource")])
    .refuses(&[400, 404]),
    Endpoint::put(
        "/resource-service/v1/project/{project}/resource/{uri}",
        "resources",
        "Writes a resource of a project.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewContent")
    .answers(&[Answered::json(200, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::delete(
        "/resource-service/v1/project/{project}/resource/{uri}",
        "resources",
        "Removes a resource of a project.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .answers(&[Answered::json(200, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::get(
        "/resource-service/v1/project/{project}/stage/{stage}/resource",
        "resources",
        "Lists the resources of a stage.",
    )
    .of(ProjectRule::Path)
    .query(&[
        Parameter::text("gitCommitID", "The commit. Default: the newest."),
        Parameter::number("pageSize", "How many at most. Default: 20."),
        Parameter::text("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "Resources")])
    .refuses(&[400, 404]),
    Endpoint::post(
        "/resource-service/v1/project/{project}/stage/{stage}/resource",
        "resources",
        "Writes resources of a stage.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewResources")
    .answers(&[Answered::json(201, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::put(
        "/resource-service/v1/project/{project}/stage/{stage}/resource",
        "resources",
        "Writes resources of a stage.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewResources")
    .answers(&[Answered::json(200, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::get(
        "/resource-service/v1/project/{project}/stage/{stage}/resource/{uri}",
        "resources",
        "Reads a resource of a stage.",
    )
    .of(ProjectRule::Path)
    .query(&[Parameter::text(
        "gitCommitID",
        "The commit. Default: the newest.",
    )])
    .answers(&[Answered::json(200, "Resource")])
    .refuses(&[400, 404]),
    Endpoint::put(
        "/resource-service/v1/project/{project}/stage/{stage}/resource/{uri}",
        "resources",
        "Writes a resource of a stage.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewContent")
    .answers(&[Answered::json(200, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::delete(
        "/resource-service/v1/project/{project}/stage/{stage}/resource/{uri}",
        "resources",
        "Removes a resource of a stage.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .answers(&[Answered::json(200, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::get(
        "/resource-service/v1/project/{project}/stage/{stage}/service/{service}/resource",
        "resources",
        "Lists the resources of a service.",
    )
    .of(ProjectRule::Path)
    .query(&[
        Parameter::text("gitCommitID", "The commit. Default: the newest."),
        Parameter::number("pageSize", "How many at most. Default: 20."),
        Parameter::text("nextPageKey", "Where the page before ended."),
    ])
    .answers(&[Answered::json(200, "Resources")])
    .refuses(&[400, 404]),
    Endpoint::post(
        "/resource-service/v1/project/{project}/stage/{stage}/service/{service}/resource",
        "resources",
        "Writes resources of a service.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewResources")
    .answers(&[Answered::json(201, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::put(
        "/resource-service/v1/project/{project}/stage/{stage}/service/{service}/resource",
        "resources",
        "Writes resources of a service.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewResources")
    .answers(&[Answered::json(200, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::get(
        "/resource-service/v1/project/{project}/stage/{stage}/service/{service}/resource/{uri}",
        "resources",
        "Reads a resource of a service.",
    )
    .of(ProjectRule::Path)
    .query(&[Parameter::text(
        "gitCommitID",
        "The commit. Default: the newest.",
    )])
    .answers(&[Answered::json(200, "Resource")])
    .refuses(&[400, 404]),
    Endpoint::put(
        "/resource-service/v1/project/{project}/stage/{stage}/service/{service}/resource/{uri}",
        "resources",
        "Writes a resource of a service.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .takes("NewContent")
    .answers(&[Answered::json(200, "Committed")])
    .refuses(&[400, 404, 409, 424]),
    Endpoint::delete(
        "/resource-service/v1/project/{project}/stage/{stage}/service/{service}/resource/{uri}",
        "resources",
        "Removes a resource of a service.",
    )
    .scope(Scope::Write)
    .of(ProjectRule::Path)
    .answers(&[Answered::json(200, "Committed")])
    .refuses(&[400, 404, 409, 424]),
];

/// The endpoints of secrets.
pub(super) const SECRETS: &[Endpoint] = &[
    Endpoint::get(
        "/secrets/v1/secret",
        "secrets",
        "Lists secrets; never their values.",
    )
    .scope(Scope::Admin)
    .of(ProjectRule::All)
    .query(&[
        Parameter::text("name", "Only this one."),
        Parameter::text("scope", "Only of this scope."),
    ])
    .answers(&[Answered::json(200, "Secrets")]),
    Endpoint::post("/secrets/v1/secret", "secrets", "Creates a secret.")
        .scope(Scope::Admin)
        .of(ProjectRule::All)
        .takes("NewSecret")
        .answers(&[Answered::empty(201)])
        .refuses(&[400, 409]),
    Endpoint::put(
        "/secrets/v1/secret",
        "secrets",
        "Replaces the values of a secret.",
    )
    .scope(Scope::Admin)
    .of(ProjectRule::All)
    .takes("NewSecret")
    .answers(&[Answered::empty(200)])
    .refuses(&[400, 404]),
    Endpoint::delete("/secrets/v1/secret", "secrets", "Deletes a secret.")
        .scope(Scope::Admin)
        .of(ProjectRule::All)
        .query(&[
            Parameter::text("name", "The secret.").required(),
            Parameter::text("scope", "Its scope.").required(),
        ])
        .answers(&[Answered::empty(200)])
        .refuses(&[400, 404]),
    Endpoint::get("/secrets/v1/scope", "secrets", "Lists scopes.")
        .scope(Scope::Admin)
        .of(ProjectRule::All)
        .answers(&[Answered::json(200, "Scopes")]),
];
