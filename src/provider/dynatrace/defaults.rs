//! The queries that Keptn's Dynatrace service has built in: used only where no file defines any
//! indicator for this provider. Times are in µs and rates in per cent, as Dynatrace has them; `throughput` is the number
//! of requests in the window.

use crate::gate::{Context, Escape, IndicatorName};

/// Returns the query that is built in for an indicator.
pub(super) fn default_query(indicator: &IndicatorName, context: &Context) -> Option<String> {
    let (metric, aggregation) = match indicator.as_str() {
        "throughput" => ("builtin:service.requestCount.total", "sum"),
        "error_rate" => ("builtin:service.errors.total.rate", "avg"),
        "response_time_p50" => ("builtin:service.response.time", "percentile(50)"),
        "response_time_p90" => ("builtin:service.response.time", "percentile(90)"),
        "response_time_p95" => ("builtin:service.response.time", "percentile(95)"),
        _ => return None,
    };
    let series = &context.series;
    let tags = [
        ("project", series.project.as_str()),
        ("stage", series.stage.as_str()),
        ("service", series.service.as_str()),
        ("deployment", context.deployment()),
    ];
    let tags: Option<Vec<String>> = tags
        .into_iter()
        .map(|(name, value)| tag(name, value))
        .collect();
    let entities = tags?.join(",");
    Some(format!(
        "metricSelector={metric}:merge(\"dt.entity.service\"):{aggregation}&entitySelector=type(SERVICE),{entities}"
    ))
}

/// Returns the condition on one of Keptn's tags; in quotes where the value needs them. An `&` would end the selector,
/// and there is no way to write it.
fn tag(name: &str, value: &str) -> Option<String> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if value.chars().all(is_plain) {
        return Some(format!("tag(keptn_{name}:{value})"));
    }
    let escaped = Escape::Dynatrace.apply(value).ok()?;
    (!escaped.contains('&')).then(|| format!("tag(\"keptn_{name}:{escaped}\")"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::contract::context;

    fn built_in(name: &str, context: &Context) -> Option<String> {
        default_query(&IndicatorName::new(name).unwrap(), context)
    }

    #[test]
    fn the_built_in_queries_are_those_of_keptn() {
        let query = |name| built_in(name, &context()).unwrap();
        insta::assert_snapshot!(query("throughput"), @r#"metricSelector=builtin:service.requestCount.total:merge("dt.entity.service"):sum&entitySelector=type(SERVICE),tag(keptn_project:sockshop),tag(keptn_stage:dev),tag(keptn_service:carts),tag(keptn_deployment:primary)"#);
        insta::assert_snapshot!(query("error_rate"), @r#"metricSelector=builtin:service.errors.total.rate:merge("dt.entity.service"):avg&entitySelector=type(SERVICE),tag(keptn_project:sockshop),tag(keptn_stage:dev),tag(keptn_service:carts),tag(keptn_deployment:primary)"#);
        insta::assert_snapshot!(query("response_time_p95"), @r#"metricSelector=builtin:service.response.time:merge("dt.entity.service"):percentile(95)&entitySelector=type(SERVICE),tag(keptn_project:sockshop),tag(keptn_stage:dev),tag(keptn_service:carts),tag(keptn_deployment:primary)"#);
        for (name, part) in [
            ("response_time_p50", "percentile(50)"),
            ("response_time_p90", "percentile(90)"),
        ] {
            assert!(query(name).contains(part));
        }
        assert_eq!(built_in("response_time_p99", &context()), None);
    }

    #[test]
    fn a_name_that_could_end_a_tag_is_quoted() {
        let mut odd = context();
        odd.deployment = Some("a),tag(\"b".to_owned());
        let query = built_in("throughput", &odd).unwrap();
        assert!(
            query.ends_with(r#",tag("keptn_deployment:a),tag(~"b")"#),
            "{query}"
        );
        odd.deployment = Some("a&mzSelector=b".to_owned());
        assert_eq!(built_in("throughput", &odd), None);
    }
}
