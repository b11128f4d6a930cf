//! The help of the program itself, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_the_program() {
    assert_snapshot!(help(&["-h"]), @"
    Decide whether a release may go on

    Usage: tidegate [OPTIONS] <COMMAND>

    Commands:
      evaluate      Evaluate the SLOs of one or more folders
      run           Carry out a sequence of a shipyard, and all that follows from it, on this machine
      query         Ask for the values of SLIs, and judge nothing
      history       List the stored evaluations of a service, newest first
      show          Show the report of a stored evaluation
      report        Write reports of a stored evaluation, or of a file
      invalidate    Say that a stored evaluation no longer counts, or take that back
      pin           Compare with one stored evaluation until further notice
      unpin         Compare with the newest evaluations again
      mark          Remember an instant, for --start @NAME
      events        Read, move, and remove the events that an event log consists of
      log           Work on whole event logs
      import        Copy the history of another system into the event log
      inspect       List what a file with results has, for SLIs to ask for
      doctor        Check that the configuration, the event log and every provider can be used
      serve         Be a control plane: Keptn's HTTP API, with the gate inside
      plugin        Help for authors of plug-ins
      init          Write slo.yaml, sli.yaml and tidegate.yaml to begin with
      ci            Set up a CI system, or show which one this is
      trigger       Trigger a sequence on a control plane, and wait for its outcome
      get           List what a control plane knows: projects, sequences, events, approvals
      approve       Approve what waits for an approval
      decline       Decline what waits for an approval
      sequence      Pause, resume or abort what runs on a control plane
      create        Create a project, a service or a secret on a control plane
      update        Change a project or a secret on a control plane
      delete        Delete a project, a service, a secret or a resource on a control plane
      add-resource  Store a file in a project, a stage or a service of a control plane
      send          Send an event to a control plane
      auth          Check a token, and store it for the commands that drive a control plane
      status        Ask the control plane whether it is there and the token is accepted
      providers     List the providers that SLIs can be asked of, or print one
      schema        Print the JSON Schema of a file, for editors
      completions   Print the completions for a shell
      man           Write the manual pages into a folder

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Start here:
      tidegate init                 write slo.yaml, sli.yaml and tidegate.yaml to begin with
      tidegate evaluate --dry-run   show what would be asked, without asking
      tidegate evaluate             evaluate, store, and end with the verdict's exit code
    ");
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "the help text is long, the test is not"
)]
fn the_long_help_of_the_program() {
    assert_snapshot!(help(&["--help"]), @"
    Decide whether a release may go on

    Reads Keptn's slo.yaml and sli.yaml, asks your monitoring for the numbers, compares them with fixed
    limits and with earlier runs, and ends with an exit code: 0 pass, 3 warning, 1 fail, and 64 or more
    where there is no verdict.

    Usage: tidegate [OPTIONS] <COMMAND>

    Commands:
      evaluate      Evaluate the SLOs of one or more folders
      run           Carry out a sequence of a shipyard, and all that follows from it, on this machine
      query         Ask for the values of SLIs, and judge nothing
      history       List the stored evaluations of a service, newest first
      show          Show the report of a stored evaluation
      report        Write reports of a stored evaluation, or of a file
      invalidate    Say that a stored evaluation no longer counts, or take that back
      pin           Compare with one stored evaluation until further notice
      unpin         Compare with the newest evaluations again
      mark          Remember an instant, for --start @NAME
      events        Read, move, and remove the events that an event log consists of
      log           Work on whole event logs
      import        Copy the history of another system into the event log
      inspect       List what a file with results has, for SLIs to ask for
      doctor        Check that the configuration, the event log and every provider can be used
      serve         Be a control plane: Keptn's HTTP API, with the gate inside
      plugin        Help for authors of plug-ins
      init          Write slo.yaml, sli.yaml and tidegate.yaml to begin with
      ci            Set up a CI system, or show which one this is
      trigger       Trigger a sequence on a control plane, and wait for its outcome
      get           List what a control plane knows: projects, sequences, events, approvals
      approve       Approve what waits for an approval
      decline       Decline what waits for an approval
      sequence      Pause, resume or abort what runs on a control plane
      create        Create a project, a service or a secret on a control plane
      update        Change a project or a secret on a control plane
      delete        Delete a project, a service, a secret or a resource on a control plane
      add-resource  Store a file in a project, a stage or a service of a control plane
      send          Send an event to a control plane
      auth          Check a token, and store it for the commands that drive a control plane
      status        Ask the control plane whether it is there and the token is accepted
      providers     List the providers that SLIs can be asked of, or print one
      schema        Print the JSON Schema of a file, for editors
      completions   Print the completions for a shell
      man           Write the manual pages into a folder

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

    Start here:
      tidegate init                 write slo.yaml, sli.yaml and tidegate.yaml to begin with
      tidegate evaluate --dry-run   show what would be asked, without asking
      tidegate evaluate             evaluate, store, and end with the verdict's exit code
    ");
}
