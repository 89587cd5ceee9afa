//! What a command does is done once and whole, whenever the power goes.

use std::collections::BTreeMap;

use api::{CampaignFields, NeedFields, Query};

use store::StoreError;

use super::*;

/// Puts a command, whose writes do not reach the disk.
fn put(node: &mut Node, ask: Ask) {
    node.engine.handle(node.now, Input::Ask { ask: AskId(0), what: ask });
}

fn again(store: MemoryStore) -> Node {
    Node::new(&NodeKey::from_seed(&[1; 32]), store)
}

/// All that may be on the disk of a node whose power went: so many writes of those that were not
/// durable, with and without its index.
fn left(node: &Node) -> Vec<(String, MemoryStore)> {
    let whole = node.engine.store.inner();
    let mut left = Vec::new();
    for keep in 0..=whole.unflushed() {
        for is_lost in [false, true] {
            let mut store = whole.clone();
            store.crash(keep);
            if is_lost {
                store.lose_index();
            }
            left.push((format!("{keep} writes left, the index lost: {is_lost}"), store));
        }
    }
    left
}

fn lengths(node: &Node) -> BTreeMap<(ledger::JournalId, DeviceId), u64> {
    node.engine.logs().into_iter().map(|(journal, log, length)| ((journal, log), length)).collect()
}

fn asked(what: impl Into<What>) -> Ask {
    Ask { request_id: Some("one".to_owned()), ..Ask::new(what) }
}

#[test]
fn a_space_is_founded_whole_or_not_at_all() {
    let found = || Command::Found { name: "Elm".into(), me: "Ana".into(), zone: None };
    let mut node = again(MemoryStore::default());
    put(&mut node, asked(found()));
    for (when, store) in left(&node) {
        let mut node = again(store);
        let first = node.ask_as(asked(found())).unwrap();
        assert_eq!(node.ask_as(asked(found())).unwrap(), first, "{when}");
        let Ok(Answer::Status(status)) = node.ask(Query::Status) else { panic!("a status") };
        let named: Vec<_> = status.spaces.iter().map(|space| (&*space.name, &*space.me)).collect();
        assert_eq!(named, [("Elm", "Ana")], "{when}");
        node.ask(Command::Invite { days: 1, knocks: 1 }).unwrap();
    }
}

#[test]
fn a_command_is_done_once_whenever_the_power_goes() {
    let post = || Command::Post {
        text: "Hello".to_owned(),
        campaign: None,
        reply_to: None,
        text_lang: None,
    };
    let commands = [
        post(),
        Command::Profile { name: "Ana B".to_owned() },
        Command::CampaignNew(CampaignFields { title: Some("Roof".into()), ..Default::default() }),
        Command::NeedAdd(NeedFields { text: Some("A bed".into()), ..Default::default() }),
        Command::Invite { days: 1, knocks: 1 },
    ];
    for command in commands {
        let mut node = Node::founded();
        put(&mut node, asked(command.clone()));
        let done = lengths(&node);
        for (when, store) in left(&node) {
            let when = format!("{command:?}, {when}");
            let mut node = again(store);
            let answer = node.ask_as(asked(command.clone()));
            // The text of a ticket is not kept.
            let is_kept_invite =
                answer == Err(ErrorCode::BadRequest) && matches!(command, Command::Invite { .. });
            assert!(answer.is_ok() || is_kept_invite, "{when}: {answer:?}");
            assert_eq!(lengths(&node), done, "{when}");
            node.ask(post()).unwrap();
        }
    }
}

/// The disk refuses one write at each moment: what fails was not done, and can be done again.
#[test]
fn what_the_disk_refuses_was_not_done() {
    let invite = || asked(Command::Invite { days: 1, knocks: 1 });
    let mut refused = 0;
    for after in 0..9 {
        let mut node = Node::founded();
        let before = lengths(&node);
        let failed = StoreError::Failed { doing: "testing", cause: "a test".to_owned() };
        node.engine.store_mut().faults.write = Some((after, failed));
        let first = node.ask_as(invite());
        if first == Err(ErrorCode::DiskFailed) {
            refused += 1;
            assert_eq!(lengths(&node), before, "after {after}");
            node.engine.store_mut().faults.write = None;
            node.ask_as(invite()).unwrap();
        }
        let done = lengths(&node);
        let node = again(node.engine.into_store());
        assert_eq!(lengths(&node), done, "after {after}");
    }
    assert!(refused > 0);
}
