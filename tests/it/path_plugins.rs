//! A program on PATH that is a provider by its name alone.
#![cfg(unix)]

use crate::harness::Gate;

/// An SLO that the program's number meets.
const SLO: &str =
    "objectives:\n  - sli: value\n    pass: [{criteria: ['=5']}]\ntotal_score: {pass: '90%'}\n";

#[test]
fn a_program_on_path_is_a_provider_by_its_name_where_the_file_allows_it() {
    let gate = |first: &str| {
        let gate = Gate::new()
            .file("slo.yaml", SLO)
            .file("sli.yaml", "indicators: {value: any}\n")
            .file("bin/tidegate-provider-acme", "#!/bin/sh\necho 5\n")
            .file(
                "tidegate.yaml",
                format!("{first}providers: {{mine: {{type: acme, format: number}}}}\n"),
            )
            .args(["evaluate", "--event-log", "memory:"]);
        let program = gate.path("bin/tidegate-provider-acme");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, executable).unwrap();
        let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
        gate.env("PATH", path)
    };
    gate("allow_path_plugins: true\n").run().code(0);
    let refused = gate("").run().code(78);
    assert!(
        refused.stderr().contains("allow_path_plugins: true"),
        "{}",
        refused.stderr()
    );
}
