//! No answer shows a part as the whole: a list that says that nothing is unread has all of it.

use api::SpaceRow;

use super::{
    promises::Lengths,
    shown::{Expected, Members, NO_CLAIM, Said, Seen, Values},
};

/// What one node says of one space, all at one moment.
pub(crate) struct Look<'a> {
    pub(crate) row: &'a SpaceRow,
    pub(crate) seen: &'a Seen,
    /// Whether it says that something of it was read and waits, or was not taken whole.
    pub(crate) waits: bool,
    pub(crate) stored: &'a Lengths,
}

/// Compares lists with what the node has stored and with what they say of themselves: what people
/// said, and where it stands in which log, is known here. Of whose home was copied it is not, for
/// at one place of their log stand two things.
pub(crate) fn is_told(
    look: &Look<'_>,
    said: &[Said],
    me: &Members,
    copied: Option<usize>,
) -> Result<(), String> {
    let is_stored = |said: &Said| {
        copied != Some(said.node)
            && said
                .place
                .is_some_and(|(log, seq)| look.stored.get(&log).is_some_and(|length| *length > seq))
    };
    let expected = Expected::of(said, me, &look.row.space, is_stored);
    let is_missing = |(kind, thing): &(&'static str, String), values: &Values| {
        let (list, unread) = look.seen.list(kind)?;
        let found = look.seen.value(kind, thing);
        // Whether a claim stands as it was said is not asked before the end.
        let is_claim = |value: &String| *kind == "claim" && value != NO_CLAIM;
        let is_there =
            found.as_ref().is_some_and(|value| values.allows(kind, value) || is_claim(value));
        // Both have to say it: the list itself, and the space that it is of.
        let is_told = unread > 0 && look.row.unread > 0;
        let missing = !is_there && !is_told && copied.is_none_or(|node| !values.is_of(node));
        missing.then(|| format!("{kind} {thing} in the {list}, which shows {found:?}"))
    };
    let all = expected.0.iter().filter(|(_, values)| values.answered);
    let missing: Vec<_> = all.filter_map(|(thing, values)| is_missing(thing, values)).collect();
    match missing.first() {
        Some(first) if !look.waits => Err(format!(
            "a part is shown as the whole: {} stored things are not shown, as {first}",
            missing.len()
        )),
        _ => Ok(()),
    }
}
