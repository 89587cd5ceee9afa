use super::*;
use crate::sign::ENTRY_DOMAIN;

fn card() -> Card {
    let peer = PeerId::from_bytes(vec![7; 38]).unwrap();
    Card { peer, seal_key: SealKey::from_bytes([8; 32]) }
}

fn unsigned() -> Signature {
    Signature::from_bytes([0; 64])
}

fn knock() -> Knock {
    let (invite, known) = (ItemId::from_bytes([1; 32]), EntryId::from_bytes([2; 32]));
    let name = vec![3; 41].try_into().unwrap();
    Knock { invite, known, card: card(), name, ticket_signature: unsigned() }
}

#[test]
fn no_domain_begins_another() {
    let domains = [ENTRY_DOMAIN, Knock::DOMAIN, DeviceAdd::DOMAIN];
    for domain in domains {
        assert_eq!(domain.iter().filter(|byte| **byte == 0).count(), 1);
        assert!(domain.ends_with(&[0]) && domain.starts_with(b"groundwork 1 "));
        assert_eq!(domains.iter().filter(|other| other.starts_with(domain)).count(), 1);
    }
}

#[test]
fn a_knock_holds_for_its_ticket_space_and_device_alone() {
    let (ticket, other) = (DeviceKey::from_seed(&[1; 32]), DeviceKey::from_seed(&[2; 32]));
    let (space, device) = (SpaceId::from_bytes([4; 32]), DeviceId::from_bytes([5; 32]));
    let mut knock = knock();
    knock.sign(&ticket, &space, &device);
    assert!(knock.verify(&ticket.id(), &space, &device).is_ok());
    assert!(knock.verify(&other.id(), &space, &device).is_err());
    assert!(knock.verify(&ticket.id(), &SpaceId::default(), &device).is_err());
    assert!(knock.verify(&ticket.id(), &space, &DeviceId::default()).is_err());
    let changed = [
        Knock { invite: ItemId::default(), ..knock.clone() },
        Knock { known: EntryId::default(), ..knock.clone() },
        Knock { card: Card { seal_key: SealKey::default(), ..card() }, ..knock.clone() },
        Knock { name: vec![4; 41].try_into().unwrap(), ..knock.clone() },
    ];
    for changed in changed {
        assert!(changed.verify(&ticket.id(), &space, &device).is_err(), "{changed:?}");
    }
}

#[test]
fn a_device_agrees_to_one_adder_in_one_space() {
    let key = DeviceKey::from_seed(&[1; 32]);
    let (space, adder) = (SpaceId::from_bytes([4; 32]), DeviceId::from_bytes([5; 32]));
    let mut add = DeviceAdd { device: key.id(), card: card(), signature: unsigned() };
    add.sign(&key, &space, &adder);
    assert!(add.verify(&space, &adder).is_ok());
    assert!(add.verify(&SpaceId::default(), &adder).is_err());
    assert!(add.verify(&space, &DeviceId::default()).is_err());
    let card = Card { seal_key: SealKey::default(), ..card() };
    assert!(DeviceAdd { card, ..add.clone() }.verify(&space, &adder).is_err());
    let device = DeviceKey::from_seed(&[2; 32]).id();
    assert!(DeviceAdd { device, ..add }.verify(&space, &adder).is_err());
}
