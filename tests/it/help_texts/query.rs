//! The help of `tidegate query`, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_short_help_of_query() {
    assert_snapshot!(help(&["query", "-h"]), @"
    Ask for the values of SLIs, and judge nothing

    Usage: tidegate query [OPTIONS] [SLI]...

    Arguments:
      [SLI]...  SLIs to ask for [default: all of the SLI file]

    Options:
          --expr <QUERY>  Ask this query, instead of SLIs of a file
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Files:
          --slo <FILE>      Read the objectives from this file, `-` for stdin
          --sli <FILE>      Read the queries from this file
          --config <FILE>   Read the configuration from this file [env: TIDEGATE_CONFIG]
          --results <FILE>  Take SLIs that no file defines from this file with results, such as
                            k6-summary.json

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
          --range <DURATION>      Show what the values were over this long, such as 6h
          --step <DURATION>       How far apart the points of --range are [default: so that there are 24
                                  to 48]

    How:
          --provider <NAME>     Ask this provider where sli.yaml names none [env: TIDEGATE_PROVIDER]
          --timeout <DURATION>  Give up after this long, with exit code 124 [env: TIDEGATE_TIMEOUT]
                                [default: never]
          --no-wait             Don't wait for data that come late

    Output:
      -o, --output <FORMAT>  What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default:
                             table]

    Examples:
      tidegate query
      tidegate query response_time_p95 --timeframe 30m
      tidegate query response_time_p95 --range 24h
      tidegate query --expr 'sum(rate(http_requests_total[5m]))' --provider prometheus

    More with --help.
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one text")]
fn the_long_help_of_query() {
    assert_snapshot!(help(&["query", "--help"]), @"
    Ask for the values of SLIs, and judge nothing

    Usage: tidegate query [OPTIONS] [SLI]...

    Arguments:
      [SLI]...
              SLIs to ask for [default: all of the SLI file]

    Options:
          --expr <QUERY>
              Ask this query, instead of SLIs of a file

              Placeholders such as $SERVICE are filled; a literal $ is written $$.

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

          --range <DURATION>
              Show what the values were over this long, such as 6h

              The range ends where the window ends. At each step a window as long as the usual one is
              asked for: with --timeframe 5m, each point is the value of five minutes.

          --step <DURATION>
              How far apart the points of --range are [default: so that there are 24 to 48]

              There are 200 points at most: each is a query of its own for each SLI.

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

    Output:
      -o, --output <FORMAT>
              What stdout shows: table, json or yaml [env: TIDEGATE_OUTPUT] [default: table]

              json and yaml are versioned.

    Examples:
      Every SLI of sli.yaml, for the last five minutes:
          tidegate query

      One of them over the last day, as a line of small bars:
          tidegate query response_time_p95 --range 24h

      A query that stands in no file yet:
          tidegate query --expr 'sum(rate(http_requests_total[5m]))' --provider prometheus

      For another program:
          tidegate query --output json | jq '.slis[] | {sli, value}'

    Exit codes:
        0  everything was answered: with a value, or with the word that there are no data
       64  the command line is wrong      75  a backend asks to slow down
       65  a file or a query is           76  an answer could not be understood
           malformed                      77  not authorised
       66  a file is missing              78  tidegate.yaml or the environment is wrong
       69  a backend could not be        124  --timeout ran out
           reached                       130, 143  interrupted, terminated
    ");
}
