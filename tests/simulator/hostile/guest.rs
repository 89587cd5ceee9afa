//! The holder of a ticket, who knocks by hand.

use ledger::{
    Bounded, DeviceKey, Entry, HeaderKind, NodeKey, PeerId, Run, SealKey, Timestamp, Unsigned,
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

    /// A knock of this key's; each is another entry at the same place.
    pub(crate) fn knock(&mut self, name: &str, now: u64) -> Entry {
        let (space, seed) = (self.ticket.space, TicketSeed::of_ticket(self.ticket.seed.clone()));
        let name = seal::seal_text(&seed.guest_key(), space.as_bytes(), name, &mut self.rng);
        let mut knock = Knock {
            invite: self.ticket.invite,
            known: self.ticket.known,
            name: name.unwrap(),
            ticket_signature: ledger::Signature::from_bytes([0; 64]),
        };
        knock.sign(&seed.signing_key(), &space, &self.key.id());
        self.entry(None, CharterItem::Knock(knock), Timestamp::from_ms(now))
    }

    /// The card behind a knock: that of `node`, which signs it, with the PeerId that it claims.
    pub(crate) fn card(&mut self, knock: &Entry, node: &NodeKey, claims: &PeerId) -> Entry {
        let seal_key = SealKey::from_bytes([7; 32]);
        let card = Card::sign(node, seal_key, &self.ticket.space, &self.key.id());
        let card = Card { peer: claims.clone(), ..card };
        self.entry(Some(knock), CharterItem::Card(card), knock.header.stamp)
    }

    fn entry(&self, before: Option<&Entry>, item: CharterItem, stamp: Timestamp) -> Entry {
        let body: CharterBody = Bounded::one(item);
        let heads = before.map_or(vec![self.ticket.known], |_| Vec::new());
        let unsigned = Unsigned {
            journal: self.ticket.space.charter_journal(),
            seq: before.map_or(0, |before| before.seq() + 1),
            stamp,
            backlink: before.map(|before| before.id),
            kind: HeaderKind::Charter(heads.try_into().unwrap()),
            body: ledger::encode(&body),
        };
        unsigned.sign(&self.key).unwrap()
    }

    /// A knock as the home of `node` puts it to a contact, with its card.
    pub(crate) fn frame(&mut self, knock: &Entry, node: &NodeKey) -> KnockFrame {
        let card = self.card(knock, node, node.peer_id());
        KnockFrame { space: self.ticket.space, knock: run(knock), card: run(&card) }
    }
}

/// A run of one entry.
pub(crate) fn run(entry: &Entry) -> Run {
    Run::of(std::slice::from_ref(entry)).unwrap()
}
