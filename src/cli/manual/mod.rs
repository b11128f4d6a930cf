//! The manual pages: one for each command, from the same definition as the help, and always the same bytes.

mod facts;
mod page;

pub use page::{Page, pages};
