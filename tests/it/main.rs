//! The program as its users run it, and the library as others use it: a folder with files, a command line, and then
//! streams and an exit code.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test owns the files that it touches and the processes that it starts"
)]

mod architecture;
mod bad_input;
mod baseline;
mod ci_init;
mod ci_systems;
mod client;
mod client_connection;
mod client_served;
mod completions;
mod concurrency;
mod conformance;
mod container_recipes;
mod delay;
mod doctor;
mod documented_tests;
mod events;
mod examples;
mod exit_codes;
mod harness;
mod help;
mod help_texts;
mod history;
mod html_report;
mod import;
mod init;
mod inspect;
mod jenkins;
mod keptn_event;
mod manual;
mod mark;
mod migrate;
mod notifications;
mod path_plugins;
mod pictures;
mod plugin_help;
mod plugins;
mod prometheus;
mod providers;
mod query;
mod readme;
mod recipes;
mod report;
mod report_formats;
mod report_readers;
mod reports;
mod result_files;
mod run;
mod schema;
mod scoring;
mod secrets;
mod serve;
mod serve_delivery;
mod serve_document;
mod serve_example;
#[cfg(unix)]
mod serve_stop;
#[cfg(unix)]
mod serve_upstream;
mod serve_webhook;
mod settings;
mod shared_log;
mod sources;
mod stored;
mod terminal;
mod transcript;
mod vendors;
mod wait_for_data;
mod watch;

/// Servers for the program to talk to.
mod support {
    #[cfg(unix)]
    pub(crate) mod git_server;
    #[expect(dead_code, reason = "the library's own tests include this file, too")]
    pub(crate) mod keptn;
    pub(crate) mod misbehaving;
    #[expect(dead_code, reason = "the library's own tests include this file, too")]
    pub(crate) mod nats;
    #[expect(dead_code, reason = "the library's own tests include this file, too")]
    pub(crate) mod object_stores;
    #[cfg(unix)]
    #[expect(dead_code, reason = "the library's own tests include this file, too")]
    pub(crate) mod postgres;
    #[expect(dead_code, reason = "the library's own tests include this file, too")]
    pub(crate) mod prometheus;
    pub(crate) mod served;
}
