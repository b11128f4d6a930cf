//! Files into values of the gate, with every problem of every file at once.
