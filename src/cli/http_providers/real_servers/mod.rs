//! Tests against real servers; each is skipped where its server is not installed.
#![expect(
    clippy::disallowed_methods,
    reason = "starts servers in folders of their own and waits for them by the clock"
)]

mod cloudwatch;
mod graphite;
mod influxdb;
mod opensearch;
mod server;
mod thanos;
mod victoriametrics;

use server::{Server, ask, free_port, is_healthy, is_installed, now, skip, until};
