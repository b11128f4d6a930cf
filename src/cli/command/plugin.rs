//! `tidegate plugin test`: the conformance kit for authors of plug-ins.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::World;
use super::query::{data_format, fail, wait_for, written};
use crate::cli::args::{PluginArgs, PluginCommand, PluginTestArgs};
use crate::cli::console::machine_text;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::gate::parse_duration;
use crate::provider::{
    Check, CheckOutcome, ExecSettings, PluginConfig, RetrySettings, Secret, plugin_checks,
};
use crate::report::{Diagnosis, Finding, Health};

/// The variables that every plug-in sees.
const ALWAYS: [&str; 5] = ["PATH", "HOME", "LANG", "TMPDIR", "SystemRoot"];
/// How long a run may take, where nobody says.
const LIMIT: Duration = Duration::from_secs(10);

/// Does what is to be done with a plug-in.
pub fn plugin(args: &PluginArgs, world: &World<'_>) -> Exit {
    match &args.command {
        PluginCommand::Test(args) => test(args, world),
    }
}

/// Tries a plug-in out.
fn test(args: &PluginTestArgs, world: &World<'_>) -> Exit {
    let format = data_format(args.output, None, world);
    let checked = settings(args, world)
        .and_then(|settings| wait_for(None, plugin_checks(&settings, args.query.as_deref())));
    let checks = match checked {
        Ok(checks) => checks,
        Err(failure) => return fail(&failure, format, world),
    };
    let subject = args.plugin.display().to_string();
    let diagnosis = Diagnosis {
        findings: checks
            .into_iter()
            .map(|check| finding(&subject, check))
            .collect(),
    };
    let is_bad = |finding: &Finding| finding.health == Health::Failed;
    let exit = if diagnosis.findings.iter().any(is_bad) {
        Exit::Findings
    } else {
        Exit::Pass
    };
    let text = machine_text(format, &diagnosis.document(exit.code()))
        .unwrap_or_else(|| diagnosis.text(world.console.stdout));
    written(&text, exit)
}

/// Returns how to run the plug-in.
fn settings(args: &PluginTestArgs, world: &World<'_>) -> Result<ExecSettings, Failure> {
    let PluginTestArgs {
        plugin,
        args,
        query: _,
        config,
        env_allow,
        timeout,
        output: _,
    } = args;
    if !plugin.is_file() {
        let text = format!("there is no program `{}`", plugin.display());
        let hint = "name its file; a program on PATH needs its whole path here";
        return Err(Failure::new(Exit::Missing, text).with_hint(hint));
    }
    let program = Path::new(".").join(plugin).display().to_string();
    let command = std::iter::once(program).chain(args.iter().cloned());
    let mut settings = ExecSettings::new(command.collect(), ".".into());
    settings.retry = RetrySettings {
        attempts: 1,
        ..RetrySettings::default()
    };
    settings.timeout = limit(timeout.as_deref())?;
    settings.config = plugin_config(config.as_deref())?;
    for name in ALWAYS {
        if let Some(value) = world.environment.get(name) {
            settings
                .environment
                .insert(name.to_owned(), Secret::new(value));
        }
    }
    for name in env_allow {
        let value = world.environment.get(name).ok_or_else(|| {
            Failure::new(
                Exit::Usage,
                format!("the environment variable `{name}` is not set"),
            )
            .with_hint("set it, or leave out --env-allow")
        })?;
        settings.secrets.push(Secret::new(value));
        settings
            .environment
            .insert(name.clone(), Secret::new(value));
    }
    Ok(settings)
}

/// Reads `--timeout`.
fn limit(text: Option<&str>) -> Result<Duration, Failure> {
    let Some(text) = text else {
        return Ok(LIMIT);
    };
    let duration = parse_duration(text)
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| {
        Failure::new(Exit::Usage, format!("--timeout can't be `{text}`"))
            .with_hint("such as --timeout 10s")
    })
}

/// Reads `--config`.
fn plugin_config(text: Option<&str>) -> Result<PluginConfig, Failure> {
    let Some(text) = text else {
        return Ok(PluginConfig::default());
    };
    match serde_json::from_str::<Value>(text) {
        Ok(value) => Ok(PluginConfig::new(value)),
        Err(error) => Err(
            Failure::new(Exit::Usage, format!("--config is no JSON: {error}"))
                .with_hint("such as --config '{\"file\": \"service.log\"}'"),
        ),
    }
}

/// Returns a check as it is reported.
fn finding(subject: &str, check: Check) -> Finding {
    let (health, detail, hint) = match check.outcome {
        CheckOutcome::Good(detail) => (Health::Ok, detail, None),
        CheckOutcome::Odd { detail, hint } => (Health::Warning, detail, Some(hint)),
        CheckOutcome::Skipped(why) => (Health::Skipped, why, None),
        CheckOutcome::Bad { detail, hint, .. } => (Health::Failed, detail, Some(hint)),
    };
    Finding {
        subject: subject.to_owned(),
        check: check.name,
        health,
        detail,
        hint,
    }
}
