//! The program as its users run it, and the library as others use it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and owns the files it touches"
)]

mod conformance;
mod examples;
mod readme;
mod transcript;
