//! Which earlier evaluations an evaluation was measured against, and which stored evaluation a user means.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::moment::parse_instant;

/// What chose the evaluations of a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reference {
    /// The SLO's `comparison` block: the newest ones, as in Keptn.
    #[default]
    Newest,
    /// The same, of those that carry all of these labels only.
    Labelled(BTreeMap<String, String>),
    /// The one that is pinned.
    Pinned {
        /// The id of its `.finished` event.
        evaluation: String,
        /// Why it was pinned; may be empty.
        reason: String,
    },
    /// One that was named for this call; the id of its `.finished` event.
    Evaluation(String),
    /// Those in a file; where it is, as the user named it.
    File(String),
}

/// One stored evaluation, as a user names it: `latest`, `latest~2`, its id, or its start.
///
/// ```
/// use tidegate::gate::EvaluationName;
/// assert_eq!("latest~2".parse(), Ok(EvaluationName::Latest(2)));
/// assert_eq!("0194f1c2".parse(), Ok(EvaluationName::Id("0194f1c2".to_owned())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluationName {
    /// The newest of its series, or the one that many before it.
    Latest(usize),
    /// The id of its `.finished` event, or at least four characters that one of the series begins with.
    Id(String),
    /// The one whose window begins at this instant.
    Start(Timestamp),
}

impl FromStr for EvaluationName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let back = match text.split_once('~') {
            Some(("latest", back)) => back.parse().ok(),
            Some(_) => None,
            None => (text == "latest").then_some(0),
        };
        if let Some(back) = back {
            return Ok(Self::Latest(back));
        }
        Ok(match parse_instant(text) {
            Some(start) => Self::Start(start),
            None => Self::Id(text.to_owned()),
        })
    }
}

impl fmt::Display for EvaluationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest(0) => f.write_str("latest"),
            Self::Latest(back) => write!(f, "latest~{back}"),
            Self::Id(id) => f.write_str(id),
            Self::Start(start) => write!(f, "{start}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_is_named_by_its_place_its_id_or_its_start() {
        let start = "2024-02-01T10:00:00Z".parse().unwrap();
        for (text, name) in [
            ("latest", EvaluationName::Latest(0)),
            ("latest~0", EvaluationName::Latest(0)),
            ("latest~12", EvaluationName::Latest(12)),
            ("latest~", EvaluationName::Id("latest~".to_owned())),
            ("latest~-1", EvaluationName::Id("latest~-1".to_owned())),
            ("2024-02-01T10:00:00Z", EvaluationName::Start(start)),
            (
                "2024-02-01T12:00:00.000+02:00",
                EvaluationName::Start(start),
            ),
            ("0194f1c2", EvaluationName::Id("0194f1c2".to_owned())),
        ] {
            assert_eq!(text.parse(), Ok(name), "{text}");
        }
    }
}
