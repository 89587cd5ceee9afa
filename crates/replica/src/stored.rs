//! How an entry stands in the store.

use ledger::{Entry, Header, Signature, Timestamp};
use minicbor::{Decode, Encode};
use store::StoreError;

/// An entry that is stored, and when it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// As it was signed.
    pub entry: Entry,
    /// When it was stored, by the clock that this node had then.
    pub came: Timestamp,
}

/// The row of an entry. Where nodes keep no signature, or the body is forgotten, there is none.
#[derive(Encode, Decode)]
struct EntryRow {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    header: Vec<u8>,
    #[n(1)]
    signature: Option<Signature>,
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    body: Option<Vec<u8>>,
    #[n(3)]
    came: Timestamp,
}

/// The bytes that the store keeps of an entry: its header as it was signed, and when it came.
pub(crate) fn encode(entry: &Entry, came: Timestamp) -> Vec<u8> {
    ledger::encode(&EntryRow {
        header: entry.header.encode(),
        signature: entry.signature,
        body: entry.body.clone(),
        came,
    })
}

/// The entry in stored bytes.
pub(crate) fn decode(bytes: &[u8]) -> Result<Stored, StoreError> {
    let damaged = |_| StoreError::Damaged { what: "an entry".to_owned() };
    let row: EntryRow = ledger::decode(bytes).map_err(damaged)?;
    let header = Header::decode(&row.header).map_err(damaged)?;
    let id = ledger::Hash::of(&row.header).into();
    let entry = Entry { header, id, signature: row.signature, body: row.body };
    Ok(Stored { entry, came: row.came })
}
