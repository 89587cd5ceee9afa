//! Opening a home: its format, its lock, its key, its entries, its index, in this order.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};

use crate::{
    closed,
    copies::{self, Copied, Copies},
    entries::{Cut, Damage, Entries, Found, Series, Walked},
    error::OpenError,
    flusher::Flusher,
    home::{self, Lock},
    index::{self, BuildError, Built, IndexFault, Known},
    key::{self, KeyFiles, Keys},
    position::{Mark, Position},
    read_only,
    secret::NodeKeyFile,
    shared::Shared,
    store::{DiskStore, Loss},
};

/// How a home is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// How long to wait for whoever has the home open.
    pub wait: Duration,
    /// Of which version the rows of index tables are. An index with others is built anew: whoever
    /// reads it would find none of its own in it.
    pub rows: u8,
    /// A directory of this user's alone, if there is one: where the disk can only be read, a copy
    /// of the index is in it.
    pub scratch: Option<PathBuf>,
    /// Called now and then while the index is built, with the records read so far.
    pub progress: fn(u64),
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { wait: Duration::from_secs(5), rows: 0, scratch: None, progress: |_| {} }
    }
}

/// A home that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The store, for the engine.
    pub store: DiskStore,
    /// What makes its writes durable, for a thread of its own.
    pub flusher: Flusher,
    /// By what the home is known on the network.
    pub node_key: NodeKeyFile,
    /// Bytes of the entry file that cannot be read.
    pub damage: Vec<Damage>,
    /// What a crash had torn off its end.
    pub cut: Option<Cut>,
    /// Whether there is damage that was not there when the home was opened before.
    pub has_lost: bool,
    /// How many records of keys and charters were put back from their second copies, the storage
    /// key among them.
    pub mended: usize,
    /// Whether index tables were lost: the index was built anew from the entry file.
    pub rebuilt: bool,
    /// Whether the disk can only be read: every write is refused.
    pub is_read_only: bool,
}

/// Records between two reports of progress.
const PROGRESS_EVERY: u64 = 1_000;

impl DiskStore {
    /// Opens a home, making it where there is none. All that it keeps is read once: what is
    /// damaged is named, what a crash tore off the end is cut, and the index is brought to where
    /// the entry file is, or built anew from it.
    pub fn open(home: &Path, options: OpenOptions) -> Result<Opened, OpenError> {
        home::check_format(home)?;
        if home::is_read_only(home) {
            return read_only::open(home, &options);
        }
        home::create(home)?;
        let lock = Lock::take(home, options.wait)?;
        // Whoever had the lock before may have been a newer program.
        let format = home::check_format(home)?;
        let (keys, key_files) = keys_of(home, format.as_deref())?;
        let keys = Arc::new(keys);
        let closed = closed::take(home);
        let mut entries = Entries::open(home, Series::Entries, keys.clone())?;
        let copies = Entries::open(home, Series::Copies, keys.clone())?;
        let is_others = format.as_ref().is_some_and(|mark| *mark != keys.mark());
        must_be_readable(home, &entries, &copies, is_others)?;
        let is_key_mended = key_files.map_or(Ok(false), KeyFiles::keep)?;
        let believe = |mark| believe(home, &keys, &entries, mark, options.rows);
        let believed = closed.map_or(Ok(None), believe)?;
        let is_believed = believed.is_some();
        // Whatever cannot be believed is looked at, the second copies too.
        let (copied, cut) = match is_believed {
            true => Default::default(),
            false => Copied::look(&copies.reader).map_err(OpenError::io("cannot read", home))?,
        };
        let io = |source| OpenError::io("cannot write in", home)(source);
        // The index gets only what is durable, here too.
        if !is_believed && !entries.is_empty() {
            entries.current().and_then(|file| file.sync_data()).map_err(io)?;
        }
        let (built, set_aside) = match believed {
            Some(built) => (built, false),
            None => build(home, &keys, &entries, copied.durable(), &options)?,
        };
        let Built { index, walked, was_empty, has_lost, blind, durable } = built;
        // Of a new home first the entries: without any, copies are what is left of one.
        entries.go_on(durable).map_err(io)?;
        entries.settle(walked.cut).map_err(io)?;
        let copies = Copies::settle(copies, cut).map_err(io)?;
        let copies_reader = copies.reader();
        // The last file of a new home: without it there was never anything to lose. Where there is
        // something, and its key is the right one, the file was lost, or is another home's.
        if format.is_none() || is_others {
            home::write_format(home, &keys.mark())?;
        }
        let rebuilt = set_aside || (was_empty && walked.records > 0);
        let file = entries.current().map_err(io)?.clone();
        let shared = Shared::new(home.to_owned(), index, file, entries.end(), copies, lock);
        shared.is_whole.store(walked.damage.is_empty(), Ordering::Release);
        let shared = Arc::new(shared);
        let flusher = Flusher { shared: Arc::downgrade(&shared) };
        let mut store = DiskStore::new(entries, copies_reader, walked.last, shared);
        store.loss = Loss { has_lost, blind, copies_too: copied.is_damaged };
        let mended = if is_believed { 0 } else { mend(&mut store, &copied, &walked)? };
        // Noted by the first flush: once what is lost was looked for, and that was written.
        *store.shared.damage.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(walked.damage_digest());
        let Walked { damage, cut, .. } = walked;
        Ok(Opened {
            store,
            flusher,
            node_key: keys.node_key(home, false),
            damage,
            cut,
            rebuilt,
            mended: mended + usize::from(is_key_mended),
            has_lost,
            is_read_only: false,
        })
    }
}

/// Puts back what only the second copies have. That stands behind the damage then, and says nothing
/// of what this took.
fn mend(store: &mut DiskStore, copied: &Copied, walked: &Walked) -> Result<usize, OpenError> {
    let mended = copies::mend(store, copied, walked)?;
    if mended > 0 && store.loss.blind != Position::default() {
        store.loss.blind = store.blind_so_far()?;
    }
    Ok(mended)
}

/// The index, if it is as it was when the home was closed in good order; else nothing is changed.
fn believe(
    home: &Path,
    keys: &Arc<Keys>,
    entries: &Entries,
    closed: Mark,
    rows: u8,
) -> Result<Option<Built>, OpenError> {
    let known = Known { closed: Some(closed), durable: Position::default(), rows };
    match index::build(&home.join("index"), keys, &entries.reader, known, |_| {}) {
        Ok(built) => Ok(Some(built)),
        Err(BuildError::Fault(IndexFault::Stalled)) => Err(stalled(home)),
        // What met the end of the disk holds its files, and another one would meet the same.
        Err(BuildError::Fault(fault)) if fault.is_full() || fault.is_passing() => {
            Err(OpenError::Index(fault.to_string()))
        }
        Err(_) => Ok(None),
    }
}

/// Whatever hangs there may still write: not where another one is.
fn stalled(home: &Path) -> OpenError {
    index::ask_for_rebuild(home);
    OpenError::Index(IndexFault::Stalled.to_string())
}

/// The key of a home; a new one only where there is nothing that it would have to open.
fn keys_of(home: &Path, mark: Option<&str>) -> Result<(Keys, Option<KeyFiles>), OpenError> {
    let look = |series| Entries::look(home, series).map_err(OpenError::io("cannot read", home));
    let (found, copied) = (look(Series::Entries)?, look(Series::Copies)?);
    let has_format = mark.is_some();
    if has_format && found == Found::Nothing && copied != Found::Entries {
        let what = "all that this home kept is missing: put it back from where the home was \
                    copied, or begin in another directory";
        return Err(OpenError::Damaged { path: home.join("entries"), what });
    }
    let is_new = !has_format && found != Found::Entries && copied != Found::Entries;
    if is_new && !home.join(key::FILE).exists() {
        for (series, found) in [(Series::Entries, found), (Series::Copies, copied)] {
            if found == Found::Begun {
                Entries::take_away_begun(home, series)
                    .map_err(OpenError::io("cannot begin", home))?;
            }
        }
    }
    Keys::open(home, mark, is_new)
}

/// Refuses a home that has something of which nothing can be read, and says why.
pub(crate) fn must_be_readable(
    home: &Path,
    entries: &Entries,
    copies: &Entries,
    is_others: bool,
) -> Result<(), OpenError> {
    let read = || OpenError::io("cannot read", home);
    let is_new = entries.is_empty() && copies.is_empty();
    if is_new
        || entries.can_be_read(true).map_err(read())?
        || copies.can_be_read(false).map_err(read())?
    {
        return Ok(());
    }
    let (file, what) = match is_others {
        true => (key::FILE, "it is the key of another home: put back the one that this home had"),
        false => {
            ("entries", "nothing in it can be read: put it back from where the home was copied")
        }
    };
    Err(OpenError::Damaged { path: home.join(file), what })
}

/// The index, compared with the entry file, of which all before `durable` was so once; and whether
/// it had to be built anew in place of another one.
pub(crate) fn build(
    home: &Path,
    keys: &Arc<Keys>,
    entries: &Entries,
    durable: Position,
    options: &OpenOptions,
) -> Result<(Built, bool), OpenError> {
    let build = || {
        let known = Known { closed: None, durable, rows: options.rows };
        index::build(&home.join("index"), keys, &entries.reader, known, |records| {
            if records.is_multiple_of(PROGRESS_EVERY) {
                (options.progress)(records);
            }
        })
    };
    let is_there = index::is_there(home);
    let refused = |error| match error {
        BuildError::Entries(source) => OpenError::io("cannot read", home.join("entries"))(source),
        BuildError::Fault(fault) => OpenError::Index(fault.to_string()),
    };
    match build() {
        Ok(built) => Ok((built, false)),
        Err(BuildError::Fault(IndexFault::Stalled)) => Err(stalled(home)),
        Err(BuildError::Fault(IndexFault::OtherRows)) => {
            index::remove(home)?;
            Ok((build().map_err(refused)?, true))
        }
        // Another one would meet the same.
        Err(BuildError::Fault(fault)) if fault.is_full() || fault.is_passing() => {
            Err(OpenError::Index(fault.to_string()))
        }
        Err(BuildError::Fault(fault)) if is_there => {
            tracing::warn!(%fault, "the index is set aside and built anew");
            index::set_aside(home)?;
            Ok((build().map_err(refused)?, true))
        }
        Err(error) => Err(refused(error)),
    }
}
