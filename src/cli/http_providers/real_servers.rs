//! Tests against real servers; they are skipped where there are none.
