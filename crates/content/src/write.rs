//! Writing: items become the next entry of this home's log.

use ledger::{
    DeviceKey, Entry, Journal, Timestamp,
    content_items::{ContentBody, ContentItem},
};
use rand_core::CryptoRng;
use replica::{Replica, TakeError};
use store::Store;

use crate::{
    body::{self, At, BodyError},
    content::Content,
};

/// Why something cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// This home holds no epoch's secret yet: it is not in, or has not been given it.
    #[error("this home cannot read the space yet, so it cannot write")]
    NoKey,
    /// It is longer than one entry can be, compressed.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// These are more items than one entry can hold.
    #[error("too many things at once")]
    TooMany,
    /// What this log has so far cannot be read, or it forks.
    #[error(transparent)]
    Take(#[from] TakeError),
}

impl Content {
    /// Signs items as the next content entry of this home; compressed, padded and encrypted under
    /// the epoch that the charter says to write under.
    pub fn write(
        &self,
        store: &impl Store,
        replica: &Replica,
        key: &DeviceKey,
        now: Timestamp,
        items: Vec<ContentItem>,
        rng: &mut impl CryptoRng,
    ) -> Result<Entry, WriteError> {
        let epoch = self.keys.to_write(replica.roll().writable_epochs().iter());
        let epoch = epoch.ok_or(WriteError::NoKey)?;
        let content_key = self.keys.content_key(&epoch).ok_or(WriteError::NoKey)?;
        let items: ContentBody = items.try_into().map_err(|_| WriteError::TooMany)?;
        let device = key.id();
        let seq = replica.frontier(Journal::Content).length(&device);
        let at = At { journal: self.space.content_journal(), device, seq, key: epoch };
        let body = body::close(&self.packing, content_key, at, &items, rng)?;
        Ok(replica.sign_content(store, key, self.stamp(now), epoch, body)?)
    }
}
