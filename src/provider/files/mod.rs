//! Results that lie in files: load tests, unit tests, coverage, benchmarks, metrics, JSON, and CSV. No backend is asked.

mod distribution;
mod results;
