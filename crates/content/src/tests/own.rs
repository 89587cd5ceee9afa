//! What the space is called.

use ledger::content_items::{ContentItem, Schema};

use super::{
    items::{at, edit, make_as, put, text},
    node::Node,
    world::World,
};

fn named(name: &str) -> ContentItem {
    let ContentItem::Edit(mut item) = make_as(Schema::Space, "") else { unreachable!() };
    item.operations = vec![put("name", text(name))].try_into().unwrap();
    ContentItem::Edit(item)
}

#[test]
fn the_founders_first_document_names_the_space_and_all_may_edit_it() {
    let mut world = World::new(1, 3);
    let (genesis, _) = world.found();
    let newcomer = world.write(1, 0, vec![named("Mine now")]);
    let founded = world.write(0, 5, vec![named("Elm Street")]);
    let second = world.write(0, 0, vec![named("Second thoughts")]);
    let put = put("name", text("Elm and Oak"));
    let edited = world.write(2, 6, vec![edit(at(&founded, 0), vec![at(&founded, 0)], vec![put])]);
    let found = |node: &mut Node| {
        node.take(&genesis);
        node.end(&world, &[]);
    };
    let name = |node: &Node| node.content.space_name(&node.store).unwrap();
    for order in [[&newcomer, &founded, &second], [&founded, &newcomer, &second]] {
        let mut node = Node::new(&world);
        found(&mut node);
        node.take_and_read(&order);
        assert_eq!(name(&node).as_deref(), Some("Elm Street"));
        assert_eq!(name(&node.read_afresh()).as_deref(), Some("Elm Street"));
    }
    let mut node = Node::new(&world);
    found(&mut node);
    node.take_and_read(&[&edited, &newcomer, &founded]);
    assert_eq!(name(&node).as_deref(), Some("Elm and Oak"));
}
