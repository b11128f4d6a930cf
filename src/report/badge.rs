//! A badge as SVG: no network, no script, no font but those that are there.

use quick_xml::escape::escape;

use super::headline::shown_score;
use super::{Account, Unjudged};
use crate::gate::{Ending, Verdict};

/// What the left half says.
pub(super) const LABEL: &str = "quality gate";
/// The colour of the left half.
const LABEL_COLOUR: &str = "#24292f";
/// How many pixels a character takes, at most.
const CHARACTER: usize = 7;
/// How many pixels there are beside a text, on both sides together.
const PADDING: usize = 12;

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let ending = Ending::of(account.record);
    draw(&message(account), colour(Some(ending)))
}

/// Writes that there is no verdict.
pub(super) fn write_unjudged(_unjudged: &Unjudged<'_>) -> String {
    draw("no verdict", colour(None))
}

/// Says how an evaluation ended: `pass 92.5`.
pub(super) fn message(account: &Account<'_>) -> String {
    let word = Ending::of(account.record).as_str();
    match shown_score(account.record) {
        Some(score) => format!("{word} {score}"),
        None => word.to_owned(),
    }
}

/// Returns a colour that white text can be read on.
fn colour(ending: Option<Ending>) -> &'static str {
    match ending {
        Some(Ending::Verdict(Verdict::Pass)) => "#1a7f37",
        Some(Ending::Verdict(Verdict::Warning)) => "#9a6700",
        Some(Ending::Verdict(Verdict::Fail)) => "#cf222e",
        Some(Ending::Inconclusive) | None => "#57606a",
    }
}

/// Draws both halves. The texts are stretched to the width that they were given, whatever the font.
fn draw(message: &str, colour: &str) -> String {
    let message = escape(message);
    let (left, right) = (text_width(LABEL), text_width(&message));
    let (left_box, right_box) = (left + PADDING, right + PADDING);
    let width = left_box + right_box;
    let (left_middle, right_middle) = (left_box / 2, left_box + right_box / 2);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" viewBox="0 0 {width} 20" role="img" aria-label="{LABEL}: {message}">
  <title>{LABEL}: {message}</title>
  <rect width="{width}" height="20" rx="3" fill="{LABEL_COLOUR}"/>
  <rect x="{left_box}" width="{right_box}" height="20" rx="3" fill="{colour}"/>
  <rect x="{left_box}" width="4" height="20" fill="{colour}"/>
  <g fill="#ffffff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" text-anchor="middle">
    <text x="{left_middle}" y="14" textLength="{left}">{LABEL}</text>
    <text x="{right_middle}" y="14" textLength="{right}">{message}</text>
  </g>
</svg>
"##
    )
}

/// Returns how many pixels a text takes.
fn text_width(text: &str) -> usize {
    text.chars().count() * CHARACTER
}

#[cfg(test)]
mod tests {
    use super::super::samples::{all, record};
    use super::*;

    /// Returns the relative luminance of a colour, as WCAG 2.2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn white_text_can_be_read_on_every_colour() {
        let endings = [Verdict::Pass, Verdict::Warning, Verdict::Fail].map(Ending::Verdict);
        let colours = endings.map(|ending| colour(Some(ending)));
        for colour in colours.into_iter().chain([LABEL_COLOUR, colour(None)]) {
            let contrast = 1.05 / (luminance(colour) + 0.05);
            assert!(contrast >= 4.5, "{colour}: {contrast}");
        }
    }

    #[test]
    fn the_word_stands_in_the_picture_and_in_its_title() {
        let record = record(all(640.0, 0.5), &[]);
        let badge = write(&Account::of(&record));
        assert!(badge.contains("<title>quality gate: warning 66.66</title>"));
        assert!(badge.contains(">warning 66.66</text>"));
    }
}
