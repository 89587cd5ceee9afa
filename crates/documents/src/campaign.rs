//! Campaigns: what a collective wants to win, and whether it has (DESIGN 7).

use ledger::content_items::{Edit, Schema};
use minicbor::{Decode, Encode};

use crate::{
    document::Document,
    fields::{FieldError, Writer, conflicts, full_line, line, one_of},
    limits::{LINE_BYTES_MAX, SHORT_BYTES_MAX},
};

/// What a campaign's status can be.
pub const STATUSES: &[&str] = &["draft", "active", "paused", "won", "partly-won", "lost", "ended"];

/// The status of a new campaign.
const NEW_STATUS: &str = "active";

const TITLE: &str = "title";
const GOAL: &str = "goal";
const PLACE: &str = "place";
const TARGETS: &str = "targets";
const STATUS: &str = "status";
const LEARNED: &str = "learned";

/// What to change in a campaign: none leaves a field as it is, and an empty text clears it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// What it is called: one line of at most [`SHORT_BYTES_MAX`] bytes, never cleared.
    pub title: Option<String>,
    /// What is to be won, in as many lines as it takes; merged with what others write at once.
    pub goal: Option<String>,
    /// Where it is fought, as a place is called: one line.
    pub place: Option<String>,
    /// Of whom it is demanded, replaced together; at most [`crate::limits::LIST_FIELD_MAX`].
    pub targets: Option<Vec<String>>,
    /// One of [`STATUSES`].
    pub status: Option<String>,
    /// What those who fought it would tell the next; merged with what others write at once.
    pub learned: Option<String>,
}

/// A campaign as it is shown. What is missing or of another type is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct CampaignView {
    /// What it is called, in one line.
    #[n(0)]
    pub title: String,
    /// What is to be won; several lines are possible.
    #[n(1)]
    pub goal: String,
    /// Where it is fought, as a place is called.
    #[n(2)]
    pub place: String,
    /// Of whom it is demanded.
    #[n(3)]
    pub targets: Vec<String>,
    /// One of [`STATUSES`], or from a newer version.
    #[n(4)]
    pub status: String,
    /// What those who fought it would tell the next; several lines are possible.
    #[n(5)]
    pub learned: String,
    /// The fields that were changed by several people at once, and not settled since.
    #[n(6)]
    pub conflicts: Vec<String>,
}

/// The edit that makes a campaign, which is active from then on.
pub fn create(title: &str, goal: Option<&str>) -> Result<Edit, FieldError> {
    let mut writer = Writer::create(Schema::Campaign);
    writer.text(TITLE, full_line(TITLE, title, SHORT_BYTES_MAX)?)?;
    writer.text(STATUS, NEW_STATUS.to_owned())?;
    writer.shared(GOAL, goal.unwrap_or_default().trim())?;
    writer.finish()
}

/// The edit that changes one; an error where nothing would differ.
pub fn change(document: &Document, change: &Change) -> Result<Edit, FieldError> {
    let mut writer = Writer::change(document);
    if let Some(title) = &change.title {
        writer.text(TITLE, full_line(TITLE, title, SHORT_BYTES_MAX)?)?;
    }
    if let Some(goal) = &change.goal {
        writer.shared(GOAL, goal.trim())?;
    }
    if let Some(place) = &change.place {
        writer.text(PLACE, line(PLACE, place, LINE_BYTES_MAX)?)?;
    }
    if let Some(targets) = &change.targets {
        writer.lines(TARGETS, targets, SHORT_BYTES_MAX)?;
    }
    if let Some(status) = &change.status {
        writer.text(STATUS, one_of(STATUS, status, STATUSES)?.to_owned())?;
    }
    if let Some(learned) = &change.learned {
        writer.shared(LEARNED, learned.trim())?;
    }
    writer.finish()
}

/// What a campaign's document says now.
pub fn view(document: &Document) -> CampaignView {
    let text = |field| document.text(field).unwrap_or_default();
    CampaignView {
        title: text(TITLE),
        goal: text(GOAL),
        place: text(PLACE),
        targets: document.lines(TARGETS),
        status: text(STATUS),
        learned: text(LEARNED),
        conflicts: conflicts(document, &[TITLE, GOAL, PLACE, TARGETS, STATUS, LEARNED]),
    }
}
