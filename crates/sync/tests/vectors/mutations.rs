//! Stable mutation tests: each decoder of this crate, over all vectors of its kind.

use sync::{Frame, KnockAnswer, KnockFrame, Ticket};

use crate::file::corpus;

#[path = "../../../../tests/vectors/mutate.rs"]
mod mutate;

use mutate::mutations;

const MUTATIONS: usize = 20_000;

#[test]
fn frames_survive_mutations() {
    let mut taken = 0;
    mutations(&corpus("frames.json"), MUTATIONS, |bytes| match Frame::decode(bytes) {
        Ok(Frame::Unknown(_)) | Err(_) => {}
        Ok(frame) => {
            // What a newer version may add is passed over, and nothing else.
            let again = frame.encode();
            assert!(again == bytes || again.len() < bytes.len());
            assert_eq!(Frame::decode(&again).unwrap(), frame);
            taken += 1;
        }
    });
    assert!(taken > 300, "{taken}");
}

#[test]
fn knocks_survive_mutations() {
    let mut taken = 0;
    mutations(&corpus("frames.json"), MUTATIONS, |bytes| {
        if let Ok(knock) = ledger::decode::<KnockFrame>(bytes) {
            assert_eq!(ledger::encode(&knock), bytes);
            assert_eq!(KnockFrame::decode(bytes).unwrap(), knock);
            _ = knock.open();
            taken += 1;
        }
        if let Ok(answer) = ledger::decode::<KnockAnswer>(bytes) {
            assert_eq!(ledger::encode(&answer), bytes);
            taken += 1;
        }
    });
    assert!(taken > 200, "{taken}");
}

#[test]
fn tickets_survive_mutations() {
    let (mut decoded, mut read) = (0, 0);
    mutations(&corpus("tickets.json"), MUTATIONS, |bytes| {
        if let Ok(ticket) = ledger::decode::<Ticket>(bytes) {
            assert_eq!(ledger::encode(&ticket), bytes);
            decoded += 1;
        }
        let text = String::from_utf8_lossy(bytes);
        if let Ok(ticket) = Ticket::parse(&text) {
            let canonical = ticket.to_text();
            assert_eq!(Ticket::parse(&canonical).as_ref(), Ok(&ticket));
            read += 1;
        }
    });
    assert!(decoded > 100 && read > 10, "{decoded}, {read}");
}
