//! What an author's edits weigh, and that nobody uses up what another may change.

use super::*;
use crate::limits::AUTHOR_WEIGHT_MAX;

/// Has somebody edit until that is void; how many of the edits were not. Each is made of what the
/// document is by then.
fn use_up(desk: &mut Desk, by: u8, mut edit: impl FnMut(&Document) -> Vec<Operation>) -> usize {
    for count in 0.. {
        let operations = edit(&desk.document);
        match desk.next(by, operations) {
            Played::Applied => {}
            played => {
                assert_eq!(played, void(EditRule::Full), "after {count}");
                return count;
            }
        }
    }
    unreachable!()
}

fn length(document: &Document) -> u32 {
    document.text("t").unwrap_or_default().chars().count() as u32
}

#[test]
fn nobody_fills_a_map_a_list_or_a_text_for_another() {
    let parts = vec![put("m", Value::Map), put("l", Value::List), put("t", shared(""))];
    let mut desk = Desk::new(parts);
    let [map, list, words] = [0, 1, 2].map(|number| made(desk.id(), number));
    let set = |at: usize| {
        let (key, value) = (field(&at.to_string()), Value::Null);
        [
            Operation::Put { object: ObjectRef::Root, key: key.clone(), value: value.clone() },
            Operation::Put { object: map, key, value },
        ]
    };
    let mut fields = 0;
    use_up(&mut desk, 1, |_| {
        fields += 400;
        (fields - 400..fields).flat_map(set).collect()
    });
    use_up(&mut desk, 2, |_| (0..1000).map(|_| insert(list, 0, Value::Null)).collect());
    let long = "x".repeat(ledger::limits::TEXT_BYTES_MAX);
    use_up(&mut desk, 3, |_| (0..15).map(|_| splice(words, 0, 0, &long)).collect());
    assert!(length(&desk.document) as u64 > 7 * AUTHOR_WEIGHT_MAX, "a whole body of text");
    let more = vec![set(fields)[0].clone(), set(fields)[1].clone(), insert(list, 0, Value::Null)];
    assert_eq!(desk.next(4, [more, vec![splice(words, 0, 0, "y")]].concat()), Played::Applied);
}

#[test]
fn void_and_empty_edits_and_deleted_characters_weigh_too() {
    let mut desk = Desk::new(vec![put("n", Value::Int(1))]);
    let heads = desk.document.heads();
    let one = ledger::encode(&edit(desk.id(), &heads, vec![])).len() as u64;
    let empty = use_up(&mut desk, 1, |_| vec![]);
    assert_eq!(empty as u64, AUTHOR_WEIGHT_MAX / one + 1);
    let mut count = 0;
    while desk.next(2, vec![add("n", 1)]) == void(EditRule::NoCounter) {
        count += 1;
    }
    assert!((500..empty).contains(&count), "{count}");
    assert_eq!(desk.next(2, vec![]), void(EditRule::Full));

    let long = "x".repeat(ledger::limits::TEXT_BYTES_MAX);
    let mut desk = Desk::new(vec![put("t", shared(&long))]);
    let words = made(desk.id(), 0);
    let deleted = use_up(&mut desk, 3, |document| {
        vec![splice(words, 0, length(document), ""), splice(words, 0, 0, &long[..1_000])]
    });
    assert!((25..40).contains(&deleted), "{deleted}");
}

#[test]
fn of_what_a_full_author_writes_nothing_is_kept() {
    let mut desk = Desk::new(vec![put("a", Value::Int(1))]);
    use_up(&mut desk, 1, |_| vec![put("a", text(&"x".repeat(60_000)))]);
    let (saved, weight) = (desk.document.save(), desk.document.weight());
    assert!(weight > AUTHOR_WEIGHT_MAX && weight < 2 * AUTHOR_WEIGHT_MAX, "{weight}");
    let heads = desk.document.heads();
    let (full, _) = desk.on(1, &heads, vec![put("a", Value::Null)]);
    assert_eq!((desk.document.save(), desk.document.played(&full)), (saved, None));
    let on_it = desk.on(2, &[full], vec![put("a", Value::Null)]).1;
    assert_eq!(on_it, void(EditRule::ForeignHead));
    let mut loaded = Document::load(&desk.document.save()).unwrap();
    let next = edit(desk.id(), &heads, vec![]);
    assert_eq!(loaded.would_play(&device(1), &next), void(EditRule::Full));
    let id = ItemId::from_bytes([5; 32]);
    assert_eq!(loaded.play(&device(2), id, entry(1), &next), Played::Applied);
}

#[test]
fn an_edit_that_builds_on_all_there_is_needs_no_fork() {
    let mut desk = Desk::new(vec![put("a", Value::Int(1))]);
    let id = desk.id();
    // On the first and, unnamed, on their own last ones: nobody else has written.
    for _ in 0..5 {
        desk.on(0, &[id], vec![put("a", text("x"))]);
    }
    assert_eq!(desk.document.forked(), 0);
    desk.on(1, &[id], vec![put("a", text("y"))]);
    let beside = desk.document.forked();
    assert!(beside > 0 && beside < 2 * desk.document.weight(), "{beside}");
}

#[test]
fn an_author_beside_another_needs_one_fork_whatever_they_build_on() {
    let mut desk = Desk::new(vec![put("a", Value::Int(1))]);
    let id = desk.id();
    let mut theirs = vec![id];
    for n in 0..200 {
        theirs.push(desk.on(0, &[id], vec![put("a", Value::Int(n))]).0);
    }
    let weight = desk.document.weight();
    for (n, on) in theirs.iter().take(100).enumerate() {
        // Void and empty ones too, and back to what came first.
        let operations = match n % 3 {
            0 => vec![put("b", Value::Int(n as i64))],
            1 => vec![add("b", 1)],
            _ => vec![],
        };
        let heads = if n % 2 == 0 { *on } else { id };
        desk.on(1, &[heads], operations);
    }
    assert!(desk.document.forked() < 2 * weight, "{} of {weight}", desk.document.forked());
    let loaded = Document::load(&desk.document.save()).unwrap();
    assert_eq!(
        (loaded.canonical(), loaded.heads()),
        (desk.document.canonical(), desk.document.heads())
    );
}
