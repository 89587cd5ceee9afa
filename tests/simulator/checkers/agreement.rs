//! Once healed, everybody is in and shows the same.

use std::collections::BTreeSet;

use api::FeedRow;

/// What one node says of one space.
#[derive(Debug)]
pub(crate) struct View {
    /// Whether its person is in.
    pub(crate) is_in: bool,
    /// The hashes of what counts; none if the node is off or blind.
    pub(crate) fingerprint: Option<String>,
}

/// Whether everybody is in, and what counts is the same everywhere.
pub(crate) fn is_reached(views: &[View]) -> bool {
    let all_in = views.iter().all(|view| view.is_in);
    let prints: BTreeSet<_> = views.iter().map(|view| view.fingerprint.as_ref()).collect();
    all_in && prints.len() == 1 && prints.iter().all(Option::is_some)
}

/// Equal fingerprints and feeds that differ would mean that one of them is blind.
pub(crate) fn same_feeds(feeds: &[Vec<FeedRow>]) -> Result<(), String> {
    let shown =
        |row: &FeedRow| format!("{} {} {} {}", row.id, row.text, row.author.name, row.state);
    let feeds: BTreeSet<Vec<_>> =
        feeds.iter().map(|rows| rows.iter().map(shown).collect()).collect();
    match feeds.len() {
        1 => Ok(()),
        _ => Err(format!("equal fingerprints, and feeds that differ: {feeds:#?}")),
    }
}
