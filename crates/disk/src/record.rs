//! What one record holds: the kept puts of one batch, and how far its series was durable when it
//! was written; a copy also of which record it is one.

use store::{Batch, Group, Key, Put, Table};

use crate::{
    entries::Series,
    position::{POSITION_BYTES, Position},
};

/// What stands encrypted in a record.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Payload {
    /// All before this was durable: what is broken there was not torn by a crash.
    pub(crate) durable: Position,
    /// Of a copy: where the record stands of which it is one.
    pub(crate) of: Position,
    /// The kept puts, in order.
    pub(crate) puts: Vec<Put>,
}

/// The kept puts of a batch as bytes; none where it has none.
pub(crate) fn encode(batch: &Batch, durable: Position) -> Option<Vec<u8>> {
    batch.has_kept().then(|| encode_behind(durable.encode().to_vec(), kept(batch)))
}

/// What is to be kept twice of the record that stands at `of`.
pub(crate) fn encode_copy(puts: &Batch, durable: Position, of: Position) -> Vec<u8> {
    let begin = [durable.encode(), of.encode()].concat();
    encode_behind(begin, puts.puts().iter())
}

/// What of a batch, or of a record, is kept twice.
pub(crate) fn twice<'a>(puts: impl IntoIterator<Item = &'a Put>) -> Batch {
    let mut twice = Batch::default();
    for (key, value) in puts.into_iter().filter(|(key, _)| key.table.is_kept_twice()) {
        match value {
            Some(value) => twice.put(key.clone(), value.clone()),
            None => twice.remove(key.clone()),
        }
    }
    twice
}

fn encode_behind<'a>(mut bytes: Vec<u8>, puts: impl Iterator<Item = &'a Put>) -> Vec<u8> {
    for (key, value) in puts {
        let group = key.group.as_bytes();
        bytes.push(key.table as u8);
        // A group has at most 128 bytes.
        bytes.push(group.len() as u8);
        bytes.extend_from_slice(group);
        bytes.extend_from_slice(&key.number.to_be_bytes());
        bytes.push(u8::from(value.is_some()));
        let value = value.as_deref().unwrap_or_default();
        // What does not fit here does not fit a segment either, and is refused there.
        bytes.extend_from_slice(&(value.len() as u32).to_be_bytes());
        bytes.extend_from_slice(value);
    }
    bytes
}

/// The puts of a batch that a record holds, in the record's order.
pub(crate) fn kept(batch: &Batch) -> impl Iterator<Item = &Put> {
    batch.puts().iter().filter(|(key, _)| key.table.is_kept())
}

/// A record from bytes; none where it is not one.
pub(crate) fn decode(series: Series, mut bytes: &[u8]) -> Option<Payload> {
    let durable = Position::decode(take(&mut bytes, POSITION_BYTES)?)?;
    let of = match series {
        Series::Entries => Position::default(),
        Series::Copies => Position::decode(take(&mut bytes, POSITION_BYTES)?)?,
    };
    let mut puts = Vec::new();
    while !bytes.is_empty() {
        let table = take(&mut bytes, 1)?[0];
        let table = Table::ALL.iter().copied().find(|known| *known as u8 == table)?;
        let length = usize::from(take(&mut bytes, 1)?[0]);
        if length > Group::BYTES_MAX {
            return None;
        }
        let group = Group::of(&[take(&mut bytes, length)?]);
        let number = u64::from_be_bytes(take(&mut bytes, 8)?.try_into().ok()?);
        let there = take(&mut bytes, 1)?[0] == 1;
        let length = u32::from_be_bytes(take(&mut bytes, 4)?.try_into().ok()?) as usize;
        let value = take(&mut bytes, length)?;
        puts.push((Key::new(table, group, number), there.then(|| value.to_vec())));
    }
    Some(Payload { durable, of, puts })
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}
