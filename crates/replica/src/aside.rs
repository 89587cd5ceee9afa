//! Second entries at a taken place: kept with their signature, shown, and blamed on nobody who
//! forwarded them (DESIGN 5).

use ledger::{DeviceId, JournalId, Run};
use store::{Batch, Group, Key, Store, StoreError, Table};

use crate::{limits::ASIDE_PER_LOG_MAX, logs::damaged};

/// A run that another one has the place of: proof of a copied or stolen device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aside {
    /// The device whose key wrote twice.
    pub device: DeviceId,
    /// The place of the first entry of the second branch.
    pub seq: u64,
}

fn group(journal: JournalId) -> Group {
    Group::of(&[journal.as_bytes()])
}

/// All that is kept aside of one journal.
pub(crate) fn list(store: &impl Store, journal: JournalId) -> Result<Vec<Aside>, StoreError> {
    let found = store.all(Table::Aside, &group(journal))?;
    let read = |(_, bytes): (u64, Vec<u8>)| {
        let run = Run::decode(&bytes).map_err(|_| damaged("an entry kept aside"))?;
        Ok(Aside { device: run.device, seq: run.first_seq })
    };
    found.into_iter().map(read).collect()
}

/// Keeps a run aside, unless one of its log is there already.
pub(crate) fn keep(known: &[Aside], journal: JournalId, run: &Run, batch: &mut Batch) -> bool {
    let of_log = known.iter().filter(|aside| aside.device == run.device).count();
    if of_log >= ASIDE_PER_LOG_MAX {
        return false;
    }
    batch.put(Key::new(Table::Aside, group(journal), known.len() as u64), run.encode());
    true
}
