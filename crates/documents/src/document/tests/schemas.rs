use serde_json::json;

use super::*;
use crate::{
    FieldError, aid_list,
    campaign::{self, CampaignView},
    need::{self, NeedView},
    space,
};

/// A document made by a writer's edit.
fn start(schema: Schema, edit: &Edit) -> Desk {
    let id = ItemId::of(&entry(0), 0);
    let mut document = Document::new(id, schema);
    assert_eq!(document.play(&device(0), id, entry(0), edit), Played::Applied);
    Desk { document, entries: 1 }
}

#[test]
fn a_campaign_is_made_and_changed() {
    let mut desk = start(Schema::Campaign, &campaign::create(" Heat ", Some("20 °C")).unwrap());
    let view = campaign::view(&desk.document);
    let expected = CampaignView {
        title: "Heat".to_owned(),
        goal: "20 °C".to_owned(),
        status: "active".to_owned(),
        ..CampaignView::default()
    };
    assert_eq!(view, expected);

    let some = |text: &str| Some(text.to_owned());
    let change = campaign::Change {
        title: some("Heat by winter"),
        goal: some("21 °C, all day"),
        place: some("Elm Street"),
        targets: Some(vec!["Hausverwaltung GmbH".to_owned(), " ".to_owned(), "Bank".to_owned()]),
        status: some("partly-won"),
        learned: some("ask twice"),
    };
    let edit = campaign::change(&desk.document, &change).unwrap();
    assert_eq!(desk.play(1, &edit).1, Played::Applied);
    let view = campaign::view(&desk.document);
    assert_eq!(view.title, "Heat by winter");
    assert_eq!(view.goal, "21 °C, all day");
    assert_eq!(view.place, "Elm Street");
    assert_eq!(view.targets, ["Hausverwaltung GmbH", "Bank"]);
    assert_eq!(view.status, "partly-won");
    assert_eq!(view.learned, "ask twice");
    assert_eq!(campaign::change(&desk.document, &change), Err(FieldError::Unchanged));

    let clear = campaign::Change { place: some(""), goal: some(""), ..Default::default() };
    let edit = campaign::change(&desk.document, &clear).unwrap();
    assert_eq!(desk.play(2, &edit).1, Played::Applied);
    let view = campaign::view(&desk.document);
    assert_eq!((view.place.as_str(), view.goal.as_str()), ("", ""));
    assert_eq!(campaign::change(&desk.document, &clear), Err(FieldError::Unchanged));
}

#[test]
fn two_who_edit_a_goal_at_once_both_keep_their_words() {
    let mut desk = start(Schema::Campaign, &campaign::create("Heat", Some("20 degrees")).unwrap());
    let goal = |desk: &Desk, goal: &str| {
        let change = campaign::Change { goal: Some(goal.to_owned()), ..Default::default() };
        campaign::change(&desk.document, &change).unwrap()
    };
    let (one, two) = (goal(&desk, "at least 20 degrees"), goal(&desk, "20 degrees at night"));
    desk.play(1, &one);
    desk.play(2, &two);
    let view = campaign::view(&desk.document);
    assert_eq!(view.goal, "at least 20 degrees at night");
    assert!(view.conflicts.is_empty());
}

#[test]
fn a_conflict_shows_until_it_is_settled() {
    let mut desk = start(Schema::Campaign, &campaign::create("Heat", None).unwrap());
    let set = |desk: &Desk, title: &str, goal: &str| {
        let change = campaign::Change {
            title: Some(title.to_owned()),
            goal: Some(goal.to_owned()),
            ..Default::default()
        };
        campaign::change(&desk.document, &change).unwrap()
    };
    let (one, two) = (set(&desk, "Warmth", "a"), set(&desk, "Boilers", "b"));
    desk.play(1, &one);
    desk.play(2, &two);
    let view = campaign::view(&desk.document);
    assert_eq!(view.conflicts, ["title", "goal"]);
    let settle = set(&desk, &view.title, &view.goal);
    assert_eq!(desk.play(3, &settle).1, Played::Applied);
    let settled = campaign::view(&desk.document);
    assert_eq!(settled, CampaignView { conflicts: vec![], ..view });
}

#[test]
fn a_need_is_made_and_changed() {
    let details = need::Change {
        category: Some("furniture".to_owned()),
        quantity: Some(2),
        unit: Some("cots".to_owned()),
        need_by: Some("2026-12-01T18:00".to_owned()),
        languages: Some(vec!["tr".to_owned(), "de".to_owned()]),
        list: Some(Some(ItemId::from_bytes([4; 32]))),
        ..Default::default()
    };
    let mut desk = start(Schema::Need, &need::create("a cot", &details).unwrap());
    let expected = NeedView {
        what: "a cot".to_owned(),
        category: "furniture".to_owned(),
        quantity: Some(2),
        unit: "cots".to_owned(),
        need_by: "2026-12-01T18:00".to_owned(),
        languages: vec!["tr".to_owned(), "de".to_owned()],
        status: need::OPEN.to_owned(),
        list: Some(ItemId::from_bytes([4; 32])),
        ..NeedView::default()
    };
    assert_eq!(need::view(&desk.document), expected);
    let close = need::Change {
        status: Some("closed".to_owned()),
        reason: Some("found on the street".to_owned()),
        quantity: Some(0),
        list: Some(None),
        ..Default::default()
    };
    let edit = need::change(&desk.document, &close).unwrap();
    assert_eq!(desk.play(1, &edit).1, Played::Applied);
    let closed = NeedView {
        status: "closed".to_owned(),
        reason: "found on the street".to_owned(),
        quantity: None,
        list: None,
        ..expected
    };
    assert_eq!(need::view(&desk.document), closed);
}

#[test]
fn lists_and_spaces_have_a_name() {
    let mut desk = start(Schema::Space, &space::create("Elm Street").unwrap());
    let edit = space::change(&desk.document, "Elm and Oak").unwrap();
    desk.play(1, &edit);
    assert_eq!(space::view(&desk.document).name, "Elm and Oak");
    let mut desk = start(Schema::AidList, &aid_list::create("Winter").unwrap());
    let edit = aid_list::change(&desk.document, "Spring").unwrap();
    desk.play(1, &edit);
    assert_eq!(aid_list::view(&desk.document).title, "Spring");
}

#[test]
fn what_cannot_be_written_is_refused_by_cause() {
    let long = "x".repeat(70_000);
    assert_eq!(campaign::create(" ", None), Err(FieldError::Empty { field: "title" }));
    let too_long = |field, max| Err(FieldError::TooLong { field, length: 70_000, max });
    assert_eq!(campaign::create(&long, None), too_long("title", 256));
    assert_eq!(campaign::create("t", Some(&long)), too_long("goal", 65_536));
    assert_eq!(campaign::create("a\nb", None), Err(FieldError::NotOneLine { field: "title" }));
    let status = need::Change { status: Some("won".to_owned()), ..Default::default() };
    assert!(matches!(need::create("a", &status), Err(FieldError::Unknown { .. })));
    let by = need::Change { need_by: Some("soon".to_owned()), ..Default::default() };
    assert!(matches!(need::create("a", &by), Err(FieldError::NotADate { .. })));
    let many = need::Change { quantity: Some(u64::MAX), ..Default::default() };
    assert!(matches!(need::create("a", &many), Err(FieldError::Range { .. })));
    let languages = Some(vec!["de".to_owned(); 33]);
    let languages = need::Change { languages, ..Default::default() };
    assert!(matches!(need::create("a", &languages), Err(FieldError::TooLong { .. })));
}

#[test]
fn fields_of_another_type_show_as_empty_and_can_be_written_again() {
    let mut desk = Desk::new(vec![
        put("title", Value::Int(3)),
        put("goal", Value::List),
        put("targets", Value::Map),
        put("status", Value::Bytes(vec![1].try_into().unwrap())),
        put("quantity", text("two")),
        put("list", Value::Bytes(vec![1].try_into().unwrap())),
    ]);
    assert_eq!(campaign::view(&desk.document), CampaignView::default());
    assert_eq!(need::view(&desk.document), NeedView::default());
    let change = campaign::Change {
        title: Some("Heat".to_owned()),
        goal: Some("20 °C".to_owned()),
        ..Default::default()
    };
    let edit = campaign::change(&desk.document, &change).unwrap();
    assert_eq!(desk.play(1, &edit).1, Played::Applied);
    assert_eq!(campaign::view(&desk.document).title, "Heat");
    assert_eq!(desk.field("goal"), json!([{ "shared": "20 °C" }]));
}
