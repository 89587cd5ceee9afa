//! What an index knows of damage in the entry file.

use store::Table;

use super::{Index, KEY_BYTES, base::Puts, fault::IndexFault, tree::Changes, value::Value};
use crate::{entries::Walked, position::Position};

/// Where it says what was damaged in the entry file when it was built.
const DAMAGE: &[u8] = b"\0damage";

/// Where it says which damage of the entry file was the last when it was built: what stood there it
/// never knew.
pub(super) const BLIND: &[u8] = b"\0blind";

impl Index {
    pub(super) fn damage_digest(&self) -> Result<Option<[u8; 32]>, IndexFault> {
        let Some(plain) = self.plain(DAMAGE)? else { return Ok(None) };
        plain.try_into().map(Some).map_err(|_| IndexFault::Closed)
    }

    /// The last damage of which it does not know what stood there; the beginning where there is
    /// none.
    pub(crate) fn blind(&self) -> Result<Position, IndexFault> {
        Ok(self.position(BLIND)?.unwrap_or_default())
    }

    pub(crate) fn set_blind(&self, at: Position) -> Result<(), IndexFault> {
        let mut changes = Puts::default();
        changes.insert(BLIND, self.seal(BLIND, &at.encode())?);
        self.base.write(&changes)?;
        self.flush()
    }

    /// Takes for removed what stands in records that cannot be read, of what others tell anew,
    /// knock with again or ask for again.
    pub(super) fn forget_lost(&self, walked: &Walked) -> Result<(), IndexFault> {
        let tables = [Table::Peers, Table::Newer, Table::Guests, Table::Requests, Table::Told];
        self.forget(walked, &tables)
    }

    /// As [`forget_lost`](Self::forget_lost), of entries too: where nothing can be noted, what is
    /// lost is as if it had never been there.
    pub(crate) fn forget_entries(&self, walked: &Walked) -> Result<(), IndexFault> {
        self.forget_lost(walked)?;
        self.forget(walked, &[Table::Entries])
    }

    fn forget(&self, walked: &Walked, tables: &[Table]) -> Result<(), IndexFault> {
        let mut rows = Changes::new();
        for table in tables {
            let (mut first, mut last) = ([0; KEY_BYTES], [0xff; KEY_BYTES]);
            (first[0], last[0]) = (*table as u8, *table as u8);
            self.range(first..=last, false, |key, value| {
                if let Value::Elsewhere { at, .. } = value
                    && walked.is_damaged(at)
                {
                    rows.push((key, Some(Value::Removed { at }.encode())));
                }
                Ok(true)
            })?;
        }
        let mut changes = Puts::default();
        self.change(&rows, &mut changes)?;
        self.base.write(&changes)
    }

    pub(super) fn knows_no_damage(&self) -> Result<bool, IndexFault> {
        Ok(self.damage_digest()? == Some(Walked::default().damage_digest()))
    }

    pub(crate) fn set_damage_digest(&self, digest: [u8; 32]) -> Result<(), IndexFault> {
        let mut changes = Puts::default();
        changes.insert(DAMAGE, self.seal(DAMAGE, &digest)?);
        self.base.write(&changes)
    }
}
