//! Edits: the operations that every node plays into its own automerge document (DESIGN 7).

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    bounded::{Blob, Bounded, Text},
    ids::ItemRef,
    limits::{EDIT_HEADS_MAX, EDIT_OPERATIONS_MAX, NAME_BYTES_MAX, TEXT_BYTES_MAX},
    time::Timestamp,
};

/// Changes one document, or makes one: an edit without a document makes the document whose id is
/// the edit's own.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Edit {
    /// The document; none in the edit that makes it.
    #[n(0)]
    pub document: Option<ItemRef>,
    /// What the document is; only in the edit that makes it.
    #[n(1)]
    pub schema: Option<Schema>,
    /// The edits that this one builds on: the document's heads as its author had them.
    #[n(2)]
    pub heads: Bounded<ItemRef, EDIT_HEADS_MAX>,
    /// What it does, in order; all of it or nothing.
    #[n(3)]
    pub operations: Bounded<Operation, EDIT_OPERATIONS_MAX>,
}

/// What a document is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Schema {
    /// The space itself: its name.
    Space,
    /// A campaign.
    Campaign,
    /// A need.
    Need,
    /// An aid list.
    AidList,
    /// From a newer version.
    Unknown(u16),
}

/// A place in a map or a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Key {
    /// A field of a map.
    Field(Text<NAME_BYTES_MAX>),
    /// A position in a list, counted from zero; in a text, in characters.
    Position(u32),
}

/// An object of the document: the map that it is, or what an operation made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ObjectRef {
    /// The document's own map.
    Root,
    /// What operation `number` of `edit` made.
    Made {
        /// The edit; `Here` for an earlier operation of this one.
        edit: ItemRef,
        /// The operation's place in it, from zero.
        number: u16,
    },
}

/// A value in a document.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Value {
    /// Nothing: the field is there and empty.
    #[n(0)]
    Null,
    /// True or false.
    #[n(1)]
    Bool(#[n(0)] bool),
    /// A whole number of 64 bits, replaced whole.
    #[n(2)]
    Int(#[n(0)] i64),
    /// A text that is replaced whole.
    #[n(3)]
    Text(#[n(0)] Text<TEXT_BYTES_MAX>),
    /// Bytes that are replaced whole.
    #[n(4)]
    Bytes(#[n(0)] Blob<TEXT_BYTES_MAX>),
    /// A moment, not a date in somebody's calendar.
    #[n(5)]
    Time(#[n(0)] Timestamp),
    /// A number that concurrent increments add up in.
    #[n(6)]
    Counter(#[n(0)] i64),
    /// A new, empty map; named afterwards by the operation's number.
    #[n(7)]
    Map,
    /// A new, empty list; named afterwards as a map is.
    #[n(8)]
    List,
    /// A new text that several people edit.
    #[n(9)]
    SharedText(#[n(0)] Text<TEXT_BYTES_MAX>),
}

/// One change of one object. Which object, and where in it, is named as its author had it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Operation {
    /// Sets a field of a map or a position of a list. `make` is this with a map, list or text.
    #[n(0)]
    Put {
        /// The map or list that is changed.
        #[n(0)]
        object: ObjectRef,
        /// The field, which need not be there, or the position of an element, which must.
        #[n(1)]
        key: Key,
        /// What stands there from now on.
        #[n(2)]
        value: Value,
    },
    /// Inserts into a list.
    #[n(1)]
    Insert {
        /// The list that grows.
        #[n(0)]
        object: ObjectRef,
        /// The position that the new element has; the list's length to append it.
        #[n(1)]
        position: u32,
        /// The new element.
        #[n(2)]
        value: Value,
    },
    /// Deletes a field or a position.
    #[n(2)]
    Delete {
        /// The map or list that loses something.
        #[n(0)]
        object: ObjectRef,
        /// The field, or the position of an element.
        #[n(1)]
        key: Key,
    },
    /// Adds to a counter.
    #[n(3)]
    Increment {
        /// The map or list that has the counter.
        #[n(0)]
        object: ObjectRef,
        /// The field or position at which it stands.
        #[n(1)]
        key: Key,
        /// What is added, below zero to subtract.
        #[n(2)]
        by: i64,
    },
    /// Replaces a stretch of a shared text.
    #[n(4)]
    Splice {
        /// The shared text.
        #[n(0)]
        object: ObjectRef,
        /// Characters before the stretch.
        #[n(1)]
        position: u32,
        /// Characters that go; 0 only inserts.
        #[n(2)]
        delete: u32,
        /// What comes in their place; empty only deletes.
        #[n(3)]
        text: Text<TEXT_BYTES_MAX>,
    },
}

impl Schema {
    /// Its number in the CDDL.
    pub fn number(self) -> u16 {
        match self {
            Self::Space => 0,
            Self::Campaign => 1,
            Self::Need => 2,
            Self::AidList => 3,
            Self::Unknown(number) => number,
        }
    }
}

impl<C> Encode<C> for Schema {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.u16(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Schema {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Ok(match d.u16()? {
            0 => Self::Space,
            1 => Self::Campaign,
            2 => Self::Need,
            3 => Self::AidList,
            number => Self::Unknown(number),
        })
    }
}

impl<C> Encode<C> for Key {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match self {
            Self::Field(name) => name.encode(e, ctx),
            Self::Position(position) => e.u32(*position)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Key {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        match d.datatype()? {
            minicbor::data::Type::String => Text::decode(d, ctx).map(Self::Field),
            _ => d.u32().map(Self::Position),
        }
    }
}

impl<C> Encode<C> for ObjectRef {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match self {
            Self::Root => e.null()?.ok(),
            Self::Made { edit, number } => {
                e.array(2)?;
                edit.encode(e, ctx)?;
                e.u16(*number)?.ok()
            }
        }
    }
}

impl<'b, C> Decode<'b, C> for ObjectRef {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        if d.datatype()? == minicbor::data::Type::Null {
            d.null()?;
            return Ok(Self::Root);
        }
        if d.array()? != Some(2) {
            return Err(decode::Error::message("an object is null or [edit, number]"));
        }
        Ok(Self::Made { edit: ItemRef::decode(d, ctx)?, number: d.u16()? })
    }
}
