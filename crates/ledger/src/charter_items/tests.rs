use super::*;
use crate::{
    ids::{PeerId, SealKey},
    node_key::NodeKey,
    sign::ENTRY_DOMAIN,
};

fn card(space: &SpaceId, device: &DeviceId) -> Card {
    Card::sign(&NodeKey::from_seed(&[7; 32]), SealKey::from_bytes([8; 32]), space, device)
}

fn unsigned() -> Signature {
    Signature::from_bytes([0; 64])
}

fn knock() -> Knock {
    let (invite, known) = (ItemId::from_bytes([1; 32]), EntryId::from_bytes([2; 32]));
    let name = vec![3; 41].try_into().unwrap();
    Knock { invite, known, name, ticket_signature: unsigned() }
}

#[test]
fn no_domain_begins_another() {
    let domains = [ENTRY_DOMAIN, Knock::DOMAIN, DeviceAdd::DOMAIN, Card::DOMAIN];
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
        Knock { name: vec![4; 41].try_into().unwrap(), ..knock.clone() },
    ];
    for changed in changed {
        assert!(changed.verify(&ticket.id(), &space, &device).is_err(), "{changed:?}");
    }
}

#[test]
fn a_card_holds_for_its_node_space_and_device_alone() {
    let (space, device) = (SpaceId::from_bytes([4; 32]), DeviceId::from_bytes([5; 32]));
    let card = card(&space, &device);
    assert!(card.verify(&space, &device).is_ok());
    assert!(card.verify(&SpaceId::default(), &device).is_err());
    assert!(card.verify(&space, &DeviceId::default()).is_err());
    let other = NodeKey::from_seed(&[9; 32]);
    let no_node = PeerId::from_bytes(vec![7; 38]).unwrap();
    let changed = [
        Card { peer: other.peer_id().clone(), ..card.clone() },
        Card { peer: no_node, ..card.clone() },
        Card { seal_key: SealKey::default(), ..card.clone() },
        Card { signature: unsigned(), ..card.clone() },
    ];
    for changed in changed {
        assert!(changed.verify(&space, &device).is_err(), "{changed:?}");
    }
}

#[test]
fn a_card_is_one_only_where_it_stands_alone_and_holds() {
    let (space, device) = (SpaceId::from_bytes([4; 32]), DeviceId::from_bytes([5; 32]));
    let (card, other) = (card(&space, &device), CharterItem::Return(Return {}));
    let body = |items: Vec<CharterItem>| CharterBody::try_from(items).unwrap();
    let item = CharterItem::Card(card.clone());
    assert_eq!(Card::of_body(&body(vec![item.clone()]), &space, &device), Some(&card));
    assert_eq!(Card::of_body(&body(vec![item.clone()]), &space, &DeviceId::default()), None);
    let others = [
        vec![],
        vec![other.clone()],
        vec![item.clone(), other.clone()],
        vec![other, item.clone()],
        vec![item.clone(), item],
    ];
    for items in others {
        assert_eq!(Card::of_body(&body(items), &space, &device), None);
    }
}

#[test]
fn a_device_agrees_to_one_adder_in_one_space() {
    let key = DeviceKey::from_seed(&[1; 32]);
    let (space, adder) = (SpaceId::from_bytes([4; 32]), DeviceId::from_bytes([5; 32]));
    let mut add = DeviceAdd { device: key.id(), signature: unsigned() };
    add.sign(&key, &space, &adder);
    assert!(add.verify(&space, &adder).is_ok());
    assert!(add.verify(&SpaceId::default(), &adder).is_err());
    assert!(add.verify(&space, &DeviceId::default()).is_err());
    let device = DeviceKey::from_seed(&[2; 32]).id();
    assert!(DeviceAdd { device, ..add }.verify(&space, &adder).is_err());
}
