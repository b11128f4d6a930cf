//! The help of `report`, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_report() {
    assert_snapshot!(help(&["report", "-h"]), @"");
    assert_snapshot!(help(&["report", "--help"]), @"");
}
