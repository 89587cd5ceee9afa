//! A node: the engine on its thread, the flusher on another, and around them the network, the
//! local API and the configuration.
//!
//! [`Client`] asks: the running node over its socket, or the home in this process, with the same
//! engine, disk and gate, and a network only where the question is about others.

mod api_server;
mod client;
mod clock;
pub mod config;
mod dumps;
mod home;
mod paths;
mod running;
mod runtime_directory;
mod up;

pub use client::Client;
pub use config::{Config, Overrides};
pub use home::Home;
pub use up::{UpOptions, up};
