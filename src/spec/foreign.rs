//! Files of other tools, which are also called `slo.yaml` or `sli.yaml`: refused by name, in one clear problem.

use super::problem::{Problem, quoted};
use super::source::{Source, Span};
use super::yaml::Node;

/// What the file was expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// An SLO.
    Slo,
    /// Definitions of indicators.
    Sli,
}

/// A format that is not ours.
struct Format {
    /// The group of its `apiVersion`, the part before the slash.
    group: &'static str,
    /// What people call it.
    name: &'static str,
    /// What to do with such a file.
    advice: &'static str,
}

/// What to do with the objectives of a tool that knows error budgets.
const BUDGET: &str = "tidegate judges one release by numbers, not by an error budget: write the objectives as in Keptn (`objectives`, `total_score`)";

/// The formats, by the group of their `apiVersion`.
const FORMATS: [Format; 9] = [
    Format {
        group: "openslo",
        name: "an OpenSLO file",
        advice: BUDGET,
    },
    Format {
        group: "openslo.com",
        name: "an OpenSLO file",
        advice: BUDGET,
    },
    Format {
        group: "sloth.slok.dev",
        name: "a Sloth file",
        advice: BUDGET,
    },
    Format {
        group: "pyrra.dev",
        name: "a Pyrra file",
        advice: BUDGET,
    },
    Format {
        group: "n9",
        name: "a Nobl9 (sloctl) file",
        advice: BUDGET,
    },
    Format {
        group: "metrics.keptn.sh",
        name: "a Keptn Lifecycle Toolkit file",
        advice: "write it as Keptn v1 does: `objectives` with `sli`, `pass`, and `warning`",
    },
    Format {
        group: "lifecycle.keptn.sh",
        name: "a Keptn Lifecycle Toolkit file",
        advice: "write it as Keptn v1 does: `objectives` with `sli`, `pass`, and `warning`",
    },
    Format {
        group: "spec.keptn.sh",
        name: "a Keptn shipyard, remediation, or webhook file",
        advice: "name the slo.yaml of the service instead",
    },
    Format {
        group: "webhookconfig.keptn.sh",
        name: "a Keptn webhook file",
        advice: "name the slo.yaml of the service instead",
    },
];

/// Returns the problem where the document is something else than expected.
pub(super) fn recognise(source: &Source, root: &Node, expected: Expected) -> Option<Problem> {
    let document = root
        .elements()
        .and_then(<[_]>::first)
        .map_or(root, |first| first);
    let found = by_api_version(document).or_else(|| by_shape(document, expected))?;
    let wanted = match expected {
        Expected::Slo => "a Keptn SLO",
        Expected::Sli => "a Keptn SLI file",
    };
    let message = format!("this is {}, not {wanted}", found.name);
    let place = source.place(found.at);
    Some(Problem::malformed(source.path(), Some(place), message).with_hint(found.advice))
}

/// What a file turned out to be.
struct Found {
    /// What it is.
    name: String,
    /// What to do with it.
    advice: String,
    /// What it was recognised by.
    at: Span,
}

/// Recognises a file by its `apiVersion`.
fn by_api_version(root: &Node) -> Option<Found> {
    let version = root.get("apiVersion")?;
    let text = version.text()?;
    let group = text.split('/').next().unwrap_or_default();
    let kind = root.get("kind").and_then(|kind| kind.text());
    if group == "apiextensions.k8s.io" {
        let defined = root.get("spec").and_then(|spec| spec.get("group"));
        let defined = defined
            .and_then(|group| group.text())
            .unwrap_or("a resource");
        return Some(Found {
            name: format!("the Kubernetes definition (CRD) of {defined}"),
            advice: "name the file with the objectives".to_owned(),
            at: version.span,
        });
    }
    let kind = kind.map_or(String::new(), |kind| format!(", kind {}", quoted(kind)));
    let format = FORMATS.iter().find(|format| format.group == group);
    if format.is_none() && (root.get("objectives").is_some() || root.get("indicators").is_some()) {
        return None;
    }
    let name = format.map_or("a Kubernetes-style file", |format| format.name);
    let advice = format.map_or("name the file with the objectives", |format| format.advice);
    Some(Found {
        name: format!("{name} (apiVersion {}{kind})", quoted(text)),
        advice: advice.to_owned(),
        at: version.span,
    })
}

/// Recognises a file by its keys.
fn by_shape(root: &Node, expected: Expected) -> Option<Found> {
    let found = |name: &str, advice: &str, at: &Node| Found {
        name: name.to_owned(),
        advice: advice.to_owned(),
        at: at.span,
    };
    if let (Some(version), Some(_)) = (root.get("version"), root.get("slos")) {
        let name = format!(
            "a Sloth file (version {})",
            quoted(version.text().unwrap_or_default())
        );
        return Some(found(&name, BUDGET, version));
    }
    if let (Some(providers), None) = (root.get("providers"), root.get("objectives")) {
        let advice = "name it with `--config`";
        return Some(found("a tidegate configuration", advice, providers));
    }
    match expected {
        Expected::Slo if root.get("objectives").is_none() && root.get("total_score").is_none() => {
            let indicators = root.get("indicators")?;
            let advice = "name the file with `objectives` as SLO, and this one as SLI file";
            Some(found("an SLI file", advice, indicators))
        }
        Expected::Sli if root.get("indicators").is_none() => {
            let objectives = root.get("objectives")?;
            let advice = "name the file with `indicators` as SLI file, and this one as SLO";
            Some(found("an SLO", advice, objectives))
        }
        Expected::Slo | Expected::Sli => None,
    }
}
