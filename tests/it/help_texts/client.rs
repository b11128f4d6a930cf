//! The help of the commands that drive a control plane, word for word.

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

#[test]
fn the_help_of_get() {
    assert_snapshot!(help(&["get", "--help"]), @"
    List what a control plane knows: projects, sequences, events, approvals

    Usage: tidegate get [OPTIONS] <COMMAND>

    Commands:
      projects   The projects, or one of them
      stages     The stages of a project, or one of them
      services   The services of a project, or one of them
      sequences  How the sequences of a project stand, newest first
      events     Events of a project, newest first
      approvals  The approvals that wait for somebody
      resources  The resources of a project, a stage or a service
      secrets    The secrets, or one of them, without their values

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
fn the_help_of_get_events() {
    assert_snapshot!(help(&["get", "events", "--help"]), @"
    Events of a project, newest first

    Usage: tidegate get events [OPTIONS] [TYPE]

    Arguments:
      [TYPE]
              Only of this type: evaluation.finished, or sh.keptn.event.evaluation.finished

    Options:
          --require
              End with code 66 where there is none

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

    Which:
      -p, --project <NAME>
              The project [env: TIDEGATE_PROJECT]

      -s, --stage <NAME>
              Only of this stage

          --service <NAME>
              Only of this service

      -c, --context <ID>
              Only of this context

          --limit <NUMBER>
              How many at most; every page is read that this takes

              [default: 100]

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
fn the_help_of_approve() {
    assert_snapshot!(help(&["approve", "--help"]), @"
    Approve what waits for an approval

    Usage: tidegate approve [OPTIONS]

    Options:
      -m, --message <TEXT>
              Why, for those who wonder later

      -l, --label <KEY=VALUE>
              Attach labels: k=v,k=v; may be repeated

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

    Which approval:
          --id <ID>
              The id of the approval

      -c, --context <ID>
              That of this context

      -p, --project <NAME>
              Of this project [env: TIDEGATE_PROJECT]

      -s, --stage <NAME>
              That of this stage

          --service <NAME>
              That of this service

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
      tidegate approve --id 7f0c1e9c-0000-4000-8000-000000000001
      tidegate approve --project shop --stage prod --service carts --message 'looks good'
      tidegate decline --context 5b1d9c33-0000-4000-8000-000000000002 --message 'not today'

    Exit codes:
        0  it is answered
       64  several wait: name one of them
       66  none waits
       69  the control plane could not be reached
       77  the token was refused
    ");
}

#[test]
fn the_help_of_sequence() {
    assert_snapshot!(help(&["sequence", "--help"]), @"
    Pause, resume or abort what runs on a control plane

    Usage: tidegate sequence [OPTIONS] <COMMAND>

    Commands:
      pause   Let the running task end, and start nothing after it
      resume  Go on
      abort   End it

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
