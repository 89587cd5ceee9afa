//! Which of a space's two journals.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::ids::{JournalId, SpaceId};

/// One of the two journals of a space. On the wire and in the store: whether it is the content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Journal {
    /// What the space has decided about itself.
    Charter,
    /// What its members said and wrote.
    Content,
}

impl Journal {
    /// Both, the charter first: the content never goes before it.
    pub const ALL: [Self; 2] = [Self::Charter, Self::Content];

    /// Its id in `space`.
    pub fn id(self, space: SpaceId) -> JournalId {
        match self {
            Self::Charter => space.charter_journal(),
            Self::Content => space.content_journal(),
        }
    }

    /// The journal that `id` is of `space`; a genesis, which cannot name its own hash, says zeros.
    /// None where it is another space's.
    pub fn of(id: JournalId, space: SpaceId) -> Option<Self> {
        let genesis = (id == JournalId::GENESIS).then_some(Self::Charter);
        genesis.or_else(|| Self::ALL.into_iter().find(|journal| journal.id(space) == id))
    }
}

impl<C> Encode<C> for Journal {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bool(*self == Self::Content)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Journal {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Ok(if d.bool()? { Self::Content } else { Self::Charter })
    }
}
