//! `ids.json`: ids as text, ids that are derived, the digest of a frontier, and PeerIds.

use ledger::{
    EntryId, Frontier, FrontierDigest, IdKind, ItemId, NodeKey, PeerId, SpaceId, Tip, decode,
    encode,
    id_text::{self, IdQuery},
};
use serde_json::{Value, json};

use crate::{
    file::{Made, check, hex, invalid, unhex, valid},
    fixed::*,
    refusal,
};

#[test]
fn ids_hold() {
    let mut made = texts();
    made.extend(wrong_texts());
    made.extend(derived());
    made.extend(frontiers());
    made.extend(peers());
    check("ids.json", made, true, |kind, given, bytes| match kind {
        "id-text" => read_text(bytes),
        "content-journal" => {
            let space = SpaceId::from_bytes(bytes.try_into().unwrap());
            Ok(json!({ "journal": hex(space.content_journal().as_bytes()) }))
        }
        "item-id" => {
            let entry = EntryId::from_bytes(bytes.try_into().unwrap());
            let index = given["index"].as_u64().unwrap() as u16;
            Ok(json!({ "item": hex(ItemId::of(&entry, index).as_bytes()) }))
        }
        "frontier-digest" => read_digest(bytes),
        "node-key" => {
            let key = NodeKey::from_seed(bytes.try_into().unwrap());
            Ok(json!({ "peer": hex(key.peer_id().as_bytes()) }))
        }
        _ => {
            let peer = PeerId::from_bytes(bytes.to_vec()).unwrap();
            let key = peer.key().ok_or(NO_KEY)?;
            Ok(json!({ "key": hex(&key) }))
        }
    });
}

const NO_KEY: &str = "a node's PeerId is the identity multihash of an ed25519 key";

fn text(name: &str, text: &str) -> Made {
    valid("id-text", name, text.as_bytes().to_vec())
}

fn texts() -> Vec<Made> {
    let mut made: Vec<Made> = IdKind::ALL
        .iter()
        .zip(1..)
        .map(|(kind, n)| {
            let name = format!("id-{}", kind.prefix().trim_end_matches('_'));
            text(&name, &id_text::format(*kind, entry(n * 23).as_bytes()))
        })
        .collect();
    let count: Vec<u8> = (1..=32).collect();
    let whole = id_text::format(IdKind::Update, count.as_slice().try_into().unwrap());
    made.extend([
        text("id-of-counting-bytes", &whole),
        text("id-of-zeros", &id_text::format(IdKind::Member, &[0; 32])),
        text("id-of-ones", &id_text::format(IdKind::Member, &[255; 32])),
        text("id-in-upper-case", &whole.to_ascii_uppercase()),
        text("id-with-o-for-0", &whole.replace('0', "O")),
        text("id-with-i-for-1", &format!("up_{}", whole[3..].replace('1', "I"))),
        text("id-with-l-for-1", &format!("up_{}", whole[3..].replace('1', "l"))),
        text("id-between-spaces", &format!(" {whole}\n")),
        text("prefix-of-4", &whole[..7]),
        text("prefix-of-53", &whole[..56]),
        text("prefix-in-upper-case", "ME_OIL0"),
    ]);
    made
}

fn wrong_texts() -> Vec<Made> {
    const CHECK: &str = "the check characters do not fit";
    const LENGTH: &str = "an id has 4 to 54 characters after its prefix";
    const CHARACTER: &str = "not a character of an id";
    let whole = id_text::format(IdKind::Update, entry(7).as_bytes());
    let bad = |name, rule, text: &str| invalid("id-text", name, rule, text.as_bytes().to_vec());
    let swapped = whole.replacen("70", "07", 1);
    let filled = format!("{}1{}", &whole[..54], &whole[55..]);
    vec![
        bad("id-with-the-last-wrong", CHECK, &(whole[..56].to_owned() + "y")),
        bad("id-with-the-first-wrong", CHECK, &whole.replacen("up_0", "up_1", 1)),
        bad("id-with-two-swapped", CHECK, &swapped),
        bad("id-with-another-prefix", CHECK, &whole.replacen("up", "cl", 1)),
        bad("id-with-bits-after-the-last", CHECK, &filled),
        bad("id-with-u", CHARACTER, &whole.replacen("up_0", "up_u", 1)),
        bad("id-with-a-space-inside", CHARACTER, &whole.replacen("up_0", "up_ ", 1)),
        bad("id-with-another-alphabet", CHARACTER, "up_абвгд"),
        bad("id-of-3", LENGTH, &whole[..6]),
        bad("id-of-55", LENGTH, &(whole.clone() + "0")),
        bad("id-of-none", LENGTH, "up_"),
        bad("id-without-prefix", "an id begins with its kind", &whole[3..]),
        bad("id-with-no-such-prefix", "an id begins with its kind", &whole.replace("up", "xx")),
        bad("id-empty", "an id begins with its kind", ""),
    ]
}

fn derived() -> Vec<Made> {
    let item = |index: u16| {
        let made = valid("item-id", &format!("item-{index}"), vec![5; 32]);
        made.given(json!({ "index": index }))
    };
    vec![
        valid("content-journal", "content-journal", vec![5; 32]),
        item(0),
        item(1),
        item(258),
        item(u16::MAX),
    ]
}

fn frontiers() -> Vec<Made> {
    let digest = |logs: &[(u8, u64)]| {
        let mut frontier = Frontier::default();
        for (n, length) in logs {
            frontier.set(device(*n), Tip { length: *length, head: entry(n + 1) }).unwrap();
        }
        frontier
    };
    let made = |name, frontier: Frontier| {
        let log = |(device, tip): (&ledger::DeviceId, &Tip)| {
            json!({
                "device": hex(device.as_bytes()),
                "length": tip.length,
                "head": hex(tip.head.as_bytes()),
            })
        };
        let logs: Vec<Value> = frontier.iter().map(log).collect();
        valid("frontier-digest", name, encode(&frontier.digest())).given(json!({ "logs": logs }))
    };
    let mut twins = digest(&[(9, 3)]);
    let mut twin = [9; 32];
    twin[31] = 10;
    twins.set(ledger::DeviceId::from_bytes(twin), Tip { length: 4, head: entry(1) }).unwrap();
    let bad = |name, rule, hex: &str| invalid("frontier-digest", name, rule, unhex(hex));
    let hash = "5820 0101010101010101010101010101010101010101010101010101010101010101";
    vec![
        made("frontier-empty", Frontier::default()),
        made("frontier-of-one", digest(&[(7, 1)])),
        made("frontier-of-three", digest(&[(200, 64), (0, 1), (7, 300_000)])),
        made("frontier-of-twins", twins),
        bad("frontier-without-heads", "malformed: a digest has logs and heads", "81 80"),
        bad("frontier-of-5000", "malformed: a list past its limit", &format!("82 991388 {hash}")),
        bad(
            "frontier-with-a-long-length",
            "not the one encoding: shortest integers",
            &format!("82 81 82 00 1801 {hash}"),
        ),
    ]
}

/// The PeerIds of node keys, and what is none: another multihash, another kind of key.
fn peers() -> Vec<Made> {
    let seeds = [[1; 32], [2; 32], [0xab; 32]];
    let key = |seed: &[u8; 32]| valid("node-key", &format!("node-key-{}", seed[0]), seed.to_vec());
    let peer = NodeKey::from_seed(&seeds[0]).peer_id().as_bytes().to_vec();
    let with = |at: usize, byte: u8| {
        let mut changed = peer.clone();
        changed[at] = byte;
        changed
    };
    let bad = |name, bytes| invalid("peer-id", name, NO_KEY, bytes);
    let mut made: Vec<Made> = seeds.iter().map(key).collect();
    made.extend([
        valid("peer-id", "peer-id", peer.clone()),
        bad("peer-id-of-a-hash", [&[0x12, 0x20], &peer[6..]].concat()),
        bad("peer-id-of-another-kind-of-key", with(3, 2)),
        bad("peer-id-with-another-length", with(1, 0x25)),
        bad("peer-id-of-37-bytes", peer[..37].to_vec()),
        bad("peer-id-of-39-bytes", [peer.as_slice(), &[0]].concat()),
        bad("peer-id-of-none", vec![]),
    ]);
    made
}

fn read_text(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).unwrap();
    match id_text::parse(text) {
        Ok(IdQuery::Full(kind, id)) => {
            assert_eq!(id_text::parse(&id_text::format(kind, &id)), Ok(IdQuery::Full(kind, id)));
            Ok(json!({ "prefix": kind.prefix(), "bytes": hex(&id) }))
        }
        Ok(IdQuery::Prefix(kind, chars)) => Ok(json!({ "prefix": kind.prefix(), "chars": chars })),
        Err(error) => Err(match error {
            id_text::IdError::UnknownPrefix => "an id begins with its kind",
            id_text::IdError::Character(_) => "not a character of an id",
            id_text::IdError::Length(_) => "an id has 4 to 54 characters after its prefix",
            id_text::IdError::Check => "the check characters do not fit",
        }
        .to_owned()),
    }
}

fn read_digest(bytes: &[u8]) -> Result<Value, String> {
    let digest: FrontierDigest = decode(bytes).map_err(refusal)?;
    assert_eq!(encode(&digest), bytes);
    let logs: Vec<Value> = digest.logs.iter().map(|(log, length)| json!([log, length])).collect();
    Ok(json!({ "logs": logs, "heads": digest.heads.to_string() }))
}
