//! Knock frames: a knock and its card, and what is none.

use ledger::{
    DeviceKey, Entry, HeaderKind, NewerRun, NodeKey, Run, SealKey, Timestamp, Unsigned,
    charter_items::{Card, CharterBody, CharterItem, Knock, Return},
};
use sync::KnockFrame;

use crate::{
    file::{Made, invalid, newer, valid},
    fixed::*,
};

const KNOCK: &str = "a log begins with a knock and nothing else";
const CARD: &str = "a card and nothing else follows the knock";
const SIGNATURE: &str = "the signature does not hold";

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed(&[n; 32])
}

fn card(node: u8, n: u8) -> Card {
    Card::sign(
        &NodeKey::from_seed(&[node; 32]),
        SealKey::from_bytes([9; 32]),
        &space(8),
        &key(n).id(),
    )
}

fn knock_item() -> CharterItem {
    let name = (0..41).collect::<Vec<u8>>().try_into().unwrap();
    let ticket_signature = key(2).sign(b"", b"");
    let invite = ledger::ItemId::from_bytes([4; 32]);
    let mut knock = Knock { invite, known: entry(5), name, ticket_signature };
    knock.sign(&key(2), &space(8), &key(3).id());
    CharterItem::Knock(knock)
}

/// What stands behind another entry, or first, with these heads.
fn unsigned(
    before: Option<&Entry>,
    heads: Vec<ledger::EntryId>,
    items: Vec<CharterItem>,
) -> Unsigned {
    Unsigned {
        journal: space(8).charter_journal(),
        seq: before.map_or(0, |before| before.seq() + 1),
        stamp: Timestamp::from_ms(1_790_000_000_000),
        backlink: before.map(|before| before.id),
        kind: HeaderKind::Charter(list(heads)),
        body: ledger::encode::<CharterBody>(&list(items)),
    }
}

/// An entry of device `n`'s log, behind another or the first, with these heads.
fn signed(
    n: u8,
    before: Option<&Entry>,
    heads: Vec<ledger::EntryId>,
    items: Vec<CharterItem>,
) -> Entry {
    unsigned(before, heads, items).sign(&key(n)).unwrap()
}

fn frame(knock: &Entry, card: &Entry) -> Vec<u8> {
    let run = |entry: &Entry| Run::of(std::slice::from_ref(entry)).unwrap();
    ledger::encode(&KnockFrame { space: space(8), knock: run(knock), card: run(card) })
}

/// All of them.
pub(crate) fn made() -> Vec<Made> {
    let other = CharterItem::Return(Return {});
    let card_item = |node, n| CharterItem::Card(card(node, n));
    let knock = signed(3, None, vec![entry(5)], vec![knock_item()]);
    let behind = |items| signed(3, Some(&knock), vec![], items);
    let right = behind(vec![card_item(6, 3)]);
    let two = signed(3, None, vec![entry(5)], vec![knock_item(), other.clone()]);
    let behind_two = signed(3, Some(&two), vec![], vec![card_item(6, 3)]);
    let none = signed(3, None, vec![entry(5)], vec![other.clone()]);
    let heads = signed(3, Some(&knock), vec![entry(6)], vec![card_item(6, 3)]);
    let third = signed(3, Some(&right), vec![], vec![card_item(6, 3)]);
    let by_another = signed(4, Some(&knock), vec![], vec![card_item(6, 4)]);
    let forged = Card { peer: NodeKey::from_seed(&[7; 32]).peer_id().clone(), ..card(6, 3) };
    let forged = behind(vec![CharterItem::Card(forged)]);
    let mut elsewhere = KnockFrame {
        space: space(9),
        knock: Run::of(std::slice::from_ref(&knock)).unwrap(),
        card: Run::of(std::slice::from_ref(&right)).unwrap(),
    };
    let of_another_space = ledger::encode(&elsewhere);
    elsewhere.space = space(8);
    elsewhere.knock.signature = elsewhere.card.signature;
    let flipped = ledger::encode(&elsewhere);
    let bad = |name, rule, bytes| invalid("knock-frame", name, rule, bytes);
    vec![
        valid("knock-frame", "knock", frame(&knock, &right)),
        bad("knock-elsewhere", KNOCK, of_another_space),
        bad("knock-with-another-signature", SIGNATURE, flipped),
        bad("knock-with-something-else", KNOCK, frame(&two, &behind_two)),
        bad(
            "knock-that-is-none",
            KNOCK,
            frame(&none, &signed(3, Some(&none), vec![], vec![card_item(6, 3)])),
        ),
        bad("knock-that-is-the-card", KNOCK, frame(&right, &right)),
        bad("knock-twice", CARD, frame(&knock, &knock)),
        bad("knock-followed-by-something-else", CARD, frame(&knock, &behind(vec![other.clone()]))),
        bad(
            "knock-followed-by-a-card-and-more",
            CARD,
            frame(&knock, &behind(vec![card_item(6, 3), other])),
        ),
        bad("knock-followed-by-nothing", CARD, frame(&knock, &behind(vec![]))),
        bad("knock-followed-by-a-third", CARD, frame(&knock, &third)),
        bad("knock-followed-by-another-s-card", CARD, frame(&knock, &by_another)),
        bad("knock-with-a-card-that-has-heads", CARD, frame(&knock, &heads)),
        bad("knock-with-a-card-of-another-node", SIGNATURE, frame(&knock, &forged)),
        bad(
            "knock-with-a-card-of-another-device",
            SIGNATURE,
            frame(&knock, &behind(vec![card_item(6, 4)])),
        ),
    ]
}

/// What a newer version may send in place of a knock frame: read but for what is added at its end,
/// and not read where a run is of a newer version.
pub(crate) fn newer_ones() -> Vec<Made> {
    let knock = || unsigned(None, vec![entry(5)], vec![knock_item()]);
    let first = knock().sign(&key(3)).unwrap();
    let card = || unsigned(Some(&first), vec![], vec![CharterItem::Card(card(6, 3))]);
    let second = card().sign(&key(3)).unwrap();
    let of_newer = |unsigned| NewerRun::by_hand(&[], unsigned, &key(3)).unwrap();
    let run = |entry: &Entry| Run::of(std::slice::from_ref(entry)).unwrap();
    let (both, more) = (frame(&first, &second), ledger::encode(&"x"));
    let longer = [&[both[0] + 1], &both[1..], &more].concat();
    let made = |name, what, bytes| newer("knock-frame", name, what, bytes);
    vec![
        made("knock-frame-of-four", "an element at the end of a list", longer),
        made(
            "knock-of-a-newer-version",
            "a header of version 2",
            ledger::encode(&(space(8), of_newer(knock()), run(&second))),
        ),
        made(
            "card-of-a-newer-version",
            "a header of version 2",
            ledger::encode(&(space(8), run(&first), of_newer(card()))),
        ),
        made(
            "knock-and-card-of-a-newer-version",
            "a header of version 2",
            ledger::encode(&(space(8), of_newer(knock()), of_newer(card()))),
        ),
    ]
}
