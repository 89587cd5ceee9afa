//! Bodies that somebody made to harm: each is stored, and reading goes on behind it.

use ledger::{
    Entry, Unknown,
    content_items::{ContentBody, ContentItem, Schema, WordBody},
    limits::{BODY_BYTES_MAX, EDIT_OPERATIONS_MAX},
};
use minicbor::Encoder;

use super::{
    items::{at, edit, make, post, put, reply, text, title},
    node::Node,
    world::{World, secret},
};
use crate::body::{self, BodyError, Packing};

const RAW: u8 = 0;
const ZSTD: u8 = 1;

/// What opening the entry's body comes to.
fn opened(world: &World, entry: &Entry) -> Result<ContentBody, BodyError> {
    let at = body::At { seq: entry.seq(), ..world.at(&secret(1), 0) };
    let plain = body::unpack(
        &Packing::default(),
        &secret(1).content_key(),
        at,
        entry.body.as_deref().unwrap(),
    )?;
    body::items(&plain)
}

/// Asserts that the body is refused by this rule, and that the next entry is read all the same.
fn refused(plain: &[u8], rule: BodyError) {
    let mut world = World::new(1, 2);
    let hostile = world.write_bytes(0, plain);
    let next = world.write(0, 2, vec![post("next")]);
    assert_eq!(opened(&world, &hostile), Err(rule));
    let mut node = Node::new(&world);
    node.take_and_read(&[&hostile, &next]);
    assert_eq!((node.posts().len(), node.waits()), (1, 0));
    assert_eq!(node.content.unread(&node.replica), 0);
    node.assert_as_afresh();
}

fn packed(plain: &[u8]) -> Vec<u8> {
    [vec![ZSTD], zstd::bulk::compress(plain, 19).unwrap()].concat()
}

/// A zstd frame (RFC 8878, 3.1.1) of a window of 1 MiB that decompresses to `blocks` times
/// 128 KiB of zeros, in four bytes each.
fn bomb(blocks: usize) -> Vec<u8> {
    const RLE_BYTES: u32 = 128 << 10;
    let mut bytes = vec![ZSTD, 0x28, 0xB5, 0x2F, 0xFD, 0x00, 10 << 3];
    for n in 1..=blocks {
        let header = RLE_BYTES << 3 | 1 << 1 | u32::from(n == blocks);
        bytes.extend_from_slice(&header.to_le_bytes()[..3]);
        bytes.push(0);
    }
    bytes
}

#[test]
fn a_body_that_is_no_items() {
    refused(&[], BodyError::Codec);
    refused(&[9, 0x80], BodyError::Codec);
    refused(&[RAW], BodyError::Items);
    refused(&[RAW, 0xff, 0xff], BodyError::Items);
    refused(&[RAW, 0x80, 0x80], BodyError::Items);
    refused(&[ZSTD, 1, 2, 3], BodyError::Compression);
    refused(&packed(b"no items"), BodyError::Items);
    refused(&[RAW, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], BodyError::Items);
}

#[test]
fn a_body_that_decompresses_to_gigabytes() {
    let small = bomb(2);
    let plain = zstd::bulk::decompress(&small[1..], 1 << 20).unwrap();
    assert_eq!(plain.len(), 256 << 10, "the frame is well formed");
    let blocks = (BODY_BYTES_MAX - 20 * 1024) / 4;
    assert!(blocks * (128 << 10) > 6 << 30);
    refused(&bomb(blocks), BodyError::Compression);
    refused(&packed(&vec![0x80; 4 * BODY_BYTES_MAX + 1]), BodyError::Compression);
    refused(&packed(&vec![0x80; 4 * BODY_BYTES_MAX]), BodyError::Items);
}

#[test]
fn an_edit_of_a_million_operations() {
    let many = |operations: usize| {
        let mut bytes = Vec::new();
        let mut e = Encoder::new(&mut bytes);
        e.array(1).unwrap().array(2).unwrap().u16(0).unwrap().map(3).unwrap();
        e.u8(1).unwrap().u16(Schema::Campaign.number()).unwrap();
        e.u8(2).unwrap().array(0).unwrap();
        e.u8(3).unwrap().array(operations as u64).unwrap();
        let operation = ledger::encode(&put("t", text("t")));
        for _ in 0..operations {
            e.writer_mut().extend_from_slice(&operation);
        }
        bytes
    };
    let fits = many(EDIT_OPERATIONS_MAX);
    assert_eq!(
        ledger::decode::<ContentBody>(&fits).unwrap().len(),
        1,
        "this is how one is written"
    );
    let operation = ledger::encode(&put("t", text("t"))).len();
    // As many as decompress at all, and a million that are only said to follow.
    refused(&packed(&many(4 * BODY_BYTES_MAX / operation - 8)), BodyError::Items);
    let mut said = many(0);
    said.pop();
    said.extend_from_slice(&[0x9a, 0x00, 0x0f, 0x42, 0x40]);
    refused(&[vec![RAW], said].concat(), BodyError::Items);
    refused(&packed(&many(EDIT_OPERATIONS_MAX + 1)), BodyError::Items);
}

#[test]
fn a_body_under_another_key_or_from_another_place() {
    let mut world = World::new(2, 2);
    let items: ContentBody = vec![post("moved")].try_into().unwrap();
    let key = secret(1).content_key();
    let elsewhere = body::At { seq: 5, ..world.at(&secret(1), 0) };
    let moved = body::close(&Packing::default(), &key, elsewhere, &items, &mut world.rng).unwrap();
    let moved = world.sign(&secret(1), 0, 1, moved);
    let other = secret(2).content_key();
    let at_place = world.at(&secret(1), 0);
    let other = body::close(&Packing::default(), &other, at_place, &items, &mut world.rng).unwrap();
    let other = world.sign(&secret(1), 0, 2, other);
    let short = world.sign(&secret(1), 0, 3, vec![1, 2, 3]);
    let empty = world.sign(&secret(1), 0, 4, Vec::new());
    let next = world.write(0, 5, vec![post("next")]);
    for entry in [&moved, &other, &short, &empty] {
        assert_eq!(opened(&world, entry), Err(BodyError::Encryption));
    }
    let mut node = Node::new(&world);
    node.take_and_read(&[&moved, &other, &short, &empty, &next]);
    assert_eq!(node.posts().len(), 1);
    node.assert_as_afresh();
}

#[test]
fn unknown_kinds_are_stored_and_passed_over() {
    let mut world = World::new(3, 2);
    let unknown = |kind| Unknown { kind, payload: vec![0x82, 0x01, 0x61, b'x'] };
    let word = ledger::content_items::Word {
        subject: None,
        replaces: None,
        body: WordBody::Unknown(unknown(88)),
    };
    let items = vec![
        ContentItem::Unknown(unknown(77)),
        ContentItem::Word(word),
        make("made"),
        reply(ledger::ItemRef::Here(0), "on something newer"),
    ];
    let entry = world.write(0, 1, items.clone());
    let on = title(at(&entry, 0), vec![at(&entry, 0)], "an edit of no document");
    let edited = world.write(1, 2, vec![on]);
    let mut node = Node::new(&world);
    node.take_and_read(&[&entry, &edited]);
    assert_eq!((node.posts().len(), node.rows().len(), node.waits()), (1, 1, 0));
    let kind = |index| {
        let place = node.content.place(&node.store, &super::items::id(&entry, index)).unwrap();
        place.unwrap().kind
    };
    assert_eq!(kind(0), crate::Kind::Other { kind: 77 });
    assert!(matches!(kind(1), crate::Kind::Word(word) if word.kind == 88));
    assert_eq!(opened(&world, &entry).unwrap().into_inner(), items, "kept as they came");
    node.assert_as_afresh();
}

#[test]
fn an_item_with_keys_of_a_newer_version_is_passed_over_and_the_others_are_read() {
    let mut world = World::new(3, 2);
    let mut newer = ledger::encode(&post("newer"));
    // The word's map is the second of [kind, payload]: one pair more, of key 9.
    newer[2] += 1;
    newer.extend([0x09, 0xf5]);
    let plain = [&[RAW, 0x83][..], &ledger::encode(&post("one")), &newer];
    let plain = [plain.concat(), ledger::encode(&post("three"))].concat();
    let entry = world.write_bytes(0, &plain);
    let read = opened(&world, &entry).unwrap();
    assert_eq!(ledger::encode(&read), plain[1..], "kept as they came");
    let on = world.write(1, 2, vec![reply(at(&entry, 1), "on something newer")]);
    let mut node = Node::new(&world);
    node.take_and_read(&[&entry, &on]);
    assert_eq!((node.posts().len(), node.waits()), (3, 0));
    let newer = node.content.newer(&node.store, 9).unwrap();
    assert_eq!(newer.iter().map(|loc| (loc.seq, loc.index)).collect::<Vec<_>>(), [(0, 1)]);
    node.assert_as_afresh();
}

#[test]
fn edits_that_break_rules_void_themselves_alike_in_every_order() {
    let mut world = World::new(5, 4);
    let made = world.write(0, 1, vec![make("made")]);
    let other = world.write(1, 2, vec![make("another")]);
    let one = at(&made, 0);
    let foreign = world.write(2, 3, vec![title(one, vec![at(&other, 0)], "of another document")]);
    let headless = world.write(3, 4, vec![title(one, vec![], "on nothing")]);
    let fails = edit(one, vec![one], vec![put("title", text("no")), put("", text("x"))]);
    let failing = world.write(1, 5, vec![fails]);
    let on_void = vec![at(&foreign, 0), at(&headless, 0)];
    let honest = world.write(0, 6, vec![title(one, on_void, "honest")]);
    let mut shown = None;
    let orders: [&[&Entry]; 3] = [
        &[&made, &other, &foreign, &headless, &failing, &honest],
        &[&headless, &foreign, &other, &made, &failing, &honest],
        &[&made, &honest, &other, &failing, &foreign, &headless],
    ];
    for order in orders {
        let mut node = Node::new(&world);
        node.take_and_read(order);
        node.assert_as_afresh();
        let shows = node.shown();
        assert_eq!(*shown.get_or_insert_with(|| shows.clone()), shows);
    }
}
