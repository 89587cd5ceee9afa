//! Bytes that nobody honest would send: no panic, and nothing that grows without bound.

use ledger::{DeviceId, Frontier, Journal};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::{
    frontier, peer_at,
    session::{frames, open},
    space,
};
use crate::{Access, Frame, Frontiers, KnockAnswer, KnockFrame, Session, Side, Ticket};

struct Random(ChaCha8Rng);

impl Random {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        // Heads of CBOR values that claim great lengths are the interesting ones.
        const HEADS: [u8; 12] =
            [0x00, 0x1b, 0x3b, 0x40, 0x5b, 0x7b, 0x80, 0x9a, 0x9b, 0xbb, 0xf6, 0xff];
        match self.below(3) {
            0 => HEADS[self.below(HEADS.len())],
            _ => self.0.next_u64() as u8,
        }
    }

    /// The bytes with a few changes.
    fn mutated(&mut self, bytes: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..1 + self.below(4) {
            let at = self.below(bytes.len());
            match self.below(7) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, self.byte()),
                2 if !bytes.is_empty() => _ = bytes.remove(at),
                3 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                4 => {
                    let other = &others[self.below(others.len())];
                    let from = self.below(other.len());
                    bytes.splice(at.., other[from..].iter().copied());
                }
                5 => bytes.extend_from_within(at..),
                _ if !bytes.is_empty() => bytes[at] = self.byte(),
                _ => bytes.push(self.byte()),
            }
        }
        bytes
    }
}

/// How much a session keeps, about, to be compared with what was sent.
fn held(session: &Session) -> usize {
    session.spaces().map(|(_, shared)| format!("{shared:?}").len()).sum()
}

#[test]
fn mutated_frames_are_refused_or_are_frames() {
    let (frames, mut random) = (frames(), Random::new(1));
    let mut decoded = 0;
    for round in 0..40_000 {
        let bytes = random.mutated(&frames[round % frames.len()], &frames);
        match Frame::decode(&bytes) {
            Ok(Frame::Unknown(kind)) => assert!(kind > 6),
            Ok(frame) => {
                let again = frame.encode();
                assert!(again.len() <= bytes.len(), "only additions are passed over");
                assert_eq!(Frame::decode(&again).unwrap(), frame);
                decoded += 1;
                if let Frame::Run(run) = frame {
                    _ = run.run.open();
                }
            }
            Err(_) => {}
        }
        _ = KnockFrame::decode(&bytes);
        _ = KnockAnswer::decode(&bytes);
    }
    assert!(decoded > 1000, "{decoded} frames were well formed");
}

#[test]
fn mutated_dialogues_end_or_go_on_within_bounds() {
    let frames = frames();
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let side = if random.below(2) == 0 { Side::Dialer } else { Side::Responder };
        let mut session = if random.below(4) == 0 { Session::new(side) } else { open(Access::In) };
        let mut received = session.traffic.bytes_received as usize;
        for _ in 0..60 {
            let mut bytes = frames[random.below(frames.len())].clone();
            if random.below(3) == 0 {
                bytes = random.mutated(&bytes, &frames);
            }
            received += bytes.len();
            match session.receive(&bytes) {
                Ok(Frame::Hello(hello)) => judge(&mut random, &mut session, &hello.spaces),
                Ok(Frame::Answer(answer)) => judge(&mut random, &mut session, &answer.spaces),
                Ok(_) => {}
                Err(_) if random.below(2) == 0 => break,
                Err(_) => {}
            }
            ask(&mut random, &mut session);
        }
        assert_eq!(session.traffic.bytes_received, received as u64);
        assert!(held(&session) < 10_000 + 20 * received, "seed {seed}");
    }
}

/// What an engine does with told frontiers: shares some of the spaces.
fn judge(random: &mut Random, session: &mut Session, told: &[Frontiers]) {
    for frontiers in told {
        let access = if random.below(2) == 0 { Access::In } else { Access::Named };
        if random.below(3) > 0 {
            session.share(frontiers.space, access);
        }
        session.note(frontiers);
    }
}

/// What an engine asks a session after each frame.
fn ask(random: &mut Random, session: &mut Session) {
    let mut mine = frontier(&[(1, 4), (2, 6), (9, 1 << 50)]);
    let head = ledger::EntryId::from_bytes([random.byte(); 32]);
    mine.set(DeviceId::from_bytes([3; 32]), ledger::Tip { length: u64::MAX >> 11, head }).unwrap();
    let spaces: Vec<_> = session.spaces().map(|(id, _)| *id).collect();
    for id in spaces {
        let shared = session.shared_mut(&id).unwrap();
        _ = shared.lacks_content(&mine, |_| u64::MAX);
        _ = shared.charter.lacks(&mine);
        _ = shared.content.is_reached_by(&mine);
        let none = Default::default();
        _ = shared.known_mut(Journal::Content).differs(&Frontier::default(), &none, |_, _| None);
        _ = shared.known_mut(Journal::Charter).differs(&mine, &none, |_, _| Some(head));
        session.tell(id, &mine, &mine, None);
    }
    _ = session.share(space(random.byte()), Access::Named);
}

#[test]
fn mutated_tickets_are_damaged() {
    let mut random = Random::new(3);
    let ticket = Ticket {
        seed: ledger::SecretBytes::from_bytes([1; 16]),
        space: space(1),
        invite: ledger::ItemId::from_bytes([2; 32]),
        known: ledger::EntryId::from_bytes([3; 32]),
        contacts: vec![peer_at(1), peer_at(2)].try_into().unwrap(),
    };
    let text = ticket.to_text();
    for _ in 0..5_000 {
        let bytes = random.mutated(text.as_bytes(), &[text.clone().into_bytes()]);
        if let Ok(read) = Ticket::parse(&String::from_utf8_lossy(&bytes)) {
            assert_eq!(read, ticket, "four bytes of checksum let no other through");
        }
    }
}
