//! A whole node without clock, disk and network: many spaces, sessions, dialler, limits, the gate.
//!
//! The engine has four doors: [`Engine::new`], [`Engine::handle`], [`Engine::next_effect`] and
//! [`Engine::next_deadline`]. Whoever drives it feeds inputs with the time, carries out effects
//! until there are none, and says [`Input::Tick`] when the deadline has come. Inputs and effects
//! are plain data, time is an argument, randomness is seeded: the same inputs give the same
//! effects, so a run can be kept and replayed.
//!
//! ```text
//! loop {
//!     engine.handle(now(), next input, or Tick at the deadline);
//!     while let Some(effect) = engine.next_effect() { carry it out }
//! }
//! ```

mod announced;
mod ask;
mod asking;
mod config;
mod engine;
mod failures;
mod gate;
mod io;
pub mod limits;
mod links;
mod name;
mod sabotage;
mod space;
mod view;
mod watched;
mod wording;
mod work;

pub use crate::engine::Engine;
pub use config::Config;
pub use content::ROWS_VERSION;
pub use io::{Address, AskId, Effect, Input, Protocol, StreamId};
pub use links::is_local;
#[cfg(feature = "sabotage")]
pub use sabotage::Sabotage;
pub use work::Work;
