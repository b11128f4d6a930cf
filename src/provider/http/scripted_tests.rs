//! Tests against a server that does what the test says.
