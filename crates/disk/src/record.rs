//! What one record of the entry file holds: the kept puts of one batch.

use store::{Batch, Group, Key, Put, Table};

/// The kept puts of a batch as bytes; none where it has none.
pub(crate) fn encode(batch: &Batch) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for (key, value) in batch.puts().iter().filter(|(key, _)| key.table.is_kept()) {
        let group = key.group.as_bytes();
        bytes.push(key.table as u8);
        // A group has at most 128 bytes.
        bytes.push(group.len() as u8);
        bytes.extend_from_slice(group);
        bytes.extend_from_slice(&key.number.to_be_bytes());
        bytes.push(u8::from(value.is_some()));
        let value = value.as_deref().unwrap_or_default();
        bytes.extend_from_slice(&(value.len() as u32).to_be_bytes());
        bytes.extend_from_slice(value);
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// The puts in a record; none where it is not one.
pub(crate) fn decode(mut bytes: &[u8]) -> Option<Vec<Put>> {
    let mut puts = Vec::new();
    while !bytes.is_empty() {
        let table = take(&mut bytes, 1)?[0];
        let table = Table::ALL.iter().copied().find(|known| *known as u8 == table)?;
        let length = usize::from(take(&mut bytes, 1)?[0]);
        let group = take(&mut bytes, length)?;
        let number = u64::from_be_bytes(take(&mut bytes, 8)?.try_into().ok()?);
        let there = take(&mut bytes, 1)?[0] == 1;
        let length = u32::from_be_bytes(take(&mut bytes, 4)?.try_into().ok()?) as usize;
        let value = take(&mut bytes, length)?;
        (length_fits(group)).then_some(())?;
        let key = Key::new(table, Group::of(&[group]), number);
        puts.push((key, there.then(|| value.to_vec())));
    }
    Some(puts)
}

fn length_fits(group: &[u8]) -> bool {
    group.len() <= Group::BYTES_MAX
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}
