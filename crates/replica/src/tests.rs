//! What is taken and refused, served again, and there after a restart.

mod newer;
mod runs;
mod store_fails;
mod take;
mod world;
