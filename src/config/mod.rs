//! Configuration: `tidegate.yaml`, the environment, and flags become one set of settings.
//!
//! Precedence: flag, environment (`TIDEGATE_…`), file, default. Unknown keys of the file are errors, because a mistyped
//! policy would change a verdict. The file is read with the same tree as `slo.yaml`, so that its problems, too, come all
//! at once and with their places.

mod conceal;
mod control_plane;
mod definition;
mod discover;
mod event_log;
mod file;
mod interpolate;
mod notifications;
mod provider_block;
mod reader;
mod schema;
mod serve;
mod settings;
mod tasks;

pub use control_plane::FilledControlPlane;
pub use definition::{ListedDefinition, definitions};
pub use discover::{Places, absolute, find_config, repository_root};
pub use event_log::EventLogOptions;
pub use file::{FileConfig, ProviderDefinition, parse};
pub use notifications::{NotificationSettings, SecretPlace};
pub use provider_block::providers_from_environment;
pub use reader::{Reality, Surroundings};
pub use schema::config_schema;
pub use serve::{ServeBlock, parse_serve};
pub use settings::{Layer, Origin, Setting, SettingError, Settings, SettingsRequest};
pub use tasks::parse_tasks;
