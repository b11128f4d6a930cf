//! One HTTP client for everything that speaks HTTP: timeouts, retries, TLS, size limits, secrets.
