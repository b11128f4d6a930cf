//! Whole runs: executors that answer at once, never, or with a panic; journals that fail, and processes that die.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;

use super::{
    Binding, Charter, Conductor, ConductorParts, Entry, Journal, JournalError, LogJournal,
    Remembered, SubmitError,
};
use crate::app::samples::memory;
use crate::eventlog::{EventLog, Times};
use crate::executor::{Answer, Assignment, Attempt, Executor, Finish, Voice};
use crate::gate::event::CloudEvent;
use crate::sequence::{
    Control, ControlAction, Engine, EngineSettings, Ignored, Selector, Sequence, Shipyard, Stage,
    Task, Trigger,
};

/// Longer than any test should take.
const LONG: Duration = Duration::from_secs(30);

/// dev: deploy and check; prod: deploy, when dev has passed; rollback, when it has failed.
fn shipyard() -> Shipyard {
    let task = |name: &str| Task {
        name: name.to_owned(),
        ..Task::default()
    };
    let on = |result: &str| Trigger {
        stage: "dev".to_owned(),
        sequence: "delivery".to_owned(),
        selector: Some(Selector {
            matches: vec![("result".to_owned(), result.to_owned())],
        }),
    };
    let sequence = |name: &str, triggers: Vec<Trigger>, tasks: &[&str]| Sequence {
        name: name.to_owned(),
        triggered_on: triggers,
        tasks: tasks.iter().map(|name| task(name)).collect(),
        timeout_ms: None,
    };
    let stage = |name: &str, sequences| Stage {
        name: name.to_owned(),
        sequences,
    };
    Shipyard {
        stages: vec![
            stage(
                "dev",
                vec![
                    sequence("delivery", vec![], &["deploy", "check"]),
                    sequence("rollback", vec![on("fail")], &["undo"]),
                ],
            ),
            stage(
                "prod",
                vec![sequence(
                    "delivery",
                    vec![on("pass")],
                    &["deploy", "notify"],
                )],
            ),
        ],
        ..Shipyard::default()
    }
}

/// The trigger of the first sequence, for a service.
fn trigger(id: &str, service: &str) -> CloudEvent {
    CloudEvent {
        id: id.to_owned(),
        source: "test".to_owned(),
        specversion: "1.0".to_owned(),
        event_type: "sh.keptn.event.dev.delivery.triggered".to_owned(),
        shkeptncontext: Some("ctx".to_owned()),
        data: json!({"project": "shop", "stage": "dev", "service": service}).into(),
        ..CloudEvent::default()
    }
}

/// An executor that does as it is told, and counts.
#[derive(Default)]
struct Puppet {
    /// What to answer to a task; a pass where nothing is said.
    answers: BTreeMap<String, Reaction>,
    /// The tasks that it was called for.
    called: Mutex<Vec<(String, Attempt)>>,
    /// How many calls were dropped before they ended.
    dropped: Arc<AtomicUsize>,
}

/// What a puppet does.
#[derive(Clone, Copy, PartialEq)]
enum Reaction {
    Fail,
    Never,
    Panic,
    Elsewhere,
}

impl Puppet {
    fn with(answers: &[(&str, Reaction)]) -> Arc<Self> {
        let answers = answers
            .iter()
            .map(|(task, answer)| ((*task).to_owned(), *answer));
        Arc::new(Self {
            answers: answers.collect(),
            ..Self::default()
        })
    }
}

/// Counts when it is dropped.
struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Executor for Puppet {
    fn name(&self) -> &str {
        "puppet"
    }

    async fn execute(&self, assignment: &Assignment, _voice: &dyn Voice) -> Answer {
        let call = (assignment.task.clone(), assignment.attempt);
        self.called.lock().unwrap().push(call);
        match self.answers.get(&assignment.task) {
            None => Answer::Finished(Finish::pass()),
            Some(Reaction::Fail) => Answer::Finished(Finish::fail("no good")),
            Some(Reaction::Panic) => panic!("a bug"),
            Some(Reaction::Elsewhere) => Answer::Elsewhere,
            Some(Reaction::Never) => {
                let _guard = Guard(Arc::clone(&self.dropped));
                std::future::pending().await
            }
        }
    }
}

/// A journal that fails at one commit: before it, or after the events are stored; for good, or once.
struct Mortal {
    inner: LogJournal,
    /// How many commits succeed first.
    commits: AtomicUsize,
    death: Death,
}

/// How a journal fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Death {
    /// The process dies before anything is stored.
    Before,
    /// It dies when all is stored, and nobody was told.
    After,
    /// The disk is full for a moment.
    Once,
}

impl Mortal {
    fn new(log: &Arc<dyn EventLog>, commits: usize, death: Death) -> Arc<Self> {
        Arc::new(Self {
            inner: journal(log),
            commits: AtomicUsize::new(commits),
            death,
        })
    }

    fn is_dead(&self) -> bool {
        self.commits.load(Ordering::SeqCst) == 0
    }
}

#[async_trait]
impl Journal for Mortal {
    async fn remember(&self) -> Result<Remembered, JournalError> {
        if self.is_dead() {
            return Err(JournalError::Damaged("dead".to_owned()));
        }
        self.inner.remember().await
    }

    async fn known(&self, ids: &[String]) -> Result<BTreeSet<String>, JournalError> {
        self.inner.known(ids).await
    }

    async fn commit(&self, entries: Vec<Entry>) -> Result<(), JournalError> {
        let dead = || JournalError::Damaged("dead".to_owned());
        let left = self.commits.load(Ordering::SeqCst);
        match (left, self.death) {
            (0, _) => return Err(dead()),
            (1, Death::Once) => {
                self.commits.store(usize::MAX, Ordering::SeqCst);
                return Err(dead());
            }
            _ => {}
        }
        self.commits.store(left - 1, Ordering::SeqCst);
        match (left, self.death) {
            (1, Death::Before) => Err(dead()),
            (1, Death::After) => {
                self.inner.commit(entries).await?;
                Err(dead())
            }
            _ => self.inner.commit(entries).await,
        }
    }
}

fn journal(log: &Arc<dyn EventLog>) -> LogJournal {
    LogJournal::new(
        Arc::clone(log),
        "shop".to_owned(),
        "ctx".to_owned(),
        EngineSettings::default(),
    )
}

/// A log that holds the charter of a run.
async fn log() -> Arc<dyn EventLog> {
    let log: Arc<dyn EventLog> = memory().into();
    let charter = Charter {
        project: "shop".to_owned(),
        context: "ctx".to_owned(),
        shipyard: shipyard(),
        file: String::new(),
        trigger: trigger("t0", "carts"),
    };
    let time = "2024-02-01T10:00:00Z".parse().unwrap();
    log.append(vec![charter.event(time)], Times::Kept)
        .await
        .unwrap();
    log
}

/// Starts a conductor.
async fn conduct(
    journal: Arc<dyn Journal>,
    puppet: &Arc<Puppet>,
) -> Result<Conductor, JournalError> {
    let executor: Arc<dyn Executor> = Arc::clone(puppet) as _;
    // It stands still, as clocks sometimes do.
    let now: Timestamp = "2024-02-01T10:00:01Z".parse().unwrap();
    let parts = ConductorParts {
        journal,
        settings: EngineSettings::default(),
        bindings: vec![Binding {
            task: None,
            executor,
        }],
        moments: Arc::new(move || now),
    };
    Conductor::start(parts).await
}

/// Waits until something is true of the engine.
async fn until(conductor: &Conductor, question: fn(&Engine) -> bool) {
    let wait = async {
        while !conductor.ask(question).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(LONG, wait).await.unwrap();
}

/// Tells whether nothing is under way.
fn is_over(engine: &Engine) -> bool {
    engine.open().next().is_none()
}

/// Returns the events of a log, oldest first: `STAGE TYPE RESULT`.
async fn told(log: &Arc<dyn EventLog>) -> Vec<String> {
    let events = journal(log).events().await.unwrap();
    let times: Vec<_> = events.iter().map(|event| event.time.unwrap()).collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    let line = |event: &CloudEvent| {
        let name = event.event_type.strip_prefix("sh.keptn.event.").unwrap();
        let words = [
            event.data_text("stage"),
            name.to_owned(),
            event.data_text("result"),
        ];
        words.join(" ").trim().to_owned()
    };
    events.iter().map(line).collect()
}

/// What a run tells whose executors all pass.
const PASSED: &str = "
    shipyard.finished
    dev dev.delivery.triggered
    dev deploy.triggered
    dev deploy.started
    dev deploy.finished pass
    dev check.triggered pass
    dev check.started
    dev check.finished pass
    dev dev.delivery.finished pass
    prod prod.delivery.triggered pass
    prod deploy.triggered pass
    prod deploy.started
    prod deploy.finished pass
    prod notify.triggered pass
    prod notify.started
    prod notify.finished pass
    prod prod.delivery.finished pass";

fn passed() -> Vec<String> {
    PASSED
        .trim()
        .lines()
        .map(|line| line.trim().to_owned())
        .collect()
}

#[tokio::test]
async fn a_run_goes_from_stage_to_stage() {
    let log = log().await;
    let puppet = Puppet::with(&[]);
    let conductor = conduct(Arc::new(journal(&log)), &puppet).await.unwrap();
    let mut heard = conductor.subscribe();
    let accepted = conductor.submit(trigger("t0", "carts")).await.unwrap();
    assert_eq!((accepted.id.as_str(), accepted.ignored), ("t0", None));
    until(&conductor, is_over).await;
    assert_eq!(told(&log).await, passed());
    let mut count = 0;
    while heard.try_recv().is_ok() {
        count += 1;
    }
    assert_eq!(count, passed().len() - 1);
    conductor.stop().await;
    let stopped = conductor.submit(trigger("t1", "carts")).await;
    assert!(matches!(stopped, Err(SubmitError::Stopped)));
}

#[tokio::test]
async fn a_fail_ends_a_sequence_and_starts_what_waits_for_it() {
    for (reaction, message) in [
        (Reaction::Fail, "no good"),
        (
            Reaction::Panic,
            "puppet broke off over this task; that is a bug of tidegate",
        ),
    ] {
        let log = log().await;
        let puppet = Puppet::with(&[("check", reaction)]);
        let conductor = conduct(Arc::new(journal(&log)), &puppet).await.unwrap();
        conductor.submit(trigger("t0", "carts")).await.unwrap();
        until(&conductor, is_over).await;
        let told = told(&log).await;
        assert!(
            told.contains(&"dev check.finished fail".to_owned()),
            "{told:?}"
        );
        assert_eq!(told.last().unwrap(), "dev dev.rollback.finished pass");
        let events = journal(&log).events().await.unwrap();
        let is_check = |event: &&CloudEvent| event.event_type.ends_with(".check.finished");
        let check = events.iter().find(is_check).unwrap();
        assert_eq!(check.data_text("message"), message);
    }
}

/// Runs, dies, and runs again from what was stored, until the run is over; returns how often it died.
async fn run_through_deaths(
    log: &Arc<dyn EventLog>,
    puppet: &Arc<Puppet>,
    commits: usize,
    death: Death,
) -> usize {
    for deaths in 0..100 {
        let mortal = Mortal::new(log, commits, death);
        if let Ok(conductor) = conduct(Arc::clone(&mortal) as _, puppet).await {
            // It may be stored already, or not be storable any more.
            drop(conductor.submit(trigger("t0", "carts")).await);
            let wait = async {
                loop {
                    let over = conductor.ask(is_over).await;
                    if mortal.is_dead() || over.is_ok_and(|over| over) {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            tokio::time::timeout(LONG, wait).await.unwrap();
            conductor.stop().await;
        }
        if !mortal.is_dead() {
            return deaths;
        }
    }
    panic!("it never ends");
}

#[tokio::test]
async fn a_run_that_dies_at_any_commit_goes_on_and_completes_each_task_once() {
    for death in [Death::Before, Death::After] {
        for commits in 1..20 {
            let log = log().await;
            let puppet = Puppet::with(&[]);
            // The first process dies at this commit; those after it live.
            let mortal = Mortal::new(&log, commits, death);
            if let Ok(conductor) = conduct(Arc::clone(&mortal) as _, &puppet).await {
                drop(conductor.submit(trigger("t0", "carts")).await);
                let wait = async {
                    while !mortal.is_dead() && !conductor.ask(is_over).await.unwrap_or_default() {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                };
                tokio::time::timeout(LONG, wait).await.unwrap();
                conductor.stop().await;
            }
            run_through_deaths(&log, &puppet, usize::MAX, death).await;
            assert_eq!(told(&log).await, passed(), "{death:?} at {commits}");
        }
    }
}

#[tokio::test]
async fn a_run_that_dies_at_every_second_commit_still_comes_to_its_end() {
    for death in [Death::Before, Death::After] {
        let log = log().await;
        let puppet = Puppet::with(&[]);
        let deaths = run_through_deaths(&log, &puppet, 2, death).await;
        assert!(deaths >= 2, "{deaths}");
        assert_eq!(told(&log).await, passed(), "{death:?}");
    }
    let log = log().await;
    let puppet = Puppet::with(&[]);
    run_through_deaths(&log, &puppet, 1, Death::After).await;
    assert_eq!(told(&log).await, passed());
    let called = puppet.called.lock().unwrap();
    assert!(
        called.contains(&("deploy".to_owned(), Attempt::Again)),
        "{called:?}"
    );
}

#[tokio::test]
async fn a_journal_that_fails_for_a_moment_undoes_what_was_asked_and_nothing_else() {
    for commits in 1..6 {
        let log = log().await;
        let puppet = Puppet::with(&[]);
        let mortal = Mortal::new(&log, commits, Death::Once);
        let conductor = conduct(mortal, &puppet).await.unwrap();
        let first = conductor.submit(trigger("t0", "carts")).await;
        if commits == 1 {
            assert!(matches!(first, Err(SubmitError::Journal(_))));
            assert!(conductor.ask(is_over).await.unwrap());
            conductor.submit(trigger("t0", "carts")).await.unwrap();
        }
        until(&conductor, is_over).await;
        assert_eq!(told(&log).await, passed(), "{commits}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_at_once_are_put_in_order() {
    let log = log().await;
    let puppet = Puppet::with(&[]);
    let conductor = conduct(Arc::new(journal(&log)), &puppet).await.unwrap();
    let submit = |number: usize| {
        let conductor = conductor.clone();
        tokio::spawn(async move {
            let event = trigger(&format!("t{number}"), &format!("s{number}"));
            conductor.submit(event).await.unwrap()
        })
    };
    let calls: Vec<_> = (0..100).map(submit).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().ignored, None);
    }
    until(&conductor, is_over).await;
    let told = told(&log).await;
    assert_eq!(told.len(), 1 + 100 * (passed().len() - 1));
    let ends = told
        .iter()
        .filter(|line| *line == "prod prod.delivery.finished pass");
    assert_eq!(ends.count(), 100);
}

#[tokio::test]
async fn an_event_that_comes_twice_counts_once() {
    let log = log().await;
    let puppet = Puppet::with(&[]);
    let conductor = conduct(Arc::new(journal(&log)), &puppet).await.unwrap();
    let submit = || conductor.submit(trigger("t0", "carts"));
    let (first, second) = tokio::join!(submit(), submit());
    let duplicate = Some(Ignored::Duplicate("t0".to_owned()));
    assert_eq!(first.unwrap().ignored, None);
    assert_eq!(second.unwrap().ignored, duplicate);
    until(&conductor, is_over).await;
    assert_eq!(submit().await.unwrap().ignored, duplicate);
    assert_eq!(told(&log).await, passed());
}

#[tokio::test]
async fn an_abort_drops_the_executor_and_a_late_answer_changes_nothing() {
    let log = log().await;
    let puppet = Puppet::with(&[("check", Reaction::Never)]);
    let conductor = conduct(Arc::new(journal(&log)), &puppet).await.unwrap();
    conductor.submit(trigger("t0", "carts")).await.unwrap();
    until(&conductor, |engine| {
        engine
            .open_tasks()
            .iter()
            .any(|task| task.event_type.contains("check"))
    })
    .await;
    let tasks = conductor.ask(Engine::open_tasks).await.unwrap();
    let control = Control {
        project: "shop".to_owned(),
        context: "ctx".to_owned(),
        stage: None,
        action: ControlAction::Abort,
    };
    assert_eq!(conductor.control(control).await.unwrap().ignored, None);
    let dropped = async {
        while puppet.dropped.load(Ordering::SeqCst) == 0 {
            // The executor may not have been called yet; then there is nothing to drop.
            if puppet.called.lock().unwrap().len() < 2 {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, dropped).await.unwrap();
    assert!(conductor.ask(is_over).await.unwrap());
    let late = super::answers::finished("puppet", "check", &tasks[0], &Finish::pass());
    let answered = conductor.submit(late).await.unwrap();
    assert!(
        matches!(answered.ignored, Some(Ignored::NotOpen(_))),
        "{answered:?}"
    );
}

#[tokio::test]
async fn a_stop_drops_executors_and_the_next_start_calls_them_again() {
    let log = log().await;
    let puppet = Puppet::with(&[("deploy", Reaction::Never)]);
    let conductor = conduct(Arc::new(journal(&log)), &puppet).await.unwrap();
    conductor.submit(trigger("t0", "carts")).await.unwrap();
    let called = async {
        while puppet.called.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, called).await.unwrap();
    conductor.stop().await;
    assert_eq!(puppet.dropped.load(Ordering::SeqCst), 1);
    let willing = Puppet::with(&[]);
    let conductor = conduct(Arc::new(journal(&log)), &willing).await.unwrap();
    until(&conductor, is_over).await;
    assert_eq!(told(&log).await, passed());
    assert_eq!(
        willing.called.lock().unwrap().first(),
        Some(&("deploy".to_owned(), Attempt::Again))
    );
}

#[tokio::test]
async fn what_somebody_else_answers_waits_for_the_answer_across_a_restart() {
    let log = log().await;
    let puppet = Puppet::with(&[("check", Reaction::Elsewhere)]);
    let conductor = conduct(Arc::new(journal(&log)), &puppet).await.unwrap();
    conductor.submit(trigger("t0", "carts")).await.unwrap();
    let waits = |engine: &Engine| {
        engine
            .open_tasks()
            .iter()
            .any(|task| task.event_type.contains("check"))
    };
    until(&conductor, waits).await;
    let task = conductor.ask(Engine::open_tasks).await.unwrap().remove(0);
    conductor.stop().await;
    let conductor = conduct(Arc::new(journal(&log)), &puppet).await.unwrap();
    assert!(conductor.ask(waits).await.unwrap());
    let answer = super::answers::finished("puppet", "check", &task, &Finish::pass());
    conductor.submit(answer).await.unwrap();
    until(&conductor, is_over).await;
    assert_eq!(told(&log).await, passed());
}

#[tokio::test]
async fn an_answer_that_is_too_large_fails_its_task_and_harms_nobody_else() {
    /// Says too much.
    struct Chatterbox;

    #[async_trait]
    impl Executor for Chatterbox {
        fn name(&self) -> &str {
            "chatterbox"
        }

        async fn execute(&self, _assignment: &Assignment, _voice: &dyn Voice) -> Answer {
            let mut finish = Finish::pass();
            let text = "x".repeat(crate::eventlog::EVENT_LIMIT);
            finish.data.insert("text".to_owned(), text.into());
            Answer::Finished(finish)
        }
    }

    let log = log().await;
    let puppet = Puppet::with(&[]);
    let parts = ConductorParts {
        journal: Arc::new(journal(&log)),
        settings: EngineSettings::default(),
        bindings: vec![
            Binding {
                task: Some("check".to_owned()),
                executor: Arc::new(Chatterbox),
            },
            Binding {
                task: None,
                executor: puppet,
            },
        ],
        moments: Arc::new(|| Timestamp::UNIX_EPOCH),
    };
    let conductor = Conductor::start(parts).await.unwrap();
    conductor.submit(trigger("t0", "carts")).await.unwrap();
    until(&conductor, is_over).await;
    let told = told(&log).await;
    assert!(
        told.contains(&"dev check.finished fail".to_owned()),
        "{told:?}"
    );
    assert_eq!(told.last().unwrap(), "dev dev.rollback.finished pass");
}
