//! Where an evaluation is told besides stdout: files, the CI system, a chat.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are help texts, read in a terminal"
)]

use clap::Args;

// No doc comment here: clap would take it for the help of the command that this is part of.
#[derive(Args, Debug, Default)]
pub struct PublishArgs {
    /// Write a report to a file; may be repeated [env: TIDEGATE_REPORT]
    ///
    /// FORMAT is json, yaml, markdown, html, junit, tap, csv, openmetrics, sarif, codequality, checkstyle,
    /// jenkins-issues, gitlab-annotations, dotenv, nagios, badge, shields, cdevents, in-toto, keptn-event, keptn-events,
    /// or table. PATH may hold {project}, {stage}, {service}, {verdict}, and {timestamp}. Files are written whole or not
    /// at all; where there is no verdict they say so, or are removed.
    #[arg(long, value_name = "FORMAT=PATH", help_heading = "Output")]
    pub report: Vec<String>,

    /// Name what was built, for --report in-toto; may be repeated [env: TIDEGATE_ARTIFACT]
    ///
    /// As in registry.example/carts@sha256:DIGEST. Without it, the commit of the CI job is attested.
    #[arg(long, value_name = "NAME@sha256:DIGEST", help_heading = "Output")]
    pub artifact: Vec<String>,

    /// Speak the language of the CI system: auto, none, or its name [env: TIDEGATE_CI] [default: auto]
    ///
    /// auto tells it by the environment; `tidegate ci show` says what it finds. Annotations, outputs and summaries are
    /// added, and labels such as buildId are filled in. The exit code never depends on it.
    #[arg(long, value_name = "SYSTEM", help_heading = "Output")]
    pub ci: Option<String>,

    /// Tell a chat or a webhook: slack, teams or webhook, and where its URL stands; may be repeated [env: TIDEGATE_NOTIFY]
    ///
    /// As in slack=env:SLACK_URL or webhook=file:PATH: the URL is a secret, and stands in a variable or a file. All is told
    /// but a pass that follows a pass; tidegate.yaml can say more, under notifications. Whatever becomes of it, the exit
    /// code stays as it is.
    #[arg(long, value_name = "KIND=env:NAME", help_heading = "Output")]
    pub notify: Vec<String>,
}
