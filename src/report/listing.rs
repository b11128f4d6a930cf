//! Columns of a list whose rows are one line each: what is too wide is cut, and everyone sees that it is.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::text::{Charset, Mark, TextStyle};

/// What stands between columns.
pub const GAP: &str = "  ";

/// One column.
pub struct Column {
    /// Its title.
    pub name: &'static str,
    /// What stands in it, one text a line.
    cells: Vec<String>,
    /// The marks that give the cells their colour; none for most columns.
    pub marks: Vec<Mark>,
    /// How wide it is.
    pub width: usize,
    /// Whether the cells stand at its right.
    is_right: bool,
}

impl Column {
    /// Makes a column as wide as its content.
    pub fn new(name: &'static str, cells: Vec<String>) -> Self {
        let widest = cells.iter().map(|cell| cell.width()).max();
        Self {
            name,
            width: widest.unwrap_or_default().max(name.len()),
            cells,
            marks: Vec::new(),
            is_right: false,
        }
    }

    /// Puts the cells to the right.
    pub fn at_the_right(self) -> Self {
        Self {
            is_right: true,
            ..self
        }
    }

    /// Cuts what is wider.
    pub fn at_most(mut self, width: usize, style: TextStyle) -> Self {
        self.width = self.width.min(width);
        for cell in &mut self.cells {
            *cell = cut(cell, self.width, style);
        }
        self
    }

    /// Returns the title.
    pub fn title(&self) -> String {
        self.padded(self.name)
    }

    /// Returns a cell.
    pub fn cell(&self, at: usize, style: TextStyle) -> String {
        let text = self.cells.get(at).map_or("", String::as_str);
        let padded = self.padded(text);
        match self.marks.get(at) {
            Some(mark) => mark.paint(&padded, style),
            None => padded,
        }
    }

    /// Fills a text up with blanks.
    fn padded(&self, text: &str) -> String {
        let blank = " ".repeat(self.width.saturating_sub(text.width()));
        if self.is_right {
            format!("{blank}{text}")
        } else {
            format!("{text}{blank}")
        }
    }
}

/// Cuts a text, so that everyone sees that it is cut.
fn cut(text: &str, width: usize, style: TextStyle) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let end = match style.charset {
        Charset::Unicode => "…",
        Charset::Ascii => "...",
    };
    let mut left = width.saturating_sub(end.width());
    let mut kept: String = text
        .chars()
        .take_while(|character| {
            let wide = character.width().unwrap_or_default();
            let fits = wide <= left;
            left = left.saturating_sub(wide);
            fits
        })
        .collect();
    kept.push_str(end);
    kept
}

/// Cuts a text in its middle: names of SLIs often differ at their ends only.
pub fn cut_in_the_middle(text: &str, width: usize, style: TextStyle) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let gap = match style.charset {
        Charset::Unicode => "…",
        Charset::Ascii => "..",
    };
    let left = width.saturating_sub(gap.width());
    let start = fitting(text.chars(), left.div_ceil(2));
    let end = fitting(text.chars().rev(), left / 2);
    let end: String = end.chars().rev().collect();
    format!("{start}{gap}{end}")
}

/// Returns as many characters as fit.
fn fitting(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or_default();
            used <= width
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::PLAIN;

    #[test]
    fn what_is_cut_shows_it_and_never_takes_more_room() {
        let ascii = TextStyle {
            charset: Charset::Ascii,
            ..PLAIN
        };
        for (text, width, expected, plain) in [
            ("branch=main", 11, "branch=main", "branch=main"),
            ("branch=main", 10, "branch=ma…", "branch=..."),
            ("部署分支", 5, "部署…", "部..."),
            ("", 0, "", ""),
        ] {
            assert_eq!(cut(text, width, PLAIN), expected);
            assert_eq!(cut(text, width, ascii), plain);
        }
    }
}
