//! Carries a run out, from its charter or from where it stopped to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};

use super::course::Course;
use super::listening::{Elsewhere, Listening, Onlooker};
use crate::app::conductor::{
    Binding, Charter, Conductor, ConductorParts, JournalError, LogJournal, Moments, SubmitError,
    finished,
};
use crate::eventlog::{EventLog, Times};
use crate::executor::{Executor, Finish};
use crate::gate::event::CloudEvent;
use crate::sequence::{Engine, EngineSettings, EventName, ExecutionState};

/// How often the log is looked at for what others put into it.
const LOOK: Duration = Duration::from_millis(500);

/// A run to carry out.
pub struct RunRequest {
    /// What it was started with. It is stored where it is not.
    pub charter: Charter,
    /// The settings of the engine.
    pub settings: EngineSettings,
    /// Who carries out which task.
    pub executors: Vec<(String, Arc<dyn Executor>)>,
    /// The answers that are brought along.
    pub given: Option<Given>,
    /// What becomes of tasks that somebody else answers.
    pub patience: Patience,
    /// The clock.
    pub moments: Moments,
}

/// An answer to an approval that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The stage; `None`: whichever waits.
    pub stage: Option<String>,
    /// The answer.
    pub finish: Finish,
}

/// What becomes of a run that only others can bring on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// It ends, and can be resumed.
    Leave,
    /// It looks for their answers in the log.
    Wait,
}

/// How a run ended for now.
pub enum RunEnd {
    /// Nothing is left to do.
    Over(Course),
    /// Others have to answer these tasks first.
    Waiting(Course, Vec<WaitingTask>),
}

/// A task that somebody else answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingTask {
    /// The stage.
    pub stage: String,
    /// The task.
    pub task: String,
    /// The id of its `.triggered` event.
    pub triggered_id: String,
}

/// A run could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The log can't be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An event was not taken in.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The sequence was not started.
    #[error("the sequence was not started: {0}")]
    NotStarted(String),
    /// An answer was brought along, and nothing waits for it.
    #[error("no approval waits for a decision{0}")]
    NothingWaits(String),
    /// An answer was brought along, and several wait for one.
    #[error("approvals wait in several stages: {0}")]
    SeveralWait(String),
}

/// Carries a run out.
pub async fn run(
    log: Arc<dyn EventLog>,
    mut request: RunRequest,
    onlooker: Arc<dyn Onlooker>,
) -> Result<RunEnd, RunError> {
    let now = (request.moments)();
    let charter = request.charter.event(now);
    log.append(vec![charter], Times::Kept)
        .await
        .map_err(JournalError::from)?;
    loop {
        let mut delivery = Delivery::begin(&log, &mut request, &onlooker).await?;
        let end = delivery.go_on(request.patience).await;
        delivery.conductor.stop().await;
        match end? {
            Some(waiting) if waiting.is_empty() => return Ok(RunEnd::Over(delivery.course)),
            Some(waiting) => return Ok(RunEnd::Waiting(delivery.course, waiting)),
            // Somebody put an event into the log: the state is built again, with it.
            None => {}
        }
    }
}

/// A run that is under way.
pub struct Delivery {
    /// Where its events are.
    journal: LogJournal,
    /// Carries it out.
    conductor: Conductor,
    /// Its events as they are stored.
    events: broadcast::Receiver<Arc<CloudEvent>>,
    /// How it stands.
    course: Course,
    /// The settings of the engine.
    settings: EngineSettings,
    /// Who hears of it.
    onlooker: Arc<dyn Onlooker>,
    /// The tasks that others answer.
    elsewhere: Arc<Elsewhere>,
}

impl Delivery {
    /// Starts the conductor, and whatever is not started yet.
    async fn begin(
        log: &Arc<dyn EventLog>,
        request: &mut RunRequest,
        onlooker: &Arc<dyn Onlooker>,
    ) -> Result<Self, RunError> {
        let RunRequest {
            charter,
            settings,
            executors,
            given,
            patience: _,
            moments,
        } = request;
        let journal = || {
            LogJournal::new(
                Arc::clone(log),
                charter.project.clone(),
                charter.context.clone(),
                settings.clone(),
            )
        };
        let elsewhere = Arc::new(Elsewhere::default());
        let binding = |(task, executor): &(String, Arc<dyn Executor>)| Binding {
            task: Some(task.clone()),
            executor: Arc::new(Listening {
                executor: Arc::clone(executor),
                onlooker: Arc::clone(onlooker),
                elsewhere: Arc::clone(&elsewhere),
            }),
        };
        let conductor = Conductor::start(ConductorParts {
            journal: Arc::new(journal()),
            settings: settings.clone(),
            bindings: executors.iter().map(binding).collect(),
            moments: Arc::clone(moments),
        })
        .await?;
        let mut delivery = Self {
            events: conductor.subscribe(),
            journal: journal(),
            conductor,
            course: Course::new(settings.clone()),
            settings: settings.clone(),
            onlooker: Arc::clone(onlooker),
            elsewhere,
        };
        delivery.catch_up().await?;
        onlooker.stands(&delivery.course);
        if let Some(given) = given.take() {
            delivery.decide(given).await?;
        }
        if !delivery.course.knows(&charter.trigger.id) {
            let accepted = delivery.conductor.submit(charter.trigger.clone()).await?;
            if let Some(ignored) = accepted.ignored {
                return Err(RunError::NotStarted(ignored.to_string()));
            }
        }
        Ok(delivery)
    }

    /// Goes on until nothing is left to do (an empty list), only others can bring it on (their tasks), or somebody put
    /// an event into the log (`None`).
    async fn go_on(&mut self, patience: Patience) -> Result<Option<Vec<WaitingTask>>, RunError> {
        loop {
            if let Some(waiting) = self.only_waiting().await? {
                self.drain().await?;
                if waiting.is_empty() || patience == Patience::Leave {
                    return Ok(Some(waiting));
                }
                if self.has_foreign().await? {
                    return Ok(None);
                }
            }
            tokio::select! {
                event = self.events.recv() => match event {
                    Ok(event) => self.hear(&event),
                    Err(RecvError::Lagged(_)) => self.catch_up().await?,
                    Err(RecvError::Closed) => return Err(SubmitError::Stopped.into()),
                },
                () = self.elsewhere.more.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Returns the tasks that others answer, where there is nothing else to do; an empty list where nothing is at all.
    async fn only_waiting(&self) -> Result<Option<Vec<WaitingTask>>, RunError> {
        let elsewhere = Arc::clone(&self.elsewhere);
        let question = move |engine: &Engine| waiting(engine, &elsewhere);
        Ok(self.conductor.ask(question).await?)
    }

    /// Takes the events that are there.
    async fn drain(&mut self) -> Result<(), RunError> {
        loop {
            match self.events.try_recv() {
                Ok(event) => self.hear(&event),
                Err(broadcast::error::TryRecvError::Lagged(_)) => self.catch_up().await?,
                Err(
                    broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed,
                ) => return Ok(()),
            }
        }
    }

    /// Takes an event.
    fn hear(&mut self, event: &CloudEvent) {
        if !self.course.knows(&event.id) {
            self.course.take(event);
            self.onlooker.event(event, &self.course);
        }
    }

    /// Reads what is stored; what was known is not told again.
    async fn catch_up(&mut self) -> Result<(), RunError> {
        let mut course = Course::new(self.settings.clone());
        let is_first = self.course.executions().is_empty();
        for event in self.journal.events().await? {
            let is_new = !is_first && !self.course.knows(&event.id);
            course.take(&event);
            if is_new {
                self.onlooker.event(&event, &course);
            }
        }
        self.course = course;
        Ok(())
    }

    /// Tells whether the log has an event that the conductor has not stored.
    async fn has_foreign(&self) -> Result<bool, RunError> {
        let events = self.journal.events().await?;
        Ok(events.iter().any(|event| !self.course.knows(&event.id)))
    }

    /// Answers the approval that waits.
    async fn decide(&self, given: Given) -> Result<(), RunError> {
        let Given { stage, finish } = given;
        let wanted = stage.clone();
        let question = move |engine: &Engine| approvals(engine, wanted.as_deref());
        let mut open = self.conductor.ask(question).await?;
        let place = stage.map_or_else(String::new, |stage| format!(" in the stage `{stage}`"));
        let Some(task) = open.pop() else {
            return Err(RunError::NothingWaits(place));
        };
        if !open.is_empty() {
            open.push(task);
            let stages: Vec<String> = open.iter().map(|task| task.data_text("stage")).collect();
            return Err(RunError::SeveralWait(stages.join(", ")));
        }
        let name = match EventName::parse(&task.event_type) {
            Some(EventName::Task { task, .. }) => task,
            Some(EventName::Sequence { .. }) | None => return Ok(()),
        };
        self.conductor
            .submit(finished("tidegate", &name, &task, &finish))
            .await?;
        Ok(())
    }
}

/// Returns the tasks that others answer; `None` where something else is under way.
fn waiting(engine: &Engine, elsewhere: &Elsewhere) -> Option<Vec<WaitingTask>> {
    let mut waiting = Vec::new();
    for execution in engine.open() {
        let current = execution.current.as_ref();
        let Some(task) = current.filter(|task| task.sent_at.is_some()) else {
            if execution.state == ExecutionState::Paused {
                continue;
            }
            return None;
        };
        if !elsewhere.has(&task.triggered_id) {
            return None;
        }
        waiting.push(WaitingTask {
            stage: execution.scope.stage.clone(),
            task: task.name.clone(),
            triggered_id: task.triggered_id.clone(),
        });
    }
    let is_paused = waiting.is_empty() && engine.open().next().is_some();
    if is_paused {
        // Held back by a pause: only somebody who resumes it can bring it on.
        waiting.extend(engine.open().map(|one| WaitingTask {
            stage: one.scope.stage.clone(),
            task: one.sequence.name.clone(),
            triggered_id: one.scope.triggered_id.clone(),
        }));
    }
    Some(waiting)
}

/// Returns the `.triggered` events of the approvals that wait.
fn approvals(engine: &Engine, stage: Option<&str>) -> Vec<CloudEvent> {
    let waits = |execution: &&crate::sequence::Execution| {
        let is_there = stage.is_none_or(|stage| stage == execution.scope.stage);
        is_there && execution.state == ExecutionState::WaitingForApproval
    };
    let waiting = engine.open().filter(waits);
    let ids: Vec<String> = waiting
        .filter_map(|execution| Some(execution.current.as_ref()?.triggered_id.clone()))
        .collect();
    let tasks = engine.open_tasks().into_iter();
    tasks.filter(|task| ids.contains(&task.id)).collect()
}
