//! The help of the commands that move and remove events, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_events() {
    assert_snapshot!(help(&["events", "--help"]), @"
    Read, move, and remove the events that an event log consists of

    Usage: tidegate events [OPTIONS] <COMMAND>

    Commands:
      list    List events, newest first, or follow them as they come
      get     Print one event, exactly as it is stored
      export  Write events to a file, one a line, oldest first
      import  Store the events of a file, each once
      prune   Remove old evaluations

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
fn the_help_of_listing_and_getting_events() {
    assert_snapshot!(help(&["events", "list", "-h"]), @"
    List events, newest first, or follow them as they come

    Usage: tidegate events list [OPTIONS]

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Which events:
          --type <TYPE>      Only events of this type; may be repeated
          --project <NAME>   Only events of this project
          --stage <NAME>     Only events of this stage
          --service <NAME>   Only events of this service
          --context <ID>     Only events of this Keptn context
          --result <RESULT>  Only events with this result: pass, warning or fail; may be repeated
          --since <TIME>     Only events from this time on: 2024-02-01T10:00:00Z, -7d, or an epoch
          --until <TIME>     Only events before this time, written like --since
          --before <ID>      Only events older than this one, to turn the page
      -n, --limit <NUMBER>   How many at most, up to 1000 [default: 20]

    Output:
      -f, --follow           Show the newest ones, oldest first, and then new ones as they come, until
                             Ctrl-C
      -o, --output <FORMAT>  What stdout shows: table or jsonl [default: table]

    Where:
          --event-log <URL>     Use this event log [env: TIDEGATE_EVENT_LOG] [default:
                                sqlite:.tidegate/events.db]
          --config <FILE>       Read the configuration from this file [env: TIDEGATE_CONFIG]
          --timeout <DURATION>  Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT]
                                [default: never]

    Examples:
      tidegate events list
      tidegate events list --type evaluation.invalidated --since -30d
      tidegate events list --follow --output jsonl | jq --unbuffered .data.result
    ");
    assert_snapshot!(help(&["events", "get", "-h"]), @"
    Print one event, exactly as it is stored

    Usage: tidegate events get [OPTIONS] <ID>

    Arguments:
      <ID>  The id of the event

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Where:
          --event-log <URL>     Use this event log [env: TIDEGATE_EVENT_LOG] [default:
                                sqlite:.tidegate/events.db]
          --config <FILE>       Read the configuration from this file [env: TIDEGATE_CONFIG]
          --timeout <DURATION>  Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT]
                                [default: never]

    Example:
      tidegate events get 0194f1c2-3d5e-7a1b-8c2d-0123456789ab | jq .data
    ");
}

#[test]
fn the_help_of_moving_events() {
    assert_snapshot!(help(&["events", "export", "-h"]), @"
    Write events to a file, one a line, oldest first

    Usage: tidegate events export [OPTIONS] [FILE]

    Arguments:
      [FILE]  The file to write, `-` for stdout

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Output:
          --force  Replace the file if it exists

    Which events:
          --type <TYPE>      Only events of this type; may be repeated
          --project <NAME>   Only events of this project
          --stage <NAME>     Only events of this stage
          --service <NAME>   Only events of this service
          --context <ID>     Only events of this Keptn context
          --result <RESULT>  Only events with this result: pass, warning or fail; may be repeated
          --since <TIME>     Only events from this time on: 2024-02-01T10:00:00Z, -7d, or an epoch
          --until <TIME>     Only events before this time, written like --since

    Where:
          --event-log <URL>     Use this event log [env: TIDEGATE_EVENT_LOG] [default:
                                sqlite:.tidegate/events.db]
          --config <FILE>       Read the configuration from this file [env: TIDEGATE_CONFIG]
          --timeout <DURATION>  Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT]
                                [default: never]

    Examples:
      tidegate events export history.jsonl
      tidegate events export --project sockshop --type evaluation.finished | gzip > history.jsonl.gz
    ");
    assert_snapshot!(help(&["events", "import", "-h"]), @"
    Store the events of a file, each once

    Usage: tidegate events import [OPTIONS] <FILE>

    Arguments:
      <FILE>  The file to read, `-` for stdin

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Where:
          --event-log <URL>     Use this event log [env: TIDEGATE_EVENT_LOG] [default:
                                sqlite:.tidegate/events.db]
          --config <FILE>       Read the configuration from this file [env: TIDEGATE_CONFIG]
          --timeout <DURATION>  Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT]
                                [default: never]

    Examples:
      tidegate events import history.jsonl
      gunzip -c history.jsonl.gz | tidegate events import -

    Exit codes:
        0  every event of the file is stored
       65  some are broken; all others are stored
       66  there is no such file          73, 74  the event log: not created, not written
    ");
}

#[test]
fn the_help_of_removing_evaluations() {
    assert_snapshot!(help(&["events", "prune", "--help"]), @"
    Remove old evaluations

    Usage: tidegate events prune [OPTIONS] <--older-than <DURATION>|--before <TIME>>

    Options:
          --dry-run
              Say what would be removed, and remove nothing

      -y, --yes
              Don't ask

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

    Which evaluations:
          --older-than <DURATION>
              Remove evaluations older than this, such as 90d

          --before <TIME>
              Remove evaluations stored before this time: 2024-02-01T10:00:00Z, or an epoch

              With --older-than, too, both must hold.

          --keep <NUMBER>
              How many of the newest evaluations of each service stay, whatever their age

              An SLO can compare with 100 at most: with the default, no baseline changes.

              [default: 100]

          --project <NAME>
              Only those of this project

          --stage <NAME>
              Only those of this stage

          --service <NAME>
              Only those of this service

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
      tidegate events prune --older-than 90d --dry-run
      tidegate events prune --older-than 90d --yes
      tidegate events prune --before 2024-01-01T00:00:00Z --project sockshop --keep 500
    ");
}

#[test]
fn the_help_of_copying_a_log() {
    assert_snapshot!(help(&["log", "-h"]), @"
    Work on whole event logs

    Usage: tidegate log [OPTIONS] <COMMAND>

    Commands:
      copy  Copy all events of one event log into another one

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version
    ");
    assert_snapshot!(help(&["log", "copy", "--help"]), @"
    Copy all events of one event log into another one

    Usage: tidegate log copy [OPTIONS] <FROM> <TO>

    Arguments:
      <FROM>
              The event log to read: a URL, a path, or @VARIABLE

      <TO>
              The event log to store the events in: a URL, a path, or @VARIABLE

    Options:
          --timeout <DURATION>
              Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT] [default: never]

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

    Examples:
      tidegate log copy .tidegate/events.db s3://team/gate
      NEW_LOG=postgres://gate:secret@db/gate tidegate log copy events.jsonl @NEW_LOG

    Exit codes:
        0  every event is in both logs    73, 74  TO could not be created, or written
       64  the command line is wrong      75  a log is locked, or events came meanwhile: again
       66  there is no such file          76  a log could not be understood
       69  a log could not be reached     77  not authorised
    ");
}
