//! Notifications: what a chat or a program is told of an evaluation. Pure; who is told, and how, is left to `cli`.
//!
//! Text from files and backends is hostile here as everywhere: it can't mention anybody, link anywhere, or break out of
//! its place, and each message stays within the limits of whoever shows it.

mod channel;
mod message;
mod notice;
mod occasion;
mod slack;
mod teams;
#[cfg(test)]
mod tests;
mod webhook;

pub use channel::Channel;
pub use notice::{Notice, What};
pub use occasion::{Occasion, Occasions};
