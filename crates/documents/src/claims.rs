//! Where a claim of a need stands: what the claimant says of it, and what the poster answers.
//!
//! Claims are a set. Two people who both claim a need while out of reach of each other both have
//! a live claim, and both are told; nobody's claim is lost to somebody else's.

#[cfg(test)]
mod tests;

use ledger::{ItemId, MemberId, Timestamp, content_items::ClaimState};

use crate::words::{Version, shown};

/// What one side said, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said {
    /// Which word it was, and what it replaces.
    pub version: Version,
    /// The state that it gives the claim; none where it undoes.
    pub state: Option<ClaimState>,
}

/// Where a claim stands, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// What shows, of both sides' words.
    pub state: ClaimState,
    /// The rule that it follows from, in a sentence.
    pub rule: &'static str,
}

/// A claim of a need, as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClaimRow {
    /// The claim's id: that of the first word in its slot.
    pub id: ItemId,
    /// The member who claims.
    pub by: MemberId,
    /// Where it stands, by both sides' words.
    pub state: ClaimState,
    /// When it was made, as its author says.
    pub at: Timestamp,
}

/// Where a claim stands by the words of its claimant and the poster's answers to it; none if the
/// claimant has undone it.
///
/// | the poster says | the claim shows |
/// |---|---|
/// | anything, and the claimant released it | released |
/// | declined | declined |
/// | done | done |
/// | disputed | disputed, if the claimant says done; else as the claimant says |
/// | accepted | accepted, if the claimant only offers; else as the claimant says |
/// | nothing | as the claimant says |
pub fn standing(claimant: &[Said], poster: &[Said]) -> Option<Standing> {
    use ClaimState::{Accepted, Declined, Disputed, Done, Offered, Released};
    let claims = last_said(claimant)?;
    let (state, rule) = match (claims, last_said(poster)) {
        (Released, _) => (Released, "whoever claims a need can always give it back"),
        (_, Some(Declined)) => (Declined, "whoever posted the need has declined"),
        (_, Some(Done)) => (Done, "whoever posted the need says it is done"),
        (Done, Some(Disputed)) => (Disputed, "whoever posted the need says it was not done"),
        (Offered, Some(Accepted)) => (Accepted, "whoever posted the need has accepted"),
        (state, _) => (state, "a claim stands as its claimant says"),
    };
    Some(Standing { state, rule })
}

fn last_said(words: &[Said]) -> Option<ClaimState> {
    let versions: Vec<_> = words.iter().map(|said| said.version).collect();
    let last = shown(&versions)?.id;
    words.iter().find(|said| said.version.id == last)?.state
}

/// Whether somebody still stands by the claim: it is neither given back nor declined.
pub fn is_live(state: ClaimState) -> bool {
    !matches!(state, ClaimState::Released | ClaimState::Declined)
}

/// A state's name, as commands and JSON have it.
pub const fn name(state: ClaimState) -> &'static str {
    match state {
        ClaimState::Offered => "offered",
        ClaimState::UnderWay => "under-way",
        ClaimState::Done => "done",
        ClaimState::Released => "released",
        ClaimState::Accepted => "accepted",
        ClaimState::Declined => "declined",
        ClaimState::Disputed => "disputed",
    }
}
