//! SLI providers: a batch of requests in, one reading a request out, in the same order.
//!
//! The contract. A provider returns numbers. It does not judge, format, or read the environment; it never fails as
//! a whole: whatever goes wrong is a [`Reading`] whose outcome is [`Outcome::Failed`](crate::gate::Outcome), with a
//! kind, a message without secrets, the resolved query and the endpoint. A NaN is "no data". Retries, timeouts and
//! limits are those of `net`. At most as many requests are under way at once as the provider's settings allow.

#[cfg(test)]
mod contract;
#[expect(dead_code, reason = "no provider asks the readers yet")]
mod files;
mod prometheus;
mod settings;

use async_trait::async_trait;

use crate::gate::{Context, IndicatorName, Reading};

pub use crate::net::{
    Auth, ConnectionSettings, HeaderText, RetrySettings, Secret, TlsSettings, UrlError,
};
pub use prometheus::{PrometheusSettings, QueryParameter};
pub use settings::{OpenError, ProviderKind, ProviderSettings, default_query, open};

/// One question to a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The indicator that is asked for.
    pub indicator: IndicatorName,
    /// The query, every placeholder filled.
    pub query: String,
    /// The unit that the SLI file states; copied into the reading.
    pub unit: Option<String>,
}

/// Hears of each reading as it arrives. Cosmetic: nothing depends on it.
pub trait Watch: Send + Sync {
    /// One reading is there.
    fn answered(&self, reading: &Reading);
}

/// Fetches indicators from one backend.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Answers every request, in the order of the requests.
    async fn fetch(
        &self,
        context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading>;
}
