//! The scenarios S1 to S39 and the defects D1 to D17 of controlplane.md, one test each.

#[cfg(test)]
mod world;

#[cfg(test)]
mod delivering;
