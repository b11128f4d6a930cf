//! The help of the commands that read what is stored, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_history() {
    assert_snapshot!(help(&["history", "-h"]), @"
    List the stored evaluations of a service, newest first

    Usage: tidegate history [OPTIONS] [DIR]

    Arguments:
      [DIR]  The folder of the service [default: the working folder]

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Which service:
          --project <NAME>  The project [env: TIDEGATE_PROJECT] [default: the folder of tidegate.yaml or
                            .git]
          --stage <NAME>    The stage [env: TIDEGATE_STAGE] [default: default]
          --service <NAME>  The service [env: TIDEGATE_SERVICE] [default: the folder]
          --all             Every service of the event log

    Which evaluations:
      -n, --limit <NUMBER>     How many at most, up to 1000 [default: 20, with --heatmap 50]
          --label <KEY=VALUE>  Only those with this label; may be repeated
          --result <RESULT>    Only those that ended so: pass, warning, fail or inconclusive; may be
                               repeated
          --since <TIME>       Only those stored from this time on: 2024-02-01T10:00:00Z, -7d, or an
                               epoch
          --until <TIME>       Only those stored before this time, written like --since
          --before <RUN>       Only those older than this one, to turn the page: an id, or latest~20

    Where:
          --event-log <URL>     Use this event log [env: TIDEGATE_EVENT_LOG] [default:
                                sqlite:.tidegate/events.db]
          --config <FILE>       Read the configuration from this file [env: TIDEGATE_CONFIG]
          --timeout <DURATION>  Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT]
                                [default: never]

    Output:
          --heatmap          Show how each SLI of each evaluation ended, and the line of its values
      -o, --output <FORMAT>  What stdout shows: table, json or jsonl [default: table]

    Examples:
      tidegate history
      tidegate history gates/carts --label branch=main --limit 50
      tidegate history --heatmap
      tidegate history --all --result fail --since -7d
      tidegate history --output jsonl | jq -r '[.time, .score] | @tsv'
    ");
}

#[test]
fn the_help_of_show() {
    assert_snapshot!(help(&["show", "--help"]), @"
    Show the report of a stored evaluation

    Usage: tidegate show [OPTIONS] <RUN> [DIR]

    Arguments:
      <RUN>
              Which: latest, latest~2 (the second before it), an id or its beginning, or the start of
              the window

      [DIR]
              The folder of the service [default: the working folder]

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

    Which service:
          --project <NAME>
              The project [env: TIDEGATE_PROJECT] [default: the folder of tidegate.yaml or .git]

          --stage <NAME>
              The stage [env: TIDEGATE_STAGE] [default: default]

          --service <NAME>
              The service [env: TIDEGATE_SERVICE] [default: the folder]

    Where:
          --event-log <URL>
              Use this event log [env: TIDEGATE_EVENT_LOG] [default: sqlite:.tidegate/events.db]

              As for evaluate. A URL with a password belongs into the variable or into tidegate.yaml:
              what is typed, others can see.

          --config <FILE>
              Read the configuration from this file [env: TIDEGATE_CONFIG]

              Without it: the tidegate.yaml that is found first from the folder upwards.

          --timeout <DURATION>
              Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT] [default: never]

    Output:
      -o, --output <FORMAT>
              What stdout shows: table, json, yaml, keptn-event, or any FORMAT of report [env:
              TIDEGATE_OUTPUT] [default: table]

              json and yaml are the document of evaluate, with `invalidated` and `pinned`. keptn-event
              is the event exactly as it is stored.

          --explain
              Spell out the arithmetic of the score below the table

    Examples:
      tidegate show latest
      tidegate show latest~1 --explain
      tidegate show 0194f1c2-3d5e gates/carts
      tidegate show latest --output json | jq .score

    Exit codes:
        0  it is shown, whatever it says  75  the event log is locked: try again
       64  the command line is wrong      76  the event log could not be understood
       66  there is no such evaluation    77  not authorised
       69  the event log could not        78  tidegate.yaml or the environment is wrong
           be reached
    ");
}
