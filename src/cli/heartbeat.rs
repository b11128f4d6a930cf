//! A line now and then in the log of a CI job that waits: some systems end a job that is silent for too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Says every now and then how far things are, until it is dropped.
pub struct Heartbeat {
    /// How many SLIs are answered.
    answered: Arc<AtomicUsize>,
    /// Held as long as the heart beats.
    alive: Option<SyncSender<()>>,
    /// The thread that speaks.
    thread: Option<JoinHandle<()>>,
}

impl Heartbeat {
    /// Starts to say how many of so many SLIs are answered.
    pub fn start(interval: Duration, total: usize, say: impl Fn(&str) + Send + 'static) -> Self {
        Self::beat(interval, say, move |seconds, answered| {
            format!("still at work after {seconds} s: {answered} of {total} SLIs are answered")
        })
    }

    /// Starts to say that a run goes on.
    pub fn of_run(interval: Duration, say: impl Fn(&str) + Send + 'static) -> Self {
        Self::beat(interval, say, |seconds, _| {
            format!("still at work after {seconds} s")
        })
    }

    /// Starts to say something now and then, made of the seconds that passed and of what is answered.
    fn beat(
        interval: Duration,
        say: impl Fn(&str) + Send + 'static,
        words: impl Fn(u64, usize) -> String + Send + 'static,
    ) -> Self {
        let answered = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&answered);
        let (alive, end) = sync_channel::<()>(0);
        let beat = move || {
            let mut elapsed = Duration::ZERO;
            while end.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                elapsed = elapsed.saturating_add(interval);
                let answered = count.load(Ordering::Relaxed);
                say(&words(elapsed.as_secs(), answered));
            }
        };
        // Without a thread nothing is said, which is no reason to end.
        let thread = std::thread::Builder::new().spawn(beat).ok();
        Self {
            answered,
            alive: Some(alive),
            thread,
        }
    }

    /// Counts an SLI that is answered.
    pub fn answered(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Heartbeat {
    /// Says nothing more.
    fn drop(&mut self) {
        drop(self.alive.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn it_says_how_far_things_are_until_it_is_dropped() {
        let (said, heard) = channel();
        let say = move |text: &str| drop(said.send(text.to_owned()));
        let heartbeat = Heartbeat::start(Duration::from_millis(1), 3, say);
        let first = heard.recv().unwrap();
        assert!(first.ends_with("0 of 3 SLIs are answered"), "{first}");
        heartbeat.answered();
        let later = heard.iter().find(|text| text.contains("1 of 3"));
        assert!(later.is_some());
        drop(heartbeat);
        // The sender went with the thread.
        assert!(heard.iter().all(|text| text.contains("1 of 3")));
    }
}
