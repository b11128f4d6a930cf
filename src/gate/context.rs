//! What a query may speak of: the series, the labels, the filters, the window.

use std::collections::BTreeMap;

use super::name::Series;
use super::window::TimeWindow;

/// Everything that placeholders and providers may know of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// Project, stage and service.
    pub series: Series,
    /// Keptn's deployment (`direct`, `primary`, `canary`, `user_managed`), where one is given.
    pub deployment: Option<String>,
    /// Labels, by key.
    pub labels: BTreeMap<String, String>,
    /// `filter` of the SLO, in the order of the file.
    pub filters: Vec<(String, String)>,
    /// Variables of the environment that queries may use (`environment:` in `tidegate.yaml`), by name.
    pub environment: BTreeMap<String, String>,
    /// The window.
    pub window: TimeWindow,
    /// Whose choice the window is.
    pub window_origin: WindowOrigin,
}

/// Whose choice a window is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WindowOrigin {
    /// Somebody asked for it in this very call.
    Asked,
    /// It is configured, or the default: results of a run that ended earlier are no surprise.
    #[default]
    Assumed,
}

impl Context {
    /// Returns the deployment as Keptn's Prometheus service sees it: a label `deployment` wins, then the
    /// event's, then `primary`.
    #[must_use]
    pub fn deployment(&self) -> &str {
        self.labels
            .get("deployment")
            .or(self.deployment.as_ref())
            .map(String::as_str)
            .filter(|name| !name.is_empty())
            .unwrap_or("primary")
    }
}
