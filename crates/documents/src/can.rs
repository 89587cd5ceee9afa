//! What a member can do with a thing now, and of what they cannot do, why not. Every client shows
//! these, and works out no rule by itself (CONTRACT 2).

use std::collections::BTreeMap;

use ledger::{MemberId, content_items::ClaimState};

use crate::{
    claims::{ClaimRow, is_live},
    need,
};

/// Whoever asks what they can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asker {
    /// The member that they are; none while no charter here knows them.
    pub member: Option<MemberId>,
    /// Whether they are in the space, and so can write.
    pub is_in: bool,
}

/// What somebody can do with one thing now. A verb stands in one of the two.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Can {
    /// Verbs of commands that they can use, in the order in which they are offered.
    pub can: Vec<&'static str>,
    /// By verb, why they cannot, in a sentence.
    pub why_not: BTreeMap<&'static str, String>,
}

const NOT_IN: &str = "you are not in this space yet, or no longer";

impl Can {
    fn verb(&mut self, verb: &'static str, why_not: Option<String>) {
        match why_not {
            None => self.can.push(verb),
            Some(why) => _ = self.why_not.insert(verb, why),
        }
    }

    fn verbs_of_members(&mut self, verbs: &[&'static str], asker: &Asker) {
        for verb in verbs {
            self.verb(verb, (!asker.is_in).then(|| NOT_IN.to_owned()));
        }
    }
}

/// What one can do with a need of this status. Anyone who is in may claim one, also their own.
pub fn with_need(asker: &Asker, status: &str, claims: &[ClaimRow]) -> Can {
    let mut can = Can::default();
    let mine = claims.iter().filter(|claim| Some(claim.by) == asker.member);
    let mine: Vec<_> = mine.filter(|claim| is_live(claim.state)).collect();
    let not_in = (!asker.is_in).then(|| NOT_IN.to_owned());
    can.verb("claim", not_in.clone().or_else(|| why_not_claim(status, &mine)));
    can.verb("release", not_in.or_else(|| why_not_release(&mine)));
    can.verbs_of_members(&["edit"], asker);
    can
}

/// What one can do with a campaign: anyone who is in edits it and posts to it.
pub fn with_campaign(asker: &Asker) -> Can {
    let mut can = Can::default();
    can.verbs_of_members(&["edit", "post"], asker);
    can
}

fn why_not_claim(status: &str, mine: &[&ClaimRow]) -> Option<String> {
    if status != need::OPEN {
        return Some(format!(
            "the need is {}",
            if status.is_empty() { "not open" } else { status }
        ));
    }
    (!mine.is_empty()).then(|| "you have claimed it already".to_owned())
}

fn why_not_release(mine: &[&ClaimRow]) -> Option<String> {
    if mine.is_empty() {
        return Some("you have not claimed it".to_owned());
    }
    let all_done = mine.iter().all(|claim| claim.state == ClaimState::Done);
    all_done.then(|| "what you claimed is done".to_owned())
}

#[cfg(test)]
mod tests {
    use ledger::{ItemId, Timestamp};

    use super::*;

    fn rows(claims: &[(u8, ClaimState)]) -> Vec<ClaimRow> {
        let claim = |(at, (by, state)): (u8, &(u8, ClaimState))| ClaimRow {
            id: ItemId::from_bytes([at; 32]),
            by: MemberId::from_bytes([*by; 32]),
            state: *state,
            at: Timestamp::from_ms(5),
        };
        (0..).zip(claims).map(claim).collect()
    }

    #[test]
    fn an_open_need_is_claimed_once_by_each_and_released_by_whoever_claimed() {
        use ClaimState::{Accepted, Declined, Done, Offered, Released};
        let me = Asker { member: Some(MemberId::from_bytes([1; 32])), is_in: true };
        type Case = (&'static str, &'static [(u8, ClaimState)], &'static [&'static str]);
        let cases: [Case; 8] = [
            ("open", &[], &["claim", "edit"]),
            ("open", &[(2, Offered)], &["claim", "edit"]),
            ("open", &[(1, Offered)], &["release", "edit"]),
            ("open", &[(1, Accepted)], &["release", "edit"]),
            ("open", &[(1, Released), (1, Declined)], &["claim", "edit"]),
            ("open", &[(1, Done)], &["edit"]),
            ("closed", &[(1, Offered)], &["release", "edit"]),
            ("", &[], &["edit"]),
        ];
        for (status, claims, expected) in cases {
            let can = with_need(&me, status, &rows(claims));
            assert_eq!(can.can, expected, "{status} {claims:?}");
            assert_eq!(can.can.len() + can.why_not.len(), 3);
        }
        let outside = Asker { is_in: false, ..me };
        assert!(with_need(&outside, "open", &[]).can.is_empty());
        assert!(with_campaign(&outside).can.is_empty());
        assert_eq!(with_campaign(&me).can, ["edit", "post"]);
    }
}
