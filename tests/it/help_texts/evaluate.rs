//! `evaluate`.

use insta::assert_snapshot;

use crate::help::help;

#[test]
#[expect(clippy::too_many_lines, reason = "the help is that long")]
fn the_short_help_of_evaluate() {
    assert_snapshot!(help(&["evaluate", "-h"]), @"
    Evaluate the SLOs of one or more folders

    Usage: tidegate evaluate [OPTIONS] [DIR]...

    Arguments:
      [DIR]...  Folders to evaluate [default: the working folder]

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Files:
          --slo <FILE>       Read the objectives from this file, `-` for stdin
          --sli <FILE>       Read the queries from this file
          --config <FILE>    Read the configuration from this file [env: TIDEGATE_CONFIG]
          --results <FILE>   Take SLIs that no file defines from this file with results, such as
                             k6-summary.json
          --values <FILE>    Take the values from this JSON file instead of asking a provider, `-` for
                             stdin
          --event-log <URL>  Read and store evaluations here [env: TIDEGATE_EVENT_LOG] [default:
                             sqlite:.tidegate/events.db]

    What is evaluated:
          --project <NAME>      The project [env: TIDEGATE_PROJECT] [default: the folder of
                                tidegate.yaml or .git]
          --stage <NAME>        The stage [env: TIDEGATE_STAGE] [default: default]
          --service <NAME>      The service [env: TIDEGATE_SERVICE] [default: the SLO's folder]
          --deployment <NAME>   The deployment, for $DEPLOYMENT in queries [env: TIDEGATE_DEPLOYMENT]
                                [default: primary]
          --label <KEY=VALUE>   Attach a label; may be repeated
          --labels <K=V,K=V>    Attach several labels, as Keptn's CLI takes them [env: TIDEGATE_LABELS]
          --labels-file <FILE>  Attach the labels of a file, one KEY=VALUE or KEY:VALUE a line

    When:
          --timeframe <DURATION>  How long the window is, such as 30m, 1h30m or 2d [env:
                                  TIDEGATE_TIMEFRAME] [default: 5m]
          --start <TIME>          Where the window begins
          --end <TIME>            Where the window ends, written like --start

    How:
          --provider <NAME>            Ask this provider where sli.yaml names none [env:
                                       TIDEGATE_PROVIDER]
          --timeout <DURATION>         Give up after this long, with exit code 124 [env:
                                       TIDEGATE_TIMEOUT] [default: never]
          --no-wait                    Don't wait for data that come late
          --baseline <WHAT>            Compare with this instead of the newest evaluations [env:
                                       TIDEGATE_BASELINE]
          --require-baseline[=<BOOL>]  Give no verdict without a baseline [env:
                                       TIDEGATE_REQUIRE_BASELINE]
          --event-log-required <BOOL>  false: let the verdict stand without the log [env:
                                       TIDEGATE_EVENT_LOG_REQUIRED]
          --fail-on <VERDICT>          What ends with a failing exit code: fail, warning or never [env:
                                       TIDEGATE_FAIL_ON]
          --on-fail <VERDICT>          What a fail ends as: pass, warning or fail [env:
                                       TIDEGATE_ON_FAIL] [default: fail]
          --on-warning <VERDICT>       What a warning ends as: pass, warning or fail [env:
                                       TIDEGATE_ON_WARNING] [default: warning]
          --wait-for-data <DURATION>   How long to ask again for missing data [env:
                                       TIDEGATE_WAIT_FOR_DATA] [default: 0s]
          --watch                      Evaluate again whenever a file changes, with the values of the
                                       first time, until Ctrl-C
          --dry-run                    Show the window and the queries, and do nothing else

    Output:
      -o, --output <FORMAT>                What stdout shows: any FORMAT of --report [env:
                                           TIDEGATE_OUTPUT] [default: table]
          --report <FORMAT=PATH>           Write a report to a file; may be repeated [env:
                                           TIDEGATE_REPORT]
          --artifact <NAME@sha256:DIGEST>  Name what was built, for --report in-toto; may be repeated
                                           [env: TIDEGATE_ARTIFACT]
          --ci <SYSTEM>                    Speak the language of the CI system: auto, none, or its name
                                           [env: TIDEGATE_CI] [default: auto]
          --notify <KIND=env:NAME>         Tell a chat or a webhook: slack, teams or webhook, and where
                                           its URL stands; may be repeated [env: TIDEGATE_NOTIFY]
          --explain                        Spell out the arithmetic of the score below the table

    Examples:
      tidegate evaluate --timeframe 30m --label build=17
      tidegate evaluate carts orders --project sockshop --stage staging
      tidegate evaluate --slo slo.yaml --values values.json --explain

    More with --help.
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is all one text")]
fn the_long_help_of_evaluate() {
    assert_snapshot!(help(&["evaluate", "--help"]), @r#"
    Evaluate the SLOs of one or more folders

    Usage: tidegate evaluate [OPTIONS] [DIR]...

    Arguments:
      [DIR]...
              Folders to evaluate [default: the working folder]

              Each gets a verdict of its own; the worst exit code wins.

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

    Files:
          --slo <FILE>
              Read the objectives from this file, `-` for stdin

          --sli <FILE>
              Read the queries from this file

              Without it: sli.yaml beside the SLO, else PROVIDER/sli.yaml of the project, the stage and
              the service, as in Keptn.

          --config <FILE>
              Read the configuration from this file [env: TIDEGATE_CONFIG]

              Without it: the tidegate.yaml that is found first from the SLO's folder upwards.

          --results <FILE>
              Take SLIs that no file defines from this file with results, such as k6-summary.json

              Of a load test, a unit test, coverage, or a benchmark; the format is told by the content.
              SLIs have canonical names, such as error_rate and response_time_p95; `tidegate inspect
              FILE` lists what a file has. A pattern may stand for the file.

          --values <FILE>
              Take the values from this JSON file instead of asking a provider, `-` for stdin

              An array as in Keptn's indicatorValues, a whole get-sli.finished event, or {"name":
              number}.

          --event-log <URL>
              Read and store evaluations here [env: TIDEGATE_EVENT_LOG] [default:
              sqlite:.tidegate/events.db]

              sqlite:PATH, PATH.jsonl, memory: for no history at all, or a server: postgres://, s3://,
              gs://, az://, nats://, or https://HOST/api of a Keptn. Credentials come from the
              environment or tidegate.yaml.

    What is evaluated:
          --project <NAME>
              The project [env: TIDEGATE_PROJECT] [default: the folder of tidegate.yaml or .git]

          --stage <NAME>
              The stage [env: TIDEGATE_STAGE] [default: default]

          --service <NAME>
              The service [env: TIDEGATE_SERVICE] [default: the SLO's folder]

          --deployment <NAME>
              The deployment, for $DEPLOYMENT in queries [env: TIDEGATE_DEPLOYMENT] [default: primary]

          --label <KEY=VALUE>
              Attach a label; may be repeated

              Labels are stored with the evaluation, and fill $LABEL.KEY in queries.

          --labels <K=V,K=V>
              Attach several labels, as Keptn's CLI takes them [env: TIDEGATE_LABELS]

          --labels-file <FILE>
              Attach the labels of a file, one KEY=VALUE or KEY:VALUE a line

              Split at the first `=` or `:`. Empty lines and lines that begin with # are left out.
              --labels and --label win.

    When:
          --timeframe <DURATION>
              How long the window is, such as 30m, 1h30m or 2d [env: TIDEGATE_TIMEFRAME] [default: 5m]

              The window ends now, or begins at --start. It is at least one minute long.

          --start <TIME>
              Where the window begins

              2024-02-01T10:00:00Z (any offset; without one it is UTC), 660 or -11m (that long ago),
              1706781600 (an epoch), now, or @NAME (what `tidegate mark start --name NAME` remembered).

          --end <TIME>
              Where the window ends, written like --start

    How:
          --provider <NAME>
              Ask this provider where sli.yaml names none [env: TIDEGATE_PROVIDER]

          --timeout <DURATION>
              Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT] [default: never]

          --no-wait
              Don't wait for data that come late

              Some backends have all data of a window only minutes after its end. Without this flag they
              are waited for, once per run; with it, they are asked at once, and a warning says that the
              data may be incomplete.

          --baseline <WHAT>
              Compare with this instead of the newest evaluations [env: TIDEGATE_BASELINE]

              label:KEY=VALUE takes the newest evaluations that carry the label (may be repeated);
              newest takes the newest, whatever is pinned; latest~1, an id or a start takes that
              evaluation; FILE.json takes stored evaluations, a report of --output json, or {"name":
              number}. Without it: what is pinned, else the newest, as slo.yaml says.

          --require-baseline[=<BOOL>]
              Give no verdict without a baseline [env: TIDEGATE_REQUIRE_BASELINE]

              Where a criterion is relative to earlier evaluations, and none has a value, the evaluation
              is inconclusive (code 4). Without this flag such a criterion is met, as in Keptn.

          --event-log-required <BOOL>
              false: let the verdict stand without the log [env: TIDEGATE_EVENT_LOG_REQUIRED]

              Where the event log can't be read, criteria that are relative to earlier evaluations then
              count as met, and a warning says so; where it can't be written, the evaluation is not
              stored.

          --fail-on <VERDICT>
              What ends with a failing exit code: fail, warning or never [env: TIDEGATE_FAIL_ON]

              Unset, a warning ends with 3 and a fail with 1. `fail` turns 3 into 0, `warning` turns 3
              into 1, and `never` turns both into 0. Codes from 64 on, and 4, stay as they are.

          --on-fail <VERDICT>
              What a fail ends as: pass, warning or fail [env: TIDEGATE_ON_FAIL] [default: fail]

              The report shows the verdict as it is; only the exit code becomes that of the word.

          --on-warning <VERDICT>
              What a warning ends as: pass, warning or fail [env: TIDEGATE_ON_WARNING] [default:
              warning]

          --wait-for-data <DURATION>
              How long to ask again for missing data [env: TIDEGATE_WAIT_FOR_DATA] [default: 0s]

              Some backends have the data of a window only after its end. SLIs that have data are not
              asked again; neither are files with results. What has no data when the time is over counts
              as such.

          --watch
              Evaluate again whenever a file changes, with the values of the first time, until Ctrl-C

              For writing SLOs. Looks at slo.yaml, sli.yaml, tidegate.yaml and the file of --values;
              only queries that changed are asked again, for the window of the first time. Nothing is
              stored, written or sent. Ctrl-C ends it with 0.

          --dry-run
              Show the window and the queries, and do nothing else

              Needs no network and no secret.

    Output:
      -o, --output <FORMAT>
              What stdout shows: any FORMAT of --report [env: TIDEGATE_OUTPUT] [default: table]

              json and yaml are versioned. keptn-event is the CloudEvent
              sh.keptn.event.evaluation.finished. Of several folders, json and yaml show a list,
              keptn-event shows one event on each line.

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

          --explain
              Spell out the arithmetic of the score below the table

    Examples:
      The last half hour, labelled with the build:
          tidegate evaluate --timeframe 30m --label build=17

      From when the load test began until now:
          tidegate evaluate --start 2024-02-01T10:00:00+01:00 --end now

      Two services at once; the worst verdict decides:
          tidegate evaluate carts orders --project sockshop --stage staging

      Numbers that you bring yourself, and how the score came about:
          tidegate evaluate --slo slo.yaml --values values.json --explain

      What would be asked, without asking:
          tidegate evaluate --dry-run

      For another program:
          tidegate evaluate --output json | jq .score

    Exit codes:
        0  pass                           66  a file is missing
        1  fail                           69  a backend could not be reached
        3  warning                        70  a bug in tidegate
        4  inconclusive, by a policy      73, 74  a report or the log: not created, not written
       64  the command line is wrong      75  throttled or locked: try again
       65  a file or a query is           76  an answer could not be understood
           malformed                      77  not authorised
                                          78  tidegate.yaml or the environment is wrong
      124  --timeout ran out             129, 130, 143  closed, interrupted, terminated
    "#);
}
