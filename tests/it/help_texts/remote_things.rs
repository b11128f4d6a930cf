//! The help of the commands that manage projects, secrets and resources, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_create_secret() {
    assert_snapshot!(help(&["create", "secret", "--help"]), @"
    Create a secret

    Usage: tidegate create secret [OPTIONS] <NAME>

    Arguments:
      <NAME>
              The secret

    Options:
          --from-env <KEY=VARIABLE>
              Take a value from a variable: VARIABLE, or KEY=VARIABLE; may be repeated

          --from-file <KEY=FILE>
              Take a value from a file; may be repeated

          --from-stdin <KEY>
              Take the value of this key from stdin

      -s, --scope <NAME>
              Whose it is

              [default: keptn-default]

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
      tidegate create secret slack --from-env token=SLACK_TOKEN
      tidegate create secret tls --from-file key=server.key --scope keptn-webhook-service
      pass show slack | tidegate update secret slack --from-stdin token
    ");
}

#[test]
fn the_help_of_update_project() {
    assert_snapshot!(help(&["update", "project", "--help"]), @"
    Change the shipyard or the repository of a project

    Usage: tidegate update project [OPTIONS] <NAME>

    Arguments:
      <NAME>
              The project

    Options:
      -s, --shipyard <FILE>
              The new shipyard; its stages must be those of the old one

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

    Repository:
      -r, --git-remote-url <URL>
              The URL of its repository

      -u, --git-user <NAME>
              The user of the repository

          --git-token-env <VARIABLE>
              The variable that holds the token of the repository

      -k, --git-private-key <FILE>
              The file that holds the private key, for a URL with ssh

          --git-private-key-pass-env <VARIABLE>
              The variable that holds the passphrase of the private key

      -g, --git-pem-certificate <FILE>
              The file that holds the certificate of the repository's server

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
    ");
}

#[test]
fn the_help_of_delete() {
    assert_snapshot!(help(&["delete", "--help"]), @"
    Delete a project, a service, a secret or a resource on a control plane

    Usage: tidegate delete [OPTIONS] <COMMAND>

    Commands:
      project   Delete a project
      service   Delete a service in every stage of a project
      secret    Delete a secret
      resource  Delete a resource

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
fn the_help_of_add_resource() {
    assert_snapshot!(help(&["add-resource", "--help"]), @r"
    Store a file in a project, a stage or a service of a control plane

    Usage: tidegate add-resource [OPTIONS] --resource <FILE>

    Options:
      -p, --project <NAME>
              The project [env: TIDEGATE_PROJECT]

      -s, --stage <NAME>
              The stage; without one: the project itself

          --all-stages
              Every stage of the project

          --service <NAME>
              The service; without one: the stage itself

      -r, --resource <FILE>
              The file

          --resource-uri <URI>
              The path under which it is stored [default: the path of the file]

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
      tidegate add-resource --project shop --stage dev --service carts --resource slo.yaml
      tidegate add-resource --project shop --all-stages --service carts \
          --resource load.jmx --resource-uri jmeter/load.jmx
    ");
}

#[test]
fn the_help_of_send_event() {
    assert_snapshot!(help(&["send", "event", "--help"]), @"
    Send the event in a file

    Usage: tidegate send event [OPTIONS] --file <FILE>

    Options:
      -f, --file <FILE>
              The file, `-` for stdin

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
    ");
}
