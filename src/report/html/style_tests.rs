//! The colours of the page: each text can be read on what it stands on, in both themes.

use std::collections::BTreeMap;

use super::page::STYLE;
use super::tone::Tone;

/// Text on its ground, by the names of the style sheet.
const TEXTS: [(&str, &str); 27] = [
    ("ink", "bg"),
    ("ink", "soft"),
    ("muted", "bg"),
    ("muted", "soft"),
    ("link", "bg"),
    ("link", "soft"),
    ("pass", "bg"),
    ("warn", "bg"),
    ("fail", "bg"),
    ("info", "bg"),
    ("unknown", "bg"),
    ("pass", "pass-tint"),
    ("warn", "warn-tint"),
    ("fail", "fail-tint"),
    ("unknown", "unknown-tint"),
    ("ink", "pass-tint"),
    ("ink", "fail-tint"),
    ("ink", "warn-tint"),
    ("muted", "pass-tint"),
    ("muted", "warn-tint"),
    ("muted", "fail-tint"),
    ("muted", "unknown-tint"),
    ("pass-text", "pass-tile"),
    ("warn-text", "warn-tile"),
    ("fail-text", "fail-tile"),
    ("info-text", "info-tile"),
    ("unknown-text", "unknown-tile"),
];

/// Returns the colours of the first block behind a text.
fn colours(behind: &str) -> BTreeMap<&'static str, &'static str> {
    let (_, rest) = STYLE.split_once(behind).unwrap();
    let (block, _) = rest.split_once('}').unwrap();
    let each = block.split(';').filter_map(|entry| {
        let (name, value) = entry.trim().strip_prefix("--")?.split_once(':')?;
        value.starts_with('#').then_some((name, value))
    });
    each.collect()
}

/// Returns the relative luminance of a colour, as WCAG defines it.
fn luminance(colour: &str) -> f64 {
    let channel = |from: usize| {
        let value = u8::from_str_radix(&colour[from..from + 2], 16).unwrap();
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/// Returns the contrast of two colours, 1 to 21.
fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_what_wcag_says_it_is() {
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#ffffff") - 4.478).abs() < 1e-3);
}

#[test]
fn every_text_can_be_read_in_both_themes() {
    for theme in [":root{", "dark){:root{"] {
        let colours = colours(theme);
        for (text, ground) in TEXTS {
            let contrast = contrast(colours[text], colours[ground]);
            assert!(contrast >= 4.5, "{theme} {text} on {ground}: {contrast:.2}");
        }
        assert!(contrast(colours["focus"], colours["bg"]) >= 3.0);
    }
}

#[test]
fn drawings_can_be_seen_without_the_style_on_white_and_on_black() {
    for tone in Tone::ALL {
        for ground in ["#ffffff", "#121212"] {
            let contrast = contrast(tone.colour(), ground);
            assert!(contrast >= 3.0, "{tone:?} on {ground}: {contrast:.2}");
        }
    }
}
