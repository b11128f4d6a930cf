//! The recipes of `docs/ci`: linted with the tools of their systems, and their scripts run as those systems run them.

mod hook;
mod lint;
mod pipeline;
mod script;
mod tools;
mod verdicts;
mod workshop;
