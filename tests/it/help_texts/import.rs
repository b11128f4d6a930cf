//! The help of `tidegate import`, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_short_help_of_import() {
    assert_snapshot!(help(&["import", "-h"]), @r#"
    Copy the history of another system into the event log

    Usage: tidegate import [OPTIONS] <COMMAND>

    Commands:
      keptn  Copy the evaluations of a Keptn

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version
    "#);
    assert_snapshot!(help(&["import", "keptn", "-h"]), @r#"
    Copy the evaluations of a Keptn

    Usage: tidegate import keptn [OPTIONS]

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Where from:
          --from <URL>      Read from the API of this Keptn, such as https://keptn.example/api
          --file <FILE>     Read from this file, `-` for stdin; may be repeated
          --project <NAME>  Only events of this project; may be repeated [default: all projects]

    Where to:
          --event-log <URL>  Store in this event log [env: TIDEGATE_EVENT_LOG] [default:
                             sqlite:.tidegate/events.db]
          --config <FILE>    Read the configuration from this file [env: TIDEGATE_CONFIG]
          --dry-run          Count what is new, and store nothing

    Output:
      -o, --output <FORMAT>  What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default:
                             table]

    Examples:
      KEPTN_API_TOKEN=… tidegate import keptn --from https://keptn.example/api --dry-run
      KEPTN_API_TOKEN=… tidegate import keptn --from https://keptn.example/api --project sockshop
      mongoexport --uri … --collection sockshop > sockshop.json
      tidegate import keptn --file sockshop.json

    Exit codes:
        0  everything was read and stored
       64  the command line is wrong
       65  something could not be read; the rest is stored
       66  a file is missing
       69, 75, 76, 77  Keptn, or the event log, could not be reached, asks to slow down,
           could not be understood, or does not let us in
       73, 74  the event log could not be created, or written
       78  tidegate.yaml or the environment is wrong
    "#);
}

#[test]
fn the_long_help_of_import_keptn() {
    assert_snapshot!(help(&["import", "keptn", "--help"]), @r#"
    Copy the evaluations of a Keptn

    Usage: tidegate import keptn [OPTIONS]

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

    Where from:
          --from <URL>
              Read from the API of this Keptn, such as https://keptn.example/api

          --file <FILE>
              Read from this file, `-` for stdin; may be repeated

              An answer of Keptn's API, what `keptn get event -o json` prints, a list of events, one
              event on each line, or an export by mongoexport.

          --project <NAME>
              Only events of this project; may be repeated [default: all projects]

    Where to:
          --event-log <URL>
              Store in this event log [env: TIDEGATE_EVENT_LOG] [default: sqlite:.tidegate/events.db]

          --config <FILE>
              Read the configuration from this file [env: TIDEGATE_CONFIG]

          --dry-run
              Count what is new, and store nothing

    Output:
      -o, --output <FORMAT>
              What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]

              json and yaml are versioned.

    Examples:
      KEPTN_API_TOKEN=… tidegate import keptn --from https://keptn.example/api --dry-run
      KEPTN_API_TOKEN=… tidegate import keptn --from https://keptn.example/api --project sockshop
      mongoexport --uri … --collection sockshop > sockshop.json
      tidegate import keptn --file sockshop.json

    Exit codes:
        0  everything was read and stored
       64  the command line is wrong
       65  something could not be read; the rest is stored
       66  a file is missing
       69, 75, 76, 77  Keptn, or the event log, could not be reached, asks to slow down,
           could not be understood, or does not let us in
       73, 74  the event log could not be created, or written
       78  tidegate.yaml or the environment is wrong
    "#);
}
