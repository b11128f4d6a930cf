//! One page that holds a whole evaluation, for browsers, printers, and mail.
//!
//! Three layers, each of which may be missing: HTML that reads in order without any style, one style sheet, and one small
//! script. The page asks for nothing: no address outside of it is ever loaded, and its own policy forbids it.

mod arithmetic;
mod banner;
mod card;
mod chart;
mod comparison;
mod facts;
mod heatmap;
mod limit;
mod link;
mod markup;
mod missed;
mod notes;
mod objectives;
mod page;
#[cfg(test)]
mod page_tests;
mod quantity;
mod reading;
mod runs;
mod scale;
#[cfg(test)]
mod showcase;
mod source;
mod spark;
#[cfg(test)]
mod style_tests;
mod tone;
mod trace;
mod unjudged;

pub(super) use page::write;
pub(super) use unjudged::write as write_unjudged;
