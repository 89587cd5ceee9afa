//! A write that fails changes nothing, and can be tried again.

use store::{Batch, StoreError};

use super::world::{Node, World, epoch, key};
use crate::{Replica, TakeError};

/// Tries with a full store, then with room.
fn twice<T>(node: &mut Node, action: impl Fn(&mut Node) -> Result<T, TakeError>) {
    let (before, written) = (node.known(), node.store.written());
    node.store.faults.write = Some((0, StoreError::Full));
    assert!(matches!(action(node), Err(TakeError::Store(StoreError::Full))));
    assert_eq!((node.known(), node.store.written()), (before.clone(), written));
    assert_eq!(node.reopened().known(), before);
    node.store.faults.write = None;
    assert!(action(node).is_ok());
    assert_ne!(node.known(), before);
    assert_eq!(node.reopened().known(), node.known());
}

#[test]
fn a_failed_write_changes_nothing() {
    let world = World::new();
    let mut node = Node::empty(world.space);
    for entry in &world.charter {
        twice(&mut node, |node| node.take(std::slice::from_ref(entry)));
    }
    let log = world.log(1, 10, 3);
    twice(&mut node, |node| node.take(&log[..4]));
    twice(&mut node, |node| node.take(&log[2..8]));
    twice(&mut node, |node| {
        let now = ledger::Timestamp::from_ms(1);
        let own = node.replica.sign_content(&node.store, &key(1), now, epoch(), vec![1])?;
        node.replica.append(&mut node.store, own, Batch::default())
    });
    twice(&mut node, |node| {
        let now = ledger::Timestamp::from_ms(1);
        let own = node.replica.sign_charter(&node.store, &key(1), now, Vec::new())?;
        node.replica.append(&mut node.store, own, Batch::default())
    });
    let branch = world.continued(1, &log[..3], 2, 9);
    twice(&mut node, |node| node.take(&branch));
}

#[test]
fn a_founding_that_fails_leaves_no_space() {
    let world = World::new();
    let mut node = Node::empty(world.space);
    node.store.faults.write = Some((0, StoreError::Full));
    let genesis = world.charter[0].clone();
    assert!(Replica::found(&mut node.store, genesis.clone(), Batch::default()).is_err());
    assert!(!node.reopened().replica.has_genesis());
    Replica::found(&mut node.store, genesis.clone(), Batch::default()).unwrap();
    assert!(node.reopened().replica.has_genesis());
    let again = Replica::found(&mut node.store, genesis, Batch::default());
    assert!(matches!(again, Err(TakeError::Refused(_))), "a space is founded once");
}
