//! Knocks and the cards behind them, beside the charter until another device takes one in
//! (DESIGN 6 *Guests*).

use std::collections::BTreeMap;

use charter::KnockState;
use ledger::{Entry, EntryId, ItemId, Run, SpaceId};
use minicbor::{Decode, Encode};
use store::{Batch, Group, Key, Store, StoreError, Table};

use crate::logs::damaged;

/// Somebody who knocked and whom nobody has proposed to admit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guest {
    /// The knock: the first entry of their log.
    pub knock: Entry,
    /// The card behind it.
    pub card: Option<Entry>,
    /// What their knock says, as of those that are taken.
    pub state: KnockState,
    /// Under which number the store keeps them.
    pub(crate) number: u64,
}

/// The guests of a space, by their knock.
#[derive(Debug, Default)]
pub(crate) struct Guests(BTreeMap<EntryId, Guest>);

/// The row of a guest: each a run of one entry, so that it is verified when it is read.
#[derive(Encode, Decode)]
struct StoredGuest {
    #[n(0)]
    knock: Run,
    #[n(1)]
    card: Option<Run>,
}

impl Guests {
    /// The entries that the store keeps, each with its number: knocks, then their cards.
    pub(crate) fn read(
        store: &impl Store,
        space: SpaceId,
    ) -> Result<Vec<(u64, Entry, Option<Entry>)>, StoreError> {
        let wrong = || damaged("somebody's knock");
        let open = |run: Run| run.open().ok()?.into_iter().next();
        let read = |(number, bytes): (u64, Vec<u8>)| {
            let stored: StoredGuest = ledger::decode(&bytes).map_err(|_| wrong())?;
            let card = stored.card.map(|card| open(card).ok_or_else(wrong)).transpose()?;
            Ok((number, open(stored.knock).ok_or_else(wrong)?, card))
        };
        store.all(Table::Guests, &group(space))?.into_iter().map(read).collect()
    }

    pub(crate) fn get(&self, knock: &EntryId) -> Option<&Guest> {
        self.0.get(knock)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&EntryId, &Guest)> {
        self.0.iter()
    }

    /// The guest of whom this entry is the knock or the card.
    pub(crate) fn of_entry(&self, id: &EntryId) -> Option<&Guest> {
        let is_card = |guest: &&Guest| guest.card.as_ref().is_some_and(|card| card.id == *id);
        self.0.get(id).or_else(|| self.0.values().find(is_card))
    }

    /// How many knocked on an invite.
    pub(crate) fn on(&self, invite: &ItemId) -> usize {
        self.0.values().filter(|guest| guest.state.invite == *invite).count()
    }

    /// A number under which nobody is kept.
    pub(crate) fn free(&self) -> u64 {
        self.0.values().map(|guest| guest.number + 1).max().unwrap_or(0)
    }

    pub(crate) fn add(&mut self, guest: Guest) {
        self.0.insert(guest.knock.id, guest);
    }

    /// So many vouches let somebody in by now.
    pub(crate) fn need(&mut self, vouches: usize) {
        self.0.values_mut().for_each(|guest| guest.state.needed = vouches);
    }

    pub(crate) fn remove(&mut self, knock: &EntryId) -> Option<Guest> {
        self.0.remove(knock)
    }
}

impl Guest {
    /// The last of their entries that is here.
    pub fn last(&self) -> &Entry {
        self.card.as_ref().unwrap_or(&self.knock)
    }

    /// Their entries, as they travel.
    pub fn runs(&self) -> Vec<Run> {
        let entries = [Some(&self.knock), self.card.as_ref()].into_iter().flatten();
        entries.filter_map(|entry| Run::of(std::slice::from_ref(entry)).ok()).collect()
    }

    /// To `batch`: what keeps them.
    pub(crate) fn keep(&self, space: SpaceId, batch: &mut Batch) -> Result<(), StoreError> {
        let run = |entry: &Entry| Run::of(std::slice::from_ref(entry));
        let wrong = |_| damaged("a knock without its signature");
        let knock = run(&self.knock).map_err(wrong)?;
        let card = self.card.as_ref().map(run).transpose().map_err(wrong)?;
        batch.put(key(space, self.number), ledger::encode(&StoredGuest { knock, card }));
        Ok(())
    }

    /// To `batch`: what forgets them.
    pub(crate) fn forget(&self, space: SpaceId, batch: &mut Batch) {
        batch.remove(key(space, self.number));
    }
}

fn group(space: SpaceId) -> Group {
    Group::of(&[space.as_bytes()])
}

fn key(space: SpaceId, number: u64) -> Key {
    Key::new(Table::Guests, group(space), number)
}
