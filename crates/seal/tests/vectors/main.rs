//! The golden vectors of what is encrypted. Nonces and ephemeral keys are fresh, so the valid
//! ones are opened and not made again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "vectors are files")]

#[allow(dead_code, reason = "each crate uses a part of it")]
#[path = "../../../../tests/vectors/file.rs"]
mod file;

mod hostile;
mod opened;

use ledger::{DeviceId, JournalId, SpaceId};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use seal::*;
use serde_json::{Value, json};

use crate::file::{Made, check, hex, valid};

#[test]
fn seals_hold() {
    let mut made = bodies();
    made.extend(boxes());
    made.extend(texts());
    made.extend(keys());
    made.extend(padded_lengths());
    made.extend(hostile::made());
    check("seal.json", made, false, opened::read);
}

fn rng(n: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([n; 32])
}

fn secret() -> Secret {
    Secret::from_bytes([9; 32])
}

/// Where the bodies of the vectors stand.
fn place() -> AssociatedData {
    AssociatedData {
        journal: JournalId::from_bytes([1; 32]),
        device: DeviceId::from_bytes([2; 32]),
        seq: 258,
        key: secret().key_id(),
    }
}

/// A place and an epoch's secret as they stand in a vector.
fn given_place(at: AssociatedData) -> Value {
    json!({
        "secret": hex(secret().as_bytes()),
        "journal": hex(at.journal.as_bytes()),
        "device": hex(at.device.as_bytes()),
        "seq": at.seq,
        "key": hex(at.key.as_bytes()),
    })
}

fn bodies() -> Vec<Made> {
    // The codec byte, and a body of one item: an edit that does nothing.
    let items = [0, 0x81, 0x82, 0x00, 0xa2, 0x02, 0x80, 0x03, 0x80];
    let long: Vec<u8> = (0..1000u16).map(|n| n as u8).collect();
    [("nothing", &[] as &[u8]), ("items", &items), ("a-kilobyte", &long)]
        .into_iter()
        .zip(1..)
        .map(|((name, payload), n)| {
            let sealed = seal_body(&secret().content_key(), place(), payload, &mut rng(n));
            let made = valid("sealed-body", &format!("salted-body-of-{name}"), sealed.unwrap());
            made.given(given_place(place()))
        })
        .collect()
}

/// A box of the vectors, to the device whose X25519 key is 32 times 5.
fn given_box(context: BoxContext) -> Value {
    json!({
        "seal_secret": hex(&[5; 32]),
        "space": hex(context.space.as_bytes()),
        "key": hex(context.key.as_bytes()),
        "device": hex(context.device.as_bytes()),
    })
}

fn box_context() -> BoxContext {
    let (space, device) = (SpaceId::from_bytes([6; 32]), DeviceId::from_bytes([2; 32]));
    BoxContext { space, key: secret().key_id(), device }
}

fn sealed_box(context: BoxContext) -> Vec<u8> {
    let to = SealSecretKey::from_bytes([5; 32]).public();
    seal_secret(&mut rng(4), &to, context, &secret()).unwrap().into_inner()
}

fn boxes() -> Vec<Made> {
    let in_genesis = BoxContext { space: SpaceId::from_bytes([0; 32]), ..box_context() };
    let made = |name, context| valid("box", name, sealed_box(context)).given(given_box(context));
    let old = Secret::from_bytes([10; 32]);
    let succession = encrypt_secret(&mut rng(5), &secret(), &old).unwrap().into_inner();
    let given = json!({ "secret": hex(secret().as_bytes()), "key": hex(old.key_id().as_bytes()) });
    vec![
        made("box", box_context()),
        made("box-in-a-genesis", in_genesis),
        valid("succession", "succession", succession).given(given),
    ]
}

fn texts() -> Vec<Made> {
    let place = [6; 32];
    let (text_key, guest_key) = (secret().content_key().text_key(), guest_key());
    let text = seal_text(&text_key, &place, "Weil es brennt", &mut rng(6)).unwrap();
    let name = seal_text(&guest_key, &place, "Bo 🥣", &mut rng(7)).unwrap();
    let none = seal_text(&text_key, b"", "", &mut rng(8)).unwrap();
    let secret = hex(secret().as_bytes());
    let given = |place: &[u8]| json!({ "secret": secret, "place": hex(place) });
    let guest = json!({ "seed": hex(&[3; 16]), "place": hex(&place) });
    vec![
        valid("text", "text", text.into_inner()).given(given(&place)),
        valid("text", "text-of-nothing", none.into_inner()).given(given(b"")),
        valid("guest-text", "guest-text", name.into_inner()).given(guest),
    ]
}

fn guest_key() -> GuestKey {
    TicketSeed::from_bytes([3; 16]).guest_key()
}

fn keys() -> Vec<Made> {
    vec![
        valid("epoch", "epoch", vec![9; 32]),
        valid("epoch", "epoch-of-zeros", vec![0; 32]),
        valid("ticket-seed", "ticket-seed", vec![3; 16]),
        valid("seal-key", "seal-key", vec![5; 32]),
    ]
}

/// Lengths as four bytes each, and what each is padded to.
fn padded_lengths() -> Vec<Made> {
    let powers = (1..18u32).flat_map(|n| [(1 << n) - 1, 1 << n, (1 << n) + 1]);
    let lengths = [0, 1, 9, 100, 1000, 10_000, 251_904].into_iter().chain(powers);
    vec![valid("padded-lengths", "padded-lengths", lengths.flat_map(u32::to_be_bytes).collect())]
}
