//! Edits: what they cost, and whom they keep from editing.

use api::{Answer, Command, NeedFields, Query};
use ledger::{
    ItemId, ItemRef,
    content_items::{Key, ObjectRef, Operation, Value},
};

use super::Figure;
use crate::simulator::{
    hostile::items::{edit, empty_edits as edits},
    people::item_id,
    world::World,
};

/// A need of the founder's, and its id.
fn need(world: &mut World) -> (String, ItemId) {
    let fields = NeedFields { text: Some("x".repeat(1_000)), ..NeedFields::default() };
    let Ok(Answer::Written(written)) = world.must(0, None, Command::NeedAdd(fields)) else {
        panic!("a need")
    };
    world.wait(2_000);
    let item = item_id(&written.id).expect("an id");
    (written.id, item)
}

/// Bytes of documents that are saved for so many edits of a need that change nothing, and what was
/// sent.
fn save(edits_sent: u64) -> (u64, u64) {
    let (mut world, _) = World::meeting(2, 0);
    let (_, document) = need(&mut world);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    (0..edits_sent / 500).for_each(|_| _ = forger.content(edits(document, 500)));
    let bill = world.deliver(1, 0, &forger, had);
    (bill.sent_bytes, bill.after.work.saved_bytes - bill.before.work.saved_bytes)
}

/// A document is to be saved once a slice, so 5,000 edits may write some documents, not thousands;
/// and twice as many may cost twice as much.
pub(super) fn empty_edits() -> Figure {
    const EDITS: u64 = 5_000;
    let ((_, half), (sent, saved)) = (save(EDITS / 2), save(EDITS));
    let bound = (1_200 * EDITS).min(half * 5 / 2);
    Figure::new(
        saved <= bound,
        format!(
            "{EDITS} edits that change nothing, {sent} bytes: {saved} bytes of documents saved, \
             {half} for half as many, may be {bound}"
        ),
    )
}

/// Fills a need's history with texts that compress well; then its author edits it. What was sent,
/// what the author was answered, and whether it shows.
fn fill() -> (u64, bool, bool) {
    let (mut world, space) = World::meeting(2, 0);
    let (id, document) = need(&mut world);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    let mut on = ItemRef::Id(document);
    for n in 0..4 {
        let put = |m: usize| Operation::Put {
            object: ObjectRef::Root,
            key: Key::Field("filler".try_into().unwrap()),
            value: Value::Text(format!("{n}.{m}{}", "x".repeat(60_000)).try_into().unwrap()),
        };
        let entry = forger.content(vec![edit(document, on, (0..12).map(put).collect())]);
        on = ItemRef::Id(ItemId::of(&entry.id, 0));
    }
    let bill = world.deliver(1, 0, &forger, had);
    let fields = NeedFields { text: Some("a bed".to_owned()), ..NeedFields::default() };
    let answer = world.must(0, None, Command::NeedEdit { need: id.clone(), fields });
    let Some(Answer::Needs(needs)) = world.query(0, Some(&space), Query::Needs) else {
        panic!("needs")
    };
    let shows = needs.rows.iter().any(|row| row.id == id && row.text == "a bed");
    (bill.sent_bytes, answer.is_ok(), shows)
}

/// Some kilobytes of another's edits, and a need's author cannot edit it any more.
pub(super) fn filled_history() -> Figure {
    let (sent, _, shows) = fill();
    Figure::new(shows, format!("{sent} bytes of another's edits: its author's edit shows: {shows}"))
}

/// What was not played is not "changed".
pub(super) fn full_says_changed() -> Figure {
    let (sent, answered, shows) = fill();
    Figure::new(
        shows || !answered,
        format!("{sent} bytes fill a need: answered as changed: {answered}, shows: {shows}"),
    )
}
