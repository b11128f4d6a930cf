//! The help of the commands that steer the baseline, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_invalidate() {
    assert_snapshot!(help(&["invalidate", "--help"]), @"
    Say that a stored evaluation no longer counts, or take that back

    Usage: tidegate invalidate [OPTIONS] <RUN> [DIR]

    Arguments:
      <RUN>
              Which: latest, latest~2 (the second before it), an id or its beginning, or the start of
              the window

      [DIR]
              The folder of the service [default: the working folder]

    Options:
          --reason <TEXT>
              Why, for those who wonder later

          --undo
              Let it count again

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

    Examples:
      tidegate invalidate latest --reason 'wrong load profile'
      tidegate invalidate 0194f1c2 --undo
    ");
}

#[test]
fn the_help_of_pin() {
    assert_snapshot!(help(&["pin", "--help"]), @"
    Compare with one stored evaluation until further notice

    Usage: tidegate pin [OPTIONS] <RUN> [DIR]

    Arguments:
      <RUN>
              Which: latest, latest~2 (the second before it), an id or its beginning, or the start of
              the window

      [DIR]
              The folder of the service [default: the working folder]

    Options:
          --reason <TEXT>
              Why, for those who wonder later

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

    Examples:
      tidegate pin latest --reason 'release 5.0'
      tidegate pin 2024-02-01T10:00:00Z --service carts
    ");
}

#[test]
fn the_help_of_unpin() {
    assert_snapshot!(help(&["unpin", "--help"]), @"
    Compare with the newest evaluations again

    Usage: tidegate unpin [OPTIONS] [DIR]

    Arguments:
      [DIR]
              The folder of the service [default: the working folder]

    Options:
          --reason <TEXT>
              Why, for those who wonder later

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
    ");
}
