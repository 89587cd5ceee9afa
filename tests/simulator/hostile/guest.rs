//! The holder of a ticket, who knocks by hand.

use ledger::{
    Bounded, DeviceKey, Entry, HeaderKind, PeerId, Run, SealKey, Timestamp, Unsigned,
    charter_items::{Card, CharterBody, CharterItem, Knock},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use seal::TicketSeed;
use sync::{KnockFrame, Ticket};

/// Somebody who has a ticket and a key.
pub(crate) struct Guest {
    pub(crate) ticket: Ticket,
    pub(crate) key: DeviceKey,
    rng: ChaCha20Rng,
}

impl Guest {
    pub(crate) fn new(ticket: &str, n: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1_000 + n);
        let key = DeviceKey::generate(&mut rng);
        Self { ticket: Ticket::parse(ticket).unwrap(), key, rng }
    }

    /// A knock of this key's, as the card of `peer`; each is another entry at the same place.
    pub(crate) fn knock(&mut self, peer: &PeerId, name: &str, now: u64) -> Entry {
        let (space, seed) = (self.ticket.space, TicketSeed::from_bytes(self.ticket.seed));
        let name = seal::seal_text(&seed.guest_key(), space.as_bytes(), name, &mut self.rng);
        let seal_key = seal::SealSecretKey::generate(&mut self.rng).public();
        let card = Card { peer: peer.clone(), seal_key: SealKey::from_bytes(*seal_key.as_bytes()) };
        let mut knock = Knock {
            invite: self.ticket.invite,
            known: self.ticket.known,
            card,
            name: name.unwrap(),
            ticket_signature: ledger::Signature::from_bytes([0; 64]),
        };
        knock.sign(&seed.signing_key(), &space, &self.key.id());
        let body: CharterBody = Bounded::one(CharterItem::Knock(knock));
        let unsigned = Unsigned {
            journal: space.charter_journal(),
            seq: 0,
            stamp: Timestamp::from_ms(now),
            backlink: None,
            kind: HeaderKind::Charter(Bounded::one(self.ticket.known)),
            body: ledger::encode(&body),
        };
        unsigned.sign(&self.key).unwrap()
    }

    /// A knock as it is put to a contact.
    pub(crate) fn frame(&self, knock: &Entry) -> KnockFrame {
        let run = Run::of(std::slice::from_ref(knock)).unwrap();
        KnockFrame { space: self.ticket.space, run }
    }
}
