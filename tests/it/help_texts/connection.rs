//! The help of the commands that find a control plane, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_auth() {
    assert_snapshot!(help(&["auth", "--help"]), @"
    Check a token, and store it for the commands that drive a control plane

    Usage: tidegate auth [OPTIONS]

    Options:
          --name <NAME>
              Store it under this name [default: its host]

          --list
              List what is stored, without tokens

          --forget <NAME>
              Forget what is stored under this name

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
      tidegate auth --endpoint https://keptn.example
      pass show keptn | tidegate auth --endpoint https://keptn.example
      tidegate auth --list

    Exit codes:
        0  the token is accepted, and stored
       64  there is no endpoint, or no token    69  the control plane could not be reached
       74  it could not be stored               77  the token was refused
    ");
}

#[test]
fn the_help_of_status() {
    assert_snapshot!(help(&["status", "--help"]), @"
    Ask the control plane whether it is there and the token is accepted

    Usage: tidegate status [OPTIONS]

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
      tidegate status
      tidegate status --output json

    Exit codes:
        0  it is there, and the token is accepted
       64  there is no endpoint                 69  it could not be reached
       76  it is no control plane               77  the token was refused
    ");
}
