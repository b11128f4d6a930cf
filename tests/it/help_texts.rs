//! Every help text, word for word.

mod connection;
mod doctor;
mod evaluate;
mod events;
mod import;
mod inspect;
mod program;
mod query;
mod remote_lists;
mod remote_things;
mod report;
mod run;
mod steer;
mod stored;
mod trigger;

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_init() {
    assert_snapshot!(help(&["init", "-h"]), @r"
    Write slo.yaml, sli.yaml and tidegate.yaml to begin with

    Usage: tidegate init [OPTIONS] [DIR]

    Arguments:
      [DIR]  Where to write the files [default: the working folder]

    Options:
          --provider <NAME>  Where the numbers will come from: prometheus or values
          --project <NAME>   The project [default: the folder of .git, else the folder itself]
          --stage <NAME>     The stage [default: default]
          --service <NAME>   The service [default: the folder]
          --color <WHEN>     Colour the text: auto, always or never [default: auto]
      -q, --quiet            Say only what went wrong
      -v, --verbose          Say where each setting comes from, and how each value was fetched
      -h, --help             Print help (see more with '--help')
      -V, --version          Print version

    Examples:
      tidegate init
      tidegate init --provider prometheus --service carts gates/carts
      tidegate init --provider values
    ");
}

#[test]
fn the_help_of_schema() {
    assert_snapshot!(help(&["schema", "--help"]), @"
    Print the JSON Schema of a file, for editors

    Usage: tidegate schema [OPTIONS] <FILE>

    Arguments:
      <FILE>
              Which file: slo, sli, config, or result for what --report json writes

    Options:
          --color <WHEN>
              Colour the text: auto, always or never

              With auto, text is coloured on a terminal, unless NO_COLOR is set. FORCE_COLOR and
              CLICOLOR_FORCE colour it anywhere.

              [default: auto]

      -q, --quiet
              Say only what went wrong

      -v, --verbose
              Say where each setting comes from, and how each value was fetched

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Example:
      tidegate schema slo > slo.schema.json
    ");
}
