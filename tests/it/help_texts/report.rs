//! The help of `report`, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
#[expect(clippy::too_many_lines, reason = "it is all one text")]
fn the_help_of_report() {
    assert_snapshot!(help(&["report", "-h"]), @"
    Write reports of a stored evaluation, or of a file

    Usage: tidegate report [OPTIONS] [RUN] [DIR]

    Arguments:
      [RUN]  Which: latest, latest~2 (the second before it), an id or its beginning, or the start of the
             window [default: latest]
      [DIR]  The folder of the service [default: the working folder]

    Options:
          --from <FILE>   Take the evaluation from this file instead of the event log, `-` for stdin
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

    Where:
          --event-log <URL>     Use this event log [env: TIDEGATE_EVENT_LOG] [default:
                                sqlite:.tidegate/events.db]
          --config <FILE>       Read the configuration from this file [env: TIDEGATE_CONFIG]
          --timeout <DURATION>  Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT]
                                [default: never]

    Output:
          --report <FORMAT=PATH>           Write a report to a file; may be repeated [env:
                                           TIDEGATE_REPORT]
          --artifact <NAME@sha256:DIGEST>  Name what was built, for --report in-toto; may be repeated
                                           [env: TIDEGATE_ARTIFACT]
          --ci <SYSTEM>                    Speak the language of the CI system: auto, none, or its name
                                           [env: TIDEGATE_CI] [default: auto]
          --notify <KIND=env:NAME>         Tell a chat or a webhook: slack, teams or webhook, and where
                                           its URL stands; may be repeated [env: TIDEGATE_NOTIFY]
      -o, --output <FORMAT>                What stdout shows: any FORMAT of --report [default: nothing]

    Examples:
      tidegate report --report html=gate.html
      tidegate report latest~1 --report junit=gate.xml --report markdown=gate.md
      tidegate report --from gate.json --output csv

    Exit codes:
        0  the reports are written        73, 74  a report could not be created, or written
       64  the command line is wrong      75  the event log is locked: try again
       65  the file is malformed          76  the event log could not be understood
       66  there is no such evaluation,   77  not authorised
           or no such file                78  tidegate.yaml or the environment is wrong
       69  the event log could not be reached
    ");
    assert_snapshot!(help(&["report", "--help"]), @"
    Write reports of a stored evaluation, or of a file

    Usage: tidegate report [OPTIONS] [RUN] [DIR]

    Arguments:
      [RUN]
              Which: latest, latest~2 (the second before it), an id or its beginning, or the start of
              the window [default: latest]

      [DIR]
              The folder of the service [default: the working folder]

    Options:
          --from <FILE>
              Take the evaluation from this file instead of the event log, `-` for stdin

              What --report json, --output json, --report keptn-event or keptn-events wrote.

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
          --report <FORMAT=PATH>
              Write a report to a file; may be repeated [env: TIDEGATE_REPORT]

              FORMAT is json, yaml, markdown, html, junit, tap, csv, openmetrics, sarif, codequality,
              checkstyle, jenkins-issues, gitlab-annotations, dotenv, nagios, badge, shields, cdevents,
              in-toto, keptn-event, keptn-events, or table. PATH may hold {project}, {stage}, {service},
              {verdict}, and {timestamp}. Files are written whole or not at all; where there is no
              verdict they say so, or are removed.

          --artifact <NAME@sha256:DIGEST>
              Name what was built, for --report in-toto; may be repeated [env: TIDEGATE_ARTIFACT]

              As in registry.example/carts@sha256:DIGEST. Without it, the commit of the CI job is
              attested.

          --ci <SYSTEM>
              Speak the language of the CI system: auto, none, or its name [env: TIDEGATE_CI] [default:
              auto]

              auto tells it by the environment; `tidegate ci show` says what it finds. Annotations,
              outputs and summaries are added, and labels such as buildId are filled in. The exit code
              never depends on it.

          --notify <KIND=env:NAME>
              Tell a chat or a webhook: slack, teams or webhook, and where its URL stands; may be
              repeated [env: TIDEGATE_NOTIFY]

              As in slack=env:SLACK_URL or webhook=file:PATH: the URL is a secret, and stands in a
              variable or a file. All is told but a pass that follows a pass; tidegate.yaml can say
              more, under notifications. Whatever becomes of it, the exit code stays as it is.

      -o, --output <FORMAT>
              What stdout shows: any FORMAT of --report [default: nothing]

    Examples:
      tidegate report --report html=gate.html
      tidegate report latest~1 --report junit=gate.xml --report markdown=gate.md
      tidegate report --from gate.json --output csv

    Exit codes:
        0  the reports are written        73, 74  a report could not be created, or written
       64  the command line is wrong      75  the event log is locked: try again
       65  the file is malformed          76  the event log could not be understood
       66  there is no such evaluation,   77  not authorised
           or no such file                78  tidegate.yaml or the environment is wrong
       69  the event log could not be reached
    ");
}
