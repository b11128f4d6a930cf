//! Any program as a task: `helm`, `kubectl`, `k6`, `argocd`, `terraform`, or a script.
//!
//! It is started without a shell, sees no more of the environment than it is allowed, gets the event on stdin and in a
//! file, and is ended with all that it started when its time is up or the sequence is. What it means is what it prints,
//! if that ends with an answer in JSON, and its exit code; of the two the worse counts.

mod answer;
mod child;
mod command_executor;
mod ears;
mod event_file;
mod object;
mod settings;
#[cfg(test)]
mod tests;
mod traces;
mod variables;

pub use command_executor::CommandExecutor;
pub use settings::CommandSettings;
