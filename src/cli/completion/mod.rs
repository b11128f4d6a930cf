//! What a shell asks while someone types, and the scripts that make it ask.
//!
//! A script calls the program with the words typed so far; the candidates come from the definition of the command line
//! and from the files at hand. Nothing is said on stderr, no network is used, and nothing is written.

mod candidates;
mod live;
mod request;
mod script;

pub use request::answer;
pub use script::script;
