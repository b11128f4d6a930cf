//! Several processes, and how they end: crowded, killed, out of space, without permission.
//!
//! A child is this test binary again, told by environment variables to be one ([`child`]). Where a log is, and what
//! leads to it, is a [`home::Home`]; those on servers start a real one ([`servers`]). Nothing here waits for luck: where
//! a moment is drawn by lot, every moment is a good one.
#![expect(
    clippy::disallowed_methods,
    reason = "tests: a child learns from its environment what it is to do; folders get other permissions"
)]

mod child;
mod crowd;
#[cfg(unix)]
mod full_disk;
mod home;
#[cfg(unix)]
mod killed_server;
mod killed_writer;
#[cfg(unix)]
mod permissions;
#[cfg(unix)]
mod servers;
mod upgrade;
