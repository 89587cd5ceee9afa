//! Opening an index: it is compared with all that the entry file has, and catches up; one that is
//! empty is built so.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::Duration,
};

use crate::{
    entries::{Damage, Reader, Record, Walked, walk},
    index::{
        Index, IndexKey,
        fault::{IndexFault, guarded},
        value::Value,
    },
    key::Keys,
    position::{Mark, Position},
};

/// How long sled may take for one step. It has been seen to hang on opening (sled#1533).
const STALL: Duration = Duration::from_secs(120);

/// Rows that go to sled at once.
const ROWS_AT_ONCE: usize = 1_000;

/// An index that agrees with the entry file.
pub(crate) struct Built {
    pub(crate) index: Index,
    pub(crate) walked: Walked,
    /// Whether there was nothing in it before.
    pub(crate) was_empty: bool,
    /// The last damage of which it does not know what stood there.
    pub(crate) blind: Position,
    /// Whether there is damage that it did not know of.
    pub(crate) has_lost: bool,
    /// All before this was durable once.
    pub(crate) durable: Position,
}

/// What comparing an index with the entry file came to.
struct Compared {
    walked: Walked,
    was_empty: bool,
    has_lost: bool,
    durable: Position,
}

/// What is known of an index before it is opened.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// The mark at which the home was closed, if it was in good order: an index that goes as far is
    /// believed.
    pub(crate) closed: Option<Mark>,
    /// Up to where the entry file had been durable.
    pub(crate) durable: Position,
    /// Of which version rows of index tables are to be.
    pub(crate) rows: u8,
}

/// Why there is no index to read from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error(transparent)]
    Fault(#[from] IndexFault),
    /// The entry file cannot be read, which is not the index's fault.
    #[error(transparent)]
    Entries(#[from] io::Error),
}

/// What the thread has done: a sign of life, too.
enum Step {
    /// Compared a record.
    Compared,
    /// Given the index so many records.
    Given(u64),
}

/// Opens the index on a thread of its own, calling `progress` with the records that it has been
/// given so far.
pub(crate) fn build(
    path: &Path,
    keys: &Arc<Keys>,
    reader: &Reader,
    known: Known,
    mut progress: impl FnMut(u64),
) -> Result<Built, BuildError> {
    let (path, keys, reader) = (path.to_owned(), keys.clone(), reader.clone());
    let (report, reports): (Sender<Step>, Receiver<Step>) = channel();
    let work = move || guarded(|| Ok(open_and_compare(&path, keys, &reader, known, &report)));
    let thread = std::thread::Builder::new().name("index".to_owned()).spawn(work)?;
    loop {
        match reports.recv_timeout(STALL) {
            Ok(Step::Compared) => {}
            Ok(Step::Given(records)) => progress(records),
            // The thread is done, or has panicked: it had the other end.
            Err(RecvTimeoutError::Disconnected) => break,
            // It may never end, so it is left behind.
            Err(RecvTimeoutError::Timeout) => return Err(IndexFault::Stalled.into()),
        }
    }
    thread.join().unwrap_or(Err(IndexFault::Panicked))?
}

fn open_and_compare(
    path: &Path,
    keys: Arc<Keys>,
    reader: &Reader,
    Known { closed, durable, rows }: Known,
    report: &Sender<Step>,
) -> Result<Built, BuildError> {
    let index = Index::open_sled(path, keys)?;
    match index.rows_version()? {
        None if index.is_empty()? => index.set_rows_version(rows)?,
        Some(version) if version == [rows] => {}
        _ => return Err(IndexFault::OtherRows.into()),
    }
    let compared = guarded(|| match closed {
        Some(closed) if index.mark()? == Some(closed) && index.knows_no_damage()? => {
            let walked = Walked { last: closed, ..Walked::default() };
            Ok(Ok(Compared { walked, was_empty: false, has_lost: false, durable }))
        }
        Some(_) => Ok(Err(IndexFault::Unbelieved.into())),
        None => Ok(compare(&index, reader, durable, report)),
    });
    match compared {
        Ok(compared) => {
            let Compared { walked, was_empty, has_lost, durable } = compared?;
            index.is_built()?;
            let blind = index.blind()?;
            Ok(Built { index, walked, was_empty, blind, has_lost, durable })
        }
        Err(fault) => {
            // Closing what has just panicked may panic again, and that would end the process.
            std::mem::forget(index);
            Err(fault.into())
        }
    }
}

/// Walks through the entry file beside the index: up to the mark it must have what the file says,
/// behind the mark it is given it. What cannot be read any more it may still have.
fn compare(
    index: &Index,
    reader: &Reader,
    durable: Position,
    report: &Sender<Step>,
) -> Result<Compared, BuildError> {
    let mark = index.mark()?;
    if mark.is_none() && !index.is_empty()? {
        return Err(IndexFault::Unmarked.into());
    }
    let old = mark.unwrap_or_default();
    // An index gets only what is durable.
    let durable = durable.max(old.end);
    let mut has_caught_up = old == Mark::default();
    let since = index.catching_up_since()?.unwrap_or(old.end);
    let mut behind = Behind { index, since, rows: BTreeMap::new(), mark: old };
    let (mut given, mut before) = (0, Position::default());
    let walked = walk::<BuildError>(reader, durable, |record| {
        // The record that it has seen last is one that cannot be read any more.
        has_caught_up |= before < old.end && old.end <= record.at;
        before = record.mark.end;
        let step = if has_caught_up {
            behind.add(record)?;
            given += 1;
            Step::Given(given)
        } else {
            must_have(index, record)?;
            if record.mark.end == old.end {
                has_caught_up = record.mark == old;
                if !has_caught_up {
                    return Err(IndexFault::Ahead.into());
                }
            }
            Step::Compared
        };
        // Where nobody listens any more nobody has it.
        report.send(step).map_err(|_| IndexFault::Stalled.into())
    })?;
    let last_is_lost = || walked.damage.iter().any(|damage| damage.reaches(old.end));
    if !has_caught_up && !last_is_lost() {
        return Err(IndexFault::Ahead.into());
    }
    if !behind.rows.is_empty() || mark.is_none() {
        behind.apply()?;
    }
    let was_empty = mark.is_none();
    // Of what it had not seen it does not know what stood there.
    let unseen = walked.damage.last().filter(|damage| !damage.is_before(since));
    let first = Position { segment: 0, offset: 1 };
    let seen = |damage: &Damage| damage.begins().max(since).max(first);
    index.has_caught_up(unseen.map(seen))?;
    let is_other = index.damage_digest()? != Some(walked.damage_digest());
    let has_lost = is_other && !walked.damage.is_empty();
    if has_lost {
        index.forget_lost(&walked)?;
    }
    Ok(Compared { walked, was_empty, has_lost, durable })
}

/// Whether the index has each put of a record, or a later one of the same key.
fn must_have(index: &Index, record: &Record) -> Result<(), IndexFault> {
    for (key, _) in &record.payload.puts {
        let value = index.value(&index.key(key.table, &key.group, key.number))?;
        if value.and_then(|value| value.at()).is_none_or(|at| at < record.at) {
            return Err(IndexFault::Stale);
        }
    }
    Ok(())
}

/// Records that the index has not seen, on their way into it.
struct Behind<'a> {
    index: &'a Index,
    /// Up to where it had seen them before.
    since: Position,
    /// What they leave at each key.
    rows: BTreeMap<IndexKey, Vec<u8>>,
    mark: Mark,
}

impl Behind<'_> {
    fn add(&mut self, record: &Record) -> Result<(), IndexFault> {
        for (n, (key, value)) in record.payload.puts.iter().enumerate() {
            let key = self.index.key(key.table, &key.group, key.number);
            let value = Value::of_put(record.at, n as u32, value.as_deref());
            self.rows.insert(key, value.encode());
        }
        self.mark = record.mark;
        if self.rows.len() >= ROWS_AT_ONCE { self.apply() } else { Ok(()) }
    }

    fn apply(&mut self) -> Result<(), IndexFault> {
        let rows = std::mem::take(&mut self.rows);
        let rows = rows.into_iter().map(|(key, value)| (key, Some(value))).collect();
        self.index.catch_up(&rows, self.since, self.mark)
    }
}
