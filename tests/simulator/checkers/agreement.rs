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

/// Equal fingerprints and feeds that differ would mean that one of them is blind. All show the same
/// posts, and in one order but for those that some node's clock had in doubt when they came: these
/// stand elsewhere there.
pub(crate) fn same_feeds(feeds: &[Vec<FeedRow>]) -> Result<(), String> {
    let shown =
        |row: &FeedRow| format!("{} {} {} {}", row.id, row.text, row.author.name, row.state);
    let doubtful: BTreeSet<_> =
        feeds.iter().flatten().filter(|row| row.doubtful).map(|row| row.id.as_str()).collect();
    let is_sure = |row: &&FeedRow| !doubtful.contains(row.id.as_str());
    let in_order = |rows: &Vec<FeedRow>| rows.iter().filter(is_sure).map(shown).collect();
    let ordered: BTreeSet<Vec<_>> = feeds.iter().map(in_order).collect();
    let whole = |rows: &Vec<FeedRow>| {
        let mut rows: Vec<_> = rows.iter().map(shown).collect();
        rows.sort_unstable();
        rows
    };
    let whole: BTreeSet<_> = feeds.iter().map(whole).collect();
    match (whole.len(), ordered.len()) {
        (1, 1) => Ok(()),
        (1, _) => Err(format!("equal fingerprints, and feeds in other orders: {ordered:#?}")),
        _ => Err(format!("equal fingerprints, and feeds that differ: {whole:#?}")),
    }
}
