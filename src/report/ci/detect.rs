//! Tells by the environment which CI system this is, and what it says about the job.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::vendors::{Sign, VENDORS, Vendor};
use super::{CiJob, CiSystem};

/// How long a label may be. Some systems put whole commit messages into variables.
const LONGEST_LABEL: usize = 1000;

/// Looks a variable up; one that is empty counts as unset.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Tells which CI system runs this; `None` where none does, or `CI` is `false` or `0`.
#[must_use]
pub fn detect(lookup: &dyn Fn(&str) -> Option<String>) -> Option<CiJob> {
    if variable("CI", lookup).is_some_and(|value| value == "false" || value == "0") {
        return None;
    }
    let mut vendors = VENDORS.iter();
    let vendor = vendors.find(|vendor| shows(vendor, lookup))?;
    Some(job(vendor, lookup))
}

/// Returns what the environment says about the job of a system that is named, whether or not it shows itself.
#[must_use]
pub fn job_of(system: CiSystem, lookup: &dyn Fn(&str) -> Option<String>) -> CiJob {
    let mut vendors = VENDORS.iter();
    let vendor = vendors.find(|vendor| vendor.system == system);
    let silent = Vendor {
        system,
        signs: &[],
        says: "",
    };
    job(vendor.unwrap_or(&silent), lookup)
}

/// Tells whether a system shows itself.
fn shows(vendor: &Vendor, lookup: Lookup<'_>) -> bool {
    let holds = |sign: &Sign| match sign {
        Sign::Set(name) => variable(name, lookup).is_some(),
        Sign::Is(name, wanted) => variable(name, lookup).as_deref() == Some(wanted),
    };
    vendor.signs.iter().any(|signs| signs.iter().all(holds))
}

/// Reads what a system says about the job.
fn job(vendor: &Vendor, lookup: Lookup<'_>) -> CiJob {
    let said = |line: &str| {
        let (name, templates) = line.trim().split_once(": ")?;
        let value = first(templates, lookup)?;
        // Buildkite and Travis say so where there is no pull request.
        let is_none = name == "change" && value == "false";
        (!is_none).then(|| (name.to_owned(), value))
    };
    let mut labels: BTreeMap<String, String> = vendor.says.lines().filter_map(said).collect();
    CiJob {
        system: vendor.system,
        repository: labels.remove("repository"),
        commit: labels.get("commit").cloned(),
        url: labels.get("joburl").cloned(),
        labels,
    }
}

/// Returns what the first template says that says something.
fn first(templates: &str, lookup: Lookup<'_>) -> Option<String> {
    templates
        .split(" or ")
        .find_map(|template| fill(template, lookup))
        .map(|value| value.chars().take(LONGEST_LABEL).collect())
}

/// Fills a template; `None` where one of its variables is not set.
fn fill(template: &str, lookup: Lookup<'_>) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, tail)) = rest.split_once('{') {
        let (name, after) = tail.split_once('}')?;
        let value = resolve(name, lookup)?;
        // The URL of a server ends with a slash in some installations.
        let value = match after.strip_prefix('/') {
            Some(_) => value.trim_end_matches('/'),
            None => &value,
        };
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// Returns what stands for a variable in a template.
fn resolve(name: &str, lookup: Lookup<'_>) -> Option<String> {
    if let Some(name) = name.strip_suffix('%') {
        return Some(path_segment(&variable(name, lookup)?));
    }
    let Some((name, ends)) = name.split_once('|') else {
        return variable(name, lookup);
    };
    let value = variable(name, lookup)?;
    let (start, end) = ends.split_once('|')?;
    let value = match start {
        "*/" => value.rsplit('/').next()?,
        start => value.strip_prefix(start)?,
    };
    let value = match end {
        ":*" => value.split(':').next()?,
        end => value.strip_suffix(end)?,
    };
    (!value.is_empty()).then(|| value.to_owned())
}

/// Returns a variable that is set and not empty.
fn variable(name: &str, lookup: Lookup<'_>) -> Option<String> {
    lookup(name).filter(|value| !value.is_empty())
}

/// Escapes text for a path of a URL.
fn path_segment(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a text never fails.
            let _written = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
#[path = "detect_tests.rs"]
mod tests;
