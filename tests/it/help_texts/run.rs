//! The help of `tidegate run`.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_run() {
    assert_snapshot!(help(&["run", "--help"]), @"");
}
