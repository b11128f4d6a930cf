//! Questions to the environment API: metrics, SLOs, problems, user sessions.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::data::{Data, Descriptor, Page};
use super::metrics_query::{INFINITE, MetricsQuery};
use super::query::Ask;
use super::refusal;
use super::sessions::SessionQuery;
use crate::gate::{Context, FailureKind, FetchFailure, Reduce};
use crate::net::{Method, Outgoing, Repeat, percent_encode};
use crate::provider::answered::Found;
use crate::provider::exchange::Exchange;
use crate::provider::measured::Measured;

/// How many pages are followed.
const MOST_PAGES: usize = 20;

/// Where data points are.
const METRICS: &str = "/api/v2/metrics/query";

/// A question to the environment API.
pub(super) struct Question<'q, 'c> {
    /// The requests.
    pub exchange: &'q mut Exchange<'c>,
    /// The window.
    pub context: &'q Context,
    /// What the token must be allowed to do.
    pub scope: &'static str,
}

impl Question<'_, '_> {
    /// Asks.
    pub(super) async fn ask(
        &mut self,
        ask: &Ask,
        reduce: Reduce,
    ) -> Result<Measured, FetchFailure> {
        match ask {
            Ask::Metrics(query) => self.metrics(query, reduce).await,
            Ask::Slo { id } => self.slo(id).await,
            Ask::Problems { problems, entities } => {
                let selectors = [
                    ("problemSelector", problems.as_ref()),
                    ("entitySelector", entities.as_ref()),
                ];
                self.count("/api/v2/problems", &selectors).await
            }
            Ask::SecurityProblems { problems } => {
                let selectors = [("securityProblemSelector", problems.as_ref())];
                self.count("/api/v2/securityProblems", &selectors).await
            }
            Ask::Sessions(query) => self.sessions(query).await,
            Ask::Dql(_) => Err(FetchFailure {
                kind: FailureKind::BadQuery,
                message: "DQL is a matter of the platform, not of the environment API".to_owned(),
            }),
        }
    }

    /// Asks for data points; once more for a single one, where the only series has several.
    async fn metrics(
        &mut self,
        query: &MetricsQuery,
        reduce: Reduce,
    ) -> Result<Measured, FetchFailure> {
        let mut data = self.data(query).await?;
        let mut unit = query.unit().map(str::to_owned);
        let mut remark = None;
        if let (Reduce::Single, Some(count)) = (reduce, data.several_values()) {
            let descriptor = self.descriptor(&query.selector).await?;
            let (folded, how) = folded(query, &descriptor, count)?;
            data = self.data(&folded).await?;
            if let Some(count) = data.several_values() {
                return Err(several_values(
                    count,
                    "say how to make one of them: `reduce: mean`",
                ));
            }
            unit = unit.or(descriptor.unit);
            remark = Some(format!(
                "the answer had {count} values, so it was asked again {how}"
            ));
        }
        let grouped = data.numbers(reduce, query.conversion);
        let has_samples = !matches!(reduce, Reduce::Single);
        let mut warnings = data.warnings;
        warnings.extend(remark);
        warnings.extend(grouped.warnings);
        Ok(Measured {
            found: grouped.found,
            samples: has_samples.then_some(grouped.samples),
            unit,
            warnings,
        })
    }

    /// Asks for all pages of data points.
    async fn data(&mut self, query: &MetricsQuery) -> Result<Data, FetchFailure> {
        let mut outgoing = get(METRICS);
        outgoing.query.extend(self.window());
        push(&mut outgoing, "metricSelector", Some(&query.selector));
        push(&mut outgoing, "entitySelector", query.entities.as_ref());
        push(&mut outgoing, "resolution", query.resolution.as_ref());
        push(&mut outgoing, "mzSelector", query.zones.as_ref());
        let mut data = Data::default();
        for _ in 0..MOST_PAGES {
            let page: Page = self.send(&outgoing).await?;
            let next = page.next.clone().filter(|key| !key.is_empty());
            data.add(page);
            let Some(key) = next else {
                return Ok(data);
            };
            outgoing = get(METRICS);
            push(&mut outgoing, "nextPageKey", Some(&key));
        }
        Err(FetchFailure {
            kind: FailureKind::BadQuery,
            message: format!(
                "the answer has more than {MOST_PAGES} pages; ask for less: aggregate with `:splitBy()`"
            ),
        })
    }

    /// Asks for the definition of a metric.
    async fn descriptor(&mut self, selector: &str) -> Result<Descriptor, FetchFailure> {
        let outgoing = get(&format!("/api/v2/metrics/{}", percent_encode(selector)));
        self.send(&outgoing).await
    }

    /// Asks for the percentage of an SLO.
    async fn slo(&mut self, id: &str) -> Result<Measured, FetchFailure> {
        let mut outgoing = get(&format!("/api/v2/slo/{}", percent_encode(id)));
        outgoing.query.extend(self.window());
        push(&mut outgoing, "timeFrame", Some(&"GTF".to_owned()));
        let answer: Value = self.send(&outgoing).await?;
        let error = answer.get("error").and_then(Value::as_str);
        if let Some(error) = error.filter(|error| *error != "NONE") {
            return Err(FetchFailure {
                kind: FailureKind::BadQuery,
                message: format!("Dynatrace could not evaluate the SLO: {error}; look at it there"),
            });
        }
        let percentage = answer.get("evaluatedPercentage").and_then(Value::as_f64);
        let found = match percentage {
            // Dynatrace has no other word for "no data".
            Some(percentage) if percentage < 0.0 => Found::Nothing(format!(
                "Dynatrace has no data for the SLO: `evaluatedPercentage` is {percentage}"
            )),
            Some(percentage) => Found::number(percentage),
            None => return Err(no_such("an SLO with `evaluatedPercentage`")),
        };
        Ok(Measured {
            unit: Some("%".to_owned()),
            ..Measured::of(found)
        })
    }

    /// Asks how many of something there are; 0 is a number like any other here.
    async fn count(
        &mut self,
        path: &str,
        selectors: &[(&str, Option<&String>)],
    ) -> Result<Measured, FetchFailure> {
        let mut outgoing = get(path);
        outgoing.query.extend(self.window());
        for (name, value) in selectors {
            push(&mut outgoing, name, *value);
        }
        let answer: Value = self.send(&outgoing).await?;
        let total = answer.get("totalCount").and_then(Value::as_f64);
        let count = total.ok_or_else(|| no_such("a list with `totalCount`"))?;
        Ok(Measured::of(Found::number(count)))
    }

    /// Asks a query of user sessions.
    async fn sessions(&mut self, query: &SessionQuery) -> Result<Measured, FetchFailure> {
        let mut outgoing = get("/api/v1/userSessionQueryLanguage/table");
        let [(_, start), (_, end)] = self.window();
        let parameters = [
            ("query", query.query.clone()),
            ("explain", "false".to_owned()),
            ("addDeepLinkFields", "false".to_owned()),
            ("startTimestamp", start),
            ("endTimestamp", end),
        ];
        for (name, value) in &parameters {
            push(&mut outgoing, name, Some(value));
        }
        let answer: Value = self.send(&outgoing).await?;
        let found = query
            .find(&answer)
            .ok_or_else(|| no_such("a table of USQL"))?;
        let level = answer.get("extrapolationLevel").and_then(Value::as_u64);
        let warning = level.filter(|level| *level > 1).map(|level| {
            format!("Dynatrace looked at one of {level} user sessions and extrapolated the rest")
        });
        Ok(Measured {
            warnings: warning.into_iter().collect(),
            ..Measured::of(found)
        })
    }

    /// Sends a request and reads the answer.
    async fn send<T: DeserializeOwned>(&mut self, outgoing: &Outgoing) -> Result<T, FetchFailure> {
        let answer = self.exchange.send(Repeat::Freely, outgoing).await?;
        refusal::understand(&answer, self.scope, self.exchange.redactor())
    }

    /// Returns the window: milliseconds since 1970, of whole seconds, as Keptn asks.
    fn window(&self) -> [(String, String); 2] {
        let window = &self.context.window;
        let text = |seconds: i64| seconds.saturating_mul(1000).to_string();
        [
            ("from".to_owned(), text(window.start().as_second())),
            ("to".to_owned(), text(window.end().as_second())),
        ]
    }
}

/// Starts a request.
fn get(path: &str) -> Outgoing {
    Outgoing::new(Method::GET, path)
}

/// Adds a parameter, where there is one.
fn push(outgoing: &mut Outgoing, name: &str, value: Option<&String>) {
    let parameter = value.map(|value| (name.to_owned(), value.clone()));
    outgoing.query.extend(parameter);
}

/// Returns the query that yields one data point instead of several, and says how it differs.
fn folded(
    query: &MetricsQuery,
    descriptor: &Descriptor,
    count: usize,
) -> Result<(MetricsQuery, &'static str), FetchFailure> {
    if query.resolution.is_none() && descriptor.takes_infinite {
        let resolution = Some(INFINITE.to_owned());
        let folded = MetricsQuery {
            resolution,
            ..query.clone()
        };
        return Ok((folded, "with `resolution=Inf`"));
    }
    let aggregation = descriptor.aggregation.as_ref();
    if aggregation.is_some_and(|aggregation| aggregation.kind == "value") {
        let advice = "the metric can't be folded, because its aggregation is `value`; add one to the selector, such as `:avg`";
        return Err(several_values(count, advice));
    }
    let folded = MetricsQuery {
        selector: format!("({}):fold", query.selector),
        ..query.clone()
    };
    Ok((folded, "with `:fold`"))
}

/// Says that a series has several values.
fn several_values(count: usize, advice: &str) -> FetchFailure {
    FetchFailure {
        kind: FailureKind::BadQuery,
        message: format!(
            "Metrics API v2 returned {count} values but only one is supported; {advice}"
        ),
    }
}

/// Says that an answer is another one than was asked for.
fn no_such(expected: &str) -> FetchFailure {
    FetchFailure {
        kind: FailureKind::BadAnswer,
        message: format!("the answer of Dynatrace is not {expected}; is the URL right?"),
    }
}
