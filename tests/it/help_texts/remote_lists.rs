//! The help of the commands that list and steer what a control plane knows, word for word.

use insta::assert_snapshot;

use crate::help::help;

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
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
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
