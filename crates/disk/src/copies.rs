//! The second copy of what is kept twice: this home's keys, charters, which logs there are.
//!
//! It is a series of records of its own, so that a page or a file that goes bad takes one of both.
//! A copy is written once the record that it is one of is durable; so at an opening each copy whose
//! record is not there says that this was lost, and each record without a copy that the last
//! process died before it was made.

use std::{collections::BTreeMap, io};

use store::{Batch, Key, Put, Store};

use crate::{
    entries::{Cut, Entries, Reader, Walked, walk},
    error::OpenError,
    position::Position,
    record,
    store::DiskStore,
};

/// Puts that are put back as one batch.
const PUTS_AT_ONCE: usize = 1_000;

/// The copies, opened for writing.
pub(crate) struct Copies {
    entries: Entries,
    /// All before this is durable.
    durable: Position,
    /// What is to be copied once its record is durable, in their order.
    waiting: Vec<(Position, Batch)>,
}

/// Where copies stand, by where the record stands of which each is one; of several the last.
#[derive(Default)]
pub(crate) struct Copied {
    places: BTreeMap<Position, Position>,
    /// Whether some cannot be read.
    pub(crate) is_damaged: bool,
}

impl Copied {
    /// Which copies there are, and what a crash had torn off their end.
    pub(crate) fn look(reader: &Reader) -> io::Result<(Self, Option<Cut>)> {
        let mut places = BTreeMap::new();
        let Walked { damage, cut, .. } =
            walk::<io::Error>(reader, Position::default(), |record| {
                places.insert(record.payload.of, record.at);
                Ok(())
            })?;
        Ok((Self { places, is_damaged: !damage.is_empty() }, cut))
    }

    /// Behind the beginning of the last record of which there is a copy: all before that was
    /// durable when that was made.
    pub(crate) fn durable(&self) -> Position {
        let last = self.places.last_key_value().map(|(of, _)| *of);
        last.map(|of| Position { offset: of.offset + 1, ..of }).unwrap_or_default()
    }

    /// What a record has that is kept twice; nothing where there is no copy of it.
    pub(crate) fn puts(&self, reader: &Reader, of: Position) -> io::Result<Vec<Put>> {
        let Some(at) = self.places.get(&of) else { return Ok(Vec::new()) };
        Ok(reader.record(*at)?.map(|record| record.payload.puts).unwrap_or_default())
    }
}

impl Copies {
    /// Takes over a series, cutting what a crash tore off its end, and begins it where it is new.
    pub(crate) fn settle(mut entries: Entries, cut: Option<Cut>) -> io::Result<Self> {
        entries.go_on(Position::default())?;
        entries.settle(cut)?;
        Ok(Self { durable: entries.end(), entries, waiting: Vec::new() })
    }

    /// A series as it is, of a disk that can only be read.
    pub(crate) fn as_is(entries: Entries) -> Self {
        Self { durable: entries.end(), entries, waiting: Vec::new() }
    }

    /// The copies, for reading.
    pub(crate) fn reader(&self) -> Reader {
        self.entries.reader.clone()
    }

    /// What of the record at `of` is to be copied once that is durable.
    pub(crate) fn wait(&mut self, of: Position, puts: Batch) {
        if !puts.is_empty() {
            self.waiting.push((of, puts));
        }
    }

    /// Writes what waits of records before `durable`, which are.
    pub(crate) fn write(&mut self, durable: Position) -> io::Result<()> {
        let left = self.waiting.partition_point(|(of, _)| *of < durable);
        let due: Vec<_> = self.waiting.drain(..left).collect();
        for (of, puts) in &due {
            let payload = record::encode_copy(puts, self.durable, *of);
            if self.entries.is_full_for(&payload) {
                self.sync()?;
                self.entries.begin_segment()?;
                self.durable = self.entries.end();
            }
            self.entries.append(&record::encode_copy(puts, self.durable, *of))?;
        }
        if due.is_empty() { Ok(()) } else { self.sync() }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.entries.current()?.sync_data()?;
        self.durable = self.entries.end();
        Ok(())
    }
}

/// Makes both copies whole: what only one of them has is written to the other. How many values were
/// put back into the entry file.
pub(crate) fn mend(
    store: &mut DiskStore,
    copied: &Copied,
    walked: &Walked,
) -> Result<usize, OpenError> {
    let home = store.shared.home.clone();
    let failed = || OpenError::io("cannot mend", home.clone());
    for of in walked.twice.iter().filter(|of| !copied.places.contains_key(of)) {
        if let Some(record) = store.record(*of).map_err(failed())? {
            store.shared.copy(*of, record::twice(&record.payload.puts));
        }
    }
    store.shared.write_copies();
    // Each key once, with what it had last: so a crash in between leaves none with what it had
    // before.
    let mut last = BTreeMap::<Key, Option<Vec<u8>>>::new();
    for of in copied.places.keys().filter(|of| !walked.twice.contains(of)) {
        for (key, value) in copied.puts(&store.copies, *of).map_err(failed())? {
            // What was written since stands.
            if store.stands_since(&key).is_none_or(|since| since <= *of) {
                last.insert(key, value);
            }
        }
    }
    let (mended, mut batch) = (last.len(), Batch::default());
    for (key, value) in last {
        match value {
            Some(value) => batch.put(key, value),
            None => batch.remove(key),
        }
        if batch.puts().len() >= PUTS_AT_ONCE {
            store.write(std::mem::take(&mut batch)).map_err(OpenError::NotMended)?;
        }
    }
    if !batch.is_empty() {
        store.write(batch).map_err(OpenError::NotMended)?;
    }
    if mended > 0 {
        store.shared.flush().map_err(OpenError::NotMended)?;
    }
    Ok(mended)
}
