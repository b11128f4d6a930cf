//! The help of the commands that drive a control plane, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_trigger() {
    assert_snapshot!(help(&["trigger", "--help"]), @"");
}

#[test]
fn the_help_of_trigger_delivery() {
    assert_snapshot!(help(&["trigger", "delivery", "--help"]), @"");
}

#[test]
fn the_help_of_trigger_evaluation() {
    assert_snapshot!(help(&["trigger", "evaluation", "--help"]), @"");
}

#[test]
fn the_help_of_trigger_sequence() {
    assert_snapshot!(help(&["trigger", "sequence", "--help"]), @"");
}

#[test]
fn the_help_of_get() {
    assert_snapshot!(help(&["get", "--help"]), @"");
}

#[test]
fn the_help_of_get_events() {
    assert_snapshot!(help(&["get", "events", "--help"]), @"");
}

#[test]
fn the_help_of_approve() {
    assert_snapshot!(help(&["approve", "--help"]), @"");
}

#[test]
fn the_help_of_sequence() {
    assert_snapshot!(help(&["sequence", "--help"]), @"");
}

#[test]
fn the_help_of_create_secret() {
    assert_snapshot!(help(&["create", "secret", "--help"]), @"");
}

#[test]
fn the_help_of_update_project() {
    assert_snapshot!(help(&["update", "project", "--help"]), @"");
}

#[test]
fn the_help_of_delete() {
    assert_snapshot!(help(&["delete", "--help"]), @"");
}

#[test]
fn the_help_of_add_resource() {
    assert_snapshot!(help(&["add-resource", "--help"]), @"");
}

#[test]
fn the_help_of_send_event() {
    assert_snapshot!(help(&["send", "event", "--help"]), @"");
}

#[test]
fn the_help_of_auth() {
    assert_snapshot!(help(&["auth", "--help"]), @"");
}

#[test]
fn the_help_of_status() {
    assert_snapshot!(help(&["status", "--help"]), @"");
}
