use super::*;

const DOMAIN: &[u8] = b"groundwork 1 test\0";

#[test]
fn a_peer_id_has_the_key_that_it_names() {
    let key = NodeKey::from_seed(&[1; 32]);
    let public = DeviceKey::from_seed(&[1; 32]).id();
    assert_eq!(key.peer_id().key(), Some(*public.as_bytes()));
    assert_eq!(key.peer_id().as_bytes().len(), 38);
    assert_eq!(NodeKey::from_seed(key.to_seed().as_bytes()), key);
    assert_ne!(NodeKey::from_seed(&[2; 32]), key);
}

#[test]
fn what_is_no_ed25519_identity_names_no_key_and_verifies_nothing() {
    let key = NodeKey::from_seed(&[1; 32]);
    let (whole, signature) = (key.peer_id().as_bytes().to_vec(), key.sign(DOMAIN, b"message"));
    let mut other_kind = whole.clone();
    other_kind[3] = 0;
    let hashed = [&[0x12, 0x20], &whole[6..]].concat();
    let longer = [whole.as_slice(), &[0]].concat();
    for bytes in [vec![], whole[..37].to_vec(), longer, other_kind, hashed] {
        let peer = PeerId::from_bytes(bytes).unwrap();
        assert_eq!(peer.key(), None);
        assert!(peer.verify(DOMAIN, b"message", &signature).is_err());
    }
}

#[test]
fn a_node_signs_for_its_own_peer_id_domain_and_message_alone() {
    let (key, other) = (NodeKey::from_seed(&[1; 32]), NodeKey::from_seed(&[2; 32]));
    let signature = key.sign(DOMAIN, b"message");
    assert!(key.peer_id().verify(DOMAIN, b"message", &signature).is_ok());
    assert!(other.peer_id().verify(DOMAIN, b"message", &signature).is_err());
    assert!(key.peer_id().verify(b"groundwork 1 other\0", b"message", &signature).is_err());
    assert!(key.peer_id().verify(DOMAIN, b"massage", &signature).is_err());
}

#[test]
fn a_peer_id_of_small_order_signs_nothing() {
    // The neutral point verifies this over any message, unless points of small order are refused.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let signature = Signature::from_bytes([neutral, [0; 32]].concat().try_into().unwrap());
    assert!(PeerId::of_key(&neutral).verify(DOMAIN, b"message", &signature).is_err());
}

#[test]
fn debug_output_shows_no_secret() {
    let key = NodeKey::from_seed(&[0xab; 32]);
    assert_eq!(format!("{key:?}"), format!("NodeKey({:?})", key.peer_id()));
}
