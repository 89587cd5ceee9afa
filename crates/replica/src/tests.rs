//! What is taken and refused, served again, and there after a restart.

mod branches;
mod forks;
mod newer;
mod runs;
mod store_fails;
mod take;
mod world;
