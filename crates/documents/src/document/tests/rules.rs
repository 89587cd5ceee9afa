use serde_json::json;

use super::*;
use crate::limits::{COUNTER_STEP_MAX, DEPTH_MAX};

fn delete(object: ObjectRef, key: Key) -> Operation {
    Operation::Delete { object, key }
}

#[test]
fn an_edit_is_applied_whole_or_not_at_all() {
    let mut desk = Desk::new(vec![put("a", Value::Int(1))]);
    let bad = delete(ObjectRef::Root, Key::Position(0));
    let before = desk.document.canonical();
    assert_eq!(desk.next(1, vec![put("a", Value::Int(2)), bad]), void(EditRule::WrongType));
    assert_eq!(desk.document.canonical(), before);
    assert_eq!(desk.next(1, vec![put("a", Value::Int(3))]), Played::Applied);
    assert_eq!(desk.field("a"), json!([3]));
}

#[test]
fn an_edit_on_a_void_one_builds_on_what_that_built_on() {
    let mut desk = Desk::new(vec![put("a", Value::Int(1))]);
    let (nothing, played) = desk.on(1, &[desk.id()], vec![add("a", 1)]);
    assert_eq!(played, void(EditRule::NoCounter));
    let (same, played) = desk.on(2, &[nothing], vec![put("a", Value::Int(1))]);
    assert_eq!(played, Played::Applied, "an edit may change nothing");
    assert_eq!(desk.on(3, &[same], vec![put("a", Value::Int(2))]).1, Played::Applied);
    assert_eq!(desk.field("a"), json!([2]), "it replaced the value, so it built on it");
}

#[test]
fn playing_an_edit_twice_changes_nothing() {
    let mut desk = Desk::new(vec![put("a", Value::Counter(0))]);
    let edit = edit(desk.id(), &[desk.id()], vec![add("a", 1)]);
    let (id, played) = desk.play(1, &edit);
    let saved = desk.document.save();
    assert_eq!(desk.document.play(&device(1), id, entry(1), &edit), played);
    assert_eq!(desk.document.played(&id), Some(Played::Applied));
    assert_eq!(desk.document.save(), saved);
}

#[test]
fn what_an_edit_says_of_itself_has_to_fit() {
    let mut desk = Desk::new(vec![put("a", Value::Int(1))]);
    let id = desk.id();
    let other = ItemId::from_bytes([7; 32]);
    let fine = edit(id, &[id], vec![put("a", Value::Int(2))]);
    let cases = [
        (Edit { document: Some(ItemRef::Id(other)), ..fine.clone() }, EditRule::OtherDocument),
        (birth(vec![]), EditRule::OtherDocument),
        (Edit { schema: Some(Schema::Campaign), ..fine.clone() }, EditRule::Shape),
        (edit(id, &[], vec![]), EditRule::Shape),
        (edit(id, &[id, other], vec![]), EditRule::ForeignHead),
    ];
    for (edit, rule) in cases {
        assert_eq!(desk.play(1, &edit).1, void(rule), "{edit:?}");
    }
    assert_eq!(desk.play(1, &fine).1, Played::Applied);

    let mut other_schema = Document::new(id, Schema::Need);
    let played = other_schema.play(&device(0), id, entry(0), &birth(vec![]));
    assert_eq!(played, void(EditRule::Shape));
    assert_eq!(*other_schema.heads(), [id], "even then there is something to build on");
}

#[test]
fn a_document_can_be_made_and_changed_in_one_entry() {
    let entry = entry(0);
    let (id, second) = (ItemId::of(&entry, 4), ItemId::of(&entry, 5));
    let mut document = Document::new(id, Schema::Campaign);
    let list = put("l", Value::List);
    document.play(&device(1), id, entry, &birth(vec![list]));
    let here = ObjectRef::Made { edit: ItemRef::Here(4), number: 0 };
    let change = Edit {
        document: Some(ItemRef::Here(4)),
        schema: None,
        heads: vec![ItemRef::Here(4)].try_into().unwrap(),
        operations: vec![insert(here, 0, Value::Bool(true))].try_into().unwrap(),
    };
    assert_eq!(document.play(&device(1), second, entry, &change), Played::Applied);
    assert_eq!(document.canonical()["map"]["l"], json!([{ "list": [[true]] }]));
}

#[test]
fn an_edit_builds_on_its_authors_last_one_named_or_not() {
    let mut desk = Desk::new(vec![put("a", Value::Int(0))]);
    let id = desk.id();
    assert_eq!(desk.on(1, &[id], vec![put("a", Value::Int(1))]).1, Played::Applied);
    assert_eq!(desk.on(1, &[id], vec![put("a", Value::Int(2))]).1, Played::Applied);
    assert_eq!(desk.field("a"), json!([2]));
}

#[test]
fn concurrent_values_all_stay_until_somebody_settles_them() {
    let mut desk = Desk::new(vec![put("a", text("before"))]);
    let id = desk.id();
    desk.on(1, &[id], vec![put("a", text("one"))]);
    desk.on(2, &[id], vec![put("a", text("two"))]);
    let both = desk.field("a");
    let both = both.as_array().unwrap();
    assert_eq!(both.len(), 2);
    assert!(desk.document.has_conflict("a"));
    assert_eq!(desk.document.heads().len(), 2);
    assert_eq!(desk.document.text("a").as_deref(), both[1].as_str(), "the last one shows");
    let winner = desk.document.text("a").unwrap();
    assert_eq!(desk.next(3, vec![put("a", text(&winner))]), Played::Applied);
    assert_eq!(desk.field("a"), json!([winner]));
    assert!(!desk.document.has_conflict("a"));

    let heads = desk.document.heads();
    desk.on(1, &heads, vec![put("a", text("same"))]);
    desk.on(2, &heads, vec![put("a", text("same"))]);
    assert!(!desk.document.has_conflict("a"), "two who say the same do not disagree");
}

#[test]
fn objects_are_what_the_author_had() {
    let mut desk = Desk::new(vec![put("a", Value::Map)]);
    let id = desk.id();
    let (mine, _) = desk.on(1, &[id], vec![put("l", Value::List)]);
    let into = |object| vec![insert(object, 0, Value::Null)];
    let unknown = void(EditRule::UnknownObject);
    assert_eq!(desk.on(2, &[id], into(made(mine, 0))).1, unknown, "concurrent with it");
    assert_eq!(desk.on(2, &[mine], into(made(mine, 1))).1, unknown, "no such number");
    let later = vec![insert(own(1), 0, Value::Null), put("x", Value::List)];
    assert_eq!(desk.on(2, &[mine], later).1, unknown, "made later in the same edit");
    assert_eq!(desk.on(2, &[mine], into(made(mine, 0))).1, Played::Applied);
    assert_eq!(desk.field("l"), json!([{ "list": [[null]] }]));
}

#[test]
fn changing_something_deleted_is_kept_and_unseen() {
    let mut desk = Desk::new(vec![put("t", shared("abc")), put("l", Value::List)]);
    let id = desk.id();
    desk.next(1, vec![delete(ObjectRef::Root, field("t")), delete(ObjectRef::Root, field("l"))]);
    let changes = vec![splice(made(id, 0), 3, 0, "d"), insert(made(id, 1), 0, Value::List)];
    assert_eq!(desk.next(2, changes), Played::Applied);
    assert_eq!(desk.document.canonical()["map"], json!({}));
    let loaded = Document::load(&desk.document.save()).unwrap();
    assert_eq!(loaded.canonical(), desk.document.canonical());
}

#[test]
fn operations_that_do_not_fit_their_object_are_void() {
    let made_all = vec![
        put("m", Value::Map),
        put("l", Value::List),
        put("t", shared("日本語")),
        put("n", Value::Int(1)),
    ];
    let mut desk = Desk::new(made_all);
    let id = desk.id();
    let (map, list, words) = (made(id, 0), made(id, 1), made(id, 2));
    let put_in = |object, key| Operation::Put { object, key, value: Value::Null };
    let increment = |object, key| Operation::Increment { object, key, by: 1 };
    use EditRule::{NoCounter, OutOfRange, UnknownObject, WrongType};
    let cases = [
        (put_in(map, Key::Position(0)), WrongType),
        (put_in(map, field("")), WrongType),
        (put_in(list, field("a")), WrongType),
        (put_in(list, Key::Position(0)), OutOfRange),
        (put_in(words, Key::Position(0)), WrongType),
        (delete(words, Key::Position(0)), WrongType),
        (delete(list, Key::Position(u32::MAX)), OutOfRange),
        (insert(map, 0, Value::Null), WrongType),
        (insert(words, 0, Value::Null), WrongType),
        (insert(list, 1, Value::Null), OutOfRange),
        (increment(list, Key::Position(0)), OutOfRange),
        (increment(map, field("none")), NoCounter),
        (add("n", 1), NoCounter),
        (splice(map, 0, 0, "x"), WrongType),
        (splice(list, 0, 0, "x"), WrongType),
        (splice(words, 4, 0, "x"), OutOfRange),
        (splice(words, 3, 1, ""), OutOfRange),
        (splice(words, 0, u32::MAX, ""), OutOfRange),
        (splice(words, u32::MAX, u32::MAX, ""), OutOfRange),
        (put_in(made(id, 3), field("a")), UnknownObject),
    ];
    for (by, (operation, rule)) in (2..).zip(cases) {
        let played = desk.next(by, vec![operation.clone()]);
        assert_eq!(played, void(rule), "{operation:?}");
    }
    assert_eq!(desk.next(1, vec![splice(words, 3, 0, "!")]), Played::Applied);
    assert_eq!(desk.next(1, vec![delete(map, field("none"))]), Played::Applied);
}

#[test]
fn positions_in_a_text_count_characters() {
    let mut desk = Desk::new(vec![put("t", shared("Straße 👩‍🌾 日本"))]);
    let id = desk.id();
    assert_eq!(desk.next(1, vec![splice(made(id, 0), 4, 1, "ss")]), Played::Applied);
    // The farmer is three characters: a woman, a joiner, a sheaf.
    assert_eq!(desk.next(1, vec![splice(made(id, 0), 9, 2, "")]), Played::Applied);
    assert_eq!(desk.document.text("t").as_deref(), Some("Strasse \u{1f469} 日本"));
    let mut wrong = Desk::new(vec![put("t", shared("ab"))]);
    let id = wrong.id();
    assert_eq!(wrong.on(1, &[id], vec![splice(made(id, 0), 0, 0, "é")]).1, Played::Applied);
    assert_eq!(wrong.on(2, &[id], vec![splice(made(id, 0), 2, 0, "語")]).1, Played::Applied);
    assert_eq!(wrong.document.text("t").as_deref(), Some("éab語"));
}

#[test]
fn concurrent_increments_add_up_and_never_overflow() {
    let step = COUNTER_STEP_MAX as i64;
    let mut desk = Desk::new(vec![put("a", Value::Counter(step)), put("b", Value::Int(1))]);
    let id = desk.id();
    for by in 1..=5 {
        assert_eq!(desk.on(by, &[id], vec![add("a", step), add("a", step)]).1, Played::Applied);
    }
    assert_eq!(desk.field("a"), json!([{ "counter": 11 * step }]));
    let too_far = void(EditRule::CounterStep);
    for by in [step + 1, -step - 1, i64::MAX, i64::MIN] {
        assert_eq!(desk.next(1, vec![add("a", by)]), too_far);
        assert_eq!(desk.next(1, vec![put("c", Value::Counter(by))]), too_far);
    }
    let on = desk.document.heads();
    desk.on(1, &on, vec![put("b", Value::Counter(1))]);
    desk.on(2, &on, vec![put("b", text("one"))]);
    assert_eq!(desk.next(3, vec![add("b", 1)]), void(EditRule::NoCounter));
}

#[test]
fn nothing_nests_too_deeply() {
    let nested = |levels: u8| {
        let deeper = |level: u8| {
            let object = if level == 0 { ObjectRef::Root } else { own(u16::from(level) - 1) };
            Operation::Put { object, key: field("in"), value: Value::Map }
        };
        (0..levels).map(deeper).collect::<Vec<_>>()
    };
    let mut desk = Desk::new(vec![]);
    assert_eq!(desk.next(1, nested(DEPTH_MAX + 1)), void(EditRule::TooDeep));
    assert_eq!(desk.next(1, nested(DEPTH_MAX)), Played::Applied);
    let deepest = made(desk.document.heads()[0], u16::from(DEPTH_MAX) - 1);
    let more = |value| vec![Operation::Put { object: deepest, key: field("in"), value }];
    assert_eq!(desk.next(2, more(Value::List)), void(EditRule::TooDeep));
    assert_eq!(desk.next(2, more(Value::Int(1))), Played::Applied);
}

#[test]
fn more_heads_than_an_edit_can_name_are_joined_in_steps() {
    let mut desk = Desk::new(vec![]);
    let id = desk.id();
    for by in 0..100 {
        desk.on(by, &[id], vec![put("a", Value::Int(by.into()))]);
    }
    assert_eq!(desk.field("a").as_array().unwrap().len(), 100);
    assert_eq!(desk.document.heads().len(), ledger::limits::EDIT_HEADS_MAX);
    assert_eq!(desk.next(200, vec![put("a", Value::Null)]), Played::Applied);
    assert_eq!(desk.document.heads().len(), 37);
    assert_eq!(desk.next(200, vec![put("a", Value::Bool(true))]), Played::Applied);
    assert_eq!(desk.field("a"), json!([true]));
}
