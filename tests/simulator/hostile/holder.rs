//! Somebody outside the roll who holds a ticket, in the random runs: knocks by hand, with what no
//! home would send, and says hello like a member.

use ledger::{Bounded, Entry, Frontier, Journal};
use sync::{Frame, Frontiers, Heads, Receipt, SpaceRun};

use super::guest::{Guest, run};
use crate::simulator::{
    checkers::outsiders::{self, Log},
    draw::{chance, pick, range},
    scenes::{claims_nothing, no_frames},
    world::World,
};

/// Knocks that its ticket is for.
pub(crate) const KNOCKS: u32 = 3;

/// The holder of a ticket for whom nobody vouches.
pub(crate) struct Holder {
    pub(crate) node: usize,
    /// Its keys: with one it begins its log twice, with the other it puts another's PeerId on its
    /// card. None before it has a ticket.
    pub(crate) guests: Option<[Guest; 2]>,
}

impl World {
    /// The holder of a ticket does something to somebody.
    pub(crate) fn trick(&mut self, n: u64) {
        let Some(mut holder) = self.holder.take() else { return };
        let victim = range(&mut self.rng, 0, self.people as u64 - 1) as usize;
        if let Some(guests) = &mut holder.guests {
            self.draw_trick(holder.node, victim, guests, n);
            self.counters.tricks += 1;
        }
        self.holder = Some(holder);
    }

    fn draw_trick(&mut self, node: usize, victim: usize, guests: &mut [Guest; 2], n: u64) {
        let [first, second] = guests;
        let (key, space) = (self.nodes[node].key.clone(), first.ticket.space);
        let name = format!("Guest {n}");
        let mut frames = Vec::new();
        match range(&mut self.rng, 0, 5) {
            // Each knock is another first entry.
            0 => {
                let knock = first.knock(&name, self.now);
                let frame = first.frame(&knock, &key);
                return self.knock_for(node, victim, ledger::encode(&frame));
            }
            1 => {
                let garbage = pick(&mut self.rng, &no_frames()).cloned().unwrap_or_default();
                return self.knock_for(node, victim, garbage);
            }
            2 => {
                let other = range(&mut self.rng, 0, self.people as u64 - 1) as usize;
                let knock = second.knock(&name, self.now);
                let card = second.card(&knock, &key, &self.nodes_peer(other));
                if chance(&mut self.rng, 500) {
                    let honest = second.frame(&knock, &key);
                    let frame = sync::KnockFrame { card: run(&card), ..honest };
                    return self.knock_for(node, victim, ledger::encode(&frame));
                }
                let frame = |entry: &Entry| {
                    Frame::Run(Box::new(SpaceRun { space, run: run(entry) })).encode()
                };
                frames = vec![frame(&knock), frame(&card)];
            }
            3 => frames = no_frames(),
            4 => {
                let logs = Bounded::one((first.key.id(), 1));
                let receipt = Receipt { space, journal: Journal::Content, logs, frontier: None };
                let heads = Heads::of(space, Journal::Charter, &Frontier::default(), false);
                frames = vec![Frame::Receipt(receipt).encode(), Frame::Heads(heads).encode()];
            }
            _ => {}
        }
        let claims = self.draw_claims(claims_nothing(space));
        self.speak_for(node, victim, vec![claims], frames, 300);
    }

    /// It says that it has nothing, or all that some member has.
    fn draw_claims(&mut self, nothing: Frontiers) -> Frontiers {
        let members: Vec<_> =
            self.nodes[..self.people].iter().filter_map(|node| node.engine.as_ref()).collect();
        let charter = nothing.space.charter_journal();
        let Some(member) = pick(&mut self.rng, &members) else { return nothing };
        let logs = member.logs().into_iter().filter(|(journal, ..)| *journal == charter);
        let mut claimed = Frontier::default();
        for (_, device, length) in logs {
            let head = ledger::EntryId::from_bytes(*device.as_bytes());
            claimed.set(device, ledger::Tip { length, head }).unwrap();
        }
        match chance(&mut self.rng, 500) {
            true => Frontiers { charter: claimed.digest(), ..nothing },
            false => nothing,
        }
    }

    /// The holder was told nothing, and wrote nothing.
    pub(crate) fn holder_is_outside(&self) -> Result<(), String> {
        let Some(holder) = &self.holder else { return Ok(()) };
        let (Some(guests), Some(speaker)) = (&holder.guests, &self.nodes[holder.node].speaker)
        else {
            return Ok(());
        };
        outsiders::heard_nothing(&speaker.heard, &speaker.answers)?;
        let logs = guests.iter().flat_map(|guest| {
            Journal::ALL.map(|journal| (journal.id(guest.ticket.space), guest.key.id()))
        });
        let logs: Vec<Log> = logs.collect();
        let members = self.nodes[..self.people].iter().filter_map(|node| node.engine.as_ref());
        members.into_iter().try_for_each(|member| outsiders::write_nothing(member, &logs))
    }
}
