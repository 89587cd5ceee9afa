//! What does not open: changed, moved, padded in another way, or not what it says.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use ledger::{KeyId, tagged};
use seal::*;
use serde_json::{Value, json};

use crate::{
    box_context,
    file::{Made, hex, invalid},
    given_box, given_place, place, secret,
};

const CLOSED: &str = "does not open with this key at this place";
const BOX: &str = "the box does not open here";

/// All of them.
pub(crate) fn made() -> Vec<Made> {
    let mut made = moved_bodies();
    made.extend(padded_bodies());
    made.extend(boxes());
    made.extend(texts());
    made
}

/// Nonce, ciphertext and tag, as [`seal`] makes them, of any message.
fn encrypt(key: &[u8; 32], associated: &[u8], message: &[u8]) -> Vec<u8> {
    let nonce = [8; 24];
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    let payload = Payload { msg: message, aad: associated };
    [nonce.to_vec(), cipher.encrypt(&XNonce::from(nonce), payload).unwrap()].concat()
}

/// A body at [`place`] whose padding is in `padded` already.
fn body(padded: &[u8]) -> Vec<u8> {
    let at = place();
    let associated = [
        &[1],
        at.journal.as_bytes().as_slice(),
        at.device.as_bytes(),
        &at.seq.to_be_bytes(),
        at.key.as_bytes(),
    ];
    let key = tagged("groundwork 1 content key", &[secret().as_bytes()]);
    encrypt(key.as_bytes(), &associated.concat(), padded)
}

/// As [`body`], with a salt in place of the nonce.
fn salted_body(padded: &[u8]) -> Vec<u8> {
    let at = place();
    let associated = [
        &[2],
        at.journal.as_bytes().as_slice(),
        at.device.as_bytes(),
        &at.seq.to_be_bytes(),
        at.key.as_bytes(),
    ];
    let (salt, associated) = ([8; 8], associated.concat());
    let nonce = tagged("groundwork 1 body nonce", &[&salt, &associated]);
    let nonce: [u8; 24] = nonce.as_bytes()[..24].try_into().unwrap();
    let key = tagged("groundwork 1 content key", &[secret().as_bytes()]);
    let cipher = XChaCha20Poly1305::new(&(*key.as_bytes()).into());
    let payload = Payload { msg: padded, aad: &associated };
    [salt.to_vec(), cipher.encrypt(&XNonce::from(nonce), payload).unwrap()].concat()
}

fn moved_bodies() -> Vec<Made> {
    let sealed = body(&[0, 0, 0, 1, 7]);
    let bad = |name, bytes, given: Value| invalid("sealed-body", name, CLOSED, bytes).given(given);
    let moved = |name, at| bad(name, sealed.clone(), given_place(at));
    let salted = salted_body(&[7, 0x80]);
    let other_log = AssociatedData { device: Default::default(), ..place() };
    let other_seq = AssociatedData { seq: 259, ..place() };
    let mut other_salt = salted.clone();
    other_salt[0] ^= 1;
    let mut changed = sealed.clone();
    changed[30] ^= 1;
    let mut other_secret = given_place(place());
    other_secret["secret"] = json!(hex(&[10; 32]));
    vec![
        moved("body-in-another-journal", AssociatedData { journal: Default::default(), ..place() }),
        moved("body-in-another-log", AssociatedData { device: Default::default(), ..place() }),
        moved("body-at-another-seq", AssociatedData { seq: 259, ..place() }),
        moved("body-under-another-key-id", AssociatedData { key: KeyId::default(), ..place() }),
        bad("body-changed", changed, given_place(place())),
        bad("body-under-another-secret", sealed.clone(), other_secret),
        bad("body-cut", sealed[..sealed.len() - 1].to_vec(), given_place(place())),
        bad("body-shorter-than-nonce-and-tag", vec![8; 39], given_place(place())),
        bad("body-empty", vec![], given_place(place())),
        bad("salted-body-in-another-log", salted.clone(), given_place(other_log)),
        bad("salted-body-at-another-seq", salted.clone(), given_place(other_seq)),
        bad("salted-body-with-another-salt", other_salt, given_place(place())),
        bad("salted-body-shorter-than-salt-and-tag", vec![8; 23], given_place(place())),
    ]
}

fn padded_bodies() -> Vec<Made> {
    const RULE: &str = "padded in another way than the one";
    let bad = |name, padded: &[u8]| {
        invalid("sealed-body", name, RULE, body(padded)).given(given_place(place()))
    };
    let marked = |name, padded: &[u8]| {
        invalid("sealed-body", name, RULE, salted_body(padded)).given(given_place(place()))
    };
    vec![
        bad("padding-without-length", &[0, 0, 0]),
        bad("padding-past-the-end", &[0, 0, 0, 2, 7]),
        bad("padding-of-a-gigabyte", &[0x40, 0, 0, 0, 7]),
        bad("padding-too-short", &[0, 0, 0, 5, 1, 2, 3, 4, 5]),
        bad("padding-too-long", &[0, 0, 0, 1, 7, 0]),
        bad("padding-not-of-zeros", &[0, 0, 0, 5, 1, 2, 3, 4, 5, 1]),
        marked("marked-padding-of-nothing", &[]),
        marked("marked-padding-without-mark", &[0, 0]),
        marked("marked-padding-with-another-mark", &[7, 0x81]),
        marked("marked-padding-too-long", &[7, 0x80, 0]),
        marked("marked-padding-too-short", &[1, 2, 3, 4, 5, 6, 7, 8, 0x80]),
        marked("marked-padding-not-of-zeros", &[1, 2, 3, 4, 5, 6, 7, 8, 0x80, 1]),
    ]
}

fn boxes() -> Vec<Made> {
    let sealed = crate::sealed_box(box_context());
    let bad = |name, rule, bytes, given: Value| invalid("box", name, rule, bytes).given(given);
    let elsewhere = BoxContext { space: Default::default(), ..box_context() };
    let other_device = BoxContext { device: Default::default(), ..box_context() };
    let lie = BoxContext { key: KeyId::default(), ..box_context() };
    let mut other_key = given_box(box_context());
    other_key["seal_secret"] = json!(hex(&[6; 32]));
    let mut changed = sealed.clone();
    changed[40] ^= 1;
    let false_seal = "the box holds another secret than it says";
    vec![
        bad("box-changed", BOX, changed, given_box(box_context())),
        bad("box-in-another-space", BOX, sealed.clone(), given_box(elsewhere)),
        bad("box-for-another-device", BOX, sealed.clone(), given_box(other_device)),
        bad("box-to-another-key", BOX, sealed.clone(), other_key),
        bad("box-of-a-lie", false_seal, crate::sealed_box(lie), given_box(lie)),
        bad("box-cut", BOX, sealed[..31].to_vec(), given_box(box_context())),
        bad("box-from-the-neutral-point", BOX, vec![0; 80], given_box(box_context())),
    ]
}

fn texts() -> Vec<Made> {
    let key = tagged("groundwork 1 content key", &[secret().as_bytes()]);
    let key = *tagged("groundwork 1 text key", &[key.as_bytes()]).as_bytes();
    let text = |padded: &[u8]| encrypt(&key, b"groundwork 1 text\0place", padded);
    let bad = |name, rule, bytes, place: &[u8]| {
        let given = json!({ "secret": hex(secret().as_bytes()), "place": hex(place) });
        invalid("text", name, rule, bytes).given(given)
    };
    let guest = encrypt(&key, b"groundwork 1 guest\0place", &[0, 0, 0, 1, b'a']);
    vec![
        bad("text-elsewhere", CLOSED, text(&[0, 0, 0, 1, b'a']), b"other"),
        bad("text-of-another-domain", CLOSED, guest, b"place"),
        bad("text-padded-too-long", CLOSED, text(&[0, 0, 0, 1, b'a', 0]), b"place"),
        bad("text-no-utf-8", "no UTF-8 text", text(&[0, 0, 0, 2, 0xc3, 0x28]), b"place"),
    ]
}
