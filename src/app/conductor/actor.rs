//! The one task through which everything goes, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, oneshot};

use super::baton::{Accepted, Binding, ConductorParts};
use super::clock::Clock;
use super::draft::Draft;
use super::errand::{Errand, Errands, is_too_large};
use super::journal::{Entry, Journal, JournalError, Remembered};
use super::request::{Matter, Order, Origin, Question, Request};
use crate::gate::event::CloudEvent;
use crate::sequence::{Engine, EngineSettings, Ignored, ProjectDefinition};

/// How many orders share one wait for the disk, at most.
const MOST_IN_A_BATCH: usize = 256;
/// How long to wait where nothing is due.
const LONG: Duration = Duration::from_secs(3600);
/// How long to wait before the journal is asked again after it failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long to wait where what was due stays due.
const AFTER_NOTHING: Duration = Duration::from_millis(50);

/// The conductor's own task.
pub(super) struct Actor {
    /// Where everything is kept.
    journal: Arc<dyn Journal>,
    /// The settings of the engine.
    settings: EngineSettings,
    /// Who carries out tasks.
    bindings: Vec<Binding>,
    /// Gives the moments.
    clock: Clock,
    /// The engine; `None` after the journal failed, until it was asked what is there.
    engine: Option<Engine>,
    /// The projects that were defined since the start.
    defined: BTreeMap<String, Option<ProjectDefinition>>,
    /// What it is asked to do.
    requests: mpsc::Receiver<Request>,
    /// For executors; weak, so that a conductor that nobody holds ends.
    sender: mpsc::WeakSender<Request>,
    /// Who hears of events.
    published: broadcast::Sender<Arc<CloudEvent>>,
    /// What executors are at.
    errands: Errands,
    /// Whether the last tick changed nothing.
    is_idle: bool,
}

impl Actor {
    /// Remembers what was under way, and goes on with it.
    pub(super) async fn start(
        parts: ConductorParts,
        requests: mpsc::Receiver<Request>,
        sender: mpsc::WeakSender<Request>,
        published: broadcast::Sender<Arc<CloudEvent>>,
    ) -> Result<Self, JournalError> {
        let ConductorParts {
            journal,
            settings,
            bindings,
            moments,
        } = parts;
        let mut actor = Self {
            journal,
            settings,
            bindings,
            clock: Clock::new(moments, None),
            engine: None,
            defined: BTreeMap::new(),
            requests,
            sender,
            published,
            errands: Errands::new(),
            is_idle: false,
        };
        actor.recover().await?;
        Ok(actor)
    }

    /// Conducts until it is told to stop, or nobody is left to tell it anything.
    pub(super) async fn conduct(mut self) {
        let stopped = loop {
            let wake = self.until_due();
            let first = tokio::select! {
                request = self.requests.recv() => match request {
                    Some(request) => Some(request),
                    None => break None,
                },
                Some(()) = self.errands.next() => continue,
                () = tokio::time::sleep(wake) => None,
            };
            if let Some(stop) = self.batch(first).await {
                break Some(stop);
            }
        };
        self.requests.close();
        self.errands.stop().await;
        if let Some(stopped) = stopped {
            // Who stopped it may have gone.
            stopped.send(()).ok();
        }
    }

    /// Returns how long to wait for something to become due.
    fn until_due(&self) -> Duration {
        let Some(engine) = &self.engine else {
            return AFTER_FAILURE;
        };
        let Some(due) = engine.next_due() else {
            return LONG;
        };
        let wait = due.duration_since(self.clock.now());
        let wait = Duration::try_from(wait).unwrap_or_default().min(LONG);
        if self.is_idle {
            wait.max(AFTER_NOTHING)
        } else {
            wait
        }
    }

    /// Does what waits, all at once; returns who is to be told that it stopped.
    async fn batch(&mut self, first: Option<Request>) -> Option<oneshot::Sender<()>> {
        let mut orders = Vec::new();
        let mut questions: Vec<Question> = Vec::new();
        let mut next = first;
        let mut stop = None;
        while let Some(request) = next.take() {
            match request {
                Request::Order(order) => orders.push(*order),
                Request::Question(question) => questions.push(question),
                Request::Stop(sender) => {
                    stop = Some(sender);
                    break;
                }
            }
            if orders.len() + questions.len() < MOST_IN_A_BATCH {
                next = self.requests.try_recv().ok();
            }
        }
        if let Err(error) = self.recover().await {
            let error = Arc::new(error);
            for order in orders {
                order.reply.refuse(&error);
            }
            return stop;
        }
        // Questions see what is stored, so they come before what is not yet.
        for question in questions {
            if let Some(engine) = &self.engine {
                question(engine);
            }
        }
        self.perform(orders).await;
        stop
    }

    /// Carries out orders: all together, or one by one where one of them is too large for the journal.
    async fn perform(&mut self, orders: Vec<Order>) {
        let matters: Vec<Matter> = orders.iter().map(|order| order.matter.clone()).collect();
        let together = self.attempt(matters).await;
        match together {
            Ok(accepted) => {
                for (order, accepted) in orders.into_iter().zip(accepted) {
                    order.reply.accept(accepted);
                }
            }
            Err(error) if orders.len() > 1 && is_too_large(&error) => {
                for order in orders {
                    let alone = self.attempt(vec![order.matter.clone()]).await;
                    match alone.map(|mut accepted| accepted.pop()) {
                        Ok(Some(accepted)) => order.reply.accept(accepted),
                        Ok(None) => {}
                        Err(error) => order.reply.refuse(&Arc::new(error)),
                    }
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for order in orders {
                    order.reply.refuse(&error);
                }
            }
        }
    }

    /// Steps the engine with orders and stores what follows. When it fails, nothing of it happened.
    async fn attempt(&mut self, matters: Vec<Matter>) -> Result<Vec<Accepted>, JournalError> {
        self.recover().await?;
        let mut known = self.known(&matters).await?;
        let projects: Vec<(String, Option<ProjectDefinition>)> =
            matters.iter().filter_map(defined).collect();
        let Some(mut draft) = self.draft() else {
            return Ok(Vec::new());
        };
        let is_tick = matters.is_empty();
        if is_tick {
            draft.tick();
        }
        let mut accepted = Vec::new();
        for matter in matters {
            accepted.push(match duplicate(&matter, &mut known) {
                Some(duplicate) => duplicate,
                None => draft.order(matter),
            });
        }
        let Draft {
            entries, errands, ..
        } = draft;
        self.is_idle = is_tick && entries.is_empty();
        self.commit(entries, errands).await?;
        self.defined.extend(projects);
        Ok(accepted)
    }

    /// Returns which of the events were stored before.
    async fn known(&self, matters: &[Matter]) -> Result<BTreeSet<String>, JournalError> {
        let id = |matter: &Matter| match matter {
            Matter::Event(event, Origin::Anyone) if !event.id.is_empty() => Some(event.id.clone()),
            Matter::Event(..) | Matter::Control(_) | Matter::Project(..) => None,
        };
        let ids: Vec<String> = matters.iter().filter_map(id).collect();
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.journal.known(&ids).await
    }

    /// Begins a draft; `None` where there is no engine.
    fn draft(&mut self) -> Option<Draft<'_>> {
        Some(Draft {
            engine: self.engine.as_mut()?,
            clock: &mut self.clock,
            bindings: &self.bindings,
            settings: &self.settings,
            entries: Vec::new(),
            errands: Vec::new(),
        })
    }

    /// Stores entries; then tells everybody, and calls executors.
    async fn commit(
        &mut self,
        entries: Vec<Entry>,
        errands: Vec<Errand>,
    ) -> Result<(), JournalError> {
        if !entries.is_empty() {
            if let Err(error) = self.journal.commit(entries.clone()).await {
                tracing::warn!(%error, "the journal could not be written; the engine goes back to what is stored");
                self.engine = None;
                return Err(error);
            }
            for entry in entries {
                for event in entry.input.into_iter().chain(entry.events) {
                    // Nobody needs to listen.
                    drop(self.published.send(Arc::new(event)));
                }
                for execution in &entry.changed {
                    self.errands.settle(execution);
                }
            }
        }
        if let Some(sender) = self.sender.upgrade() {
            for errand in errands {
                if self.is_open(&errand) {
                    self.errands.begin(errand, sender.clone());
                }
            }
        }
        Ok(())
    }

    /// Tells whether a task still waits for its answer: in the same batch it may have been aborted.
    fn is_open(&self, errand: &Errand) -> bool {
        let mut open = self.engine.iter().flat_map(Engine::open);
        open.any(|execution| {
            let current = execution.current.as_ref();
            execution.id == errand.execution
                && current.is_some_and(|task| task.triggered_id == errand.assignment.event.id)
        })
    }

    /// Builds the engine from the journal where there is none, and goes on with what is open.
    async fn recover(&mut self) -> Result<(), JournalError> {
        if self.engine.is_some() {
            return Ok(());
        }
        let Remembered {
            mut projects,
            open,
            latest,
        } = self.journal.remember().await?;
        for (name, definition) in &self.defined {
            match definition {
                Some(definition) => drop(projects.insert(name.clone(), definition.clone())),
                None => drop(projects.remove(name)),
            }
        }
        self.clock.advance(latest);
        self.engine = Some(Engine::restore(self.settings.clone(), projects, open));
        let running: BTreeSet<String> = self.errands.ids();
        let Some(mut draft) = self.draft() else {
            return Ok(());
        };
        draft.tick();
        draft.resume(|id| running.contains(id));
        let Draft {
            entries, errands, ..
        } = draft;
        self.commit(entries, errands).await
    }
}

/// Returns what an order says of a project.
fn defined(matter: &Matter) -> Option<(String, Option<ProjectDefinition>)> {
    match matter {
        Matter::Project(name, definition) => Some((name.clone(), definition.clone())),
        Matter::Event(..) | Matter::Control(_) => None,
    }
}

/// Returns the answer to an event that was taken in before; `None` where it is new, which it is but once.
fn duplicate(matter: &Matter, known: &mut BTreeSet<String>) -> Option<Accepted> {
    let Matter::Event(event, _) = matter else {
        return None;
    };
    if event.id.is_empty() || known.insert(event.id.clone()) {
        return None;
    }
    Some(Accepted {
        id: event.id.clone(),
        context: event.shkeptncontext.clone().unwrap_or_default(),
        ignored: Some(Ignored::Duplicate(event.id.clone())),
    })
}
