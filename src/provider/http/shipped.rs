//! The definitions that come with the program.

/// A definition that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// Its name: what `type` says.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
}

/// Every definition that comes with the program, by name.
pub const SHIPPED: [Shipped; 20] = [
    Shipped {
        name: "azure-monitor",
        text: include_str!("../../../sli-providers/azure-monitor.yaml"),
    },
    Shipped {
        name: "cloudwatch",
        text: include_str!("../../../sli-providers/cloudwatch.yaml"),
    },
    Shipped {
        name: "elasticsearch",
        text: include_str!("../../../sli-providers/elasticsearch.yaml"),
    },
    Shipped {
        name: "google-cloud-monitoring",
        text: include_str!("../../../sli-providers/google-cloud-monitoring.yaml"),
    },
    Shipped {
        name: "grafana",
        text: include_str!("../../../sli-providers/grafana.yaml"),
    },
    Shipped {
        name: "graphite",
        text: include_str!("../../../sli-providers/graphite.yaml"),
    },
    Shipped {
        name: "honeycomb",
        text: include_str!("../../../sli-providers/honeycomb.yaml"),
    },
    Shipped {
        name: "influxdb1",
        text: include_str!("../../../sli-providers/influxdb1.yaml"),
    },
    Shipped {
        name: "influxdb2",
        text: include_str!("../../../sli-providers/influxdb2.yaml"),
    },
    Shipped {
        name: "loki",
        text: include_str!("../../../sli-providers/loki.yaml"),
    },
    Shipped {
        name: "mimir",
        text: include_str!("../../../sli-providers/mimir.yaml"),
    },
    Shipped {
        name: "newrelic",
        text: include_str!("../../../sli-providers/newrelic.yaml"),
    },
    Shipped {
        name: "opensearch",
        text: include_str!("../../../sli-providers/opensearch.yaml"),
    },
    Shipped {
        name: "sentry",
        text: include_str!("../../../sli-providers/sentry.yaml"),
    },
    Shipped {
        name: "signoz",
        text: include_str!("../../../sli-providers/signoz.yaml"),
    },
    Shipped {
        name: "sonarqube",
        text: include_str!("../../../sli-providers/sonarqube.yaml"),
    },
    Shipped {
        name: "splunk",
        text: include_str!("../../../sli-providers/splunk.yaml"),
    },
    Shipped {
        name: "tempo",
        text: include_str!("../../../sli-providers/tempo.yaml"),
    },
    Shipped {
        name: "thanos",
        text: include_str!("../../../sli-providers/thanos.yaml"),
    },
    Shipped {
        name: "victoriametrics",
        text: include_str!("../../../sli-providers/victoriametrics.yaml"),
    },
];
