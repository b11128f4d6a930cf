//! The heatmap of a service: how each SLI of each evaluation ended, and the line of its values. A letter or a sign
//! stands in every cell, so that nobody needs to see its colour.

use anstyle::{Effects, Style};
use unicode_width::UnicodeWidthStr as _;

use super::change::{number, score};
use super::grid::{Grid, Heading, Row};
use super::listing::{GAP, cut_in_the_middle};
use super::sparkline::sparkline;
use super::text::{Charset, Mark, TextStyle, block, paint, printable};
use crate::gate::{ChronicleEntry, Series, Status};

/// How wide a cell is: its sign, and a blank.
const CELL: usize = 2;
/// What stands between the parts of the legend.
const BETWEEN: &str = "   ";
/// The least room that names get.
const LEAST_NAME: usize = 12;
/// The least room that a line of bars is worth.
const LEAST_BARS: usize = 6;

/// The heatmap of the evaluations of a service.
pub struct Heatmap<'a> {
    /// The evaluations, newest first.
    pub entries: &'a [ChronicleEntry],
    /// Whose they are.
    pub series: &'a Series,
}

impl Heatmap<'_> {
    /// Returns it for people.
    #[must_use]
    pub fn text(&self, style: TextStyle) -> String {
        let grid = Grid::of(self.entries);
        let total = usize::from(style.width);
        let names = Names::of(&grid, total, style);
        let room = total.saturating_sub(names.width + GAP.len());
        let count = grid.columns.len().min((room / CELL).max(1));
        let dropped = grid.columns.len() - count;
        let grid = grid.newest(count);
        let mut figures = Figures::of(&grid.rows);
        let beside = names.width + GAP.len() + count * CELL + GAP.len();
        let mut lines = self.heading(style);
        lines.push(String::new());
        if beside + count + GAP.len() + figures.width() <= total {
            let right = figures.lines(&grid, count, style);
            lines.extend(names.beside(&grid, Some(&right), style));
            lines.extend(self.below(&grid, dropped, style));
        } else {
            lines.extend(names.beside(&grid, None, style));
            lines.extend(self.below(&grid, dropped, style));
            lines.push(String::new());
            if room < LEAST_BARS + GAP.len() + figures.width() {
                figures.narrow();
            }
            let bars = room.saturating_sub(GAP.len() + figures.width()).min(count);
            let right = figures.lines(&grid, bars, style);
            lines.extend(names.before(&right));
        }
        block(lines.into_iter().map(|line| line.trim_end().to_owned()))
    }

    /// Names the service, and says from when to when.
    fn heading(&self, style: TextStyle) -> Vec<String> {
        let bold = Style::new().effects(Effects::BOLD);
        let name = printable(&self.series.to_string());
        let series = paint(&name, bold, style);
        let count = match self.entries.len() {
            1 => "1 evaluation".to_owned(),
            several => format!("{several} evaluations"),
        };
        let time =
            |entry: &ChronicleEntry| Some(entry.time?.strftime("%Y-%m-%d %H:%M").to_string());
        let first = self.entries.last().and_then(time);
        let last = self.entries.first().and_then(time);
        let words = match (first, last) {
            (Some(first), Some(last)) if first != last => {
                format!("{count}, {first} to {last} UTC")
            }
            (Some(only), _) | (None, Some(only)) => format!("{count}, {only} UTC"),
            (None, None) => count,
        };
        if name.width() + GAP.len() + words.len() > usize::from(style.width) {
            return vec![series, words];
        }
        vec![format!("{series}{GAP}{words}")]
    }

    /// Explains the signs, and says what is not shown.
    fn below(&self, grid: &Grid, dropped: usize, style: TextStyle) -> Vec<String> {
        let mut lines = vec![String::new()];
        lines.extend(legend(grid, style));
        if dropped > 0 {
            let which = match dropped {
                1 => "the oldest".to_owned(),
                several => format!("the oldest {several}"),
            };
            lines.push(format!(
                "Not shown at this width: {which} of {}. See --output json.",
                self.entries.len()
            ));
        }
        lines
    }
}

/// Explains the signs that occur.
fn legend(grid: &Grid, style: TextStyle) -> Vec<String> {
    let cells = || grid.rows.iter().flat_map(|row| &row.cells);
    let occurs = |sign: &str| {
        cells()
            .flatten()
            .any(|mark| mark.short(style.charset) == sign)
    };
    let marks = [Status::Pass, Status::Warning, Status::Fail, Status::Info].map(Mark::of_status);
    let mut all: Vec<(Mark, &str)> = marks.iter().map(|mark| (*mark, mark.word)).collect();
    all.push((Mark::inconclusive(), "no value or no verdict"));
    let occurring = all
        .into_iter()
        .filter(|(mark, _)| occurs(mark.short(style.charset)));
    let mut parts: Vec<(String, &str)> = occurring
        .map(|(mark, words)| (mark.paint(mark.short(style.charset), style), words))
        .collect();
    if cells().any(Option::is_none) {
        parts.push((absent(style.charset).to_owned(), "not part of it"));
    }
    let mut lines: Vec<String> = Vec::new();
    let mut left = 0;
    for (sign, words) in parts {
        let needed = 1 + 1 + words.len();
        match lines.last_mut() {
            Some(line) if left >= BETWEEN.len() + needed => {
                left -= BETWEEN.len() + needed;
                line.extend([BETWEEN, &sign, " ", words]);
            }
            Some(_) | None => {
                left = usize::from(style.width).saturating_sub(needed);
                lines.push(format!("{sign} {words}"));
            }
        }
    }
    lines
}

/// The sign of an SLI that an evaluation knows nothing of.
fn absent(charset: Charset) -> &'static str {
    match charset {
        Charset::Unicode => "·",
        Charset::Ascii => ".",
    }
}

/// The names of the rows, all of the same width.
struct Names {
    /// The names, padded.
    texts: Vec<String>,
    /// How wide they are.
    width: usize,
}

impl Names {
    /// Takes the names, cut where they would leave no room for the rest.
    fn of(grid: &Grid, total: usize, style: TextStyle) -> Self {
        let suffix = |row: &Row| if row.is_key { " (key)" } else { "" };
        let full = grid.rows.iter();
        let widest = full.map(|row| row.name.width() + suffix(row).len()).max();
        let width = widest.unwrap_or_default().min((total / 3).max(LEAST_NAME));
        let texts = grid.rows.iter().map(|row| {
            let suffix = suffix(row);
            let name = cut_in_the_middle(&row.name, width - suffix.len(), style);
            padded(&format!("{name}{suffix}"), width)
        });
        Self {
            texts: texts.collect(),
            width,
        }
    }

    /// Returns the lines of the grid, what stands at the right of them included: its first line belongs to the heads.
    fn beside(&self, grid: &Grid, right: Option<&[String]>, style: TextStyle) -> Vec<String> {
        let right = |at: usize| {
            let line = right.and_then(|lines| lines.get(at));
            line.map_or_else(String::new, |line| format!("{GAP}{line}"))
        };
        let grid_width = self.width + GAP.len() + grid.columns.len() * CELL;
        let ticks = ticks(&grid.columns, self.width + GAP.len());
        let mut lines = vec![format!("{}{}", padded(&ticks, grid_width), right(0))];
        for (at, (name, row)) in self.texts.iter().zip(&grid.rows).enumerate() {
            let cells = row.cells.iter().map(|cell| drawn(*cell, style));
            let cells: String = cells.collect();
            lines.push(format!("{name}{GAP}{cells}{}", right(at + 1)));
        }
        let x = match style.charset {
            Charset::Unicode => "×",
            Charset::Ascii => "x",
        };
        lines.extend(self.pointers("invalidated", x, grid, |one| one.is_invalidated));
        lines.extend(self.pointers("pinned", "^", grid, |one| one.is_pinned));
        lines
    }

    /// Marks the columns of which something was said since.
    fn pointers(
        &self,
        name: &str,
        sign: &str,
        grid: &Grid,
        is_marked: impl Fn(&Heading) -> bool,
    ) -> Option<String> {
        grid.columns.iter().any(&is_marked).then(|| {
            let cells = grid.columns.iter();
            let cells: String = cells
                .map(|one| padded(if is_marked(one) { sign } else { "" }, CELL))
                .collect();
            format!("{}{GAP}{cells}", padded(name, self.width))
        })
    }

    /// Puts the names before lines of their own, the first of which is their head.
    fn before(&self, lines: &[String]) -> Vec<String> {
        let names = [" ".repeat(self.width)]
            .into_iter()
            .chain(self.texts.clone());
        names
            .zip(lines)
            .map(|(name, line)| format!("{name}{GAP}{line}"))
            .collect()
    }
}

/// Fills a text up with blanks.
fn padded(text: &str, width: usize) -> String {
    let blank = " ".repeat(width.saturating_sub(text.width()));
    format!("{text}{blank}")
}

/// Draws a cell.
fn drawn(cell: Option<Mark>, style: TextStyle) -> String {
    match cell {
        Some(mark) => mark.fill(&padded(mark.short(style.charset), CELL), style),
        None => padded(absent(style.charset), CELL),
    }
}

/// Writes the names of as many columns as there is room for, each ending over its column; the newest always.
fn ticks(columns: &[Heading], before: usize) -> String {
    let mut chosen: Vec<(usize, &str)> = Vec::new();
    let mut free = usize::MAX;
    for (at, column) in columns.iter().enumerate().rev() {
        let end = before + at * CELL + 1;
        let start = end.checked_sub(column.name.width());
        if let Some(start) = start.filter(|_| end < free) {
            chosen.push((start, &column.name));
            free = start;
        }
    }
    chosen
        .iter()
        .rev()
        .fold(String::new(), |line, (start, name)| {
            padded(&line, *start) + name
        })
}

/// The lowest, the highest and the newest number of each row.
struct Figures {
    /// The columns.
    columns: Vec<FigureColumn>,
}

/// One column of figures.
struct FigureColumn {
    /// The head first, then each row.
    cells: Vec<String>,
    /// How wide it is.
    width: usize,
    /// Whether it stays where there is little room.
    is_needed: bool,
    /// Whether its cells stand at the right.
    is_right: bool,
}

impl FigureColumn {
    /// Makes a column of numbers.
    fn new(head: &str, cells: Vec<String>) -> Self {
        let cells: Vec<String> = [head.to_owned()].into_iter().chain(cells).collect();
        let width = cells.iter().map(|cell| cell.width()).max();
        Self {
            width: width.unwrap_or_default(),
            cells,
            is_needed: true,
            is_right: true,
        }
    }

    /// Returns a cell.
    fn cell(&self, at: usize) -> String {
        let text = self.cells.get(at).map_or("", String::as_str);
        if self.is_right {
            format!(
                "{}{text}",
                " ".repeat(self.width.saturating_sub(text.width()))
            )
        } else {
            padded(text, self.width)
        }
    }
}

impl Figures {
    /// Looks at the numbers of the rows, the first of which is the score.
    fn of(rows: &[Row]) -> Self {
        let column = |head: &str, pick: &dyn Fn(&[Option<f64>]) -> Option<f64>| {
            let cells = rows.iter().enumerate();
            let cells = cells.map(|(at, row)| {
                // A score is cut, not rounded.
                let print = |value| {
                    if at == 0 {
                        score(value)
                    } else {
                        number(value, &[])
                    }
                };
                pick(&row.values).map_or_else(String::new, print)
            });
            FigureColumn::new(head, cells.collect())
        };
        let lowest = |values: &[Option<f64>]| values.iter().flatten().copied().reduce(f64::min);
        let highest = |values: &[Option<f64>]| values.iter().flatten().copied().reduce(f64::max);
        let units = rows.iter().map(|row| row.unit.clone().unwrap_or_default());
        let mut columns = vec![
            column("Lowest", &lowest),
            column("Highest", &highest),
            column("Last", &|values| values.last().copied().flatten()),
            FigureColumn::new("", units.collect()),
        ];
        for (at, column) in columns.iter_mut().enumerate() {
            column.is_needed = at > 1;
            column.is_right = at < 3;
        }
        columns.retain(|column| column.width > 0);
        Self { columns }
    }

    /// Keeps only the newest numbers, with their units.
    fn narrow(&mut self) {
        self.columns.retain(|column| column.is_needed);
    }

    /// Returns how wide it is.
    fn width(&self) -> usize {
        let widths = self.columns.iter().map(|column| column.width);
        widths.sum::<usize>() + GAP.len() * self.columns.len().saturating_sub(1)
    }

    /// Returns the lines, each with its bars first; the head first.
    fn lines(&self, grid: &Grid, bars: usize, style: TextStyle) -> Vec<String> {
        let head = if bars < "Values".len() { "" } else { "Values" };
        let drawn = grid.rows.iter().map(|row| {
            let hidden = row.values.len().saturating_sub(bars);
            sparkline(row.values.get(hidden..).unwrap_or_default(), style.charset)
        });
        let drawn = [head.to_owned()].into_iter().chain(drawn);
        let gap = if bars == 0 { "" } else { GAP };
        let line = |(at, bar): (usize, String)| {
            let cells: Vec<String> = self.columns.iter().map(|column| column.cell(at)).collect();
            format!("{}{gap}{}", padded(&bar, bars), cells.join(GAP))
        };
        drawn.enumerate().map(line).collect()
    }
}
