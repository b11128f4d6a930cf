//! Projects, stages and services over HTTP (S26, S36).
#![expect(
    clippy::disallowed_methods,
    reason = "the tests look at the files themselves"
)]

use serde_json::json;

use super::test_plane::{Plane, SHIPYARD, base64, sighting};
use crate::server::configuration::{Layout, Storage};
use crate::server::projects::ProjectsSettings;

const PROJECT: &str = "/controlPlane/v1/project";

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn a_project_is_created_shown_and_told_to_engine_and_log() {
    let plane = Plane::with(
        tempfile::tempdir().unwrap(),
        ProjectsSettings::default(),
        vec![
            sighting("dev", "cart", "cart:1"),
            sighting("gone", "cart", "x"),
        ],
    )
    .await;
    plane.create("p").await;
    let shown = plane.get("/controlPlane/v1/project/p").await.is(200);
    insta::assert_json_snapshot!(shown.body, @r#"
    {
      "creationDate": "1714557600000000000",
      "projectName": "p",
      "shipyard": "apiVersion: spec.keptn.sh/0.2.3\nkind: Shipyard\nmetadata:\n  name: p\nspec:\n  stages:\n  - name: dev\n    sequences:\n    - name: delivery\n      tasks:\n      - name: deployment\n  - name: prod\n    sequences:\n    - name: delivery\n      triggeredOn:\n      - event: dev.delivery.finished\n      tasks:\n      - name: deployment\n",
      "shipyardVersion": "spec.keptn.sh/0.2.3",
      "isUpstreamAutoProvisioned": true,
      "lastEventContext": {
        "eventId": "e2",
        "keptnContext": "c",
        "time": "1000"
      },
      "stages": [
        {
          "stageName": "dev",
          "lastEventContext": {
            "eventId": "e2",
            "keptnContext": "c",
            "time": "1000"
          },
          "services": [
            {
              "serviceName": "cart",
              "creationDate": "1714557600000000000",
              "deployedImage": "cart:1",
              "lastEventTypes": {
                "sh.keptn.event.deployment.finished": {
                  "eventId": "e1",
                  "keptnContext": "c",
                  "time": "999"
                },
                "sh.keptn.event.test.finished": {
                  "eventId": "e2",
                  "keptnContext": "c",
                  "time": "1000"
                }
              }
            }
          ]
        },
        {
          "stageName": "prod",
          "parentStages": [
            "dev"
          ],
          "services": [
            {
              "serviceName": "cart",
              "creationDate": "1714557600000000000",
              "lastEventTypes": {}
            }
          ]
        }
      ]
    }
    "#);
    let listed = plane.get(PROJECT).await.is(200);
    assert_eq!(listed.body["projects"][0], shown.body);
    assert_eq!(
        (listed.text("/nextPageKey"), &listed.body["totalCount"]),
        ("0", &json!(1))
    );
    let defined = plane.defined("p").await.unwrap();
    assert_eq!(defined.shipyard.stages.len(), 2);
    assert_eq!(defined.commits.len(), 2);
    assert_eq!(
        plane.events().await,
        [
            "sh.keptn.event.project.create.started",
            "sh.keptn.event.project.create.finished",
            "sh.keptn.event.service.create.started",
            "sh.keptn.event.service.create.finished",
        ]
    );
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn what_makes_no_project_is_refused_and_leaves_nothing() {
    let plane = Plane::start().await;
    let shipyard = |text: &str| json!({ "name": "p", "shipyard": base64(text) });
    let credentials = |credentials| json!({ "name": "p", "shipyard": base64(SHIPYARD), "gitCredentials": credentials });
    let token = json!({ "token": "t0ken" });
    for (body, says) in [
        (
            json!({ "name": "P", "shipyard": base64(SHIPYARD) }),
            "`P` is not valid",
        ),
        (
            json!({ "name": "", "shipyard": base64(SHIPYARD) }),
            "is not valid",
        ),
        (
            json!({ "name": "a-", "shipyard": base64(SHIPYARD) }),
            "is not valid",
        ),
        (
            json!({ "name": "../p", "shipyard": base64(SHIPYARD) }),
            "is not valid",
        ),
        (
            json!({ "name": "a".repeat(201), "shipyard": base64(SHIPYARD) }),
            "at most 200",
        ),
        (json!({ "name": "p" }), "needs a shipyard"),
        (json!({ "name": "p", "shipyard": "%%%" }), "not in base64"),
        (shipyard(": ["), "the shipyard is not valid"),
        (
            shipyard(&SHIPYARD.replace("0.2.3", "0.1.7")),
            "the shipyard is not valid",
        ),
        (
            shipyard("apiVersion: spec.keptn.sh/0.2.3\nkind: Shipyard\nspec:\n  stages: []\n"),
            "the shipyard is not valid",
        ),
        (
            shipyard(&SHIPYARD.replace("name: prod", "name: Prod")),
            "the shipyard is not valid",
        ),
        (
            json!({ "name": "p", "shipyard": base64(SHIPYARD), "more": 1 }),
            "unknown field `more`",
        ),
        (
            credentials(
                json!({ "remoteURL": "https://h/p", "https": token, "ssh": { "privateKey": "aw==" } }),
            ),
            "both `https` and `ssh`",
        ),
        (
            credentials(json!({ "remoteURL": "https://h/p" })),
            "needs `https` with a token",
        ),
        (
            credentials(json!({ "remoteURL": "https://h/p", "https": { "token": "" } })),
            "token must not be empty",
        ),
        (
            credentials(json!({ "remoteURL": "file:///etc", "https": token })),
            "must be a URL",
        ),
        (
            credentials(json!({ "remoteURL": "ext::sh -c id", "https": token })),
            "must be a URL",
        ),
        (
            credentials(json!({ "remoteURL": "--upload-pack=id", "https": token })),
            "must be a URL",
        ),
        (
            credentials(json!({ "remoteURL": "https://a:b@h/p", "https": token })),
            "must not hold a password",
        ),
        (
            credentials(json!({ "remoteURL": "ssh://git@h/p", "https": token })),
            "does not fit",
        ),
        (
            credentials(json!({ "remoteURL": "https://h/p", "https": { "token": "a\nb" } })),
            "control characters",
        ),
        (
            credentials(
                json!({ "remoteURL": "https://h/p", "https": { "token": "t0ken", "proxy": { "url": "h/x", "scheme": "http" } } }),
            ),
            "HOST:PORT",
        ),
        (credentials(json!("t0ken")), "wrong kind"),
    ] {
        let reply = plane.send("POST", PROJECT, Some(body.clone())).await;
        let message = reply.refused(400);
        assert!(message.contains(says), "{body}: {message}");
        assert!(!message.contains("t0ken"), "{message}");
    }
    let reply = plane
        .send_with("POST", PROJECT, Some("{".to_owned()), "")
        .await;
    assert!(reply.refused(400).contains("no JSON"));
    plane.get("/controlPlane/v1/project/p").await.refused(404);
    assert_eq!(
        std::fs::read_dir(plane.data.path().join("projects"))
            .unwrap()
            .count(),
        0
    );
    assert!(plane.events().await.is_empty());
}

#[tokio::test]
async fn the_same_project_is_not_created_twice_not_even_at_once() {
    let plane = Plane::start().await;
    let body = || Some(json!({ "name": "p", "shipyard": base64(SHIPYARD) }));
    let (one, two, three) = tokio::join!(
        plane.send("POST", PROJECT, body()),
        plane.send("POST", PROJECT, body()),
        plane.send("POST", PROJECT, body()),
    );
    let mut all = [one.status, two.status, three.status];
    all.sort_unstable();
    assert_eq!(all, [201, 409, 409]);
    assert!(
        plane
            .send("POST", PROJECT, body())
            .await
            .refused(409)
            .contains("already exists")
    );
}

#[tokio::test]
async fn a_host_that_the_operator_denies_is_no_upstream() {
    let settings = ProjectsSettings {
        denied_hosts: vec!["corp.example".to_owned()],
        ..ProjectsSettings::default()
    };
    let plane = Plane::with(tempfile::tempdir().unwrap(), settings, Vec::new()).await;
    for host in ["corp.example", "GIT.corp.example.", "git.corp.example:8443"] {
        let body = json!({ "name": "p", "shipyard": base64(SHIPYARD),
            "gitCredentials": { "remoteURL": format!("https://{host}/p"), "https": { "token": "t" } } });
        plane.send("POST", PROJECT, Some(body)).await.refused(422);
    }
}

#[tokio::test]
async fn a_change_may_add_stages_and_never_take_one_away() {
    let plane = Plane::start().await;
    plane.create("p").await;
    let put = |text: String| {
        plane.send(
            "PUT",
            PROJECT,
            Some(json!({ "name": "p", "shipyard": base64(&text) })),
        )
    };
    let renamed = put(SHIPYARD.replace("name: prod", "name: live")).await;
    assert!(
        renamed
            .refused(400)
            .contains("stage name cannot be changed or removed")
    );
    put("nonsense: [".to_owned()).await.refused(400);
    assert_eq!(plane.defined("p").await.unwrap().shipyard.stages.len(), 2);
    let more = format!("{SHIPYARD}  - name: canary\n    sequences: []\n");
    put(more.clone()).await.is(201);
    assert_eq!(plane.defined("p").await.unwrap().shipyard.stages.len(), 3);
    let stages = plane.get("/controlPlane/v1/project/p/stage").await.is(200);
    assert_eq!(stages.body["stages"][2]["stageName"], "canary");
    assert_eq!(
        stages.body["stages"][2]["services"][0]["serviceName"],
        "cart"
    );
    let shown = plane.get("/controlPlane/v1/project/p").await;
    assert_eq!(shown.text("/shipyard"), more);
    let there = plane
        .get("/resource-service/v1/project/p/stage/canary/service/cart/resource")
        .await;
    assert_eq!(
        there.is(200).text("/resources/0/resourceURI"),
        "metadata.yaml"
    );
    let body = json!({ "name": "nobody", "shipyard": base64(SHIPYARD) });
    plane.send("PUT", PROJECT, Some(body)).await.refused(404);
    let body = json!({ "name": "p", "gitCredentials": { "remoteURL": "https://h/p", "https": { "token": "t" } } });
    assert!(
        plane
            .send("PUT", PROJECT, Some(body))
            .await
            .refused(400)
            .contains("no git repository")
    );
}

#[tokio::test]
async fn a_deleted_project_is_gone_and_one_of_the_same_name_begins_anew() {
    let plane = Plane::start().await;
    plane.create("p").await;
    let resource = "/resource-service/v1/project/p/stage/dev/service/cart/resource";
    let body =
        json!({ "resources": [{ "resourceURI": "slo.yaml", "resourceContent": base64("old") }] });
    plane.send("POST", resource, Some(body)).await.is(201);
    let deleted = plane
        .send("DELETE", "/controlPlane/v1/project/p", None)
        .await
        .is(200);
    assert!(deleted.text("/message").contains("deleted"));
    plane.get("/controlPlane/v1/project/p").await.refused(404);
    plane.get(resource).await.refused(404);
    plane
        .send("DELETE", "/controlPlane/v1/project/p", None)
        .await
        .refused(404);
    assert_eq!(plane.defined("p").await, None);
    assert_eq!(
        std::fs::read_dir(plane.data.path().join("projects"))
            .unwrap()
            .count(),
        0
    );
    assert_eq!(
        plane.events().await.last().unwrap(),
        "sh.keptn.event.project.delete.finished"
    );
    plane.create("p").await;
    plane
        .get(&format!("{resource}/slo.yaml"))
        .await
        .refused(404);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn services_are_in_every_stage_and_their_names_are_checked() {
    let plane = Plane::start().await;
    plane.create("p").await;
    let services = "/controlPlane/v1/project/p/service";
    let create = |name: &str| plane.send("POST", services, Some(json!({ "serviceName": name })));
    assert_eq!(
        create("with blank").await.is(200).body,
        json!({ "message": "" })
    );
    assert!(
        create("cart")
            .await
            .refused(409)
            .contains("service already exists")
    );
    for name in [
        "",
        ".",
        "..",
        "a/b",
        "a>b",
        "a<b",
        "a|b",
        "a:b",
        "a&b",
        "a\\b",
        "~a",
        ".git",
        "a\nb",
        " a",
        &"a".repeat(44),
    ] {
        create(name).await.refused(400);
    }
    let of_stage = "/controlPlane/v1/project/p/stage/prod/service";
    let listed = plane.get(&format!("{of_stage}?pageSize=1")).await.is(200);
    assert_eq!(
        (
            listed.text("/nextPageKey"),
            listed.text("/services/0/serviceName")
        ),
        ("1", "cart")
    );
    let rest = plane
        .get(&format!("{of_stage}?pageSize=1&nextPageKey=1"))
        .await
        .is(200);
    assert_eq!(
        (
            rest.text("/nextPageKey"),
            rest.text("/services/0/serviceName")
        ),
        ("0", "with blank")
    );
    plane
        .get(&format!("{of_stage}?pageSize=x"))
        .await
        .refused(400);
    plane
        .get(&format!("{of_stage}?pageSize=1&pageSize=2"))
        .await
        .refused(400);
    plane.get(&format!("{of_stage}/%ff")).await.refused(400);
    plane.get(&format!("{of_stage}/with%20blank")).await.is(200);
    plane.get(&format!("{of_stage}/none")).await.refused(404);
    plane
        .get("/controlPlane/v1/project/p/stage/none")
        .await
        .refused(404);
    plane
        .get("/controlPlane/v1/project/none/stage")
        .await
        .refused(404);
    plane
        .send("DELETE", &format!("{services}/cart"), None)
        .await
        .is(200);
    plane.get(&format!("{of_stage}/cart")).await.refused(404);
    plane
        .send("DELETE", &format!("{services}/cart"), None)
        .await
        .refused(404);
    let body = json!({ "serviceName": "a" });
    plane
        .send("POST", "/controlPlane/v1/project/none/service", Some(body))
        .await
        .refused(404);
}

#[tokio::test]
async fn everything_is_there_after_a_restart_and_what_was_not_finished_is_not() {
    let plane = Plane::start().await;
    plane.create("p").await;
    let before = plane.get("/controlPlane/v1/project/p").await.is(200).body;
    // The process died while it created another one.
    let partial = plane.data.path().join("projects/.partial-x");
    std::fs::create_dir_all(partial.join("repository")).unwrap();
    let plane = plane.restart().await;
    assert_eq!(
        plane.get("/controlPlane/v1/project/p").await.is(200).body,
        before
    );
    assert_eq!(plane.get(PROJECT).await.body["totalCount"], 1);
    assert!(!partial.exists());
}

#[tokio::test]
async fn a_server_that_cant_write_its_log_creates_nothing() {
    let plane = Plane::start().await;
    plane.conductor.stop().await;
    let body = json!({ "name": "p", "shipyard": base64(SHIPYARD) });
    plane.send("POST", PROJECT, Some(body)).await.refused(503);
    plane.get("/controlPlane/v1/project/p").await.refused(404);
    assert_eq!(
        std::fs::read_dir(plane.data.path().join("projects"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn a_disk_that_takes_nothing_leaves_the_project_as_it_was() {
    let plane = Plane::start().await;
    plane.create("p").await;
    let before = plane.get("/controlPlane/v1/project/p").await.body;
    let repository = plane.data.path().join("projects/p/repository");
    for broken in ["objects", "commits"] {
        let folder = repository.join(broken);
        std::fs::rename(&folder, repository.join("away")).unwrap();
        std::fs::write(&folder, "").unwrap();
        let body = json!({ "serviceName": "second" });
        plane
            .send("POST", "/controlPlane/v1/project/p/service", Some(body))
            .await
            .refused(500);
        let more = format!("{SHIPYARD}  - name: canary\n    sequences: []\n");
        let body = json!({ "name": "p", "shipyard": base64(&more) });
        plane.send("PUT", PROJECT, Some(body)).await.refused(500);
        std::fs::remove_file(&folder).unwrap();
        std::fs::rename(repository.join("away"), &folder).unwrap();
        assert_eq!(plane.get("/controlPlane/v1/project/p").await.body, before);
        assert_eq!(plane.defined("p").await.unwrap().shipyard.stages.len(), 2);
    }
}

#[tokio::test]
async fn a_project_in_git_has_a_branch_for_each_stage() {
    use crate::server::configuration::contract_tests::{has_git, user_git};
    if !has_git() {
        return;
    }
    let settings = ProjectsSettings {
        storage: Storage::Git,
        layout: Layout::Branches,
        ..ProjectsSettings::default()
    };
    let plane = Plane::with(tempfile::tempdir().unwrap(), settings, Vec::new()).await;
    plane.create("p").await;
    let repository = plane.data.path().join("projects/p/repository");
    let branches = user_git(&repository, &["for-each-ref", "--format=%(refname)"]);
    assert_eq!(branches, "refs/heads/dev\nrefs/heads/main\nrefs/heads/prod");
    let files = user_git(&repository, &["ls-tree", "-r", "--name-only", "dev"]);
    assert_eq!(files, "cart/metadata.yaml\nmetadata.yaml");
    let main = format!("{SHIPYARD}  - name: main\n    sequences: []\n");
    let body = json!({ "name": "p", "shipyard": base64(&main) });
    assert!(
        plane
            .send("PUT", PROJECT, Some(body))
            .await
            .refused(400)
            .contains("`main`")
    );
    let defined = plane.defined("p").await.unwrap();
    assert_eq!(
        defined.commits["dev"],
        user_git(&repository, &["rev-parse", "dev"])
    );
}
