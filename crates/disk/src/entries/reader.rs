//! Reading records by their place, and finding the next one behind bytes that are none.

use std::{collections::BTreeMap, fs::File, os::unix::fs::FileExt, sync::Arc};

use super::{
    Series,
    frame::{self, FRAME_BYTES, HEADER_BYTES},
};
use crate::{
    key::{Keys, TAG_BYTES},
    position::{Mark, Position},
    record::{self, Payload},
};

/// Bytes looked through at once for the next record.
const LOOK_BYTES: u64 = 64 * 1024;

/// Bytes that are passed over where the disk cannot read them.
const SECTOR_BYTES: usize = 4096;

/// The segments, for reading.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) keys: Arc<Keys>,
    pub(crate) series: Series,
    pub(crate) segments: BTreeMap<u64, Arc<File>>,
}

/// A record and where it stands.
pub(crate) struct Record {
    pub(crate) at: Position,
    /// Where it ends, and its tag.
    pub(crate) mark: Mark,
    pub(crate) payload: Payload,
}

impl Reader {
    /// Bytes of a segment; none of one that is missing.
    pub(crate) fn length(&self, segment: u64) -> std::io::Result<u64> {
        match self.segments.get(&segment) {
            Some(file) => Ok(file.metadata()?.len()),
            None => Ok(0),
        }
    }

    /// Where the segment before `segment` ended, by the header of `segment`; none where that
    /// cannot be read.
    pub(crate) fn previous_end(&self, segment: u64) -> std::io::Result<Option<u64>> {
        let Some(file) = self.segments.get(&segment) else { return Ok(None) };
        let mut bytes = [0; HEADER_BYTES as usize];
        if file.metadata()?.len() < HEADER_BYTES {
            return Ok(None);
        }
        let can_be_read = read_at(file, &mut bytes, 0)?;
        Ok(frame::previous_end(&self.keys, segment, &bytes).filter(|_| can_be_read))
    }

    /// The record at a place; none where there is no whole one that authenticates.
    pub(crate) fn record(&self, at: Position) -> std::io::Result<Option<Record>> {
        self.record_within(at, self.length(at.segment)?)
    }

    /// As `record`, in a segment of which the length is known.
    pub(crate) fn record_within(&self, at: Position, end: u64) -> std::io::Result<Option<Record>> {
        let Some(file) = self.segments.get(&at.segment) else { return Ok(None) };
        if at.offset < HEADER_BYTES || end.saturating_sub(at.offset) < FRAME_BYTES {
            return Ok(None);
        }
        let mut bytes = [0; FRAME_BYTES as usize];
        if !read_at(file, &mut bytes, at.offset)? {
            return Ok(None);
        }
        let Some(length) = frame::length(&self.keys, at, bytes) else { return Ok(None) };
        let offset = at.offset + FRAME_BYTES;
        if length > end - offset {
            return Ok(None);
        }
        let mut sealed = vec![0; length as usize];
        if !read_at(file, &mut sealed, offset)? {
            return Ok(None);
        }
        let cipher = self.keys.of(self.series);
        let Some(plain) = cipher.open(&at.encode(), &sealed) else { return Ok(None) };
        let Some(payload) = record::decode(self.series, &plain) else { return Ok(None) };
        let mark = Mark { end: Position { offset: offset + length, ..at }, tag: tag_of(&sealed) };
        Ok(Some(Record { at, mark, payload }))
    }

    /// The next record of the segment behind bytes at `broken` that are none.
    pub(crate) fn next_record(
        &self,
        broken: Position,
        end: u64,
    ) -> std::io::Result<Option<Record>> {
        let Some(file) = self.segments.get(&broken.segment) else { return Ok(None) };
        let mut from = broken.offset + 1;
        while end.saturating_sub(from) >= FRAME_BYTES {
            let mut bytes = vec![0; LOOK_BYTES.min(end - from) as usize];
            if !read_at(file, &mut bytes, from)? {
                // A part of it, perhaps.
                bytes.truncate(SECTOR_BYTES.min(bytes.len()));
                if !read_at(file, &mut bytes, from)? {
                    from += bytes.len() as u64;
                    continue;
                }
            }
            for (n, window) in bytes.windows(FRAME_BYTES as usize).enumerate() {
                let at = Position { offset: from + n as u64, ..broken };
                let mut candidate = [0; FRAME_BYTES as usize];
                candidate.copy_from_slice(window);
                if frame::length(&self.keys, at, candidate).is_some()
                    && let Some(record) = self.record_within(at, end)?
                {
                    return Ok(Some(record));
                }
            }
            from += bytes.len() as u64 - (FRAME_BYTES - 1);
        }
        Ok(None)
    }
}

/// Whether the disk gave these bytes: what it cannot read is damage like any other.
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<bool> {
    match file.read_exact_at(bytes, offset) {
        Ok(()) => Ok(true),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// The last bytes of a sealed record, by which it is told from any other.
pub(crate) fn tag_of(sealed: &[u8]) -> [u8; TAG_BYTES] {
    let mut tag = [0; TAG_BYTES];
    if let Some(last) = sealed.last_chunk() {
        tag = *last;
    }
    tag
}
