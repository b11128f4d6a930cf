//! The help of `tidegate run`.

use insta::assert_snapshot;

use crate::help::help;

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn the_help_of_run() {
    assert_snapshot!(help(&["run", "--help"]), @"
    Carry out a sequence of a shipyard, and all that follows from it, on this machine

    Usage: tidegate run [OPTIONS] [SEQUENCE]

    Arguments:
      [SEQUENCE]
              The sequence, such as delivery

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
              The project [env: TIDEGATE_PROJECT] [default: the folder of tidegate.yaml or .git]

          --stage <NAME>
              The stage to begin in [env: TIDEGATE_STAGE] [default: the first that has the sequence]

          --service <NAME>
              The service [env: TIDEGATE_SERVICE] [default: the folder of the shipyard]

          --image <IMAGE>
              The image to deliver: configurationChange.values.image, TIDEGATE_IMAGE for commands

          --values <KEY=VALUE>
              A value for configurationChange.values, such as replicas=2 or a.b=c; may be repeated

          --label <KEY=VALUE>
              Label the run; may be repeated

          --data-file <FILE>
              Take the data of the trigger from a JSON file, as Keptn's events have them

          --shipyard <FILE>
              Read the stages from this file [default: shipyard.yaml beside tidegate.yaml]

    How:
          --resume [<CONTEXT>]
              Go on with a run that was interrupted: the newest of the project, or that of a context

              It goes on by the shipyard that it began with. Tasks that have an answer are not carried
              out again; one that was under way is, with TIDEGATE_ATTEMPT=again.

          --approve
              Approve what waits for a decision, and go on

          --decline
              Decline what waits for a decision, and go on

          --message <TEXT>
              Why it is approved or declined

          --wait
              Wait for decisions of others instead of ending with 75

              Without it, a run that only a decision can bring on ends, and says how to go on. --timeout
              bounds the wait.

          --dry-run
              Show what would be carried out by whom, and do nothing

          --emit <FORM=URL>
              Send events as cdevents=URL or cloudevents=URL; repeatable [env: TIDEGATE_EMIT]

              What can't be sent is told in the end, and never changes the result.

          --fail-on <VERDICT>
              What ends with a failing exit code: fail, warning or never [env: TIDEGATE_FAIL_ON]

              As for evaluate: unset, a warning ends with 3 and a fail with 1.

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
              What stdout shows in the end: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]

    Examples:
      tidegate run delivery --image carts:1.2     carry out the sequence delivery
      tidegate run delivery --dry-run             show who would carry out what
      tidegate run --resume                       go on with the newest run that is not over
      tidegate run --resume --approve             approve what waits, and go on

    Exit codes, by the worst sequence of the run:
        0  pass                           69  a task could not be carried out
        1  fail                           75  a decision is to be made, or another process
        3  warning                            runs it: try again
       64  the command line is wrong      78  tidegate.yaml is wrong, or a task has no binding
       65  the shipyard is malformed     124  --timeout ran out, or a task took too long
       66  no such file, stage, sequence 130  interrupted, or aborted
           or run
    ");
}
