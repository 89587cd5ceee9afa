//! What a newer version adds: further keys of maps, and in what is only said, further elements at
//! the end of lists. All else that differs from an encoding is a fault.

use minicbor::{Decoder, data::Type, decode};

use crate::items::{DEPTH_MAX, head_is_shortest, skip};

/// Whether lists may have further elements at their end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    /// They may not: what is signed is extended by keys.
    Closed,
    /// They may.
    Open,
}

type Walk<T = ()> = Result<T, decode::Error>;

/// Whether `found` is `known`, an encoding, with such additions, in its one encoding. It costs one
/// walk over both.
pub(crate) fn extends(found: &[u8], known: &[u8], lists: Lists) -> bool {
    let (mut found, mut known) = (Decoder::new(found), Decoder::new(known));
    walk(&mut found, &mut known, lists).is_ok() && found.position() == found.input().len()
}

fn fault(what: &'static str) -> decode::Error {
    decode::Error::message(what)
}

fn walk(found: &mut Decoder<'_>, known: &mut Decoder<'_>, lists: Lists) -> Walk {
    match (found.datatype()?, known.datatype()?) {
        (Type::Array, Type::Array) => walk_list(found, known, lists),
        (Type::Map, Type::Map) => walk_map(found, known, lists),
        _ if raw(found)? == raw(known)? => Ok(()),
        _ => Err(fault("another value")),
    }
}

fn walk_list(found: &mut Decoder<'_>, known: &mut Decoder<'_>, lists: Lists) -> Walk {
    let (length, known_length) = (length(found, Decoder::array)?, length(known, Decoder::array)?);
    for _ in 0..known_length {
        walk(found, known, lists)?;
    }
    if length > known_length && lists == Lists::Closed {
        return Err(fault("a list with further elements"));
    }
    for n in known_length..length {
        if n + 1 == length && found.datatype()? == Type::Null {
            return Err(fault("nulls at the end of a list are left out"));
        }
        skip(found, DEPTH_MAX)?;
    }
    Ok(())
}

fn walk_map(found: &mut Decoder<'_>, known: &mut Decoder<'_>, lists: Lists) -> Walk {
    let (length, mut left) = (length(found, Decoder::map)?, length(known, Decoder::map)?);
    let mut last: &[u8] = &[];
    for _ in 0..length {
        let is_whole = matches!(found.datatype()?, Type::U8 | Type::U16 | Type::U32 | Type::U64);
        let is_shortest = head_is_shortest(&found.input()[found.position()..]);
        let key = raw(found)?;
        if key <= last || !is_shortest {
            return Err(fault("the keys of a map ascend"));
        }
        last = key;
        if left > 0 && raw(&mut known.clone())? == key {
            (_, left) = (raw(known)?, left - 1);
            walk(found, known, lists)?;
        } else if is_whole && found.datatype()? != Type::Null {
            skip(found, DEPTH_MAX)?;
        } else {
            return Err(fault("absent fields are left out, and keys are whole numbers"));
        }
    }
    if left == 0 { Ok(()) } else { Err(fault("a field is missing")) }
}

/// The length of the list or map that begins here.
fn length<'b>(
    d: &mut Decoder<'b>,
    head: impl Fn(&mut Decoder<'b>) -> Walk<Option<u64>>,
) -> Walk<u64> {
    if !head_is_shortest(&d.input()[d.position()..]) {
        return Err(fault("a longer head than needed"));
    }
    head(d)?.ok_or_else(|| fault("an open-ended list or map"))
}

/// The bytes of the next value.
fn raw<'b>(d: &mut Decoder<'b>) -> Walk<&'b [u8]> {
    let start = d.position();
    d.skip()?;
    Ok(&d.input()[start..d.position()])
}

#[cfg(test)]
mod tests;
