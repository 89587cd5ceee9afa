//! Hello, answer, and what has no place.

use ledger::{
    DeviceId, EntryId, Frontier, Journal, Tip,
    limits::{INTEGER_MAX, LOGS_MAX},
};

use super::{device, frontier, newer, peer_at, run, space};
use crate::{
    Access, Frame, Frontiers, Heads, Hello, HelloAnswer, KnockAnswer, KnockFrame, Misbehaved,
    Peers, Receipt, Session, Side, VersionRange,
    limits::{FRAME_BYTES_MAX, SPACES_MAX},
    session::VERSIONS,
};

fn frontiers(n: u8) -> Frontiers {
    let (charter, content) = (frontier(&[(1, 3)]).digest(), Some(frontier(&[(2, 5)]).digest()));
    Frontiers { space: space(n), charter, content, guests: Some(5) }
}

fn hello(spaces: usize) -> Frame {
    let spaces: Vec<_> = (0..spaces).map(|n| frontiers(n as u8)).collect();
    Frame::Hello(Hello { versions: VERSIONS, features: 0, spaces: spaces.try_into().unwrap() })
}

fn answer(version: u16) -> Frame {
    Frame::Answer(HelloAnswer { version, spaces: Default::default(), entries_to_come: 0 })
}

fn receipt(n: u8, journal: Journal, logs: &[(u8, u64)]) -> Frame {
    let logs: Vec<_> = logs.iter().map(|(log, length)| (device(*log), *length)).collect();
    let logs = logs.try_into().unwrap();
    Frame::Receipt(Receipt {
        space: space(n),
        journal,
        logs,
        frontier: Some(ledger::Hash::of(b"all")),
    })
}

fn unknown() -> Vec<u8> {
    vec![0x82, 0x18, 99, 0x83, 1, 2, 3]
}

/// One frame of every kind, and one of a kind from a newer version.
pub(super) fn frames() -> Vec<Vec<u8>> {
    let heads = Heads {
        space: space(0),
        journal: Journal::Content,
        logs: vec![(device(1), frontier(&[(1, 3)]).tip(&device(1)).unwrap())].try_into().unwrap(),
        stems: vec![(device(1), 2)].try_into().unwrap(),
        answers: true,
    };
    let peers = Peers { space: space(0), peers: vec![peer_at(1)].try_into().unwrap() };
    let mut frames: Vec<_> = [
        hello(3),
        answer(1),
        Frame::Run(Box::new(run(space(0), Journal::Content, 1, 5))),
        Frame::Run(Box::new(run(space(0), Journal::Charter, 1, 1))),
        receipt(0, Journal::Content, &[(1, 3), (2, 9)]),
        Frame::Peers(peers),
        Frame::Heads(heads),
        Frame::Fork(Box::new(super::fork(space(0)))),
        Frame::Newer(Box::new(newer(space(0)))),
    ]
    .iter()
    .map(Frame::encode)
    .collect();
    frames.push(unknown());
    frames
}

/// A session that is open, with space 0 shared.
pub(super) fn open(access: Access) -> Session {
    let mut session = Session::new(Side::Responder);
    session.receive(&hello(1).encode()).unwrap();
    session.share(space(0), access);
    session.note(&frontiers(0));
    session
}

/// No log has an end.
fn all(_: &DeviceId) -> u64 {
    u64::MAX
}

#[test]
fn every_frame_is_read_back() {
    for bytes in frames() {
        let frame = Frame::decode(&bytes).unwrap();
        if frame != Frame::Unknown(99) {
            assert_eq!(frame.encode(), bytes);
        }
    }
}

#[test]
fn what_a_newer_version_adds_to_a_frame_is_passed_over() {
    for bytes in frames().into_iter().filter(|bytes| *bytes != unknown()) {
        // The payload is a list of less than 24 elements, and the frame's last byte its end.
        let mut extended = [&bytes[..], &[0xa1, 0x00, 0x61, b'x']].concat();
        extended[2] += 1;
        let frame = Frame::decode(&extended).unwrap();
        assert_eq!(frame.encode(), bytes);
        extended.truncate(bytes.len());
        extended.push(0xf6);
        assert!(Frame::decode(&extended).is_err(), "nulls at the end are left out");
    }
}

#[test]
fn a_run_of_a_newer_version_is_of_a_shared_space_and_says_nothing_of_what_is_had() {
    let mut session = open(Access::In);
    let before = session.clone();
    let frame = |of| Frame::Newer(Box::new(newer(of))).encode();
    assert!(matches!(session.receive(&frame(space(0))), Ok(Frame::Newer(_))));
    assert_eq!(session.shared(&space(0)), before.shared(&space(0)));
    assert!(matches!(session.receive(&frame(space(1))), Err(Misbehaved::Space)));
    let mut moved = newer(space(1));
    moved.space = space(0);
    let moved = Frame::Newer(Box::new(moved)).encode();
    assert!(matches!(session.receive(&moved), Err(Misbehaved::Journal)));
    let mut early = Session::new(Side::Responder);
    assert!(matches!(early.receive(&frame(space(0))), Err(Misbehaved::Order(_))));
}

#[test]
fn a_knock_and_an_answer_of_a_newer_version_are_no_fault() {
    let (of_newer, of_this) = (newer(space(0)).run, run(space(0), Journal::Charter, 1, 1).run);
    let (of_newer, of_this) = (ledger::encode(&of_newer), ledger::encode(&of_this));
    let frame = |knock: &[u8], card: &[u8], more: &[u8]| {
        let length = 0x83 + u8::from(!more.is_empty());
        KnockFrame::decode(&[&[length], &*ledger::encode(&space(0)), knock, card, more].concat())
    };
    let known = frame(&of_this, &of_this, &[]).unwrap();
    assert_eq!(frame(&of_this, &of_this, &[0x61, b'x']).unwrap(), known);
    for (knock, card) in [(&of_newer, &of_this), (&of_this, &of_newer), (&of_newer, &of_newer)] {
        for more in [&[][..], &[0x61, b'x']] {
            let found = frame(knock, card, more);
            assert!(matches!(found, Err(ledger::DecodeError::Newer)));
        }
    }
    for (knock, card) in [(&of_newer[..], &[][..]), (&of_newer, &[0x80]), (&[0x80], &of_newer)] {
        assert!(!matches!(frame(knock, card, &[]), Ok(_) | Err(ledger::DecodeError::Newer)));
    }
    assert!(!matches!(KnockFrame::decode(&[0x80]), Ok(_) | Err(ledger::DecodeError::Newer)));
    for bytes in [&[0x81, 0x04][..], &[0x82, 0x18, 0xff, 0xf9]] {
        assert_eq!(KnockAnswer::decode(bytes).unwrap(), KnockAnswer::Unknown);
    }
    assert_eq!(KnockAnswer::decode(&[0x82, 0x02, 0x00]).unwrap(), KnockAnswer::Ended);
    assert!(KnockAnswer::decode(&[0x81, 0x20]).is_err());
}

#[test]
fn two_sides_greet_and_know_what_the_other_lacks() {
    let (mut one, mut two) = (Session::new(Side::Dialer), Session::new(Side::Responder));
    let (charter, mine, theirs) = (frontier(&[(1, 1)]), frontier(&[(1, 4)]), frontier(&[(2, 2)]));
    assert!(one.share(space(0), Access::In) && !one.share(space(0), Access::In));
    let mut told = vec![one.tell(space(0), &charter, &mine, None).unwrap()];
    let bytes = one.hello(&mut told).encode();
    one.sent(bytes.len());
    assert!(!one.is_open() && one.shared(&space(0)).unwrap().told == Some(Access::In));
    let Frame::Hello(hello) = two.receive(&bytes).unwrap() else { panic!("a hello") };
    assert!(two.is_open() && two.shared(&space(0)).is_none(), "who shares is for others to judge");
    two.share(space(0), Access::In);
    two.note(&hello.spaces[0]);
    assert_eq!(two.shared(&space(0)).unwrap().lacks_content(&theirs, all), Some((device(2), 0)));
    let mut told = vec![two.tell(space(0), &charter, &theirs, None).unwrap()];
    let bytes = two.answer(&mut told, 2).encode();
    let Frame::Answer(answer) = one.receive(&bytes).unwrap() else { panic!("an answer") };
    one.note(&answer.spaces[0]);
    assert_eq!((answer.entries_to_come, one.traffic.round_trips), (2, 1));
    assert_eq!(one.shared(&space(0)).unwrap().lacks_content(&mine, all), Some((device(1), 0)));
    assert_eq!(one.traffic.bytes_received, bytes.len() as u64);
}

#[test]
fn content_is_told_and_sent_only_to_who_is_in() {
    let (charter, content) = (frontier(&[(1, 1)]), frontier(&[(2, 9)]));
    let mut session = open(Access::Named);
    assert!(session.tell(space(0), &charter, &content, None).unwrap().content.is_none());
    assert_eq!(session.shared(&space(0)).unwrap().lacks_content(&content, all), None);
    assert!(session.share(space(0), Access::In), "that is news");
    assert!(session.tell(space(0), &charter, &content, None).unwrap().content.is_some());
    let lacks = session.shared(&space(0)).unwrap().lacks_content(&content, all);
    assert_eq!(lacks, Some((device(2), 5)));
    let bounded = |max| session.shared(&space(0)).unwrap().lacks_content(&content, |_| max);
    assert_eq!((bounded(6), bounded(5)), (lacks, None), "past its end a log is not sent");
    let not_told = Frontiers { content: None, ..frontiers(1) };
    session.share(space(1), Access::In);
    session.note(&not_told);
    assert_eq!(session.shared(&space(1)).unwrap().lacks_content(&content, all), None);
    assert_eq!(session.tell(space(9), &charter, &content, None), None);
}

#[test]
fn the_first_frame_is_a_hello_and_is_answered() {
    for bytes in frames() {
        let kind = Frame::decode(&bytes).unwrap();
        let mut responder = Session::new(Side::Responder);
        match (&kind, responder.receive(&bytes)) {
            (Frame::Hello(_), Ok(_)) | (_, Err(Misbehaved::Order(_))) => {}
            (kind, other) => panic!("{kind:?}: {other:?}"),
        }
        let mut dialer = Session::new(Side::Dialer);
        match (&kind, dialer.receive(&bytes)) {
            (Frame::Answer(_), Ok(_)) | (_, Err(Misbehaved::Order(_))) => {}
            (kind, other) => panic!("{kind:?}: {other:?}"),
        }
    }
    let second = open(Access::In).receive(&answer(1).encode());
    assert!(matches!(second, Err(Misbehaved::Order(_))));
    let later = open(Access::In).receive(&hello(2).encode());
    assert!(later.is_ok(), "a later hello tells of spaces that came to be shared");
}

#[test]
fn versions_that_do_not_meet_are_named() {
    let greet = |min, max| {
        let (versions, spaces) = (VersionRange { min, max }, Default::default());
        let hello = Frame::Hello(Hello { versions, features: 7, spaces });
        Session::new(Side::Responder).receive(&hello.encode())
    };
    assert!(greet(1, 1).is_ok() && greet(0, 9).is_ok() && greet(1, u16::MAX).is_ok());
    for (min, max) in [(2, 9), (0, 0), (9, 1), (u16::MAX, 0)] {
        match greet(min, max) {
            Err(Misbehaved::Version(range)) => assert_eq!((range.min, range.max), (min, max)),
            other => panic!("{other:?}"),
        }
    }
    for version in [0, 2, u16::MAX] {
        let answered = Session::new(Side::Dialer).receive(&answer(version).encode());
        assert!(matches!(answered, Err(Misbehaved::Version(_))), "{version}");
    }
}

#[test]
fn frames_of_newer_kinds_are_passed_over() {
    let mut session = open(Access::In);
    let before = session.spaces().map(|(_, shared)| shared.clone()).collect::<Vec<_>>();
    assert_eq!(session.receive(&unknown()).unwrap(), Frame::Unknown(99));
    assert_eq!(session.receive(&[0x82, 0x09, 0xf6]).unwrap(), Frame::Unknown(9));
    assert_eq!(session.spaces().map(|(_, shared)| shared.clone()).collect::<Vec<_>>(), before);
    for bytes in [&[][..], &[0x82], &[0x81, 0x00], &[0x82, 0x00], &[0x80], &[0xff; 9]] {
        assert!(matches!(session.receive(bytes), Err(Misbehaved::Frame(_))), "{bytes:?}");
    }
}

#[test]
fn more_spaces_than_two_nodes_share_are_refused() {
    assert!(Session::new(Side::Responder).receive(&hello(SPACES_MAX).encode()).is_ok());
    let one = ledger::encode(&frontiers(0));
    let mut bytes = hello(0).encode();
    assert_eq!(bytes.pop(), Some(0x80));
    bytes.extend_from_slice(&[0x98, SPACES_MAX as u8 + 1]);
    for _ in 0..=SPACES_MAX {
        bytes.extend_from_slice(&one);
    }
    let refused = Session::new(Side::Responder).receive(&bytes);
    assert!(matches!(refused, Err(Misbehaved::Frame(_))));
    let mut session = open(Access::In);
    for n in 1..=SPACES_MAX as u8 + 9 {
        assert_eq!(session.share(space(n), Access::Named), usize::from(n) < SPACES_MAX);
    }
    assert_eq!(session.spaces().count(), SPACES_MAX);
    // What does not fit is not told, and keeps nothing else from being told.
    let nothing = frontier(&[]);
    let tell = |n| session.tell(space(n), &nothing, &nothing, None);
    let mut told: Vec<_> = (0..u8::MAX).filter_map(tell).collect();
    let Frame::Hello(hello) = session.hello(&mut told) else { panic!("a hello") };
    assert_eq!((hello.spaces.len(), told.len()), (SPACES_MAX, 0));
    // Nor does what a peer only named.
    assert!(session.share(space(200), Access::In));
    assert_eq!(session.spaces().count(), SPACES_MAX);
    for n in 0..=u8::MAX {
        session.share(space(n), Access::In);
    }
    assert!(session.spaces().all(|(_, shared)| shared.access == Access::In));
}

#[test]
fn hellos_of_as_many_logs_as_there_can_be_tell_all_in_frames_that_fit() {
    let mut logs = Frontier::default();
    for n in 0..LOGS_MAX as u64 {
        let mut device = [0xff; 32];
        device[..8].copy_from_slice(&(u64::MAX - n).to_be_bytes());
        let head = EntryId::from_bytes([7; 32]);
        logs.set(DeviceId::from_bytes(device), Tip { length: INTEGER_MAX, head }).unwrap();
    }
    let mut session = open(Access::In);
    let spaces: Vec<_> = (0..SPACES_MAX as u8).map(space).collect();
    let mut told: Vec<_> = spaces
        .iter()
        .filter_map(|space| {
            session.share(*space, Access::In);
            session.tell(*space, &logs, &logs, None)
        })
        .collect();
    let mut heard = Vec::new();
    let answer = session.answer(&mut told, u64::MAX);
    let hellos = std::iter::from_fn(|| (!told.is_empty()).then(|| session.hello(&mut told)));
    let frames: Vec<_> = std::iter::once(answer).chain(hellos).collect();
    for frame in frames {
        assert!(frame.encode().len() <= FRAME_BYTES_MAX);
        let told = match frame {
            Frame::Hello(hello) => hello.spaces,
            Frame::Answer(answer) => answer.spaces,
            _ => panic!("a hello or an answer"),
        };
        assert!(!told.is_empty());
        heard.extend(told.iter().map(|told| told.space));
    }
    assert_eq!(heard, spaces);
}

#[test]
fn who_is_told_of_a_space_and_says_nothing_is_sent_the_charter() {
    let mut session = open(Access::In);
    let mine = frontier(&[(1, 3)]);
    session.share(space(1), Access::In);
    session.is_silent_of(&space(1));
    let charter = &session.shared(&space(1)).unwrap().charter;
    assert_eq!((charter.is_told(), charter.lacks(&mine)), (true, 3));
    // The content is not: whoever has not told what they have of it may not be in.
    let shared = session.shared(&space(1)).unwrap();
    assert_eq!(shared.lacks_content(&mine, all), None);
    // Nobody says that they have it, and nobody is waited for to say so.
    session.offered(Journal::Charter, &run(space(1), Journal::Charter, 1, 3));
    let charter = &session.shared(&space(1)).unwrap().charter;
    assert!(charter.is_receipted() && !charter.is_reached_by(&mine));
    session.note(&Frontiers {
        space: space(1),
        charter: mine.digest(),
        content: None,
        guests: None,
    });
    session.is_silent_of(&space(1));
    let charter = &session.shared(&space(1)).unwrap().charter;
    assert!(charter.is_reached_by(&mine) && charter.lacks(&mine) == 0);
}

#[test]
fn who_speaks_of_a_space_that_is_not_shared_misbehaves() {
    for journal in [Journal::Charter, Journal::Content] {
        let frame = Frame::Run(Box::new(run(space(5), journal, 1, 1)));
        let refused = open(Access::In).receive(&frame.encode());
        assert!(matches!(refused, Err(Misbehaved::Space)));
    }
    let refused = open(Access::In).receive(&receipt(5, Journal::Charter, &[(1, 1)]).encode());
    assert!(matches!(refused, Err(Misbehaved::Space)));
}

#[test]
fn runs_and_receipts_move_what_is_known() {
    let mut session = open(Access::In);
    let content = run(space(0), Journal::Content, 1, 5);
    let (log, none) = (content.run.device, Frontier::default());
    session.receive(&Frame::Run(Box::new(content.clone())).encode()).unwrap();
    let known =
        |session: &Session, journal| session.shared(&space(0)).unwrap().known(journal).length(&log);
    assert_eq!(known(&session, Journal::Content), 5);
    assert_eq!((known(&session, Journal::Charter), session.traffic.entries_received), (0, 5));
    let charter = run(space(0), Journal::Charter, 1, 1);
    session.receive(&Frame::Run(Box::new(charter.clone())).encode()).unwrap();
    assert_eq!(known(&session, Journal::Charter), 1);
    let mut sender = open(Access::In);
    sender.offered(Journal::Content, &content);
    let shared = sender.shared(&space(0)).unwrap();
    assert!(!shared.content.is_receipted() && shared.lacks_content(&none, all).is_none());
    let logs = vec![(log, 5)].try_into().unwrap();
    let on_disk = Frame::Receipt(Receipt {
        space: space(0),
        journal: Journal::Content,
        logs,
        frontier: None,
    });
    sender.receive(&on_disk.encode()).unwrap();
    assert!(sender.shared(&space(0)).unwrap().content.is_receipted());
    let mut named = open(Access::Named);
    let before = named.shared(&space(0)).cloned();
    assert!(named.receive(&Frame::Run(Box::new(content)).encode()).is_ok());
    assert_eq!(named.shared(&space(0)).cloned(), before, "who is out may not know it yet");
}
