//! Opening a home: its format, its lock, its key, its entries, its index, in this order.

use std::{path::Path, sync::Arc, time::Duration};

use crate::{
    closed,
    entries::{Cut, Damage, Entries, Found},
    error::OpenError,
    flusher::Flusher,
    home::{self, Lock},
    index::{self, BuildError, Built, IndexFault},
    key::{self, Keys},
    position::Mark,
    shared::Shared,
    store::DiskStore,
};

/// How a home is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// How long to wait for whoever has the home open.
    pub wait: Duration,
    /// Called now and then while the index is built, with the records read so far.
    pub progress: fn(u64),
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { wait: Duration::from_secs(5), progress: |_| {} }
    }
}

/// A home that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The store, for the engine.
    pub store: DiskStore,
    /// What makes its writes durable, for a thread of its own.
    pub flusher: Flusher,
    /// Bytes of the entry file that cannot be read.
    pub damage: Vec<Damage>,
    /// What a crash had torn off its end.
    pub cut: Option<Cut>,
    /// Whether index tables were lost: the index was built anew from the entry file.
    pub rebuilt: bool,
}

/// Records between two reports of progress.
const PROGRESS_EVERY: u64 = 1_000;

impl DiskStore {
    /// Opens a home, making it where there is none. All that it keeps is read once: what is
    /// damaged is named, what a crash tore off the end is cut, and the index is brought to where
    /// the entry file is, or built anew from it.
    pub fn open(home: &Path, options: OpenOptions) -> Result<Opened, OpenError> {
        home::check_format(home)?;
        home::create(home)?;
        let lock = Lock::take(home, options.wait)?;
        // Whoever had the lock before may have been a newer program.
        let format = home::check_format(home)?;
        let keys = Arc::new(keys_of(home, format.is_some())?);
        let closed = closed::take(home);
        let mut entries = Entries::open(home, keys.clone())?;
        let is_others = format.as_ref().is_some_and(|mark| *mark != keys.mark());
        if !entries.can_be_read().map_err(OpenError::io("cannot read", home.join("entries")))? {
            return Err(unreadable(home, is_others));
        }
        // The last file of a new home: without it there was never anything to lose. Where there is
        // something, and its key is the right one, the file was lost, or is another home's.
        if format.is_none() || is_others {
            home::write_format(home, &keys.mark())?;
        }
        let (Built { index, walked, was_empty }, set_aside) =
            build(home, &keys, &entries, closed, options)?;
        let io = |source| OpenError::io("cannot write in", home.join("entries"))(source);
        entries.settle(walked.cut).map_err(io)?;
        if !walked.damage.is_empty() {
            tracing::warn!(places = walked.damage.len(), "the entry file is damaged");
        }
        let rebuilt = set_aside || (was_empty && walked.records > 0);
        let file = entries.current().map_err(io)?.clone();
        let mut shared = Shared::new(home.to_owned(), index, file, entries.end(), lock);
        shared.is_whole = walked.damage.is_empty();
        let shared = Arc::new(shared);
        let flusher = Flusher { shared: Arc::downgrade(&shared) };
        let store = DiskStore::new(entries, walked.last, shared);
        Ok(Opened { store, flusher, damage: walked.damage, cut: walked.cut, rebuilt })
    }
}

/// The key of a home; a new one only where there is nothing that it would have to open.
fn keys_of(home: &Path, has_format: bool) -> Result<Keys, OpenError> {
    let found = Entries::look(home).map_err(OpenError::io("cannot read", home))?;
    if has_format && found == Found::Nothing {
        let what = "all that this home kept is missing: put it back from where the home was \
                    copied, or begin in another directory";
        return Err(OpenError::Damaged { path: home.join("entries"), what });
    }
    let is_new = !has_format && found != Found::Entries;
    if is_new && found == Found::Begun && !home.join(key::FILE).exists() {
        let entries = home.join("entries");
        Entries::take_away_begun(home).map_err(OpenError::io("cannot begin", entries))?;
    }
    Keys::open(home, is_new)
}

/// Why nothing in the entries of a home can be read.
fn unreadable(home: &Path, is_others: bool) -> OpenError {
    let (file, what) = match is_others {
        true => (key::FILE, "it is the key of another home: put back the one that this home had"),
        false => {
            ("entries", "nothing in it can be read: put it back from where the home was copied")
        }
    };
    OpenError::Damaged { path: home.join(file), what }
}

/// The index, and whether another one had to be set aside for it.
fn build(
    home: &Path,
    keys: &Arc<Keys>,
    entries: &Entries,
    closed: Option<Mark>,
    options: OpenOptions,
) -> Result<(Built, bool), OpenError> {
    let build = || {
        index::build(&home.join("index"), keys, &entries.reader, closed, |records| {
            if records.is_multiple_of(PROGRESS_EVERY) {
                (options.progress)(records);
            }
        })
    };
    let is_there = home.join("index").exists();
    let refused = |error| match error {
        BuildError::Entries(source) => OpenError::io("cannot read", home.join("entries"))(source),
        BuildError::Fault(fault) => OpenError::Index(fault.to_string()),
    };
    match build() {
        Ok(built) => Ok((built, false)),
        // Whatever hangs there may still write: not where another one is.
        Err(BuildError::Fault(fault @ IndexFault::Stalled)) => {
            index::ask_for_rebuild(home);
            Err(refused(fault.into()))
        }
        Err(BuildError::Fault(fault)) if is_there => {
            tracing::warn!(%fault, "the index is set aside and built anew");
            index::set_aside(home)?;
            Ok((build().map_err(refused)?, true))
        }
        Err(error) => Err(refused(error)),
    }
}
