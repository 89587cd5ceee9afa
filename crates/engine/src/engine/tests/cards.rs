//! This home's own card: there whatever the power does, and never written twice at one place.

use super::*;

#[test]
fn a_founder_whose_power_went_before_the_card_writes_it_at_the_next_start() {
    let key = NodeKey::from_seed(&[1; 32]);
    let config = Config::new(NodeKey::from_seed(&[1; 32]), Vec::new());
    let mut engine = Engine::new(config, MemoryStore::default(), [1; 32]).unwrap();
    let found = Command::Found { name: "Elm".into(), me: "Ana".into(), zone: None };
    let what = Ask::new(found);
    engine.handle(Timestamp::from_ms(1_700_000_000_000), Input::Ask { ask: AskId(0), what });
    let mut store = engine.into_store();
    assert!(store.unflushed() > 2);
    store.crash(1);
    let node = Node::new(&key, store);
    assert_eq!(node.by_peer(key.peer_id()).len(), 1);
    let device = node.by_peer(key.peer_id())[0];
    assert_eq!(node.length(&device), 2, "the genesis, and the card");
    // Once there it is not written again.
    let node = Node::new(&key, node.engine.into_store());
    assert_eq!(node.length(&device), 2);
}

#[test]
fn a_home_with_another_node_key_says_so_on_a_new_card() {
    let node = Node::founded();
    let (old, new) = (NodeKey::from_seed(&[1; 32]), NodeKey::from_seed(&[2; 32]));
    let device = node.by_peer(old.peer_id())[0];
    let node = Node::new(&new, node.engine.into_store());
    assert_eq!(node.by_peer(new.peer_id()), [device]);
    assert!(node.by_peer(old.peer_id()).is_empty());
    assert_eq!(node.length(&device), 3);
}

#[test]
fn a_newcomer_s_card_stands_behind_their_knock_before_they_write() {
    // Whoever let them in had the knock alone, so the charter that they get has no card of theirs.
    let mut ana = Node::founded();
    let (ticket, _) = ana.invite(7, 1);
    let contact = ana.engine.config.peer().clone();
    let key = NodeKey::from_seed(&[2; 32]);
    let mut bo = Node::new(&key, MemoryStore::default());
    let join = Command::Join { ticket: ticket.to_text().into(), me: "Bo".into() };
    bo.input(Input::Ask { ask: AskId(1), what: Ask::new(join) });
    let stream = bo.opened(&contact, Protocol::Knock, true);
    let (_, frame) = bo.sent.iter().find(|(to, _)| *to == stream).expect("a knock");
    let frame: KnockFrame = ledger::decode(frame).unwrap();
    let knocking = frame.open().unwrap();
    assert_eq!(knocking.card.peer, *key.peer_id());
    assert_eq!(ana.sent_by(key.peer_id(), ticket.space, vec![frame.knock.clone()]), 0);
    let who = ledger::id_text::format(ledger::IdKind::Member, knocking.id.as_bytes());
    ana.ask(Command::Vouch { who }).unwrap();
    assert_eq!(ana.length(&knocking.device), 1);
    let space = &ana.engine.spaces[&ticket.space].replica;
    let charter: Vec<_> = (0..space.charter_entries())
        .map(|n| space.charter_run(&ana.engine.store, n).unwrap().unwrap())
        .collect();
    bo.gone(&contact);
    bo.sent_by(&contact, ticket.space, charter);
    // In, with the card that contacts were sent, at its place.
    assert_eq!(bo.by_peer(key.peer_id()), [knocking.device]);
    let replica = &bo.engine.spaces[&ticket.space].replica;
    let all = (0..).map_while(|n| replica.charter_arrival(n));
    let own = all.filter(|one| one.device == knocking.device && one.seq > 0);
    let own: Vec<_> = own.map(|one| one.id).collect();
    let card = frame.card.clone().open().unwrap();
    assert_eq!(own, [card[0].id]);
}
