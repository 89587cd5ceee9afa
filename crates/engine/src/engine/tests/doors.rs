//! What a stream to knock and a session take from who is not in, and what they do not.

use ledger::charter_items::Return;

use super::*;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A member's PeerId: that of the node whose door it is.
fn ana() -> PeerId {
    NodeKey::from_seed(&[1; 32]).peer_id().clone()
}

#[test]
fn a_knock_and_its_card_are_taken_together() {
    let mut node = Node::founded();
    let bo = Newcomer::new(2, &node.invite(7, 1).0);
    let answer = node.knocked_by(&bo.peer(), &bo.frame());
    assert!(matches!(answer, KnockAnswer::Received { vouches: 0, needed: 1, .. }), "{answer:?}");
    assert_eq!(node.length(&bo.device.id()), 2);
    // Asking again is no second knock.
    let again = node.knocked_by(&bo.peer(), &bo.frame());
    assert!(matches!(again, KnockAnswer::Received { .. }), "{again:?}");
    assert_eq!(node.length(&bo.device.id()), 2);
}

#[test]
fn a_card_that_is_not_the_connection_s_is_refused_with_its_knock() {
    let mut node = Node::founded();
    let (ticket, _) = node.invite(7, 9);
    let outsider = NodeKey::from_seed(&[77; 32]).peer_id().clone();
    let forged = |peer: PeerId| move |card: Card| Card { peer: peer.clone(), ..card };
    let bo = || Newcomer::new(2, &ticket);
    let elsewhere = |card: Card| {
        let node = NodeKey::from_seed(&[2; 32]);
        Card::sign(&node, card.seal_key, &SpaceId::default(), &bo().device.id())
    };
    let unsigned =
        |card: Card| Card { signature: DeviceKey::from_seed(&[2; 32]).sign(b"", b""), ..card };
    let cases = [
        // The card is theirs, and the connection another's.
        (outsider.clone(), bo()),
        // A member's PeerId, and an outsider's, whose connection this may even be.
        (bo().peer(), bo().with_card(forged(ana()))),
        (bo().peer(), bo().with_card(forged(outsider.clone()))),
        (outsider.clone(), bo().with_card(forged(outsider.clone()))),
        (bo().peer(), bo().with_card(elsewhere)),
        (bo().peer(), bo().with_card(unsigned)),
    ];
    for (peer, bo) in cases {
        assert_eq!(node.knocked_by(&peer, &bo.frame()), KnockAnswer::Unknown);
        assert_eq!(node.length(&bo.device.id()), 0);
    }
    // Nor is one behind something else than a knock, or a knock without one.
    let mut frame = bo().frame();
    frame.card = frame.knock.clone();
    assert_eq!(node.knocked_by(&bo().peer(), &frame), KnockAnswer::Unknown);
    assert_eq!(node.length(&bo().device.id()), 0);
}

#[test]
fn a_forged_card_that_comes_in_a_session_gives_its_device_no_peer_id() {
    let mut node = Node::founded();
    let bo = Newcomer::new(2, &node.invite(7, 1).0);
    let outsider = NodeKey::from_seed(&[77; 32]).peer_id().clone();
    let bo = bo.with_card(|card| Card { peer: outsider.clone(), ..card });
    assert_eq!(node.sent_by(&bo.peer(), bo.space, bo.runs()), 0, "of a guest nothing is said");
    let who = format!(
        "me_{}",
        &ledger::id_text::format(ledger::IdKind::Member, bo.knock.id.as_bytes())[3..]
    );
    node.ask(Command::Vouch { who }).unwrap();
    let space = node.engine.spaces.values().next().unwrap();
    assert!(space.replica.roll().is_in(&bo.device.id()));
    assert!(!space.replica.peer_is_in(&outsider) && !space.replica.peer_is_in(&bo.peer()));
    assert!(node.by_peer(&outsider).is_empty());
}

#[test]
fn a_ticket_that_has_ended_is_refused_the_same_at_both_doors() {
    type End = fn(&mut Node, &Ticket, String);
    let ends: [(&str, End); 3] = [
        ("withdrawn", |node, _, invite| {
            node.ask(Command::Withdraw { invite }).unwrap();
        }),
        ("past its end", |node, _, _| node.now = node.now.plus_ms(8 * DAY_MS)),
        ("used up", |node, ticket, _| {
            let other = Newcomer::new(3, ticket);
            let answer = node.knocked_by(&other.peer(), &other.frame());
            assert!(matches!(answer, KnockAnswer::Received { .. }));
        }),
    ];
    for (why, end) in ends {
        let mut node = Node::founded();
        let (ticket, invite) = node.invite(7, 1);
        let bo = Newcomer::new(2, &ticket);
        end(&mut node, &ticket, invite);
        assert_eq!(node.knocked_by(&bo.peer(), &bo.frame()), KnockAnswer::Ended, "{why}");
        assert_eq!(node.sent_by(&bo.peer(), bo.space, bo.runs()), 0, "{why}");
        assert_eq!(node.length(&bo.device.id()), 0, "{why}");
    }
    // One that has not is taken at both.
    let mut node = Node::founded();
    let (ticket, _) = node.invite(7, 2);
    let (bo, cy) = (Newcomer::new(2, &ticket), Newcomer::new(3, &ticket));
    assert_eq!(node.sent_by(&bo.peer(), bo.space, bo.runs()), 0, "of a guest nothing is said");
    assert!(matches!(node.knocked_by(&cy.peer(), &cy.frame()), KnockAnswer::Received { .. }));
    assert_eq!((node.length(&bo.device.id()), node.length(&cy.device.id())), (2, 2));
}

#[test]
fn a_ticket_that_nobody_made_is_refused_the_same_at_both_doors() {
    let mut node = Node::founded();
    let (ticket, _) = node.invite(7, 1);
    let invented = Ticket { seed: ledger::SecretBytes::from_bytes([9; 16]), ..ticket.clone() };
    let unheard = Ticket { invite: ledger::ItemId::from_bytes([9; 32]), ..ticket };
    for ticket in [invented, unheard] {
        let bo = Newcomer::new(2, &ticket);
        assert_eq!(node.knocked_by(&bo.peer(), &bo.frame()), KnockAnswer::Unknown);
        assert_eq!(node.sent_by(&bo.peer(), bo.space, bo.runs()), 0);
        assert_eq!(node.length(&bo.device.id()), 0);
    }
}

#[test]
fn who_has_knocked_writes_nothing_behind_their_card() {
    let mut node = Node::founded();
    let bo = Newcomer::new(2, &node.invite(7, 1).0);
    node.knocked_by(&bo.peer(), &bo.frame());
    for items in [vec![CharterItem::Return(Return {})], vec![]] {
        let third = entry(&bo.device, bo.space, Some(&bo.card), vec![], items);
        assert_eq!(node.sent_by(&bo.peer(), bo.space, vec![run(&third)]), 0);
    }
    let card = bo.card.body.as_deref().map(|body| ledger::decode::<CharterBody>(body).unwrap());
    let third = entry(&bo.device, bo.space, Some(&bo.card), vec![], card.unwrap().into_inner());
    assert_eq!(node.sent_by(&bo.peer(), bo.space, vec![run(&third)]), 0);
    let frame = KnockFrame { card: run(&third), ..bo.frame() };
    assert_eq!(node.knocked_by(&bo.peer(), &frame), KnockAnswer::Unknown);
    assert_eq!(node.length(&bo.device.id()), 2);
}

#[test]
fn a_ticket_is_for_as_many_and_as_long_as_the_charter_lets_count() {
    let mut node = Node::founded();
    for (days, knocks) in [(31, 1), (30, 101), (0, 1), (1, 0), (365, 1_000)] {
        let refused = node.ask(Command::Invite { days, knocks });
        assert_eq!(refused.unwrap_err(), ErrorCode::BadArgument, "{days} days, {knocks} knocks");
    }
    let (ticket, _) = node.invite(30, 100);
    let bo = Newcomer::new(2, &ticket);
    assert!(matches!(node.knocked_by(&bo.peer(), &bo.frame()), KnockAnswer::Received { .. }));
}
