//! One walk through all that was ever written: every record in order, what is broken between
//! them, and where the end was torn.

use std::{collections::BTreeSet, io, os::unix::fs::FileExt};

use super::{
    frame::HEADER_BYTES,
    reader::{Reader, Record},
};
use crate::position::{Mark, Position};

/// Bytes of the entry file that cannot be read. What stands before and behind them can.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damage {
    /// The number that the file under `entries/` has in its name.
    pub segment: u64,
    /// Where in it; 0 where its header is broken, or it is missing with all up to the next one.
    pub offset: u64,
    /// How many bytes; 0 where it is missing.
    pub bytes: u64,
    /// How many records behind it can be read.
    pub readable_after: u64,
}

/// What a crash had left of the last writes, which was cut off. Nobody was promised any of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// The number that the file under `entries/` has in its name.
    pub segment: u64,
    /// Where the segment ends now: at the end of its last whole record.
    pub offset: u64,
    /// How many bytes stood behind that; they are kept in `entries/cut-tail`.
    pub bytes: u64,
}

/// What a walk found.
#[derive(Default)]
pub(crate) struct Walked {
    pub(crate) damage: Vec<Damage>,
    /// What a crash tore: behind the last record of which anybody can have been told.
    pub(crate) cut: Option<Cut>,
    /// How many records can be read.
    pub(crate) records: u64,
    /// The end of the last of them.
    pub(crate) last: Mark,
    /// Where those stand that have something which is kept twice.
    pub(crate) twice: BTreeSet<Position>,
}

impl Damage {
    /// Whether all of it stands before a place.
    pub(crate) fn is_before(&self, at: Position) -> bool {
        let end = Position { segment: self.segment, offset: self.offset + self.bytes };
        if self.bytes == 0 { self.segment < at.segment } else { end <= at }
    }

    pub(crate) fn begins(&self) -> Position {
        Position { segment: self.segment, offset: self.offset }
    }

    /// Whether a record that ended there cannot be read for it.
    pub(crate) fn reaches(&self, end: Position) -> bool {
        self.begins() < end
            && (self.bytes == 0 || end.offset <= self.offset + self.bytes)
            && self.segment == end.segment
    }
}

impl Walked {
    fn damaged(&mut self, segment: u64, offset: u64, bytes: u64) {
        // Until the walk is over: how many records stand before it.
        self.damage.push(Damage { segment, offset, bytes, readable_after: self.records });
    }

    /// Whether a place stands in what cannot be read.
    pub(crate) fn is_damaged(&self, at: Position) -> bool {
        self.damage.iter().any(|damage| {
            let here = damage.segment == at.segment && damage.offset <= at.offset;
            here && (damage.bytes == 0 || at.offset < damage.offset + damage.bytes)
        })
    }

    /// What the index remembers of the damage that it knows.
    pub(crate) fn damage_digest(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for damage in &self.damage {
            for number in [damage.segment, damage.offset, damage.bytes] {
                hasher.update(&number.to_be_bytes());
            }
        }
        hasher.finalize().into()
    }
}

/// Calls `each` with every record in order. All before `durable` was so once, as somebody knows.
pub(crate) fn walk<E: From<io::Error>>(
    reader: &Reader,
    durable: Position,
    mut each: impl FnMut(&Record) -> Result<(), E>,
) -> Result<Walked, E> {
    let mut walked = Walked::default();
    let mut expected = 0;
    for &segment in reader.segments.keys() {
        for missing in expected..segment {
            walked.damaged(missing, 0, 0);
        }
        expected = segment + 1;
        begin(reader, segment, &mut walked)?;
        walk_segment(reader, durable, segment, &mut walked, &mut each)?;
    }
    end_at(reader, durable, expected, &mut walked)?;
    for damage in &mut walked.damage {
        damage.readable_after = walked.records - damage.readable_after;
    }
    Ok(walked)
}

/// What is known to have been behind the end of the last segment, the next being `next`.
fn end_at(reader: &Reader, durable: Position, next: u64, walked: &mut Walked) -> io::Result<()> {
    if durable == Position::default() {
        return Ok(());
    }
    if let Some(last) = next.checked_sub(1) {
        let length = reader.length(last)?;
        if last == durable.segment && length < durable.offset && walked.cut.is_none() {
            walked.damaged(last, length, durable.offset - length);
        }
    }
    (next..=durable.segment).for_each(|missing| walked.damaged(missing, 0, 0));
    Ok(())
}

/// Compares a segment's header with the segment itself and the end of the one before.
fn begin(reader: &Reader, segment: u64, walked: &mut Walked) -> io::Result<()> {
    let Some(previous_end) = reader.previous_end(segment)? else {
        walked.damaged(segment, 0, reader.length(segment)?.clamp(1, HEADER_BYTES));
        return Ok(());
    };
    if let Some(previous) = segment.checked_sub(1)
        && reader.segments.contains_key(&previous)
    {
        let length = reader.length(previous)?;
        if length < previous_end {
            walked.damaged(previous, length, previous_end - length);
        }
    }
    Ok(())
}

fn walk_segment<E: From<io::Error>>(
    reader: &Reader,
    durable: Position,
    segment: u64,
    walked: &mut Walked,
    each: &mut impl FnMut(&Record) -> Result<(), E>,
) -> Result<(), E> {
    let end = reader.length(segment)?;
    let is_last = reader.segments.keys().next_back() == Some(&segment);
    let mut at = Position { segment, offset: HEADER_BYTES };
    while at.offset < end {
        if let Some(record) = reader.record_within(at, end)? {
            each(&record)?;
            walked.records += 1;
            walked.last = record.mark;
            if record.payload.puts.iter().any(|(key, _)| key.table.is_kept_twice()) {
                walked.twice.insert(record.at);
            }
            at = record.mark.end;
            continue;
        }
        let next = reader.next_record(at, end)?;
        // Only the last segment can have been torn: the others were durable before it began.
        if is_last && at >= durable && !was_durable(reader, at, next.as_ref(), end)? {
            let bytes = end - at.offset;
            walked.cut = Some(Cut { segment, offset: at.offset, bytes });
            return Ok(());
        }
        let until = next.map_or(end, |record| record.at.offset);
        walked.damaged(segment, at.offset, until - at.offset);
        at.offset = until;
    }
    Ok(())
}

/// Whether a record behind `broken` says that all before it had been durable. Writes reach a
/// disk in any order: without such a record, what is broken was never promised, nor was what
/// stands behind it, and a prefix is all that may be left of them.
fn was_durable(
    reader: &Reader,
    broken: Position,
    next: Option<&Record>,
    end: u64,
) -> io::Result<bool> {
    let says = |record: &Record| record.payload.durable > broken;
    let Some(next) = next else { return Ok(false) };
    if says(next) {
        return Ok(true);
    }
    let mut at = next.mark.end;
    while at.offset < end {
        let record = match reader.record_within(at, end)? {
            Some(record) => record,
            None => match reader.next_record(at, end)? {
                Some(record) => record,
                None => return Ok(false),
            },
        };
        if says(&record) {
            return Ok(true);
        }
        at = record.mark.end;
    }
    Ok(false)
}

/// Whether anything at all in the segments can be read with this key.
pub(crate) fn opens_any(reader: &Reader, header_is_enough: bool) -> io::Result<bool> {
    for &segment in reader.segments.keys() {
        if opens(reader, segment, header_is_enough)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// As [`opens_any`], of one segment.
pub(crate) fn opens(reader: &Reader, segment: u64, header_is_enough: bool) -> io::Result<bool> {
    if header_is_enough && reader.previous_end(segment)?.is_some() {
        return Ok(true);
    }
    let (end, at) = (reader.length(segment)?, Position { segment, offset: HEADER_BYTES - 1 });
    Ok(reader.next_record(at, end)?.is_some())
}

/// Copies what is to be cut off, bytes and all, for whoever wants to know what happened.
pub(crate) fn copy_tail(reader: &Reader, cut: Cut, mut to: impl io::Write) -> io::Result<()> {
    let Some(file) = reader.segments.get(&cut.segment) else { return Ok(()) };
    let (mut offset, end) = (cut.offset, cut.offset + cut.bytes);
    let mut bytes = vec![0; 64 * 1024];
    while offset < end {
        let length = (end - offset).min(bytes.len() as u64) as usize;
        file.read_exact_at(&mut bytes[..length], offset)?;
        to.write_all(&bytes[..length])?;
        offset += length as u64;
    }
    Ok(())
}
