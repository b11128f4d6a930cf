//! The figures of a server.

use std::time::Duration;

use super::family::{Counters, Histogram, Name, write_gauge};

/// The figures; whoever does something counts it here.
#[derive(Debug)]
pub struct Metrics {
    /// Requests.
    requests: Counters,
    /// How long requests took.
    request_seconds: Histogram,
    /// Events that became durable.
    events: Counters,
    /// Sequences that ended.
    sequences: Counters,
    /// How long it took from an event to the next task.
    task_out_seconds: Histogram,
    /// How long the journal took to store something.
    commit_seconds: Histogram,
}

/// How much is under way.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnderWay {
    /// Executions that are not finished.
    pub executions: u64,
    /// Tasks that wait for an answer.
    pub tasks: u64,
    /// Projects.
    pub projects: u64,
}

impl Metrics {
    /// Makes figures that are all 0.
    #[must_use]
    pub fn new() -> Self {
        let name = |name, help, labels| Name {
            full: name,
            help,
            labels,
        };
        Self {
            requests: Counters::new(name(
                "tidegate_http_requests_total",
                "Requests by route, method and status.",
                &["route", "method", "status"],
            )),
            request_seconds: Histogram::new(name(
                "tidegate_http_request_seconds",
                "How long requests took.",
                &[],
            )),
            events: Counters::new(name(
                "tidegate_events_total",
                "Events that became durable, by what they concern and what they say.",
                &["of", "kind"],
            )),
            sequences: Counters::new(name(
                "tidegate_sequences_finished_total",
                "Sequences that ended, by status and result.",
                &["status", "result"],
            )),
            task_out_seconds: Histogram::new(name(
                "tidegate_task_out_seconds",
                "How long it took from what set a task off until its event was durable and sent.",
                &[],
            )),
            commit_seconds: Histogram::new(name(
                "tidegate_journal_commit_seconds",
                "How long the journal took to store inputs and what followed from them.",
                &[],
            )),
        }
    }

    /// Counts a request.
    pub fn request(&self, route: &str, method: &str, status: u16, took: Duration) {
        self.requests.count(&[route, method, &status.to_string()]);
        self.request_seconds.observe(took);
    }

    /// Counts an event.
    pub fn event(&self, of: &str, kind: &str) {
        self.events.count(&[of, kind]);
    }

    /// Counts a sequence that ended.
    pub fn sequence(&self, status: &str, result: &str) {
        self.sequences.count(&[status, result]);
    }

    /// Takes note of how long a task took to come out.
    pub fn task_out(&self, took: Duration) {
        self.task_out_seconds.observe(took);
    }

    /// Takes note of how long the journal took.
    pub fn commit(&self, took: Duration) {
        self.commit_seconds.observe(took);
    }

    /// Writes everything.
    #[must_use]
    pub fn text(&self, now: UnderWay) -> String {
        let mut text = String::new();
        self.requests.write(&mut text);
        self.request_seconds.write(&mut text);
        self.events.write(&mut text);
        self.sequences.write(&mut text);
        self.task_out_seconds.write(&mut text);
        self.commit_seconds.write(&mut text);
        let UnderWay {
            executions,
            tasks,
            projects,
        } = now;
        for (name, help, value) in [
            (
                "tidegate_executions_open",
                "Executions of sequences that are not finished.",
                executions,
            ),
            (
                "tidegate_tasks_open",
                "Tasks that wait for an answer.",
                tasks,
            ),
            ("tidegate_projects", "Projects.", projects),
        ] {
            let name = Name {
                full: name,
                help,
                labels: &[],
            };
            write_gauge(&mut text, &name, value);
        }
        text
    }
}
