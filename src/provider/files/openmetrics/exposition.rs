//! One snapshot of metrics.

use std::collections::{HashMap, HashSet};

use super::super::failure::{FileError, Place};
use super::super::format::Format;
use super::super::text;
use super::sample::Sample;

/// The most samples that one snapshot may have.
const MOST_SAMPLES: usize = 1_000_000;

/// The samples of one snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposition<'a> {
    /// Every sample, in the order of the file.
    samples: Vec<Sample<'a>>,
    /// The types of metrics, as `# TYPE` states them.
    types: HashMap<&'a str, &'a str>,
    /// Whether `# EOF` was read.
    is_ended: bool,
    /// Whether something was read that only `OpenMetrics` has.
    is_openmetrics: bool,
}

impl<'a> Exposition<'a> {
    /// Reads a snapshot. A line that is broken makes the whole file an error, as it does a scrape.
    pub fn parse(input: &'a [u8]) -> Result<Self, FileError> {
        let text = text::decode(input)?;
        let mut exposition = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let place = Place::Line(u64::try_from(line_number).unwrap_or(u64::MAX));
            exposition
                .add(line.trim(), line_number)
                .map_err(|reason| FileError::Malformed {
                    format: Format::Openmetrics,
                    place,
                    reason,
                })?;
            if exposition.samples.len() > MOST_SAMPLES {
                return Err(FileError::TooMuch {
                    what: "more samples than a snapshot has".to_owned(),
                    place,
                    limit: u64::try_from(MOST_SAMPLES).unwrap_or(u64::MAX),
                });
            }
        }
        Ok(exposition)
    }

    /// Returns every sample, in the order of the file.
    pub fn samples(&self) -> &[Sample<'a>] {
        &self.samples
    }

    /// Returns the type of a sample's metric, where the file states it.
    pub fn kind(&self, sample: &Sample<'_>) -> Option<&'a str> {
        let name: &str = &sample.name;
        let suffixes = ["", "_total", "_bucket", "_count", "_sum", "_created"];
        let mut families = suffixes.iter().filter_map(|end| name.strip_suffix(end));
        families.find_map(|family| self.types.get(family).copied())
    }

    /// Returns what is odd about the file as a whole.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.is_openmetrics() && !self.is_ended {
            warnings.push("the file has no `# EOF` at its end: it may be cut off".to_owned());
        }
        if self.samples.is_empty() {
            warnings.push("the file has no samples".to_owned());
        }
        warnings
    }

    /// Tells whether the file is of the newer of the two formats.
    fn is_openmetrics(&self) -> bool {
        self.is_ended || self.is_openmetrics
    }

    /// Takes note of a line.
    fn add(&mut self, line: &'a str, number: usize) -> Result<(), String> {
        if line.is_empty() {
            return Ok(());
        }
        if self.is_ended {
            return Err("something follows `# EOF`: are these several files in one?".to_owned());
        }
        if let Some(comment) = line.strip_prefix('#') {
            self.add_comment(comment.trim());
            return Ok(());
        }
        let sample = Sample::parse(line, number)?;
        let has_fraction = sample.time.is_some_and(|time| time.has_fraction);
        let family = sample.name.strip_suffix("_total");
        let is_suffixed = family.is_some_and(|family| self.types.get(family) == Some(&"counter"));
        self.is_openmetrics |= sample.has_exemplar || has_fraction || is_suffixed;
        self.samples.push(sample);
        Ok(())
    }

    /// Takes note of a comment that means something.
    fn add_comment(&mut self, comment: &'a str) {
        let (key, rest) = comment.split_once([' ', '\t']).unwrap_or((comment, ""));
        match key {
            "EOF" => self.is_ended = true,
            "UNIT" => self.is_openmetrics = true,
            "TYPE" => {
                let (name, kind) = rest.trim().split_once([' ', '\t']).unwrap_or((rest, ""));
                let kind = kind.trim();
                let newer = ["unknown", "info", "stateset", "gaugehistogram"];
                self.is_openmetrics |= newer.contains(&kind);
                self.types.insert(name.trim_matches('"'), kind);
            }
            _ => {}
        }
    }
}

/// Keeps the newest of the samples of one series; an error says that a series is there twice at the same time.
pub fn newest<'e, 'a>(
    samples: Vec<&'e Sample<'a>>,
) -> Result<(Vec<&'e Sample<'a>>, bool), (usize, usize)> {
    let mut places: HashMap<(&str, &[_]), usize> = HashMap::new();
    let mut kept: Vec<&Sample<'_>> = Vec::new();
    let mut is_thinned = false;
    let mut doubles = HashSet::new();
    for sample in samples {
        let key = (&*sample.name, sample.labels.as_slice());
        let Some(earlier) = places.get(&key).and_then(|place| kept.get_mut(*place)) else {
            places.insert(key, kept.len());
            kept.push(sample);
            continue;
        };
        let (Some(old), Some(new)) = (earlier.time, sample.time) else {
            return Err((earlier.line, sample.line));
        };
        if old.value.total_cmp(&new.value).is_eq() {
            doubles.insert((earlier.line, sample.line));
        }
        is_thinned = true;
        if new.value > old.value {
            *earlier = sample;
        }
    }
    match doubles.into_iter().min() {
        Some(lines) => Err(lines),
        None => Ok((kept, is_thinned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Exposition<'_> {
        Exposition::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn openmetrics_without_its_end_is_told_to_be_cut_off() {
        let cut = "# TYPE requests counter\nrequests_total 3\n";
        assert!(parse(cut).warnings()[0].contains("no `# EOF`"));
        assert!(parse(&format!("{cut}# EOF\n")).warnings().is_empty());
        let older = "# TYPE requests_total counter\nrequests_total 3\n";
        assert!(parse(older).warnings().is_empty());
    }

    #[test]
    fn the_type_of_a_metric_is_known_by_its_family() {
        let exposition =
            parse("# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\n# TYPE b gauge\nb 2\nc 3\n");
        let kinds = exposition
            .samples()
            .iter()
            .map(|sample| exposition.kind(sample));
        assert_eq!(
            kinds.collect::<Vec<_>>(),
            [Some("histogram"), Some("gauge"), None]
        );
    }

    #[test]
    fn a_broken_line_and_a_second_file_are_told_with_their_line() {
        let error = |text: &str| Exposition::parse(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            error("a 1\nb{x=\"y 2\n"),
            "cannot read the openmetrics file at line 2: a text in \" has no end"
        );
        assert!(error("a 1\n# EOF\nb 1\n").contains("at line 3: something follows `# EOF`"));
    }

    #[test]
    fn of_a_series_with_times_the_newest_sample_counts() {
        let exposition = parse("a 1 2000\na 5 3000\na 4 1000\n");
        let (kept, is_thinned) = newest(exposition.samples().iter().collect()).unwrap();
        assert_eq!((kept.len(), kept[0].value, is_thinned), (1, 5.0, true));
        let twice = parse("a 1\nb 1\na 2\n");
        assert_eq!(
            newest(twice.samples().iter().collect()).unwrap_err(),
            (1, 3)
        );
    }
}
