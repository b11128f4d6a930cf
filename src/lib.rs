//! tidegate: a quality gate. Decides whether a release may go on.
//!
//! Three modules are a library for others: [`gate`] and [`sequence`], the rules, and [`spec`], the files. The rest serves the program.
//!
//! ```text
//! outer   cli  server                      argv or HTTP in; words and codes out; the only builders of adapters
//!   |     app                              use cases: the order of steps, nothing else
//!   |     config  report  spec             configuration; results -> bytes; files -> values of the gate
//!   |     provider  eventlog  executor     ports (traits), their adapters beside them
//!   |     control                          the API of a Keptn
//!   |     net  process                     one HTTP client, one way to start programs
//! inner   gate  sequence                   the rules: pure functions. No I/O, no clock, no async, no logging
//! ```
//!
//! Names point inward only; `tests/it/architecture.rs` holds the table and fails on a name that breaks it.
//!
//! Where does a thing go? A noun or a rule about readings, criteria and scores: `gate`. A file format: `spec`. What
//! needs a socket, a file or a process: `provider`, `eventlog`, `net`. A sequence of steps: `app`. What the user types or
//! reads: `cli`, `report`. Where two fit, the inner one wins.
//!
//! `tidegate evaluate` in one straight line:
//!
//! ```text
//! argv -> cli::args -> cli::command + config -> app::prepare
//!           spec::load       files -> Slo, Sli           every problem at once, with line and column
//!           gate::plan       Slo + Sli -> queries        pure: a dry run ends here
//!      -> app::evaluate
//!           eventlog         earlier evaluations   |  at the same time
//!           app::measure     queries -> Readings   |  a failed query is a Reading
//!           gate::evaluate   Slo + Readings + Baseline -> Evaluation    pure and total
//!           eventlog.append  durable before anything is said
//!      -> report::write      Record -> bytes
//!      -> cli::exit          verdict or failure -> exit code
//! ```
//!
//! `history`, `show`, `events`, `log copy`, `import`, `invalidate`, `pin` and `unpin` work on the log alone
//! (`app::{chronicle, recall, copy, import, prune, steer}`); `show` turns a stored event back into a record and reports it
//! like a live one. The other commands take parts of `evaluate`: `query` asks and judges nothing (`app::survey`); `doctor`
//! has every provider and the log try whether they can be used (`app::examine`, `Provider::probe`); `plugin` tries out a
//! program that wants to be a provider; `providers`, `schema` and `init` ask nobody.
//!
//! `tidegate run` and `tidegate serve` conduct sequences (`app::conductor`): one engine (`sequence::Engine`) that decides, one
//! journal that keeps, and executors that carry out tasks. `trigger`, `get` and their like speak to a control plane (`control`).
//!
//! A provider is built in (a folder of `provider`), or declared: a file of `sli-providers` that `provider::http` carries
//! out, or a program that `provider::exec` runs.
//!
//! Words, one for each thing: an *objective* judges an *indicator* (SLI) by *criteria*; a *reading* is what a *provider*
//! answered to a *query*; a *definition* declares a provider in YAML; a *check* is one thing that a provider tried of
//! itself; the *baseline* is what earlier evaluations come to; an *evaluation* has a *score* and a *verdict*; its *record*
//! is what is reported and stored. *Steering* is what users say of stored evaluations: whether they count, and which one is
//! the *reference*.

mod app;
mod cli;
mod config;
mod control;
pub mod eventlog;
mod executor;
pub mod gate;
mod net;
mod process;
mod provider;
mod report;
pub mod sequence;
mod server;
pub mod spec;

/// What `benches/history` measures: the reads behind a baseline.
#[doc(hidden)]
pub use app::{History, HistoryError, Wanted, baseline};
#[cfg(fuzzing)]
pub use control::events_of_export;
#[cfg(fuzzing)]
pub use provider::{ask_document, read_as_everything, read_results};

pub use cli::run;
