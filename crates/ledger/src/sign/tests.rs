use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use super::*;

#[test]
fn a_signature_holds_for_its_key_domain_and_message_alone() {
    let (key, other) = (DeviceKey::from_seed(&[1; 32]), DeviceKey::from_seed(&[2; 32]));
    let signature = key.sign(ENTRY_DOMAIN, b"message");
    assert!(signature.verify(&key.id(), ENTRY_DOMAIN, b"message").is_ok());
    assert!(signature.verify(&other.id(), ENTRY_DOMAIN, b"message").is_err());
    assert!(signature.verify(&key.id(), b"another\0", b"message").is_err());
    assert!(signature.verify(&key.id(), ENTRY_DOMAIN, b"massage").is_err());
}

#[test]
fn every_changed_bit_of_a_signature_is_refused() {
    let key = DeviceKey::from_seed(&[1; 32]);
    let signature = key.sign(ENTRY_DOMAIN, b"message");
    for bit in 0..512 {
        let mut bytes = *signature.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let changed = Signature::from_bytes(bytes);
        assert!(changed.verify(&key.id(), ENTRY_DOMAIN, b"message").is_err(), "bit {bit}");
    }
}

#[test]
fn keys_of_small_order_sign_nothing() {
    // Both verify the zero signature of any message, unless points of small order are refused.
    for first in [0, 1] {
        let (mut key, mut signature) = ([0; 32], [0; 64]);
        (key[0], signature[0]) = (first, first);
        let signature = Signature::from_bytes(signature);
        assert!(signature.verify(&DeviceId::from_bytes(key), ENTRY_DOMAIN, b"").is_err());
    }
}

#[test]
fn a_key_comes_back_from_its_seed() {
    let key = DeviceKey::generate(&mut ChaCha20Rng::from_seed([5; 32]));
    assert_eq!(DeviceKey::from_seed(key.to_seed().as_bytes()).id(), key.id());
}

#[test]
fn debug_output_shows_no_secret() {
    let key = DeviceKey::from_seed(&[0xab; 32]);
    assert_eq!(format!("{key:?}"), format!("DeviceKey({:?})", key.id()));
}
