//! Runs that are not taken: who is blamed for them and who is not, and what is said of them.

use api::{Answer, Command, Query};
use ledger::{
    DeviceKey, Entry, EntryId, HeaderKind, NewerRun, Run, Tip, Unsigned, limits::LOGS_MAX,
};
use store::{Group, Key, Table};
use sync::{Heads, Side, SpaceNewer};

use super::*;
use crate::{
    engine::tests::pair::{Pair, peer},
    io::{Input, Protocol},
};

impl Pair {
    fn space(&self) -> SpaceId {
        *self.nodes[0].spaces.keys().next().unwrap()
    }

    /// A second one of node `n`'s device key, as a thief has it.
    fn key(&self, n: usize) -> DeviceKey {
        let space = self.nodes[n].view();
        let seed = space.seated(&self.space()).unwrap().seat.keys.device.to_seed();
        DeviceKey::from_seed(seed.as_bytes())
    }

    /// The content log of node `n`, as node 0 has it.
    fn log(&self, n: usize) -> Vec<Entry> {
        let (node, log) = (&self.nodes[0], self.key(n).id());
        let replica = &node.spaces[&self.space()].replica;
        replica.content_entries(&node.store, log, 0, 99).unwrap()
    }

    /// What may stand next in the content log of node `n`.
    fn next(&self, n: usize) -> Unsigned {
        let last = self.log(n).pop().unwrap();
        let HeaderKind::Content(epoch) = last.header.kind else { panic!("of content") };
        Unsigned {
            journal: self.space().content_journal(),
            seq: last.seq() + 1,
            stamp: last.header.stamp,
            backlink: Some(last.id),
            kind: HeaderKind::Content(epoch),
            body: vec![7],
        }
    }

    /// Node 1 sends node 0 this.
    fn says(&mut self, frame: &Frame) {
        let stream = self.syncs().unwrap();
        self.input(0, Input::Frame { stream, bytes: frame.encode() });
        self.pass(1_000);
    }

    /// What node 0 answers.
    fn answer(&mut self, query: Query) -> Answer {
        self.ask(0, query);
        self.answers.pop().unwrap()
    }

    /// Who wrote what is from a newer version, as `why` of node 0 has it, and how many things wait.
    fn newer(&mut self) -> (Vec<String>, u64) {
        let Answer::Why(why) = self.answer(Query::Why { thing: None }) else { panic!("why") };
        let rows = why.waiting.into_iter().filter(|row| row.rule == "newer");
        let said = rows.map(|row| {
            assert_eq!(row.way_out, ["groundwork", "--version"]);
            format!("{} are {}", row.what, row.reason)
        });
        let said = said.collect();
        let Answer::Status(status) = self.answer(Query::Status) else { panic!("status") };
        (said, status.spaces[0].waiting)
    }

    fn posts(&mut self) -> Vec<String> {
        let Answer::Feed(feed) =
            self.answer(Query::Feed { campaign: None, after: None, limit: 99 })
        else {
            panic!("a feed")
        };
        feed.rows.into_iter().map(|row| row.text).collect()
    }

    fn post(&mut self, n: usize, text: &str) {
        let reply_to = None;
        self.ask(n, Command::Post { text: text.into(), campaign: None, text_lang: None, reply_to });
    }

    /// Whether the two still speak, and whether node 0 refuses node 1.
    fn speak(&self) -> (bool, bool) {
        (self.connected, self.nodes[0].links.peers.is_banned(&peer(1), self.now))
    }
}

#[test]
fn a_log_of_a_newer_version_waits_and_the_stream_stays() {
    let mut pair = Pair::new();
    pair.post(1, "before");
    pair.pass(1_000);
    let (stream, before) = (pair.syncs(), pair.log(1).len());
    let run = NewerRun::by_hand(&[], pair.next(1), &pair.key(1)).unwrap();
    let last = *run.verify().unwrap().last().unwrap();
    let behind = Unsigned { seq: before as u64 + 1, backlink: Some(last), ..pair.next(1) };
    let behind = behind.sign(&pair.key(1)).unwrap();
    let space = pair.space();
    let receipts = |pair: &Pair| pair.nodes[0].links.sessions().next().unwrap().2.traffic;
    let sent = receipts(&pair).frames_sent;
    pair.says(&Frame::Newer(Box::new(SpaceNewer { space, run })));
    // Neither the entry behind it nor the same again is a fault, or ends anything.
    let behind = Run::of(&[behind]).unwrap();
    pair.says(&Frame::Run(Box::new(SpaceRun { space, run: behind })));
    assert_eq!((pair.syncs(), pair.speak()), (stream, (true, false)));
    assert_eq!(receipts(&pair).frames_sent, sent, "there is no receipt for it");
    let said = "entries by Bea in Elm are from a newer version of groundwork: update this program";
    assert_eq!(pair.newer(), (vec![said.to_owned()], 1));
    assert_eq!(pair.log(1).len(), before);
    // All others go on.
    pair.post(0, "after");
    pair.pass(1_000);
    assert_eq!(pair.posts().len(), 2);
    let again = pair.restarted();
    assert_eq!(again.view().seated(&space).unwrap().replica.newer_logs().count(), 1);
}

#[test]
fn what_stands_behind_an_entry_of_a_newer_version_ends_no_stream() {
    let mut pair = Pair::new();
    let (space, stream) = (pair.space(), pair.syncs());
    // A newcomer with a newer program has knocked elsewhere; the roll here does not know them.
    let newcomer = DeviceKey::from_seed(&[77; 32]);
    let kind = HeaderKind::Charter(Default::default());
    let knock = Unsigned {
        journal: space.charter_journal(),
        seq: 0,
        backlink: None,
        kind: kind.clone(),
        ..pair.next(1)
    };
    let card = |on| Unsigned {
        journal: space.charter_journal(),
        seq: 1,
        backlink: Some(on),
        kind: kind.clone(),
        ..pair.next(1)
    };
    let run = NewerRun::by_hand(&[], knock.clone(), &newcomer).unwrap();
    let card = card(run.verify().unwrap()[0]).sign(&newcomer).unwrap();
    let card = Frame::Run(Box::new(SpaceRun { space, run: Run::of(&[card]).unwrap() }));
    pair.says(&Frame::Newer(Box::new(SpaceNewer { space, run })));
    pair.says(&card);
    assert_eq!((pair.syncs(), pair.speak()), (stream, (true, false)));
    let said = "entries in Elm are from a newer version of groundwork: update this program";
    assert_eq!(pair.newer(), (vec![said.to_owned()], 0));
    // Nor is it a fault where nothing newer came before it: heads tell what is missing.
    pair.end_stream();
    pair.pass(5_000);
    let stream = pair.syncs();
    pair.says(&card);
    assert_eq!((pair.syncs(), pair.speak()), (stream, (true, false)));
}

#[test]
fn what_was_kept_aside_is_taken_by_a_program_that_can_read_it() {
    let mut pair = Pair::new();
    let space = pair.space();
    let had = pair.log(1).len() as u64;
    pair.disconnect();
    pair.run();
    pair.post(1, "from the future");
    let node = &pair.nodes[1];
    let replica = &node.spaces[&space].replica;
    let run = replica.content_run(&node.store, pair.key(1).id(), had).unwrap().unwrap();
    let mut batch = Batch::default();
    batch.put(Key::new(Table::Newer, Group::of(&[space.as_bytes()]), 0), run.encode());
    pair.nodes[0].store_mut().write(batch).unwrap();
    pair.nodes[0] = pair.restarted();
    pair.input(0, Input::Tick);
    assert_eq!(pair.newer(), (vec![], 0));
    assert_eq!(pair.posts(), ["from the future"]);
}

#[test]
fn a_run_that_lacks_a_body_is_misbehaviour() {
    let mut pair = Pair::new();
    pair.post(1, "kept");
    pair.pass(1_000);
    let space = pair.space();
    let next = pair.next(1).sign(&pair.key(1)).unwrap();
    let had = pair.log(1);
    let blank = Run::of(&[Entry { body: None, ..next }]).unwrap();
    pair.says(&Frame::Run(Box::new(SpaceRun { space, run: blank })));
    assert_eq!(pair.speak(), (false, true));
    assert_eq!(pair.log(1), had);
    assert_eq!(pair.posts(), ["kept"]);
}

#[test]
fn a_stranger_makes_nothing_wait() {
    let mut pair = Pair::new();
    let (space, stream) = (pair.space(), StreamId(99));
    let run = NewerRun::by_hand(&[], pair.next(1), &pair.key(1)).unwrap();
    let connected =
        Input::Connected { peer: peer(9), dialed: None, from: "/ip4/192.0.2.99/tcp/9".to_owned() };
    let protocol = Protocol::Sync;
    let opened = Input::Opened { stream, peer: peer(9), protocol, outbound: false };
    let hello = sync::Session::new(Side::Dialer).hello(&mut Vec::new());
    let newer = Frame::Newer(Box::new(SpaceNewer { space, run }));
    let frames = [hello, newer].map(|frame| Input::Frame { stream, bytes: frame.encode() });
    for input in [connected, opened].into_iter().chain(frames) {
        pair.input(0, input);
    }
    assert_eq!(pair.newer(), (vec![], 0));
}

#[test]
fn a_knock_or_card_of_a_newer_version_is_asked_to_come_again() {
    let mut pair = Pair::new();
    let (space, newcomer) = (pair.space(), DeviceKey::from_seed(&[77; 32]));
    let unsigned = Unsigned {
        journal: space.charter_journal(),
        seq: 0,
        backlink: None,
        kind: HeaderKind::Charter(Default::default()),
        ..pair.next(1)
    };
    let of_this = Run::of(&[unsigned.clone().sign(&newcomer).unwrap()]).unwrap();
    let of_newer = NewerRun::by_hand(&[], unsigned, &newcomer).unwrap();
    let frames = [
        ledger::encode(&(space, of_newer.clone(), of_this.clone())),
        ledger::encode(&(space, of_this, of_newer.clone())),
        ledger::encode(&(space, of_newer.clone(), of_newer)),
    ];
    let (now, protocol) = (pair.now, Protocol::Knock);
    for (stream, bytes) in (98..).map(StreamId).zip(frames) {
        let node = &mut pair.nodes[0];
        for input in [
            Input::Connected {
                peer: peer(8),
                dialed: None,
                from: "/ip4/192.0.2.99/tcp/9".to_owned(),
            },
            Input::Opened { stream, peer: peer(8), protocol, outbound: false },
            Input::Frame { stream, bytes },
            Input::Disconnected { peer: peer(8) },
        ] {
            node.handle(now, input);
        }
        let effects: Vec<_> = std::iter::from_fn(|| node.next_effect()).collect();
        let frame = ledger::encode(&sync::KnockAnswer::Unknown);
        assert!(effects.contains(&crate::Effect::Send { stream, frame }), "{effects:?}");
        assert!(!node.links.peers.is_banned(&peer(8), now));
    }
    assert_eq!(pair.newer(), (vec![], 0));
}

#[test]
fn heads_cost_a_bounded_look_however_often_they_name_a_log() {
    let mut pair = Pair::new();
    for text in ["one", "two"] {
        pair.post(1, text);
        pair.pass(1_000);
    }
    let (space, log, stream) = (pair.space(), pair.key(1).id(), pair.syncs());
    let beyond = pair.log(1).len() as u64 + 1;
    let first = Tip { length: 1, head: pair.log(1)[0].id };
    // Rows that node 0 reads, and frames that it sends, for so many of these.
    let mut told = |tip: Tip, count: usize| {
        let logs = vec![(log, tip); count].try_into().unwrap();
        let spent = |pair: &mut Pair| {
            let sent = pair.nodes[0].links.traffic().frames_sent;
            (pair.nodes[0].store_mut().counted().rows_read, sent)
        };
        let before = spent(&mut pair);
        pair.says(&Frame::Heads(Heads {
            space,
            journal: Journal::Content,
            logs,
            stems: Default::default(),
            answers: false,
        }));
        let after = spent(&mut pair);
        (after.0 - before.0, after.1 - before.1)
    };
    let (none, _) = told(first, 0);
    let (many, sent) = told(first, LOGS_MAX);
    assert!(many - none <= 256, "{many} rows read, {none} for nothing");
    assert_eq!(sent, 0, "it is the entry that is here");
    let other = Tip { head: EntryId::from_bytes([9; 32]), ..first };
    assert_eq!(told(other, 1).1, 1, "another entry is answered with the one that is here");
    for length in [2, beyond, u64::MAX] {
        let (read, sent) = told(Tip { length, ..other }, 2);
        assert_eq!(sent, 1, "at {length} is another entry: it is told what is here further back");
        assert!(read - none <= 16, "{read} rows read");
    }
    assert_eq!((pair.syncs(), pair.speak()), (stream, (true, false)));
}
