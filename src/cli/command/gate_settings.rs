//! What the gate needs as an executor of tasks, from the configuration.

use std::sync::Arc;
use std::time::Duration;

use super::World;
use super::baseline::comparing;
use super::choice::default_provider;
use super::evaluate::PRODUCER;
use super::target::{Configured, allowed_environment};
use crate::app::{GateProvider, GateSettings, Lateness};
use crate::cli::clock;
use crate::cli::failure::Failure;
use crate::cli::wiring;
use crate::config::{ProviderDefinition, Setting};
use crate::eventlog::EventLog;
use crate::executor::ResourceReader;
use crate::gate::{ProviderName, parse_duration};

/// The timeframe of an evaluation, where nobody says.
const TIMEFRAME: &str = "5m";

/// Returns what the gate needs.
pub fn gate_settings(
    configured: &Configured,
    log: Arc<dyn EventLog>,
    resources: Arc<dyn ResourceReader>,
    world: &World<'_>,
) -> Result<GateSettings, Failure> {
    let providers = configured.providers.all.iter();
    let providers = providers.map(|(name, definition)| (name.clone(), provider(name, definition)));
    let settings = &configured.settings;
    let patience = settings.read(Setting::WaitForData, |text| {
        let length = parse_duration(text).map_err(|error| error.reason)?;
        Duration::try_from(length).map_err(|_negative| "it can't be below 0")
    })?;
    Ok(GateSettings {
        log,
        resources,
        providers: providers.collect(),
        default_provider: default_provider(configured)?,
        for_undefined: configured.providers.for_undefined.clone(),
        policies: configured.file.policies.clone(),
        environment: allowed_environment(configured, world),
        on_missing_slo: configured.file.on_missing_slo,
        timeframe: Some(
            settings
                .get(Setting::Timeframe)
                .unwrap_or(TIMEFRAME)
                .to_owned(),
        ),
        comparing: comparing(configured, world)?,
        lateness: Lateness::Awaited,
        patience: patience.unwrap_or_default(),
        producer: PRODUCER.to_owned(),
        clock: Arc::new(clock::beginning),
    })
}

/// Returns a provider that is opened when it is asked.
fn provider(name: &ProviderName, definition: &ProviderDefinition) -> GateProvider {
    let (own_name, own) = (name.clone(), definition.clone());
    GateProvider {
        policies: definition.policies.clone(),
        facts: Arc::from(definition.facts()),
        open: Arc::new(move || {
            let opened =
                wiring::open_provider(&own_name, &own).map_err(|failure| failure.text())?;
            opened.ok_or_else(|| format!("the provider `{own_name}` has no settings"))
        }),
    }
}
