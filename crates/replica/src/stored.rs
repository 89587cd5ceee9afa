//! How an entry stands in the store.

use ledger::{Entry, Header, Signature};
use minicbor::{Decode, Encode};
use store::StoreError;

/// The row of an entry. Where nodes keep no signature, or the body is forgotten, there is none.
#[derive(Encode, Decode)]
struct StoredEntry {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    header: Vec<u8>,
    #[n(1)]
    signature: Option<Signature>,
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    body: Option<Vec<u8>>,
}

/// The bytes that the store keeps of an entry: its header as it was signed.
pub(crate) fn encode(entry: &Entry) -> Vec<u8> {
    ledger::encode(&StoredEntry {
        header: entry.header.encode(),
        signature: entry.signature,
        body: entry.body.clone(),
    })
}

/// The entry in stored bytes.
pub(crate) fn decode(bytes: &[u8]) -> Result<Entry, StoreError> {
    let damaged = |_| StoreError::Damaged { what: "an entry".to_owned() };
    let stored: StoredEntry = ledger::decode(bytes).map_err(damaged)?;
    let header = Header::decode(&stored.header).map_err(damaged)?;
    let id = ledger::Hash::of(&stored.header).into();
    Ok(Entry { header, id, signature: stored.signature, body: stored.body })
}
