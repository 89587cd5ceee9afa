//! `entries.json`: entries with their signatures and what hangs on their ids, and the three items
//! that a second key signs.

use ledger::{
    DeviceId, Entry, Hash, Header, HeaderKind, ItemId, JournalId, Signature, SpaceId, Unsigned,
    charter_items::*, decode, encode,
};
use serde_json::{Value, json};

use crate::{
    file::{Made, check, hex, invalid, unhex, valid},
    fixed::*,
    refusal,
};

const SIGNATURE: &str = "the signature does not hold";

#[test]
fn entries_hold() {
    let mut made = entries();
    made.extend(forged());
    made.extend(second_signatures());
    made.extend(cards());
    check("entries.json", made, true, |kind, given, bytes| match kind {
        "entry" => read_entry(given, bytes),
        "knock" => read_knock(given, bytes),
        "card" => read_card(given, bytes),
        _ => read_device_add(given, bytes),
    });
}

/// The founding entry of a space.
pub(crate) fn genesis() -> Entry {
    let fraction = |numerator, denominator| Fraction { numerator, denominator };
    let thresholds = Thresholds { grave: fraction(2, 3), other: fraction(1, 2) };
    let (zone, device) = (text("Europe/Berlin"), key(1).id());
    let genesis = Genesis { version: 1, thresholds, zone, device, refounds: None };
    let rekey =
        Rekey { key: epoch(1), seals: list(vec![sealed_secret(1)]), succeeds: list(vec![]) };
    let items = vec![CharterItem::Genesis(genesis), CharterItem::Rekey(rekey)];
    let body = encode::<CharterBody>(&list(items));
    unsigned(JournalId::GENESIS, charter_kind(vec![]), body).sign(&key(1)).unwrap()
}

/// The first entry of a log.
pub(crate) fn unsigned(journal: JournalId, kind: HeaderKind, body: Vec<u8>) -> Unsigned {
    Unsigned { journal, seq: 0, stamp: time(0), backlink: None, kind, body }
}

pub(crate) fn charter_kind(heads: Vec<ledger::EntryId>) -> HeaderKind {
    HeaderKind::Charter(list(heads))
}

fn made_of(entry: &Entry, signature: [u8; 64]) -> (Vec<u8>, Value) {
    let given = json!({
        "signature": hex(&signature),
        "body": hex(entry.body.as_ref().unwrap()),
    });
    (entry.header.encode(), given)
}

fn entries() -> Vec<Made> {
    let genesis = genesis();
    let space = SpaceId::from(genesis.id);
    let body = encode::<CharterBody>(&list(vec![CharterItem::Return(Return {})]));
    let kind = charter_kind(vec![genesis.id]);
    let other = unsigned(space.charter_journal(), kind, body).sign(&key(2)).unwrap();
    let kind = HeaderKind::Content(epoch(1));
    let content = unsigned(space.content_journal(), kind.clone(), vec![7; 100]);
    let content = content.sign(&key(1)).unwrap();
    let next = unsigned(space.content_journal(), kind, vec![]);
    let next = Unsigned { seq: 1, stamp: time(1), backlink: Some(content.id), ..next };
    let next = next.sign(&key(1)).unwrap();
    let named = [("genesis", genesis), ("charter", other), ("content", content), ("next", next)];
    let vector = |(name, entry): (&str, Entry)| {
        let (bytes, given) = made_of(&entry, *entry.signature.unwrap().as_bytes());
        valid("entry", name, bytes).given(given)
    };
    named.into_iter().map(vector).collect()
}

fn forged() -> Vec<Made> {
    let entry = genesis();
    let right = *entry.signature.unwrap().as_bytes();
    let mut flipped = right;
    flipped[17] ^= 0x20;
    let header = entry.header.encode();
    let by_other = *key(2).sign(b"groundwork 1 entry\0", &header).as_bytes();
    let other_domain = *key(1).sign(b"groundwork 1 knock\0", &header).as_bytes();
    let no_domain = *key(1).sign(b"", &header).as_bytes();
    let mut made: Vec<Made> = [
        ("flipped", flipped),
        ("by-another-key", by_other),
        ("of-another-domain", other_domain),
        ("of-no-domain", no_domain),
        ("with-s-past-the-order", with_order_added(right)),
        ("of-zeros", [0; 64]),
    ]
    .into_iter()
    .map(|(name, signature)| {
        let (bytes, given) = made_of(&entry, signature);
        invalid("entry", &format!("signature-{name}"), SIGNATURE, bytes).given(given)
    })
    .collect();
    // The neutral point as key: without the strict check, it verifies this over any message.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let weak = Entry {
        header: Header { device: DeviceId::from_bytes(neutral), ..entry.header.clone() },
        ..entry
    };
    let signature = [neutral, [0; 32]].concat().try_into().unwrap();
    let (bytes, given) = made_of(&weak, signature);
    made.push(invalid("entry", "key-of-small-order", SIGNATURE, bytes).given(given));
    made
}

/// The signature with the order of the group added to its second half: the same equation holds.
fn with_order_added(signature: [u8; 64]) -> [u8; 64] {
    let order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let (mut changed, mut carry) = (signature, 0);
    for (byte, added) in changed[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(added) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    changed
}

fn second_signatures() -> Vec<Made> {
    let unsigned = Signature::from_bytes([0; 64]);
    let mut knock =
        Knock { invite: item(4), known: entry(5), name: sealed(), ticket_signature: unsigned };
    knock.sign(&key(2), &space(8), &key(3).id());
    let mut add = DeviceAdd { device: key(4).id(), signature: unsigned };
    add.sign(&key(4), &space(8), &key(3).id());
    let given = |space: SpaceId, ticket: u8, device: u8| {
        json!({
            "space": hex(space.as_bytes()),
            "ticket": hex(key(ticket).id().as_bytes()),
            "device": hex(key(device).id().as_bytes()),
        })
    };
    let (knock_bytes, add_bytes) = (encode(&knock), encode(&add));
    let named = Knock { name: blob(40), ..knock };
    let other = DeviceAdd { device: key(5).id(), ..add };
    let bad = |kind, name, bytes| invalid(kind, name, SIGNATURE, bytes);
    vec![
        valid("knock", "knock", knock_bytes.clone()).given(given(space(8), 2, 3)),
        bad("knock", "knock-elsewhere", knock_bytes.clone()).given(given(space(9), 2, 3)),
        bad("knock", "knock-with-another-ticket", knock_bytes.clone()).given(given(space(8), 4, 3)),
        bad("knock", "knock-of-another-device", knock_bytes).given(given(space(8), 2, 4)),
        bad("knock", "knock-under-another-name", encode(&named)).given(given(space(8), 2, 3)),
        valid("device-add", "device-add", add_bytes.clone()).given(given(space(8), 2, 3)),
        bad("device-add", "device-add-elsewhere", add_bytes.clone()).given(given(space(9), 2, 3)),
        bad("device-add", "device-add-by-another", add_bytes).given(given(space(8), 2, 4)),
        bad("device-add", "device-add-of-another", encode(&other)).given(given(space(8), 2, 3)),
    ]
}

/// The body of an entry that is a card: what a node key signs, and what stands beside it.
fn cards() -> Vec<Made> {
    const ALONE: &str = "a card is all of its entry";
    let (card, other) = (card(6), CharterItem::Return(Return {}));
    let body = |items: Vec<CharterItem>| encode::<CharterBody>(&list(items));
    let one = |card: Card| body(vec![CharterItem::Card(card)]);
    let given = |space: SpaceId, device: u8| {
        let device = key(device).id();
        json!({ "space": hex(space.as_bytes()), "device": hex(device.as_bytes()) })
    };
    let here = || given(space(8), 3);
    let item = || CharterItem::Card(card.clone());
    let named = |peer| one(Card { peer, ..card.clone() });
    let no_domain = [space(8).as_bytes().as_slice(), key(3).id().as_bytes()].concat();
    let no_domain = [no_domain, encode(&(&card.peer, &card.seal_key))].concat();
    let no_domain = Card { signature: node_key(6).sign(b"", &no_domain), ..card.clone() };
    let sealed_elsewhere = Card { seal_key: seal_key(9), ..card.clone() };
    let hashed = [&[0x12, 0x20], &card.peer.as_bytes()[6..]].concat();
    let hashed = ledger::PeerId::from_bytes(hashed).unwrap();
    let bad = |name, rule, bytes| invalid("card", name, rule, bytes);
    vec![
        valid("card", "card", one(card.clone())).given(here()),
        bad("card-elsewhere", SIGNATURE, one(card.clone())).given(given(space(9), 3)),
        bad("card-of-another-device", SIGNATURE, one(card.clone())).given(given(space(8), 4)),
        bad("card-of-another-node", SIGNATURE, named(node_key(7).peer_id().clone())).given(here()),
        bad("card-of-no-node-key", SIGNATURE, named(hashed)).given(here()),
        bad("card-with-another-seal-key", SIGNATURE, one(sealed_elsewhere)).given(here()),
        bad("card-of-no-domain", SIGNATURE, one(no_domain)).given(here()),
        bad("card-not-alone", ALONE, body(vec![item(), other.clone()])).given(here()),
        bad("card-behind-another-item", ALONE, body(vec![other, item()])).given(here()),
        bad("card-twice", ALONE, body(vec![item(), item()])).given(here()),
        bad("card-in-no-item", ALONE, body(vec![])).given(here()),
    ]
}

fn bytes<const N: usize>(given: &Value, field: &str) -> [u8; N] {
    unhex(given[field].as_str().unwrap()).try_into().unwrap()
}

fn read_entry(given: &Value, header: &[u8]) -> Result<Value, String> {
    let header = Header::decode(header).map_err(refusal)?;
    let body = unhex(given["body"].as_str().unwrap());
    assert_eq!((header.body_length as usize, header.body_hash), (body.len(), Hash::of(&body)));
    let signature = Some(Signature::from_bytes(bytes(given, "signature")));
    let entry = Entry { id: header.id(), header, signature, body: Some(body) };
    entry.verify().map_err(|error| error.to_string())?;
    let body = entry.body.as_ref().unwrap();
    let items = match &entry.header.kind {
        HeaderKind::Charter(_) => decode::<CharterBody>(body).unwrap().len() as u16,
        HeaderKind::Content(_) => 0,
    };
    let ids = (0..items).map(|index| hex(ItemId::of(&entry.id, index).as_bytes()));
    let space = SpaceId::from(entry.id);
    let content_journal =
        entry.header.is_genesis().then(|| hex(space.content_journal().as_bytes()));
    Ok(json!({
        "id": hex(entry.id.as_bytes()),
        "items": ids.collect::<Vec<_>>(),
        "content_journal": content_journal,
        "anchor": entry.is_anchor(),
    }))
}

fn read_knock(given: &Value, encoded: &[u8]) -> Result<Value, String> {
    let knock: Knock = decode(encoded).map_err(refusal)?;
    let [space, ticket, device] =
        ["space", "ticket", "device"].map(|field| bytes::<32>(given, field));
    let (space, device) = (SpaceId::from_bytes(space), DeviceId::from_bytes(device));
    let ticket = DeviceId::from_bytes(ticket);
    knock.verify(&ticket, &space, &device).map_err(|error| error.to_string())?;
    Ok(json!({ "known": hex(knock.known.as_bytes()) }))
}

fn read_card(given: &Value, encoded: &[u8]) -> Result<Value, String> {
    let body: CharterBody = decode(encoded).map_err(refusal)?;
    let [space, device] = ["space", "device"].map(|field| bytes::<32>(given, field));
    let (space, device) = (SpaceId::from_bytes(space), DeviceId::from_bytes(device));
    let card = Card::alone_in(&body).ok_or("a card is all of its entry")?;
    card.verify(&space, &device).map_err(|error| error.to_string())?;
    assert_eq!(Card::of_body(&body, &space, &device), Some(card));
    Ok(json!({
        "peer": hex(card.peer.as_bytes()), "seal_key": hex(card.seal_key.as_bytes()),
    }))
}

fn read_device_add(given: &Value, encoded: &[u8]) -> Result<Value, String> {
    let add: DeviceAdd = decode(encoded).map_err(refusal)?;
    let [space, adder] = ["space", "device"].map(|field| bytes::<32>(given, field));
    let (space, adder) = (SpaceId::from_bytes(space), DeviceId::from_bytes(adder));
    add.verify(&space, &adder).map_err(|error| error.to_string())?;
    Ok(json!({ "device": hex(add.device.as_bytes()) }))
}
