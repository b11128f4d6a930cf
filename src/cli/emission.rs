//! Whom `run` and `serve` tell of the events of sequences, besides the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;
use crate::app::{Course, Onlooker};
use crate::control::{EmitTarget, Emitter};
use crate::executor::Assignment;
use crate::gate::event::CloudEvent;

/// The variable that names receivers, with commas between them.
const VARIABLE: &str = "TIDEGATE_EMIT";
/// How long to wait in the end for what is not sent yet.
pub const LAST_WAIT: Duration = Duration::from_secs(10);

/// Reads who is to be told: what was typed, else the environment, else the file.
pub fn emit_targets(
    typed: &[String],
    environment: &Environment,
    written: &[String],
) -> Result<Vec<EmitTarget>, Failure> {
    let set = environment.get(VARIABLE).filter(|set| !set.is_empty());
    let (texts, origin, exit) = match (typed, set) {
        ([_, ..], _) => (typed.to_vec(), "--emit", Exit::Usage),
        ([], Some(set)) => {
            let texts = set.split(',').map(|text| text.trim().to_owned());
            (texts.collect(), VARIABLE, Exit::Configuration)
        }
        ([], None) => (
            written.to_vec(),
            "`emit` of tidegate.yaml",
            Exit::Configuration,
        ),
    };
    let targets = texts.iter().map(|text| EmitTarget::parse(text));
    let targets: Result<Vec<EmitTarget>, _> = targets.collect();
    targets.map_err(|error| {
        Failure::new(exit, format!("{origin} can't be used: {error}"))
            .with_hint("write cdevents=https://HOST/PATH")
    })
}

/// Somebody who watches a run, and an emitter that hears the same events.
pub struct Emitting {
    /// Who watches.
    onlooker: Arc<dyn Onlooker>,
    /// Who tells others.
    emitter: Arc<Emitter>,
    /// Whether anything is stored.
    is_stored: Arc<AtomicBool>,
}

impl Emitting {
    /// Lets an emitter hear what an onlooker sees.
    pub fn new(
        onlooker: Arc<dyn Onlooker>,
        emitter: Arc<Emitter>,
        is_stored: Arc<AtomicBool>,
    ) -> Self {
        Self {
            onlooker,
            emitter,
            is_stored,
        }
    }
}

impl Onlooker for Emitting {
    fn stands(&self, course: &Course) {
        self.onlooker.stands(course);
    }

    fn event(&self, event: &CloudEvent, course: &Course) {
        self.is_stored.store(true, Ordering::Relaxed);
        self.emitter.take(event);
        self.onlooker.event(event, course);
    }

    fn line(&self, assignment: &Assignment, text: &str) {
        self.onlooker.line(assignment, text);
    }
}
