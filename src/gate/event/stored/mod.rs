//! Stored evaluations, read back as the records that they were made from: our own to the last bit, those of Keptn as far
//! as their events tell. What an event does not tell stays unknown.

mod derived;
mod evaluation;
#[cfg(test)]
mod keptn_tests;
mod member;
mod objective;
mod readings;
mod record;
#[cfg(test)]
mod record_tests;

pub use member::RecordError;
pub use record::decode_record;
