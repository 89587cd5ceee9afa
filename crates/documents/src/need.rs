//! Needs: what somebody is short of (DESIGN 7). Never who they are and where they live: that is
//! sealed, and not in the document.

use ledger::{
    ItemId,
    content_items::{Edit, Schema},
};
use minicbor::{Decode, Encode};

use crate::{
    document::Document,
    fields::{FieldError, Writer, conflicts, full_line, line, one_of},
    limits::{LINE_BYTES_MAX, QUANTITY_MAX, SHORT_BYTES_MAX},
};

/// What a need's status can be.
pub const STATUSES: &[&str] = &["draft", OPEN, "paused", "closed"];

/// The status in which a need can be claimed, and that of a new one.
pub const OPEN: &str = "open";

const WHAT: &str = "what";
const CATEGORY: &str = "category";
const QUANTITY: &str = "quantity";
const UNIT: &str = "unit";
const NEED_BY: &str = "need_by";
const AREA: &str = "area";
const NEAR: &str = "near";
const LANGUAGES: &str = "languages";
const STATUS: &str = "status";
const REASON: &str = "reason";
const LIST: &str = "list";

/// What to write into a need: none leaves a field as it is; an empty text, a zero or an inner
/// `None` clears it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// What is needed: one line of at most [`LINE_BYTES_MAX`] bytes, never cleared.
    pub what: Option<String>,
    /// Of which kind it is, in words of the space's own.
    pub category: Option<String>,
    /// How many units, at most [`QUANTITY_MAX`].
    pub quantity: Option<u64>,
    /// What is counted, like `bags`.
    pub unit: Option<String>,
    /// By when, in the space's zone: a date, or a date and time.
    pub need_by: Option<String>,
    /// In which part of town, never an address.
    pub area: Option<String>,
    /// Near what, as one says it on the way; never an address.
    pub near: Option<String>,
    /// BCP 47 tags of the languages spoken.
    pub languages: Option<Vec<String>>,
    /// One of [`STATUSES`].
    pub status: Option<String>,
    /// Why the status is what it is, as for a need that was closed.
    pub reason: Option<String>,
    /// The aid list that it stands on, by its document.
    pub list: Option<Option<ItemId>>,
}

/// A need as it is shown. What is missing or of another type is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct NeedView {
    /// What is needed, in one line.
    #[n(0)]
    pub what: String,
    /// The kind of thing, as food or a lift.
    #[n(1)]
    pub category: String,
    /// How many units; none where nobody said.
    #[n(2)]
    pub quantity: Option<u64>,
    /// What is counted, like `bags`.
    #[n(3)]
    pub unit: String,
    /// By when, in the space's zone: a date, or a date and time.
    #[n(4)]
    pub need_by: String,
    /// In which part of town.
    #[n(5)]
    pub area: String,
    /// Near what, as one says it on the way.
    #[n(6)]
    pub near: String,
    /// BCP 47 tags of the languages spoken.
    #[n(7)]
    pub languages: Vec<String>,
    /// One of [`STATUSES`], or from a newer version.
    #[n(8)]
    pub status: String,
    /// Why the status is what it is.
    #[n(9)]
    pub reason: String,
    /// The aid list that it stands on, by its document; none where it stands on none.
    #[n(10)]
    pub list: Option<ItemId>,
    /// The fields that were changed by several people at once, and not settled since.
    #[n(11)]
    pub conflicts: Vec<String>,
}

/// The edit that makes a need: open, unless `details` says otherwise. `details.what` is ignored.
pub fn create(what: &str, details: &Change) -> Result<Edit, FieldError> {
    let mut writer = Writer::create(Schema::Need);
    let status = details.status.clone().unwrap_or_else(|| OPEN.to_owned());
    let what = Some(what.to_owned());
    write(&mut writer, &Change { what, status: Some(status), ..details.clone() })?;
    writer.finish()
}

/// The edit that changes one; an error where nothing would differ.
pub fn change(document: &Document, change: &Change) -> Result<Edit, FieldError> {
    let mut writer = Writer::change(document);
    write(&mut writer, change)?;
    writer.finish()
}

fn write(writer: &mut Writer<'_>, change: &Change) -> Result<(), FieldError> {
    if let Some(what) = &change.what {
        writer.text(WHAT, full_line(WHAT, what, LINE_BYTES_MAX)?)?;
    }
    let lines = [
        (CATEGORY, &change.category, SHORT_BYTES_MAX),
        (UNIT, &change.unit, SHORT_BYTES_MAX),
        (AREA, &change.area, SHORT_BYTES_MAX),
        (NEAR, &change.near, LINE_BYTES_MAX),
        (REASON, &change.reason, LINE_BYTES_MAX),
    ];
    for (field, value, max) in lines {
        if let Some(value) = value {
            writer.text(field, line(field, value, max)?)?;
        }
    }
    if let Some(quantity) = change.quantity {
        let past = FieldError::Range { field: QUANTITY, max: QUANTITY_MAX };
        let fits = i64::try_from(quantity).ok().filter(|_| quantity <= QUANTITY_MAX);
        let quantity = fits.ok_or(past)?;
        writer.int(QUANTITY, (quantity > 0).then_some(quantity))?;
    }
    if let Some(need_by) = &change.need_by {
        let need_by = need_by.trim();
        if !need_by.is_empty() && !is_civil_time(need_by) {
            return Err(FieldError::NotADate { value: need_by.to_owned() });
        }
        writer.text(NEED_BY, need_by.to_owned())?;
    }
    if let Some(languages) = &change.languages {
        writer.lines(LANGUAGES, languages, ledger::limits::TAG_BYTES_MAX)?;
    }
    if let Some(status) = &change.status {
        writer.text(STATUS, one_of(STATUS, status, STATUSES)?.to_owned())?;
    }
    if let Some(list) = change.list {
        writer.item(LIST, list)?;
    }
    Ok(())
}

/// What a need's document says now.
pub fn view(document: &Document) -> NeedView {
    let text = |field| document.text(field).unwrap_or_default();
    let fields =
        [WHAT, CATEGORY, QUANTITY, UNIT, NEED_BY, AREA, NEAR, LANGUAGES, STATUS, REASON, LIST];
    NeedView {
        what: text(WHAT),
        category: text(CATEGORY),
        quantity: document.int(QUANTITY).and_then(|quantity| u64::try_from(quantity).ok()),
        unit: text(UNIT),
        need_by: text(NEED_BY),
        area: text(AREA),
        near: text(NEAR),
        languages: document.lines(LANGUAGES),
        status: text(STATUS),
        reason: text(REASON),
        list: document.item(LIST),
        conflicts: conflicts(document, &fields),
    }
}

/// Whether a text is `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM`, and a day that the calendar has.
fn is_civil_time(text: &str) -> bool {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let number = |text: &str, digits: usize| {
        let all = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        all.then(|| text.parse::<u32>().ok()).flatten()
    };
    let day_exists = || {
        let mut parts = date.splitn(3, '-');
        let year = number(parts.next()?, 4)?;
        let month = number(parts.next()?, 2)?;
        let day = number(parts.next()?, 2)?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        Some((1..=days).contains(&day))
    };
    let minute_exists = |time: &str| {
        let (hour, minute) = time.split_once(':')?;
        Some(number(hour, 2)? < 24 && number(minute, 2)? < 60)
    };
    day_exists() == Some(true) && time.is_none_or(|time| minute_exists(time) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_times_are_days_that_exist() {
        for good in ["2026-12-31", "2028-02-29", "2000-02-29T00:00", "2026-01-01T23:59"] {
            assert!(is_civil_time(good), "{good}");
        }
        for bad in [
            "",
            "2026-13-01",
            "2026-00-10",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-1-1",
            "+026-01-01",
            "2026-01-01T24:00",
            "2026-01-01T10:60",
            "2026-01-01T",
            "2026-01-01 10:00",
            "2026-01-01T10:00Z",
            "2026-01-01-01",
            "2026-01-1é",
        ] {
            assert!(!is_civil_time(bad), "{bad}");
        }
    }
}
