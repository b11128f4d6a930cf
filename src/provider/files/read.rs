//! Opens a file, tells its format, and reads it: whole where it is a summary, as a stream where it has samples.

#![expect(
    clippy::disallowed_methods,
    reason = "results lie in files; this is where they are opened"
)]

use std::fs::{File, Metadata};
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;

use super::detect::{self, Extent};
use super::failure::FileError;
use super::format::Format;
use super::options::ReadOptions;
use super::results::Results;
use super::{
    WHOLE_LIMIT, artillery, cobertura, criterion, gatling_console, gatling_log, gatling_stats,
    go_cover, hey, hey_csv, hyperfine, istanbul, jacoco, jmeter_csv, jmeter_statistics, jmeter_xml,
    junit, k6, k6_ndjson, lcov, llvm_cov, locust_csv, locust_json, oha, oha_csv, vegeta,
    vegeta_ndjson, wrk,
};

/// How many bytes are read of a file with samples, unpacked: far more than any test writes.
const STREAM_LIMIT: u64 = 1 << 40;

/// What a file comes to.
#[derive(Debug)]
pub(super) struct FileContent {
    /// Its format.
    pub(super) format: Format,
    /// What it says.
    pub(super) said: Said,
    /// When it was last written, where the system knows.
    pub(super) modified: Option<Timestamp>,
}

/// What a file says.
#[derive(Debug)]
pub(super) enum Said {
    /// Figures.
    Figures(Box<Results>),
    /// A document that is asked one question an indicator.
    Document(Vec<u8>),
}

/// How a file is read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// The formats that it may have; one is taken as it is, several are told apart by content, none means any.
    pub(super) formats: Vec<Format>,
    /// What the user says of it.
    pub(super) options: ReadOptions,
    /// Set when nobody waits for the answer any more.
    pub(super) stop: Arc<AtomicBool>,
}

impl Reading {
    /// Returns whether a folder is read as a whole: criterion leaves no single file with everything in it.
    pub(super) fn takes_folders(&self) -> bool {
        self.formats == [Format::Criterion]
    }
}

/// What editors of Windows put in front of UTF-8; no reader has to know it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Opens a file. A folder, a pipe, or a device is none: it may be endless.
fn open(path: &Path) -> Result<(File, Metadata), FileError> {
    let failed = |source| FileError::Read { source };
    let about = std::fs::metadata(path).map_err(failed)?;
    if !about.is_file() {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file");
        return Err(FileError::Read { source });
    }
    Ok((File::open(path).map_err(failed)?, about))
}

/// Tells the format of a file.
pub(super) fn format(path: &Path, reading: &Reading) -> Result<Format, FileError> {
    let (file, _) = open(path)?;
    let (format, _) = unpack(file, reading)?;
    Ok(format)
}

/// Reads a file, or criterion's folder.
pub(super) fn read(path: &Path, reading: &Reading) -> Result<FileContent, FileError> {
    if reading.takes_folders() && path.is_dir() {
        let results = criterion::read_folder(path)?;
        return Ok(FileContent {
            format: Format::Criterion,
            said: Said::Figures(Box::new(results)),
            modified: None,
        });
    }
    let (file, about) = open(path)?;
    let modified = about
        .modified()
        .ok()
        .and_then(|at| Timestamp::try_from(at).ok());
    let stop = Arc::clone(&reading.stop);
    let file = Watched {
        input: file,
        stop,
        left: u64::MAX,
    };
    let (format, said) = read_stream(file, reading)?;
    Ok(FileContent {
        format,
        said,
        modified,
    })
}

/// Reads what a file holds, unpacked where it is packed with gzip.
pub(super) fn read_stream(
    input: impl Read,
    reading: &Reading,
) -> Result<(Format, Said), FileError> {
    let (format, mut input) = unpack(input, reading)?;
    understand(format, &mut input, &reading.options)
}

/// Tells the format of what a file holds; also returns it from the start, unpacked.
fn unpack<'i>(
    mut input: impl Read + 'i,
    reading: &Reading,
) -> Result<(Format, Box<dyn Read + 'i>), FileError> {
    let start = head(&mut input, 2)?;
    let is_packed = start == [0x1F, 0x8B];
    let whole = Cursor::new(start).chain(input);
    let mut input: Box<dyn Read + 'i> = if is_packed {
        Box::new(MultiGzDecoder::new(BufReader::with_capacity(
            64 << 10,
            whole,
        )))
    } else {
        Box::new(whole)
    };
    let mut start = head(&mut input, detect::HEAD)?;
    let is_whole = start.len() < detect::HEAD;
    if start.starts_with(BYTE_ORDER_MARK) {
        start.drain(..BYTE_ORDER_MARK.len());
    }
    let extent = if is_whole {
        Extent::Whole
    } else {
        Extent::Head
    };
    let format = match reading.formats.as_slice() {
        [format] => Some(*format),
        _ => detect::detect(&start, extent)?,
    };
    let mut input = Cursor::new(start).chain(input);
    if let Some(format) = format {
        return Ok((allowed(format, reading)?, Box::new(input)));
    }
    let text = read_whole(&mut input)?;
    let format = detect::detect(&text, Extent::Whole)?.ok_or(FileError::Empty)?;
    Ok((allowed(format, reading)?, Box::new(Cursor::new(text))))
}

/// Refuses a format that the user does not expect.
fn allowed(format: Format, reading: &Reading) -> Result<Format, FileError> {
    let expected = &reading.formats;
    let Some(first) = expected.first().filter(|_| !expected.contains(&format)) else {
        return Ok(format);
    };
    Err(FileError::NotThisFormat {
        format: *first,
        found: format!("it looks like {format}"),
    })
}

/// Reads content of a known format.
fn understand(
    format: Format,
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<(Format, Said), FileError> {
    let said = match reader(format) {
        Reader::Whole(read) => Said::Figures(Box::new(read(&read_whole(input)?, options)?)),
        Reader::Document => Said::Document(read_whole(input)?),
        Reader::Stream(read) => {
            let mut input = Watched {
                input,
                stop: Arc::default(),
                left: STREAM_LIMIT,
            };
            Said::Figures(Box::new(read(&mut input, options)?))
        }
    };
    Ok((format, said))
}

/// How a format is read.
enum Reader {
    /// Whole: it is a summary.
    Whole(fn(&[u8], &ReadOptions) -> Result<Results, FileError>),
    /// Piece by piece: it has samples.
    Stream(fn(&mut dyn Read, &ReadOptions) -> Result<Results, FileError>),
    /// As it is: each indicator asks it a question of its own.
    Document,
}

/// Returns how a format is read.
fn reader(format: Format) -> Reader {
    use Reader::{Document, Stream, Whole};
    match format {
        Format::K6 => Whole(k6::read),
        Format::K6Ndjson => Stream(k6_ndjson::read),
        Format::JmeterCsv => Stream(jmeter_csv::read),
        Format::JmeterXml => Stream(jmeter_xml::read),
        Format::JmeterStatistics => Whole(jmeter_statistics::read),
        Format::GatlingStats => Whole(gatling_stats::read),
        Format::GatlingLog => Stream(gatling_log::read),
        Format::GatlingConsole => Whole(gatling_console::read),
        Format::LocustCsv => Whole(locust_csv::read),
        Format::LocustJson => Whole(locust_json::read),
        Format::Artillery => Whole(artillery::read),
        Format::Wrk => Whole(wrk::read),
        Format::Hey => Whole(hey::read),
        Format::HeyCsv => Stream(hey_csv::read),
        Format::Oha => Whole(oha::read),
        Format::OhaCsv => Stream(oha_csv::read),
        Format::Vegeta => Whole(vegeta::read),
        Format::VegetaNdjson => Stream(vegeta_ndjson::read),
        Format::Hyperfine => Whole(hyperfine::read),
        Format::Junit => Whole(junit::read),
        Format::Lcov => Whole(lcov::read),
        Format::Cobertura => Whole(cobertura::read),
        Format::Jacoco => Whole(jacoco::read),
        Format::GoCover => Whole(go_cover::read),
        Format::Istanbul => Whole(istanbul::read),
        Format::LlvmCov => Whole(llvm_cov::read),
        Format::Criterion => Whole(criterion::read_estimates),
        Format::CargoCriterion => Whole(criterion::read_messages),
        Format::Bencher => Whole(criterion::read_bencher),
        Format::Openmetrics | Format::Json | Format::Csv => Document,
    }
}

/// Reads everything.
fn read_whole(input: &mut dyn Read) -> Result<Vec<u8>, FileError> {
    let mut text = Vec::new();
    let read = input.take(WHOLE_LIMIT + 1).read_to_end(&mut text);
    read.map_err(|source| FileError::Read { source })?;
    if text.len() as u64 > WHOLE_LIMIT {
        return Err(FileError::TooLarge { limit: WHOLE_LIMIT });
    }
    Ok(text)
}

/// Reads the beginning.
fn head(input: &mut dyn Read, length: usize) -> Result<Vec<u8>, FileError> {
    let mut head = Vec::new();
    let read = input.take(length as u64).read_to_end(&mut head);
    read.map_err(|source| FileError::Read { source })?;
    Ok(head)
}

/// A source that ends with an error where nobody waits for it any more, or where it is endless.
struct Watched<R> {
    /// The source.
    input: R,
    /// Nobody waits any more.
    stop: Arc<AtomicBool>,
    /// How many bytes it may still have.
    left: u64,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("reading was given up"));
        }
        let read = self.input.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(format!("it has more than {STREAM_LIMIT} bytes")))?;
        Ok(read)
    }
}
