//! Reading: what waits, counts and is void, whatever the order in which things come.

mod history;
mod items;
mod waits;
mod world;
