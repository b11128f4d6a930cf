//! What wrk and wrk2 print. Times have units: us, ms, s, m, h.

use super::failure::{FileError, Place};
use super::format::Format;
use super::load::{NO_REQUESTS, Requests, percentile_name};
use super::number;
use super::options::ReadOptions;
use super::quantity;
use super::results::{Figure, Group, Results, Unit};
use super::text;

/// Reads what wrk printed at the end of its run.
pub(super) fn read(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    let text = text::decode(input)?;
    let mut report = Report::default();
    let mut last = 1;
    for (line, number) in text.lines().zip(1..) {
        last = number;
        report
            .add(line.trim())
            .map_err(|reason| FileError::Malformed {
                format: Format::Wrk,
                place: Place::Line(number),
                reason,
            })?;
    }
    if !report.is_started {
        return Err(FileError::NotThisFormat {
            format: Format::Wrk,
            found: "it has no line `Running … test @ URL`".to_owned(),
        });
    }
    // `Requests/sec` is what comes last but for the transfer; errors stand before it.
    if report.throughput.is_none() || report.answered.is_none() {
        return Err(FileError::Truncated {
            format: Format::Wrk,
            place: Place::Line(last),
        });
    }
    Ok(report.into_results(options))
}

/// What wrk printed, as far as it is read.
#[derive(Default)]
struct Report {
    /// Whether the line was read that says what is measured.
    is_started: bool,
    /// Whether the lines that follow are percentiles.
    is_distribution: bool,
    /// Whether percentiles were read; wrk2 may print them again without its correction.
    has_distribution: bool,
    /// Mean and largest time, in milliseconds.
    times: Option<(f64, f64)>,
    /// Percentiles: rank and time in milliseconds.
    percentiles: Vec<(f64, f64)>,
    /// How many requests were answered, and in how many seconds.
    answered: Option<(u64, f64)>,
    /// How many failed to connect, to be read, or to be written.
    broken: u64,
    /// How many were answered too late.
    late: u64,
    /// How many were answered with a status other than 2xx and 3xx.
    refused: u64,
    /// Requests a second.
    throughput: Option<f64>,
    /// Bytes a second.
    transfer: Option<f64>,
}

impl Report {
    /// Takes note of a line.
    fn add(&mut self, line: &str) -> Result<(), String> {
        if line.starts_with("Running ") && line.contains(" test @ ") {
            if self.is_started {
                return Err("a second `Running`: are these several runs in one file?".to_owned());
            }
            self.is_started = true;
        } else if line.starts_with("Latency Distribution") {
            self.is_distribution = !self.has_distribution;
            self.has_distribution = true;
        } else if let Some(percentile) = percentile(line) {
            if self.is_distribution {
                self.percentiles.push(percentile);
            }
        } else {
            self.is_distribution = false;
            self.add_figure(line);
        }
        Ok(())
    }

    /// Takes note of a line with figures.
    fn add_figure(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("Latency ") {
            self.times = self.times.or(latency(rest));
        } else if let Some(rest) = line.strip_prefix("Requests/sec:") {
            self.throughput = rest.trim().parse().ok();
        } else if let Some(rest) = line.strip_prefix("Transfer/sec:") {
            self.transfer = bytes(rest.trim());
        } else if let Some(rest) = line.strip_prefix("Non-2xx or 3xx responses:") {
            self.refused = rest.trim().parse().unwrap_or(0);
        } else if let Some(rest) = line.strip_prefix("Socket errors:") {
            self.add_socket_errors(rest);
        } else if let Some(answered) = answered(line) {
            self.answered = Some(answered);
        }
    }

    /// Reads `connect 0, read 28, write 0, timeout 0`.
    fn add_socket_errors(&mut self, text: &str) {
        for part in text.split(',') {
            let Some((kind, count)) = part.trim().split_once(' ') else {
                continue;
            };
            let count: u64 = count.trim().parse().unwrap_or(0);
            let sum = if kind == "timeout" {
                &mut self.late
            } else {
                &mut self.broken
            };
            *sum = sum.saturating_add(count);
        }
    }

    /// Turns what was printed into figures. wrk does not count requests that broke; requests that were late it does.
    fn into_results(self, options: &ReadOptions) -> Results {
        let (answered, seconds) = self.answered.unwrap_or_default();
        let requests = Requests {
            total: answered.saturating_add(self.broken),
            refused: self.refused,
            unanswered: self.broken.saturating_add(self.late),
        };
        let mut total = Group::default();
        let mut warnings = Vec::new();
        total.set_requests(requests.total, requests.failures(options.errors));
        if requests.total == 0 {
            warnings.push(NO_REQUESTS.to_owned());
        } else {
            total.set_throughput(self.throughput);
            total.set_duration(Some(seconds));
        }
        if let Some(rate) = self.transfer {
            total.set(
                "data_received_rate",
                Figure::new(rate, Unit::BytesPerSecond),
            );
        }
        // Where no answer came in time every time is 0, which would be the best of results.
        match self.times {
            Some((mean, most)) if most > 0.0 && answered > 0 => {
                total.set_time("avg", Some(mean), None);
                total.set_time("max", Some(most), None);
                for (rank, time) in &self.percentiles {
                    total.set_time(&percentile_name(*rank), Some(*time), None);
                }
            }
            Some(_) | None => warnings.push("wrk measured no response time".to_owned()),
        }
        Results {
            total,
            warnings,
            ..Results::default()
        }
    }
}

/// Reads `95%   12.27ms`; wrk2 prints `95.000%`. A rank of 100 is the largest time.
fn percentile(line: &str) -> Option<(f64, f64)> {
    let (rank, time) = line.split_once('%')?;
    let rank: f64 = rank.trim().parse().ok()?;
    let time = quantity::time(time.trim()).filter(|_| !time.trim().is_empty())?;
    (0.0..100.0).contains(&rank).then_some((rank, time))
}

/// Reads the mean and the largest of `8.81ms  5.16ms  20.94ms  58.71%`.
fn latency(text: &str) -> Option<(f64, f64)> {
    let mut words = text.split_whitespace().map(quantity::time);
    let mean = words.next()??;
    let most = words.nth(1)??;
    Some((mean, most))
}

/// Reads `1428 requests in 3.10s, 219.25KB read`.
fn answered(line: &str) -> Option<(u64, f64)> {
    let (count, rest) = line.split_once(" requests in ")?;
    let (time, _) = rest.split_once(',')?;
    Some((count.trim().parse().ok()?, quantity::time(time)? / 1000.0))
}

/// Reads `70.73KB`, of 1024 bytes.
fn bytes(text: &str) -> Option<f64> {
    let end = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (value, unit) = text.split_at_checked(end)?;
    let power = ["B", "KB", "MB", "GB", "TB"]
        .iter()
        .position(|name| *name == unit)?;
    let factor = 1024_u64.checked_pow(u32::try_from(power).ok()?)?;
    Some(value.parse::<f64>().ok()? * number::float(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What wrk2 prints, after its documentation.
    const WRK2: &str = "Running 30s test @ http://127.0.0.1:80/index.html
  2 threads and 100 connections
  Thread calibration: mean lat.: 9747 usec, rate sampling interval: 21 msec
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     6.46ms    1.93ms   1.20s    67.66%
    Req/Sec     1.05k     1.12k    2.50k    64.84%
  Latency Distribution (HdrHistogram - Recorded Latency)
 50.000%    6.67ms
 99.900%   11.07ms
100.000%    1.20s

  Detailed Percentile spectrum:
       Value   Percentile   TotalCount 1/(1-Percentile)
       0.921     0.000000            1         1.00
  Latency Distribution (HdrHistogram - Uncorrected Latency (measured without taking delayed starts into account))
 50.000%    1.00ms
  60018 requests in 30.00s, 19.81MB read
Requests/sec:   2000.28
Transfer/sec:    676.18KB
";

    #[test]
    fn the_corrected_times_of_wrk2_are_read() {
        let results = read(WRK2.as_bytes(), &ReadOptions::default()).unwrap();
        let value = |name: &str| results.total.figures.get(name).map(|figure| figure.value);
        assert_eq!(value("response_time_p50"), Some(6.67));
        assert_eq!(value("response_time_p99_9"), Some(11.07));
        assert_eq!(value("response_time_max"), Some(1200.0));
        assert_eq!(value("request_count"), Some(60018.0));
        assert_eq!(value("data_received_rate"), Some(676.18 * 1024.0));
    }

    #[test]
    fn half_a_report_and_two_of_them_are_errors() {
        let error = |text: &str| read(text.as_bytes(), &ReadOptions::default()).unwrap_err();
        let half = WRK2.split("Requests/sec").next().unwrap();
        assert!(matches!(error(half), FileError::Truncated { .. }));
        assert!(
            error(&WRK2.repeat(2))
                .to_string()
                .contains("several runs in one file")
        );
        let refused = "unable to connect to 127.0.0.1:9 Connection refused";
        assert!(matches!(error(refused), FileError::NotThisFormat { .. }));
    }
}
