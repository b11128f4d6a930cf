//! Resources and secrets over HTTP (S32, S33).

use serde_json::{Value, json};

use super::test_plane::{Plane, SHIPYARD, base64};
use crate::executor::{ResourcePlace, ResourceReader as _, SecretReader as _};
use crate::server::configuration::contract_tests::has_git;
use crate::server::configuration::{Layout, Storage};
use crate::server::projects::ProjectsSettings;

const SCOPES: [&str; 3] = [
    "/resource-service/v1/project/p/resource",
    "/resource-service/v1/project/p/stage/dev/resource",
    "/resource-service/v1/project/p/stage/dev/service/cart/resource",
];

#[expect(clippy::unnecessary_wraps, reason = "it is handed on as it is")]
fn resources(pairs: &[(&str, &str)]) -> Option<Value> {
    let all = pairs
        .iter()
        .map(|(uri, text)| json!({ "resourceURI": uri, "resourceContent": base64(text) }));
    Some(json!({ "resources": all.collect::<Vec<_>>() }))
}

#[expect(clippy::unnecessary_wraps, reason = "it is handed on as it is")]
fn content(text: &str) -> Option<Value> {
    Some(json!({ "resourceContent": base64(text) }))
}

/// Returns a server for every way to store files.
async fn planes() -> Vec<Plane> {
    let mut all = vec![ProjectsSettings::default()];
    if has_git() {
        for layout in [Layout::Branches, Layout::Folders] {
            all.push(ProjectsSettings {
                storage: Storage::Git,
                layout,
                ..ProjectsSettings::default()
            });
        }
    }
    let mut planes = Vec::new();
    for settings in all {
        let plane = Plane::with(tempfile::tempdir().unwrap(), settings, Vec::new()).await;
        plane.create("p").await;
        planes.push(plane);
    }
    planes
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn resources_come_and_go_on_all_three_scopes() {
    for plane in planes().await {
        for scope in SCOPES {
            let first = plane
                .send(
                    "POST",
                    scope,
                    resources(&[("a/b c.yaml", "1"), ("x+y", "2")]),
                )
                .await
                .is(201);
            let first = first.text("/commitID").to_owned();
            assert!(!first.is_empty());
            let one = format!("{scope}/a%2Fb+c.yaml");
            let read = plane.get(&one).await.is(200);
            assert_eq!(read.text("/resourceContent"), base64("1"));
            assert_eq!(read.text("/resourceURI"), "a/b c.yaml");
            assert_eq!(read.text("/metadata/version"), first);
            assert_eq!(
                plane
                    .get(&format!("{scope}/x%2By"))
                    .await
                    .is(200)
                    .text("/resourceContent"),
                base64("2")
            );
            let second = plane.send("PUT", &one, content("3")).await.is(200);
            assert_ne!(second.text("/commitID"), first);
            assert_eq!(plane.get(&one).await.text("/resourceContent"), base64("3"));
            let old = plane
                .get(&format!("{one}?gitCommitID={first}"))
                .await
                .is(200);
            assert_eq!(
                (old.text("/resourceContent"), old.text("/metadata/version")),
                (base64("1").as_str(), first.as_str())
            );
            plane
                .send("PUT", scope, resources(&[("a/b c.yaml", "4")]))
                .await
                .is(200);
            plane.send("DELETE", &one, None).await.is(200);
            assert!(
                plane
                    .get(&one)
                    .await
                    .refused(404)
                    .contains("Resource not found")
            );
            plane.send("DELETE", &one, None).await.refused(404);
            assert_eq!(
                plane
                    .get(&format!("{one}?gitCommitID={first}"))
                    .await
                    .text("/resourceContent"),
                base64("1")
            );
            plane
                .get(&format!("{one}?gitCommitID=0123456789"))
                .await
                .refused(404);
            plane
                .get(&format!("{one}?gitCommitID=--help"))
                .await
                .refused(404);
        }
        // What was written last is what the engine pins.
        let last = plane
            .get(SCOPES[2])
            .await
            .text("/resources/0/metadata/version")
            .to_owned();
        assert_eq!(plane.defined("p").await.unwrap().commits["dev"], last);
    }
}

#[tokio::test]
async fn what_tells_whose_a_folder_is_can_be_read_and_not_changed() {
    for plane in planes().await {
        let below = [
            (SCOPES[0], "metadata.yaml"),
            (SCOPES[1], "metadata.yaml"),
            (SCOPES[1], "cart%2Fmetadata.yaml"),
            (SCOPES[2], "metadata.yaml"),
        ];
        for (scope, name) in below {
            let one = format!("{scope}/{name}");
            let before = plane.get(&one).await.is(200).body;
            let told = plane.send("PUT", &one, content("x")).await;
            let refusal = told.refused(400);
            assert!(refusal.contains("the server's own"), "{refusal}");
            plane.send("DELETE", &one, None).await.refused(400);
            let pairs = [("other", "1"), (&*name.replace("%2F", "/"), "2")];
            for method in ["POST", "PUT"] {
                let all = resources(&pairs);
                plane.send(method, scope, all).await.refused(400);
            }
            let after = plane.get(&one).await.is(200).body;
            assert_eq!(after, before, "{one}");
            plane.get(&format!("{scope}/other")).await.refused(404);
        }
        let deeper = format!("{}/a%2Fmetadata.yaml", SCOPES[2]);
        plane.send("PUT", &deeper, content("x")).await.is(200);
    }
}

#[tokio::test]
async fn resources_are_listed_in_pages_without_what_is_in_them() {
    for plane in planes().await {
        let names: Vec<String> = (0..25).map(|index| format!("f{index:02}")).collect();
        let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        plane
            .send("POST", SCOPES[2], resources(&pairs))
            .await
            .is(201);
        let first = plane.get(SCOPES[2]).await.is(200);
        assert_eq!(first.body["resources"].as_array().unwrap().len(), 20);
        assert_eq!(
            (first.text("/nextPageKey"), &first.body["totalCount"]),
            ("20", &json!(26))
        );
        assert_eq!(first.body["resources"][0].get("resourceContent"), None);
        let rest = plane
            .get(&format!("{}?nextPageKey=20&pageSize=20", SCOPES[2]))
            .await
            .is(200);
        assert_eq!(
            (
                rest.text("/nextPageKey"),
                rest.text("/resources/5/resourceURI")
            ),
            ("0", "metadata.yaml")
        );
        let own = plane.get(SCOPES[0]).await.is(200);
        let own: Vec<&str> = own.body["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["resourceURI"].as_str().unwrap())
            .collect();
        assert_eq!(own, ["metadata.yaml", "shipyard.yaml"]);
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn what_climbs_or_makes_no_sense_is_refused_and_changes_nothing() {
    for plane in planes().await {
        let before = plane.defined("p").await.unwrap().commits;
        for scope in SCOPES {
            for uri in [
                "",
                "..",
                "../x",
                "a/../../x",
                "/etc/passwd",
                "~/x",
                "a\\b",
                "a\0b",
                ".git/config",
                "a/.GIT/x",
                ".keptn-stages/prod/x",
                "a//b",
            ] {
                plane
                    .send("POST", scope, resources(&[("good", "1"), (uri, "x")]))
                    .await
                    .refused(400);
            }
            for raw in [
                "..%2Fx",
                "%2Fetc%2Fpasswd",
                "%2e%2e%2fx",
                "a%00b",
                ".git%2Fconfig",
                "%7Ex",
                "%zz",
                "%ff",
                "a/b",
                "..%5Cx",
            ] {
                let path = format!("{scope}/{raw}");
                for (method, body) in [("GET", None), ("PUT", content("x")), ("DELETE", None)] {
                    let status = plane.send(method, &path, body).await.status;
                    // Two segments are no endpoint at all.
                    assert!(
                        status == 400 || (raw == "a/b" && status == 404),
                        "{method} {path}: {status}"
                    );
                }
            }
            let bad = json!({ "resources": [{ "resourceURI": "a", "resourceContent": "%%%" }] });
            assert!(
                plane
                    .send("POST", scope, Some(bad))
                    .await
                    .refused(400)
                    .contains("base64")
            );
            plane
                .send("POST", scope, Some(json!({ "resources": [] })))
                .await
                .refused(400);
            plane
                .send("POST", scope, Some(json!([])))
                .await
                .refused(400);
            plane
                .send("PUT", &format!("{scope}/a"), Some(json!({})))
                .await
                .refused(400);
        }
        for (path, says) in [
            (
                "/resource-service/v1/project/none/resource",
                "Project not found",
            ),
            (
                "/resource-service/v1/project/..%2Fp/resource",
                "Project not found",
            ),
            (
                "/resource-service/v1/project/p/stage/none/resource",
                "Stage not found",
            ),
            (
                "/resource-service/v1/project/p/stage/..%2Fprod/resource",
                "Stage not found",
            ),
            (
                "/resource-service/v1/project/p/stage/dev/service/none/resource",
                "Service not found",
            ),
            (
                "/resource-service/v1/project/p/stage/dev/service/..%2F..%2F/resource",
                "Service not found",
            ),
        ] {
            assert!(plane.get(path).await.refused(404).contains(says), "{path}");
            assert!(
                plane
                    .send("POST", path, resources(&[("a", "1")]))
                    .await
                    .refused(404)
                    .contains(says),
                "{path}"
            );
        }
        assert_eq!(plane.defined("p").await.unwrap().commits, before);
    }
}

#[tokio::test]
async fn a_file_never_takes_the_place_of_a_folder_and_new_ones_can_be_asked_to_be_new() {
    for plane in planes().await {
        let scope = SCOPES[1];
        plane
            .send("POST", scope, resources(&[("d/f", "1")]))
            .await
            .is(201);
        for uri in ["d", "d/f/g", "cart"] {
            plane
                .send("POST", scope, resources(&[("new", "x"), (uri, "x")]))
                .await
                .refused(409);
        }
        plane.get(&format!("{scope}/new")).await.refused(404);
        let body = resources(&[("d/f", "2")]).unwrap().to_string();
        let reply = plane
            .send_with("POST", scope, Some(body.clone()), "If-None-Match: *\r\n")
            .await;
        assert!(reply.refused(409).contains("already exists"));
        plane.send_with("POST", scope, Some(body), "").await.is(201);
        assert_eq!(
            plane
                .get(&format!("{scope}/d%2Ff"))
                .await
                .text("/resourceContent"),
            base64("2")
        );
    }
}

#[tokio::test]
async fn a_changed_shipyard_is_checked_and_counts_at_once() {
    for plane in planes().await {
        let one = format!("{}/shipyard.yaml", SCOPES[0]);
        let bad = SHIPYARD
            .replace("name: prod", "name: Prod")
            .replace("0.2.3", "0.1.0");
        let refused = plane.send("PUT", &one, content(&bad)).await;
        let message = refused.refused(400);
        assert!(
            message.contains("Prod") && message.contains("0.1.0"),
            "{message}"
        );
        plane
            .send(
                "POST",
                SCOPES[0],
                resources(&[("x", "1"), ("shipyard.yaml", "{}")]),
            )
            .await
            .refused(400);
        plane.get(&format!("{}/x", SCOPES[0])).await.refused(404);
        plane.send("DELETE", &one, None).await.refused(400);
        assert_eq!(
            plane.get(&one).await.text("/resourceContent"),
            base64(SHIPYARD)
        );
        let more = format!("{SHIPYARD}  - name: canary\n    sequences: []\n");
        plane.send("PUT", &one, content(&more)).await.is(200);
        assert_eq!(plane.defined("p").await.unwrap().shipyard.stages.len(), 3);
        assert_eq!(
            plane
                .get("/controlPlane/v1/project/p")
                .await
                .text("/shipyard"),
            more
        );
    }
}

#[tokio::test]
async fn a_body_or_a_file_that_is_too_large_is_refused() {
    let plane = Plane::start().await;
    plane.create("p").await;
    let one = format!("{}/big", SCOPES[2]);
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    plane.send("PUT", &one, content(&large)).await.refused(413);
    let huge = "x".repeat(16 * 1024 * 1024);
    let body = json!({ "resourceContent": huge }).to_string();
    assert_eq!(
        plane.send_with("PUT", &one, Some(body), "").await.status,
        413
    );
    plane.get(&one).await.refused(404);
}

#[tokio::test]
async fn executors_read_resources_at_the_commit_of_their_task() {
    for plane in planes().await {
        let put = |text: &str| plane.send("POST", SCOPES[2], resources(&[("slo.yaml", text)]));
        let old = put("old").await.text("/commitID").to_owned();
        put("new").await.is(201);
        let reader = plane.projects.configuration();
        let place = |project: &str, service: Option<&str>| ResourcePlace {
            project: project.to_owned(),
            stage: Some("dev".to_owned()),
            service: service.map(str::to_owned),
        };
        let cart = place("p", Some("cart"));
        assert_eq!(
            reader
                .resource(&cart, "slo.yaml", None)
                .await
                .unwrap()
                .unwrap(),
            b"new"
        );
        assert_eq!(
            reader
                .resource(&cart, "slo.yaml", Some(&old))
                .await
                .unwrap()
                .unwrap(),
            b"old"
        );
        assert_eq!(reader.resource(&cart, "none", None).await.unwrap(), None);
        assert_eq!(
            reader
                .resource(&place("none", None), "slo.yaml", None)
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            reader
                .resource(&place("p", Some("../prod/cart")), "slo.yaml", None)
                .await
                .unwrap(),
            None
        );
        assert!(reader.resource(&cart, "../../x", None).await.is_err());
        assert!(
            reader
                .resource(&cart, "slo.yaml", Some("0000000"))
                .await
                .is_err()
        );
    }
}

const SECRET: &str = "/secrets/v1/secret";

#[expect(clippy::unnecessary_wraps, reason = "it is handed on as it is")]
fn secret(name: &str, scope: Option<&str>, value: &str) -> Option<Value> {
    let mut body = json!({ "name": name, "data": { "key": value } });
    if let Some(scope) = scope {
        body["scope"] = scope.into();
    }
    Some(body)
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn secrets_go_in_and_never_come_out() {
    let plane = Plane::start().await;
    plane
        .send("POST", SECRET, secret("a", None, "hunter2"))
        .await
        .is(201);
    plane
        .send("POST", SECRET, secret("a", Some("keptn-default"), "x"))
        .await
        .refused(409);
    plane
        .send("POST", SECRET, secret("a", Some("nowhere"), "x"))
        .await
        .refused(400);
    plane
        .send("POST", SECRET, secret("a", Some("tidegate-upstream"), "x"))
        .await
        .refused(400);
    plane
        .send(
            "POST",
            SECRET,
            secret("a", Some("keptn-webhook-service"), "hunter3"),
        )
        .await
        .is(201);
    plane
        .send("POST", SECRET, secret("", None, "x"))
        .await
        .refused(400);
    plane
        .send("POST", SECRET, secret("../a", None, "x"))
        .await
        .refused(400);
    plane
        .send("POST", SECRET, secret(&"a".repeat(254), None, "x"))
        .await
        .refused(400);
    plane
        .send("POST", SECRET, Some(json!({ "name": "b", "data": {} })))
        .await
        .refused(400);
    let key = "k".repeat(254);
    let body = json!({ "name": "b", "data": { key: "x" } });
    plane.send("POST", SECRET, Some(body)).await.refused(400);
    plane
        .send("PUT", SECRET, secret("a", None, "x"))
        .await
        .refused(400);
    plane
        .send("PUT", SECRET, secret("none", Some("keptn-default"), "x"))
        .await
        .refused(404);
    plane
        .send("PUT", SECRET, secret("a", Some("keptn-default"), "hunter4"))
        .await
        .is(200);
    let listed = plane.get(SECRET).await.is(200);
    assert_eq!(
        listed.body,
        json!({ "Secrets": [
            { "name": "a", "scope": "keptn-default", "keys": ["key"] },
            { "name": "a", "scope": "keptn-webhook-service", "keys": ["key"] },
        ] })
    );
    let one = plane
        .get(&format!("{SECRET}?scope=keptn-webhook-service&name=a"))
        .await;
    assert_eq!(one.body["Secrets"].as_array().unwrap().len(), 1);
    assert_eq!(
        plane
            .get("/secrets/v1/scope")
            .await
            .is(200)
            .text("/scopes/0"),
        "keptn-default"
    );
    let mistyped = json!({ "name": "a", "data": { "key": ["hunter9"] } });
    assert!(
        !plane
            .send("POST", SECRET, Some(mistyped))
            .await
            .refused(400)
            .contains("hunter9")
    );
    let all = plane.everything();
    for value in ["hunter2", "hunter3", "hunter4"] {
        assert!(
            !all.contains(value) && !all.contains(&base64(value)),
            "{value}"
        );
    }
    let read = plane
        .shelf
        .secret("keptn-default", "a", "key")
        .await
        .unwrap();
    assert_eq!(read.expose(), "hunter4");
    assert_eq!(
        plane.shelf.secret("dynatrace-service", "a", "key").await,
        None
    );
    plane
        .send("DELETE", &format!("{SECRET}?name=a"), None)
        .await
        .refused(400);
    let gone = format!("{SECRET}?name=a&scope=keptn-default");
    plane.send("DELETE", &gone, None).await.is(200);
    plane.send("DELETE", &gone, None).await.refused(404);
}

#[tokio::test]
async fn what_opens_an_upstream_repository_is_no_secret_for_executors() {
    let plane = Plane::start().await;
    assert_eq!(
        plane.shelf.secret("tidegate-upstream", "p", "token").await,
        None
    );
    assert!(
        !plane
            .shelf
            .scopes()
            .contains(&"tidegate-upstream".to_owned())
    );
}
