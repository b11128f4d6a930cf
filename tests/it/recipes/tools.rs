//! Tools of others, which CI installs.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Set where a missing tool must fail the tests and not skip them.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";

/// Tells whether a tool is there. Where it is not, it says so, or fails.
pub(super) fn is_there(tool: &str) -> bool {
    let found = Command::new(tool)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_ok() {
        return true;
    }
    assert!(
        std::env::var_os(REQUIRE).is_none(),
        "{tool} is not on PATH, and {REQUIRE} is set"
    );
    eprintln!("SKIPPED: {tool} not on PATH");
    false
}

/// Returns the file of a recipe.
pub(super) fn recipe(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/ci")
        .join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs a command that has to succeed.
#[track_caller]
pub(super) fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Makes a repository of a folder, with everything in it committed.
pub(super) fn commit(folder: &Path) {
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(folder).args(args);
        succeed(&mut command);
    };
    git(&["init", "--quiet", "--initial-branch=main", "."]);
    git(&["add", "--force", "."]);
    git(&[
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        "commit",
        "--quiet",
        "--message=all",
    ]);
}
