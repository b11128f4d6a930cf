//! The program as its users run it, and the library as others use it.

mod conformance;
