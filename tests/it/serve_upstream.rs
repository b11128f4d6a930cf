//! `tidegate serve` with the files of a project in a repository of others, over HTTP, opened by a token.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::support::git_server::GitServer;
use crate::support::served::Served;

/// A project with one stage.
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: {name: shop}
spec: {stages: [{name: dev, sequences: [{name: delivery, tasks: [{name: deployment}]}]}]}
";
/// What opens the repository.
const GIT_TOKEN: &str = "a-token-for-git-only";
/// The project.
const PROJECT: &str = "/controlPlane/v1/project/shop";

/// Starts a server whose project is in a repository of a git server.
fn linked(config: &str) -> (GitServer, Served) {
    let git = GitServer::start("ann", GIT_TOKEN);
    let server = Served::start(config);
    let project = json!({
        "name": "shop", "shipyard": BASE64_STANDARD.encode(SHIPYARD),
        "gitCredentials": {"remoteURL": git.url(), "user": "ann", "https": {"token": GIT_TOKEN}},
    });
    server.done("POST", "/controlPlane/v1/project", Some(&project));
    git.git("", &["clone", "-q", "shop.git", "work"]);
    (git, server)
}

/// Changes the shipyard in the repository, as somebody else does.
fn push(git: &GitServer, shipyard: &str) {
    std::fs::write(git.path("work/shipyard.yaml"), shipyard).unwrap();
    git.git("work", &["commit", "-qam", "by somebody else"]);
    git.git("work", &["push", "-q"]);
}

#[test]
fn what_others_push_is_taken_without_being_asked_for() {
    if !GitServer::is_possible() {
        return;
    }
    let (git, mut server) = linked("serve: {refresh_interval: 200ms, log_format: json}\n");
    let theirs = SHIPYARD.replace("deployment", "rollout");
    push(&git, &theirs);
    server.wait_for(PROJECT, |project| {
        (project["shipyard"] == theirs.as_str()).then_some(())
    });
    // The engine goes by it, too.
    let service = json!({"serviceName": "cart"});
    server.done("POST", &format!("{PROJECT}/service"), Some(&service));
    let data = json!({"project": "shop", "stage": "dev", "service": "cart"});
    let event = json!({"type": "sh.keptn.event.dev.delivery.triggered", "source": "ci", "specversion": "1.0", "data": data});
    server.done("POST", "/v1/event", Some(&event));
    let path = "/controlPlane/v1/event/triggered/sh.keptn.event.rollout.triggered?project=shop";
    server.wait_for(path, |open| (open["totalCount"] == 1).then_some(()));
    // What can't be used is told, and the project stays as it was.
    push(&git, "spec: [");
    let line = server.wait_for_log("what came from the upstream repository is not taken");
    assert!(!line.contains(GIT_TOKEN), "{line}");
    assert_eq!(
        server.done("GET", PROJECT, None)["shipyard"],
        theirs.as_str()
    );
    // Not even a server that starts again minds.
    server.kill_and_restart();
    assert_eq!(
        server.done("GET", PROJECT, None)["shipyard"],
        theirs.as_str()
    );
    push(&git, SHIPYARD);
    server.wait_for(PROJECT, |project| {
        (project["shipyard"] == SHIPYARD).then_some(())
    });
    let (code, _lines) = server.stop();
    assert_eq!(code, 0);
}

#[test]
fn a_wrong_token_makes_no_project() {
    if !GitServer::is_possible() {
        return;
    }
    let git = GitServer::start("ann", GIT_TOKEN);
    let server = Served::start("project: shop\n");
    let project = json!({
        "name": "shop", "shipyard": BASE64_STANDARD.encode(SHIPYARD),
        "gitCredentials": {"remoteURL": git.url(), "user": "ann", "https": {"token": "not-the-token"}},
    });
    let told = server.call("POST", "/controlPlane/v1/project", Some(&project));
    assert!((400..500).contains(&told.status), "{told:?}");
    assert!(!told.text.contains("not-the-token"), "{told:?}");
    assert_eq!(server.call("GET", PROJECT, None).status, 404);
}
