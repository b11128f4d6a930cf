//! The formats that files with results come in.

use std::fmt;
use std::str::FromStr;

/// A format of files with results. One that is a family, such as `k6`, has members whose names start with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// k6's summary in any of its three JSON shapes.
    K6,
    /// k6's samples, one JSON a line (`--out json=FILE`), perhaps gzipped.
    K6Ndjson,
    /// `JMeter`'s samples as CSV.
    JmeterCsv,
    /// `JMeter`'s samples as XML.
    JmeterXml,
    /// `statistics.json` of `JMeter`'s dashboard.
    JmeterStatistics,
    /// `stats.json` or `global_stats.json` of Gatling before 3.13.5.
    GatlingStats,
    /// `simulation.log` of Gatling as text.
    GatlingLog,
    /// What Gatling prints at the end of a run.
    GatlingConsole,
    /// `PREFIX_stats.csv` of Locust.
    LocustCsv,
    /// Locust's JSON with counts of response times.
    LocustJson,
    /// Artillery's report.
    Artillery,
    /// What wrk and wrk2 print.
    Wrk,
    /// What hey prints.
    Hey,
    /// hey's samples (`-o csv`).
    HeyCsv,
    /// oha's JSON report.
    Oha,
    /// oha's samples as CSV.
    OhaCsv,
    /// `vegeta report -type=json`.
    Vegeta,
    /// `vegeta encode -to json`: samples, one JSON a line.
    VegetaNdjson,
    /// hyperfine's JSON.
    Hyperfine,
    /// `estimates.json` of criterion.
    Criterion,
    /// `cargo criterion --message-format=json`.
    CargoCriterion,
    /// Lines of `test NAME ... bench:`, as libtest prints them.
    Bencher,
    /// `JUnit` XML.
    Junit,
    /// lcov's tracefile.
    Lcov,
    /// Cobertura's XML.
    Cobertura,
    /// `JaCoCo`'s XML.
    Jacoco,
    /// Go's cover profile.
    GoCover,
    /// Istanbul's `coverage-summary.json`.
    Istanbul,
    /// `llvm-cov export`.
    LlvmCov,
    /// Prometheus' text format, or `OpenMetrics`.
    Openmetrics,
    /// Any JSON; the indicator says where the number is.
    Json,
    /// Any CSV; the indicator says which column.
    Csv,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 32] = [
        Self::K6,
        Self::K6Ndjson,
        Self::JmeterCsv,
        Self::JmeterXml,
        Self::JmeterStatistics,
        Self::GatlingStats,
        Self::GatlingLog,
        Self::GatlingConsole,
        Self::LocustCsv,
        Self::LocustJson,
        Self::Artillery,
        Self::Wrk,
        Self::Hey,
        Self::HeyCsv,
        Self::Oha,
        Self::OhaCsv,
        Self::Vegeta,
        Self::VegetaNdjson,
        Self::Hyperfine,
        Self::Criterion,
        Self::CargoCriterion,
        Self::Bencher,
        Self::Junit,
        Self::Lcov,
        Self::Cobertura,
        Self::Jacoco,
        Self::GoCover,
        Self::Istanbul,
        Self::LlvmCov,
        Self::Openmetrics,
        Self::Json,
        Self::Csv,
    ];

    /// Returns the name that `format:` takes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::K6 => "k6",
            Self::K6Ndjson => "k6-ndjson",
            Self::JmeterCsv => "jmeter-csv",
            Self::JmeterXml => "jmeter-xml",
            Self::JmeterStatistics => "jmeter-statistics",
            Self::GatlingStats => "gatling-stats",
            Self::GatlingLog => "gatling-log",
            Self::GatlingConsole => "gatling-console",
            Self::LocustCsv => "locust-csv",
            Self::LocustJson => "locust-json",
            Self::Artillery => "artillery",
            Self::Wrk => "wrk",
            Self::Hey => "hey",
            Self::HeyCsv => "hey-csv",
            Self::Oha => "oha",
            Self::OhaCsv => "oha-csv",
            Self::Vegeta => "vegeta",
            Self::VegetaNdjson => "vegeta-ndjson",
            Self::Hyperfine => "hyperfine",
            Self::Criterion => "criterion",
            Self::CargoCriterion => "cargo-criterion",
            Self::Bencher => "bencher",
            Self::Junit => "junit",
            Self::Lcov => "lcov",
            Self::Cobertura => "cobertura",
            Self::Jacoco => "jacoco",
            Self::GoCover => "go-cover",
            Self::Istanbul => "istanbul",
            Self::LlvmCov => "llvm-cov",
            Self::Openmetrics => "openmetrics",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// Returns the formats that a name stands for: one format, or a family such as `jmeter` or `k6`. Nothing for a
    /// name that is unknown.
    #[must_use]
    pub fn named(text: &str) -> Vec<Self> {
        let of_family = |format: &Self| {
            let rest = format.as_str().strip_prefix(text);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        Self::ALL.into_iter().filter(of_family).collect()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| UnknownFormat {
            text: text.to_owned(),
        })
    }
}

/// A name that is no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no format of files with results")]
pub struct UnknownFormat {
    /// What was written.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_prints_and_parses_back() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let unknown = "K6".parse::<Format>().unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "`K6` is no format of files with results"
        );
    }

    #[test]
    fn the_name_of_a_family_stands_for_its_members() {
        assert_eq!(Format::named("k6"), [Format::K6, Format::K6Ndjson]);
        assert_eq!(Format::named("hey-csv"), [Format::HeyCsv]);
        assert_eq!(Format::named("jmeter").len(), 3);
        assert_eq!(Format::named("h"), []);
        assert_eq!(Format::named(""), []);
    }
}
