//! Which words hold, and which of the words in one slot shows (DESIGN 7).
//!
//! A word is judged once, by what it builds on, which every node has before it: so all nodes judge
//! alike and for good. What then shows is a function of the set of words in a slot, in whatever
//! order they came.

#[cfg(test)]
mod tests;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use ledger::{
    DeviceId, ItemId, MemberId, Timestamp,
    content_items::{ClaimState, WordBody},
};
use minicbor::{Decode, Encode};

/// The rule by which a word is void. It is kept and shown as void, and replaces nothing.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, thiserror::Error, Encode, Decode,
)]
#[cbor(index_only)]
pub enum WordRule {
    /// It replaces something that is no word.
    #[error("it replaces something that cannot be replaced")]
    #[n(0)]
    NoWord,
    /// It replaces somebody else's word.
    #[error("it replaces somebody else's word")]
    #[n(1)]
    OtherAuthor,
    /// It replaces a word of another kind.
    #[error("it replaces a word of another kind")]
    #[n(2)]
    OtherKind,
    /// It replaces a word on another subject.
    #[error("it replaces a word on another subject")]
    #[n(3)]
    OtherSubject,
    /// It replaces a word that is void.
    #[error("it replaces a word that is void")]
    #[n(4)]
    ReplacesVoid,
    /// It undoes, and says not what.
    #[error("it does not say what it undoes")]
    #[n(5)]
    NothingUndone,
    /// It is about something that words of its kind are not about.
    #[error("it is about something that it cannot be about")]
    #[n(6)]
    Subject,
    /// It says of a claim what only the other side says.
    #[error("only the other side of a claim can say that")]
    #[n(7)]
    OtherSide,
    /// It answers a claim of somebody else's need.
    #[error("only who posted the need answers its claims")]
    #[n(8)]
    NotThePoster,
}

impl WordRule {
    /// The rule's name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoWord => "word-replaces-no-word",
            Self::OtherAuthor => "word-of-another",
            Self::OtherKind => "word-other-kind",
            Self::OtherSubject => "word-other-subject",
            Self::ReplacesVoid => "word-replaces-void",
            Self::NothingUndone => "word-undoes-nothing",
            Self::Subject => "word-subject",
            Self::OtherSide => "claim-other-side",
            Self::NotThePoster => "claim-not-the-poster",
        }
    }
}

/// What is known of a word that was judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Judged {
    /// The kind number of its slot: of what it undoes, where it undoes.
    pub kind: u16,
    /// The item that it is about; none for the space itself.
    pub subject: Option<ItemId>,
    /// The first word in its slot; itself, if it replaces none or is void.
    pub root: ItemId,
    /// The rule by which it is void; none where it counts.
    pub rule: Option<WordRule>,
}

/// What sort of thing a word is about, as far as a rule asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// It names none: it is about the space.
    None,
    /// The document of a need, which is claimed.
    Need,
    /// A word that claims a need.
    Claim {
        /// The claim as it was judged.
        claim: Judged,
        /// The member who posted the need, and answers its claims.
        poster: MemberId,
    },
    /// Anything else, or what nobody here knows.
    Other,
}

/// What the word says that it replaces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replaced {
    /// It names nothing: it begins a slot, or joins the one of its kind and subject.
    Nothing,
    /// A word that was judged, void ones too.
    Word {
        /// The word as it was judged.
        word: Judged,
        /// The member whose device wrote it.
        author: MemberId,
    },
    /// An item that is no word, so this one is void.
    NoWord,
}

/// A word to judge, with what it names looked up.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The id that the word has: the hash of its entry and its index there.
    pub id: ItemId,
    /// The member whose device wrote it.
    pub author: MemberId,
    /// Its subject's id; none where it is about the space.
    pub subject_id: Option<ItemId>,
    /// What sort of thing that is.
    pub subject: Subject,
    /// What it says that it replaces, looked up.
    pub replaced: Replaced,
    /// The word itself.
    pub body: &'a WordBody,
}

/// Judges a word by what it names: the same on every node that has read that.
pub fn judge(case: &Case<'_>) -> Judged {
    let Case { id, subject_id: subject, .. } = *case;
    match place(case) {
        Ok(Some(of)) => Judged { kind: of.kind, subject: of.subject, root: of.root, rule: None },
        Ok(None) => Judged { kind: case.body.kind(), subject, root: id, rule: None },
        Err(rule) => Judged { kind: case.body.kind(), subject, root: id, rule: Some(rule) },
    }
}

/// The word whose slot this one joins, if it joins one.
fn place(case: &Case<'_>) -> Result<Option<Judged>, WordRule> {
    let undoes = matches!(case.body, WordBody::Undone(_));
    if !undoes {
        fits_subject(case)?;
    }
    let (replaced, author) = match case.replaced {
        Replaced::Nothing if undoes => return Err(WordRule::NothingUndone),
        Replaced::Nothing => return Ok(None),
        Replaced::NoWord => return Err(WordRule::NoWord),
        Replaced::Word { word, author } => (word, author),
    };
    if author != case.author {
        Err(WordRule::OtherAuthor)
    } else if replaced.rule.is_some() {
        Err(WordRule::ReplacesVoid)
    } else if !undoes && replaced.kind != case.body.kind() {
        Err(WordRule::OtherKind)
    } else if replaced.subject != case.subject_id && !(undoes && case.subject_id.is_none()) {
        Err(WordRule::OtherSubject)
    } else {
        Ok(Some(replaced))
    }
}

fn fits_subject(case: &Case<'_>) -> Result<(), WordRule> {
    match case.body {
        WordBody::Profile(_) if case.subject != Subject::None => Err(WordRule::Subject),
        WordBody::GuestKey(_) if case.subject == Subject::None => Err(WordRule::Subject),
        WordBody::Claim(claim) => match case.subject {
            Subject::Need if says_claimant(claim.state) => Ok(()),
            Subject::Claim { claim: answered, .. } if answered.rule.is_some() => {
                Err(WordRule::Subject)
            }
            Subject::Claim { poster, .. } if poster != case.author => Err(WordRule::NotThePoster),
            Subject::Claim { .. } if says_poster(claim.state) => Ok(()),
            Subject::Need | Subject::Claim { .. } => Err(WordRule::OtherSide),
            Subject::None | Subject::Other => Err(WordRule::Subject),
        },
        _ => Ok(()),
    }
}

fn says_claimant(state: ClaimState) -> bool {
    use ClaimState::{Done, Offered, Released, UnderWay};
    matches!(state, Offered | UnderWay | Done | Released)
}

fn says_poster(state: ClaimState) -> bool {
    use ClaimState::{Accepted, Declined, Disputed, Done};
    matches!(state, Accepted | Declined | Done | Disputed)
}

/// A word in a slot: one that is not void.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version {
    /// The word's id.
    pub id: ItemId,
    /// The device that wrote it.
    pub device: DeviceId,
    /// Its place in that device's log: sequence number and item.
    pub place: (u64, u16),
    /// When it was written, as its author says.
    pub stamp: Timestamp,
    /// The word that it replaces; none where it is the first that its author wrote.
    pub replaces: Option<ItemId>,
}

/// The word that shows, of all the words of one member in one slot.
///
/// A word is replaced by one that names it, and by a later one of the same log: no device forgets
/// what it said. Of those that nothing replaces the latest stamp shows, then the smallest id. None
/// only if there are no words: ids are hashes, so words cannot replace each other in a circle.
pub fn shown(versions: &[Version]) -> Option<&Version> {
    let replaced: BTreeSet<_> = versions.iter().filter_map(|word| word.replaces).collect();
    let mut last = BTreeMap::new();
    for word in versions {
        let place = last.entry(word.device).or_insert(word.place);
        *place = word.place.max(*place);
    }
    let is_last = |word: &&Version| last.get(&word.device) == Some(&word.place);
    let standing = versions.iter().filter(is_last).filter(|word| !replaced.contains(&word.id));
    standing.max_by_key(|word| (word.stamp, Reverse(word.id)))
}
