//! The index: sled, one tree. Never the truth, so whatever is wrong with it, it is built again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use store::{Group, Table};

use crate::{
    entries::Position,
    error::OpenError,
    home,
    key::{Cipher, Keys},
};

/// Bytes that sled keeps of its pages in memory.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// Where the index says how far of the entry file it has seen.
const MARK: &[u8] = b"mark";

/// A kept value that stands in the index itself: shorter than what it costs to look it up.
const INLINE: u8 = 0;

/// A kept value of which the index has the place: record, and which put of it.
const ELSEWHERE: u8 = 1;

/// Bytes up to which a kept value stands in the index itself.
pub(crate) const INLINE_BYTES_MAX: usize = 256;

pub(crate) struct Index {
    tree: sled::Tree,
    _db: sled::Db,
}

/// What the index knows of a kept value.
pub(crate) enum Kept {
    Inline(Vec<u8>),
    Elsewhere { at: Position, put: u32 },
}

impl Index {
    /// Opens the index; none where it is missing or cannot be opened. Sled panics on some damaged
    /// files, so it is opened on a thread of its own.
    pub(crate) fn open(home: &Path) -> Option<Self> {
        let path = home.join("index");
        if path.join("rebuild").exists() {
            return None;
        }
        let open = move || -> sled::Result<Self> {
            let config = sled::Config::new().path(path).cache_capacity(CACHE_BYTES);
            let db = config.flush_every_ms(Some(500)).mode(sled::Mode::LowSpace).open()?;
            let tree = db.open_tree("groundwork")?;
            // A page that cannot be read shows at once, not in the middle of an answer.
            _ = tree.get(MARK)?;
            Ok(Self { tree, _db: db })
        };
        match std::thread::Builder::new().name("index".to_owned()).spawn(open).ok()?.join() {
            Ok(Ok(index)) => Some(index),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the index cannot be opened");
                None
            }
            Err(_) => {
                tracing::warn!("the index is damaged");
                None
            }
        }
    }

    /// Sets a broken index aside, in place of the one that was set aside before.
    pub(crate) fn set_aside(home: &Path) -> Result<(), OpenError> {
        let (path, aside) = (home.join("index"), home::aside(home, "index"));
        if !path.exists() {
            return Ok(());
        }
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(OpenError::io("cannot remove", &aside))?;
        }
        fs::rename(&path, &aside).map_err(OpenError::io("cannot set aside", path))
    }

    /// How far of the entry file the index has seen.
    pub(crate) fn mark(&self) -> Option<Position> {
        Position::decode(&self.tree.get(MARK).ok()??)
    }

    pub(crate) fn get(&self, cipher: &Cipher, key: &[u8]) -> Result<Option<Vec<u8>>, sled::Error> {
        let Some(sealed) = self.tree.get(key)? else { return Ok(None) };
        opened(cipher, key, &sealed).map(Some)
    }

    /// Up to `limit` values between two keys, in or against their order: (number, value).
    pub(crate) fn scan(
        &self,
        cipher: &Cipher,
        keys: std::ops::RangeInclusive<Vec<u8>>,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, sled::Error> {
        let range = self.tree.range(keys);
        let row = |row: sled::Result<(sled::IVec, sled::IVec)>| {
            let (key, sealed) = row?;
            let mut number = [0; 8];
            number.copy_from_slice(&key[key.len() - 8..]);
            Ok((u64::from_be_bytes(number), opened(cipher, &key, &sealed)?))
        };
        if backwards {
            range.rev().take(limit).map(row).collect()
        } else {
            range.take(limit).map(row).collect()
        }
    }

    /// Applies a batch with how far of the entry file it has seen.
    pub(crate) fn apply(&self, mut batch: sled::Batch, mark: Position) -> Result<(), sled::Error> {
        batch.insert(MARK, &mark.encode());
        self.tree.apply_batch(batch)
    }
}

fn opened(cipher: &Cipher, key: &[u8], sealed: &[u8]) -> Result<Vec<u8>, sled::Error> {
    cipher.open(key, sealed).ok_or_else(|| {
        sled::Error::ReportableBug("a value in the index does not open".to_owned())
    })
}

/// The key of a number in a group.
pub(crate) fn key(keys: &Keys, table: Table, group: &Group, number: u64) -> Vec<u8> {
    let group = keys.group(table as u8, group.as_bytes());
    [&[table as u8], group.as_slice(), &number.to_be_bytes()].concat()
}

impl Kept {
    pub(crate) fn encode(at: Position, put: u32, value: &[u8]) -> Vec<u8> {
        if value.len() <= INLINE_BYTES_MAX {
            [&[INLINE], value].concat()
        } else {
            [&[ELSEWHERE], at.encode().as_slice(), &put.to_be_bytes()].concat()
        }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        match *kind {
            INLINE => Some(Self::Inline(rest.to_vec())),
            ELSEWHERE => {
                let (at, put) = rest.split_at_checked(16)?;
                let put = u32::from_be_bytes(put.try_into().ok()?);
                Some(Self::Elsewhere { at: Position::decode(at)?, put })
            }
            _ => None,
        }
    }
}

/// Asks for the index to be built anew at the next start.
pub(crate) fn ask_for_rebuild(home: &Path) {
    let path: PathBuf = home.join("index").join("rebuild");
    // If even this fails, the damage shows again at the next reading.
    _ = fs::write(path, b"");
}
