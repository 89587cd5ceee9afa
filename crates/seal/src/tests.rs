use ledger::{DeviceId, JournalId, KeyId, SpaceId};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([7; 32])
}

fn at() -> AssociatedData {
    let (journal, device) = (JournalId::from_bytes([1; 32]), DeviceId::from_bytes([2; 32]));
    AssociatedData { journal, device, seq: 3, key: KeyId::from_bytes([4; 32]) }
}

#[test]
fn a_body_opens_at_its_place_and_nowhere_else() {
    let key = Secret::generate(&mut rng()).content_key();
    let sealed = seal_body(&key, at(), b"hello", &mut rng()).unwrap();
    assert_eq!(open_body(&key, at(), &sealed).unwrap(), b"hello");
    let elsewhere = AssociatedData { seq: 4, ..at() };
    assert_eq!(open_body(&key, elsewhere, &sealed), Err(ContentError::Closed));
    for byte in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[byte] ^= 1;
        assert_eq!(open_body(&key, at(), &changed), Err(ContentError::Closed), "byte {byte}");
    }
    assert!((0..sealed.len()).all(|n| open_body(&key, at(), &sealed[..n]).is_err()));
}

#[test]
fn padding_hides_a_length_for_at_most_an_eighth_more() {
    for length in 0..=3000 {
        let padded = padded_length(length);
        assert!(padded >= length && padded_length(padded) == padded, "{length}");
        assert!(padded * 100 <= length * 112 + 100, "{length} to {padded}");
    }
    let lengths: std::collections::BTreeSet<_> = (1000..2000).map(padded_length).collect();
    assert!(lengths.len() < 40, "{}", lengths.len());
}

#[test]
fn a_box_opens_for_its_device_and_names_its_epoch() {
    let (mut rng, device) = (rng(), DeviceId::from_bytes([5; 32]));
    let (mine, other) = (SealSecretKey::generate(&mut rng), SealSecretKey::generate(&mut rng));
    let secret = Secret::generate(&mut rng);
    let space = SpaceId::from_bytes([6; 32]);
    let context = BoxContext { space, key: secret.key_id(), device };
    let sealed = seal_secret(&mut rng, &mine.public(), context, &secret).unwrap();
    assert!(open_secret(&mine, context, &sealed).unwrap() == secret);
    assert_eq!(open_secret(&other, context, &sealed).err(), Some(BoxError::Closed));
    let elsewhere = BoxContext { space: SpaceId::default(), ..context };
    assert_eq!(open_secret(&mine, elsewhere, &sealed).err(), Some(BoxError::Closed));
    let lie = BoxContext { key: KeyId::default(), ..context };
    let false_seal = seal_secret(&mut rng, &mine.public(), lie, &secret).unwrap();
    assert_eq!(open_secret(&mine, lie, &false_seal).err(), Some(BoxError::FalseSeal));
}

#[test]
fn an_old_secret_opens_under_the_one_that_succeeds_it() {
    let mut rng = rng();
    let (old, new) = (Secret::generate(&mut rng), Secret::generate(&mut rng));
    let sealed = encrypt_secret(&mut rng, &new, &old).unwrap();
    assert!(decrypt_secret(&new, &old.key_id(), &sealed).unwrap() == old);
    assert!(decrypt_secret(&old, &old.key_id(), &sealed).is_err());
    assert!(decrypt_secret(&new, &new.key_id(), &sealed).is_err());
}

#[test]
fn texts_open_under_their_kind_of_key_only() {
    let mut rng = rng();
    let seed = TicketSeed::generate(&mut rng);
    let sealed = seal_text(&seed.guest_key(), b"space", "Bo", &mut rng).unwrap();
    assert_eq!(open_text(&seed.guest_key(), b"space", &sealed).unwrap(), "Bo");
    assert_eq!(open_text(&seed.guest_key(), b"other", &sealed), Err(TextError::Closed));
    let text_key = Secret::generate(&mut rng).content_key().text_key();
    assert_eq!(open_text(&text_key, b"space", &sealed), Err(TextError::Closed));
    let long = "x".repeat(ledger::limits::SEALED_BYTES_MAX);
    assert_eq!(seal_text(&text_key, b"space", &long, &mut rng), Err(TextError::TooLong));
}
