//! The help of `tidegate plugin`, word for word.

use insta::assert_snapshot;

use crate::help::help;

#[test]
fn the_help_of_plugin_test() {
    assert_snapshot!(help(&["plugin", "test", "--help"]), @r#"
    Try a plug-in out, and say what it must do better

    Usage: tidegate plugin test [OPTIONS] <PLUGIN> [ARGS]...

    Arguments:
      <PLUGIN>
              The program

      [ARGS]...
              Its arguments, before the verb

    Options:
          --query <QUERY>
              A query that the plug-in can answer [default: the first that it describes]

          --config <JSON>
              Its configuration, as JSON: what `config` in tidegate.yaml would hold

          --env-allow <NAME>
              A variable of the environment that it may see, besides PATH, HOME, LANG and TMPDIR;
              repeatable

          --timeout <DURATION>
              How long each run may take [default: 10s]

      -o, --output <FORMAT>
              What stdout shows: table, json or yaml [default: table]

              json and yaml are versioned.

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
      tidegate plugin test ./newrelic.py
      tidegate plugin test --query ERROR --config '{"file": "service.log"}' ./log-levels.sh
      tidegate plugin test --env-allow NEW_RELIC_API_KEY ./newrelic.py --region eu

    Exit codes:
        0  the plug-in does what it must
        5  it does not, and the table says what to do
       64  the command line is wrong      66  there is no such program
    "#);
}
