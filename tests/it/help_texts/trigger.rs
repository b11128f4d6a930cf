//! The help of the commands that trigger, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_trigger() {
    assert_snapshot!(help(&["trigger", "--help"]), @"
    Trigger a sequence on a control plane, and wait for its outcome

    Usage: tidegate trigger [OPTIONS] <COMMAND>

    Commands:
      delivery    Deliver an image, from the first stage on
      evaluation  Have a service evaluated
      sequence    Trigger any sequence

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
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn the_help_of_trigger_delivery() {
    assert_snapshot!(help(&["trigger", "delivery", "--help"]), @r"
    Deliver an image, from the first stage on

    Usage: tidegate trigger delivery [OPTIONS] --image <IMAGE>

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

    What:
          --project <NAME>
              The project [env: TIDEGATE_PROJECT]

          --stage <NAME>
              The stage [default: the first of the shipyard]

          --service <NAME>
              The service [env: TIDEGATE_SERVICE]

          --image <IMAGE>
              The image to deliver

          --sequence <NAME>
              The sequence

              [default: delivery]

          --values <KEY=VALUE>
              Set a further value of the configuration: a.b=text, or a.b:=JSON; may be repeated

      -l, --labels <KEY=VALUE>
              Attach labels: k=v,k=v; may be repeated

    Waiting:
          --wait
              Wait for the outcome of the whole delivery, and end with it

      -w, --watch
              Like --wait, and show each event as it comes

          --timeout <DURATION>
              Wait this long at most, then end with code 124 [env: TIDEGATE_TIMEOUT] [default: 1h]

          --abort-on-timeout
              Abort the delivery where the wait takes too long

          --fail-on <OUTCOME>
              What ends with code 1: fail, warning (a warning too), or never [env: TIDEGATE_FAIL_ON]

              As in `tidegate evaluate`: without it a fail ends with 1 and a warning with 3; with fail,
              a warning ends with 0.

    Which control plane:
          --endpoint <URL>
              The URL of the control plane [env: TIDEGATE_ENDPOINT]

              /api is added where the URL has no path. Without it: control_plane.endpoint of
              tidegate.yaml, then what `tidegate auth` stored, then what Keptn's own command line
              stored.

          --token-file <FILE>
              Read the token from this file [env: TIDEGATE_TOKEN_FILE]

              TIDEGATE_TOKEN holds the token itself. It can't be typed: what is typed, everybody on the
              machine can read.

          --control-plane <NAME>
              Use the control plane that `tidegate auth` stored under this name

      -n, --namespace <NAME>
              Of what Keptn's command line stored, use this namespace

          --config <FILE>
              Read the configuration from this file [env: TIDEGATE_CONFIG]

    Output:
      -o, --output <FORMAT>
              What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]

    Examples:
      tidegate trigger delivery --project shop --service carts --image ghcr.io/shop/carts:1.2 --wait
      tidegate trigger delivery --project shop --service carts --image carts:1.2 \
          --values replicas:=3 --labels build=17 --wait --timeout 30m --output json

    Exit codes, of the worst of all sequences that follow:
        0  pass, or triggered without --wait
        1  fail                                   75  the control plane asks to slow down
        3  warning                                76  its answer could not be understood
       64  the command line is wrong              77  the token was refused
       66  project, stage, service or sequence   124  timed out
           does not exist                        130  aborted, or interrupted
       69  a task could not be done, or the
           control plane could not be reached
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn the_help_of_trigger_evaluation() {
    assert_snapshot!(help(&["trigger", "evaluation", "--help"]), @r"
    Have a service evaluated

    Usage: tidegate trigger evaluation [OPTIONS]

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

    What:
          --project <NAME>
              The project [env: TIDEGATE_PROJECT]

          --stage <NAME>
              The stage [env: TIDEGATE_STAGE]

          --service <NAME>
              The service [env: TIDEGATE_SERVICE]

          --git-commit-id <COMMIT>
              Read the SLO and the SLIs as they were at this commit

      -l, --labels <KEY=VALUE>
              Attach labels: k=v,k=v; may be repeated

    When:
          --timeframe <DURATION>
              How long the window is, such as 30m

          --start <TIME>
              When the window begins

          --end <TIME>
              When the window ends

    Waiting:
          --wait
              Wait for the outcome of the whole delivery, and end with it

      -w, --watch
              Like --wait, and show each event as it comes

          --timeout <DURATION>
              Wait this long at most, then end with code 124 [env: TIDEGATE_TIMEOUT] [default: 1h]

          --abort-on-timeout
              Abort the delivery where the wait takes too long

          --fail-on <OUTCOME>
              What ends with code 1: fail, warning (a warning too), or never [env: TIDEGATE_FAIL_ON]

              As in `tidegate evaluate`: without it a fail ends with 1 and a warning with 3; with fail,
              a warning ends with 0.

    Which control plane:
          --endpoint <URL>
              The URL of the control plane [env: TIDEGATE_ENDPOINT]

              /api is added where the URL has no path. Without it: control_plane.endpoint of
              tidegate.yaml, then what `tidegate auth` stored, then what Keptn's own command line
              stored.

          --token-file <FILE>
              Read the token from this file [env: TIDEGATE_TOKEN_FILE]

              TIDEGATE_TOKEN holds the token itself. It can't be typed: what is typed, everybody on the
              machine can read.

          --control-plane <NAME>
              Use the control plane that `tidegate auth` stored under this name

      -n, --namespace <NAME>
              Of what Keptn's command line stored, use this namespace

          --config <FILE>
              Read the configuration from this file [env: TIDEGATE_CONFIG]

    Output:
      -o, --output <FORMAT>
              What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]

    Examples:
      tidegate trigger evaluation --project shop --stage dev --service carts --timeframe 30m --wait
      tidegate trigger evaluation --project shop --stage dev --service carts \
          --start 2024-02-01T10:00:00+01:00 --end 2024-02-01T10:30:00+01:00 --wait

    Exit codes: as of tidegate trigger delivery.
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn the_help_of_trigger_sequence() {
    assert_snapshot!(help(&["trigger", "sequence", "--help"]), @"
    Trigger any sequence

    Usage: tidegate trigger sequence [OPTIONS] <SEQUENCE>

    Arguments:
      <SEQUENCE>
              The sequence

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

    What:
          --project <NAME>
              The project [env: TIDEGATE_PROJECT]

          --stage <NAME>
              The stage [default: the first of the shipyard]

          --service <NAME>
              The service [env: TIDEGATE_SERVICE]

      -d, --data <KEY=VALUE>
              Add to the data of the event: a.b=text, or a.b:=JSON; may be repeated

          --data-json <JSON>
              Add the members of a JSON object to the data of the event

          --data-file <FILE>
              Add the members of the JSON object in a file, `-` for stdin

      -l, --labels <KEY=VALUE>
              Attach labels: k=v,k=v; may be repeated

    Waiting:
          --wait
              Wait for the outcome of the whole delivery, and end with it

      -w, --watch
              Like --wait, and show each event as it comes

          --timeout <DURATION>
              Wait this long at most, then end with code 124 [env: TIDEGATE_TIMEOUT] [default: 1h]

          --abort-on-timeout
              Abort the delivery where the wait takes too long

          --fail-on <OUTCOME>
              What ends with code 1: fail, warning (a warning too), or never [env: TIDEGATE_FAIL_ON]

              As in `tidegate evaluate`: without it a fail ends with 1 and a warning with 3; with fail,
              a warning ends with 0.

    Which control plane:
          --endpoint <URL>
              The URL of the control plane [env: TIDEGATE_ENDPOINT]

              /api is added where the URL has no path. Without it: control_plane.endpoint of
              tidegate.yaml, then what `tidegate auth` stored, then what Keptn's own command line
              stored.

          --token-file <FILE>
              Read the token from this file [env: TIDEGATE_TOKEN_FILE]

              TIDEGATE_TOKEN holds the token itself. It can't be typed: what is typed, everybody on the
              machine can read.

          --control-plane <NAME>
              Use the control plane that `tidegate auth` stored under this name

      -n, --namespace <NAME>
              Of what Keptn's command line stored, use this namespace

          --config <FILE>
              Read the configuration from this file [env: TIDEGATE_CONFIG]

    Output:
      -o, --output <FORMAT>
              What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]

    Examples:
      tidegate trigger sequence rollback --project shop --stage prod --service carts --wait
      tidegate trigger sequence chaos --project shop --stage dev --service carts --data pods:=2

    Exit codes: as of tidegate trigger delivery.
    ");
}
