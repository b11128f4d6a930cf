//! The outermost part of the server: connections, one line of log for each request, and answers that are always JSON.

mod connections;
mod path;
mod patient;
mod reception;
mod words;

pub use connections::{Listening, accept};
pub use reception::Reception;
