//! What a server takes from its surroundings: the clock, and the gate with the providers of `tidegate.yaml`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::args::ServeArgs;
use super::clock;
use super::command::{Configured, World, default_provider_of, serving, tasks_of, unfit_task};
use super::failure::Failure;
use super::wiring;
use crate::app::{Comparing, GateProvider, GateSettings, Lateness};
use crate::config::{ProviderDefinition, Reality};
use crate::gate::{PolicyLayer, ProviderName};
use crate::net::Secret;
use crate::server::ServerParts;

/// The timeframe of evaluations that state none, as in Keptn's API.
const TIMEFRAME: &str = "5m";
/// The variable of the key that secrets are encrypted with.
const KEY: &str = "TIDEGATE_SECRET_KEY";

/// Takes what a server needs from the surroundings.
pub fn server_parts(args: &ServeArgs, world: &World<'_>) -> Result<ServerParts, Failure> {
    let configured = serving(args, world)?;
    let tasks = tasks_of(&configured, Reality::Real, world)?;
    for (task, settings) in &tasks {
        for found in settings.usual.iter().chain(settings.stages.values()) {
            found.check_fit(task).map_err(unfit_task)?;
        }
    }
    let default_provider = default_provider_of(&configured)?;
    let Configured {
        file, providers, ..
    } = configured;
    let environment = file.environment.iter().filter_map(|name| {
        let value = world.environment.get(name)?;
        Some((name.clone(), value.to_owned()))
    });
    let environment: BTreeMap<String, String> = environment.collect();
    let on_missing_slo = file.on_missing_slo;
    let (policies, definitions): (PolicyLayer, _) = (file.policies, providers.configured);
    let gate = move |log, resources| GateSettings {
        log,
        resources,
        providers: definitions.into_iter().map(provider).collect(),
        default_provider,
        for_undefined: None,
        policies,
        environment,
        on_missing_slo,
        timeframe: Some(TIMEFRAME.to_owned()),
        comparing: Comparing::default(),
        lateness: Lateness::Awaited,
        patience: Duration::ZERO,
        producer: concat!("tidegate ", env!("CARGO_PKG_VERSION")).to_owned(),
        clock: Arc::new(clock::beginning),
    };
    let secret_key = world.environment.get(KEY).filter(|key| !key.is_empty());
    Ok(ServerParts {
        moments: Arc::new(clock::instant),
        gate: Box::new(gate),
        tasks,
        secret_key: secret_key.map(Secret::new),
    })
}

/// Returns a provider that SLI files may name.
fn provider(
    (name, definition): (ProviderName, ProviderDefinition),
) -> (ProviderName, GateProvider) {
    let own = name.clone();
    let provider = GateProvider {
        policies: definition.policies.clone(),
        facts: Arc::from(definition.facts()),
        open: Arc::new(move || match wiring::open_provider(&own, &definition) {
            Ok(Some(provider)) => Ok(provider),
            Ok(None) => Err(format!("the provider `{own}` has no settings")),
            Err(failure) => Err(failure.in_short()),
        }),
    };
    (name, provider)
}
