//! Puts the server together: what is stored, the conductor with its executors, and every family of routes behind the
//! guard.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use tokio::task::JoinHandle;

use super::access::Guard;
use super::catalogue::Catalogue;
use super::configuration::{Configuration, ConfigurationError, GitProgram};
use super::emission::tell_others;
use super::metrics::{MeteredJournal, Metrics, count_events};
use super::own_parts::register_own_parts;
use super::projects::{
    LoadError, Projects, ProjectsParts, ProjectsSettings, SecretShelf, SecretsSettings,
};
use super::router::router;
use super::routes::events::EventParts;
use super::routes::projects::ProjectsRouteParts;
use super::routes::system::SystemParts;
use super::routes::uniform::UniformParts;
use super::routes::{
    events, projects, resources, secrets, sequences, services, statistics, system, uniform,
};
use super::settings::ServeSettings;
use super::store::Store;
use super::task_bindings::TaskParts;
use super::uniform::{FailureLog, KeepError, RegisterError, Registry};
use super::vault::{Vault, VaultError};
use super::webhook_tasks::WebhookTasks;
use crate::app::{Conductor, ConductorParts, GateSettings, Journal, JournalError, Moments};
use crate::control::Emitter;
use crate::eventlog::{self, EventLog, EventLogSettings, LogUrl};
use crate::executor::{ResourceReader, Selection, TaskSettings, WebhookExecutor, WebhookSettings};
use crate::net::{AddressPolicy, BuildError, Secret};
use crate::sequence::ProjectDefinition;

/// What the surroundings give.
pub struct ServerParts {
    /// The clock.
    pub moments: Moments,
    /// Makes the settings of the gate, which reads this log and these resources.
    pub gate: GateMaker,
    /// Who carries out which task, as `tidegate.yaml` says.
    pub tasks: BTreeMap<String, TaskSettings>,
    /// What secrets are encrypted with; `None`: a key in the data folder.
    pub secret_key: Option<Secret>,
}

/// Makes the settings of the gate.
pub type GateMaker =
    Box<dyn FnOnce(Arc<dyn EventLog>, Arc<dyn ResourceReader>) -> GateSettings + Send>;

/// What was stored can't be used.
#[derive(Debug, thiserror::Error)]
pub enum AssemblyError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The history of evaluations.
    #[error(transparent)]
    History(#[from] eventlog::OpenError),
    /// Integrations, and what they wrote down.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The integrations of the server itself.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// Whom to tell of events.
    #[error(transparent)]
    Emit(#[from] BuildError),
    /// The secrets.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The files of projects.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// A project.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// A server that is ready.
pub struct Assembled {
    /// Where requests go.
    pub router: Router,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who conducts.
    conductor: Conductor,
    /// Who is registered.
    registry: Arc<Registry>,
    /// The clock.
    moments: Moments,
    /// Follows upstream repositories; `None`: nobody does.
    pub(super) following: Option<JoinHandle<()>>,
}

impl Assembled {
    /// Stops conducting.
    pub async fn stop(self) {
        if let Some(following) = &self.following {
            following.abort();
        }
        self.conductor.stop().await;
        let now = (self.moments)();
        if let Err(error) = self.registry.flush(now) {
            tracing::warn!(%error, "when integrations were seen last could not be stored");
        }
    }
}

/// What is stored in the folder.
struct Stored {
    /// The files of projects.
    configuration: Configuration,
    /// The projects.
    catalogue: Catalogue,
    /// Events and executions.
    store: Store,
    /// The history of evaluations: the same events.
    history: Arc<dyn EventLog>,
    /// The secrets.
    shelf: SecretShelf,
    /// Who is registered.
    registry: Arc<Registry>,
    /// What they wrote down.
    log: Arc<FailureLog>,
}

/// Puts a server together.
pub async fn assemble(
    settings: &ServeSettings,
    parts: ServerParts,
    folder: &Path,
) -> Result<Assembled, AssemblyError> {
    let ServerParts {
        moments,
        gate,
        tasks,
        secret_key,
    } = parts;
    let stored = open(settings, secret_key.as_ref(), folder, &moments).await?;
    register_own_parts(&stored.registry, &tasks, moments())?;
    let metrics = Arc::new(Metrics::new());
    let journal: Arc<dyn Journal> = Arc::new(MeteredJournal {
        journal: Arc::new(stored.store.clone()),
        metrics: Arc::clone(&metrics),
    });
    let resources: Arc<dyn ResourceReader> = Arc::new(stored.configuration.clone());
    let gate = gate(Arc::clone(&stored.history), Arc::clone(&resources));
    let webhooks = |selection| webhooks(settings, &resources, &stored.shelf, selection);
    let subscribed = WebhookTasks::new(
        webhooks(Selection::Subscription),
        Arc::clone(&stored.registry),
        Arc::clone(&moments),
    );
    let task_parts = TaskParts {
        gate,
        resources: Arc::clone(&resources),
        webhooks: Arc::new(webhooks(Selection::EventType)),
        subscribed: subscribed.clone(),
    };
    let conductor = Conductor::start(ConductorParts {
        journal,
        settings: settings.engine.clone(),
        bindings: task_parts.bindings(&tasks),
        moments: Arc::clone(&moments),
    })
    .await?;
    let counting = count_events(
        conductor.subscribe(),
        Arc::clone(&metrics),
        Arc::clone(&moments),
    );
    tokio::spawn(counting);
    tokio::spawn(subscribed.tell(conductor.subscribe()));
    let emitter = Emitter::new(&settings.emit)?;
    tokio::spawn(tell_others(conductor.subscribe(), emitter));
    let registry = Arc::clone(&stored.registry);
    let projects = projects_of(settings, &stored, &conductor, &moments);
    let interval = settings.refresh_interval;
    let following = interval.map(|every| tokio::spawn(projects.clone().refresh_regularly(every)));
    let families = families(projects, stored, &conductor, &metrics, &moments);
    let guard = Arc::new(Guard::new(&settings.access, settings.limits.clone()));
    Ok(Assembled {
        router: router(families, guard),
        metrics,
        conductor,
        registry,
        moments,
        following,
    })
}

/// Returns who changes projects.
fn projects_of(
    settings: &ServeSettings,
    stored: &Stored,
    conductor: &Conductor,
    moments: &Moments,
) -> Projects {
    Projects::new(ProjectsParts {
        configuration: stored.configuration.clone(),
        catalogue: stored.catalogue.clone(),
        conductor: conductor.clone(),
        past: Arc::new(stored.store.clone()),
        moments: Arc::clone(moments),
        settings: ProjectsSettings {
            storage: settings.storage,
            ..ProjectsSettings::default()
        },
    })
}

/// Opens everything that is stored.
async fn open(
    settings: &ServeSettings,
    secret_key: Option<&Secret>,
    folder: &Path,
    moments: &Moments,
) -> Result<Stored, AssemblyError> {
    let vault = Vault::open(folder, secret_key)?;
    let configuration = Configuration::open(
        &folder.join("projects"),
        GitProgram::default(),
        vault.clone(),
    )?;
    let catalogue = Catalogue::default();
    for (name, project) in Projects::load(&configuration).await? {
        catalogue.set(&name, Some(project));
    }
    let path = folder.join("events.db");
    let known = catalogue.clone();
    let store = Store::open(path.clone(), Arc::new(move || definitions(&known))).await?;
    let history = eventlog::open(EventLogSettings::new(LogUrl::Sqlite(path)))?;
    let registry = Registry::open(folder, settings.integration_ttl)?;
    Ok(Stored {
        configuration,
        catalogue,
        store,
        history: Arc::from(history),
        shelf: SecretShelf::new(vault, SecretsSettings::default()),
        registry: Arc::new(registry),
        log: Arc::new(FailureLog::open(folder, moments())?),
    })
}

/// Returns what the engine knows of projects.
fn definitions(catalogue: &Catalogue) -> BTreeMap<String, ProjectDefinition> {
    let all = catalogue.all().into_iter();
    all.map(|(name, project)| {
        let definition = ProjectDefinition {
            shipyard: Arc::clone(&project.shipyard),
            commits: project.commits.clone(),
        };
        (name, definition)
    })
    .collect()
}

/// Returns who sends webhooks.
fn webhooks(
    settings: &ServeSettings,
    resources: &Arc<dyn ResourceReader>,
    shelf: &SecretShelf,
    selection: Selection,
) -> WebhookExecutor {
    WebhookExecutor::new(WebhookSettings {
        addresses: AddressPolicy::Public {
            allow: settings.webhook_hosts.clone(),
        },
        ..WebhookSettings::new(Arc::clone(resources), Arc::new(shelf.clone()), selection)
    })
}

/// Returns every family of routes.
fn families(
    all: Projects,
    stored: Stored,
    conductor: &Conductor,
    metrics: &Arc<Metrics>,
    moments: &Moments,
) -> Vec<Router> {
    let Stored {
        configuration: _,
        catalogue,
        store,
        history: _,
        shelf,
        registry,
        log,
    } = stored;
    let of_projects = ProjectsRouteParts {
        projects: all.clone(),
        catalogue: catalogue.clone(),
        sightings: Arc::new(store.clone()),
    };
    let of_system = SystemParts {
        conductor: conductor.clone(),
        catalogue: catalogue.clone(),
        metrics: Arc::clone(metrics),
    };
    let of_uniform = UniformParts {
        registry,
        log,
        store: store.clone(),
        moments: Arc::clone(moments),
    };
    let counts = statistics::routes(store.clone());
    let of_events = EventParts {
        store,
        conductor: conductor.clone(),
        catalogue,
        moments: Arc::clone(moments),
    };
    vec![
        events::routes(of_events.clone()),
        sequences::routes(of_events),
        system::routes(of_system),
        uniform::routes(of_uniform),
        projects::routes(of_projects.clone()),
        services::routes(of_projects),
        resources::routes(all),
        secrets::routes(shelf),
        counts,
    ]
}
