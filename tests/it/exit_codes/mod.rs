//! A test for each row of the table of exit codes. Where there is no verdict, every machine format says so on stdout.

mod backends;
mod configuration;
mod files;
mod outcomes;
mod policies;
mod stopped;
mod unwritable_log;
mod usage;
mod verdicts;
