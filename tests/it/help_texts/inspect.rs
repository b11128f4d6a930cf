//! The help of `tidegate inspect`, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_inspect() {
    assert_snapshot!(help(&["inspect", "-h"]), @"
    List what a file with results has, for SLIs to ask for

    Usage: tidegate inspect [OPTIONS] <FILE>

    Arguments:
      <FILE>  The file

    Options:
          --format <FORMAT>  The format, where it can't be told by the content
      -o, --output <FORMAT>  How to show it: table, json or yaml [default: table]
          --color <WHEN>     Colour the text: auto, always or never [default: auto]
      -q, --quiet            Say only what went wrong
      -v, --verbose          Say where each setting comes from, and how each value was fetched
      -h, --help             Print help (see more with '--help')
      -V, --version          Print version

    Example:
      tidegate inspect k6-summary.json
      tidegate evaluate --results k6-summary.json
    ");
    assert_snapshot!(help(&["inspect", "--help"]), @"
    List what a file with results has, for SLIs to ask for

    Usage: tidegate inspect [OPTIONS] <FILE>

    Arguments:
      <FILE>
              The file

    Options:
          --format <FORMAT>
              The format, where it can't be told by the content

      -o, --output <FORMAT>
              How to show it: table, json or yaml [default: table]

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
      tidegate inspect k6-summary.json
      tidegate evaluate --results k6-summary.json
    ");
}
