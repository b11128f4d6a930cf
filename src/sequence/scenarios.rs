//! The scenarios S1 to S39 and the defects D1 to D17 of controlplane.md, one test each.

#[cfg(test)]
mod world;

#[cfg(test)]
mod answering;
#[cfg(test)]
mod defects;
#[cfg(test)]
mod delivering;
#[cfg(test)]
mod following;
#[cfg(test)]
mod queueing;
#[cfg(test)]
mod steering;
