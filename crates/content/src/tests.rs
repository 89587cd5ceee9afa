//! Reading: what waits, counts and is void, whatever the order in which things come.

mod ends;
mod forks;
mod history;
mod hostile;
mod items;
mod lost;
mod node;
mod own;
mod restart;
mod slices;
mod stamps;
mod told;
mod version;
mod waits;
mod words;
mod world;
