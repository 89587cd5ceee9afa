//! Long work of several spaces: each has its turn.

use api::Query;

use super::*;

/// Posts in each space: more than are read before a question is answered, several times over.
const POSTS: usize = 900;

fn unread(node: &mut Node) -> Vec<u64> {
    let Ok(Answer::Status(status)) = node.ask(Query::Status) else { panic!("a status") };
    status.spaces.iter().map(|space| space.unread).collect()
}

#[test]
fn no_space_waits_until_another_is_read() {
    let mut node = Node::founded();
    let found = Command::Found { name: "Oak".into(), me: "Ana".into(), zone: None };
    node.ask(found).unwrap();
    for n in 0..2 * POSTS {
        let text = format!("Post {n}");
        let post = Command::Post { text, campaign: None, reply_to: None, text_lang: None };
        let space = Some(["Elm", "Oak"][n % 2].to_owned());
        node.ask_as(Ask { space, ..Ask::new(post) }).unwrap();
    }
    let mut store = node.engine.into_store();
    store.lose_index();
    let mut node = Node::new(&NodeKey::from_seed(&[1; 32]), store);
    let mut looked = 0;
    loop {
        let left = unread(&mut node);
        if left.iter().any(|left| *left < 300) {
            break;
        }
        assert!(left[0].abs_diff(left[1]) <= 64, "{left:?}");
        looked += 1;
        node.input(Input::Tick);
    }
    assert!(looked > 5, "{looked}");
}
