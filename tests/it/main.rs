//! The program as its users run it: a folder with files, a command line, and then streams and an exit code.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "these tests write files, start processes, and look at what they leave behind"
)]

mod architecture;
mod concurrency;
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
