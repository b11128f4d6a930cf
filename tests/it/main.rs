//! The program as its users run it, and the library as others use it: a folder with files, a command line, and then
//! streams and an exit code.

#![cfg(test)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and owns the files it touches"
)]

mod architecture;
mod concurrency;
mod conformance;
mod exit_codes;
mod harness;
mod help;
mod help_texts;
mod init;
mod keptn_event;
mod prometheus;
mod schema;
mod scoring;
mod secrets;
mod settings;
mod terminal;

/// Servers for the program to talk to.
mod support {
    pub(crate) mod misbehaving;
    pub(crate) mod prometheus;
}
