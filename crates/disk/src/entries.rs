//! Segments of records, appended, encrypted, bound to their place: the entry file, and the second
//! copy of what is kept twice.
//!
//! A segment is a header and records; a record is a frame (length, check of it), a nonce, the
//! encrypted payload and its tag. Only the last segment is written to, and before the next one
//! begins it is made durable, so a crash can have torn only the end of the last.

mod frame;
mod reader;
mod walk;

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use frame::HEADER_BYTES;
pub(crate) use reader::{Reader, Record};
pub use walk::{Cut, Damage};
pub(crate) use walk::{Walked, walk};

use crate::{
    error::OpenError,
    home::{self, sync_directory},
    key::{self, Keys, TAG_BYTES},
    position::{Mark, Position},
    secret,
};

/// Which records these are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Series {
    /// The entry file: all that is kept.
    Entries,
    /// Once more what is kept twice, on other pages of the disk.
    Copies,
}

/// What a home has of a series.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// No segment.
    Nothing,
    /// The first segment without any record, as a new home has it.
    Begun,
    /// Records, or what may have been some.
    Entries,
}

impl Series {
    pub(crate) fn directory(self, home: &Path) -> PathBuf {
        home.join(match self {
            Self::Entries => "entries",
            Self::Copies => "copies",
        })
    }
}

/// The segments, opened for writing.
pub(crate) struct Entries {
    directory: PathBuf,
    pub(crate) reader: Reader,
    end: Position,
    /// Tests: bytes that the disk still takes.
    #[cfg(test)]
    pub(crate) room: Option<u64>,
}

impl Entries {
    /// Opens all segments, which may be none. Nothing that is there changes.
    pub(crate) fn open(home: &Path, series: Series, keys: Arc<Keys>) -> Result<Self, OpenError> {
        home::create(&series.directory(home))?;
        Self::open_files(home, series, keys, OpenOptions::new().read(true).write(true))
    }

    /// As [`open`](Self::open), where nothing can be written.
    pub(crate) fn open_to_read(
        home: &Path,
        series: Series,
        keys: Arc<Keys>,
    ) -> Result<Self, OpenError> {
        Self::open_files(home, series, keys, OpenOptions::new().read(true))
    }

    fn open_files(
        home: &Path,
        series: Series,
        keys: Arc<Keys>,
        how: &OpenOptions,
    ) -> Result<Self, OpenError> {
        let directory = series.directory(home);
        let mut segments = BTreeMap::new();
        for segment in numbers(&directory).map_err(OpenError::io("cannot read", &directory))? {
            let path = segment_path(&directory, segment);
            let file = how.open(&path);
            segments.insert(segment, Arc::new(file.map_err(OpenError::io("cannot open", path))?));
        }
        let mut reader = Reader { keys, series, segments };
        let left_out = OpenError::io("cannot read", &directory);
        leave_out_strays(&directory, &mut reader).map_err(left_out)?;
        let mut entries = Self {
            directory,
            reader,
            end: Position::default(),
            #[cfg(test)]
            room: None,
        };
        if let Some(&segment) = entries.reader.segments.keys().next_back() {
            let path = entries.directory.clone();
            let offset = entries.reader.length(segment);
            let offset = offset.map_err(OpenError::io("cannot read", path))?;
            entries.end = Position { segment, offset: offset.max(HEADER_BYTES) };
        }
        Ok(entries)
    }

    /// Goes on behind what was durable once: where the file ends before that, in a segment of its
    /// own, so that no place is written to twice. A series that has no segment gets its first.
    pub(crate) fn go_on(&mut self, durable: Position) -> io::Result<()> {
        let is_lost = self.end < durable;
        if is_lost || self.reader.segments.is_empty() {
            let next = if is_lost { durable.segment + 1 } else { 0 };
            let was_long = if is_lost { durable.offset } else { 0 };
            self.begin_segment_at(next, self.end.offset.max(was_long))?;
        }
        Ok(())
    }

    /// What a home has of a series before it is opened.
    pub(crate) fn look(home: &Path, series: Series) -> io::Result<Found> {
        let directory = series.directory(home);
        match numbers(&directory) {
            Ok(numbers) if numbers.is_empty() => Ok(Found::Nothing),
            Ok(numbers) if numbers == [0] => {
                let is_begun = fs::metadata(segment_path(&directory, 0))?.len() <= HEADER_BYTES;
                Ok(if is_begun { Found::Begun } else { Found::Entries })
            }
            Ok(_) => Ok(Found::Entries),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Whether anything at all in the segments can be read: a header where that is enough, else a
    /// record.
    pub(crate) fn can_be_read(&self, header_is_enough: bool) -> io::Result<bool> {
        walk::opens_any(&self.reader, header_is_enough)
    }

    /// What stands behind this place was torn off by a crash, and is let be.
    pub(crate) fn ends_at(&mut self, end: Position) {
        self.end = end;
    }

    /// Whether there is no segment.
    pub(crate) fn is_empty(&self) -> bool {
        self.reader.segments.is_empty()
    }

    /// Takes away a first segment without any record, of a home whose key is gone before it was
    /// made.
    pub(crate) fn take_away_begun(home: &Path, series: Series) -> io::Result<()> {
        fs::remove_file(segment_path(&series.directory(home), 0))
    }

    /// The place behind the last record.
    pub(crate) fn end(&self) -> Position {
        self.end
    }

    /// The segment that is written to.
    pub(crate) fn current(&self) -> io::Result<&Arc<File>> {
        self.reader.segments.get(&self.end.segment).ok_or_else(|| io::Error::other("no segment"))
    }

    /// Cuts off what a walk found torn, and makes all that is left durable: what is read from
    /// here on will be spoken of as stored, and the last process may have died before its flush.
    pub(crate) fn settle(&mut self, cut: Option<Cut>) -> io::Result<()> {
        if let Some(cut) = cut {
            let path = self.directory.join(CUT_TAIL);
            let mut options = OpenOptions::new();
            let aside = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
            walk::copy_tail(&self.reader, cut, &aside)?;
            aside.sync_all()?;
            self.end = Position { segment: cut.segment, offset: cut.offset };
            self.current()?.set_len(cut.offset)?;
            let Cut { segment, offset, bytes } = cut;
            let series = self.reader.series;
            tracing::warn!(?series, segment, offset, bytes, "a file ended torn and was cut");
        }
        self.current()?.sync_all()
    }

    /// Whether a record with this payload needs the next segment.
    pub(crate) fn is_full_for(&self, payload: &[u8]) -> bool {
        let whole = frame::FRAME_BYTES + sealed_bytes(payload);
        self.end.offset > HEADER_BYTES && self.end.offset + whole > frame::SEGMENT_BYTES_MAX
    }

    /// Appends a record, and says where. Nothing is left of one that does not fit the disk.
    pub(crate) fn append(&mut self, payload: &[u8]) -> io::Result<(Position, Mark)> {
        if sealed_bytes(payload) > frame::SEALED_BYTES_MAX {
            let why = "a batch is longer than a segment";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let at = self.end;
        let keys = &self.reader.keys;
        let sealed = keys.of(self.reader.series).seal(&at.encode(), payload)?;
        let mut record = frame::frame(keys, at, sealed.len() as u32).to_vec();
        record.extend_from_slice(&sealed);
        if let Err(error) = self.write(&record) {
            self.take_back(at)?;
            return Err(error);
        }
        self.end.offset += record.len() as u64;
        Ok((at, Mark { end: self.end, tag: reader::tag_of(&sealed) }))
    }

    /// Takes back all from `at` on, which nobody has been told of.
    pub(crate) fn take_back(&mut self, at: Position) -> io::Result<()> {
        self.end = at;
        self.current()?.set_len(at.offset)
    }

    /// Begins the next segment. The one before it must be durable.
    pub(crate) fn begin_segment(&mut self) -> io::Result<()> {
        let last = self.reader.segments.keys().next_back();
        self.begin_segment_at(last.map_or(0, |last| last + 1), self.end.offset)
    }

    fn begin_segment_at(&mut self, segment: u64, previous_end: u64) -> io::Result<()> {
        let path = segment_path(&self.directory, segment);
        // Under its name there is never one without a header.
        let beside = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(&beside)?;
        file.write_all_at(&frame::header(&self.reader.keys, segment, previous_end), 0)?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        sync_directory(&self.directory)?;
        self.reader.segments.insert(segment, Arc::new(file));
        self.end = Position { segment, offset: HEADER_BYTES };
        Ok(())
    }

    fn write(&self, record: &[u8]) -> io::Result<()> {
        let file = self.current()?;
        #[cfg(test)]
        if let Some(room) = self.room
            && room < record.len() as u64
        {
            file.write_all_at(&record[..room as usize], self.end.offset)?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all_at(record, self.end.offset)
    }
}

/// Leaves out what was put there by somebody else, and names it: files of other names, and those of
/// which nothing can be read and before which segments would be missing.
fn leave_out_strays(directory: &Path, reader: &mut Reader) -> io::Result<()> {
    for file in fs::read_dir(directory)? {
        let name = file?.file_name();
        let of_ours = name.to_str().and_then(|name| name.split_once('.'));
        let is_ours = of_ours
            .is_some_and(|(number, kind)| is_number(number) && matches!(kind, "entries" | "new"));
        let is_secret = secret::NAMES.iter().any(|secret| name == *secret);
        if !is_ours && !is_secret && name != CUT_TAIL {
            tracing::warn!(stray = %directory.join(name).display(), "a file that is none of ours");
        }
    }
    while let Some(&last) = reader.segments.keys().next_back() {
        let before = reader.segments.range(..last).next_back().map(|(before, _)| *before);
        let follows = before.is_none_or(|before| before + 1 == last);
        if follows || walk::opens(reader, last, true)? {
            break;
        }
        let stray = segment_path(directory, last);
        tracing::warn!(stray = %stray.display(), "a file that is none of ours");
        reader.segments.remove(&last);
    }
    Ok(())
}

/// Whether this is how a segment is numbered.
fn is_number(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a crash tore off the end.
const CUT_TAIL: &str = "cut-tail";

/// Bytes of a payload with its nonce and tag.
fn sealed_bytes(payload: &[u8]) -> u64 {
    (key::NONCE_BYTES + payload.len() + TAG_BYTES) as u64
}

/// The numbers of the segments that are there, in order.
fn numbers(directory: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for file in fs::read_dir(directory)? {
        let name = file?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".entries"));
        let number = number.filter(|number| is_number(number));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn segment_path(directory: &Path, segment: u64) -> PathBuf {
    directory.join(format!("{segment:06}.entries"))
}
