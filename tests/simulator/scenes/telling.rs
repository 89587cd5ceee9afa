//! What a node tells its person: of posts, of what is unread, of peers and addresses.

use api::{Answer, Ask, Command, ErrorCode, PeerRow, Query, What};
use engine::Input;
use ledger::{Timestamp, limits::INTEGER_MAX};
use sync::{Frame, PeerAt, Peers};

use super::Figure;
use crate::simulator::{
    hostile::{forger::Forger, items},
    people,
    world::{World, scene::claims_of},
};

fn posts(forger: &mut Forger, posts: usize) {
    for n in 0..posts {
        forger.content(vec![items::post(&format!("Post {n}"))]);
    }
}

/// 25 posts of the year 287396; then somebody posts.
pub(super) fn far_stamps() -> Figure {
    let (mut world, _) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    forger.now = Timestamp::from_ms(INTEGER_MAX);
    posts(&mut forger, 25);
    let bill = world.deliver(1, 0, &forger, had);
    world.post(0, "Today");
    let newest = Query::Feed { after: None, limit: 20, campaign: None };
    let Some(Answer::Feed(feed)) = world.query(0, None, newest) else { panic!("a feed") };
    let shows = feed.rows.iter().any(|row| row.text == "Today");
    let sent = bill.sent_bytes;
    Figure::new(
        shows,
        format!("25 posts of a far year, {sent} bytes: a fresh post is in the feed: {shows}"),
    )
}

/// A node that has just been started, lost its index, and is asked for its feed.
pub(super) fn unread_in_lists() -> Figure {
    const POSTS: usize = 400;
    let (mut world, _) = World::meeting(1, 0);
    for n in 0..POSTS {
        let post = people::post(format!("Post {n}"), None, None);
        world.put(0, Ask::new(post));
    }
    world.wait(10_000);
    world.crash(0);
    world.nodes[0].store.as_mut().unwrap().lose_index();
    world.start(0);
    let all = Query::Feed { after: None, limit: 0, campaign: None };
    let ask = world.put(0, Ask::new(What::Query(all)));
    let answer = world.nodes[0].answers.remove(&ask).unwrap().unwrap();
    let json = answer.to_json();
    let Answer::Feed(feed) = answer else { panic!("a feed") };
    let missing = POSTS - feed.rows.len();
    let says = json.get("unread").and_then(serde_json::Value::as_u64).unwrap_or(0);
    Figure::new(
        missing == 0 || says > 0,
        format!("{missing} of {POSTS} posts are not in a list, which says: {says} unread"),
    )
}

/// A node that has something to read and no room for what it reads.
pub(super) fn full_disk() -> Figure {
    let (mut world, _) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    posts(&mut forger, 400);
    world.deliver(1, 0, &forger, had);
    world.crash(0);
    world.nodes[0].store.as_mut().unwrap().lose_index();
    world.start(0);
    let now = world.now();
    let engine = world.nodes[0].engine.as_mut().unwrap();
    engine.store_mut().faults.full = true;
    let (mut ticks, mut time) = (0u64, Timestamp::from_ms(now));
    // A second of a machine's time, in which whoever drives the engine does as it is told.
    while time.since_ms(Timestamp::from_ms(now)) < 1_000 && ticks < 1_000 {
        engine.handle(time, Input::Tick);
        while engine.next_effect().is_some() {}
        ticks += 1;
        let next = engine.next_deadline().unwrap_or(time.plus_ms(1_000));
        time = next.max(time);
    }
    Figure::new(ticks < 100, format!("a full disk: {ticks} ticks or more asked for in a second"))
}

fn peers(world: &mut World) -> Vec<PeerRow> {
    match world.query(0, None, Query::Peers) {
        Some(Answer::Peers(rows)) => rows.rows,
        _ => panic!("peers"),
    }
}

/// A member puts another's PeerId on their own card.
pub(super) fn borrowed_peer_id() -> Figure {
    let (mut world, _) = World::meeting(3, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    let peer = world.nodes_peer(2);
    let (key, device) = (world.nodes[1].key.clone(), forger.device());
    forger.charter(vec![items::borrowed_card(&key, &peer, &forger.space, &device)]);
    world.deliver(1, 0, &forger, had);
    let most = peers(&mut world).iter().map(|row| row.names.len()).max().unwrap();
    Figure::new(most == 1, format!("a borrowed PeerId: one peer has {most} names"))
}

/// A member takes another's name: who asks for that name hears that it means two.
#[test]
fn who_takes_anothers_name_is_not_met_in_their_place() {
    let (mut world, _) = World::meeting(3, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    forger.content(vec![items::renaming(&people::called(2))]);
    world.deliver(1, 0, &forger, had);
    let expected =
        [(people::called(2), ErrorCode::Ambiguous, 2), (String::new(), ErrorCode::UnknownPeer, 0)];
    for (with, code, nodes) in expected {
        let sync = Ask::new(Command::Sync { with: Some(with) });
        let refused = world.ask(0, sync, 1_000).expect("an answer at once").unwrap_err();
        assert_eq!((refused.code, refused.things.len()), (code, nodes), "{refused:?}");
    }
}

/// A member tells of another at an address of this very machine.
pub(super) fn false_addresses() -> Figure {
    let (mut world, _) = World::meeting(3, 0);
    let forger = world.turn(1);
    let address = "/ip4/127.0.0.1/tcp/6379";
    let addresses = ledger::Bounded::one(address.try_into().unwrap());
    let told = PeerAt { peer: world.nodes_peer(2), addresses };
    let frame = Frame::Peers(Peers { space: forger.space, peers: ledger::Bounded::one(told) });
    world.speak(1, 0, vec![claims_of(&forger)], vec![frame]);
    let kept =
        peers(&mut world).iter().filter(|row| row.addresses.iter().any(|at| at == address)).count();
    Figure::new(kept == 0, format!("a false address of this machine: kept for {kept} peers"))
}

/// A member tells that another, who is off, is reached where a third is.
pub(super) fn borrowed_address() -> Figure {
    let (mut world, _) = World::meeting(4, 0);
    let forger = world.turn(1);
    world.stop(2);
    world.wait(2_000);
    let address = "sim/3";
    let addresses = ledger::Bounded::one(address.try_into().unwrap());
    let told = PeerAt { peer: world.nodes_peer(2), addresses };
    let frame = Frame::Peers(Peers { space: forger.space, peers: ledger::Bounded::one(told) });
    world.speak(1, 0, vec![claims_of(&forger)], vec![frame]);
    let places = |world: &mut World| {
        peers(world).iter().filter(|row| row.addresses.iter().any(|at| at == address)).count()
    };
    world.wait(10 * 60_000);
    // Node 3 itself is there.
    let kept = places(&mut world);
    Figure::new(kept == 1, format!("where another answers: {kept} peers are thought to be there"))
}
