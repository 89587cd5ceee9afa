//! What one can ask a node, and what it tells: plain data, the same for the command line, pages
//! and programs outside (CONTRACT).
//!
//! Every field of an [`Answer`] is part of the contract: it only grows. Ids are whole, times are
//! milliseconds since 1970 UTC, and each answer is complete for a screen: names resolved, state,
//! reason, way out, `can` and `why_not`.

mod answer;
mod ask;
mod errors;
mod notice;
mod rows;
mod ticket;

pub use answer::*;
pub use ask::{Ask, Asker, CampaignFields, Command, NeedFields, Page, Query, What};
pub use errors::{ErrorCode, ErrorKind, Failure};
pub use notice::{Event, Notice};
pub use rows::*;
pub use ticket::TicketText;

/// The version of everything here.
pub const VERSION: u32 = 1;
