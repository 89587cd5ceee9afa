//! The entry file: segments of records, appended, encrypted, bound to their place.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    error::OpenError,
    home::sync_directory,
    key::{Cipher, NONCE_BYTES, TAG_BYTES},
};

/// Bytes after which a new segment is begun.
const SEGMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of one record: far above the greatest batch that anything writes.
const RECORD_BYTES_MAX: u64 = 64 * 1024 * 1024;

const LENGTH_BYTES: u64 = 4;

/// A place in the entry file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Position {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

/// A record that cannot be read. What stands behind it can.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damage {
    /// The segment's number.
    pub segment: u64,
    /// Where in it.
    pub offset: u64,
}

/// The segments, opened.
pub(crate) struct Entries {
    directory: PathBuf,
    segments: Vec<Arc<File>>,
    end: Position,
}

/// What reading at a place found.
enum Found {
    Record { payload: Vec<u8>, next: Position },
    /// No whole record, and nothing behind it that one could be.
    Torn,
    /// Bytes of a record's length that do not authenticate, with something behind them.
    Damaged { next: Position },
    End,
}

impl Position {
    pub(crate) fn encode(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.segment.to_be_bytes());
        bytes[8..].copy_from_slice(&self.offset.to_be_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (segment, offset) = bytes.split_at_checked(8)?;
        let segment = u64::from_be_bytes(segment.try_into().ok()?);
        Some(Self { segment, offset: u64::from_be_bytes(offset.try_into().ok()?) })
    }
}

impl Entries {
    /// Opens all segments; there may be none.
    pub(crate) fn open(home: &Path) -> Result<Self, OpenError> {
        let directory = home.join("entries");
        crate::home::create(&directory)?;
        let mut segments = Vec::new();
        loop {
            let path = segment_path(&directory, segments.len() as u64);
            match OpenOptions::new().read(true).write(true).open(&path) {
                Ok(file) => segments.push(Arc::new(file)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => break,
                Err(error) => return Err(OpenError::io("cannot open", path)(error)),
            }
        }
        let mut entries = Self { directory, segments, end: Position::default() };
        if entries.segments.is_empty() {
            let path = segment_path(&entries.directory, 0);
            entries.begin_segment().map_err(OpenError::io("cannot make", path))?;
        }
        let segment = entries.segments.len() as u64 - 1;
        entries.end = Position { segment, offset: entries.length(segment)? };
        Ok(entries)
    }

    /// Whether a home has any entries.
    pub(crate) fn exist(home: &Path) -> bool {
        segment_path(&home.join("entries"), 0).metadata().is_ok_and(|file| file.len() > 0)
    }

    /// The place behind the last record.
    pub(crate) fn end(&self) -> Position {
        self.end
    }

    /// The segment that is written to.
    pub(crate) fn current(&self) -> Option<Arc<File>> {
        self.segments.last().cloned()
    }

    /// Calls `each` with every record from `from` on. A torn tail is cut off and kept beside;
    /// what is damaged before it is passed over and named.
    pub(crate) fn replay(
        &mut self,
        cipher: &Cipher,
        from: Position,
        mut each: impl FnMut(Position, Vec<u8>) -> Result<(), OpenError>,
    ) -> Result<Vec<Damage>, OpenError> {
        let (mut at, mut damage) = (from, Vec::new());
        loop {
            let found = self.read(cipher, at);
            let path = segment_path(&self.directory, at.segment);
            match found.map_err(OpenError::io("cannot read", path))? {
                Found::Record { payload, next } => {
                    each(at, payload)?;
                    at = next;
                }
                Found::Damaged { next } => {
                    damage.push(Damage { segment: at.segment, offset: at.offset });
                    at = next;
                }
                Found::Torn if at.segment == self.end.segment => {
                    self.cut(at)?;
                    return Ok(damage);
                }
                Found::Torn => {
                    damage.push(Damage { segment: at.segment, offset: at.offset });
                    at = Position { segment: at.segment + 1, offset: 0 };
                }
                Found::End if at.segment == self.end.segment => return Ok(damage),
                Found::End => at = Position { segment: at.segment + 1, offset: 0 },
            }
        }
    }

    /// The record at a place.
    pub(crate) fn get(&self, cipher: &Cipher, at: Position) -> std::io::Result<Option<Vec<u8>>> {
        Ok(match self.read(cipher, at)? {
            Found::Record { payload, .. } => Some(payload),
            _ => None,
        })
    }

    /// Appends a record; where it stands. Nothing is left of one that does not fit the disk.
    pub(crate) fn append(&mut self, cipher: &Cipher, payload: &[u8]) -> std::io::Result<Position> {
        if self.end.offset >= SEGMENT_BYTES_MAX {
            self.begin_segment()?;
        }
        let at = self.end;
        let sealed = cipher.seal(&at.encode(), payload)?;
        let length = u32::try_from(sealed.len()).map_err(std::io::Error::other)?;
        let record = [length.to_be_bytes().as_slice(), &sealed].concat();
        let file = self.segments.last().ok_or_else(|| std::io::Error::other("no segment"))?;
        if let Err(error) = file.write_all_at(&record, at.offset) {
            file.set_len(at.offset)?;
            return Err(error);
        }
        self.end.offset += record.len() as u64;
        Ok(at)
    }

    fn begin_segment(&mut self) -> std::io::Result<()> {
        let segment = self.segments.len() as u64;
        let path = segment_path(&self.directory, segment);
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(path)?;
        file.sync_all()?;
        sync_directory(&self.directory)?;
        self.segments.push(Arc::new(file));
        self.end = Position { segment, offset: 0 };
        Ok(())
    }

    fn length(&self, segment: u64) -> Result<u64, OpenError> {
        let path = segment_path(&self.directory, segment);
        let file = self.segments.get(segment as usize);
        let length = file.map_or(Ok(0), |file| file.metadata().map(|file| file.len()));
        length.map_err(OpenError::io("cannot read", path))
    }

    fn read(&self, cipher: &Cipher, at: Position) -> std::io::Result<Found> {
        let Some(file) = self.segments.get(at.segment as usize) else { return Ok(Found::End) };
        let left = file.metadata()?.len().saturating_sub(at.offset);
        if left == 0 {
            return Ok(Found::End);
        }
        if left < LENGTH_BYTES {
            return Ok(Found::Torn);
        }
        let mut length = [0; LENGTH_BYTES as usize];
        file.read_exact_at(&mut length, at.offset)?;
        let length = u64::from(u32::from_be_bytes(length));
        let whole = LENGTH_BYTES + length;
        let least = (NONCE_BYTES + TAG_BYTES) as u64;
        if !(least..=RECORD_BYTES_MAX).contains(&length) || whole > left {
            return Ok(Found::Torn);
        }
        let mut sealed = vec![0; length as usize];
        file.read_exact_at(&mut sealed, at.offset + LENGTH_BYTES)?;
        let next = Position { offset: at.offset + whole, ..at };
        Ok(match cipher.open(&at.encode(), &sealed) {
            Some(payload) => Found::Record { payload, next },
            None if whole == left => Found::Torn,
            None => Found::Damaged { next },
        })
    }

    /// Cuts off what a crash left of the last writes. None of it was promised to anybody; it is
    /// kept beside all the same, for whoever wants to know what happened.
    fn cut(&mut self, at: Position) -> Result<(), OpenError> {
        let path = segment_path(&self.directory, at.segment);
        let Some(file) = self.segments.get(at.segment as usize) else { return Ok(()) };
        let cut = || -> std::io::Result<u64> {
            let left = file.metadata()?.len() - at.offset;
            let mut tail = vec![0; left.min(RECORD_BYTES_MAX) as usize];
            file.read_exact_at(&mut tail, at.offset)?;
            fs::write(self.directory.join("cut-tail"), tail)?;
            file.set_len(at.offset)?;
            file.sync_all()?;
            Ok(left)
        };
        let bytes = cut().map_err(OpenError::io("cannot cut", path))?;
        tracing::warn!(bytes, "the end of the entry file was not whole and was cut off");
        self.end = at;
        Ok(())
    }
}

fn segment_path(directory: &Path, segment: u64) -> PathBuf {
    directory.join(format!("{segment:06}.entries"))
}
