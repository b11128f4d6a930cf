//! What criterion measured: its folder of estimates, one file of it, the messages of cargo-criterion, and the lines that
//! libtest prints. Times are in nanoseconds an iteration; a change is a ratio, 0.05 for 5 % slower.

mod bencher;
mod estimates;
mod folder;
mod messages;

pub(super) use bencher::read as read_bencher;
pub(super) use estimates::read as read_estimates;
pub(super) use folder::read as read_folder;
pub(super) use messages::read as read_messages;
