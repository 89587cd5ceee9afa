//! Charter entries that were heard and are not taken: what another device may still name.
//!
//! They stand behind a stem, or are a knock that is no guest here. Nobody is told of them; they
//! are in memory only, and few: whoever has what names them sends them again.

use std::collections::BTreeMap;

use ledger::{DeviceId, Entry, EntryId};

use crate::limits::{HEARD_BYTES_MAX, HEARD_MAX};

/// Entries that wait for one that names them.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    entries: BTreeMap<EntryId, Entry>,
    bytes: usize,
}

impl Heard {
    pub(crate) fn get(&self, id: &EntryId) -> Option<&Entry> {
        self.entries.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(crate) fn add(&mut self, entry: Entry) {
        self.bytes += size(&entry);
        if let Some(before) = self.entries.insert(entry.id, entry) {
            self.bytes -= size(&before);
        }
    }

    /// All of them, each before what follows it in its log.
    pub(crate) fn take(&mut self) -> Vec<Entry> {
        let mut all: Vec<_> = std::mem::take(&mut self.entries).into_values().collect();
        self.bytes = 0;
        all.sort_by_key(Entry::seq);
        all
    }

    pub(crate) fn remove(&mut self, id: &EntryId) -> Option<Entry> {
        let entry = self.entries.remove(id)?;
        self.bytes -= size(&entry);
        Some(entry)
    }

    /// Whether there are more than are kept.
    pub(crate) fn is_full(&self) -> bool {
        self.entries.len() > HEARD_MAX || self.bytes > HEARD_BYTES_MAX
    }

    /// Forgets the log of which there are the most bytes, so that who floods loses their own. What
    /// is left, each before what follows it in its log.
    pub(crate) fn without_the_largest(&mut self) -> Vec<Entry> {
        let mut sizes = BTreeMap::<DeviceId, usize>::new();
        // Who has a ticket can make any number of keys: what knocked counts as one log.
        let log =
            |entry: &Entry| if entry.seq() < 2 { DeviceId::default() } else { entry.device() };
        for entry in self.entries.values() {
            *sizes.entry(log(entry)).or_default() += size(entry);
        }
        let largest = sizes.into_iter().max_by_key(|(_, bytes)| *bytes);
        let mut left = self.take();
        left.retain(|entry| largest.is_none_or(|(device, _)| device != log(entry)));
        left
    }
}

fn size(entry: &Entry) -> usize {
    // A header in memory is about so much beside its heads.
    let heads = match &entry.header.kind {
        ledger::HeaderKind::Charter(heads) => heads.len() * 32,
        ledger::HeaderKind::Content(_) => 0,
    };
    512 + heads + entry.body.as_ref().map_or(0, Vec::len)
}
