//! How each kind of vector is read.

use ledger::{DeviceId, JournalId, KeyId, SpaceId};
use seal::*;
use serde_json::{Value, json};

use crate::file::{hex, unhex};

/// What a vector gives, or the rule that refuses it.
pub(crate) fn read(kind: &str, given: &Value, bytes: &[u8]) -> Result<Value, String> {
    match kind {
        "sealed-body" => read_body(given, bytes),
        "box" => read_box(given, bytes),
        "succession" => read_succession(given, bytes),
        "text" => {
            let key = secret(given).content_key().text_key();
            read_text(&key, given, bytes)
        }
        "guest-text" => {
            let seed = TicketSeed::from_bytes(array(given, "seed"));
            read_text(&seed.guest_key(), given, bytes)
        }
        "epoch" => {
            let secret = Secret::from_bytes(bytes.try_into().unwrap());
            Ok(json!({ "key": hex(secret.key_id().as_bytes()) }))
        }
        "ticket-seed" => {
            let seed = TicketSeed::from_bytes(bytes.try_into().unwrap());
            Ok(json!({
                "signing_key": hex(seed.signing_key().to_seed().as_bytes()),
                "ticket": hex(seed.signing_key().id().as_bytes()),
                "guest_key": hex(seed.guest_key().as_bytes()),
            }))
        }
        "seal-key" => {
            let key = SealSecretKey::from_bytes(bytes.try_into().unwrap());
            Ok(json!({ "public": hex(key.public().as_bytes()) }))
        }
        _ => {
            let lengths = bytes.chunks(4).map(|four| u32::from_be_bytes(four.try_into().unwrap()));
            let padded = lengths.map(|length| padded_length(length as usize));
            Ok(json!({ "padded": padded.collect::<Vec<_>>() }))
        }
    }
}

fn array<const N: usize>(given: &Value, field: &str) -> [u8; N] {
    unhex(given[field].as_str().unwrap()).try_into().unwrap()
}

fn secret(given: &Value) -> Secret {
    Secret::from_bytes(array(given, "secret"))
}

fn read_body(given: &Value, bytes: &[u8]) -> Result<Value, String> {
    let at = AssociatedData {
        journal: JournalId::from_bytes(array(given, "journal")),
        device: DeviceId::from_bytes(array(given, "device")),
        seq: given["seq"].as_u64().unwrap(),
        key: KeyId::from_bytes(array(given, "key")),
    };
    let opened = open_body(&secret(given).content_key(), at, bytes);
    opened.map(|payload| json!({ "payload": hex(&payload) })).map_err(|error| error.to_string())
}

fn read_box(given: &Value, bytes: &[u8]) -> Result<Value, String> {
    let context = BoxContext {
        space: SpaceId::from_bytes(array(given, "space")),
        key: KeyId::from_bytes(array(given, "key")),
        device: DeviceId::from_bytes(array(given, "device")),
    };
    let key = SealSecretKey::from_bytes(array(given, "seal_secret"));
    let opened = open_secret(&key, context, bytes).map_err(|error| error.to_string())?;
    Ok(json!({ "secret": hex(opened.as_bytes()) }))
}

fn read_succession(given: &Value, bytes: &[u8]) -> Result<Value, String> {
    let old = KeyId::from_bytes(array(given, "key"));
    let opened = decrypt_secret(&secret(given), &old, bytes).map_err(|error| error.to_string())?;
    Ok(json!({ "secret": hex(opened.as_bytes()) }))
}

fn read_text(key: &impl TextSecret, given: &Value, bytes: &[u8]) -> Result<Value, String> {
    let place = unhex(given["place"].as_str().unwrap());
    let text = open_text(key, &place, bytes).map_err(|error| error.to_string())?;
    Ok(json!({ "text": text }))
}
