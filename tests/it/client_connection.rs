//! Where the commands that drive a control plane find it, and its token.

use crate::client::keptn;
use crate::harness::Gate;
use crate::support::keptn::TOKEN;

#[test]
fn a_token_is_stored_for_its_owner_alone_and_found_again() {
    let keptn = keptn();
    let gate = Gate::new();
    let home = gate.path("home").display().to_string();
    let gate = gate.env("HOME", home).stdin(format!("{TOKEN}\n"));
    gate.run_with(["auth", "--endpoint", &keptn.url(), "--name", "here"])
        .code(0);
    let file = "home/.config/tidegate/control-planes.json";
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(gate.path(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let told = gate.run_with(["status", "--verbose"]).code(0);
    assert!(told.raw_stderr().contains("tidegate auth, here"));
    assert!(!told.raw_stderr().contains(TOKEN));
    let listed = gate.run_with(["auth", "--list", "-o", "json"]).code(0);
    assert!(!listed.raw_stdout().contains(TOKEN));
    gate.run_with(["auth", "--forget", "here"]).code(0);
    gate.run_with(["status"]).code(64);
}

#[test]
fn what_keptns_own_command_line_stored_is_found() {
    let keptn = keptn();
    let gate = Gate::new().file(
        "home/.keptn/.keptn__kind__keptn",
        format!("{}\n{TOKEN}\n", keptn.url()),
    );
    let home = gate.path("home").display().to_string();
    let gate = gate.env("HOME", home);
    gate.run_with(["status"]).code(0);
    gate.run_with(["status", "--namespace", "other"]).code(64);
    let yaml = format!(
        "contexts:\n- name: kind\n  namespace: keptn\n  endpoint: {}\n  api_token: {TOKEN}\n",
        keptn.url()
    );
    let gate = Gate::new()
        .file("keptn.yaml", yaml)
        .env("KEPTNCONFIG", "keptn.yaml");
    gate.run_with(["status"]).code(0);
}

#[test]
fn tidegate_yaml_names_the_control_plane_and_the_environment_wins() {
    let keptn = keptn();
    let yaml = format!(
        "control_plane: {{endpoint: '{}', token: '${{KEPTN}}'}}\n",
        keptn.url()
    );
    let gate = Gate::new().file("tidegate.yaml", yaml).env("KEPTN", TOKEN);
    let told = gate.run_with(["status", "--verbose"]).code(0);
    assert!(
        told.raw_stderr().contains("tidegate.yaml:1"),
        "{}",
        told.raw_stderr()
    );
    // A token of the file goes to its own control plane only.
    let other = crate::client::keptn();
    let told = gate.env("TIDEGATE_ENDPOINT", other.url());
    told.run_with(["status", "--verbose"]).code(77);
}
