//! Settings that a flag, a variable and a key share, and the order in which they win.

use std::collections::BTreeMap;
use std::fmt;

/// A setting that is one text. Flag, variable and key share its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// `project`
    Project,
    /// `stage`
    Stage,
    /// `service`
    Service,
    /// `deployment`
    Deployment,
    /// `event_log`
    EventLog,
    /// `provider`
    Provider,
    /// `timeframe`
    Timeframe,
    /// `timeout`
    Timeout,
    /// `fail_on`
    FailOn,
    /// `output`
    Output,
    /// `baseline`
    Baseline,
    /// `require_baseline`
    RequireBaseline,
    /// `event_log_required`
    EventLogRequired,
    /// `report`
    Report,
    /// `artifact`
    Artifact,
    /// `ci`
    Ci,
    /// `notify`
    Notify,
    /// `on_fail`
    OnFail,
    /// `on_warning`
    OnWarning,
    /// `wait_for_data`
    WaitForData,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 20] = [
        Self::Project,
        Self::Stage,
        Self::Service,
        Self::Deployment,
        Self::EventLog,
        Self::Provider,
        Self::Timeframe,
        Self::Timeout,
        Self::FailOn,
        Self::Output,
        Self::Baseline,
        Self::RequireBaseline,
        Self::EventLogRequired,
        Self::Report,
        Self::Artifact,
        Self::Ci,
        Self::Notify,
        Self::OnFail,
        Self::OnWarning,
        Self::WaitForData,
    ];

    /// Returns the key in `tidegate.yaml`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Stage => "stage",
            Self::Service => "service",
            Self::Deployment => "deployment",
            Self::EventLog => "event_log",
            Self::Provider => "provider",
            Self::Timeframe => "timeframe",
            Self::Timeout => "timeout",
            Self::FailOn => "fail_on",
            Self::Output => "output",
            Self::Baseline => "baseline",
            Self::RequireBaseline => "require_baseline",
            Self::EventLogRequired => "event_log_required",
            Self::Report => "report",
            Self::Artifact => "artifact",
            Self::Ci => "ci",
            Self::Notify => "notify",
            Self::OnFail => "on_fail",
            Self::OnWarning => "on_warning",
            Self::WaitForData => "wait_for_data",
        }
    }

    /// Tells whether the file may hold a list instead of a text with commas.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::Report | Self::Artifact | Self::Notify)
    }

    /// Returns the variable: `TIDEGATE_EVENT_LOG`.
    #[must_use]
    pub fn variable(self) -> String {
        format!("TIDEGATE_{}", self.key().to_ascii_uppercase())
    }

    /// Returns the flag: `--event-log`.
    #[must_use]
    pub fn flag(self) -> String {
        format!("--{}", self.key().replace('_', "-"))
    }
}

/// Where a value comes from. The order is the precedence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A line of `tidegate.yaml`.
    File {
        /// The file.
        path: String,
        /// The line.
        line: usize,
    },
    /// A variable of the environment.
    Environment(String),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// What one origin says, or several laid over each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The values that are set.
    values: BTreeMap<Setting, (String, Origin)>,
}

impl Layer {
    /// Reads the layer of the environment.
    #[must_use]
    pub fn from_environment(lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let found = |setting: Setting| {
            let variable = setting.variable();
            let value = lookup(&variable)?;
            Some((setting, (value, Origin::Environment(variable))))
        };
        Self {
            values: Setting::ALL.into_iter().filter_map(found).collect(),
        }
    }

    /// Sets a value that was given as a flag.
    pub fn set_from_flag(&mut self, setting: Setting, value: Option<String>) {
        if let Some(value) = value {
            self.values
                .insert(setting, (value, Origin::Flag(setting.flag())));
        }
    }

    /// Sets a value that stands in a file.
    pub fn set_from_file(&mut self, setting: Setting, value: String, path: &str, line: usize) {
        self.values.insert(
            setting,
            (
                value,
                Origin::File {
                    path: path.to_owned(),
                    line,
                },
            ),
        );
    }

    /// Lays this over another layer: what is set here wins.
    #[must_use]
    pub fn over(mut self, below: Self) -> Self {
        for (setting, value) in below.values {
            self.values.entry(setting).or_insert(value);
        }
        self
    }
}

/// What [`Settings`] are made of.
#[derive(Clone, Debug, Default)]
pub struct SettingsRequest {
    /// What the flags say.
    pub flags: Layer,
    /// What the environment says.
    pub environment: Layer,
    /// What `tidegate.yaml` says.
    pub file: Layer,
}

/// The settings, each with where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The values that anyone set.
    values: BTreeMap<Setting, (String, Origin)>,
}

/// A setting has a value that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", refusal(*.setting, value, origin))]
pub struct SettingError {
    /// The setting.
    pub setting: Setting,
    /// The value.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What is wrong with it.
    pub reason: String,
}

/// Says what is wrong: a flag and a variable are their own name, a line of a file needs that of its key.
fn refusal(setting: Setting, value: &str, origin: &Origin) -> String {
    // The URL of a log may hold a password, and that of a webhook is one.
    let refused = if matches!(setting, Setting::EventLog | Setting::Notify) {
        "can't be used".to_owned()
    } else {
        format!("can't be `{value}`")
    };
    match origin {
        Origin::File { .. } => format!("{origin}: `{}` {refused}", setting.key()),
        Origin::Flag(_) | Origin::Environment(_) | Origin::Default => {
            format!("{origin} {refused}")
        }
    }
}

impl Settings {
    /// Lays the layers over each other: flag, environment, file.
    #[must_use]
    pub fn resolve(request: SettingsRequest) -> Self {
        let SettingsRequest {
            flags,
            environment,
            file,
        } = request;
        Self {
            values: flags.over(environment).over(file).values,
        }
    }

    /// Returns a value that anyone set.
    #[must_use]
    pub fn get(&self, setting: Setting) -> Option<&str> {
        self.values.get(&setting).map(|(value, _)| value.as_str())
    }

    /// Returns where a value comes from.
    #[must_use]
    pub fn origin(&self, setting: Setting) -> Origin {
        self.values
            .get(&setting)
            .map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    /// Reads a value; `None` where nobody set it.
    ///
    /// # Errors
    /// [`SettingError`] names the value, where it comes from, and what `read` says is wrong with it.
    pub fn read<T, E: fmt::Display>(
        &self,
        setting: Setting,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, SettingError> {
        let Some((value, origin)) = self.values.get(&setting) else {
            return Ok(None);
        };
        read(value).map(Some).map_err(|error| SettingError {
            setting,
            value: without_userinfo(value),
            origin: origin.clone(),
            reason: error.to_string(),
        })
    }
}

/// Takes user and password out of a URL that is about to be shown.
fn without_userinfo(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        (_, None) | (None, _) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_environment_over_the_file() {
        let mut flags = Layer::default();
        let mut file = Layer::default();
        for setting in [Setting::Project, Setting::Stage, Setting::Service] {
            file.set_from_file(setting, "file".to_owned(), "tidegate.yaml", 3);
        }
        flags.set_from_flag(Setting::Project, Some("flag".to_owned()));
        flags.set_from_flag(Setting::Stage, None);
        let environment = Layer::from_environment(&|name| {
            matches!(name, "TIDEGATE_PROJECT" | "TIDEGATE_STAGE").then(|| "environment".to_owned())
        });
        let settings = Settings::resolve(SettingsRequest {
            flags,
            environment,
            file,
        });
        let seen = |setting| {
            (
                settings.get(setting).unwrap_or("-"),
                settings.origin(setting).to_string(),
            )
        };
        assert_eq!(seen(Setting::Project), ("flag", "--project".to_owned()));
        assert_eq!(
            seen(Setting::Stage),
            ("environment", "TIDEGATE_STAGE".to_owned())
        );
        assert_eq!(
            seen(Setting::Service),
            ("file", "tidegate.yaml:3".to_owned())
        );
        assert_eq!(seen(Setting::EventLog), ("-", "default".to_owned()));
    }

    #[test]
    fn a_password_in_a_url_is_not_repeated() {
        assert_eq!(without_userinfo("mysql://u:p@w@h/d"), "mysql://***@h/d");
        assert_eq!(without_userinfo("a@b"), "a@b");
        assert_eq!(without_userinfo("sqlite:x"), "sqlite:x");
    }

    #[test]
    fn a_value_that_makes_no_sense_is_named_with_its_origin() {
        let environment = Layer::from_environment(&|name| {
            (name == "TIDEGATE_FAIL_ON").then(|| "never ever".to_owned())
        });
        let settings = Settings::resolve(SettingsRequest {
            environment,
            ..SettingsRequest::default()
        });
        let error = settings.read(Setting::FailOn, |_| {
            Err::<(), _>("known are fail, warning, never")
        });
        assert_eq!(
            error.unwrap_err().to_string(),
            "TIDEGATE_FAIL_ON can't be `never ever`: known are fail, warning, never"
        );
    }
}
