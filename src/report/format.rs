//! The forms in which an evaluation can be written, and their names.

use std::str::FromStr;

/// A form in which an evaluation can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for people.
    Table,
    /// Our own JSON, versioned.
    Json,
    /// The same in YAML.
    Yaml,
    /// The `evaluation.finished` `CloudEvent` of Keptn, on one line.
    KeptnEvent,
    /// The same as Keptn's API answers it: `{"events": […], "totalCount": 1}`.
    KeptnEvents,
    /// Markdown as GitHub and GitLab show it.
    Markdown,
    /// A page that needs no network.
    Html,
    /// `JUnit` XML, for whatever shows tests.
    Junit,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// A row for each objective.
    Csv,
    /// The text format of `OpenMetrics`.
    OpenMetrics,
    /// SARIF 2.1.0.
    Sarif,
    /// The code quality report of GitLab.
    CodeQuality,
    /// One line, as Nagios plug-ins print it.
    Nagios,
    /// A badge as SVG.
    Badge,
    /// A badge as the endpoint of shields.io takes it.
    Shields,
    /// `CDEvents`, one on each line.
    CdEvents,
    /// An in-toto statement with a test result, unsigned.
    InToto,
    /// Variables, one on each line.
    Dotenv,
    /// Checkstyle XML.
    Checkstyle,
    /// The native issues of Jenkins' warnings-ng plug-in.
    JenkinsIssues,
    /// Links on the page of a GitLab job.
    GitlabAnnotations,
}

/// A word that is no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("known are {}", Format::names().join(", "))]
pub struct UnknownFormat;

impl Format {
    /// Every format.
    pub const ALL: [Self; 22] = [
        Self::Table,
        Self::Json,
        Self::Yaml,
        Self::Markdown,
        Self::Html,
        Self::Junit,
        Self::Tap,
        Self::Csv,
        Self::OpenMetrics,
        Self::Sarif,
        Self::CodeQuality,
        Self::Checkstyle,
        Self::JenkinsIssues,
        Self::GitlabAnnotations,
        Self::Dotenv,
        Self::Nagios,
        Self::Badge,
        Self::Shields,
        Self::CdEvents,
        Self::InToto,
        Self::KeptnEvent,
        Self::KeptnEvents,
    ];

    /// Returns the name, as it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::KeptnEvent => "keptn-event",
            Self::KeptnEvents => "keptn-events",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Tap => "tap",
            Self::Csv => "csv",
            Self::OpenMetrics => "openmetrics",
            Self::Sarif => "sarif",
            Self::CodeQuality => "codequality",
            Self::Nagios => "nagios",
            Self::Badge => "badge",
            Self::Shields => "shields",
            Self::CdEvents => "cdevents",
            Self::InToto => "in-toto",
            Self::Dotenv => "dotenv",
            Self::Checkstyle => "checkstyle",
            Self::JenkinsIssues => "jenkins-issues",
            Self::GitlabAnnotations => "gitlab-annotations",
        }
    }

    /// Returns all names.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        Self::ALL.into_iter().map(Self::name).collect()
    }

    /// Tells whether programs read it: then stdout holds nothing else, whatever happens.
    #[must_use]
    pub fn is_for_machines(self) -> bool {
        !matches!(self, Self::Table | Self::Markdown)
    }

    /// Tells whether it shows the evaluations before.
    #[must_use]
    pub fn shows_trend(self) -> bool {
        matches!(self, Self::Html | Self::Json | Self::Yaml | Self::Markdown)
    }

    /// Tells whether several evaluations can follow each other on stdout.
    #[must_use]
    pub fn holds_several(self) -> bool {
        matches!(
            self,
            Self::Table
                | Self::Json
                | Self::Yaml
                | Self::Markdown
                | Self::KeptnEvent
                | Self::Nagios
                | Self::CdEvents
        )
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let mut all = Self::ALL.into_iter();
        all.find(|format| format.name() == text)
            .ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert!("xml".parse::<Format>().is_err());
    }
}
