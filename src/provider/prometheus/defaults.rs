//! The queries that Keptn's Prometheus service has built in.
//!
//! Two things differ. A filter value with an operator and no quotes gets quotes: Keptn sent invalid PromQL. And where
//! there was traffic but no error, the built-in `error_rate` is 0: the numerator then matches no series at all, and
//! Keptn failed green builds for want of a value. Without any traffic there is still no data.
//! The implicit `job` is kept: without it a Prometheus with many services would yield the sum over all of them, and a
//! number that is silently wrong is worse than none.

use crate::gate::{Context, IndicatorName};

/// Returns the query that is built in for an indicator.
pub(in crate::provider) fn default_query(
    indicator: &IndicatorName,
    context: &Context,
) -> Option<String> {
    let filter = filter(context);
    let seconds = context.window.seconds();
    let rate = |metric: &str, filter: &str| format!("sum(rate({metric}{{{filter}}}[{seconds}s]))");
    let quantile = |share: &str| {
        let buckets = rate("http_response_time_milliseconds_bucket", &filter);
        format!("histogram_quantile({share},{buckets}by(le))")
    };
    match indicator.as_str() {
        "throughput" => Some(rate("http_requests_total", &filter)),
        "error_rate" => {
            let all = rate("http_requests_total", &filter);
            let errors = rate("http_requests_total", &format!("{filter},status!~'2..'"));
            Some(format!("({errors} or {all}*0)/{all}"))
        }
        "response_time_p50" => Some(quantile("0.50")),
        "response_time_p90" => Some(quantile("0.90")),
        "response_time_p95" => Some(quantile("0.95")),
        _ => None,
    }
}

/// Returns the matcher that is added where no filter names a job.
pub(super) fn implicit_job(context: &Context) -> Option<String> {
    if context.filters.iter().any(|(key, _)| key == "job") {
        return None;
    }
    let series = &context.series;
    let job = format!(
        "{}-{}-{}-canary",
        series.service, series.project, series.stage
    );
    Some(format!("job={}", quoted(&job)))
}

/// Returns the matchers of all filters, in the order of the file.
fn filter(context: &Context) -> String {
    let filters = context
        .filters
        .iter()
        .map(|(key, value)| matcher(key, value));
    let matchers: Vec<_> = implicit_job(context).into_iter().chain(filters).collect();
    matchers.join(",")
}

/// Returns one matcher. A value may bring its operator along.
fn matcher(key: &str, value: &str) -> String {
    let operator = ["=~", "!~", "!=", "="]
        .into_iter()
        .find(|operator| value.starts_with(operator));
    let Some(operator) = operator else {
        return format!("{key}='{}'", value.replace(['\'', '"'], ""));
    };
    let operand = value.strip_prefix(operator).unwrap_or(value);
    if operand.trim_start().starts_with(['\'', '"', '`']) {
        return format!("{key}{operator}{}", operand.replace('"', "'"));
    }
    format!("{key}{operator}{}", quoted(operand.trim()))
}

/// Returns text as a string of PromQL.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('\n', "\\n");
    format!("'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::contract::context;

    fn with(filters: &[(&str, &str)]) -> Context {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Context {
            filters: filters.iter().map(owned).collect(),
            ..context()
        }
    }

    fn built_in(indicator: &str) -> Option<String> {
        default_query(&IndicatorName::new(indicator).unwrap(), &context())
    }

    #[test]
    fn filters_are_rendered_as_in_keptn() {
        for (filters, rendered) in [
            (&[][..], "job='carts-sockshop-dev-canary'"),
            (
                &[("handler", "ItemsController")],
                "job='carts-sockshop-dev-canary',handler='ItemsController'",
            ),
            (
                &[("handler", "'ItemsController'")],
                "job='carts-sockshop-dev-canary',handler='ItemsController'",
            ),
            (
                &[("handler", "\"ItemsController\"")],
                "job='carts-sockshop-dev-canary',handler='ItemsController'",
            ),
            (
                &[("handler", "!=\"Health\"")],
                "job='carts-sockshop-dev-canary',handler!='Health'",
            ),
            (
                &[("handler", "=~'a|b'")],
                "job='carts-sockshop-dev-canary',handler=~'a|b'",
            ),
            (
                &[("job", "carts-x"), ("handler", "y")],
                "job='carts-x',handler='y'",
            ),
            (
                &[("Job", "carts-x")],
                "job='carts-sockshop-dev-canary',Job='carts-x'",
            ),
        ] {
            assert_eq!(filter(&with(filters)), rendered);
        }
    }

    #[test]
    fn an_operator_without_quotes_gets_them() {
        for (value, rendered) in [
            ("!=Health", "handler!='Health'"),
            ("=~.+Items|.+Version", "handler=~'.+Items|.+Version'"),
            ("!~ a\\.b", "handler!~'a\\\\.b'"),
            ("=it's", "handler='it\\'s'"),
        ] {
            assert_eq!(matcher("handler", value), rendered);
        }
    }

    #[test]
    fn the_built_in_queries_are_those_of_keptn() {
        insta::assert_snapshot!(built_in("throughput").unwrap(), @"sum(rate(http_requests_total{job='carts-sockshop-dev-canary'}[600s]))");
        insta::assert_snapshot!(built_in("error_rate").unwrap(), @"(sum(rate(http_requests_total{job='carts-sockshop-dev-canary',status!~'2..'}[600s])) or sum(rate(http_requests_total{job='carts-sockshop-dev-canary'}[600s]))*0)/sum(rate(http_requests_total{job='carts-sockshop-dev-canary'}[600s]))");
        insta::assert_snapshot!(built_in("response_time_p50").unwrap(), @"histogram_quantile(0.50,sum(rate(http_response_time_milliseconds_bucket{job='carts-sockshop-dev-canary'}[600s]))by(le))");
        insta::assert_snapshot!(built_in("response_time_p90").unwrap(), @"histogram_quantile(0.90,sum(rate(http_response_time_milliseconds_bucket{job='carts-sockshop-dev-canary'}[600s]))by(le))");
        insta::assert_snapshot!(built_in("response_time_p95").unwrap(), @"histogram_quantile(0.95,sum(rate(http_response_time_milliseconds_bucket{job='carts-sockshop-dev-canary'}[600s]))by(le))");
        assert_eq!(built_in("response_time_p99"), None);
    }
}
