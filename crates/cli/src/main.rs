//! The groundwork command line.
fn main() {}
