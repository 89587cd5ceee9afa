//! What is taken and refused, served again, and there after a restart.

mod branches;
mod forks;
mod lost;
mod newer;
mod runs;
mod store_fails;
mod take;
mod world;
