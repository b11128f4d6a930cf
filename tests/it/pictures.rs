//! The pictures of the terminal in the documents are what the program prints. `UPDATE_IMAGES=1` draws them anew.

use std::path::{Path, PathBuf};

use anstyle_svg::Term;

use crate::examples::copy_examples;
use crate::harness::Gate;

/// The example that the pictures show.
const EXAMPLE: &str = "slo-examples/with-history";

/// How many columns the terminal has.
const WIDTH: usize = 80;

/// Runs the program as on a dark terminal of 80 columns, and draws what it prints, the command first.
fn draw(command: &str, words: &[&str], code: i32) -> String {
    let gate = Gate::new();
    copy_examples(&gate.path(""));
    let gate = gate.env("COLUMNS", WIDTH.to_string()).args(words);
    let answer = gate.args(["--color", "always"]).run().code(code);
    let dark = anstyle::RgbColor(0x1e, 0x1e, 0x2e);
    let light = anstyle::RgbColor(0xe6, 0xe6, 0xf0);
    let term = Term::new()
        .bg_color(dark.into())
        .fg_color(light.into())
        .palette(anstyle_svg::WIN10_CONSOLE)
        .min_width_px(720);
    let text = format!("$ {command}\n{}", answer.raw_stdout());
    term.render_svg(&folded(&text)) + "\n"
}

/// Breaks lines as a terminal of that width does; escape sequences take no room.
fn folded(text: &str) -> String {
    let mut out = String::new();
    let (mut used, mut is_escape) = (0, false);
    for character in text.chars() {
        if character == '\n' {
            used = 0;
        } else if character == '\u{1b}' || is_escape {
            is_escape = character != 'm';
        } else {
            if used == WIDTH {
                out.push('\n');
                used = 0;
            }
            used += 1;
        }
        out.push(character);
    }
    out
}

/// Compares a picture with the one in the documents, or puts it there.
fn check(name: &str, picture: &str) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.join(Path::new("docs/images")).join(name);
    if std::env::var_os("UPDATE_IMAGES").is_some() {
        std::fs::write(&path, picture).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == picture,
        "docs/images/{name} is not what the program prints: UPDATE_IMAGES=1 cargo test --test it pictures draws it anew"
    );
}

#[test]
fn the_picture_of_an_evaluation_is_up_to_date() {
    let words = [
        "evaluate",
        EXAMPLE,
        "--values",
        "slo-examples/with-history/values.json",
        "--start",
        "2024-02-01T12:00:00Z",
        "--end",
        "2024-02-01T12:30:00Z",
        "--quiet",
    ];
    check(
        "terminal.svg",
        &draw("tidegate evaluate --timeframe 30m", &words, 3),
    );
}

#[test]
fn the_picture_of_a_history_is_up_to_date() {
    let words = ["history", EXAMPLE, "--heatmap"];
    check(
        "history.svg",
        &draw("tidegate history --heatmap", &words, 0),
    );
}
