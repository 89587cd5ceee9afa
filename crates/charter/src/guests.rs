//! Who knocked and was not taken in (DESIGN 6 *Guests*): known, and beside what is taken.

use ledger::{EntryId, ItemId, charter_items::CharterItem};

use crate::{charter::Charter, counting::vouches_in, roll::KnockState};

impl Charter {
    /// The knock that an entry is, or behind which it is the card, if nobody took that knock in.
    pub fn guest_of(&self, id: &EntryId) -> Option<EntryId> {
        let knock = self.history.node(id)?.guest?;
        let is_taken = self.history.node(&knock).is_some_and(|node| self.taken.has(node.place));
        (!is_taken).then_some(knock)
    }

    /// What a knock says, taken in or not, as of one that nobody proposed to admit.
    pub fn knock_state(&self, id: &EntryId) -> Option<KnockState> {
        let node = self.history.node(id).filter(|node| node.guest == Some(node.id))?;
        let Some(CharterItem::Knock(knock)) = node.items.first() else { return None };
        Some(KnockState { needed: self.vouches_needed(), ..KnockState::new(node.device, knock) })
    }

    /// Vouches that would let somebody in who is proposed now.
    pub fn vouches_needed(&self) -> usize {
        vouches_in(self.latest.electorate.len())
    }

    /// Whether an item is taken, and stands where its log is not known to fork.
    pub fn is_on_stem(&self, item: &ItemId) -> bool {
        self.history.item(item).is_some_and(|(node, _)| {
            self.taken.has(node.place) && node.seq < self.stem(&node.device)
        })
    }
}
