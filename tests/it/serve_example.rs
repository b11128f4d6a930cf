//! The delivery of `slo-examples/delivery` through `tidegate serve`, driven by nothing but the client's commands: the
//! commands of its `tidegate.yaml` are the tasks of the server.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Answer, Gate};
use crate::support::served::{Served, TOKEN};

/// The files of the example.
const FILES: [&str; 7] = [
    "tidegate.yaml",
    "shipyard.yaml",
    "slo.yaml",
    "sli.yaml",
    "tasks/deploy.sh",
    "tasks/test.sh",
    "tasks/rollback.sh",
];

/// Reads a file of the example.
fn example(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("slo-examples/delivery");
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// The client, in a folder with the files of the example but without its `tidegate.yaml`.
fn client(server: &Served) -> Gate {
    let gate = Gate::new()
        .env("TIDEGATE_ENDPOINT", format!("http://{}", server.address()))
        .env("TIDEGATE_TOKEN", TOKEN);
    FILES[1..]
        .iter()
        .fold(gate, |gate, file| gate.file(file, example(file)))
}

/// The commands that the README drives a control plane with, without the first word.
fn readme_commands() -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, block) = readme.split_once("$ export TIDEGATE_ENDPOINT").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let commands = block
        .lines()
        .filter_map(|line| line.strip_prefix("$ tidegate "));
    commands.map(str::to_owned).collect()
}

/// Runs a command that has to succeed.
#[track_caller]
fn done(client: &Gate, line: &str) -> Answer {
    client.run_with(line.split(' ')).code(0)
}

/// A server that carries out the example, and a client that has done what the README does before the first delivery.
fn example_served() -> (Served, Gate) {
    let server = Served::start_with(&FILES.map(|file| (file, example(file))));
    let client = client(&server);
    let commands = readme_commands();
    let first = commands
        .iter()
        .take_while(|line| !line.starts_with("trigger"));
    for line in first {
        done(&client, line);
    }
    (server, client)
}

/// The arguments that deliver an image, and wait for the end of all that follows from it.
fn delivery(image: &str) -> Vec<String> {
    let line = format!(
        "trigger delivery --project shop --service carts --image {image} --wait --timeout 2m -o json"
    );
    line.split(' ').map(str::to_owned).collect()
}

/// Returns which image a stage has.
fn image(server: &Served, stage: &str) -> Option<String> {
    let path = format!("work/{stage}/image");
    let files = server.files();
    files
        .exists(&path)
        .then(|| files.read(&path).trim().to_owned())
}

/// Waits until somebody has to decide.
fn wait_for_approval(server: &Served) {
    server.wait_for(
        "/api/controlPlane/v1/event/triggered/sh.keptn.event.approval.triggered",
        |told| (told["totalCount"] == 1).then_some(()),
    );
}

#[test]
fn the_example_is_delivered_by_a_server_and_its_client() {
    let (server, client) = example_served();
    let commands = readme_commands();
    let [.., trigger, approve] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    let trigger = trigger.strip_suffix(" &").unwrap();
    let waiting = client.start_with(format!("{trigger} -o json").split(' '));
    wait_for_approval(&server);
    assert_eq!(image(&server, "dev").as_deref(), Some("carts:1.2"));
    assert_eq!(image(&server, "prod"), None, "nobody has approved it");
    done(&client, approve);
    let told: Value = waiting.wait().code(0).json();
    assert_eq!(told["outcome"], "pass", "{told}");
    assert_eq!(image(&server, "prod").as_deref(), Some("carts:1.2"));
}

#[test]
fn a_release_that_the_gate_fails_is_rolled_back_by_the_server() {
    let (server, client) = example_served();
    let good = client.start_with(delivery("carts:1.2"));
    wait_for_approval(&server);
    done(
        &client,
        "decline --project shop --stage prod --service carts",
    );
    good.wait().code(1);
    let told: Value = client.run_with(delivery("carts:bad")).code(1).json();
    assert_eq!(
        image(&server, "dev").as_deref(),
        Some("carts:1.2"),
        "it was put back: {told}"
    );
    assert_eq!(image(&server, "prod"), None, "neither ever got there");
}

#[test]
fn a_server_that_is_killed_over_a_command_begins_it_again() {
    let files = [
        (
            "tidegate.yaml",
            "tasks:\n  deployment:\n    command: [sh, slow.sh]\n".to_owned(),
        ),
        (
            "slow.sh",
            "echo $TIDEGATE_ATTEMPT >> attempts\nwhile [ ! -e go ]; do sleep 0.01; done\n"
                .to_owned(),
        ),
    ];
    let mut server = Served::start_with(&files);
    let shipyard = "apiVersion: spec.keptn.sh/0.2.3\nkind: Shipyard\nmetadata: {name: shop}\nspec: {stages: [{name: dev, sequences: [{name: delivery, tasks: [{name: deployment}]}]}]}\n";
    let client = client(&server).file("small.yaml", shipyard);
    done(&client, "create project shop --shipyard small.yaml");
    done(&client, "create service carts --project shop");
    done(
        &client,
        "trigger delivery --project shop --service carts --stage dev --image a:1",
    );
    server.files().wait_for("attempts", "first\n");
    server.kill_and_restart();
    server.files().wait_for("attempts", "first\nagain\n");
    std::fs::write(server.files().path("go"), "").unwrap();
    server.wait_for("/api/controlPlane/v1/sequence/shop?pageSize=1", |told| {
        (told["states"][0]["state"] == "finished").then_some(())
    });
    assert_eq!(server.files().read("attempts"), "first\nagain\n");
}

#[test]
fn what_the_server_says_of_commands_that_cannot_be_meant() {
    let answer = Gate::new()
        .file("tidegate.yaml", "tasks:\n  deployment: {use: gate}\n")
        .env("TIDEGATE_SERVE_TOKEN", TOKEN)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .run()
        .code(78);
    let told = answer.raw_stderr();
    assert!(told.contains("not `deployment`"), "{told}");
}
