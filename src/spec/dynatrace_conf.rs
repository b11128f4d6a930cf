//! `dynatrace.conf.yaml` of Keptn's Dynatrace service. It says where objectives come from, so it is
//! read: a gate that a dashboard defines must not be judged by other files. The rest of it is about Keptn itself.

use super::Parsed;
use super::fields::Fields;
use super::findings::Findings;
use super::source::Source;

/// The only version there is.
const VERSION: &str = "0.1.0";
/// The keys of the file.
const KEYS: [&str; 4] = ["spec_version", "dtCreds", "dashboard", "attachRules"];
/// Keptn's default for the name of the secret.
const DEFAULT_SECRET: &str = "dynatrace";

/// A file that asks for nothing that tidegate does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DynatraceConf;

/// Reads the file.
pub(super) fn parse(source: &Source) -> Parsed<DynatraceConf> {
    let mut findings = Findings::new(source);
    let conf = read(&mut findings);
    findings.finish(conf)
}

/// Reads the file; a value may come along with errors.
fn read(findings: &mut Findings<'_>) -> Option<DynatraceConf> {
    let root = findings.document("Dynatrace configuration")?;
    let mut fields = Fields::open(findings, &root, "dynatrace.conf.yaml")?;
    let hint = "write `spec_version: '0.1.0'`";
    match fields.take_set("spec_version") {
        Some(field) => {
            let version = findings.text(field.value, "spec_version");
            if let Some(version) = version.filter(|version| version != VERSION) {
                let message = format!("`spec_version` is `{version}`, but only {VERSION} is known");
                findings.error(field.span(), message, hint);
            }
        }
        None => findings.warning(root.span, "`spec_version` is missing", hint),
    }
    if let Some(field) = fields.take_set("dashboard")
        && let Some(dashboard) = findings.text(field.value, "dashboard")
        && !dashboard.trim().is_empty()
    {
        findings.error(
            field.span(),
            "`dashboard` is set, but tidegate reads no dashboards: objectives and queries would be others than in Keptn",
            "write the queries into dynatrace/sli.yaml and the objectives into slo.yaml, and leave `dashboard` empty",
        );
    }
    if let Some(field) = fields.take_set("dtCreds")
        && let Some(secret) = findings.text(field.value, "dtCreds")
        && secret != DEFAULT_SECRET
    {
        findings.warning(
            field.span(),
            format!("`dtCreds` names the secret `{secret}` of Kubernetes, which is not read"),
            "set DT_TENANT and DT_API_TOKEN, or define the provider in tidegate.yaml",
        );
    }
    if let Some(field) = fields.take_set("attachRules") {
        findings.warning(
            field.key,
            "`attachRules` has no effect: tidegate sends no events to Dynatrace",
            "leave it for Keptn, or remove it",
        );
    }
    fields.warn_unknown(findings, "dynatrace.conf.yaml", &KEYS);
    Some(DynatraceConf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let source = Source::new("dynatrace.conf.yaml", text);
        let problems = parse(&source).problems;
        let line = |problem: &crate::spec::Problem| {
            let weight = if problem.is_error() {
                "error"
            } else {
                "warning"
            };
            format!("{weight}: {}", problem.message)
        };
        problems.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_file_that_asks_for_nothing_else_is_fine() {
        for text in [
            "spec_version: '0.1.0'\n",
            "spec_version: '0.1.0'\ndtCreds: dynatrace\ndashboard: ''\nattachRules:\n",
        ] {
            assert_eq!(said(text), "");
        }
    }

    #[test]
    fn a_dashboard_is_refused() {
        for dashboard in [
            "query",
            "311f4aa7-5257-41d7-abd1-70420500e1c8",
            "$LABEL.dashboard",
        ] {
            let text = format!("spec_version: '0.1.0'\ndashboard: {dashboard}\n");
            assert_eq!(
                said(&text),
                "error: `dashboard` is set, but tidegate reads no dashboards: objectives and queries would be others than in Keptn"
            );
        }
    }

    #[test]
    fn what_has_no_effect_is_said() {
        insta::assert_snapshot!(said("spec_version: '0.1.0'\ndtCreds: prod\nattachRules:\n  tagRule: []\ndashbord: query\n"), @"
        warning: `dtCreds` names the secret `prod` of Kubernetes, which is not read
        warning: `attachRules` has no effect: tidegate sends no events to Dynatrace
        warning: unknown key `dashbord` in dynatrace.conf.yaml; it is ignored
        ");
        insta::assert_snapshot!(said("spec_version: '0.2.0'\n"), @"error: `spec_version` is `0.2.0`, but only 0.1.0 is known");
        insta::assert_snapshot!(said("dtCreds: dynatrace\n"), @"warning: `spec_version` is missing");
    }
}
