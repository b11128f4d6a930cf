//! What providers answered before: for whoever tries out SLOs, and does not want to ask a backend for each criterion.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::settings::ProviderSettings;
use super::{Check, Provider, Request, Watch};
use crate::gate::{Context, Outcome, Reading};

/// Answers that still count. A copy shares them.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<Remembered>>>);

/// One answer, with all that it depends on.
#[derive(Debug)]
struct Remembered {
    /// Who gave it.
    settings: Option<ProviderSettings>,
    /// What it was asked about.
    context: Context,
    /// What it was asked.
    request: Request,
    /// The answer.
    reading: Reading,
}

impl Memory {
    /// Puts the memory before a provider: what is known is not asked again.
    #[must_use]
    pub fn before(
        &self,
        provider: Box<dyn Provider>,
        settings: Option<ProviderSettings>,
    ) -> Remembering {
        Remembering {
            provider,
            settings,
            memory: self.clone(),
        }
    }

    /// Returns an answer that is known.
    fn recall(
        &self,
        settings: Option<&ProviderSettings>,
        context: &Context,
        request: &Request,
    ) -> Option<Reading> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|one| {
            one.settings.as_ref() == settings && one.context == *context && one.request == *request
        });
        found.map(|one| one.reading.clone())
    }

    /// Keeps a value. A failure may be over the next time, and there may be data then.
    fn keep(&self, answer: Remembered) {
        match answer.reading.outcome {
            Outcome::Value(_) => {}
            Outcome::NoData(_) | Outcome::Failed(_) => return,
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.push(answer);
    }
}

/// A provider with a memory before it.
pub struct Remembering {
    /// The provider.
    provider: Box<dyn Provider>,
    /// Its settings.
    settings: Option<ProviderSettings>,
    /// What it answered before.
    memory: Memory,
}

#[async_trait]
impl Provider for Remembering {
    async fn fetch(
        &self,
        context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading> {
        let settings = self.settings.as_ref();
        let known: Vec<Option<Reading>> = requests
            .iter()
            .map(|request| self.memory.recall(settings, context, request))
            .collect();
        for reading in known.iter().flatten() {
            watch.answered(reading);
        }
        let open = requests.iter().zip(&known);
        let open: Vec<Request> = open
            .filter(|(_, known)| known.is_none())
            .map(|(request, _)| request.clone())
            .collect();
        let asked = if open.is_empty() {
            Vec::new()
        } else {
            self.provider.fetch(context, &open, watch).await
        };
        for (request, reading) in open.into_iter().zip(&asked) {
            self.memory.keep(Remembered {
                settings: self.settings.clone(),
                context: context.clone(),
                request,
                reading: reading.clone(),
            });
        }
        let mut asked = asked.into_iter();
        let readings = known
            .into_iter()
            .map(|known| known.or_else(|| asked.next()));
        readings.flatten().collect()
    }

    fn concurrency(&self) -> usize {
        self.provider.concurrency()
    }

    fn is_backend(&self) -> bool {
        self.provider.is_backend()
    }

    async fn probe(&self) -> Vec<Check> {
        self.provider.probe().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::gate::{FailureKind, FetchFailure};
    use crate::provider::contract::{context, requests};

    /// Counts how often it is asked, and answers with that number; `down` fails.
    struct Counting(Arc<AtomicUsize>);

    #[async_trait]
    impl Provider for Counting {
        async fn fetch(&self, _: &Context, requests: &[Request], _: &dyn Watch) -> Vec<Reading> {
            let answer = |request: &Request| {
                let count = self.0.fetch_add(1, Ordering::Relaxed);
                let name = request.indicator.clone();
                if request.query == "down" {
                    let failure = FetchFailure {
                        kind: FailureKind::Unavailable,
                        message: "down".to_owned(),
                    };
                    return Reading::new(name, Outcome::Failed(failure));
                }
                Reading::of(name, f64::from(u32::try_from(count).unwrap()))
            };
            requests.iter().map(answer).collect()
        }

        async fn probe(&self) -> Vec<Check> {
            Vec::new()
        }
    }

    struct Nobody;

    impl Watch for Nobody {
        fn answered(&self, _: &Reading) {}
    }

    #[tokio::test]
    async fn what_is_known_is_not_asked_again_and_a_failure_is_not_known() {
        let count = Arc::new(AtomicUsize::new(0));
        let memory = Memory::default();
        let ask = |queries: &'static [&str]| {
            let provider = memory.before(Box::new(Counting(Arc::clone(&count))), None);
            async move {
                let requests: Vec<Request> = queries
                    .iter()
                    .flat_map(|query| requests(&[query]))
                    .collect();
                let readings = provider.fetch(&context(), &requests, &Nobody).await;
                let outcomes = readings.into_iter().map(|reading| reading.outcome);
                outcomes.collect::<Vec<_>>()
            }
        };
        let first = ask(&["a", "down", "b"]).await;
        assert_eq!(count.load(Ordering::Relaxed), 3);
        let second = ask(&["b", "a", "down"]).await;
        assert_eq!(count.load(Ordering::Relaxed), 4);
        assert_eq!(
            second,
            [first[2].clone(), first[0].clone(), first[1].clone()]
        );
        ask(&["c", "a"]).await;
        assert_eq!(count.load(Ordering::Relaxed), 5);
    }
}
