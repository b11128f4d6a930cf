//! The help of the commands that steer the baseline, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_invalidate() {
    assert_snapshot!(help(&["invalidate", "--help"]), @"");
}

#[test]
fn the_help_of_pin() {
    assert_snapshot!(help(&["pin", "--help"]), @"");
}

#[test]
fn the_help_of_unpin() {
    assert_snapshot!(help(&["unpin", "--help"]), @"");
}
