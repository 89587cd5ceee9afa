use ledger::{DeviceId, ItemId, Timestamp};

use super::*;

fn said(number: u8, stamp: u64, state: Option<ClaimState>) -> Said {
    let version = Version {
        id: ItemId::from_bytes([number; 32]),
        device: DeviceId::from_bytes([number; 32]),
        place: (0, 0),
        stamp: Timestamp::from_ms(stamp),
        replaces: None,
    };
    Said { version, state }
}

fn state(claimant: ClaimState, poster: Option<ClaimState>) -> ClaimState {
    let poster: Vec<_> = poster.map(|state| said(9, 1, Some(state))).into_iter().collect();
    standing(&[said(1, 1, Some(claimant))], &poster).unwrap().state
}

#[test]
fn a_claim_shows_what_both_sides_say() {
    use ClaimState::{Accepted, Declined, Disputed, Done, Offered, Released, UnderWay};
    for claimant in [Offered, UnderWay, Done, Released] {
        assert_eq!(state(claimant, None), claimant);
        for poster in [Accepted, Declined, Done, Disputed] {
            let expected = match (claimant, poster) {
                (Released, _) => Released,
                (_, Declined | Done) => poster,
                (Offered, Accepted) => Accepted,
                (Done, Disputed) => Disputed,
                _ => claimant,
            };
            assert_eq!(state(claimant, Some(poster)), expected, "{claimant:?} {poster:?}");
        }
    }
}

#[test]
fn two_claims_made_out_of_reach_of_each_other_both_live() {
    let need = [said(1, 5, Some(ClaimState::Offered)), said(2, 5, Some(ClaimState::Offered))];
    for claim in need {
        let standing = standing(&[claim], &[]).unwrap();
        assert_eq!(standing.state, ClaimState::Offered);
        assert!(is_live(standing.state));
    }
}

#[test]
fn the_last_word_of_each_side_counts_in_every_order() {
    let claimant = [said(1, 1, Some(ClaimState::Offered)), said(2, 3, Some(ClaimState::UnderWay))];
    let poster = [said(8, 2, Some(ClaimState::Declined)), said(9, 4, None)];
    for (first, second) in [(0, 1), (1, 0)] {
        let standing =
            standing(&[claimant[first], claimant[second]], &[poster[second], poster[first]]);
        assert_eq!(standing.unwrap().state, ClaimState::UnderWay, "the answer was undone");
    }
}

#[test]
fn an_undone_claim_does_not_show() {
    let offered = said(1, 1, Some(ClaimState::Offered));
    assert_eq!(standing(&[offered, said(2, 2, None)], &[]), None);
    assert_eq!(standing(&[], &[said(9, 1, Some(ClaimState::Accepted))]), None);
}
