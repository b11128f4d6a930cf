//! Tests of declared HTTP backends as a whole: definitions as they are written, against servers that behave as the
//! vendors document it.

#![expect(clippy::float_cmp, reason = "the numbers of the answers are exact")]

mod bad_servers;
mod engine;
mod examples;
mod harness;
mod real_servers;
mod secrets;
mod vendors;

use harness::{
    SECRET, ask, assert_no_secret, complaints, configured, failure, nothing, read, try_ask, value,
    world,
};
