//! `headers.json`: what is signed, hashed and chained.

use ledger::{DeviceId, Hash, Header, HeaderKind, JournalId, Timestamp, limits};
use serde_json::{Value, json};

use crate::{
    file::{Made, check, hex, valid},
    fixed::*,
    headers_invalid, refusal,
};

const KIND: &str = "header";

#[test]
fn headers_hold() {
    let mut made: Vec<Made> =
        headers().into_iter().map(|(name, header)| valid(KIND, name, header.encode())).collect();
    made.extend(headers_invalid::made(KIND));
    check("headers.json", made, true, |_, _, bytes| {
        let header = Header::decode(bytes).map_err(refusal)?;
        assert_eq!(header.encode(), bytes);
        assert_eq!(header.id(), Hash::of(bytes).into());
        Ok(fields(&header))
    });
}

/// A header's fields, and its id.
pub(crate) fn fields(header: &Header) -> Value {
    let (heads, key) = match &header.kind {
        HeaderKind::Charter(heads) => {
            (json!(heads.iter().map(|head| hex(head.as_bytes())).collect::<Vec<_>>()), Value::Null)
        }
        HeaderKind::Content(key) => (Value::Null, json!(hex(key.as_bytes()))),
    };
    json!({
        "id": hex(header.id().as_bytes()),
        "genesis": header.is_genesis(),
        "journal": hex(header.journal.as_bytes()),
        "device": hex(header.device.as_bytes()),
        "seq": header.seq,
        "stamp": header.stamp.as_ms(),
        "backlink": header.backlink.map(|backlink| hex(backlink.as_bytes())),
        "heads": heads,
        "key": key,
        "body_length": header.body_length,
        "body_hash": header.body_hash.to_string(),
    })
}

/// The genesis of the space that most vectors are of.
pub(crate) fn genesis() -> Header {
    Header {
        journal: JournalId::GENESIS,
        device: key(1).id(),
        seq: 0,
        stamp: time(0),
        backlink: None,
        kind: HeaderKind::Charter(list(vec![])),
        body_length: 5,
        body_hash: Hash::of(b"items"),
    }
}

fn headers() -> Vec<(&'static str, Header)> {
    let heads = |n: u8| HeaderKind::Charter(list((0..n).map(entry).collect()));
    let all = HeaderKind::Charter(list((0..=255).map(entry).collect()));
    let first = Header { journal: journal(9), kind: heads(1), ..genesis() };
    let later = Header { seq: 1, backlink: Some(entry(3)), kind: heads(3), ..first.clone() };
    let alone = Header { kind: heads(0), ..later.clone() };
    let content = HeaderKind::Content(epoch(4));
    let first_content = Header { kind: content.clone(), ..first.clone() };
    let (seq, stamp) = (limits::INTEGER_MAX, Timestamp::from_ms(u64::MAX));
    let most = Header {
        device: DeviceId::from_bytes([255; 32]),
        seq,
        stamp,
        kind: all,
        body_length: limits::BODY_BYTES_MAX as u32,
        ..later.clone()
    };
    vec![
        ("genesis", genesis()),
        ("charter-first", first),
        ("charter-second-without-heads", alone),
        ("charter-with-heads", later.clone()),
        ("charter-with-the-most-of-all", most),
        ("content-first", first_content.clone()),
        ("content-later", Header { kind: content, seq: 63, ..later }),
        ("content-in-1970", Header { stamp: Timestamp::default(), ..first_content.clone() }),
        ("content-without-body", Header { body_length: 0, ..first_content }),
    ]
}
