//! Finding things by the beginning of their id.

use documents::words::Judged;
use ledger::{
    ItemId,
    content_items::Schema,
    id_text::{self, IdKind},
};
use store::{Store, StoreError};

use crate::{content::Content, place::Kind, rows::DocumentRow, tables};

/// Characters of a prefix that an index number holds: 60 of its 64 bits.
const INDEXED_CHARS: usize = 12;

impl Content {
    /// Words of a kind, those that are the first of their slot, whose id, in base32, begins with
    /// `start` (folded to lower case).
    pub fn find_words(
        &self,
        store: &impl Store,
        kind: u16,
        start: &str,
    ) -> Result<Vec<ItemId>, StoreError> {
        let mut ids = Vec::new();
        for spot in tables::places(self.rows).between(store, numbers(start))?.concat() {
            let loc = self.logs.loc(spot)?;
            let Some(row) = self.item_row(store, &loc)? else { continue };
            let id = row.id(&loc);
            let is_it = matches!(row.kind(id), Kind::Word(Judged { kind: of, root, rule: None, .. })
                if of == kind && root == id);
            if is_it && begins(&id, start) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// Documents of a schema whose id, in base32, begins with `start`.
    pub fn find_documents(
        &self,
        store: &impl Store,
        schema: Schema,
        start: &str,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        let mut rows = self.documents_between(store, schema, numbers(start))?;
        rows.retain(|row| begins(&row.id, start));
        Ok(rows)
    }
}

fn begins(id: &ItemId, start: &str) -> bool {
    let whole = id_text::format(IdKind::Word, id.as_bytes());
    whole[IdKind::Word.prefix().len()..].starts_with(start)
}

/// The numbers that ids beginning so have: five bits a character.
fn numbers(start: &str) -> std::ops::RangeInclusive<u64> {
    const ALPHABET: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let (mut low, mut bits) = (0u64, 64u32);
    for c in start.bytes().take(INDEXED_CHARS) {
        let value = ALPHABET.iter().position(|known| *known == c).unwrap_or(0);
        bits -= 5;
        low |= (value as u64) << bits;
    }
    low..=low | u64::MAX.checked_shr(64 - bits).unwrap_or(0)
}
