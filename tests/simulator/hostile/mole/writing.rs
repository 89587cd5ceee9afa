//! What the hostile member writes that no engine would: much, on what waits, of far years, in the
//! names of others.

use ledger::{Entry, ItemId, Journal, Timestamp, limits::INTEGER_MAX};
use sync::{Frame, SpaceRun};

use super::{Mole, run_frame};
use crate::simulator::{
    draw::{chance, pick, range},
    hostile::{
        forger::Forger,
        guest::{Guest, run},
        items,
    },
    people,
    world::World,
};

/// Words of the mole's that wait: few enough that a node still tells of all that waits.
const WAITING_MAX: usize = 60;

impl World {
    /// It writes something, and sends that or all of its logs: behind a gap nothing is taken.
    pub(super) fn draw_writing(
        &mut self,
        mole: &mut Mole,
        forger: &mut Forger,
        n: u64,
    ) -> Vec<Frame> {
        let had = forger.lengths();
        let mut frames = Vec::new();
        match range(&mut self.rng, 0, 8) {
            0 => {
                let document = self.some_document().unwrap_or(ItemId::from_bytes([9; 32]));
                forger.content(items::empty_edits(document, 30));
            }
            1 => {
                let name = |k: u64| format!("{}, renamed {n}.{k}", people::called(mole.node));
                forger.content((0..20).map(|k| items::renaming(&name(k))).collect());
            }
            2 if mole.waiting < WAITING_MAX => {
                mole.waiting += 10;
                forger.content((0..10).map(|k| items::waiting(&format!("{n}.{k}"))).collect());
            }
            3 => {
                forger.now = Timestamp::from_ms(INTEGER_MAX);
                forger.content(vec![items::post(&format!("Of a far year {n}"))]);
            }
            4 => _ = forger.charter(items::reports(10)),
            5 => _ = forger.content(vec![items::filler(&n.to_string(), 900)]),
            6 => {
                let (device, never) = (forger.device(), Timestamp::from_ms(INTEGER_MAX));
                forger.charter(vec![items::invite(device, never, u32::MAX)]);
            }
            7 => {
                let other = range(&mut self.rng, 0, self.people as u64 - 1) as usize;
                let (peer, key) = (self.nodes_peer(other), self.nodes[mole.node].key.clone());
                let (space, device) = (forger.space, forger.device());
                forger.charter(vec![items::borrowed_card(&key, &peer, &space, &device)]);
            }
            _ => frames = self.propose(mole, forger, n),
        }
        let from = if chance(&mut self.rng, 500) { [0, 0] } else { had };
        for (journal, from) in Journal::ALL.into_iter().zip(from) {
            frames.extend(forger.runs(journal, from).into_iter().map(run_frame));
        }
        frames
    }

    /// A document of the mole's collective that somebody made.
    fn some_document(&mut self) -> Option<ItemId> {
        let space = self.collectives[0].id.as_ref();
        let written = self.said.iter().filter_map(|said| match &said.answer {
            Some(api::Answer::Written(written)) if Some(&said.space) == space => {
                people::item_id(&written.id)
            }
            _ => None,
        });
        let written: Vec<_> = written.collect();
        pick(&mut self.rng, &written).copied()
    }

    /// A guest of its own, whom it proposes some times more: the knock, for who has it not.
    fn propose(&mut self, mole: &mut Mole, forger: &mut Forger, n: u64) -> Vec<Frame> {
        let now = self.now;
        let key = self.nodes[mole.node].key.clone();
        let ticket = &mole.ticket;
        let entries = mole.proposed.get_or_insert_with(|| {
            let mut guest = Guest::new(ticket, 1);
            let knock = guest.knock(&format!("Guest {n}"), now);
            let card = guest.card(&knock, &key, key.peer_id());
            [knock, card]
        });
        entries.iter().for_each(|entry| forger.take(entry));
        forger.charter(items::proposals(entries[0].id, 5));
        let space = forger.space;
        let frame = |entry: &Entry| run_frame(SpaceRun { space, run: run(entry) });
        entries.iter().map(frame).collect()
    }
}
