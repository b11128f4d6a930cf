//! Response times as they were counted: any percentile of a run, in bounded memory.

/// How often each response time occurred.
///
/// Times are kept in whole microseconds or coarser, so that the memory does not grow with the number of samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {}
